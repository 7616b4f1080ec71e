// The floor of a socket program: forwards datagrams unread between an edge and a core socket.
//   forward EDGE_IP EDGE_PORT CORE_IP CORE_PORT FARM_IP FARM_PORT THREADS
// What comes in on the edge goes to the farm from the core socket; what the farm answers goes to the
// caller last seen. THREADS is 1 (poll over both sockets) or 2 (one thread for each direction).
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64, DATAGRAM_BYTES = 4096 };

struct direction {
    int in, out;
    int learns;                       // 1: remembers who sent, for the other direction
    char bytes[BATCH][DATAGRAM_BYTES];
    struct iovec iov[BATCH];
    struct mmsghdr messages[BATCH];
    struct sockaddr_in from[BATCH];
};

static struct direction to_core, to_edge;
static struct sockaddr_in farm, caller;

static struct sockaddr_in address(const char *ip, const char *port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
    if (inet_pton(AF_INET, ip, &a.sin_addr) != 1) { fprintf(stderr, "not an address: %s\n", ip); exit(2); }
    return a;
}

static int bound(struct sockaddr_in a) {
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), bytes = 4 << 20;
    setsockopt(s, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    setsockopt(s, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    if (bind(s, (struct sockaddr *)&a, sizeof a)) { perror("bind"); exit(1); }
    return s;
}

static void prepare(struct direction *d) {
    for (int i = 0; i < BATCH; i++) {
        d->iov[i].iov_base = d->bytes[i];
        d->messages[i].msg_hdr.msg_iov = &d->iov[i];
        d->messages[i].msg_hdr.msg_iovlen = 1;
        d->messages[i].msg_hdr.msg_name = &d->from[i];
    }
}

// One batch; false when there was none.
static int turn(struct direction *d, int flags) {
    for (int i = 0; i < BATCH; i++) {
        d->iov[i].iov_len = DATAGRAM_BYTES;
        d->messages[i].msg_hdr.msg_name = &d->from[i];
        d->messages[i].msg_hdr.msg_namelen = sizeof d->from[i];
    }
    int n = recvmmsg(d->in, d->messages, BATCH, flags, NULL);
    if (n <= 0) return 0;
    if (d->learns) caller = d->from[n - 1];
    struct sockaddr_in *to = d->learns ? &farm : &caller;
    for (int i = 0; i < n; i++) {
        d->iov[i].iov_len = d->messages[i].msg_len;
        d->messages[i].msg_hdr.msg_name = to;
        d->messages[i].msg_hdr.msg_namelen = sizeof *to;
    }
    for (int sent = 0; sent < n;) {
        int k = sendmmsg(d->out, d->messages + sent, n - sent, 0);
        sent += k > 0 ? k : 1;        // an unreachable port costs one datagram, not the batch
    }
    return n == BATCH ? 2 : 1;
}

static void *serve(void *argument) {
    for (;;) turn(argument, MSG_WAITFORONE);
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 8) { fprintf(stderr, "forward EDGE_IP PORT CORE_IP PORT FARM_IP PORT THREADS\n"); return 2; }
    int edge = bound(address(argv[1], argv[2])), core = bound(address(argv[3], argv[4]));
    farm = address(argv[5], argv[6]);
    to_core.in = edge, to_core.out = core, to_core.learns = 1;
    to_edge.in = core, to_edge.out = edge;
    prepare(&to_core);
    prepare(&to_edge);
    printf("ready\n");
    fflush(stdout);
    if (atoi(argv[7]) == 2) {
        pthread_t second;
        pthread_create(&second, NULL, serve, &to_edge);
        serve(&to_core);
    }
    struct pollfd polled[2] = {{.fd = edge, .events = POLLIN}, {.fd = core, .events = POLLIN}};
    for (;;) {
        if (poll(polled, 2, -1) < 0 && errno != EINTR) return 1;
        if (polled[0].revents) while (turn(&to_core, MSG_DONTWAIT) == 2) { }
        if (polled[1].revents) while (turn(&to_edge, MSG_DONTWAIT) == 2) { }
    }
}
