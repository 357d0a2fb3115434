/*
 * "balance" and "hash-type" (HAProxy manual 4.2).
 *
 * Keys are sample expressions, whatever their algorithm is called; they are checked when it is
 * known whether the proxy speaks HTTP.
 */
#include "context.h"
#include "proxy.h"

#include "../../runtime/abi/tables.h"

#include <string.h>

enum { MOST_DRAWS = 1000, MOST_LEN = 65536, MOST_DEPTH = 10000 };

static const struct m_algorithm algorithms[] = {
    {.name = "roundrobin", .sym = "roundrobin"},
    {.name = "static-rr", .sym = "static_rr"},
    {.name = "leastconn", .sym = "leastconn"},
    {.name = "first", .sym = "first"},
    {.name = "random", .sym = "random", .default_arg = 2},
    {.name = "source", .hash = "source"},
    {.name = "uri", .hash = "uri", .needs_http = true},
    {.name = "url_param", .hash = "key", .key = "url_param", .needs_http = true},
    {.name = "hdr", .hash = "key", .key = "req.hdr", .needs_http = true},
    {.name = "rdp-cookie", .hash = "key", .key = "req.rdp_cookie"},
    {.name = "hash", .hash = "key"},
};

const struct m_algorithm *algorithm_default(void)
{
    return &algorithms[0];
}

static bool is(const struct m_algorithm *a, const char *name)
{
    return !strcmp(a->name, name);
}

static const struct m_algorithm *algorithm_of(struct sema *s, const struct word *w, struct str name)
{
    struct str names[COUNT(algorithms)];
    for (unsigned i = 0; i < COUNT(algorithms); i++) {
        if (str_is(name, algorithms[i].name))
            return &algorithms[i];
        names[i] = str_of(algorithms[i].name);
    }
    if (str_is(name, "sticky") || str_is(name, "log-hash")) {
        diag_add(s->diags, E0302, w->span, "'balance " STR_FMT "' is not supported by proxyc",
                 STR_ARG(name));
        return NULL;
    }
    struct diag *d = diag_add(s->diags, E0381, w->span, "unknown balancing algorithm '" STR_FMT "'",
                              STR_ARG(name));
    diag_suggest(s->diags, d, name, names, COUNT(names));
    diag_note(s->diags, d,
              "there are roundrobin, static-rr, leastconn, first, random, source, uri, url_param, "
              "hdr, rdp-cookie and hash");
    return NULL;
}

static bool wrong_arguments(struct sema *s, const struct word *w, const struct m_algorithm *a)
{
    diag_add(s->diags, E0382, w->span, "'balance %s' does not take these arguments", a->name);
    return false;
}

/* ---- what stands in parentheses ---- */

static bool take_draws(struct sema *s, const struct word *w, const struct m_algorithm *a,
                       const struct call *call, int64_t *arg)
{
    bool good = call->nargs == 1 && value_int(call->args[0].text, arg) == VALUE_OK && *arg >= 1 &&
                *arg <= MOST_DRAWS;
    return good || wrong_arguments(s, w, a);
}

/* The key as an expression: the value of a field, or that of a cookie. */
static struct expr *key_of(struct sema *s, const struct m_algorithm *a, const struct word *w,
                           struct arg *args, unsigned nargs)
{
    struct expr *x = NEW(s->arena, struct expr);
    x->span = w->span;
    x->fetch = (struct call){.name = str_of(a->key),
                             .name_span = w->span,
                             .span = w->span,
                             .args = args,
                             .nargs = nargs,
                             .has_parens = true};
    return x;
}

static bool take_parentheses(struct sema *s, const struct word *w, const struct m_algorithm *a,
                             const struct call *call, struct m_hashing *h)
{
    struct arg *args = NEW_N(s->arena, struct arg, 2);
    if (is(a, "rdp-cookie") && call->nargs == call->has_parens) {
        args[0] = call->nargs ? call->args[0] : (struct arg){STR("mstshash"), w->span};
        h->key = key_of(s, a, w, args, 1);
        return true;
    }
    if (is(a, "hdr") && call->nargs == 1 && call->args[0].text.len) {
        args[0] = call->args[0];
        args[1] = (struct arg){STR("1"), w->span};
        h->key = key_of(s, a, w, args, 2);
        return true;
    }
    if (is(a, "hdr")) {
        diag_add(s->diags, E0382, w->span,
                 "'balance hdr' expects the name of a field in parentheses");
        return false;
    }
    bool good = !call->nargs && !is(a, "rdp-cookie");
    return good || wrong_arguments(s, w, a);
}

/* ---- the words that follow ---- */

static bool take_uri_words(struct sema *s, struct line *l, struct m_hashing *h)
{
    for (const struct word *w; (w = line_peek(l));) {
        bool len = line_take(l, "len");
        if (len || line_take(l, "depth")) {
            const struct word *n = line_expect(s, l, "a number");
            if (!n || !number_value(s, n, len ? "len" : "depth", 1, len ? MOST_LEN : MOST_DEPTH,
                                    len ? &h->len : &h->depth))
                return false;
        } else if (line_take(l, "whole")) {
            h->whole = true;
        } else if (line_take(l, "path-only")) {
            h->path_only = true;
        } else {
            return line_end(s, l);
        }
    }
    return true;
}

static bool take_url_param(struct sema *s, struct line *l, const struct m_algorithm *a,
                           struct m_hashing *h)
{
    const struct word *name = line_expect(s, l, "the name of a parameter");
    if (!name)
        return false;
    /* HAProxy takes a number behind it, which has no meaning any more. */
    if (line_take(l, "check_post")) {
        const struct word *most = line_peek(l);
        int64_t ignored;
        h->param = name->text;
        if (most && !number_value(s, most, "check_post", 0, INT32_MAX, &ignored))
            return false;
        line_next(l);
    }
    struct arg *args = NEW(s->arena, struct arg);
    *args = (struct arg){name->text, name->span};
    h->key = key_of(s, a, name, args, 1);
    return true;
}

