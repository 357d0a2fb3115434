/*
 * Names, what is asked about them, and what that leads to. See resolver.h.
 */
#include "nameserver.h"

#include "../base/macros.h"
#include "../base/random.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { BUCKETS = 256, KNOWN_MOST = 256, NAMES_MOST = 4096, RESENT_MOST = 64 };

struct px_section *px_sections;

static struct px_resolution *asked_by_id[BUCKETS];
static uint64_t seed; /* clients choose names: none of them may know how they are filed */

static uint64_t turns; /* of questions over TCP */

static void settle(struct px_resolution *x);
static void replace_stream(struct px_nameserver_state *ns, const struct px_resolution *for_whom);

/* ---- questions ---- */

static struct px_resolution **bucket_of(uint16_t id)
{
    return &asked_by_id[id % BUCKETS];
}

static struct px_resolution *find_asked(uint16_t id)
{
    struct px_resolution *x = *bucket_of(id);
    while (x && x->id != id)
        x = x->next_asked;
    return x;
}

static void begin_asking(struct px_resolution *x)
{
    if (x->asking)
        return;
    do {
        if (getrandom(&x->id, sizeof x->id, 0) != sizeof x->id)
            x->id++;
    } while (find_asked(x->id));
    struct px_resolution **bucket = bucket_of(x->id);
    x->next_asked = *bucket;
    *bucket = x;
    x->asking = true;
    x->turn = 0;
    x->section->asking++;
}

static void end_asking(struct px_resolution *x)
{
    if (!x->asking)
        return;
    struct px_resolution **at = bucket_of(x->id);
    while (*at != x)
        at = &(*at)->next_asked;
    *at = x->next_asked;
    x->asking = false;
    if (--x->section->asking)
        return;
    for (unsigned i = 0; i < x->section->nservers; i++)
        px_nameserver_rest(&x->section->servers[i]);
}

static bool send_question(struct px_nameserver_state *ns, struct px_resolution *x, bool by_stream)
{
    uint8_t question[PX_DNS_QUERY];
    if (by_stream && px_nameserver_end_stalled(ns))
        replace_stream(ns, x);
    if (by_stream)
        x->turn = ++turns;
    size_t len = px_dns_ask(question, x->id, x->name, x->asked, ns->section->line->payload);
    return px_nameserver_send(ns, question, len, by_stream);
}

/* Asks all name servers; what does not arrive is asked again by and by. */
static void ask(struct px_resolution *x, enum px_dns_type type)
{
    const struct px_section *s = x->section;
    x->asked = type;
    x->waits = x->cut = 0;
    x->answered = false;
    for (unsigned i = 0; i < s->nservers; i++) {
        struct px_nameserver_state *ns = &s->servers[i];
        if (send_question(ns, x, ns->by_stream))
            x->waits |= ns->bit;
    }
    px_arm(&x->timer, (uint64_t)s->line->timeout_retry);
}

/* ---- ends ---- */

static void forget(struct px_resolution *x, bool all)
{
    struct px_known **at = &x->known;
    uint64_t hold = (uint64_t)x->section->line->hold[PX_HOLD_OBSOLETE];
    while (*at) {
        struct px_known *k = *at;
        if (!all && k->seen + hold >= px_self->now) {
            at = &k->next;
            continue;
        }
        *at = k->next;
        free(k);
        x->nknown--;
    }
}

/* The next round begins later. */
static void rest(struct px_resolution *x)
{
    end_asking(x);
    px_arm(&x->timer, (uint64_t)x->section->line->timeout_resolve);
}

/* A requester may leave while it is told, and others may come. */
static void tell_failure(struct px_resolution *x)
{
    bool keep = false;
    struct px_requester *next;
    rest(x);
    x->telling = true;
    for (struct px_requester *r = x->requesters; r; r = next) {
        next = r->next;
        keep |= r->failed(r);
    }
    if (!keep)
        forget(x, true);
    x->telling = false;
    settle(x);
}

static void tell_success(struct px_resolution *x, struct px_nameserver_state *ns)
{
    struct px_requester *next;
    rest(x);
    x->telling = true;
    for (struct px_requester *r = x->requesters; r; r = next) {
        next = r->next;
        r->found(r, ns);
        ns = NULL;
    }
    x->telling = false;
    settle(x);
}

static uint64_t valid_until(const struct px_resolution *x)
{
    return x->valid + (uint64_t)x->section->line->hold[PX_HOLD_VALID];
}

bool px_resolver_is_fresh(const struct px_resolution *x)
{
    return x->status == PX_NAME_VALID && x->known && valid_until(x) > px_self->now;
}

