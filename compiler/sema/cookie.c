/*
 * How clients stay with their servers: "cookie" and what belongs to it, "persist rdp-cookie",
 * "force-persist" and "ignore-persist" (HAProxy manual 4.2).
 */
#include "context.h"
#include "proxy.h"

#include "../../runtime/abi/tables.h"

#include <string.h>

/* ---- what may stand in a cookie ---- */

/* Reported, unless all characters are good. */
static bool consists_of(struct sema *s, const struct word *w, bool (*good)(char c),
                        const char *what)
{
    for (size_t i = 0; i < w->text.len; i++) {
        char c = w->text.p[i];
        if (good(c))
            continue;
        if (c >= ' ' && c < 127)
            diag_add(s->diags, E0396, word_span(w, i, i + 1), "'%c' cannot stand in %s", c, what);
        else
            diag_add(s->diags, E0396, word_span(w, i, i + 1), "byte 0x%02x cannot stand in %s",
                     (unsigned char)c, what);
        return false;
    }
    return true;
}

static bool is_token(char c)
{
    return c > ' ' && c < 127 && !strchr("()<>@,;:\\\"/[]?={}", c);
}

/* A quote ends up in the value as it is. */
static bool is_octet(char c)
{
    return c > ' ' && c < 127 && !strchr(",;\\", c);
}

static bool is_attribute(char c)
{
    return c >= ' ' && c < 127 && c != ';';
}

static bool is_domain(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '.' || c == '-';
}

bool cookie_value_is_good(struct sema *s, const struct word *w)
{
    return consists_of(s, w, is_octet, "the value of a cookie (RFC 6265 4.1.1)");
}

/* ---- cookie ---- */

static const struct {
    const char *word;
    unsigned deed; /* enum px_cookie_deed */
} deeds[] = {
    {"rewrite", PX_COOKIE_REWRITE},   {"insert", PX_COOKIE_INSERT},
    {"prefix", PX_COOKIE_PREFIX},     {"indirect", PX_COOKIE_INDIRECT},
    {"nocache", PX_COOKIE_NOCACHE},   {"postonly", PX_COOKIE_POSTONLY},
    {"preserve", PX_COOKIE_PRESERVE},
};

/* In seconds, up to 68 years; other times end before that. */
static bool seconds_take(struct sema *s, struct line *l, const char *what, int64_t *seconds)
{
    const struct word *w = line_expect(s, l, "a time");
    uint64_t ms = 0;
    if (!w)
        return false;
    if (value_time(w->text, 1000, &ms) == VALUE_MALFORMED)
        return time_value(s, w, what, seconds); /* which says so */
    uint64_t whole = (ms + 999) / 1000;
    *seconds = (int64_t)whole;
    if ((ms || w->text.p[0] == '0') && whole <= INT32_MAX)
        return true;
    diag_add(s->diags, E0371, w->span, "%s: '" STR_FMT "' is more than 68 years", what,
             STR_ARG(w->text));
    return false;
}

static bool domain_take(struct sema *s, struct line *l, struct m_cookie *c)
{
    const struct word *w = line_expect(s, l, "a domain");
    if (!w || !consists_of(s, w, is_domain, "a domain"))
        return false;
    if (!memchr(w->text.p, '.', w->text.len))
        diag_add(s->diags, W0308, w->span,
                 "'" STR_FMT "' has no dot: browsers may refuse the cookie", STR_ARG(w->text));
    VEC_ADD(s->arena, &c->domains, w->text);
    return true;
}

static bool attribute_take(struct sema *s, struct line *l, struct m_cookie *c)
{
    const struct word *w = line_expect(s, l, "an attribute");
    if (!w || !consists_of(s, w, is_attribute, "an attribute of a cookie"))
        return false;
    VEC_ADD(s->arena, &c->attributes, w->text);
    return true;
}

static bool deed_take(struct line *l, struct m_cookie *c)
{
    for (unsigned i = 0; i < COUNT(deeds); i++)
        if (line_take(l, deeds[i].word)) {
            c->deeds |= deeds[i].deed;
            return true;
        }
    return false;
}

static bool refuse_option(struct sema *s, const struct word *w)
{
    static const char *const others[] = {"httponly", "secure",  "domain", "maxidle",
                                         "maxlife",  "dynamic", "attr"};
    struct str names[COUNT(deeds) + COUNT(others)];
    for (unsigned i = 0; i < COUNT(deeds); i++)
        names[i] = str_of(deeds[i].word);
    for (unsigned i = 0; i < COUNT(others); i++)
        names[COUNT(deeds) + i] = str_of(others[i]);
    struct diag *d = diag_add(s->diags, E0383, w->span, "'cookie' does not know '" STR_FMT "'",
                              STR_ARG(w->text));
    diag_suggest(s->diags, d, w->text, names, COUNT(names));
    return false;
}

