// The same as relay.c with io_uring: each socket receives by one multishot request into shared buffers, sends are
// queued, and one call into the kernel submits them and waits for what comes next.
//   uring EDGE_IP EDGE_BASE CORE_IP CORE_BASE CALLER_IP CALLEE_IP ENDS_BASE CALLS
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <liburing.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFERS = 4096, DATAGRAM_BYTES = 2048, ENTRIES = 4096, GROUP = 1, SEND = 1u << 31 };

static struct io_uring ring;
static struct io_uring_buf_ring *buffers;
static char *memory;

static struct sockaddr_in address(const char *ip, int port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, ip, &a.sin_addr) != 1) { fprintf(stderr, "not an address: %s\n", ip); exit(2); }
    return a;
}

static int port_to(struct sockaddr_in local, struct sockaddr_in remote) {
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0 || bind(s, (struct sockaddr *)&local, sizeof local)) { perror("bind"); exit(1); }
    if (connect(s, (struct sockaddr *)&remote, sizeof remote)) { perror("connect"); exit(1); }
    return s;
}

static struct io_uring_sqe *entry(void) {
    struct io_uring_sqe *e = io_uring_get_sqe(&ring);
    while (!e) { io_uring_submit(&ring); e = io_uring_get_sqe(&ring); }
    return e;
}

static void listen_on(int index) {
    struct io_uring_sqe *e = entry();
    io_uring_prep_recv_multishot(e, index, NULL, 0, 0);
    e->flags |= IOSQE_FIXED_FILE | IOSQE_BUFFER_SELECT;
    e->buf_group = GROUP;
    io_uring_sqe_set_data64(e, (uint32_t)index);
}

static void give_back(int buffer) {
    io_uring_buf_ring_add(buffers, memory + (size_t)buffer * DATAGRAM_BYTES, DATAGRAM_BYTES, buffer,
        io_uring_buf_ring_mask(BUFFERS), 0);
    io_uring_buf_ring_advance(buffers, 1);
}

int main(int argc, char **argv) {
    if (argc != 9) {
        fprintf(stderr, "uring EDGE_IP EDGE_BASE CORE_IP CORE_BASE CALLER_IP CALLEE_IP ENDS_BASE CALLS\n");
        return 2;
    }
    int ends = atoi(argv[7]), calls = atoi(argv[8]);
    struct rlimit now, files = {.rlim_cur = 2 * calls + 64, .rlim_max = 2 * calls + 64};
    if (!getrlimit(RLIMIT_NOFILE, &now) && now.rlim_cur < files.rlim_cur) {
        if (files.rlim_max < now.rlim_max) files.rlim_max = now.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    struct io_uring_params params = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE, .cq_entries = 4 * ENTRIES};
    int failed = io_uring_queue_init_params(ENTRIES, &ring, &params);
    if (failed) { fprintf(stderr, "io_uring: %s\n", strerror(-failed)); return 1; }
    size_t descriptors = BUFFERS * sizeof(struct io_uring_buf);
    if (posix_memalign((void **)&buffers, 4096, descriptors) || posix_memalign((void **)&memory, 4096,
        (size_t)BUFFERS * DATAGRAM_BYTES)) return 1;
    struct io_uring_buf_reg reg = {.ring_addr = (uintptr_t)buffers, .ring_entries = BUFFERS, .bgid = GROUP};
    io_uring_buf_ring_init(buffers);
    if ((failed = io_uring_register_buf_ring(&ring, &reg, 0))) { fprintf(stderr, "buffers: %s\n", strerror(-failed)); return 1; }
    for (int i = 0; i < BUFFERS; i++) give_back(i);
    int *sockets = malloc(sizeof(int) * 2 * calls);
    for (int i = 0; i < calls; i++) {
        sockets[2 * i] = port_to(address(argv[1], atoi(argv[2]) + 2 * i), address(argv[5], ends + 2 * i));
        sockets[2 * i + 1] = port_to(address(argv[3], atoi(argv[4]) + 2 * i), address(argv[6], ends + 2 * i));
    }
    if ((failed = io_uring_register_files(&ring, sockets, 2 * calls))) { fprintf(stderr, "files: %s\n", strerror(-failed)); return 1; }
    for (int i = 0; i < 2 * calls; i++) listen_on(i);
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        io_uring_submit_and_wait(&ring, 1);
        struct io_uring_cqe *done;
        unsigned head, seen = 0;
        io_uring_for_each_cqe(&ring, head, done) {
            seen++;
            uint64_t data = done->user_data;
            if (data & SEND) { give_back((int)(data & ~SEND)); continue; }
            int index = (int)data;
            if (done->res > 0) {
                int buffer = done->flags >> IORING_CQE_BUFFER_SHIFT;
                struct io_uring_sqe *e = entry();
                io_uring_prep_send(e, index ^ 1, memory + (size_t)buffer * DATAGRAM_BYTES, done->res, 0);
                e->flags |= IOSQE_FIXED_FILE;
                io_uring_sqe_set_data64(e, SEND | (uint32_t)buffer);
            }
            if (!(done->flags & IORING_CQE_F_MORE)) listen_on(index);
        }
        io_uring_cq_advance(&ring, seen);
    }
}
