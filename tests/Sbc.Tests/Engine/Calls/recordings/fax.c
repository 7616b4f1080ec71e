/* Two T.38 terminals of libspandsp over UDPTL on loopback; see README.md. cc fax.c -lspandsp -ltiff -lm */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/socket.h>
#include <unistd.h>
#define SPANDSP_EXPOSE_INTERNAL_STRUCTURES
#include <spandsp.h>

enum { REDUNDANCY = 2 };

struct end {
    t38_terminal_state_t *terminal;
    int socket, seq, expected, done;
    struct sockaddr_in to;
    uint8_t last[REDUNDANCY][128];
    int last_length[REDUNDANCY];
};

static int send_ifp(t38_core_state_t *s, void *user, const uint8_t *ifp, int length, int count)
{
    struct end *e = user;
    uint8_t p[1024];
    int n = 0, i, have = 0;
    p[n++] = e->seq >> 8;
    p[n++] = e->seq;
    p[n++] = length;
    memcpy(p + n, ifp, length);
    n += length;
    for (i = 0; i < REDUNDANCY && e->last_length[i]; i++) have++;
    p[n++] = 0;
    p[n++] = have;
    for (i = 0; i < have; i++) {
        p[n++] = e->last_length[i];
        memcpy(p + n, e->last[i], e->last_length[i]);
        n += e->last_length[i];
    }
    while (count-- > 0) sendto(e->socket, p, n, 0, (struct sockaddr *) &e->to, sizeof(e->to));
    e->seq = (e->seq + 1) & 0xFFFF;
    for (i = REDUNDANCY - 1; i > 0; i--) {
        memcpy(e->last[i], e->last[i - 1], sizeof(e->last[i]));
        e->last_length[i] = e->last_length[i - 1];
    }
    memcpy(e->last[0], ifp, length);
    e->last_length[0] = length;
    return 0;
}

static void receive(struct end *e)
{
    uint8_t p[2048];
    ssize_t n;
    while ((n = recv(e->socket, p, sizeof(p), MSG_DONTWAIT)) > 3) {
        int seq = p[0] << 8 | p[1];
        if (seq < e->expected) continue;
        e->expected = seq + 1;
        t38_core_rx_ifp_packet(t38_terminal_get_t38_core_state(e->terminal), p + 3, p[2], seq);
    }
}

static void phase_e(t30_state_t *s, void *user, int result)
{
    t30_stats_t stats;
    t30_get_transfer_statistics(s, &stats);
    fprintf(stderr, "end: %s, %d pages, %d bit/s\n", t30_completion_code_to_str(result),
        stats.pages_tx + stats.pages_rx, stats.bit_rate);
    ((struct end *) user)->done = 1;
}

int main(int argc, char **argv)
{
    static struct end ends[2];
    int i, tick;
    for (i = 0; i < 2; i++) {
        struct sockaddr_in own = { AF_INET, htons(4000 + 1000 * i), { htonl(INADDR_LOOPBACK) } };
        struct end *e = &ends[i];
        t30_state_t *t30;
        e->to = own;
        e->to.sin_port = htons(5000 - 1000 * i);
        e->socket = socket(AF_INET, SOCK_DGRAM, 0);
        if (bind(e->socket, (struct sockaddr *) &own, sizeof(own))) return perror("bind"), 1;
        e->terminal = t38_terminal_init(NULL, i == 0, send_ifp, e);
        t30 = t38_terminal_get_t30_state(e->terminal);
        t30_set_supported_modems(t30, T30_SUPPORT_V27TER);
        t30_set_tx_ident(t30, i ? "+4930222" : "+4930111");
        t30_set_phase_e_handler(t30, phase_e, e);
        if (i == 0) t30_set_tx_file(t30, argv[1], -1, -1);
        else t30_set_rx_file(t30, argv[2], -1);
    }
    for (tick = 0; tick < 50 * 120 && !(ends[0].done && ends[1].done); tick++) {
        struct timespec wait = { 0, 20000000 };
        for (i = 0; i < 2; i++) {
            receive(&ends[i]);
            t38_terminal_send_timeout(ends[i].terminal, 160);
        }
        nanosleep(&wait, NULL);
    }
    return 0;
}
