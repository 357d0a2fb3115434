/*
 * Names of servers: what they begin with ("init-addr"), and the sections that resolve them while
 * the proxy runs (HAProxy manual 5.3).
 */
#include "resolvers.h"

#include "proxy.h"

#include <string.h>

/* Takes the first word of a list with commas; rest->p becomes NULL behind the last one. */
static struct str list_next(struct str *rest)
{
    const char *comma = memchr(rest->p, ',', rest->len);
    size_t n = comma ? (size_t)(comma - rest->p) : rest->len;
    struct str item = str_cut(*rest, 0, n);
    *rest = comma ? str_cut(*rest, n + 1, rest->len) : (struct str){0};
    return item;
}

static bool is_ip(struct str word)
{
    uint8_t ip[16];
    return value_ipv4_full(word, ip) || value_ipv6(word, ip);
}

static bool method_fits(struct sema *s, struct str word, struct span at, bool *has_ip)
{
    static const struct str names[] = {{"last", 4}, {"libc", 4}, {"none", 4}};
    for (unsigned i = 0; i < COUNT(names); i++)
        if (str_eq(word, names[i]))
            return true;
    bool again = *has_ip, ip = is_ip(word);
    *has_ip |= ip;
    if (ip && !again)
        return true;
    struct diag *d = diag_add(s->diags, E0640, at,
                              ip ? "init-addr has an address already, '" STR_FMT "' is a second one"
                                 : "init-addr does not know '" STR_FMT "'",
                              STR_ARG(word));
    diag_note(s->diags, d, "it knows 'last', 'libc', 'none' and one IP address");
    if (!ip)
        diag_suggest(s->diags, d, word, names, COUNT(names));
    return false;
}

static bool init_addr_fits(struct sema *s, const struct m_setting *set)
{
    bool has_ip = false;
    for (struct str rest = str_of(set->text); rest.p;)
        if (!method_fits(s, list_next(&rest), set->span, &has_ip))
            return false;
    return true;
}

/* ---- options of servers ---- */

static bool word_fits(struct sema *s, const char *option, struct str word, const struct str *names,
                      unsigned n, struct span at)
{
    for (unsigned i = 0; i < n; i++)
        if (str_eq(word, names[i]))
            return true;
    struct diag *d =
        diag_add(s->diags, E0641, at, "%s does not know '" STR_FMT "'", option, STR_ARG(word));
    diag_suggest(s->diags, d, word, names, n);
    return false;
}

static bool prefer_fits(struct sema *s, const struct m_setting *set)
{
    static const struct str names[] = {{"ipv4", 4}, {"ipv6", 4}};
    return word_fits(s, "resolve-prefer", str_of(set->text), names, COUNT(names), set->span);
}

static bool opts_fit(struct sema *s, const struct m_setting *set)
{
    static const struct str names[] = {
        {"allow-dup-ip", 12}, {"ignore-weight", 13}, {"prevent-dup-ip", 14}};
    for (struct str rest = str_of(set->text); rest.p;)
        if (!word_fits(s, "resolve-opts", list_next(&rest), names, COUNT(names), set->span))
            return false;
    return true;
}

static bool network_parse(struct str word, struct m_network *net)
{
    const char *slash = memchr(word.p, '/', word.len);
    size_t n = slash ? (size_t)(slash - word.p) : word.len;
    struct str ip = str_cut(word, 0, n);
    *net = (struct m_network){.family = PX_AF_INET};
    if (!value_ipv4_full(ip, net->ip)) {
        net->family = PX_AF_INET6;
        if (!value_ipv6(ip, net->ip))
            return false;
    }
    unsigned most = net->family == PX_AF_INET ? 32 : 128;
    int bits = slash ? value_mask(str_cut(word, n + 1, word.len), most) : (int)most;
    net->bits = (uint8_t)bits;
    return bits >= 0;
}

