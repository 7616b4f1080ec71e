// Plays both ends of many calls: paced RTP in both directions, each packet with its call, side and send time.
//   rtp ENDS_FILE SECONDS PACKETS_PER_SECOND [NAMESPACE_OF_B]
// A line of ENDS_FILE is one call: A_IP A_PORT A_TARGET_IP A_TARGET_PORT B_IP B_PORT B_TARGET_IP B_TARGET_PORT.
// Receive times are the kernel's (SO_TIMESTAMPNS), so a late reader does not look like a slow relay. One second
// of warm-up is sent and not counted. Prints "measuring", "measured", and one line of JSON.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PACKET_BYTES = 172, ENDS_MAX = 8192, EVENTS = 256, BINS = 200000, MAGIC = 0x53426350 };
static const int64_t SECOND = 1000000000, TICK = 500000, DRAIN = 500000000;

struct end {
    int socket;
    uint32_t sent, ssrc;
    uint32_t *seen, words;            // one bit a sequence number, to tell a duplicate from a delivery
    int64_t last_transit;
    double jitter;
};

struct payload { uint32_t magic, end, number, pad; int64_t sent_at; } __attribute__((packed));

static struct end ends[ENDS_MAX];
static int count;
static uint32_t bins[BINS], warm;
static uint64_t sent, received, wrong, duplicates, foreign, unsent;
static int64_t longest;

static int64_t now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

