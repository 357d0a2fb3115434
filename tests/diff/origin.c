/*
 * The servers behind a proxy under test. See origin.h.
 */
#include "origin.h"

#include "message.h"
#include "net.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void origin_start(struct origin *o)
{
    for (unsigned i = 0; i < ORIGIN_SERVERS; i++)
        o->listeners[i] = net_listen(&o->ports[i]);
    o->refusing = net_reserve(&o->dead_port);
}

void origin_stop(struct origin *o)
{
    origin_expect(o, NULL);
    for (unsigned i = 0; i < ORIGIN_SERVERS; i++)
        close(o->listeners[i]);
    close(o->refusing);
}

void origin_expect(struct origin *o, const struct exchange *x)
{
    for (unsigned i = 0; i < o->nconns; i++) {
        struct origin_conn *c = &o->conns[i];
        if (c->fd >= 0)
            close(c->fd);
        text_free(&c->in);
        text_free(&c->out);
    }
    memset(o->conns, 0, sizeof o->conns);
    o->nconns = o->next_script = o->nrecords = 0;
    o->exchange = x;
}

void origin_leave(struct origin *o)
{
    for (unsigned i = 0; i < o->nconns; i++)
        if (o->conns[i].fd >= 0)
            shutdown(o->conns[i].fd, SHUT_WR);
}

bool origin_is_alone(const struct origin *o)
{
    for (unsigned i = 0; i < o->nconns; i++)
        if (o->conns[i].fd >= 0 && !o->conns[i].peer_closed)
            return false;
    return true;
}

unsigned origin_poll(const struct origin *o, struct pollfd *list)
{
    unsigned n = 0;
    for (unsigned i = 0; i < ORIGIN_SERVERS; i++)
        list[n++] = (struct pollfd){.fd = o->listeners[i], .events = POLLIN};
    for (unsigned i = 0; i < o->nconns; i++) {
        const struct origin_conn *c = &o->conns[i];
        short out = c->sent < c->out.n ? POLLOUT : 0;
        if (c->fd >= 0 && !(c->peer_closed && !out))
            list[n++] = (struct pollfd){.fd = c->fd, .events = (short)(POLLIN | out)};
    }
    return n;
}

long origin_wake(const struct origin *o, long latest)
{
    for (unsigned i = 0; i < o->nconns; i++)
        if (o->conns[i].fd >= 0 && o->conns[i].wake && o->conns[i].wake < latest)
            latest = o->conns[i].wake;
    return latest;
}

static struct message request_in(const struct origin_conn *c)
{
    return (struct message){.p = c->in.p ? c->in.p + c->used : "", .n = c->in.n - c->used};
}

static void end_conn(struct origin_conn *c, bool reset)
{
    if (reset)
        net_reset(c->fd);
    else
        close(c->fd);
    c->fd = -1;
    c->ended = true;
}

/* What the script in front of the queue waits for. */
static enum trigger next_trigger(const struct origin *o)
{
    const struct exchange *x = o->exchange;
    return x && o->next_script < x->nscripts ? x->scripts[o->next_script].when : WHEN_COMPLETE;
}

static bool is_due(const struct origin *o, const struct origin_conn *c)
{
    struct message m = request_in(c);
    enum message_state state = message_measure(&m);
    switch (next_trigger(o)) {
    case WHEN_ACCEPTED:
        return !c->nrecords;
    case WHEN_BYTES:
        return m.n >= (size_t)o->exchange->scripts[o->next_script].bytes;
    case WHEN_HEAD:
        return m.head;
    default:
        return state == MESSAGE_COMPLETE;
    }
}

static void add_record(struct origin *o, struct origin_conn *c)
{
    if (o->nrecords == sizeof o->records / sizeof *o->records)
        fail("too many requests in one exchange");
    struct record *r = &o->records[o->nrecords];
    *r = (struct record){c->server, (unsigned)(c - o->conns), ++c->nrecords, c->used, o->nrecords};
    o->nrecords++;
}

static bool wants_close(const struct message *m)
{
    size_t n;
    const char *value = message_field(m, "connection", &n);
    return value && n == 5 && !strncasecmp(value, "close", 5);
}

/* The answer of a server without a script. */
static void answer_plainly(struct origin_conn *c, const struct message *m)
{
    char body[32];
    int n = snprintf(body, sizeof body, "from srv%u\n", c->server + 1);
    bool head = !strncmp(m->p, "HEAD ", 5);
    text_format(&c->out, "HTTP/1.1 200 OK\r\nServer: srv%u\r\nContent-Length: %d\r\n\r\n%s",
                c->server + 1, n, head ? "" : body);
}

/* The request was answered: is it all there, so that the next one can come? */
static void finish_request(struct origin_conn *c)
{
    struct message m = request_in(c);
    enum message_state state = message_measure(&m);
    bool leave = m.head && wants_close(&m);
    c->script = NULL;
    if (c->tunnel || state != MESSAGE_COMPLETE) {
        c->tunnel = true; /* whatever comes is part of this record */
        return;
    }
    c->used += m.size;
    if (leave && c->sent == c->out.n)
        end_conn(c, false);
}

static void start_script(struct origin *o, struct origin_conn *c)
{
    const struct exchange *x = o->exchange;
    add_record(o, c);
    if (x && o->next_script < x->nscripts) {
        c->script = &x->scripts[o->next_script++];
        c->step = 0;
        return;
    }
    struct message m = request_in(c);
    message_measure(&m);
    answer_plainly(c, &m);
    net_send(c->fd, &c->out, &c->sent);
    finish_request(c);
}

