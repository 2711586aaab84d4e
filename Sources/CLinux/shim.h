#ifndef LINERNOTES_CLINUX_H
#define LINERNOTES_CLINUX_H
/* Calls of Linux that Swift's Glibc module leaves out or that are variadic. */
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

/* glibc declares it for _GNU_SOURCE only, which changes types that Swift's Glibc module has as well. */
struct sockaddr;
int accept4(int socket, struct sockaddr *address, unsigned int *length, int flags);

/* A descriptor that is readable while one of the (blocked) signals is pending. */
static inline int linernotes_signal_descriptor(const sigset_t *signals) {
  return signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The next connection of a listening socket that does not block; closed on exec. */
static inline int linernotes_accept(int socket) {
  return accept4(socket, (struct sockaddr *)0, (unsigned int *)0, SFD_CLOEXEC);
}

/* A file without a name, in memory; closed on exec. glibc declares memfd_create for _GNU_SOURCE only. */
int memfd_create(const char *name, unsigned int flags);
static inline int linernotes_memory_file(void) {
  return memfd_create("request", 1U /* MFD_CLOEXEC */);
}

/* Have the kernel send `signal` to this process when its parent is gone. */
static inline int linernotes_signal_when_orphaned(int signal) {
  return prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0UL, 0UL, 0UL);
}
#endif
