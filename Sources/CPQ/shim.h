#ifndef LINERNOTES_CPQ_H
#define LINERNOTES_CPQ_H
/* Types and constants only: nothing links with libpq, which brings thirty libraries. PostgresLibrary opens it when a
   database is first asked. */
#if __has_include(<postgresql/libpq-fe.h>)
#include <postgresql/libpq-fe.h>
#else
#include <libpq-fe.h>
#endif

/* Macros are not imported into Swift. */
static const int LINERNOTES_PG_DIAG_SQLSTATE = PG_DIAG_SQLSTATE;

/* The types of the functions, as the header declares them. */
typedef __typeof__(PQbackendPID) *linernotes_PQbackendPID;
typedef __typeof__(PQclear) *linernotes_PQclear;
typedef __typeof__(PQconnectPoll) *linernotes_PQconnectPoll;
typedef __typeof__(PQconnectStartParams) *linernotes_PQconnectStartParams;
typedef __typeof__(PQconsumeInput) *linernotes_PQconsumeInput;
typedef __typeof__(PQenterPipelineMode) *linernotes_PQenterPipelineMode;
typedef __typeof__(PQerrorMessage) *linernotes_PQerrorMessage;
typedef __typeof__(PQexitPipelineMode) *linernotes_PQexitPipelineMode;
typedef __typeof__(PQfinish) *linernotes_PQfinish;
typedef __typeof__(PQflush) *linernotes_PQflush;
typedef __typeof__(PQgetResult) *linernotes_PQgetResult;
typedef __typeof__(PQgetisnull) *linernotes_PQgetisnull;
typedef __typeof__(PQgetlength) *linernotes_PQgetlength;
typedef __typeof__(PQgetvalue) *linernotes_PQgetvalue;
typedef __typeof__(PQisBusy) *linernotes_PQisBusy;
typedef __typeof__(PQnfields) *linernotes_PQnfields;
typedef __typeof__(PQntuples) *linernotes_PQntuples;
typedef __typeof__(PQpipelineSync) *linernotes_PQpipelineSync;
typedef __typeof__(PQputCopyData) *linernotes_PQputCopyData;
typedef __typeof__(PQputCopyEnd) *linernotes_PQputCopyEnd;
typedef __typeof__(PQresultErrorField) *linernotes_PQresultErrorField;
typedef __typeof__(PQresultStatus) *linernotes_PQresultStatus;
typedef __typeof__(PQsendPrepare) *linernotes_PQsendPrepare;
typedef __typeof__(PQsendQuery) *linernotes_PQsendQuery;
typedef __typeof__(PQsendQueryPrepared) *linernotes_PQsendQueryPrepared;
typedef __typeof__(PQsetErrorVerbosity) *linernotes_PQsetErrorVerbosity;
typedef __typeof__(PQsetNoticeReceiver) *linernotes_PQsetNoticeReceiver;
typedef __typeof__(PQsetSingleRowMode) *linernotes_PQsetSingleRowMode;
typedef __typeof__(PQsetnonblocking) *linernotes_PQsetnonblocking;
typedef __typeof__(PQsocket) *linernotes_PQsocket;
typedef __typeof__(PQstatus) *linernotes_PQstatus;
#endif