/* false: reported. */
static bool option_of_cookie(struct sema *s, struct line *l, struct m_cookie *c)
{
    if (deed_take(l, c))
        return true;
    if (line_take(l, "httponly"))
        return c->http_only = true;
    if (line_take(l, "secure"))
        return c->secure = true;
    if (line_take(l, "dynamic"))
        return c->dynamic = true;
    if (line_take(l, "domain"))
        return domain_take(s, l, c);
    if (line_take(l, "maxidle"))
        return seconds_take(s, l, "maxidle", &c->max_idle);
    if (line_take(l, "maxlife"))
        return seconds_take(s, l, "maxlife", &c->max_life);
    if (line_take(l, "attr"))
        return attribute_take(s, l, c);
    return refuse_option(s, line_peek(l));
}

static bool several(unsigned bits)
{
    return bits & (bits - 1);
}

/* false: reported. */
static bool deeds_fit(struct sema *s, const struct m_cookie *c)
{
    unsigned d = c->deeds;
    const char *why = NULL;
    if (several(d & (PX_COOKIE_REWRITE | PX_COOKIE_INSERT | PX_COOKIE_PREFIX)))
        why = "a cookie is one of 'rewrite', 'insert' and 'prefix'";
    else if (several(d & (PX_COOKIE_REWRITE | PX_COOKIE_INDIRECT)))
        why = "'rewrite' and 'indirect' exclude each other";
    else if ((d & PX_COOKIE_PRESERVE) && !(d & (PX_COOKIE_INSERT | PX_COOKIE_INDIRECT)))
        why = "'preserve' needs 'insert' or 'indirect'";
    if (why)
        diag_add(s->diags, E0397, c->span, "%s", why);
    return !why;
}

/* Words that are about the cookies that are inserted. */
static void mind_insert(struct sema *s, const struct m_cookie *c)
{
    const struct {
        const char *word;
        bool set;
    } words[] = {{"nocache", c->deeds & PX_COOKIE_NOCACHE},
                 {"postonly", c->deeds & PX_COOKIE_POSTONLY},
                 {"httponly", c->http_only},
                 {"secure", c->secure},
                 {"domain", c->domains.n},
                 {"attr", c->attributes.n}};
    for (unsigned i = 0; !(c->deeds & PX_COOKIE_INSERT) && i < COUNT(words); i++)
        if (words[i].set)
            diag_add(s->diags, W0301, c->span, "'%s' does nothing without 'insert'", words[i].word);
}

void cookie_parse(struct sema *s, struct line *l)
{
    const struct word *name = line_expect(s, l, "the name of a cookie");
    struct m_cookie *c = NEW(s->arena, struct m_cookie);
    c->span = l->span;
    if (!name || !consists_of(s, name, is_token, "the name of a cookie (RFC 6265 4.1.1)"))
        return;
    c->name = name->text;
    while (line_peek(l))
        if (!option_of_cookie(s, l, c))
            return;
    if (!deeds_fit(s, c))
        return;
    mind_insert(s, c);
    s->in->persistence = c;
}

void dynamic_cookie_key_parse(struct sema *s, struct line *l)
{
    enum { MOST_KEY = 1024 };
    const struct word *w = line_expect(s, l, "a secret key");
    if (!w || !line_end(s, l))
        return;
    if (w->text.len <= MOST_KEY)
        s->in->dynamic_key = w->text;
    else
        diag_add(s->diags, E0371, w->span, "%s: %zu bytes are more than %d", l->keyword,
                 w->text.len, MOST_KEY);
}

/* ---- persist ---- */

void persist_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "'rdp-cookie'");
    struct call call;
    if (!w || !call_parse(&s->syntax, w, &call))
        return;
    if (!str_is(call.name, "rdp-cookie")) {
        struct str name = STR("rdp-cookie");
        struct diag *d = diag_add(s->diags, E0383, w->span, "'persist' does not know '" STR_FMT "'",
                                  STR_ARG(call.name));
        diag_suggest(s->diags, d, call.name, &name, 1);
        return;
    }
    if (call.has_parens && (call.nargs != 1 || !call.args[0].text.len)) {
        diag_add(s->diags, E0310, w->span, "'persist rdp-cookie()' expects the name of a cookie");
        return;
    }
    if (!line_end(s, l))
        return;
    s->in->rdp_cookie = call.has_parens ? call.args[0].text : STR("msts");
    s->in->rdp_span = l->span;
}