static void open_end(struct end *e, const char *ip, int port, const char *target_ip, int target_port) {
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in target = {.sin_family = AF_INET, .sin_port = htons(target_port)};
    int on = 1, bytes = 1 << 18;
    e->socket = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (e->socket < 0 || inet_pton(AF_INET, ip, &local.sin_addr) != 1
        || inet_pton(AF_INET, target_ip, &target.sin_addr) != 1
        || bind(e->socket, (struct sockaddr *)&local, sizeof local)
        || connect(e->socket, (struct sockaddr *)&target, sizeof target)) { perror(ip); exit(1); }
    setsockopt(e->socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    setsockopt(e->socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

static void send_one(uint32_t index) {
    static uint8_t bytes[PACKET_BYTES];
    struct end *e = &ends[index];
    uint32_t stamp = htonl(e->sent * 160), ssrc = htonl(e->ssrc);
    uint16_t sequence = htons((uint16_t)e->sent);
    bytes[0] = 0x80;
    bytes[1] = 0;
    memcpy(bytes + 2, &sequence, 2);
    memcpy(bytes + 4, &stamp, 4);
    memcpy(bytes + 8, &ssrc, 4);
    struct payload p = {MAGIC, index, e->sent, 0, now(CLOCK_REALTIME)};
    memcpy(bytes + 12, &p, sizeof p);
    if (send(e->socket, bytes, PACKET_BYTES, 0) != PACKET_BYTES) unsent++;
    if (e->sent++ >= warm) sent++;
}

static void count_one(uint32_t index, const struct payload *p, int64_t at) {
    if (p->end >= (uint32_t)count || p->number < warm) return;
    if (p->end != (index ^ 1)) { wrong++; return; }
    struct end *from = &ends[p->end];
    uint32_t word = p->number / 32, bit = 1u << p->number % 32;
    if (word >= from->words) { foreign++; return; }
    if (from->seen[word] & bit) { duplicates++; return; }
    from->seen[word] |= bit;
    received++;
    int64_t transit = at - p->sent_at, bin = transit / 1000;
    if (transit > longest) longest = transit;
    bins[bin < 0 ? 0 : bin >= BINS ? BINS - 1 : bin]++;
    if (from->last_transit) {         // RFC 3550 6.4.1
        double d = (double)(transit - from->last_transit);
        from->jitter += ((d < 0 ? -d : d) - from->jitter) / 16;
    }
    from->last_transit = transit;
}

static void receive(uint32_t index) {
    uint8_t bytes[2048], control[64];
    for (;;) {
        struct iovec iov = {bytes, sizeof bytes};
        struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
                           .msg_controllen = sizeof control};
        ssize_t n = recvmsg(ends[index].socket, &m, 0);
        if (n < 0) return;
        struct payload p;
        if (n != PACKET_BYTES) { foreign += n > PACKET_BYTES; continue; }    // shorter: RTCP, probes
        memcpy(&p, bytes + 12, sizeof p);
        if (p.magic != MAGIC) { foreign++; continue; }
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        struct timespec t;
        if (c && c->cmsg_type == SCM_TIMESTAMPNS) {
            memcpy(&t, CMSG_DATA(c), sizeof t);
            count_one(index, &p, t.tv_sec * SECOND + t.tv_nsec);
        }
    }
}

static void receive_until(int poller, int64_t deadline) {
    struct epoll_event events[EVENTS];
    for (;;) {
        int64_t left = deadline - now(CLOCK_MONOTONIC);
        struct timespec timeout = {0, left > 0 ? left : 0};
        int n = epoll_pwait2(poller, events, EVENTS, &timeout, NULL);
        for (int i = 0; i < n; i++) receive(events[i].data.u32);
        if (left <= 0) return;
    }
}

static int64_t percentile(double share) {
    uint64_t below = 0, wanted = (uint64_t)(received * share);
    for (int i = 0; i < BINS; i++)
        if ((below += bins[i]) > wanted) return i;
    return 0;
}

// A socket stays in the namespace it was made in; the file may be that of another one.
static void enter(int name_space) {
    if (name_space >= 0 && setns(name_space, CLONE_NEWNET)) { perror("setns"); exit(1); }
}

static void load(const char *path, uint32_t packets, const char *name_space_of_b) {
    int here = name_space_of_b ? open("/proc/self/ns/net", O_RDONLY) : -1;
    int there = name_space_of_b ? open(name_space_of_b, O_RDONLY) : -1;
    FILE *file = fopen(path, "r");
    char a[64], at[64], b[64], bt[64];
    int ap, atp, bp, btp;
    if (!file) { perror(path); exit(1); }
    while (count + 1 < ENDS_MAX
           && fscanf(file, "%63s %d %63s %d %63s %d %63s %d", a, &ap, at, &atp, b, &bp, bt, &btp) == 8) {
        open_end(&ends[count], a, ap, at, atp);
        enter(there);
        open_end(&ends[count + 1], b, bp, bt, btp);
        enter(here);
        count += 2;
    }
    fclose(file);
    for (int i = 0; i < count; i++) {
        ends[i].ssrc = 0x10000000u + i * 7919u;
        ends[i].words = packets / 32 + 1;
        ends[i].seen = calloc(ends[i].words, sizeof(uint32_t));
    }
}

int main(int argc, char **argv) {
    if (argc != 4 && argc != 5) {
        fprintf(stderr, "rtp ENDS_FILE SECONDS PACKETS_PER_SECOND [NAMESPACE_OF_B]\n");
        return 2;
    }
    int seconds = atoi(argv[2]), rate = atoi(argv[3]), poller = epoll_create1(0);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    prctl(PR_SET_TIMERSLACK, 1000);
    warm = rate;
    uint32_t packets = (uint32_t)(seconds + 1) * rate;
    load(argv[1], packets, argc == 5 ? argv[4] : NULL);
    if (!count) { fprintf(stderr, "no calls in %s\n", argv[1]); return 2; }
    for (int i = 0; i < count; i++) {
        struct epoll_event e = {.events = EPOLLIN, .data.u32 = i};
        epoll_ctl(poller, EPOLL_CTL_ADD, ends[i].socket, &e);
    }
    uint64_t total = (uint64_t)packets * count, next = 0, warm_total = (uint64_t)warm * count;
    double spacing = (double)SECOND / rate / count;
    int64_t start = now(CLOCK_MONOTONIC), tick = start, lateness = 0;
    while (next < total) {
        int64_t t = now(CLOCK_MONOTONIC);
        if (t - tick > lateness && next > warm_total) lateness = t - tick;
        while (next < total && start + (int64_t)(next * spacing) <= t) {
            if (next == warm_total) { printf("measuring\n"); fflush(stdout); }
            send_one(next % count);
            next++;
        }
        tick += TICK;
        receive_until(poller, tick);
    }
    printf("measured\n");
    fflush(stdout);
    for (int64_t end = now(CLOCK_MONOTONIC) + DRAIN; now(CLOCK_MONOTONIC) < end;)
        receive_until(poller, now(CLOCK_MONOTONIC) + TICK);
    double jitter = 0;
    for (int i = 0; i < count; i++) jitter += ends[i].jitter / count;
    printf("{\"sent\":%lu,\"received\":%lu,\"wrong\":%lu,\"duplicates\":%lu,\"foreign\":%lu,\"unsent\":%lu,"
           "\"p50_us\":%ld,\"p99_us\":%ld,\"max_us\":%ld,\"jitter_us\":%.1f,\"late_us\":%ld}\n",
           sent, received, wrong, duplicates, foreign, unsent,
           percentile(0.50), percentile(0.99), longest / 1000, jitter / 1000, lateness / 1000);
    return 0;
}
