/*
 * One side of the comparison. See side.h.
 *
 * One idea: every wait is a turn of one loop over all sockets until a condition holds, or patience
 * ends. What is still moving when all answers are there is given QUIET_MS to come to rest.
 */
#include "side.h"

#include "message.h"
#include "net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 6000,
    LOG_MS = 1500,
    QUIET_MS = 60,
    SETTLE_MS = 10,
    CLOSE_MS = 1000,
    LEAVE_MS = 200
};

static void read_log(struct side *s)
{
    char line[65536];
    for (ssize_t n; (n = recv(s->log, line, sizeof line, MSG_DONTWAIT)) >= 0; s->nlogs++) {
        while (n && line[n - 1] == '\n')
            n--;
        text_put(&s->log_lines, "log: ");
        text_escape(&s->log_lines, line, (size_t)n);
        text_put(&s->log_lines, "\n");
    }
}

static void turn_client(struct client *c)
{
    if (c->fd < 0)
        return;
    if (!net_send(c->fd, &c->out, &c->sent))
        c->sent = c->out.n;
    if (c->peer_closed)
        return;
    enum net_end end = net_receive(c->fd, &c->in);
    c->peer_closed = end != NET_OPEN;
    c->peer_reset = end == NET_RESET;
}

/* One turn of the loop, waiting at most until `latest`. */
static void turn(struct side *s, long latest)
{
    struct pollfd list[ORIGIN_SERVERS + ORIGIN_CONNS + SIDE_CLIENTS + 1];
    unsigned n = origin_poll(&s->origin, list);
    list[n++] = (struct pollfd){.fd = s->log, .events = POLLIN};
    for (unsigned i = 0; i < SIDE_CLIENTS; i++) {
        const struct client *c = &s->clients[i];
        short out = c->sent < c->out.n ? POLLOUT : 0;
        if (c->used && c->fd >= 0 && (!c->peer_closed || out))
            list[n++] = (struct pollfd){.fd = c->fd, .events = (short)(POLLIN | out)};
    }
    long wait = origin_wake(&s->origin, latest) - net_now();
    poll(list, n, wait < 0 ? 0 : (int)wait);
    origin_turn(&s->origin);
    read_log(s);
    for (unsigned i = 0; i < SIDE_CLIENTS; i++)
        if (s->clients[i].used)
            turn_client(&s->clients[i]);
}

/* Complete responses in what a client received, interim ones not counted. */
static unsigned responses_of(const struct client *c)
{
    unsigned n = 0;
    for (size_t at = 0; at < c->in.n;) {
        struct message m = {
            .p = c->in.p + at, .n = c->in.n - at, .response = true, .to_head = c->to_head[n % 64]};
        enum message_state state = message_measure(&m);
        if (state == MESSAGE_TUNNEL)
            return n + 1;
        if (state != MESSAGE_COMPLETE)
            break;
        n += !m.interim;
        at += m.size;
    }
    return n;
}

static bool has_arrived(const struct client *c, const struct step *step)
{
    switch (step->kind) {
    case STEP_RECV:
        return responses_of(c) >= (unsigned)step->number;
    case STEP_BYTES:
        return c->in.n >= (size_t)step->number;
    default:
        return text_find(c->in.p, c->in.n, step->text.p);
    }
}

static void await(struct side *s, struct client *c, const struct step *step)
{
    long end = net_now() + PATIENCE_MS;
    while (c->fd >= 0 && !c->peer_closed && !has_arrived(c, step)) {
        if (net_now() >= end) {
            c->gave_up = true;
            return;
        }
        turn(s, end);
    }
}

static void pause_for(struct side *s, long ms)
{
    long end = net_now() + ms;
    while (net_now() < end)
        turn(s, end);
}

static void know(struct result *r, unsigned number, const char *name)
{
    struct known *list = get((r->nknown + 1) * sizeof *list);
    if (r->nknown)
        memcpy(list, r->known, r->nknown * sizeof *list);
    free(r->known);
    r->known = list;
    struct known *k = &list[r->nknown++];
    k->number = number;
    strncpy(k->name, name, sizeof k->name - 1);
}

