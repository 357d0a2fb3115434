/*
 * Slots and queues. See slot.h.
 *
 * The lock of a backend's queues is only taken when somebody waits: releasing a slot looks at the
 * two queue lengths first. Joining looks again after having joined, so no free slot is missed.
 */
#include "slot.h"

#include "../base/macros.h"
#include "../base/mem.h"
#include "health.h"
#include "lb.h"
#include "room.h"

static _Thread_local struct px_pool waitings = PX_POOL(struct px_waiting);

/* HAProxy manual, "minconn": on a ramp that reaches its end where the backend has fullconn
 * requests. */
static uint32_t on_ramp(const struct px_server *srv, uint32_t most)
{
    const struct px_proxy_state *be = px_proxy_state(srv->proxy);
    uint64_t load = be->be_conns.now, least = (uint32_t)srv->minconn;
    if (load >= be->fullconn || least >= most)
        return most;
    uint64_t now = load * most / be->fullconn;
    return (uint32_t)(now > least ? now : least);
}

static bool has_ramp(const struct px_server *srv)
{
    return srv->minconn && srv->minconn < srv->maxconn;
}

static bool is_dynamic(const struct px_server *srv)
{
    return has_ramp(srv) || px_server_state(srv)->operation == PX_SERVER_STARTING;
}

uint32_t px_server_limit_now(const struct px_server *srv, uint32_t most)
{
    if (PX_LIKELY(!is_dynamic(srv)))
        return most;
    if (has_ramp(srv))
        most = on_ramp(srv, most);
    if (px_server_state(srv)->operation == PX_SERVER_STARTING)
        most = (uint32_t)((uint64_t)most * px_slots_percent(srv) / 100);
    return most ? most : 1;
}

void px_load_changed(const struct px_server *srv)
{
    const struct px_lb *lb = srv->proxy->lb;
    px_room_update(srv);
    if (lb && lb->moved)
        lb->moved(srv);
}

/* Servers without a limit always have room. */
static inline bool served_matters(const struct px_server *srv)
{
    const struct px_lb *lb = srv->proxy->lb;
    return atomic_load_explicit(&px_server_state(srv)->maxconn, memory_order_relaxed) ||
           srv->proxy->hash_balance_factor || (lb && lb->moved);
}

static PX_ASIDE void served_changed(const struct px_server *srv, uint32_t by)
{
    if (PX_UNLIKELY(srv->proxy->hash_balance_factor))
        atomic_fetch_add_explicit(&px_proxy_state(srv->proxy)->served, by, memory_order_relaxed);
    px_load_changed(srv);
}

bool px_slot_take(const struct px_server *srv)
{
    if (!px_level_take(&px_server_state(srv)->served, px_server_limit(srv)))
        return false;
    if (served_matters(srv))
        served_changed(srv, 1);
    return true;
}

static void waiting_delivered(struct px_note *note)
{
    struct px_waiting *w = PX_OWNER(note, struct px_waiting, note);
    if (!w->left)
        w->grant(w);
    else if (w->granted)
        px_slot_release(w->granted);
    px_pool_put(&waitings, w);
}

static void queue_unlink(struct px_queue *q, struct px_waiting *w)
{
    px_queue_drop(q, w);
    if (w->wanted)
        px_load_changed(w->wanted);
}

static void queue_insert(struct px_queue *q, struct px_waiting *w)
{
    px_queue_put(q, w);
    if (w->wanted)
        px_load_changed(w->wanted);
}

static struct px_queue *queue_of(const struct px_waiting *w)
{
    return w->wanted ? &px_server_state(w->wanted)->queue : &px_proxy_state(w->be)->queue;
}

/* Who comes first among those that srv may serve. A server that balancing would pass over, and be
 * it down, serves only those that want no other. */
static struct px_waiting *queue_next(const struct px_server *srv)
{
    struct px_waiting *own = px_server_state(srv)->queue.first;
    struct px_waiting *any = px_proxy_state(srv->proxy)->queue.first;
    if (any && !px_server_in_use(srv))
        any = NULL;
    if (!own || !any)
        return own ? own : any;
    return px_waiting_is_before(own, any) ? own : any;
}

