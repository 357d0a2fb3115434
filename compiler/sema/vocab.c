/*
 * The vocabulary. See vocab.h.
 *
 * Not here: directives (directives.c adds them), and what any of the names means.
 */
#include "vocab.h"

#include <stdlib.h>
#include <string.h>

/* ---- the rows of the runtime, as data ---- */

#define LIST(...)                                                                                  \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define ARGS0 LIST(ARG_NONE), 0
#define ARGS1(a) LIST(ARG_##a), 1
#define ARGS2(a, b) LIST(ARG_##a, ARG_##b), 2
#define ARGS3(a, b, c) LIST(ARG_##a, ARG_##b, ARG_##c), 3
#define ARGS4(a, b, c, d) LIST(ARG_##a, ARG_##b, ARG_##c, ARG_##d), 4

/* Phases of fetches. */
#define PH_ANY (PH_CONN | AT_INIT | AT_CHECK)
#define PH_CONN (AT_CONN | PH_SESS)
#define PH_SESS (AT_SESS | PH_KEPT)
#define PH_KEPT (PH_HREQ | PH_RES | AT_AFTER | AT_LOG)
#define PH_REQ (AT_REQ_TCP | AT_REQ_HTTP)
#define PH_HREQ (AT_REQ_TCP | AT_REQ_HTTP)
#define PH_WAIT (PH_REQ | AT_RES_TCP)
#define PH_SRV (PH_RES | AT_AFTER | AT_LOG)
#define PH_RES (AT_RES_TCP | AT_RES_HTTP)
#define PH_HRES (PH_RES | AT_AFTER)
#define PH_RKEPT (PH_HRES | AT_LOG)
#define PH_BACK (PH_KEPT | OF_BACKEND)
#define PH_BACK_CHK (PH_BACK | AT_CHECK)
#define PH_KEPT_CHK (PH_KEPT | AT_CHECK)
#define PH_SRV_CHK (PH_SRV | AT_CHECK)
#define PH_RES_CHK (PH_RES | AT_CHECK)
#define PH_HRES_CHK (PH_HRES | AT_CHECK)
#define PH_RKEPT_CHK (PH_RKEPT | AT_CHECK)

/* Rule sets of actions. */
#define ON_TCP (AT_CONN | AT_SESS | AT_REQ_TCP | AT_RES_TCP)
#define ON_CONNECTIONS (AT_CONN)
#define ON_CONTENT (AT_REQ_TCP)
#define ON_TCP_RES (AT_RES_TCP)
#define ON_HTTP_REQ (AT_REQ_HTTP)
#define ON_HTTP_RES (AT_RES_HTTP | AT_AFTER)
#define ON_HTTP_BOTH (AT_REQ_HTTP | AT_RES_HTTP)
#define ON_HTTP (AT_REQ_HTTP | AT_RES_HTTP | AT_AFTER)
#define ON_REJECTS (ON_TCP | AT_REQ_HTTP)
#define ON_DROPS (ON_TCP | ON_HTTP_BOTH)
#define ON_CAPTURES (AT_REQ_TCP | ON_HTTP)
#define ON_ADDRESSES (AT_CONN | AT_SESS | AT_REQ_TCP | AT_REQ_HTTP)
#define ON_CONTENTS (AT_REQ_TCP | AT_RES_TCP | ON_HTTP_BOTH)
#define ON_REQUESTS (AT_REQ_TCP | AT_REQ_HTTP)
#define ON_LATE (AT_REQ_TCP | AT_RES_TCP | ON_HTTP)
#define ON_ALL (ON_TCP | ON_HTTP)

#define WRITES_NOTHING 0
#define WRITES_ADDR READS_ADDR
#define WRITES_VARS READS_VARS
#define WRITES_FIELDS (READS_REQUEST | READS_RESPONSE)
#define WRITES_RESPONSE READS_RESPONSE
#define WRITES_TARGET READS_TARGET
#define WRITES_LOCATION READS_LOCATION