static bool nets_fit(struct sema *s, const struct m_setting *set)
{
    struct m_network net;
    for (struct str rest = str_of(set->text); rest.p;) {
        struct str word = list_next(&rest);
        if (network_parse(word, &net))
            continue;
        diag_add(s->diags, E0641, set->span, "resolve-net: '" STR_FMT "' is not a network",
                 STR_ARG(word));
        return false;
    }
    return true;
}

bool name_option_fits(struct sema *s, struct str option, const struct m_setting *set)
{
    static const struct {
        const char *option;
        enum server_setting at;
        bool (*fits)(struct sema *s, const struct m_setting *set);
    } checks[] = {{"init-addr", SERVER_init_addr, init_addr_fits},
                  {"resolve-prefer", SERVER_resolve_prefer, prefer_fits},
                  {"resolve-net", SERVER_resolve_net, nets_fit},
                  {"resolve-opts", SERVER_resolve_opts, opts_fit}};
    for (unsigned i = 0; i < COUNT(checks); i++)
        if (str_is(option, checks[i].option))
            return checks[i].fits(s, &set[checks[i].at]);
    return true;
}

bool server_needs_name(const struct m_server *srv)
{
    const struct m_setting *set = &srv->set[SERVER_init_addr];
    bool asks = !set->set && !srv->set[SERVER_resolvers].set;
    for (struct str rest = str_of(set->set ? set->text : ""); rest.p;) {
        struct str word = list_next(&rest);
        if (str_is(word, "none") || is_ip(word))
            return false;
        asks |= str_is(word, "libc");
    }
    return asks && srv->addr.family == PX_AF_NAME;
}

/* ---- sections ---- */

enum { PORT = 53, PAYLOAD_LEAST = 512, PAYLOAD_MOST = 65535, HOLD = 30000 };

struct m_resolvers *resolvers_new(struct sema *s, struct str name, struct span at)
{
    struct m_resolvers *r = NEW(s->arena, struct m_resolvers);
    *r = (struct m_resolvers){.name = name,
                              .timeout_resolve = 1000,
                              .timeout_retry = 1000,
                              .retries = 3,
                              .payload = PAYLOAD_LEAST,
                              .number = s->model->resolvers.n,
                              .span = at};
    for (unsigned i = 0; i < PX_NHOLDS; i++)
        r->hold[i] = HOLD;
    r->hold[PX_HOLD_VALID] = 10000;
    r->hold[PX_HOLD_OBSOLETE] = 0;
    for (unsigned i = 0; i < s->model->resolvers.n; i++) {
        const struct m_resolvers *other = s->model->resolvers.v[i];
        if (!name.len || !str_eq(other->name, name))
            continue;
        struct diag *d =
            diag_add(s->diags, E0214, at, "the name '" STR_FMT "' is taken", STR_ARG(name));
        diag_other(s->diags, d, other->span, "by these resolvers");
    }
    VEC_ADD(s->arena, &s->model->resolvers, r);
    return r;
}

static void number_parse(struct sema *s, struct line *l, int64_t low, int64_t high, int64_t *to)
{
    const struct word *w = line_expect(s, l, "a number");
    int64_t n;
    if (w && number_value(s, w, l->keyword, low, high, &n) && line_end(s, l))
        *to = n;
}

void resolvers_payload_parse(struct sema *s, struct line *l)
{
    number_parse(s, l, PAYLOAD_LEAST, PAYLOAD_MOST, &s->resolvers->payload);
}

void resolvers_retries_parse(struct sema *s, struct line *l)
{
    number_parse(s, l, 1, UINT16_MAX, &s->resolvers->retries);
}

static void period_parse(struct sema *s, struct line *l, int64_t *to)
{
    const struct word *w = line_expect(s, l, "a time");
    int64_t ms;
    if (w && time_value(s, w, l->keyword, &ms) && line_end(s, l))
        *to = ms;
}

/* Without a pause, name servers would be asked all the time. */
static void pause_parse(struct sema *s, struct line *l, int64_t *to)
{
    int64_t ms = 1;
    period_parse(s, l, &ms);
    if (ms)
        *to = ms;
    else
        diag_add(s->diags, E0371, l->words[l->n - 1].span, "%s: 0 is not a time", l->keyword);
}