static bool has_whole_request(const struct origin_conn *c)
{
    struct message m = request_in(c);
    return message_measure(&m) == MESSAGE_COMPLETE;
}

/* false: the step has to be tried again later. */
static bool run_step(struct origin_conn *c, const struct step *s)
{
    switch (s->kind) {
    case STEP_SEND:
        text_add(&c->out, s->text.p, s->text.n);
        c->tunnel |= s->text.n > 12 && !memcmp(s->text.p, "HTTP/1.1 101", 12);
        return net_send(c->fd, &c->out, &c->sent);
    case STEP_PAUSE:
        if (!c->wake)
            c->wake = net_now() + s->number;
        if (net_now() < c->wake)
            return false;
        c->wake = 0;
        return true;
    case STEP_BODY:
        return has_whole_request(c);
    case STEP_BYTES:
        return c->in.n - c->used >= (size_t)s->number;
    case STEP_UNTIL:
        return text_find(c->in.p + c->used, c->in.n - c->used, s->text.p);
    case STEP_FIN:
        shutdown(c->fd, SHUT_WR);
        return true;
    case STEP_CLOSE:
    case STEP_RESET:
        end_conn(c, s->kind == STEP_RESET);
        return true;
    case STEP_HANG:
        c->hung = true;
        return true;
    default:
        return true;
    }
}

static void run_script(struct origin_conn *c)
{
    while (c->fd >= 0 && !c->hung && c->sent == c->out.n && c->step < c->script->steps.n) {
        if (!run_step(c, &c->script->steps.list[c->step]))
            return;
        c->step++;
    }
    if (c->fd >= 0 && !c->hung && c->sent == c->out.n)
        finish_request(c);
}

static void turn_conn(struct origin *o, struct origin_conn *c)
{
    if (!c->peer_closed) {
        enum net_end end = net_receive(c->fd, &c->in);
        c->peer_closed = end != NET_OPEN;
        c->peer_reset = end == NET_RESET;
    }
    if (!net_send(c->fd, &c->out, &c->sent))
        c->sent = c->out.n;
    while (c->fd >= 0 && (c->script || (!c->tunnel && is_due(o, c)))) {
        if (!c->script)
            start_script(o, c);
        if (c->script)
            run_script(c);
        if (c->script)
            break;
    }
    if (c->fd >= 0 && c->peer_closed && !c->script && c->sent == c->out.n)
        end_conn(c, false);
}

static void accept_one(struct origin *o, unsigned server)
{
    unsigned port;
    int fd = net_accept(o->listeners[server], &port);
    if (fd < 0)
        return;
    if (o->nconns == ORIGIN_CONNS)
        fail("too many server connections in one exchange");
    o->conns[o->nconns++] = (struct origin_conn){.fd = fd, .server = server, .port = port};
}

void origin_turn(struct origin *o)
{
    for (unsigned i = 0; i < ORIGIN_SERVERS; i++)
        accept_one(o, i);
    for (unsigned i = 0; i < o->nconns; i++)
        if (o->conns[i].fd >= 0)
            turn_conn(o, &o->conns[i]);
}

static void show_tally(const struct origin *o, struct text *to)
{
    for (unsigned i = 0; i < ORIGIN_SERVERS; i++) {
        unsigned n = 0;
        for (unsigned k = 0; k < o->nrecords; k++)
            n += o->records[k].server == i;
        if (n)
            text_format(to, "srv%u: %u requests\n", i + 1, n);
    }
}

static void show_record(const struct origin *o, const struct record *r, struct text *to)
{
    const struct origin_conn *c = &o->conns[r->conn];
    size_t end = c->in.n;
    char prefix[16];
    for (unsigned i = 0; i < o->nrecords; i++)
        if (o->records[i].conn == r->conn && o->records[i].nth == r->nth + 1)
            end = o->records[i].start;
    snprintf(prefix, sizeof prefix, "srv%u: ", r->server + 1);
    struct message m = {.p = c->in.n ? c->in.p + r->start : "", .n = end - r->start};
    message_measure(&m);
    if (o->exchange->connections)
        text_format(to, "%sconnection %u, request %u\n", prefix, r->conn + 1, r->nth);
    message_show(to, &m, prefix);
    if (m.size && m.size < m.n)
        message_show_bytes(to, prefix, m.p + m.size, m.n - m.size);
}

static void show_connections(const struct origin *o, struct text *to)
{
    for (unsigned i = 0; i < o->nconns; i++) {
        const struct origin_conn *c = &o->conns[i];
        bool cut = c->peer_reset && (c->script || c->tunnel); /* else there was nothing to lose */
        text_format(to, "srv%u: connection %u %s\n", c->server + 1, i + 1,
                    cut              ? "reset by the proxy"
                    : c->peer_closed ? "closed by the proxy"
                    : c->ended       ? "closed by us"
                                     : "stays open");
    }
}

/* What arrived on connections without becoming a request. */
static void show_rest(const struct origin *o, struct text *to)
{
    for (unsigned i = 0; i < o->nconns; i++) {
        const struct origin_conn *c = &o->conns[i];
        bool shown = c->script || c->tunnel;
        char prefix[32];
        snprintf(prefix, sizeof prefix, "srv%u: (no request) ", c->server + 1);
        if (!shown && c->in.n > c->used)
            message_show_bytes(to, prefix, c->in.p + c->used, c->in.n - c->used);
    }
}

void origin_show(const struct origin *o, struct text *to)
{
    if (o->exchange->tally) {
        show_tally(o, to);
        return;
    }
    for (unsigned i = 0; i < o->nrecords; i++)
        show_record(o, &o->records[i], to);
    show_rest(o, to);
    if (o->exchange->connections)
        show_connections(o, to);
}
