// The floor of a media relay with one socket for each port: epoll, recv, send.
//   relay EDGE_IP EDGE_BASE CORE_IP CORE_BASE CALLER_IP CALLEE_IP ENDS_BASE CALLS
// Call i has the ports BASE + 2i on both sides and its ends at ENDS_BASE + 2i; nothing is latched or read.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 256, DATAGRAM_BYTES = 2048 };

static struct sockaddr_in address(const char *ip, int port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, ip, &a.sin_addr) != 1) { fprintf(stderr, "not an address: %s\n", ip); exit(2); }
    return a;
}

static int port_to(struct sockaddr_in local, struct sockaddr_in remote) {
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s < 0 || bind(s, (struct sockaddr *)&local, sizeof local)) { perror("bind"); exit(1); }
    if (connect(s, (struct sockaddr *)&remote, sizeof remote)) { perror("connect"); exit(1); }
    return s;
}

int main(int argc, char **argv) {
    if (argc != 9) {
        fprintf(stderr, "relay EDGE_IP EDGE_BASE CORE_IP CORE_BASE CALLER_IP CALLEE_IP ENDS_BASE CALLS\n");
        return 2;
    }
    int ends = atoi(argv[7]), calls = atoi(argv[8]), poller = epoll_create1(EPOLL_CLOEXEC);
    struct rlimit files = {.rlim_cur = 2 * calls + 64, .rlim_max = 2 * calls + 64};
    struct rlimit now;
    if (!getrlimit(RLIMIT_NOFILE, &now) && now.rlim_cur < files.rlim_cur) {
        if (files.rlim_max < now.rlim_max) files.rlim_max = now.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    for (int i = 0; i < calls; i++) {
        int edge = port_to(address(argv[1], atoi(argv[2]) + 2 * i), address(argv[5], ends + 2 * i));
        int core = port_to(address(argv[3], atoi(argv[4]) + 2 * i), address(argv[6], ends + 2 * i));
        struct epoll_event from_edge = {.events = EPOLLIN, .data.u64 = (uint64_t)edge << 32 | (uint32_t)core};
        struct epoll_event from_core = {.events = EPOLLIN, .data.u64 = (uint64_t)core << 32 | (uint32_t)edge};
        epoll_ctl(poller, EPOLL_CTL_ADD, edge, &from_edge);
        epoll_ctl(poller, EPOLL_CTL_ADD, core, &from_core);
    }
    printf("ready\n");
    fflush(stdout);
    static char bytes[DATAGRAM_BYTES];
    struct epoll_event events[EVENTS];
    for (;;) {
        int n = epoll_wait(poller, events, EVENTS, -1);
        for (int i = 0; i < n; i++) {     // level-triggered: one packet an event, as a simple relay does
            ssize_t length = recv((int)(events[i].data.u64 >> 32), bytes, sizeof bytes, 0);
            if (length >= 0) send((int)(uint32_t)events[i].data.u64, bytes, length, 0);
        }
    }
}