static void open_client(struct side *s, struct client *c, struct result *r)
{
    char name[16];
    if (c->used)
        return;
    c->used = true;
    c->fd = net_connect(s->proxy.ports[0], &c->port);
    snprintf(name, sizeof name, "@CLIENT%u@", (unsigned)(c - s->clients) % 100 + 1);
    know(r, c->port, name);
}

/* Which requests are in there? A line that ends like a request line is one. */
static void count_requests(struct client *c, const struct text *sent)
{
    const char *line = sent->p, *end = sent->p + sent->n;
    while (line < end) {
        const char *nl = memchr(line, '\n', (size_t)(end - line));
        size_t n = (size_t)((nl ? nl : end) - line);
        if (text_find(line, n, " HTTP/")) {
            c->to_head[c->requests++ % 64] = !strncmp(line, "HEAD ", 5);
        }
        line += n + 1;
    }
}

static void run_client_step(struct side *s, struct client *c, const struct step *step)
{
    struct text filled = {0};
    switch (step->kind) {
    case STEP_SEND:
        places_fill(&s->places, &filled, step->text.p ? step->text.p : "", step->text.n);
        count_requests(c, &filled);
        text_add(&c->out, filled.p, filled.n);
        text_free(&filled);
        turn_client(c);
        break;
    case STEP_PAUSE:
        pause_for(s, step->number);
        break;
    case STEP_RECV:
    case STEP_BYTES:
    case STEP_UNTIL:
        await(s, c, step);
        break;
    case STEP_FIN:
        shutdown(c->fd, SHUT_WR);
        break;
    case STEP_CLOSE:
    case STEP_RESET:
        if (step->kind == STEP_RESET)
            net_reset(c->fd);
        else
            close(c->fd);
        c->fd = -1;
        c->ended = true;
        break;
    default:
        break;
    }
}

/* The answer of a control socket, as lines of the transcript. */
static void show_answer(struct result *r, const char *command, char *answer)
{
    text_format(&r->transcript, "ask: %s\n", command);
    for (char *line = answer, *nl; line && *line; line = nl ? nl + 1 : NULL) {
        nl = strchr(line, '\n');
        if (nl)
            *nl = '\0';
        if (*line)
            text_format(&r->transcript, "answer: %s\n", line);
    }
}

/* The socket is a file in the directory; the command ends its session. */
static void ask(struct side *s, const struct step *step, struct result *r)
{
    char path[512];
    struct text filled = {0}, answer = {0};
    places_fill(&s->places, &filled, step->text.p, step->text.n);
    size_t name = strcspn(filled.p, " "), sent = 0;
    snprintf(path, sizeof path, "%s/%.*s", s->proxy.dir, (int)name, filled.p);
    const char *command = filled.p + name + (filled.p[name] == ' ');
    struct text out = {0};
    text_format(&out, "%s\n", command);
    int fd = net_connect_path(path);
    bool open = fd >= 0 && net_send(fd, &out, &sent);
    for (long end = net_now() + PATIENCE_MS; open && net_now() < end;) {
        turn(s, net_now() + 1);
        open = net_receive(fd, &answer) == NET_OPEN;
    }
    if (fd >= 0)
        close(fd);
    show_answer(r, command, fd >= 0 ? answer.p : (char[]){"no such socket"});
    text_free(&filled);
    text_free(&answer);
    text_free(&out);
}

static void run_client_steps(struct side *s, const struct exchange *x, struct result *r)
{
    struct client *c = &s->clients[0];
    for (unsigned i = 0; i < x->client.n; i++) {
        const struct step *step = &x->client.list[i];
        if (step->kind == STEP_CLIENT) {
            if (step->number < 1 || step->number > SIDE_CLIENTS)
                fail("case '%s': clients are 1 to %d", x->name, SIDE_CLIENTS);
            c = &s->clients[step->number - 1];
            continue;
        }
        if (step->kind == STEP_ASK) {
            ask(s, step, r);
            continue;
        }
        if (step->kind != STEP_PAUSE)
            open_client(s, c, r);
        if (step->kind == STEP_PAUSE || c->fd >= 0)
            run_client_step(s, c, step);
    }
}

