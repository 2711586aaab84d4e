/* Times answers that are in no cache.
 *
 *   cold PORT PATH COUNT MEMCACHED FILE      prints the microseconds that each of COUNT requests took, a line each
 *
 * One after the other over one kept connection. Before each, FILE is sent to memcached: commands without a reply, which
 * delete the documents of the answer. Emptying all of memcached would also delete that no provider answers, and each
 * request would find that out anew. The first request, which also has to connect to the database and prepare its
 * statements, is not printed. An answer that is not 200 ends it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static char answer[16 << 20], commands[1 << 20];

static void fail(const char *what) { fprintf(stderr, "cold: %s\n", what), exit(1); }

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void forget(int cache, const char *commands, size_t length) {
  char reply[64];
  if (write(cache, commands, length) != (ssize_t)length || write(cache, "version\r\n", 9) != 9 ||
      read(cache, reply, sizeof reply) < 8 || memcmp(reply, "VERSION ", 8))
    fail("memcached does not obey");
}

static void ask(int server, const char *request) {
  size_t have = 0, want = 0;
  if (write(server, request, strlen(request)) < 0) fail("cannot send");
  while (!want || have < want) {
    ssize_t count = read(server, answer + have, sizeof answer - 1 - have);
    if (count <= 0) fail("the connection ended");
    have += count;
    if (want) continue;
    answer[have] = 0;
    char *end = strstr(answer, "\r\n\r\n"), *length = strcasestr(answer, "\r\ncontent-length:");
    if (!end) continue;
    if (memcmp(answer, "HTTP/1.1 200 ", 13) || !length || length > end) fail("not a 200 with a length");
    want = end + 4 - answer + atol(length + 17);
  }
}

int main(int count, char **arguments) {
  char request[512];
  if (count != 6) return fprintf(stderr, "usage: cold PORT PATH COUNT MEMCACHED FILE\n"), 2;
  int server = socket(AF_INET, SOCK_STREAM, 0), cache = socket(AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(arguments[1]))};
  struct sockaddr_un path = {.sun_family = AF_UNIX};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  strncpy(path.sun_path, arguments[4], sizeof path.sun_path - 1);
  if (connect(server, (void *)&address, sizeof address) || connect(cache, (void *)&path, sizeof path))
    fail("cannot connect");
  FILE *file = fopen(arguments[5], "r");
  size_t length = file ? fread(commands, 1, sizeof commands, file) : 0;
  if (!length || length == sizeof commands) fail("no commands, or too many");
  fclose(file);
  snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n", arguments[2]);
  for (int i = 0; i <= atoi(arguments[3]); i++) {
    forget(cache, commands, length);
    double start = now();
    ask(server, request);
    if (i > 0) printf("%.0f\n", now() - start);
  }
  return 0;
}
