#ifndef LINERNOTES_CPQ_H
#define LINERNOTES_CPQ_H
#include <libpq-fe.h>
/* Macros are not imported into Swift. */
static const int LINERNOTES_PG_DIAG_SQLSTATE = PG_DIAG_SQLSTATE;
#endif