void px_resolver_turn(struct px_resolution *x)
{
    struct px_known *first = x->known, **last = &x->known;
    if (!first || !first->next)
        return;
    x->known = first->next;
    while (*last)
        last = &(*last)->next;
    *last = first;
    first->next = NULL;
}

bool px_resolver_is_lost(const struct px_resolution *x)
{
    static const enum px_hold holds[] = {
        [PX_NAME_NEW] = PX_HOLD_OTHER,       [PX_NAME_VALID] = PX_HOLD_VALID,
        [PX_NAME_NX] = PX_HOLD_NX,           [PX_NAME_REFUSED] = PX_HOLD_REFUSED,
        [PX_NAME_TIMEOUT] = PX_HOLD_TIMEOUT, [PX_NAME_OTHER] = PX_HOLD_OTHER,
        [PX_NAME_INVALID] = PX_HOLD_OTHER,
    };
    uint64_t hold = (uint64_t)x->section->line->hold[holds[x->status]];
    return !x->valid || x->valid + hold <= px_self->now;
}

/* ---- answers ---- */

static bool is_same_record(const struct px_dns_record *a, const struct px_dns_record *b)
{
    if (a->type != b->type)
        return false;
    if (a->type == PX_DNS_SRV)
        return a->port == b->port && !strcmp(a->target, b->target);
    return !memcmp(a->ip, b->ip, sizeof a->ip);
}

static void learn(struct px_resolution *x, const struct px_dns_record *record)
{
    struct px_known **at = &x->known;
    while (*at && !is_same_record(&(*at)->record, record))
        at = &(*at)->next;
    if (!*at && x->nknown < KNOWN_MOST) {
        *at = calloc(1, sizeof **at);
        x->nknown += *at != NULL;
    }
    if (!*at)
        return;
    (*at)->record = *record;
    (*at)->seen = px_self->now;
}

static void count(struct px_nameserver_state *ns, const struct px_dns_answer *answer)
{
    struct px_dns_counters *c = &ns->counters;
    _Atomic uint64_t *const counters[] = {
        [PX_DNS_VALID] = &c->valid,     [PX_DNS_CNAME_ERROR] = &c->cname_error,
        [PX_DNS_EMPTY] = &c->any_error, [PX_DNS_NX] = &c->nx,
        [PX_DNS_REFUSED] = &c->refused, [PX_DNS_OTHER] = &c->other,
        [PX_DNS_INVALID] = &c->invalid, [PX_DNS_TRUNCATED] = &c->truncated,
    };
    ++*counters[answer->verdict];
    c->cname += answer->aliased;
}

static enum px_dns_status status_of(enum px_dns_verdict verdict)
{
    switch (verdict) {
    case PX_DNS_VALID:
        return PX_NAME_VALID;
    case PX_DNS_NX:
        return PX_NAME_NX;
    case PX_DNS_REFUSED:
        return PX_NAME_REFUSED;
    case PX_DNS_INVALID:
        return PX_NAME_INVALID;
    default:
        return PX_NAME_OTHER;
    }
}

/* HAProxy manual 5.3.2: where there is no such name, or no address of this family, the other one is
 * asked for. false: it was. */
static bool ask_for_other(struct px_resolution *x)
{
    if (x->asked != x->wanted || x->wanted == PX_DNS_SRV)
        return false;
    ask(x, x->wanted == PX_DNS_A ? PX_DNS_AAAA : PX_DNS_A);
    return true;
}

/* The error of the last name server counts; the same question is asked again after a while. */
static void take_error(struct px_resolution *x)
{
    if (!x->waits && !ask_for_other(x) && !x->tries)
        tell_failure(x);
}

/* RFC 7766 5: the same server gives the whole answer over TCP. false: it cannot be asked. */
static bool ask_for_all(struct px_nameserver_state *ns, struct px_resolution *x)
{
    if (ns->by_stream || (x->cut & ns->bit) || !send_question(ns, x, true))
        return false;
    x->cut |= ns->bit;
    x->waits |= ns->bit;
    px_arm(&x->timer, (uint64_t)x->section->line->timeout_retry);
    return true;
}

/* An answer that was cut. Does a better one follow? It may come twice, where the question did. */
static bool will_be_whole(struct px_nameserver_state *ns, struct px_resolution *x, bool by_stream)
{
    return (!by_stream && (x->cut & ns->bit)) || ask_for_all(ns, x);
}

