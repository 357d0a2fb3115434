/*
 * Threads. See workers.h.
 */
#include "workers.h"

#include "../base/macros.h"
#include "../loop/grace.h"
#include "../net/listener.h"
#include "../txn/txn.h"
#include "../upstream/back.h"
#include "../upstream/check.h"
#include "message.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STACK_BYTES = 512 << 10, TRIES = 100, TRY_US = 10000 };

struct order_note {
    struct px_note note;
    enum px_order order;
    const struct px_server *server; /* PX_CUT_SERVER */
    char cause;                     /* likewise */
    const struct px_proxy *frontend; /* only its listeners; NULL: all */
};

struct worker {
    struct px_loop loop;
    struct px_listener *listeners; /* one for each socket that this thread serves */
    unsigned nlisteners;
    pthread_t thread;
};

/* The sockets of a bind line, and how many threads watch each. */
struct opened {
    struct px_sockets sockets;
    _Atomic unsigned *holders;
};

static struct worker *workers;
static unsigned nworkers;
static struct px_loop **loops;
static struct opened *opened; /* by px_bind.number */

/* ---- sockets ---- */

static bool may_serve(const struct px_bind *b, unsigned thread)
{
    return !b->threads || (b->threads >> thread & 1);
}

/* How many of the threads 0 .. n-1 may serve that line. */
static unsigned threads_of(const struct px_bind *b, unsigned n)
{
    unsigned count = 0;
    for (unsigned i = 0; i < n; i++)
        count += may_serve(b, i);
    return count;
}

static unsigned sockets_of(const struct px_bind *b, unsigned nthreads, bool share)
{
    unsigned n = threads_of(b, nthreads), shards = (unsigned)b->shards;
    bool one = share || !b->proxy || b->addr.family == PX_AF_UNIX || b->addr.family == PX_AF_ABNS ||
               b->addr.family == PX_AF_FD;
    if (one && n)
        return 1;
    return shards && shards < n ? shards : n;
}

static bool is_off(const struct px_bind *b)
{
    return b->proxy && b->proxy->disabled;
}

unsigned px_sockets_needed(unsigned nthreads, bool share)
{
    unsigned n = 0;
    for (unsigned i = 0; i < px_program.nbinds; i++)
        n += is_off(px_program.binds[i]) ? 0 : sockets_of(px_program.binds[i], nthreads, share);
    return n;
}

static void say_refused(const struct px_bind *b, const char *why)
{
    const char *what = !b->proxy ? "proxy" : b->proxy->caps & PX_BACKEND ? "proxy" : "frontend";
    px_alert("Binding [%s:%u] for %s %s: %s", b->file, b->line, what,
             b->proxy ? b->proxy->name : "GLOBAL", why);
}

/* The control socket belongs to the first of its threads. */
static unsigned servers_of(const struct px_bind *b, unsigned nthreads)
{
    unsigned n = threads_of(b, nthreads);
    return b->proxy || !n ? n : 1;
}

/* Socket k is watched by every n-th thread from the k-th on, where there are fewer sockets than
 * threads, else by one thread. */
static unsigned holders_of(const struct opened *o, unsigned k, unsigned nthreads)
{
    return k >= nthreads ? 1 : (nthreads - k - 1) / o->sockets.n + 1;
}

static bool opened_count(struct opened *o, const struct px_bind *b, unsigned nthreads)
{
    o->holders = calloc(o->sockets.n, sizeof *o->holders);
    for (unsigned k = 0; o->holders && k < o->sockets.n; k++)
        o->holders[k] = holders_of(o, k, servers_of(b, nthreads));
    return o->holders;
}

