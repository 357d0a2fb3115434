/*
 * The addresses that servers begin with: HAProxy manual, "init-addr". See addresses.h.
 */
#include "addresses.h"

#include "../net/resolve.h"
#include "../upstream/back.h"
#include "../upstream/health.h"
#include "former.h"
#include "message.h"
#include "process.h"

#include <errno.h>
#include <string.h>

struct search {
    const struct px_server *srv;
    union px_sockaddr sa;
    socklen_t len;   /* 0: nothing found so far */
    const char *why; /* the name service knows none; NULL: it was not asked */
    bool may_lack;
};

static const char *name_of(const struct px_server *s)
{
    return s->name ? s->name : "dispatch";
}

static bool is(const char *word, size_t len, const char *name)
{
    return len == strlen(name) && !memcmp(word, name, len);
}

/* An address of the configuration's. */
static void take_ip(struct search *f, const char *word, size_t len)
{
    char text[PX_ADDR_TEXT];
    struct px_addr addr;
    if (len >= sizeof text)
        return;
    memcpy(text, word, len);
    text[len] = 0;
    if (!px_addr_read(text, &addr))
        return;
    addr.port = (uint16_t)f->srv->addr.port;
    f->len = px_addr_sockaddr(&addr, &f->sa);
    if (f->why)
        px_warning("could not resolve address '%s' of server %s/%s, falling back to configured "
                   "address.",
                   f->srv->addr.path, f->srv->proxy->name, f->srv->name);
}

/* Where it was, if somebody knows. */
static void take_last(struct search *f)
{
    struct px_addr addr;
    if (!px_program.former || !px_program.former->address(f->srv, &addr))
        return;
    addr.port = (uint16_t)f->srv->addr.port;
    f->len = px_addr_sockaddr(&addr, &f->sa);
}

/* "libc" knows no services. */
static void try_method(struct search *f, const char *word, size_t len)
{
    if (is(word, len, "libc") && !px_names_service(&f->srv->addr))
        f->len = px_resolve(&f->srv->addr, f->srv->addr.port, &f->sa, &f->why);
    else if (is(word, len, "none"))
        f->may_lack = true;
    else if (is(word, len, "last"))
        take_last(f);
    else if (!is(word, len, "libc"))
        take_ip(f, word, len);
}

static void search(struct search *f, const char *methods)
{
    while (!f->len && !f->may_lack && *methods) {
        size_t len = strcspn(methods, ",");
        try_method(f, methods, len);
        methods += len + (methods[len] == ',');
    }
}

/* false: it may not be without an address. */
static bool do_without(const struct search *f)
{
    const struct px_server *s = f->srv;
    bool lax = f->may_lack || (px_options.lax_resolution && s->name);
    if (lax && f->why)
        px_warning("could not resolve address '%s' of server %s/%s, disabling server.",
                   s->addr.path, s->proxy->name, s->name);
    else if (!lax && f->why)
        px_alert("could not resolve address '%s' of server %s/%s: %s.", s->addr.path,
                 s->proxy->name, name_of(s), f->why);
    else if (!lax)
        px_alert("no method found to resolve address '%s' of server %s/%s.", s->addr.path,
                 s->proxy->name, name_of(s));
    return lax;
}

static bool server_find(const struct px_server *s)
{
    struct search f = {.srv = s};
    if (s->addr.family == PX_AF_NAME)
        search(&f, s->init_addr ? s->init_addr : s->resolving ? "last,libc,none" : "last,libc");
    else
        f.len = px_resolve(&s->addr, s->addr.port, &f.sa, &f.why);
    if (!f.len)
        return do_without(&f);
    if (!px_address_set(s, &f.sa, f.len)) {
        px_alert("Cannot start: out of memory.");
        return false;
    }
    if (px_back_possible(s))
        return true;
    px_alert("server %s/%s: 'cc' or 'tcp-md5sig' is not possible: %s.", s->proxy->name, name_of(s),
             strerror(errno));
    return false;
}

static bool agent_find(const struct px_server *s)
{
    union px_sockaddr sa;
    const char *why = NULL;
    if (!s->agent || !s->agent_addr)
        return true;
    socklen_t len = px_resolve(s->agent_addr, 0, &sa, &why);
    if (len && px_agent_address_set(s, &sa, len))
        return true;
    if (len)
        px_alert("Cannot start: out of memory.");
    else
        px_alert("could not resolve address '%s' of the agent of server %s/%s: %s.",
                 s->agent_addr->path, s->proxy->name, s->name, why);
    return false;
}

bool px_addresses_find(void)
{
    bool done = true;
    for (unsigned i = 0; i < px_program.nproxies; i++) {
        const struct px_proxy *p = px_program.proxies[i];
        for (unsigned k = 0; k < p->nservers; k++)
            done = server_find(p->servers[k]) && agent_find(p->servers[k]) && done;
        if (p->dispatch && !server_find(p->dispatch))
            done = false;
    }
    return done;
}
