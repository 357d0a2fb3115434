/*
 * Names that requests bring. See lookup.h.
 *
 * A lookup travels as a note to the first loop and back. In between it belongs to that loop, except
 * for what tells who waits for it.
 */
#include "lookup.h"

#include "../base/macros.h"

#include <string.h>

static struct px_loop *home;

/* ---- back ---- */

static void come_back(struct px_note *note)
{
    struct px_lookup *l = PX_OWNER(note, struct px_lookup, note);
    l->over = true;
    if (l->user)
        l->told(l->user);
    else
        free(l);
}

static void send_back(struct px_lookup *l)
{
    l->note.deliver = come_back;
    px_loop_post(l->asker, &l->note);
}

/* ---- on the first loop ---- */

/* The first address of the family that is preferred, or else of the other one. */
static const struct px_dns_record *choose(const struct px_resolution *x, uint8_t family)
{
    const struct px_dns_record *other = NULL;
    for (const struct px_known *k = x->known; k; k = k->next) {
        if (k->record.family == family)
            return &k->record;
        if (!other)
            other = &k->record;
    }
    return other;
}

static void take_address(struct px_lookup *l, const struct px_dns_record *r)
{
    bool v4 = r->family == AF_INET;
    l->address.type = v4 ? PX_IPV4 : PX_IPV6;
    memcpy(&l->address.u, r->ip, v4 ? 4 : 16);
}

static void found(struct px_requester *r, struct px_nameserver_state *ns)
{
    struct px_lookup *l = PX_OWNER(r, struct px_lookup, req);
    const struct px_dns_record *best = choose(r->of, l->prefers);
    (void)ns;
    if (best)
        take_address(l, best);
    px_resolver_turn(r->of);
    px_resolver_leave(r);
    send_back(l);
}

static bool failed(struct px_requester *r)
{
    px_resolver_leave(r);
    send_back(PX_OWNER(r, struct px_lookup, req));
    return false;
}

static void look(struct px_note *note)
{
    struct px_lookup *l = PX_OWNER(note, struct px_lookup, note);
    enum px_dns_type type = l->prefers == AF_INET ? PX_DNS_A : PX_DNS_AAAA;
    l->req.found = found;
    l->req.failed = failed;
    if (!px_resolver_has_room(l->line) || !px_resolver_join(&l->req, l->line, l->name, type))
        send_back(l);
    else if (px_resolver_is_fresh(l->req.of))
        found(&l->req, NULL);
    else
        px_resolver_ask(l->req.of);
}

/* ---- for who asks ---- */

/* Text with a NUL in it would be taken for another name. */
static bool name_fits(struct px_str name, char to[PX_DNS_NAME])
{
    if (name.len >= PX_DNS_NAME || memchr(name.p, 0, name.len))
        return false;
    memcpy(to, name.p, name.len);
    to[name.len] = 0;
    return px_dns_name_fits(to);
}

struct px_lookup *px_lookup_begin(const struct px_resolvers *line, struct px_str name,
                                  uint8_t prefers, void (*told)(void *user), void *user)
{
    struct px_lookup *l = calloc(1, sizeof *l);
    if (!l || !name_fits(name, l->name)) {
        free(l);
        return NULL;
    }
    l->asker = px_self;
    l->line = line;
    l->told = told;
    l->user = user;
    l->prefers = prefers;
    l->address.type = PX_ANY;
    l->note.deliver = look;
    px_loop_post(home, &l->note);
    return l;
}

void px_lookups_start(void)
{
    home = px_self;
}
