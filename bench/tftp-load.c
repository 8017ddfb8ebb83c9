/*
 * A TFTP client that is faster than any server: fetches one file many times at once and checks every byte.
 *
 *   tftp-load SERVER PORT NAME FILE BLKSIZE WINDOWSIZE CLIENTS
 *
 * FILE holds the bytes that are expected. Prints the seconds from the first request to the last byte, and how often a
 * packet was missed. One thread, one socket per client, many datagrams per system call.
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

#define BATCH 64
#define LARGEST 65536
#define PATIENCE 0.5
#define GIVE_UP 20.0

struct client {
  int socket, block_size, window, since_ack, connected, done;
  unsigned next; /* number of the block we wait for, counted from 1 without wrapping */
  size_t taken;
  double heard;
};

static unsigned char *expected;
static size_t size;
static struct sockaddr_in server;
static char request[512];
static int request_length, misses;
static unsigned char buffers[BATCH][LARGEST];

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
  fprintf(stderr, "tftp-load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void ask(struct client *client) {
  sendto(client->socket, request, request_length, 0, (struct sockaddr *)&server, sizeof server);
}

static void acknowledge(struct client *client, unsigned block) {
  unsigned char ack[4] = {0, 4, block >> 8, block};
  client->since_ack = 0;
  send(client->socket, ack, sizeof ack, 0);
}

static void take_options(struct client *client, unsigned char *at, unsigned char *end) {
  while (at < end) {
    char *name = (char *)at, *value = name + strlen(name) + 1;
    if (value >= (char *)end) return;
    if (!strcasecmp(name, "blksize")) client->block_size = atoi(value);
    if (!strcasecmp(name, "windowsize")) client->window = atoi(value);
    at = (unsigned char *)value + strlen(value) + 1;
  }
}

static void take(struct client *client, unsigned char *packet, int length) {
  unsigned opcode = packet[1], block = packet[2] << 8 | packet[3];
  if (client->done || length < 4) return;
  if (opcode == 5) {
    fprintf(stderr, "tftp-load: the server says: %.*s\n", length - 4, packet + 4);
    exit(1);
  }
  if (opcode == 6) {
    if (client->next > 1) return;
    take_options(client, packet + 2, packet + length);
    acknowledge(client, 0);
  } else if (opcode == 3) {
    int data = length - 4;
    if (block != (client->next & 0xffff)) {
      /* A repetition says nothing new; a hole is told once, by the first block behind it. */
      if (block == ((client->next + 1) & 0xffff) && client->window > 1) misses++, acknowledge(client, client->next - 1);
      return;
    }
    if (client->taken + data > size || memcmp(expected + client->taken, packet + 4, data)) {
      fprintf(stderr, "tftp-load: wrong bytes in block %u\n", client->next);
      exit(1);
    }
    client->taken += data;
    client->since_ack++;
    client->done = data < client->block_size;
    if (client->done || client->since_ack == client->window) acknowledge(client, block);
    client->next++;
    if (client->done && client->taken != size) {
      fprintf(stderr, "tftp-load: the file ended after %zu of %zu bytes\n", client->taken, size);
      exit(1);
    }
  }
}

static void read_all(struct client *client) {
  static struct mmsghdr messages[BATCH];
  static struct iovec parts[BATCH];
  static struct sockaddr_in senders[BATCH];
  for (;;) {
    for (int i = 0; i < BATCH; i++) {
      parts[i] = (struct iovec){buffers[i], LARGEST};
      messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1, .msg_name = &senders[i],
                                            .msg_namelen = sizeof senders[i]};
    }
    int count = recvmmsg(client->socket, messages, BATCH, MSG_DONTWAIT, NULL);
    if (count <= 0) return;
    if (!client->connected) {
      client->connected = 1;
      if (connect(client->socket, (struct sockaddr *)&senders[0], sizeof senders[0])) fail("connect");
    }
    client->heard = now();
    for (int i = 0; i < count; i++) take(client, buffers[i], messages[i].msg_len);
    if (count < BATCH) return;
  }
}

int main(int argc, char **argv) {
  if (argc != 8) return fprintf(stderr, "tftp-load SERVER PORT NAME FILE BLKSIZE WINDOWSIZE CLIENTS\n"), 2;
  server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
  if (inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) fail("address");
  int file = open(argv[4], O_RDONLY), window = atoi(argv[6]), count = atoi(argv[7]);
  struct stat state;
  if (file < 0 || fstat(file, &state)) fail(argv[4]);
  size = state.st_size;
  expected = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
  if (expected == MAP_FAILED) fail("mmap");
  request_length = 2 + sprintf(request + 2, "%s%coctet%cblksize%c%s%c", argv[3], 0, 0, 0, argv[5], 0);
  request[1] = 1;
  if (window > 1) request_length += sprintf(request + request_length, "windowsize%c%s%c", 0, argv[6], 0);

  struct client *clients = calloc(count, sizeof *clients);
  int waiter = epoll_create1(0), room = 4 << 20, left = count;
  double start = now();
  for (int i = 0; i < count; i++) {
    struct client *client = &clients[i];
    *client = (struct client){.block_size = 512, .window = 1, .next = 1, .heard = start};
    client->socket = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    setsockopt(client->socket, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    epoll_ctl(waiter, EPOLL_CTL_ADD, client->socket, &(struct epoll_event){.events = EPOLLIN, .data.ptr = client});
    ask(client);
  }
  while (left > 0) {
    struct epoll_event events[BATCH];
    int ready = epoll_wait(waiter, events, BATCH, 100);
    for (int i = 0; i < ready; i++) {
      struct client *client = events[i].data.ptr;
      if (client->done) continue;
      read_all(client);
      left -= client->done;
    }
    for (int i = 0; ready == 0 && i < count; i++) {
      struct client *client = &clients[i];
      double silent = now() - client->heard;
      if (client->done || silent < PATIENCE) continue;
      if (silent > GIVE_UP) return fprintf(stderr, "tftp-load: the server is silent\n"), 1;
      misses++;
      if (!client->connected) ask(client);
      else acknowledge(client, client->next - 1);
    }
  }
  printf("%.6f %d\n", now() - start, misses);
  return 0;
}