static const struct vocab_fetch fetches[] = {
#define PX_FETCH(name, sym, type, args, at, reads, example, doc)                                   \
    {name, #sym, PX_##type, args, PH_##at, READS_##reads, false, example, doc},
#define PX_FETCH_EACH(name, sym, type, args, at, reads, example, doc)                              \
    {name, #sym, PX_##type, args, PH_##at, READS_##reads, true, example, doc},
#include "../../runtime/abi/fetches.def"
#undef PX_FETCH
#undef PX_FETCH_EACH
};

static const struct vocab_conv convs[] = {
#define PX_CONV(name, sym, in, out, args, example, doc)                                            \
    {name, #sym, PX_##in, PX_##out, args, example, doc},
#include "../../runtime/abi/converters.def"
#undef PX_CONV
};

static const struct vocab_action actions[] = {
#define PX_ACTION(name, sym, args, at, final, writes, example, doc)                                \
    {name, #sym, args, ON_##at, WRITES_##writes, final, example, doc},
#include "../../runtime/abi/actions.def"
#undef PX_ACTION
};

#define MODE_ANY false
#define MODE_HTTP true
static const struct vocab_alias aliases[] = {
#define PX_ALIAS(name, sym, mode, needs, doc) {name, #sym, MODE_##mode, needs, doc},
#include "../../runtime/abi/logformat.def"
#undef PX_ALIAS
};

#define IN_DFB (IN_DEFAULTS | IN_FRONTEND | IN_BACKEND)
#define IN_DF (IN_DEFAULTS | IN_FRONTEND)
#define IN_DB (IN_DEFAULTS | IN_BACKEND)
#define IN_FB (IN_FRONTEND | IN_BACKEND)
#define IN_B IN_BACKEND

const struct vocab_setting vocab_global[] = {
#define PX_GLOBAL(words, field, kind, dflt, doc)                                                   \
    {words, #field, SETTING_##kind, dflt, IN_GLOBAL, doc},
#include "../../runtime/abi/global.def"
#undef PX_GLOBAL
};

const struct vocab_setting vocab_proxy[] = {
#define PX_PROXY(words, field, kind, dflt, where, doc)                                             \
    {words, #field, SETTING_##kind, dflt, IN_##where, doc},
#include "../../runtime/abi/proxy.def"
#undef PX_PROXY
};

const struct vocab_setting vocab_bind[] = {
#define PX_BIND(words, field, kind, dflt, doc) {words, #field, SETTING_##kind, dflt, IN_BIND, doc},
#include "../../runtime/abi/bind.def"
#undef PX_BIND
};

const struct vocab_setting vocab_server[] = {
#define PX_SERVER(words, field, kind, dflt, doc)                                                   \
    {words, #field, SETTING_##kind, dflt, IN_SERVER, doc},
#include "../../runtime/abi/server.def"
#undef PX_SERVER
};

/* ---- names that are known and not supported ---- */

struct known {
    enum vocab_space space;
    enum vocab_status status;
    const char *name, *hint;
};

static const struct known known[] = {
#define KNOWN(space, status, name, hint) {SPACE_##space, VOCAB_##status, name, hint},
#include "known.def"
#undef KNOWN
};

static const struct vocab_shorthand shorthands[] = {
#define NONE -1
#define SHORTHAND(name, fetch, response, method) {name, fetch, response, method},
#include "shorthands.def"
#undef SHORTHAND
#undef NONE
};

/* ---- lookup ---- */

struct vocab {
    struct arena *arena;
    struct map spaces[NSPACES];
    struct map shorthands;
};

static void add(struct vocab *v, enum vocab_space space, struct vocab_entry entry)
{
    void **at = map_at(v->arena, &v->spaces[space], str_of(entry.name));
    if (*at)
        return; /* what is supported was added first */
    struct vocab_entry *e = NEW(v->arena, struct vocab_entry);
    *e = entry;
    *at = e;
}

void vocab_add(struct vocab *v, enum vocab_space space, const char *name, const void *row)
{
    add(v, space, (struct vocab_entry){VOCAB_ON, name, NULL, row});
}

#define ADD_ALL(space, rows, label)                                                                \
    for (size_t i = 0; i < COUNT(rows); i++)                                                       \
    vocab_add(v, space, rows[i].label, &rows[i])

struct vocab *vocab_new(struct arena *a)
{
    struct vocab *v = NEW(a, struct vocab);
    v->arena = a;
    ADD_ALL(SPACE_FETCH, fetches, name);
    ADD_ALL(SPACE_CONV, convs, name);
    ADD_ALL(SPACE_ACTION, actions, name);
    ADD_ALL(SPACE_ALIAS, aliases, name);
    ADD_ALL(SPACE_BIND, vocab_bind, words);
    ADD_ALL(SPACE_SERVER, vocab_server, words);
    for (size_t i = 0; i < COUNT(shorthands); i++)
        *map_at(a, &v->shorthands, str_of(shorthands[i].name)) = (void *)&shorthands[i];
    return v;
}

void vocab_add_known(struct vocab *v)
{
    for (size_t i = 0; i < COUNT(known); i++)
        add(v, known[i].space,
            (struct vocab_entry){known[i].status, known[i].name, known[i].hint, NULL});
}

const struct vocab_entry *vocab_find(const struct vocab *v, enum vocab_space space, struct str name)
{
    return map_get(&v->spaces[space], name);
}

const struct vocab_shorthand *vocab_shorthand(const struct vocab *v, struct str name)
{
    return map_get(&v->shorthands, name);
}

const struct vocab_shorthand *vocab_shorthands(unsigned *n)
{
    *n = COUNT(shorthands);
    return shorthands;
}

static int by_text(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

unsigned vocab_names(const struct vocab *v, enum vocab_space space, struct str **names)
{
    const struct map *m = &v->spaces[space];
    *names = NEW_N(v->arena, struct str, m->entries.n + 1);
    for (unsigned i = 0; i < m->entries.n; i++)
        (*names)[i] = m->entries.v[i].key;
    qsort(*names, m->entries.n, sizeof **names, by_text);
    return m->entries.n;
}

/* Names of one status; shorthands of ACLs count as names of fetches. */
static void suggest_of(const struct vocab *v, struct diags *ds, struct diag *d,
                       enum vocab_space space, enum vocab_status status, struct str name)
{
    VEC(struct str) names = {0};
    const struct map *m = &v->spaces[space];
    for (unsigned i = 0; i < m->entries.n; i++)
        if (((const struct vocab_entry *)m->entries.v[i].value)->status == status)
            VEC_ADD(v->arena, &names, m->entries.v[i].key);
    for (unsigned i = 0; space == SPACE_FETCH && i < v->shorthands.entries.n; i++)
        VEC_ADD(v->arena, &names, v->shorthands.entries.v[i].key);
    diag_suggest(ds, d, name, names.v, names.n);
}

/* What can be used is suggested first. */
static void suggest(const struct vocab *v, struct diags *ds, struct diag *d, enum vocab_space space,
                    struct str name)
{
    suggest_of(v, ds, d, space, VOCAB_ON, name);
    if (d->notes.n)
        return;
    suggest_of(v, ds, d, space, VOCAB_LATER, name);
    if (d->notes.n)
        diag_note(ds, d, "that is not supported yet");
}

/* Names that stand in the wrong place: where they belong. */
static const struct {
    enum vocab_space space, other;
    const char *note;
} strays[] = {
    {SPACE_GLOBAL, SPACE_PROXY, "it belongs to defaults, frontend, backend or listen sections"},
    {SPACE_PROXY, SPACE_GLOBAL, "it belongs to the global section"},
    {SPACE_PROXY, SPACE_USERLIST, "it belongs to userlist sections"},
    {SPACE_USERLIST, SPACE_GLOBAL, "it belongs to the global section"},
    {SPACE_USERLIST, SPACE_PROXY, "it belongs to defaults, frontend, backend or listen sections"},
    {SPACE_ERRORS, SPACE_PROXY, "it belongs to defaults, frontend, backend or listen sections"},
    {SPACE_NAMESPACES, SPACE_PROXY, "it belongs to defaults, frontend, backend or listen sections"},
    {SPACE_NAMESPACES, SPACE_GLOBAL, "it belongs to the global section"},
    {SPACE_MAILERS, SPACE_PROXY, "it belongs to defaults, frontend, backend or listen sections"},
    {SPACE_RING, SPACE_PROXY, "it belongs to defaults, frontend, backend or listen sections"},
    {SPACE_RING, SPACE_GLOBAL, "it belongs to the global section"},
    {SPACE_RING_SERVER, SPACE_SERVER, "only servers of proxies may have it"},
    {SPACE_SERVER, SPACE_RING_SERVER, "it belongs to the servers of ring sections"},
    {SPACE_RESOLVERS, SPACE_PROXY, "it belongs to defaults, frontend, backend or listen sections"},
    {SPACE_RESOLVERS, SPACE_GLOBAL, "it belongs to the global section"},
    {SPACE_PROXY, SPACE_RESOLVERS, "it belongs to resolvers sections"},
    {SPACE_FETCH, SPACE_CONV, "it is a converter, which stands behind a sample and a comma"},
    {SPACE_CONV, SPACE_FETCH, "it is a sample fetch, with which an expression begins"},
    {SPACE_BIND, SPACE_SERVER, "it is an option of servers"},
    {SPACE_SERVER, SPACE_BIND, "it is an option of 'bind' lines"},
};

/* Is it known in another place? Then that is said. */
static struct diag *refuse_stray(const struct vocab *v, struct diags *ds, enum vocab_space space,
                                 struct str name, struct span at, const char *what)
{
    for (unsigned i = 0; i < COUNT(strays); i++) {
        const struct vocab_entry *e =
            strays[i].space == space ? vocab_find(v, strays[i].other, name) : NULL;
        if (!e || e->status == VOCAB_REMOVED)
            continue;
        struct diag *d =
            diag_add(ds, E0304, at, "'" STR_FMT "' is no %s here", STR_ARG(name), what);
        diag_note(ds, d, "%s", strays[i].note);
        return d;
    }
    return NULL;
}

struct diag *vocab_refuse(const struct vocab *v, struct diags *ds, enum vocab_space space,
                          struct str name, struct span at, const char *what)
{
    bool lua = str_begins(name, "lua.");
    const struct vocab_entry *e = vocab_find(v, space, lua ? STR("lua.") : name);
    struct diag *d = e ? NULL : refuse_stray(v, ds, space, name, at, what);
    if (d)
        return d;
    if (!e) {
        d = diag_add(ds, E0300, at, "unknown %s '" STR_FMT "'", what, STR_ARG(name));
        suggest(v, ds, d, space, name);
        return d;
    }
    switch (e->status) {
    case VOCAB_LATER:
        d = diag_add(ds, E0301, at, "%s '" STR_FMT "' is not supported yet", what, STR_ARG(name));
        break;
    case VOCAB_NEVER:
        d = diag_add(ds, E0302, at, "%s '" STR_FMT "' is not supported by proxyc", what,
                     STR_ARG(name));
        break;
    case VOCAB_REMOVED:
        d = diag_add(ds, E0303, at, "%s '" STR_FMT "' no longer exists in HAProxy", what,
                     STR_ARG(name));
        break;
    default:
        d = diag_add(ds, E0300, at, "unknown %s '" STR_FMT "'", what, STR_ARG(name));
    }
    if (e->hint)
        diag_note(ds, d, "%s", e->hint);
    return d;
}

/* ---- types ---- */

const char *px_type_name(enum px_type type)
{
    static const char *const names[] = {
        [PX_BOOL] = "boolean", [PX_SINT] = "integer",      [PX_STRING] = "string",
        [PX_BIN] = "binary",   [PX_IPV4] = "IPv4 address", [PX_IPV6] = "IPv6 address",
        [PX_METH] = "method",  [PX_ADDR] = "address",      [PX_ANY] = "any type",
    };
    return names[type];
}

const char *px_type_article(enum px_type type)
{
    return type == PX_SINT || type == PX_IPV4 || type == PX_IPV6 || type == PX_ADDR ? "an" : "a";
}

bool type_casts(enum px_type from, enum px_type to)
{
    enum { BITS = 1 };
#define T(type) (BITS << PX_##type)
    static const unsigned casts[] = {
        [PX_BOOL] = T(BOOL) | T(SINT) | T(STRING) | T(BIN),
        [PX_SINT] = T(BOOL) | T(SINT) | T(STRING) | T(BIN) | T(IPV4) | T(ADDR) | T(IPV6),
        [PX_STRING] =
            T(BOOL) | T(SINT) | T(STRING) | T(BIN) | T(IPV4) | T(IPV6) | T(ADDR) | T(METH),
        [PX_BIN] = T(STRING) | T(BIN),
        [PX_IPV4] = T(SINT) | T(STRING) | T(BIN) | T(IPV4) | T(IPV6) | T(ADDR),
        [PX_IPV6] = T(STRING) | T(BIN) | T(IPV4) | T(IPV6) | T(ADDR),
        [PX_METH] = T(STRING) | T(BIN) | T(METH),
        [PX_ADDR] = T(SINT) | T(STRING) | T(BIN) | T(IPV4) | T(IPV6) | T(ADDR),
        [PX_ANY] = ~0u,
    };
    return to == PX_ANY || (casts[from] & BITS << to);
#undef T
}
