/* Times SQL alone: what Linernotes asks for one answer, without Linernotes.
 *
 *   sql CONNECTION COUNT IDS FILE... [+ IDS FILE...]...
 *
 * As Linernotes does, every FILE is prepared once, and those up to a "+" are run in one pipeline, with IDS as $1 and
 * the special-purpose artists as $2, and results in binary form. Prints the microseconds of each of COUNT rounds, a
 * line each; the first, which has to plan, is left out.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STATEMENTS = 64 };

static const char *albumless =
    "{89ad4ac3-39f7-470e-963a-56509c546377,125ec42a-7229-4250-afc5-e057484327fe,f731ccc4-e22a-43af-a747-64213329e088,"
    "9be7f096-97ec-4615-8957-8d40b5dcbc41,eec63d3c-3b81-4ad4-b1e4-7c147d4d2b61,33cf029c-63b0-41a0-9855-be2a3665fb3b,"
    "314e1c25-dde7-4e4d-b2f4-0a7b9f7c56dc}";

static PGconn *server;

static void fail(const char *what) { fprintf(stderr, "sql: %s: %s\n", what, PQerrorMessage(server)), exit(1); }

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static char *contents(const char *path) {
  static char text[1 << 16];
  FILE *file = fopen(path, "r");
  size_t length = file ? fread(text, 1, sizeof text - 1, file) : 0;
  if (!length) fprintf(stderr, "sql: cannot read %s\n", path), exit(1);
  fclose(file);
  text[length] = 0;
  return text;
}

int main(int count, char **arguments) {
  const char *ids[STATEMENTS];
  int parameters[STATEMENTS], ends_pipeline[STATEMENTS], statements = 0;
  char name[16];
  if (count < 5) return fprintf(stderr, "usage: sql CONNECTION COUNT IDS FILE... [+ IDS FILE...]\n"), 2;
  server = PQconnectdb(arguments[1]);
  if (PQstatus(server) != CONNECTION_OK) fail("cannot connect");
  for (int i = 3; i < count; i++) {
    const char *these = arguments[i++];
    for (; i < count && strcmp(arguments[i], "+"); i++, statements++) {
      char *text = contents(arguments[i]);
      if (statements == STATEMENTS) fail("too many statements");
      snprintf(name, sizeof name, "s%d", statements);
      PGresult *result = PQprepare(server, name, text, 0, NULL);
      if (PQresultStatus(result) != PGRES_COMMAND_OK) fail(arguments[i]);
      PQclear(result);
      ids[statements] = these;
      parameters[statements] = strstr(text, "$2") ? 2 : strstr(text, "$1") ? 1 : 0;
      ends_pipeline[statements] = i + 1 == count || !strcmp(arguments[i + 1], "+");
    }
  }
  if (!PQenterPipelineMode(server)) fail("pipeline");
  for (int round = 0; round <= atoi(arguments[2]); round++) {
    double start = now();
    for (int sent = 0, read = 0; sent < statements; sent++) {
      const char *values[] = {ids[sent], albumless};
      snprintf(name, sizeof name, "s%d", sent);
      if (!PQsendQueryPrepared(server, name, parameters[sent], values, NULL, NULL, 1)) fail("send");
      if (!ends_pipeline[sent]) continue;
      if (!PQpipelineSync(server)) fail("sync");
      for (PGresult *result; read <= sent; read++) {
        while ((result = PQgetResult(server))) {
          if (PQresultStatus(result) != PGRES_TUPLES_OK) fail("result");
          PQclear(result);
        }
      }
      PQclear(PQgetResult(server));
    }
    if (round > 0) printf("%.0f\n", now() - start);
  }
  PQfinish(server);
  return 0;
}