static bool socket_open(const struct px_bind *b, const struct px_opening *how, bool last_try,
                        bool *in_use)
{
    struct opened *o = &opened[b->number];
    struct px_refusal why;
    if (o->sockets.n)
        return true;
    if (!threads_of(b, how->nthreads)) {
        say_refused(b, "none of its threads exists");
        return false;
    }
    if (px_listen(b, sockets_of(b, how->nthreads, how->alone), how->alone, &o->sockets, &why) &&
        opened_count(o, b, how->nthreads))
        return true;
    *in_use |= why.in_use;
    if (last_try || !why.in_use)
        say_refused(b, why.text);
    return false;
}

/* true: all are open. *in_use: at least one is held by somebody else. */
static bool open_missing(const struct px_opening *how, bool last_try, bool *in_use)
{
    bool done = true;
    *in_use = false;
    for (unsigned i = 0; i < px_program.nbinds; i++)
        if (!is_off(px_program.binds[i]) &&
            !socket_open(px_program.binds[i], how, last_try, in_use))
            done = false;
    return done;
}

static bool open_all(const struct px_opening *how)
{
    bool in_use;
    if (!how->make_room)
        return open_missing(how, true, &in_use);
    if (open_missing(how, false, &in_use))
        return true;
    if (!in_use)
        return false;
    how->make_room(true);
    for (unsigned i = 0; i < TRIES; i++) {
        if (open_missing(how, i + 1 == TRIES, &in_use))
            return true;
        usleep(TRY_US);
    }
    how->make_room(false);
    return false;
}

bool px_sockets_open(const struct px_opening *how)
{
    if (!opened)
        opened = calloc(px_program.nbinds + 1, sizeof *opened);
    if (opened && open_all(how))
        return true;
    px_alert("[haproxy.main()] Some protocols failed to start their listeners! Exiting.");
    return false;
}

void px_sockets_each(void (*f)(int fd, void *ctx), void *ctx)
{
    for (unsigned i = 0; opened && i < px_program.nbinds; i++)
        for (unsigned k = 0; px_program.binds[i]->proxy && k < opened[i].sockets.n; k++)
            f(opened[i].sockets.fds[k], ctx);
}

/* ---- threads ---- */

static unsigned sockets_open(void)
{
    unsigned n = 0;
    for (unsigned i = 0; i < px_program.nbinds; i++)
        n += opened[i].sockets.n;
    return n;
}

bool px_workers_init(unsigned nthreads)
{
    workers = calloc(nthreads, sizeof *workers);
    loops = calloc(nthreads, sizeof *loops);
    nworkers = nthreads;
    for (unsigned i = 0; workers && i < nthreads; i++) {
        workers[i].listeners = calloc(sockets_open() + 1, sizeof *workers[i].listeners);
        if (!workers[i].listeners || !px_loop_init(&workers[i].loop, i)) {
            px_alert("Cannot start thread %u: %s.", i, strerror(errno));
            return false;
        }
    }
    if (!workers || !loops) {
        px_alert("Cannot start: out of memory.");
        return false;
    }
    for (unsigned i = 0; i < nthreads; i++)
        loops[i] = &workers[i].loop;
    px_grace_init(loops, nthreads);
    px_self = &workers[0].loop;
    return true;
}

static bool listen_to(struct worker *w, const struct px_bind *b)
{
    struct opened *o = &opened[b->number];
    unsigned n = o->sockets.n, place = threads_of(b, w->loop.number);
    unsigned servers = servers_of(b, nworkers);
    if (!n || !may_serve(b, w->loop.number) || place >= servers)
        return true;
    for (unsigned k = place % n; k < n; k += servers) {
        struct px_listener *l = &w->listeners[w->nlisteners++];
        if (!px_listener_start(l, b, o->sockets.fds[k], &o->holders[k]))
            return false;
    }
    return true;
}

static bool listen_here(struct worker *w)
{
    for (unsigned i = 0; i < px_program.nbinds; i++)
        if (!listen_to(w, px_program.binds[i]))
            return false;
    return px_back_init();
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    px_self = &w->loop;
    if (listen_here(w))
        px_loop_run(&w->loop);
    return NULL;
}

