/* The floor: the least that a FastCGI program can do to answer from memcached.
 *
 *   floor SOCKET PROCESSES      with MEMCACHED=path of memcached's socket, and DIRECT=1 or not
 *
 * It answers with the value whose key is DOCUMENT_URI, behind three header lines. A key that ends in ".gz" is sent with
 * Content-Encoding: gzip. Linernotes is measured beside it: same nginx settings, same bytes, as many processes, same
 * run. DIRECT=1 sends an answer in one writev of FastCGI records instead of libfcgi's 8 KB writes.
 */
#include <errno.h>
#include <fastcgi.h>
#include <fcgiapp.h>
#include <libmemcached/memcached.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RECORD_LENGTH = 65528, RECORDS = 128 };

static unsigned char *put_header(unsigned char *p, int type, int id, size_t length) {
  p[0] = 1, p[1] = type, p[2] = id >> 8, p[3] = id, p[4] = length >> 8, p[5] = length, p[6] = p[7] = 0;
  return p + 8;
}

static void send_directly(FCGX_Request *request, char *head, size_t head_length, char *body, size_t length) {
  static unsigned char headers[8 * RECORDS + 32];
  static struct iovec parts[2 * RECORDS + 4];
  unsigned char *next = headers;
  int count = 0, done = 0, id = request->requestId;

  parts[count++] = (struct iovec){next, 8}, next = put_header(next, FCGI_STDOUT, id, head_length);
  parts[count++] = (struct iovec){head, head_length};
  for (size_t offset = 0; offset < length; offset += RECORD_LENGTH) {
    size_t piece = length - offset < RECORD_LENGTH ? length - offset : RECORD_LENGTH;
    parts[count++] = (struct iovec){next, 8}, next = put_header(next, FCGI_STDOUT, id, piece);
    parts[count++] = (struct iovec){body + offset, piece};
  }
  parts[count++] = (struct iovec){next, 24};
  next = put_header(put_header(next, FCGI_STDOUT, id, 0), FCGI_END_REQUEST, id, 8);
  memset(next, 0, 8);

  while (done < count) {
    ssize_t written = writev(request->ipcFd, parts + done, count - done);
    if (written < 0 && errno != EINTR) return;
    if (written < 0) continue;
    while (done < count && (size_t)written >= parts[done].iov_len) written -= parts[done++].iov_len;
    if (done < count) {
      parts[done].iov_base = (char *)parts[done].iov_base + written;
      parts[done].iov_len -= written;
    }
  }
  request->out->wasFCloseCalled = request->err->wasFCloseCalled = 1;
}

static int serve(int listener, const char *cache_path, int is_direct) {
  memcached_st *cache = memcached_create(NULL);
  FCGX_Request request;
  if (memcached_server_add_unix_socket(cache, cache_path) != MEMCACHED_SUCCESS) return 1;
  FCGX_InitRequest(&request, listener, 0);
  while (FCGX_Accept_r(&request) >= 0) {
    const char *key = FCGX_GetParam("DOCUMENT_URI", request.envp);
    size_t key_length = key ? strlen(key) : 0, length;
    uint32_t flags;
    memcached_return_t code;
    char head[256], *value = key ? memcached_get(cache, key, key_length, &length, &flags, &code) : NULL;
    if (!value) {
      FCGX_PutS("Status: 404 Not Found\r\nContent-Type: text/plain\r\n\r\nnot found\n", request.out);
    } else {
      int is_gzip = key_length > 3 && !strcmp(key + key_length - 3, ".gz");
      int head_length = snprintf(
          head, sizeof head, "Content-Type: application/json\r\nCache-Control: max-age=60\r\nContent-Length: %zu\r\n%s\r\n",
          length, is_gzip ? "Content-Encoding: gzip\r\n" : "");
      if (is_direct) send_directly(&request, head, head_length, value, length);
      else FCGX_PutStr(head, head_length, request.out), FCGX_PutStr(value, length, request.out);
      free(value);
    }
    FCGX_Finish_r(&request);
  }
  return 0;
}

int main(int count, char **arguments) {
  const char *cache_path = getenv("MEMCACHED");
  int processes = count == 3 ? atoi(arguments[2]) : 0, listener;
  if (!cache_path || processes < 1) return fprintf(stderr, "usage: MEMCACHED=path floor SOCKET PROCESSES\n"), 2;
  FCGX_Init();
  listener = FCGX_OpenSocket(arguments[1], 1024);
  if (listener < 0) return fprintf(stderr, "floor: cannot listen on %s\n", arguments[1]), 1;
  signal(SIGPIPE, SIG_IGN);
  for (int i = 0; i < processes; i++) {
    if (fork() == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      return serve(listener, cache_path, getenv("DIRECT") != NULL);
    }
  }
  while (wait(NULL) > 0) continue;
  return 0;
}
