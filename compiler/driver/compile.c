/*
 * The front half of the compiler. See compile.h.
 */
#include "compile.h"

#include "../sema/sema.h"

#include "../../runtime/abi/version.h"

#include <netdb.h>
#include <string.h>

/* HAProxy's names of build options, so that .if feature(...) and test drivers find them. */
const char compile_features[] =
    "+EPOLL -KQUEUE +NETFILTER -PCRE -PCRE_JIT +PCRE2 +PCRE2_JIT +POLL +THREAD -BACKTRACE "
    "-STATIC_PCRE -STATIC_PCRE2 +TPROXY +LINUX_TPROXY -LINUX_SPLICE +LIBCRYPT +CRYPT_H -ENGINE "
    "+GETADDRINFO -OPENSSL -LUA +ACCEPT4 -CLOSEFROM -ZLIB -SLZ +CPU_AFFINITY +TFO -NS +DL +RT "
    "-DEVICEATLAS -51DEGREES -WURFL -SYSTEMD -OBSOLETE_LINKER +PRCTL -PROCCTL -THREAD_DUMP "
    "-EVPORTS -OT -QUIC -PROMEX -MEMORY_PROFILING";

static void mind_name(struct compilation *c, const struct m_server *s)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
    if (s->addr.family != PX_AF_NAME)
        return;
    int err = getaddrinfo(s->addr.path, NULL, &hints, &list);
    if (!err) {
        freeaddrinfo(list);
        return;
    }
    diag_add(&c->diags, E0800, s->span, "the address of server '" STR_FMT "' is unknown: %s: %s",
             STR_ARG(s->name), s->addr.path, gai_strerror(err));
}

static void mind_names(struct compilation *c)
{
    for (unsigned i = 0; i < c->model->proxies.n; i++)
        for (unsigned k = 0; k < c->model->proxies.v[i]->servers.n; k++)
            mind_name(c, c->model->proxies.v[i]->servers.v[k]);
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
    struct config_options options = {.diag_messages = o->diag_messages,
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
