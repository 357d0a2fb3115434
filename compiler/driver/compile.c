/*
 * The front half of the compiler. See compile.h.
 */
#include "compile.h"

#include "../sema/sema.h"
#include "../syntax/env.h"

#include "../../runtime/abi/version.h"

#include <netdb.h>
#include <string.h>
#include <unistd.h>

/* HAProxy's names of build options, so that .if feature(...) and test drivers find them. */
const char compile_features[] =
    "+EPOLL -KQUEUE +NETFILTER -PCRE -PCRE_JIT +PCRE2 +PCRE2_JIT +POLL +THREAD -BACKTRACE "
    "-STATIC_PCRE -STATIC_PCRE2 +TPROXY +LINUX_TPROXY -LINUX_SPLICE +LIBCRYPT +CRYPT_H -ENGINE "
    "+GETADDRINFO -OPENSSL -LUA +ACCEPT4 -CLOSEFROM -ZLIB -SLZ +CPU_AFFINITY +TFO -NS +DL +RT "
    "-DEVICEATLAS -51DEGREES -WURFL -SYSTEMD -OBSOLETE_LINKER +PRCTL -PROCCTL -THREAD_DUMP "
    "-EVPORTS -OT -QUIC -PROMEX -MEMORY_PROFILING";

static void mind_name(struct compilation *c, const struct px_endpoint *ep, struct span at)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
    if (ep->family != PX_AF_NAME)
        return;
    int err = getaddrinfo(ep->path, NULL, &hints, &list);
    if (err)
        diag_add(&c->diags, E0800, at, "the address of '%s' is unknown: %s", ep->path,
                 gai_strerror(err));
    else
        freeaddrinfo(list);
}

static void mind_names_of_proxy(struct compilation *c, const struct m_proxy *p)
{
    for (unsigned i = 0; i < p->servers.n; i++)
        if (server_needs_name(p->servers.v[i]))
            mind_name(c, &p->servers.v[i]->addr, p->servers.v[i]->span);
    for (unsigned i = 0; i < p->binds.n; i++)
        mind_name(c, &p->binds.v[i]->addr, p->binds.v[i]->addr_span);
    for (unsigned i = 0; i < p->in.logs.n; i++)
        mind_name(c, &p->in.logs.v[i].to, p->in.logs.v[i].span);
}

static void mind_names(struct compilation *c)
{
    const struct model *m = c->model;
    for (unsigned i = 0; i < m->stats_sockets.n; i++)
        mind_name(c, &m->stats_sockets.v[i]->addr, m->stats_sockets.v[i]->addr_span);
    for (unsigned i = 0; i < m->global_logs.n; i++)
        mind_name(c, &m->global_logs.v[i].to, m->global_logs.v[i].span);
    for (unsigned i = 0; i < m->proxies.n; i++)
        mind_names_of_proxy(c, m->proxies.v[i]);
}

static struct str config_name(const struct compilation *c)
{
    if (!c->config->sources.n)
        return STR("nothing");
    struct str name = c->config->sources.v[0]->name;
    if (str_is(name, "-"))
        return STR("standard input");
    size_t at = name.len;
    while (at && name.p[at - 1] != '/')
        at--;
    return str_cut(name, at, name.len);
}

static bool is_refused(const struct compilation *c, const struct compile_options *o)
{
    bool zero = c->model && setting_number(&c->model->global[GLOBAL_zero_warning],
                                           &vocab_global[GLOBAL_zero_warning]);
    return c->diags.errors || (c->diags.warnings && (o->werror || zero));
}

bool compile(struct arena *a, struct compilation *c, const struct compile_options *o)
{
    struct env *env = env_new(a, environ);
    sema_environment(env);
    struct config_options options = {.diag_messages = o->diag_messages,
                                     .env = env,
                                     .version = PX_HAPROXY_VERSION,
                                     .features = compile_features};
    *c = (struct compilation){.arena = a};
    c->diags.arena = c->arena;
    c->vocab = sema_vocab(c->arena);
    c->config = config_read(c->arena, &c->diags, o->files, o->nfiles, &options);
    c->model = sema_check(c->arena, &c->diags, c->vocab, c->config);
    if (o->resolve)
        mind_names(c);
    if (!c->diags.errors)
        c->plan = plan_make(c->arena, &c->diags, c->model, config_name(c));
    if (!o->silent)
        diag_print_all(&c->diags, stderr, o->format, o->colour);
    return !is_refused(c, o);
}
