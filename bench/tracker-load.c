/*
 * Many peers that announce themselves to a tracker, as fast as it answers.
 *
 *   tracker-load http|udp SERVER PORT PEERS ANNOUNCES
 *
 * Peers come from 250 addresses of the loopback network, a thousand in each swarm. The info-hash of swarm N is 19 zero bytes and N.
 * By HTTP each announce has a connection of its own, as clients do it. Prints the seconds it took.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ADDRESSES 250
#define PEERS_PER_SWARM 1000
#define UDP_WINDOW 64
#define HTTP_CONNECTIONS 32
#define PATIENCE 20000

struct connection {
  int socket, length;
  char answer[8192];
};

static struct sockaddr_in server;
static int peers, waiter;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
  fprintf(stderr, "tracker-load: %s: %s\n", what, errno ? strerror(errno) : "not as expected");
  exit(1);
}

/* A socket of one of the addresses, connected to the tracker. */
static int open_from(int address, int type) {
  int one = 1, made = socket(AF_INET, type, 0);
  struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f010001 + address)};
  setsockopt(made, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  if (made < 0 || bind(made, (struct sockaddr *)&from, sizeof from)) fail("bind");
  if (connect(made, (struct sockaddr *)&server, sizeof server)) fail("connect");
  return made;
}

static void watch(int descriptor, void *data) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = data};
  if (epoll_ctl(waiter, EPOLL_CTL_ADD, descriptor, &event)) fail("epoll");
}

/* BEP 15 */
static void announce_udp(int socket, uint64_t connection_id, int peer) {
  unsigned char message[98] = {0};
  uint32_t action = htonl(1), event = htonl(2), wanted = htonl(50);
  uint16_t port = htons(10000 + peer);
  memcpy(message, &connection_id, 8);
  memcpy(message + 8, &action, 4);
  message[35] = peer / PEERS_PER_SWARM;
  snprintf((char *)message + 36, 21, "-BENCH0-%012d", peer);
  message[71] = peer % 2;
  memcpy(message + 80, &event, 4);
  memcpy(message + 92, &wanted, 4);
  memcpy(message + 96, &port, 2);
  if (send(socket, message, sizeof message, 0) != sizeof message) fail("send");
}

static void run_udp(int announces) {
  static struct { int socket; uint64_t connection_id; } from[ADDRESSES];
  for (int i = 0; i < ADDRESSES; i++) {
    unsigned char request[16] = {0, 0, 4, 23, 39, 16, 25, 128}, reply[16];
    from[i].socket = open_from(i, SOCK_DGRAM);
    if (send(from[i].socket, request, 16, 0) != 16 || recv(from[i].socket, reply, 16, 0) != 16) fail("UDP connect");
    memcpy(&from[i].connection_id, reply + 8, 8);
    watch(from[i].socket, &from[i]);
  }
  int sent = 0, answered = 0;
  while (answered < announces) {
    for (; sent < announces && sent - answered < UDP_WINDOW; sent++) {
      int peer = sent % peers;
      announce_udp(from[peer % ADDRESSES].socket, from[peer % ADDRESSES].connection_id, peer);
    }
    struct epoll_event events[64];
    int ready = epoll_wait(waiter, events, 64, PATIENCE);
    if (ready <= 0) fail("the tracker is silent");
    for (int i = 0; i < ready; i++) {
      unsigned char reply[2048];
      ssize_t length = recv(*(int *)events[i].data.ptr, reply, sizeof reply, MSG_DONTWAIT);
      if (length < 20 || reply[3] != 1) fail("the UDP answer");
      answered++;
    }
  }
}

static void announce_http(struct connection *connection, int peer) {
  char request[512];
  int length = snprintf(request, sizeof request,
    "GET /announce?info_hash=%%00%%00%%00%%00%%00%%00%%00%%00%%00%%00%%00%%00%%00%%00%%00%%00%%00%%00%%00%%%02X"
    "&peer_id=-BENCH0-%012d&port=%d&uploaded=0&downloaded=0&left=%d&compact=1&numwant=50&event=started HTTP/1.1\r\n"
    "Host: tracker\r\nUser-Agent: bench\r\nConnection: close\r\n\r\n",
    peer / PEERS_PER_SWARM, peer, 10000 + peer, peer % 2);
  connection->socket = open_from(peer % ADDRESSES, SOCK_STREAM);
  connection->length = 0;
  if (send(connection->socket, request, length, 0) != length) fail("send");
  watch(connection->socket, connection);
}

static void run_http(int announces) {
  static struct connection connections[HTTP_CONNECTIONS];
  int sent = 0, answered = 0;
  for (; sent < HTTP_CONNECTIONS && sent < announces; sent++) announce_http(&connections[sent], sent % peers);
  while (answered < announces) {
    struct epoll_event events[64];
    int ready = epoll_wait(waiter, events, 64, PATIENCE);
    if (ready <= 0) fail("the tracker is silent");
    for (int i = 0; i < ready; i++) {
      struct connection *connection = events[i].data.ptr;
      int room = sizeof connection->answer - 1 - connection->length;
      ssize_t got = recv(connection->socket, connection->answer + connection->length, room, MSG_DONTWAIT);
      if (got > 0) connection->length += got;
      if (got > 0 || (got < 0 && errno == EAGAIN)) continue;
      if (got < 0) fail("recv");
      if (!memmem(connection->answer, connection->length, "8:interval", 10)) fail("the HTTP answer");
      close(connection->socket);
      answered++;
      if (sent < announces) announce_http(connection, sent++ % peers);
    }
  }
}

int main(int argc, char **argv) {
  if (argc != 6) return fprintf(stderr, "tracker-load http|udp SERVER PORT PEERS ANNOUNCES\n"), 2;
  server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(argv[3]))};
  if (inet_pton(AF_INET, argv[2], &server.sin_addr) != 1) fail("address");
  peers = atoi(argv[4]);
  waiter = epoll_create1(0);
  double start = now();
  if (strcmp(argv[1], "udp")) run_http(atoi(argv[5]));
  else run_udp(atoi(argv[5]));
  printf("%.6f\n", now() - start);
  return 0;
}