void resolvers_timeout_resolve_parse(struct sema *s, struct line *l)
{
    pause_parse(s, l, &s->resolvers->timeout_resolve);
}

void resolvers_timeout_retry_parse(struct sema *s, struct line *l)
{
    pause_parse(s, l, &s->resolvers->timeout_retry);
}

void resolvers_hold_parse(struct sema *s, struct line *l)
{
    static const struct str names[PX_NHOLDS] = {
        [PX_HOLD_NX] = {"nx", 2},           [PX_HOLD_REFUSED] = {"refused", 7},
        [PX_HOLD_TIMEOUT] = {"timeout", 7}, [PX_HOLD_OTHER] = {"other", 5},
        [PX_HOLD_VALID] = {"valid", 5},     [PX_HOLD_OBSOLETE] = {"obsolete", 8}};
    const struct word *w = line_expect(s, l, "a status and a time");
    if (!w || !word_fits(s, "hold", w->text, names, COUNT(names), w->span))
        return;
    for (unsigned i = 0; i < COUNT(names); i++)
        if (str_eq(w->text, names[i]))
            period_parse(s, l, &s->resolvers->hold[i]);
}

static void mind_same_nameserver(struct sema *s, const struct m_nameserver *n)
{
    for (unsigned i = 0; i < s->resolvers->servers.n; i++) {
        const struct m_nameserver *other = &s->resolvers->servers.v[i];
        if (!str_eq(other->name, n->name))
            continue;
        struct diag *d = diag_add(s->diags, E0632, n->span,
                                  "a second name server is named '" STR_FMT "'", STR_ARG(n->name));
        diag_other(s->diags, d, other->span, "the first one is here");
        return;
    }
}

static bool has_stream_prefix(struct str word)
{
    return str_begins(word, "tcp@") || str_begins(word, "tcp4@") || str_begins(word, "tcp6@");
}

/* There is one connection, whatever the limit. */
static bool stream_options(struct sema *s, struct line *l)
{
    int64_t most;
    if (!line_take(l, "maxconn"))
        return true;
    const struct word *w = line_expect(s, l, "a number of connections");
    return w && number_value(s, w, "maxconn", 0, INT32_MAX, &most);
}

void resolvers_nameserver_parse(struct sema *s, struct line *l)
{
    struct address *list;
    const struct word *name = line_expect(s, l, "a name and an address");
    const struct word *w = name ? line_expect(s, l, "an address") : NULL;
    if (!w)
        return;
    bool by_stream = has_stream_prefix(w->text);
    unsigned flags = ADDRESS_NAMES | (by_stream ? 0 : ADDRESS_DATAGRAM);
    if (!address_parse(s->arena, s->diags, s->config->env, w, flags, &list) ||
        (by_stream && !stream_options(s, l)) || !line_end(s, l))
        return;
    struct m_nameserver n = {
        .name = name->text, .addr = list->endpoint, .by_stream = by_stream, .span = l->span};
    if (!endpoint_has_ip(&n.addr)) {
        diag_add(s->diags, E0642, w->span, "'" STR_FMT "' is no IP address", STR_ARG(w->text));
        return;
    }
    if (!n.addr.has_port)
        n.addr.port = PORT;
    mind_same_nameserver(s, &n);
    VEC_ADD(s->arena, &s->resolvers->servers, n);
}

void resolvers_system_parse(struct sema *s, struct line *l)
{
    if (line_end(s, l))
        VEC_ADD(s->arena, &s->resolvers->servers, ((struct m_nameserver){.span = l->span}));
}

/* ---- who resolves what ---- */

/* HAProxy manual 5.3.2: "default" are the system's, unless there is such a section. */
static const struct m_resolvers *resolvers_default(struct sema *s, struct span at)
{
    struct m_resolvers *r = resolvers_new(s, STR("default"), at);
    VEC_ADD(s->arena, &r->servers, ((struct m_nameserver){.span = at}));
    return r;
}

