/*
 * Whether servers run. See health.h.
 *
 * A counter decides: each good check moves it towards rise + fall - 1, each bad one towards 0, and
 * where it passes `rise` the server changes sides and the counter goes all the way.
 */
#include "health.h"

#include "../base/macros.h"
#include "change.h"
#include "slot.h"

#include <stdlib.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
const struct px_health_listener *px_health_listener;
void (*px_health_hasten)(const struct px_server *srv);
void (*px_health_missed)(const struct px_server *srv);

void px_health_lock(void)
{
    pthread_mutex_lock(&lock);
}

void px_health_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

/* ---- statuses ---- */

static const struct {
    const char *code, *text;
    enum px_check_result result;
} statuses[] = {
#define PX_CHECK_STATUS(symbol, number, code, result, text)                                        \
    [number] = {code, text, PX_CHECK_##result},
#include "../abi/check_status.def"
#undef PX_CHECK_STATUS
};

const char *px_check_status_code(enum px_check_status status)
{
    return statuses[status].code;
}

const char *px_check_status_text(enum px_check_status status)
{
    return statuses[status].text;
}

enum px_check_result px_check_status_result(enum px_check_status status)
{
    return statuses[status].result;
}

void px_health_say(const struct px_server *srv, int level, const char *text)
{
    px_health_lock();
    if (px_health_listener)
        px_health_listener->say(srv, level, text);
    px_health_unlock();
}

/* ---- the start ---- */

enum { RISE = 2, FALL = 3 }; /* of servers that are not checked, too */

/* Unless told otherwise it is up, but the first failure counts as the last. */
int32_t px_health_untested(const struct px_server *srv)
{
    const struct px_checking *c = &px_server_state(srv)->check;
    const char *word = srv->init_state && c->state & PX_CHECK_ENABLED ? srv->init_state : "up";
    if (!strcmp(word, "fully-up"))
        return c->rise + c->fall - 1;
    if (!strcmp(word, "fully-down"))
        return 0;
    return strcmp(word, "down") ? c->rise : c->rise - 1;
}

static void checking_init(struct px_checking *c, int32_t rise, int32_t fall, unsigned state)
{
    c->rise = rise ? rise : RISE;
    c->fall = fall ? fall : FALL;
    c->health = c->rise;
    c->state = (uint8_t)state;
    c->status = PX_STATUS_INI;
}

static uint8_t observed_by(const char *layer)
{
    if (!layer || !strcmp(layer, "none"))
        return PX_OBSERVES_NOTHING;
    return strcmp(layer, "layer7") ? PX_OBSERVES_LAYER4 : PX_OBSERVES_LAYER7;
}

/* Its address is known, if it is to be known at all. */
static void server_init(const struct px_server *srv)
{
    struct px_server_state *st = px_server_state(srv);
    unsigned enabled = srv->check ? PX_CHECK_CONFIGURED | PX_CHECK_ENABLED : 0;
    unsigned agent = srv->agent ? PX_CHECK_CONFIGURED | PX_CHECK_ENABLED | PX_CHECK_AGENT : 0;
    checking_init(&st->check, srv->rise, srv->fall, enabled);
    checking_init(&st->agent, 1, 1, agent);
    st->agent_port = (uint16_t)srv->agent_port;
    st->check.health = px_health_untested(srv);
    st->operation = st->check.health < st->check.rise ? PX_SERVER_STOPPED : PX_SERVER_RUNNING;
    st->changed = (uint64_t)px_start_time;
    st->observes = observed_by(srv->observe);
    if (srv->disabled)
        st->admin |= PX_ADMIN_FORCED_MAINT | PX_ADMIN_CONFIGURED_MAINT;
    if (!st->address)
        st->admin |= PX_ADMIN_UNRESOLVED_MAINT;
    if (!(st->admin & PX_ADMIN_MAINT))
        return;
    st->operation = PX_SERVER_STOPPED;
    st->check.state |= PX_CHECK_PAUSED;
    st->check.health = 0;
}

static void tracker_init(const struct px_server *srv)
{
    struct px_server_state *st = px_server_state(srv);
    const struct px_server *leader = srv->track;
    if (!leader)
        return;
    st->next_tracker = px_server_state(leader)->trackers;
    px_server_state(leader)->trackers = srv;
    while (leader->track)
        leader = leader->track;
    bool maint = px_server_state(leader)->admin & PX_ADMIN_MAINT;
    if (leader->disabled && !srv->disabled) {
        st->operation = PX_SERVER_STOPPED;
        st->admin = PX_ADMIN_INHERITED_MAINT;
    } else if (!maint && px_server_state(leader)->operation == PX_SERVER_STOPPED) {
        st->operation = PX_SERVER_STOPPED; /* it has to pass checks first */
    }
}

static void each_server(void (*f)(const struct px_server *srv))
{
    for (unsigned i = 0; i < px_program.nproxies; i++)
        for (unsigned k = 0; k < px_program.proxies[i]->nservers; k++)
            f(px_program.proxies[i]->servers[k]);
}

bool px_health_init(const struct px_health_listener *listener)
{
    px_health_listener = listener;
    each_server(server_init);
    each_server(tracker_init);
    for (unsigned i = 0; i < px_program.nproxies; i++) {
        px_proxy_state(px_program.proxies[i])->changed = (uint64_t)px_start_time;
        if (px_program.proxies[i]->dispatch)
            px_server_state(px_program.proxies[i]->dispatch)->operation = PX_SERVER_RUNNING;
    }
    return px_weight_init();
}

/* ---- transitions ---- */

void px_trackers_each(const struct px_server *srv,
                      void (*f)(const struct px_server *srv, void *context), void *context)
{
    for (const struct px_server *t = px_server_state(srv)->trackers; t;
         t = px_server_state(t)->next_tracker)
        f(t, context);
}

void px_operation_note(const struct px_server *srv, enum px_operation operation)
{
    struct px_server_state *st = px_server_state(srv);
    uint64_t now = (uint64_t)(px_self->date_us / 1000000);
    if (st->operation == PX_SERVER_STOPPED && now > st->changed)
        st->downtime += now - st->changed;
    if (st->operation != PX_SERVER_STOPPED && operation == PX_SERVER_STOPPED)
        PX_COUNT_ONE(px_srv_counters(srv)->downs);
    st->operation = (uint8_t)operation;
    st->changed = now;
    st->changed_ms = px_self->now;
}

int px_requests_leave(const struct px_server *srv)
{
    const struct px_proxy *be = srv->proxy;
    if (px_health_listener && srv->on_marked_down)
        px_health_listener->cut(srv, 'D');
    return be->redispatch && !be->persist ? px_queue_expel(srv) : 0;
}

int px_requests_come(const struct px_server *srv)
{
    const struct px_proxy *be = srv->proxy;
    const struct px_server_state *st = px_server_state(srv);
    if (srv->on_marked_up && !srv->backup && st->share)
        for (unsigned i = 0; px_health_listener && i < be->nservers; i++)
            if (be->servers[i]->backup)
                px_health_listener->cut(be->servers[i], 'U');
    return st->share ? px_queue_pull(srv) : 0;
}

/* With "slowstart", a server that comes up gains weight first. */
static enum px_operation as_it_starts(const struct px_server *srv, enum px_operation before,
                                      enum px_operation operation)
{
    bool comes_up = operation == PX_SERVER_RUNNING && before == PX_SERVER_STOPPED;
    return comes_up && srv->slowstart ? PX_SERVER_STARTING : operation;
}

static bool is_up(enum px_operation operation)
{
    return operation == PX_SERVER_RUNNING || operation == PX_SERVER_STARTING;
}

static void follow(const struct px_server *srv, void *operation)
{
    px_operation_set(srv, *(enum px_operation *)operation, &(struct px_news){0});
}

static int requests_move(const struct px_server *srv, enum px_operation operation)
{
    if (operation == PX_SERVER_STOPPED)
        return px_requests_leave(srv);
    return is_up(operation) ? px_requests_come(srv) : 0;
}

void px_operation_set(const struct px_server *srv, enum px_operation operation,
                      const struct px_news *news)
{
    struct px_server_state *st = px_server_state(srv);
    enum px_operation before = st->operation;
    bool had_servers = px_has_servers(srv->proxy);
    if (st->admin & PX_ADMIN_MAINT || before == operation || (is_up(before) && is_up(operation)))
        return;
    px_operation_note(srv, as_it_starts(srv, before, operation));
    if (st->operation == PX_SERVER_STARTING)
        px_warmup_begin(srv);
    px_share_update(srv);
    struct px_news told = *news;
    told.requeued = requests_move(srv, operation);
    px_tell_operation(srv, before, &told);
    px_tell_proxy(srv->proxy, had_servers);
    px_tell_drain(srv);
    px_trackers_each(srv, follow, &operation);
}

/* ---- checks ---- */

static bool is_healthy(const struct px_checking *c)
{
    return !(c->state & PX_CHECK_ENABLED) || c->health >= c->rise;
}

static bool is_agent(const struct px_checking *c)
{
    return c->state & PX_CHECK_AGENT;
}

/* Moves the counter. Has it moved? An agent that cannot be asked has said nothing. */
static bool count(const struct px_server *srv, struct px_checking *c, const struct px_report *r)
{
    int32_t before = c->health, most = c->rise + c->fall - 1;
    if (is_agent(c) && r->status < PX_STATUS_L7OK)
        return false;
    if (r->result == PX_CHECK_FAILED && before > 0) {
        if (!is_agent(c))
            PX_COUNT_ONE(px_srv_counters(srv)->failed_checks);
        c->health = before - 1 < c->rise ? 0 : before - 1;
    } else if (r->result >= PX_CHECK_PASSED && before < most) {
        c->health = before + 1 >= c->rise ? most : before + 1;
    }
    return c->health != before;
}

static void note(struct px_checking *c, const struct px_report *r)
{
    c->result = (uint8_t)r->result;
    c->status = (uint8_t)r->status;
    c->code = r->code;
    c->duration_ms = r->duration_ms;
    c->info[0] = 0;
    if (r->info)
        strncat(c->info, r->info, sizeof c->info - 1);
}

/* What both checks together say of the server. */
static void conclude(const struct px_server *srv, struct px_checking *c, const struct px_report *r)
{
    struct px_server_state *st = px_server_state(srv);
    struct px_news news = {.report = srv->proxy->log_health_checks ? NULL : r};
    if (c->health < c->rise)
        px_operation_set(srv, PX_SERVER_STOPPED, &news);
    else if (!is_healthy(&st->check) || !is_healthy(&st->agent))
        return;
    else if (r->result == PX_CHECK_CONDITIONAL && is_up(st->operation))
        px_operation_set(srv, PX_SERVER_STOPPING, &news);
    else if (r->result == PX_CHECK_PASSED && !(is_agent(c) && st->operation == PX_SERVER_STOPPING))
        px_operation_set(srv, PX_SERVER_RUNNING, &news);
}

void px_check_note(const struct px_server *srv, struct px_checking *c, const struct px_report *r)
{
    bool news = c->status != r->status;
    note(c, r);
    /* Agents are asked during maintenance, too. */
    if (r->result < PX_CHECK_FAILED ||
        (px_server_state(srv)->admin & PX_ADMIN_MAINT && !is_agent(c)))
        return;
    news |= count(srv, c, r);
    if (news && srv->proxy->log_health_checks)
        px_tell_check(srv, c, r);
    conclude(srv, c, r);
}

void px_health_report(const struct px_server *srv, const struct px_report *r)
{
    struct px_server_state *st = px_server_state(srv);
    if (r->result >= PX_CHECK_PASSED)
        st->errors = 0;
    px_health_lock();
    px_check_note(srv, &st->check, r);
    px_health_unlock();
}

void px_agent_report(const struct px_server *srv, const struct px_report *r)
{
    px_health_lock();
    px_check_note(srv, &px_server_state(srv)->agent, r);
    px_health_unlock();
}

/* The counters, too, begin anew. */
static void restart_counter(struct px_checking *c, enum px_operation operation)
{
    c->health = operation == PX_SERVER_STOPPED ? 0 : c->rise + c->fall - 1;
}

void px_health_force(const struct px_server *srv, enum px_operation operation, const char *cause)
{
    struct px_news news = {.cause = cause};
    px_health_lock();
    restart_counter(&px_server_state(srv)->check, operation);
    px_operation_set(srv, operation, &news);
    px_health_unlock();
}

void px_agent_force(const struct px_server *srv, enum px_operation operation, const char *cause)
{
    struct px_server_state *st = px_server_state(srv);
    struct px_news news = {.cause = cause};
    px_health_lock();
    restart_counter(&st->agent, operation);
    if (operation == PX_SERVER_STOPPED ||
        (is_healthy(&st->check) && st->operation != PX_SERVER_STOPPING))
        px_operation_set(srv, operation, &news);
    px_health_unlock();
}

void px_checking_enable(struct px_checking *c, bool enable)
{
    px_health_lock();
    if (enable)
        c->state |= PX_CHECK_ENABLED;
    else
        c->state &= (uint8_t)~PX_CHECK_ENABLED;
    px_health_unlock();
}

/* ---- times ---- */

static uint64_t since(uint64_t second)
{
    uint64_t now = (uint64_t)(px_self->date_us / 1000000);
    return now > second ? now - second : 0;
}

uint64_t px_downtime(const struct px_server *srv)
{
    const struct px_server_state *st = px_server_state(srv);
    return st->downtime + (st->operation == PX_SERVER_STOPPED ? since(st->changed) : 0);
}

uint64_t px_proxy_downtime(const struct px_proxy *be)
{
    const struct px_proxy_state *st = px_proxy_state(be);
    return st->downtime + (be->nservers && !px_has_servers(be) ? since(st->changed) : 0);
}

/* ---- limits ---- */

const char *px_limit_read(const char *text, uint32_t *n)
{
    enum { MOST = 1 << 30 };
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text)
        return "maxconn string empty or preceded by garbage";
    if (*end)
        return "Trailing garbage in maxconn string";
    if (value < 0 || value > MOST)
        return "Value out of range.";
    *n = (uint32_t)value;
    return NULL;
}

void px_maxconn_set(const struct px_server *srv, uint32_t maxconn)
{
    px_server_state(srv)->maxconn = maxconn;
    px_load_changed(srv);
    px_queue_pull(srv);
}
