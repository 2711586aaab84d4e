#ifndef LINERNOTES_CSQLITE_H
#define LINERNOTES_CSQLITE_H
#include <sqlite3.h>

/* SQLITE_TRANSIENT is a macro with a cast, which is not imported into Swift: SQLite copies what is bound. */
static inline int linernotes_bind_blob(sqlite3_stmt *statement, int place, const void *bytes, unsigned long long length) {
  return sqlite3_bind_blob64(statement, place, bytes, length, SQLITE_TRANSIENT);
}
static inline int linernotes_bind_text(sqlite3_stmt *statement, int place, const char *text, unsigned long long length) {
  return sqlite3_bind_text64(statement, place, text, length, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* Variadic, which is not imported into Swift. */
static inline int linernotes_configure(sqlite3 *database, int option, int value) {
  return sqlite3_db_config(database, option, value, (int *)0);
}
#endif
