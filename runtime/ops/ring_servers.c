/*
 * Log servers that get the lines of rings over streams. See ring.h.
 *
 * What was not taken by the kernel when a connection ends is sent again on the next one, from the
 * beginning of a line on: a server may see a line twice, but never a part of one in the middle.
 */
#include "ring.h"

#include "../loop/sock.h"
#include "../net/resolve.h"
#include "message.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { PAUSE_MS = 1000, CHUNKS_AT_ONCE = 16, CHUNK = PX_RING_READ_LEAST };

struct forwarder {
    struct px_ring_reader reader;
    const struct px_ring *ring;
    const struct px_ring_server *server;
    union px_sockaddr addr;
    socklen_t addr_len;
    struct px_sock sock;
    bool up;
    uint64_t dialled;            /* when it was last tried to connect */
    struct px_timer timer;       /* of the next try, or of going on */
    struct px_ring_place unsent; /* where `chunk` begins */
    char chunk[CHUNK];
};

static struct forwarder *forwarders;
static unsigned nforwarders;

static struct forwarder *forwarder_of(struct px_sock *s)
{
    return PX_OWNER(s, struct forwarder, sock);
}

/* Not more than once in a while, but at once if the last connection was a good one. */
static void dial_later(struct forwarder *f)
{
    uint64_t due = f->dialled + PAUSE_MS;
    px_arm(&f->timer, due > px_self->now ? due - px_self->now : 1);
}

static void disconnect(struct forwarder *f)
{
    if (px_sock_sending(&f->sock))
        f->reader.at = f->unsent;
    f->up = false;
    px_timer_stop(&f->timer);
    px_sock_close(&f->sock, true);
}

/* ---- sending ---- */

enum pumped { PUMP_DRY, PUMP_QUEUED, PUMP_MORE, PUMP_FAILED };

static enum pumped pump_chunk(struct forwarder *f)
{
    enum px_framing framing = f->server->counts ? PX_FRAME_COUNTS : PX_FRAME_LF;
    struct px_ring_place from = f->reader.at;
    size_t n = px_ring_read(&f->reader, framing, f->chunk, sizeof f->chunk);
    if (!n)
        return PUMP_DRY;
    f->unsent = from;
    struct iovec v = {f->chunk, n};
    enum px_sending s = px_sock_send(&f->sock, &v, 1);
    if (s == PX_SEND_FAILED)
        f->reader.at = from;
    return s == PX_SENT ? PUMP_MORE : s == PX_QUEUED ? PUMP_QUEUED : PUMP_FAILED;
}

static void pump(struct forwarder *f)
{
    enum pumped p = PUMP_MORE;
    if (!f->up || px_sock_sending(&f->sock))
        return;
    for (unsigned i = 0; i < CHUNKS_AT_ONCE && p == PUMP_MORE; i++)
        p = pump_chunk(f);
    if (p == PUMP_QUEUED)
        px_sock_expire(&f->sock, (uint64_t)f->ring->server_timeout);
    else if (p == PUMP_MORE)
        px_arm(&f->timer, 1);
    else if (p == PUMP_FAILED)
        disconnect(f);
}

static void ready(struct px_ring_reader *r)
{
    pump(PX_OWNER(r, struct forwarder, reader));
}

static void never_freed(struct px_ring_reader *r)
{
    (void)r;
}

/* ---- connections ---- */

static void connected(struct px_sock *s)
{
    struct forwarder *f = forwarder_of(s);
    f->up = true;
    px_sock_expire(s, 0);
    px_sock_want(s);
    pump(f);
}

/* There is nothing that a log server could say. */
static void received(struct px_sock *s)
{
    s->in->start = s->in->end;
    px_sock_taken(s);
}

static void over(struct px_sock *s)
{
    disconnect(forwarder_of(s));
}

static void failed(struct px_sock *s, int err)
{
    (void)err;
    over(s);
}

static void sent(struct px_sock *s)
{
    px_sock_expire(s, 0);
    pump(forwarder_of(s));
}

static void freed(struct px_sock *s)
{
    dial_later(forwarder_of(s));
}

static const struct px_sock_ops ops = {
    .watch = {px_sock_event},
    .connected = connected,
    .received = received,
    .ended = over,
    .sent = sent,
    .failed = failed,
    .hung_up = over,
    .expired = over,
    .freed = freed,
};

static bool dial(struct forwarder *f)
{
    int one = 1;
    if (!px_sock_dial(&f->sock, &f->addr.sa, f->addr_len, &ops))
        return false;
    if (f->addr.sa.sa_family != AF_UNIX)
        setsockopt(f->sock.watch.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return true;
}

static void due(struct px_timer *timer)
{
    struct forwarder *f = PX_OWNER(timer, struct forwarder, timer);
    if (f->up) {
        pump(f);
        return;
    }
    f->dialled = px_self->now;
    if (dial(f))
        px_sock_expire(&f->sock, (uint64_t)f->ring->connect_timeout);
    else
        dial_later(f);
}

/* ---- life ---- */

static bool forwarder_prepare(struct forwarder *f, const struct px_ring *ring,
                              const struct px_ring_server *server)
{
    const char *why = NULL;
    f->ring = ring;
    f->server = server;
    f->timer.fire = due;
    f->reader.ready = ready;
    f->reader.freed = never_freed;
    f->addr_len = px_resolve(&server->addr, server->addr.port, &f->addr, &why);
    if (f->addr_len)
        px_ring_open(&f->reader, ring, false);
    else
        px_alert("could not resolve address '%s' of server %s of ring %s: %s.",
                 server->addr.path ? server->addr.path : "", server->name, ring->name, why);
    return f->addr_len;
}

bool px_ring_servers_prepare(void)
{
    unsigned n = 0;
    for (unsigned i = 0; i < px_program.nrings; i++)
        n += px_program.rings[i].nservers;
    forwarders = calloc(n + 1u, sizeof *forwarders);
    if (!forwarders) {
        px_alert("Cannot start: out of memory.");
        return false;
    }
    for (unsigned i = 0; i < px_program.nrings; i++) {
        const struct px_ring *ring = &px_program.rings[i];
        for (unsigned k = 0; k < ring->nservers; k++)
            if (!forwarder_prepare(&forwarders[nforwarders++], ring, &ring->servers[k]))
                return false;
    }
    return true;
}

void px_ring_servers_start(void)
{
    for (unsigned i = 0; i < nforwarders; i++) {
        forwarders[i].reader.loop = px_self;
        px_arm(&forwarders[i].timer, 1);
    }
}

uint64_t px_ring_servers_lost(const struct px_ring *ring)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < nforwarders; i++)
        if (forwarders[i].ring == ring)
            n += px_ring_lost(&forwarders[i].reader);
    return n;
}