static unsigned expected_responses(const struct exchange *x, const struct client *c)
{
    if (x->responses >= 0)
        return (unsigned)x->responses;
    return c->requests ? c->requests : 1;
}

/* Every client has its answers; did the proxy close the connections? */
static void await_rest(struct side *s, const struct exchange *x)
{
    for (unsigned i = 0; i < SIDE_CLIENTS; i++) {
        struct client *c = &s->clients[i];
        struct step all = {.kind = STEP_RECV, .number = (long)expected_responses(x, c)};
        if (c->used)
            await(s, c, &all);
    }
    long end = net_now() + CLOSE_MS;
    for (unsigned i = 0; i < SIDE_CLIENTS; i++) {
        struct client *c = &s->clients[i];
        bool announced = c->in.n && strcasestr(c->in.p, "\nconnection: close");
        while (c->used && c->fd >= 0 && !c->peer_closed && announced && net_now() < end)
            turn(s, end);
    }
    pause_for(s, x->tally || x->settled ? SETTLE_MS : QUIET_MS);
}

static void show_client(const struct client *c, unsigned number, struct text *to)
{
    char prefix[24];
    unsigned answered = 0;
    snprintf(prefix, sizeof prefix, number ? "client%u: " : "client: ", number + 1);
    for (size_t at = 0; at < c->in.n;) {
        struct message m = {.p = c->in.p + at,
                            .n = c->in.n - at,
                            .response = true,
                            .to_head = c->to_head[answered % 64]};
        enum message_state state = message_measure(&m);
        message_show(to, &m, prefix);
        if (state == MESSAGE_TUNNEL && m.n > m.size)
            message_show_bytes(to, prefix, m.p + m.size, m.n - m.size);
        if (state != MESSAGE_COMPLETE)
            break;
        answered += !m.interim;
        at += m.size;
    }
    text_format(to, "%sconnection %s\n", prefix,
                c->ended         ? "ended by us"
                : c->peer_reset  ? "reset"
                : c->peer_closed ? "closed"
                : c->gave_up     ? "open, and we gave up waiting"
                                 : "open");
}

/* The proxy is to notice before others come, or it counts these connections with theirs. */
static void take_leave(struct side *s)
{
    long end = net_now() + LEAVE_MS;
    for (unsigned i = 0; i < SIDE_CLIENTS; i++)
        if (s->clients[i].used && s->clients[i].fd >= 0)
            shutdown(s->clients[i].fd, SHUT_WR);
    for (unsigned i = 0; i < SIDE_CLIENTS; i++) {
        const struct client *c = &s->clients[i];
        while (c->used && c->fd >= 0 && !c->peer_closed && net_now() < end)
            turn(s, end);
    }
}

static void end_clients(struct side *s)
{
    take_leave(s);
    for (unsigned i = 0; i < SIDE_CLIENTS; i++) {
        struct client *c = &s->clients[i];
        if (c->used && c->fd >= 0)
            close(c->fd);
        text_free(&c->in);
        text_free(&c->out);
    }
    memset(s->clients, 0, sizeof s->clients);
}

/* A proxy that has not noticed yet would send the next request on one of these connections. */
static void end_servers(struct side *s)
{
    long end = net_now() + LEAVE_MS;
    origin_leave(&s->origin);
    while (!origin_is_alone(&s->origin) && net_now() < end)
        turn(s, end);
    origin_expect(&s->origin, NULL);
}

static void keep_client(const struct client *c, struct result *r)
{
    text_free(&r->first.in);
    r->first = *c;
    r->first.in = r->first.out = (struct text){0};
    text_add(&r->first.in, c->in.p, c->in.n);
}

static void keep_served(const struct side *s, struct result *r)
{
    for (r->nserved = 0; r->nserved < s->origin.nconns; r->nserved++)
        text_add(&r->served[r->nserved], s->origin.conns[r->nserved].in.p,
                 s->origin.conns[r->nserved].in.n);
    text_add(&r->logs, s->log_lines.p, s->log_lines.n);
}