/* The lock is held. Takes the next waiter that srv can serve, if srv has a slot for it. */
static struct px_waiting *queue_take(const struct px_server *srv)
{
    struct px_waiting *w = queue_next(srv);
    if (!w || !px_slot_take(srv))
        return NULL;
    queue_unlink(queue_of(w), w);
    queue_of(w)->granted++;
    w->granted = srv;
    return w;
}

static bool queue_serve(const struct px_server *srv)
{
    struct px_proxy_state *be = px_proxy_state(srv->proxy);
    pthread_mutex_lock(&be->queue_lock);
    struct px_waiting *w = queue_take(srv);
    pthread_mutex_unlock(&be->queue_lock);
    if (w)
        px_loop_post(w->loop, &w->note);
    return w;
}

int px_queue_pull(const struct px_server *srv)
{
    int n = 0;
    while (queue_serve(srv))
        n++;
    return n;
}

int px_queue_expel(const struct px_server *srv)
{
    struct px_proxy_state *be = px_proxy_state(srv->proxy);
    struct px_queue *q = &px_server_state(srv)->queue;
    int n = 0;
    pthread_mutex_lock(&be->queue_lock);
    for (struct px_waiting *w = q->first, *next; w; w = next) {
        next = w->next;
        if (w->rank.insists)
            continue;
        queue_unlink(q, w);
        w->granted = NULL;
        px_loop_post(w->loop, &w->note);
        n++;
    }
    pthread_mutex_unlock(&be->queue_lock);
    return n;
}

/* One slot has become free; or several, if the limit has gone up meanwhile. */
static void serve_next(const struct px_server *srv)
{
    if (queue_serve(srv) && is_dynamic(srv))
        px_queue_pull(srv);
}

void px_slot_release(const struct px_server *srv)
{
    struct px_server_state *st = px_server_state(srv);
    px_level_down(&st->served);
    if (served_matters(srv))
        served_changed(srv, UINT32_MAX);
    if (PX_UNLIKELY(st->queue.length.now || px_proxy_state(srv->proxy)->queue.length.now))
        serve_next(srv);
}

/* A slot has become free, perhaps, before somebody could see that there is a queue. */
static void serve_any(const struct px_proxy *be)
{
    const struct px_server *srv;
    for (unsigned i = 0; i < be->nservers && px_proxy_state(be)->queue.length.now; i++)
        if (!(srv = px_lb_any(be)) || queue_serve(srv))
            return;
}

struct px_waiting *px_queue_join(const struct px_proxy *be, const struct px_server *wanted,
                                 struct px_rank rank, void (*grant)(struct px_waiting *),
                                 void *owner)
{
    struct px_waiting *w = px_pool_get(&waitings);
    if (!w)
        return NULL;
    *w = (struct px_waiting){.loop = px_self,
                             .be = be,
                             .wanted = wanted,
                             .rank = rank,
                             .grant = grant,
                             .owner = owner,
                             .note.deliver = waiting_delivered};
    struct px_proxy_state *st = px_proxy_state(be);
    pthread_mutex_lock(&st->queue_lock);
    w->turn = st->joined++;
    queue_insert(queue_of(w), w);
    pthread_mutex_unlock(&st->queue_lock);
    if (wanted)
        queue_serve(wanted);
    else
        serve_any(be);
    return w;
}

uint32_t px_queue_leave(struct px_waiting *w)
{
    struct px_proxy_state *st = px_proxy_state(w->be);
    pthread_mutex_lock(&st->queue_lock);
    bool queued = w->link;
    if (queued)
        queue_unlink(queue_of(w), w);
    uint32_t passed = w->passed;
    pthread_mutex_unlock(&st->queue_lock);
    if (queued)
        px_pool_put(&waitings, w);
    else
        w->left = true; /* the grant is on its way and releases w */
    return passed;
}
