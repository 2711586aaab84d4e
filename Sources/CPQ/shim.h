#ifndef LINERNOTES_CPQ_H
#define LINERNOTES_CPQ_H
#include <libpq-fe.h>
#include <netdb.h>
#include <time.h>
/* Macros are not imported into Swift. */
static const int LINERNOTES_PG_DIAG_SQLSTATE = PG_DIAG_SQLSTATE;

/* glibc's look-ups of host names that do not block, which it declares for _GNU_SOURCE only (getaddrinfo_a(3)). They have
   names of our own, so that they cannot contradict glibc's declarations where those are visible. */
struct linernotes_gaicb {
  const char *name;
  const char *service;
  const struct addrinfo *request;
  struct addrinfo *result;
  int state;
  int reserved[5];
};
int linernotes_getaddrinfo_a(int mode, struct linernotes_gaicb **list, int count, void *event) __asm__("getaddrinfo_a");
int linernotes_gai_suspend(struct linernotes_gaicb *const *list, int count, const struct timespec *timeout)
    __asm__("gai_suspend");
int linernotes_gai_error(struct linernotes_gaicb *lookup) __asm__("gai_error");
int linernotes_gai_cancel(struct linernotes_gaicb *lookup) __asm__("gai_cancel");
static const int LINERNOTES_GAI_NOWAIT = 1;
static const int LINERNOTES_EAI_INPROGRESS = -100;
static const int LINERNOTES_EAI_NOTCANCELED = -102;
#endif