static unsigned one_round(struct side *s, const struct exchange *x, struct result *r)
{
    unsigned logs = 0;
    run_client_steps(s, x, r);
    await_rest(s, x);
    for (unsigned i = 0; i < SIDE_CLIENTS; i++) {
        if (!s->clients[i].used)
            continue;
        logs += expected_responses(x, &s->clients[i]);
        if (!x->tally)
            show_client(&s->clients[i], i, &r->transcript);
    }
    keep_client(&s->clients[0], r);
    end_clients(s);
    return logs;
}

static void run_exchange(struct side *s, const struct exchange *x, struct result *r)
{
    unsigned logs = 0;
    origin_expect(&s->origin, x);
    text_clear(&s->log_lines);
    s->nlogs = 0;
    for (int i = 0; i < x->repeat; i++)
        logs += one_round(s, x, r);
    if (x->logs >= 0)
        logs = (unsigned)x->logs;
    for (long end = net_now() + LOG_MS; s->nlogs < logs && net_now() < end;)
        turn(s, end);
    pause_for(s, x->connections ? 2 * QUIET_MS : SETTLE_MS); /* proxies may close a bit later */
    origin_show(&s->origin, &r->transcript);
    if (!x->tally)
        text_add(&r->transcript, s->log_lines.p, s->log_lines.n);
    keep_served(s, r);
    for (unsigned i = 0; i < s->origin.nconns; i++)
        know(r, s->origin.conns[i].port, "@SOURCE@");
    end_servers(s);
    pause_for(s, SETTLE_MS);
}

static void set_up(struct side *s)
{
    origin_start(&s->origin);
    s->log = net_datagrams(&s->log_port);
    s->places = (struct places){.dir = s->proxy.dir};
    places_add(&s->places, s->log_port, "@LOG@");
    places_add(&s->places, s->origin.dead_port, "@DEAD@");
    for (unsigned i = 0; i < ORIGIN_SERVERS; i++)
        places_add(&s->places, s->origin.ports[i], "@SRV%u@", i + 1);
    for (unsigned i = 0; i < PROXY_PORTS; i++) {
        s->proxy.ports[i] = net_free_port();
        places_add(&s->places, s->proxy.ports[i], i ? "@LISTEN%u@" : "@LISTEN@", i + 1);
    }
}

/* What a proxy prints matters when it died, or when a sanitizer speaks. */
static void keep_complaints(struct side *s, bool died)
{
    struct text said = {0};
    if (!s->up)
        return;
    proxy_messages(&s->proxy, &said);
    if (died)
        text_put(&s->why, "it died\n");
    if (died || text_find(said.p, said.n, "Sanitizer") ||
        text_find(said.p, said.n, "runtime error"))
        text_add(&s->why, said.p, said.n);
    text_free(&said);
}

void side_run(struct side *s, const struct group *g)
{
    s->group = g;
    s->results = get((g->nexchanges + 1) * sizeof *s->results);
    set_up(s);
    s->up = proxy_start(&s->proxy, g, &s->places, &s->why);
    pause_for(s, SETTLE_MS);
    for (unsigned i = 0; s->up && i < g->nexchanges; i++) {
        struct result *r = &s->results[i];
        if (!proxy_is_alive(&s->proxy))
            break;
        know(r, (unsigned)s->proxy.pid, "@PID@");
        for (unsigned k = 0; k < s->places.n; k++)
            know(r, s->places.list[k].number, s->places.list[k].name);
        run_exchange(s, &g->exchanges[i], r);
        if (!proxy_is_alive(&s->proxy))
            text_put(&r->transcript, "the proxy died\n");
    }
    bool died = s->up && !proxy_is_alive(&s->proxy);
    proxy_stop(&s->proxy);
    keep_complaints(s, died);
    origin_stop(&s->origin);
    close(s->log);
}

void side_free(struct side *s)
{
    for (unsigned i = 0; i < s->group->nexchanges; i++) {
        struct result *r = &s->results[i];
        text_free(&r->transcript);
        text_free(&r->first.in);
        text_free(&r->logs);
        for (unsigned k = 0; k < r->nserved; k++)
            text_free(&r->served[k]);
        free(r->known);
    }
    free(s->results);
    text_free(&s->log_lines);
    text_free(&s->why);
}