static void take_answer(struct px_nameserver_state *ns, struct px_resolution *x,
                        const struct px_dns_answer *answer)
{
    x->waits &= ~ns->bit;
    x->answered = true;
    x->status = status_of(answer->verdict);
    if (answer->verdict != PX_DNS_VALID) {
        take_error(x);
        return;
    }
    x->valid = px_self->now;
    for (unsigned i = 0; i < answer->n; i++)
        learn(x, &answer->records[i]);
    forget(x, false);
    tell_success(x, ns);
}

bool px_resolver_take(struct px_nameserver_state *ns, const uint8_t *message, size_t len,
                      bool by_stream)
{
    static struct px_dns_answer answer;
    uint16_t id;
    if (!px_dns_id(message, len, &id)) {
        ns->counters.invalid++;
        return false;
    }
    struct px_resolution *x = find_asked(id);
    if (!x || x->section != ns->section) {
        ns->counters.outdated++;
        return false;
    }
    bool awaited = x->waits & ns->bit;
    px_dns_read(message, len, x->name, x->asked, &answer);
    count(ns, &answer);
    if (answer.verdict != PX_DNS_TRUNCATED || !will_be_whole(ns, x, by_stream))
        take_answer(ns, x, &answer);
    return awaited;
}

/* ---- streams that are lost ---- */

/* Does it wait for this stream? */
static bool waits_for(const struct px_resolution *x, const struct px_nameserver_state *ns)
{
    return x->section == ns->section && (x->waits & ns->bit) &&
           (ns->by_stream || (x->cut & ns->bit));
}

/* NULL: nobody waits. */
static struct px_resolution *first_asked(const struct px_nameserver_state *ns)
{
    struct px_resolution *first = NULL;
    for (unsigned i = 0; i < BUCKETS; i++)
        for (struct px_resolution *x = asked_by_id[i]; x; x = x->next_asked)
            if (waits_for(x, ns) && (!first || x->turn < first->turn))
                first = x;
    return first;
}

static void cannot_ask_for_all(struct px_nameserver_state *ns, struct px_resolution *x)
{
    x->waits &= ~ns->bit;
    x->answered = true;
    x->status = PX_NAME_OTHER;
    take_error(x);
}

/* Who waits may leave while it is told: so each bucket is begun again. */
static void give_up_all(struct px_nameserver_state *ns)
{
    for (unsigned i = 0; i < BUCKETS; i++)
        for (struct px_resolution *x = asked_by_id[i]; x;) {
            bool waits = waits_for(x, ns);
            if (waits)
                cannot_ask_for_all(ns, x);
            x = waits ? asked_by_id[i] : x->next_asked;
        }
}

void px_resolver_give_up(struct px_nameserver_state *ns, bool all)
{
    struct px_resolution *first = first_asked(ns);
    if (all)
        give_up_all(ns);
    else if (first)
        cannot_ask_for_all(ns, first);
}

static void ask_all_but(struct px_nameserver_state *ns, const struct px_resolution *one)
{
    unsigned n = 0;
    for (unsigned i = 0; i < BUCKETS; i++)
        for (struct px_resolution *x = asked_by_id[i]; x && n < RESENT_MOST; x = x->next_asked)
            n += x != one && waits_for(x, ns) && send_question(ns, x, true);
}

void px_resolver_ask_again(struct px_nameserver_state *ns, bool all)
{
    ask_all_but(ns, all ? NULL : first_asked(ns));
}

/* A new stream begins with the others. Where it is `for_whom` that nobody got an answer behind,
 * that one will be the last; else whose fault it seems to be has to wait. */
static void replace_stream(struct px_nameserver_state *ns, const struct px_resolution *for_whom)
{
    const struct px_resolution *first = first_asked(ns);
    bool own = first && for_whom->turn && for_whom->turn < first->turn;
    ask_all_but(ns, own ? NULL : first);
}

/* ---- time ---- */

static void begin(struct px_resolution *x)
{
    x->tries = x->section->line->retries;
    begin_asking(x);
    x->tries--;
    ask(x, x->wanted);
}

static void count_timeouts(const struct px_resolution *x)
{
    for (unsigned i = 0; i < x->section->nservers; i++)
        x->section->servers[i].counters.timeout++;
}

/* No good answer has come. */
static void try_again(struct px_resolution *x)
{
    if (!x->answered) {
        count_timeouts(x);
        x->status = PX_NAME_TIMEOUT;
    } else if (ask_for_other(x)) {
        return;
    }
    if (!x->tries) {
        tell_failure(x);
        return;
    }
    x->tries--;
    ask(x, x->wanted);
}

static void due(struct px_timer *timer)
{
    struct px_resolution *x = PX_OWNER(timer, struct px_resolution, timer);
    if (x->asking)
        try_again(x);
    else if (x->requesters)
        begin(x);
    else
        settle(x);
}