static void persist_rule(struct sema *s, struct line *l, bool force)
{
    struct m_persist_rule r = {.force = force, .span = l->span};
    r.cond = cond_take(s, l, s->in->is_http ? PX_AT_REQ_HTTP : PX_AT_REQ_TCP);
    if (!r.cond && !line_peek(l))
        diag_add(s->diags, E0561, l->span, "'%s' requires 'if' or 'unless' with a condition",
                 l->keyword);
    else if (line_end(s, l) && r.cond)
        VEC_ADD(s->arena, &s->proxy->persist_rules, r);
}

void force_persist_parse(struct sema *s, struct line *l)
{
    persist_rule(s, l, true);
}

void ignore_persist_parse(struct sema *s, struct line *l)
{
    persist_rule(s, l, false);
}

/* ---- when all of the proxy is known ---- */

static bool is_dynamic(const struct m_server *srv)
{
    return !srv->set[SERVER_cookie].set && endpoint_has_ip(&srv->addr);
}

static bool same_address(const struct px_endpoint *a, const struct px_endpoint *b)
{
    size_t len = a->family == PX_AF_INET6 ? 16 : 4;
    return a->family == b->family && a->port == b->port && !memcmp(&a->ip, &b->ip, len);
}

static void mind_dynamic(struct sema *s, const struct m_proxy *p)
{
    if (!p->in.dynamic_key.len) {
        diag_add(s->diags, W0301, p->in.persistence->span,
                 "'dynamic' does nothing without 'dynamic-cookie-key'");
        return;
    }
    for (unsigned i = 0; i < p->servers.n; i++)
        for (unsigned k = 0; k < i; k++) {
            const struct m_server *a = p->servers.v[k], *b = p->servers.v[i];
            if (!is_dynamic(a) || !is_dynamic(b) || !same_address(&a->addr, &b->addr))
                continue;
            struct diag *d = diag_add(s->diags, W0309, b->span,
                                      "two servers have the same address, and so the same cookie");
            diag_other(s->diags, d, a->span, "the other one is here");
            return;
        }
}

/* A value that the delimiter of dates, or of the server's own value, would cut is never found. */
static void check_value(struct sema *s, const struct m_proxy *p, const struct m_setting *set)
{
    char delimiter = p->in.persistence->deeds & PX_COOKIE_PREFIX ? '~' : '|';
    if (set->set && strchr(set->text, delimiter))
        diag_add(s->diags, E0396, set->span, "'%c' ends the value of a cookie in this backend",
                 delimiter);
}

static void mind_tcp(struct sema *s, struct m_proxy *p)
{
    if (p->in.persistence)
        diag_add(s->diags, W0301, p->in.persistence->span,
                 "'cookie' is ignored: %s '" STR_FMT "' is not in mode http", p->what,
                 STR_ARG(p->name));
    for (unsigned i = 0; i < p->servers.n; i++)
        if (p->servers.v[i]->set[SERVER_cookie].set) {
            diag_add(s->diags, W0301, p->servers.v[i]->set[SERVER_cookie].span,
                     "'cookie' is ignored: %s '" STR_FMT "' is not in mode http", p->what,
                     STR_ARG(p->name));
            break;
        }
    p->in.persistence = NULL;
}

void settle_persistence(struct sema *s, struct m_proxy *p)
{
    if (!(p->caps & PX_BACKEND)) {
        p->in.persistence = NULL;
        p->in.rdp_cookie = STR("");
        return;
    }
    if (!p->in.is_http)
        mind_tcp(s, p);
    if (p->in.is_http && p->in.rdp_cookie.len) {
        diag_add(s->diags, W0301, p->in.rdp_span,
                 "'persist rdp-cookie' is ignored: %s '" STR_FMT "' is not in mode tcp", p->what,
                 STR_ARG(p->name));
        p->in.rdp_cookie = STR("");
    }
    if (!p->in.persistence)
        return;
    if (p->in.persistence->dynamic)
        mind_dynamic(s, p);
    for (unsigned i = 0; i < p->servers.n; i++)
        check_value(s, p, &p->servers.v[i]->set[SERVER_cookie]);
}
