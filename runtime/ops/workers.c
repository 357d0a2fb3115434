/*
 * Threads. See workers.h.
 */
#include "workers.h"

#include "../base/macros.h"
#include "../net/listener.h"
#include "../txn/txn.h"
#include "../upstream/back.h"
#include "message.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { STACK_BYTES = 512 << 10 };

struct order_note {
    struct px_note note;
    enum px_order order;
};

struct worker {
    struct px_loop loop;
    struct px_listener *listeners; /* one for each bind line that this thread serves */
    unsigned nlisteners;
    pthread_t thread;
};

struct opened {
    int *fds;
    unsigned n; /* 1: all threads share it */
};

static struct worker *workers;
static unsigned nworkers;
static struct opened *opened; /* by px_bind.number */

/* ---- sockets ---- */

static unsigned sockets_of(const struct px_bind *b, unsigned nthreads, bool share)
{
    bool one = share || !b->proxy || b->addr.family == PX_AF_UNIX ||
               b->addr.family == PX_AF_ABNS || b->addr.family == PX_AF_FD;
    return one ? 1 : nthreads;
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

static bool socket_open(const struct px_bind *b, unsigned nthreads, bool share)
{
    struct opened *o = &opened[b->number];
    unsigned most = sockets_of(b, nthreads, share);
    char why[256];
    o->fds = calloc(most, sizeof *o->fds);
    o->n = o->fds ? px_listen(b, most, o->fds, why, sizeof why) : 0;
    if (!o->n)
        say_refused(b, o->fds ? why : "out of memory");
    return o->n;
}

bool px_sockets_open(unsigned nthreads, bool share)
{
    bool done = true;
    opened = calloc(px_program.nbinds + 1, sizeof *opened);
    for (unsigned i = 0; opened && i < px_program.nbinds; i++)
        if (!is_off(px_program.binds[i]) && !socket_open(px_program.binds[i], nthreads, share))
            done = false;
    if (!opened || !done)
        px_alert("[haproxy.main()] Some protocols failed to start their listeners! Exiting.");
    return opened && done;
}

/* ---- threads ---- */

bool px_workers_init(unsigned nthreads)
{
    workers = calloc(nthreads, sizeof *workers);
    nworkers = nthreads;
    for (unsigned i = 0; workers && i < nthreads; i++) {
        workers[i].listeners = calloc(px_program.nbinds + 1, sizeof *workers[i].listeners);
        if (!workers[i].listeners || !px_loop_init(&workers[i].loop, i)) {
            px_alert("Cannot start thread %u: %s.", i, strerror(errno));
            return false;
        }
    }
    if (!workers)
        px_alert("Cannot start: out of memory.");
    else
        px_self = &workers[0].loop;
    return workers;
}

/* The control socket belongs to the first thread. */
static bool listen_here(struct worker *w)
{
    for (unsigned i = 0; i < px_program.nbinds; i++) {
        const struct px_bind *b = px_program.binds[i];
        const struct opened *o = &opened[b->number];
        if (!o->n || (!b->proxy && w->loop.number))
            continue;
        bool shared = o->n == 1 && b->proxy && nworkers > 1;
        int fd = o->fds[o->n == 1 ? 0 : w->loop.number];
        if (!px_listener_start(&w->listeners[w->nlisteners++], b, fd, shared))
            return false;
    }
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

void px_workers_run(void)
{
    px_loop_run(&workers[0].loop);
    for (unsigned i = 1; i < nworkers; i++)
        pthread_join(workers[i].thread, NULL);
}

/* ---- orders ---- */

static void close_idle(struct px_client *c)
{
    if (!c->txn && !c->lingering)
        px_client_close(c, false);
}

static void cut(struct px_client *c)
{
    if (c->txn)
        px_txn_cut(c->txn);
    else
        px_client_reset(c);
}

static void follow(struct worker *w, enum px_order order)
{
    for (unsigned i = 0; i < w->nlisteners; i++) {
        struct px_listener *l = &w->listeners[i];
        if (order == PX_CLOSE_LISTENERS && l->bind->proxy)
            px_listener_stop(l);
        else if (order == PX_PAUSE_LISTENERS)
            px_listener_suspend(l);
        else if (order == PX_RESUME_LISTENERS)
            px_listener_resume(l);
    }
    if (order == PX_CLOSE_LISTENERS) {
        px_clients_each(close_idle);
        px_back_drop_idle();
    } else if (order == PX_CUT_CLIENTS) {
        px_clients_each(cut);
    } else if (order == PX_LEAVE) {
        w->loop.stop = true;
    }
}

static void order_delivered(struct px_note *note)
{
    struct order_note *o = PX_OWNER(note, struct order_note, note);
    follow(PX_OWNER(px_self, struct worker, loop), o->order);
    free(o);
}

void px_workers_order(enum px_order order)
{
    for (unsigned i = 0; i < nworkers; i++) {
        struct order_note *o = malloc(sizeof *o);
        if (!o)
            continue; /* a later order will find memory, or the process is lost anyway */
        *o = (struct order_note){.note.deliver = order_delivered, .order = order};
        px_loop_post(&workers[i].loop, &o->note);
    }
}