static bool take_words(struct sema *s, struct line *l, const struct m_algorithm *a,
                       struct m_hashing *h)
{
    if (is(a, "uri"))
        return take_uri_words(s, l, h);
    if (is(a, "url_param"))
        return take_url_param(s, l, a, h);
    if (is(a, "hdr"))
        h->domain_only = line_take(l, "use_domain_only");
    if (!is(a, "hash"))
        return true;
    if (!line_peek(l)) {
        diag_add(s->diags, E0310, l->span, "'balance hash' expects a sample expression");
        return false;
    }
    h->key = expr_parse_words(&s->syntax, l->words, l->n, &l->at);
    return h->key;
}

void balance_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "an algorithm");
    struct call call;
    if (!w || !call_parse(&s->syntax, w, &call))
        return;
    const struct m_algorithm *a = algorithm_of(s, w, call.name);
    if (!a)
        return;
    int64_t arg = a->default_arg;
    struct m_hashing h = {.consistent = s->in->hashing.consistent,
                          .avalanche = s->in->hashing.avalanche,
                          .function = s->in->hashing.function,
                          .affinity = s->in->hashing.affinity};
    bool good =
        arg && call.nargs ? take_draws(s, w, a, &call, &arg) : take_parentheses(s, w, a, &call, &h);
    if (!good || !take_words(s, l, a, &h) || !line_end(s, l))
        return;
    s->in->algorithm = a;
    s->in->lb_arg = (int)arg;
    s->in->hashing = h;
    s->in->balance_span = l->span;
}

/* ---- hash-type ---- */

static const char *const functions[] = {[PX_HASH_SDBM] = "sdbm",
                                        [PX_HASH_DJB2] = "djb2",
                                        [PX_HASH_WT6] = "wt6",
                                        [PX_HASH_CRC32] = "crc32",
                                        [PX_HASH_NONE] = "none"};

/* One of the words; -1: none of them, and that has been said. */
static int take_one(struct sema *s, struct line *l, const char *const *words, unsigned n,
                    const char *what)
{
    struct str names[COUNT(functions)];
    const struct word *w = line_expect(s, l, what);
    for (unsigned i = 0; w && i < n; i++)
        if (str_is(w->text, words[i]))
            return (int)i;
    if (!w)
        return -1;
    for (unsigned i = 0; i < n; i++)
        names[i] = str_of(words[i]);
    struct diag *d =
        diag_add(s->diags, E0383, w->span, "'" STR_FMT "' is not %s", STR_ARG(w->text), what);
    diag_suggest(s->diags, d, w->text, names, n);
    return -1;
}

void hash_type_parse(struct sema *s, struct line *l)
{
    static const char *const types[] = {"map-based", "consistent"};
    int type = take_one(s, l, types, COUNT(types), "'map-based' or 'consistent'");
    if (type < 0)
        return;
    int function = PX_HASH_SDBM;
    bool avalanche = type == 1;
    const struct word *w = line_peek(l);
    if (w) {
        function =
            take_one(s, l, functions, COUNT(functions), "'sdbm', 'djb2', 'wt6', 'crc32' or 'none'");
        avalanche = line_take(l, "avalanche");
    }
    if (function < 0 || !line_end(s, l))
        return;
    s->in->hashing.consistent = type == 1;
    s->in->hashing.function = (uint8_t)function;
    s->in->hashing.avalanche = avalanche;
}

void hash_preserve_affinity_parse(struct sema *s, struct line *l)
{
    static const char *const words[] = {[PX_AFFINITY_ALWAYS] = "always",
                                        [PX_AFFINITY_MAXCONN] = "maxconn",
                                        [PX_AFFINITY_MAXQUEUE] = "maxqueue"};
    int i = choice_take(s, l, words, COUNT(words));
    if (i >= 0)
        s->in->hashing.affinity = (uint8_t)i;
}

/* ---- when the mode is known ---- */

static void check_factor(struct sema *s, const struct m_setting *factor)
{
    enum { AVERAGE = 100, MOST = 65535 };
    if (factor->set && factor->number && (factor->number <= AVERAGE || factor->number > MOST))
        diag_add(s->diags, E0371, factor->span,
                 "hash-balance-factor: %lld is neither 0 nor between %d and %d",
                 (long long)factor->number, AVERAGE + 1, MOST);
}

void settle_balance(struct sema *s, struct m_proxy *p)
{
    const struct m_algorithm *a = p->in.algorithm;
    if (!(p->caps & PX_BACKEND))
        return;
    check_factor(s, &p->in.set[PROXY_hash_balance_factor]);
    /* As HAProxy does: the line may stand in defaults that proxies of both modes share. */
    if (a->needs_http && !p->in.is_http) {
        struct diag *d = diag_add(s->diags, W0301, p->in.balance_span,
                                  "'balance %s' is ignored: %s '" STR_FMT "' does not speak HTTP",
                                  a->name, p->what, STR_ARG(p->name));
        diag_note(s->diags, d, "its servers take turns (roundrobin)");
        p->in.algorithm = algorithm_default();
        return;
    }
    if (!p->in.hashing.key)
        return;
    p->balance_key =
        expr_check(s, p->in.hashing.key, p->in.is_http ? PX_AT_REQ_HTTP : PX_AT_REQ_TCP);
    if (p->balance_key)
        expr_is_available(s, p->balance_key, p->in.is_http ? PX_AT_REQ_HTTP : PX_AT_REQ_TCP);
}
