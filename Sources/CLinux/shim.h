#ifndef LINERNOTES_CLINUX_H
#define LINERNOTES_CLINUX_H
/* Calls of Linux that Swift's Glibc module leaves out or that are variadic. */
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/vfs.h>

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

/* The type of the file system that a path is on (statfs(2)); -1 when that cannot be told. */
static inline long linernotes_file_system(const char *path) {
  struct statfs status;
  return statfs(path, &status) == 0 ? (long)status.f_type : -1;
}

/* A file without a name, in memory; closed on exec. glibc declares memfd_create for _GNU_SOURCE only. */
int memfd_create(const char *name, unsigned int flags);
static inline int linernotes_memory_file(void) {
  return memfd_create("request", 1U /* MFD_CLOEXEC */);
}

/* The same, for memory that processes share: its size can be fixed. */
static inline int linernotes_shared_memory_file(void) {
  return memfd_create("linernotes-pool", 3U /* MFD_CLOEXEC | MFD_ALLOW_SEALING */);
}

/* Have a file keep its size for ever, so that nobody who maps it can lose a page (fcntl(2), F_ADD_SEALS). With fcntl.h
   types that Swift's Glibc module has would be this one's as well. */
int fcntl(int file, int command, ...);
static inline int linernotes_seal_size(int file) {
  return fcntl(file, 1033 /* F_ADD_SEALS */, 7 /* F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW */);
}

/* Have the kernel send `signal` to this process when its parent is gone. */
static inline int linernotes_signal_when_orphaned(int signal) {
  return prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0UL, 0UL, 0UL);
}

/* glibc's look-ups of host names that do not block, which it declares for _GNU_SOURCE only (getaddrinfo_a(3)). They have
   names of our own, so that they cannot contradict glibc's declarations where those are visible. */
struct addrinfo;
struct timespec;
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