void px_resolver_ask(struct px_resolution *x)
{
    if (!x->asking)
        begin(x);
}

/* ---- requesters ---- */

/* Case does not count (RFC 4343). */
static struct px_resolution **bucket_of_name(struct px_section *s, const char *name)
{
    char lower[PX_DNS_NAME + 1];
    size_t n = 0;
    for (; name[n] && n < sizeof lower; n++)
        lower[n] = (char)(name[n] | 0x20);
    return &s->names[XXH3_64bits_withSeed(lower, n, seed) % PX_NAME_BUCKETS];
}

static struct px_resolution *resolution_new(struct px_section *s, const char *name,
                                            enum px_dns_type type)
{
    struct px_resolution *x = calloc(1, sizeof *x);
    char *copy = px_dns_name_fits(name) ? strdup(name) : NULL;
    if (!x || !copy) {
        free(x);
        free(copy);
        return NULL;
    }
    struct px_resolution **bucket = bucket_of_name(s, name);
    x->name = copy;
    x->section = s;
    x->wanted = type;
    x->timer.fire = due;
    x->next = *bucket;
    *bucket = x;
    s->nnames++;
    return x;
}

static void resolution_free(struct px_resolution *x)
{
    struct px_resolution **at = bucket_of_name(x->section, x->name);
    while (*at != x)
        at = &(*at)->next;
    *at = x->next;
    x->section->nnames--;
    px_timer_stop(&x->timer);
    end_asking(x);
    forget(x, true);
    free((char *)x->name);
    free(x);
}

/* Nobody may use it any more. */
static void settle(struct px_resolution *x)
{
    if (x->requesters || x->telling)
        return;
    if (!px_resolver_is_fresh(x)) {
        resolution_free(x);
        return;
    }
    end_asking(x);
    px_arm(&x->timer, valid_until(x) - px_self->now);
}

bool px_resolver_has_room(const struct px_resolvers *line)
{
    struct px_section *s = &px_sections[line->number];
    for (unsigned i = 0; i < PX_NAME_BUCKETS && s->nnames >= NAMES_MOST; i++) {
        struct px_resolution *next;
        for (struct px_resolution *x = s->names[i]; x; x = next) {
            next = x->next;
            if (!x->requesters && !x->telling)
                resolution_free(x);
        }
    }
    return s->nnames < NAMES_MOST;
}

static struct px_resolution *resolution_of(struct px_section *s, const char *name,
                                           enum px_dns_type type)
{
    struct px_resolution *x = *bucket_of_name(s, name);
    while (x && (x->wanted != type || strcasecmp(x->name, name)))
        x = x->next;
    return x ? x : resolution_new(s, name, type);
}

bool px_resolver_join(struct px_requester *r, const struct px_resolvers *line, const char *name,
                      enum px_dns_type type)
{
    struct px_resolution *x = resolution_of(&px_sections[line->number], name, type);
    if (x && x == r->of)
        return true;
    px_resolver_leave(r);
    if (!x)
        return false;
    if (!x->requesters && !x->telling && !x->asking)
        px_arm(&x->timer, 0);
    struct px_requester **last = &x->requesters;
    while (*last)
        last = &(*last)->next;
    *last = r;
    r->next = NULL;
    r->of = x;
    return true;
}

void px_resolver_leave(struct px_requester *r)
{
    struct px_resolution *x = r->of;
    if (!x)
        return;
    struct px_requester **at = &x->requesters;
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    r->of = NULL;
    settle(x);
}

/* ---- life ---- */

static const char *section_init(struct px_section *s, const struct px_resolvers *line)
{
    s->line = line;
    s->servers = calloc(PX_NAMESERVERS_MOST, sizeof *s->servers);
    s->buffer = malloc((size_t)line->payload + 1);
    if (!s->servers || !s->buffer)
        return "out of memory";
    for (unsigned i = 0; i < line->nservers; i++) {
        const char *why = px_nameserver_add(s, &line->servers[i]);
        if (why)
            return why;
    }
    return NULL;
}

const char *px_resolver_init(const struct px_resolvers **line)
{
    px_sections = calloc(px_program.nresolvers + 1u, sizeof *px_sections);
    seed = px_random();
    if (!px_sections)
        return "out of memory";
    for (unsigned i = 0; i < px_program.nresolvers; i++) {
        *line = &px_program.resolvers[i];
        const char *why = section_init(&px_sections[i], *line);
        if (why)
            return why;
    }
    return NULL;
}