/* NULL: reported. */
static const struct m_resolvers *resolvers_find(struct sema *s, struct str name, struct span at)
{
    VEC(struct str) names = {0};
    for (unsigned i = 0; i < s->model->resolvers.n; i++) {
        if (str_eq(s->model->resolvers.v[i]->name, name))
            return s->model->resolvers.v[i];
        VEC_ADD(s->arena, &names, s->model->resolvers.v[i]->name);
    }
    if (str_is(name, "default"))
        return resolvers_default(s, at);
    struct diag *d =
        diag_add(s->diags, E0643, at, "no resolvers are named '" STR_FMT "'", STR_ARG(name));
    diag_suggest(s->diags, d, name, names.v, names.n);
    return NULL;
}

void resolve_resolvers(struct sema *s, struct m_arg *a)
{
    a->resolvers = resolvers_find(s, a->text, a->span);
    s->model->resolves = true;
}

/* RFC 1035 2.3.4 */
static bool is_askable(const char *name)
{
    size_t len = strlen(name), label = 0;
    len -= len && name[len - 1] == '.';
    for (size_t i = 0; i < len; i++) {
        label = name[i] == '.' ? 0 : label + 1;
        if (label > 63 || (name[i] == '.' && (!i || name[i - 1] == '.')))
            return false;
    }
    return len && label && len <= 253;
}

static void read_opts(struct m_resolving *how, const struct m_setting *set)
{
    for (struct str rest = set->set ? str_of(set->text) : (struct str){0}; rest.p;) {
        struct str word = list_next(&rest);
        if (str_is(word, "ignore-weight"))
            how->ignore_weight = true;
        else
            how->allow_duplicates = str_is(word, "allow-dup-ip");
    }
}

static void read_nets(struct sema *s, struct m_resolving *how, const struct m_setting *set)
{
    struct m_network net;
    for (struct str rest = set->set ? str_of(set->text) : (struct str){0}; rest.p;)
        if (network_parse(list_next(&rest), &net))
            VEC_ADD(s->arena, &how->networks, net);
}

/* Addresses that are no names need nobody to resolve them, until somebody gives the server one. */
static bool may_have_name(const struct sema *s, const struct px_endpoint *addr)
{
    bool ip = addr->family == PX_AF_INET || addr->family == PX_AF_INET6;
    return addr->family == PX_AF_NAME || (ip && s->model->admin);
}

static void settle_server(struct sema *s, struct m_server *srv)
{
    const struct m_setting *set = &srv->set[SERVER_resolvers];
    if (!set->set)
        return;
    struct m_resolving *how = NEW(s->arena, struct m_resolving);
    const struct m_setting *prefer = &srv->set[SERVER_resolve_prefer];
    how->by = resolvers_find(s, str_of(set->text), set->span);
    if (!may_have_name(s, &srv->addr))
        return;
    how->prefer_ipv4 = prefer->set && !strcmp(prefer->text, "ipv4");
    read_opts(how, &srv->set[SERVER_resolve_opts]);
    read_nets(s, how, &srv->set[SERVER_resolve_net]);
    if (!how->by)
        return;
    bool named = srv->addr.family == PX_AF_NAME;
    if (named && !is_askable(srv->addr.path))
        diag_add(s->diags, E0644, srv->span, "'%s' cannot be asked for", srv->addr.path);
    if (named && srv->addr.path[0] == '_') /* its port comes from the answer */
        srv->addr.has_port = true;
    srv->resolving = how;
    s->model->resolves = true;
}

void settle_resolvers(struct sema *s)
{
    const struct model *m = s->model;
    for (unsigned i = 0; i < m->proxies.n; i++)
        for (unsigned k = 0; k < m->proxies.v[i]->servers.n; k++)
            settle_server(s, m->proxies.v[i]->servers.v[k]);
}