bool px_workers_start(void)
{
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    for (unsigned i = 1; i < nworkers; i++) {
        int err = pthread_create(&workers[i].thread, &attr, worker_main, &workers[i]);
        if (err) {
            px_alert("Cannot start thread %u: %s.", i, strerror(err));
            return false;
        }
    }
    pthread_attr_destroy(&attr);
    if (listen_here(&workers[0]))
        return true;
    px_alert("Cannot listen: %s.", strerror(errno));
    return false;
}

bool px_workers_check(void)
{
    if (!px_program.checks || px_program.checks->start(loops, nworkers))
        return true;
    px_alert("Cannot start checks: out of memory.");
    return false;
}

void px_workers_run(void)
{
    px_loop_run(&workers[0].loop);
    for (unsigned i = 1; i < nworkers; i++)
        pthread_join(workers[i].thread, NULL);
}

/* ---- orders ---- */

/* Who has just come and not asked yet still gets an answer, and so does who has asked again. */
static void close_idle(struct px_client *c)
{
    bool asks = c->txn || c->sock.in || (c->sock.state & PX_S_READABLE);
    bool stays = asks || c->lingering || !c->requests;
    if (!stays && !c->bind->proxy->idle_close_on_response)
        px_client_close(c, false);
}

static void cut(struct px_client *c)
{
    if (c->txn)
        px_txn_cut(c->txn, 'K');
    else
        px_client_reset(c);
}

static _Thread_local const struct px_server *ending;
static _Thread_local char ending_cause;

/* Nobody who only waits for it. */
static void cut_if_served(struct px_client *c)
{
    if (c->txn && c->txn->srv == ending && c->txn->stage < PX_STAGE_END)
        px_txn_cut(c->txn, ending_cause);
}

static void follow(struct worker *w, enum px_order order, const struct px_proxy *frontend)
{
    for (unsigned i = 0; i < w->nlisteners; i++) {
        struct px_listener *l = &w->listeners[i];
        if (frontend && l->bind->proxy != frontend)
            continue;
        if (order == PX_CLOSE_LISTENERS && l->bind->proxy)
            px_listener_stop(l);
        else if (order == PX_PAUSE_LISTENERS)
            px_listener_suspend(l);
        else if (order == PX_RESUME_LISTENERS)
            px_listener_resume(l);
    }
    if (frontend)
        return;
    if (order == PX_CLOSE_LISTENERS) {
        px_clients_each(close_idle);
        px_back_drop_idle();
    } else if (order == PX_CUT_CLIENTS) {
        px_clients_each(cut);
    } else if (order == PX_CUT_SERVER) {
        px_clients_each(cut_if_served);
    } else if (order == PX_LEAVE) {
        w->loop.stop = true;
    }
}

static void order_delivered(struct px_note *note)
{
    struct order_note *o = PX_OWNER(note, struct order_note, note);
    ending = o->server;
    ending_cause = o->cause;
    follow(PX_OWNER(px_self, struct worker, loop), o->order, o->frontend);
    free(o);
}

static void order_all(const struct order_note *order)
{
    for (unsigned i = 0; i < nworkers; i++) {
        struct order_note *o = malloc(sizeof *o);
        if (!o)
            continue; /* a later order will find memory, or the process is lost anyway */
        *o = *order;
        o->note = (struct px_note){.deliver = order_delivered};
        px_loop_post(&workers[i].loop, &o->note);
    }
}

void px_workers_order(enum px_order order)
{
    order_all(&(struct order_note){.order = order});
}

void px_workers_order_frontend(enum px_order order, const struct px_proxy *frontend)
{
    order_all(&(struct order_note){.order = order, .frontend = frontend});
}

void px_workers_cut_server(const struct px_server *server, char cause)
{
    order_all(&(struct order_note){.order = PX_CUT_SERVER, .server = server, .cause = cause});
}
