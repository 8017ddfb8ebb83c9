/*
 * An HTTP client that is faster than any server: many connections fetch one file again and again.
 *
 *   http-load SERVER PORT NAME FILE CONNECTIONS TIMES
 *
 * FILE holds the bytes that are expected: one answer on a connection of its own is compared byte for byte, before the
 * clock starts; the others are counted, and thrown away inside the kernel. Prints the seconds it took.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HEADER 4096
#define PIECE (1 << 20)

struct connection {
  int socket, times, header_length, in_body;
  size_t left;
  char header[HEADER + 1];
};

static size_t size;
static char request[512];
static int request_length;
static struct sockaddr_in server;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
  fprintf(stderr, "http-load: %s: %s\n", what, errno ? strerror(errno) : "not as expected");
  exit(1);
}

static void ask(struct connection *connection) {
  connection->header_length = connection->in_body = 0;
  connection->left = size;
  if (send(connection->socket, request, request_length, 0) != request_length) fail("send");
}

static void open_connection(struct connection *connection) {
  connection->socket = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(connection->socket, (struct sockaddr *)&server, sizeof server)) fail("connect");
}

/* Reads the header byte-exactly: up to the empty line, nothing of the body. */
static int read_header(struct connection *connection, int flags) {
  char *header = connection->header;
  int room = HEADER - connection->header_length;
  ssize_t seen = recv(connection->socket, header + connection->header_length, room, MSG_PEEK | flags);
  if (seen < 0 && errno == EAGAIN) return 0;
  if (seen <= 0) fail("the header");
  header[connection->header_length + seen] = 0;
  char *end = memmem(header, connection->header_length + seen, "\r\n\r\n", 4);
  int take = end ? end + 4 - header - connection->header_length : seen;
  recv(connection->socket, header + connection->header_length, take, 0);
  connection->header_length += take;
  if (!end) {
    if (connection->header_length == HEADER) fail("the header's length");
    return 0;
  }
  char *length = strcasestr(header, "\r\ncontent-length:");
  if (strncmp(header, "HTTP/1.1 200 ", 13) || !length || strtoull(length + 17, NULL, 10) != size) fail("the header");
  return connection->in_body = 1;
}

static void compare_once(const char *expected) {
  static char piece[PIECE];
  struct connection connection = {0};
  open_connection(&connection);
  ask(&connection);
  while (!read_header(&connection, 0)) {}
  for (size_t at = 0; at < size;) {
    ssize_t count = recv(connection.socket, piece, PIECE, 0);
    if (count <= 0 || memcmp(piece, expected + at, count)) fail("the body");
    at += count;
  }
  close(connection.socket);
}

int main(int argc, char **argv) {
  if (argc != 7) return fprintf(stderr, "http-load SERVER PORT NAME FILE CONNECTIONS TIMES\n"), 2;
  server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
  if (inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) fail("address");
  int file = open(argv[4], O_RDONLY), count = atoi(argv[5]), left = count;
  struct stat state;
  if (file < 0 || fstat(file, &state)) fail(argv[4]);
  size = state.st_size;
  const char *expected = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
  request_length = snprintf(request, sizeof request, "GET /%s HTTP/1.1\r\nHost: %s\r\n\r\n", argv[3], argv[1]);
  compare_once(expected);

  struct connection *connections = calloc(count, sizeof *connections);
  int waiter = epoll_create1(0);
  double start = now();
  for (int i = 0; i < count; i++) {
    connections[i].times = atoi(argv[6]);
    open_connection(&connections[i]);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[i]};
    epoll_ctl(waiter, EPOLL_CTL_ADD, connections[i].socket, &event);
    ask(&connections[i]);
  }
  while (left > 0) {
    struct epoll_event events[64];
    int ready = epoll_wait(waiter, events, 64, 20000);
    if (ready <= 0) fail("the server is silent");
    for (int i = 0; i < ready; i++) {
      struct connection *connection = events[i].data.ptr;
      if (!connection->in_body && !read_header(connection, MSG_DONTWAIT)) continue;
      size_t most = connection->left < PIECE ? connection->left : PIECE;
      ssize_t got = recv(connection->socket, NULL, most, MSG_TRUNC | MSG_DONTWAIT);
      if (got < 0 && errno == EAGAIN) continue;
      if (got <= 0) fail("the body");
      connection->left -= got;
      if (connection->left > 0) continue;
      if (--connection->times > 0) ask(connection);
      else left--, epoll_ctl(waiter, EPOLL_CTL_DEL, connection->socket, NULL), close(connection->socket);
    }
  }
  printf("%.6f\n", now() - start);
  return 0;
}
