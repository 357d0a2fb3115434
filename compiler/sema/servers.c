/*
 * server, default-server and server-template lines.
 */
#include "context.h"
#include "listeners.h"
#include "proxy.h"
#include "resolvers.h"

#include <ctype.h>
#include <string.h>

/* "no-backup" and "enabled" undo what default-server said. */
static const struct {
    const char *word;
    enum server_setting setting;
} negations[] = {{"no-backup", SERVER_backup},
                 {"enabled", SERVER_disabled},
                 {"no-agent-check", SERVER_agent_check},
                 {"no-check", SERVER_check},
                 {"no-check-send-proxy", SERVER_check_send_proxy},
                 {"no-send-proxy", SERVER_send_proxy},
                 {"no-send-proxy-v2", SERVER_send_proxy_v2},
                 {"no-tfo", SERVER_tfo},
                 {"stick", SERVER_non_stick}};

static int negation_take(struct line *l, struct m_setting *set)
{
    for (unsigned i = 0; i < COUNT(negations); i++)
        if (line_take(l, negations[i].word)) {
            set[negations[i].setting] = (struct m_setting){.set = true};
            return 1;
        }
    return 0;
}

/* What "proxy-v2-options" may list; says == 0: it speaks of TLS, which servers are not told of yet.
 */
static const struct {
    const char *word;
    unsigned says;
} announcements[] = {
    {"crc32c", PX_SAY_CRC32C},
    {"unique-id", PX_SAY_UNIQUE_ID},
    {"authority", PX_SAY_AUTHORITY},
    {"ssl", 0},
    {"cert-cn", 0},
    {"ssl-cipher", 0},
    {"cert-sig", 0},
    {"cert-key", 0},
};

/* 0: reported. */
static unsigned announcement(struct sema *s, struct str word, struct span at)
{
    struct str names[COUNT(announcements)];
    for (unsigned i = 0; i < COUNT(announcements); i++) {
        names[i] = str_of(announcements[i].word);
        if (!str_eq(word, names[i]))
            continue;
        if (!announcements[i].says)
            diag_add(s->diags, E0301, at, "'" STR_FMT "' in proxy-v2-options is not supported yet",
                     STR_ARG(word));
        return announcements[i].says;
    }
    struct diag *d = diag_add(s->diags, E0634, at, "proxy-v2-options does not know '" STR_FMT "'",
                              STR_ARG(word));
    diag_note(s->diags, d, "it knows 'crc32c', 'unique-id' and 'authority'");
    diag_suggest(s->diags, d, word, names, COUNT(names));
    return 0;
}

/* The words of the setting as its number, enum px_announced. false: reported. */
static bool announcements_take(struct sema *s, struct m_setting *set)
{
    struct str rest = str_of(set->text);
    const char *comma;
    set->number = 0;
    do {
        comma = memchr(rest.p, ',', rest.len);
        size_t n = comma ? (size_t)(comma - rest.p) : rest.len;
        unsigned says = announcement(s, str_cut(rest, 0, n), set->span);
        if (!says)
            return false;
        set->number |= says;
        rest = comma ? str_cut(rest, n + 1, rest.len) : rest;
    } while (comma);
    return true;
}

/* "set-proxy-v2-tlv-fmt(TYPE) FORMAT": added to what there is. -1: reported. */
static int vector_take(struct sema *s, struct line *l, struct m_setting *set)
{
    const struct word *w = line_next(l);
    struct m_setting *all = &set[SERVER_vectors];
    struct call call;
    int64_t type;
    if (!call_parse(&s->syntax, w, &call))
        return -1;
    if (call.nargs != 1) {
        diag_add(s->diags, E0310, w->span, "'%s' expects a type in parentheses",
                 vocab_server[SERVER_vectors].words);
        return -1;
    }
    if (!vector_type(s, call.args[0].text, call.args[0].span, &type))
        return -1;
    const struct word *text = line_expect(s, l, "a format");
    struct m_fmt *fmt =
        text ? fmt_check(s, text, s->in->is_http ? PX_AT_REQ_HTTP : PX_AT_REQ_TCP) : NULL;
    if (!fmt)
        return -1;
    fmt->is_raw = true;
    struct m_vectors *more = NEW(s->arena, struct m_vectors);
    for (unsigned i = 0; all->vectors && i < all->vectors->v.n; i++)
        VEC_ADD(s->arena, &more->v, all->vectors->v.v[i]);
    VEC_ADD(s->arena, &more->v, ((struct m_vector){(unsigned)type, fmt}));
    *all = (struct m_setting){.set = true, .vectors = more, .span = span_join(w->span, text->span)};
    return 1;
}

/* HAProxy manual, "redir": clients that are sent to a place on this host come back for ever. */
static bool redirect_fits(struct sema *s, struct m_setting *set)
{
    struct str prefix = str_of(set->text);
    set->redirect = redirect_to_prefix(s, prefix, set->span);
    if (memchr(prefix.p, ':', prefix.len) || str_begins(prefix, "//"))
        return true;
    diag_add(s->diags, E0635, set->span, "redir: '" STR_FMT "' names no other host",
             STR_ARG(prefix));
    return false;
}

static bool hash_key_fits(struct sema *s, const struct m_setting *set)
{
    static const struct str keys[] = {{"id", 2}, {"id32", 4}, {"addr", 4}, {"addr-port", 9}};
    struct str key = str_of(set->text);
    for (unsigned i = 0; i < COUNT(keys); i++)
        if (str_eq(key, keys[i]))
            return true;
    if (str_is(key, "guid")) {
        diag_add(s->diags, E0301, set->span, "hash-key: 'guid' is not supported yet");
        return false;
    }
    struct diag *d = diag_add(s->diags, E0383, set->span,
                              "hash-key: '" STR_FMT "' is not 'id', 'id32', 'addr' or 'addr-port'",
                              STR_ARG(key));
    diag_suggest(s->diags, d, key, keys, COUNT(keys));
    return false;
}

static int server_option_take(struct sema *s, struct line *l, struct m_setting *set)
{
    const char *vector = vocab_server[SERVER_vectors].words;
    if (str_begins(line_peek(l)->text, vector))
        return vector_take(s, l, set);
    bool says = str_is(line_peek(l)->text, "proxy-v2-options");
    bool low = str_is(line_peek(l)->text, "pool-low-conn");
    bool elsewhere = str_is(line_peek(l)->text, "redir");
    bool cookie = str_is(line_peek(l)->text, "cookie");
    bool hashed = str_is(line_peek(l)->text, "hash-key");
    struct str word = line_peek(l)->text;
    int took = option_take(s, l, vocab_server, NSERVER_SETTINGS, set);
    if (took > 0 && low && set[SERVER_pool_low_conn].number)
        diag_add(s->diags, W0307, set[SERVER_pool_low_conn].span,
                 "'pool-low-conn' changes nothing: threads never take each other's connections");
    if (took > 0 && cookie && !cookie_value_is_good(s, &l->words[l->at - 1]))
        return -1;
    if (took > 0 && elsewhere && !redirect_fits(s, &set[SERVER_redirect]))
        return -1;
    if (took > 0 && !name_option_fits(s, word, set))
        return -1;
    if (took > 0 && hashed && !hash_key_fits(s, &set[SERVER_hash_key]))
        return -1;
    if (took > 0 && says && !announcements_take(s, &set[SERVER_proxy_v2_options]))
        return -1;
    return took;
}

static bool server_options_fit(struct sema *s, const struct m_setting *set)
{
    const struct m_setting *w = &set[SERVER_weight];
    if (!password_fits(s, &set[SERVER_tcp_md5sig]) || !check_options_fit(s, set))
        return false;
    if (!w->set || w->number <= 256)
        return true;
    diag_add(s->diags, E0371, w->span, "weight: %lld is not between 0 and 256",
             (long long)w->number);
    return false;
}

/* "id" is the server's own. false: reported. */
static bool options_take(struct sema *s, struct line *l, struct m_setting *set, int64_t *id)
{
    while (line_peek(l)) {
        int took = server_option_take(s, l, set);
        if (!took)
            took = negation_take(l, set);
        if (!took && id && line_take(l, "id")) {
            const struct word *w = line_expect(s, l, "a number");
            took = w && number_value(s, w, "id", 1, INT32_MAX, id) ? 1 : -1;
        }
        if (took < 0)
            return false;
        if (!took) {
            option_refuse(s, l, SPACE_SERVER, "server option");
            return false;
        }
    }
    return server_options_fit(s, set);
}

void default_server_parse(struct sema *s, struct line *l)
{
    if (!line_peek(l)) {
        line_expect(s, l, "server options");
        return;
    }
    options_take(s, l, s->in->default_server, NULL);
}

bool object_name_is_good(struct sema *s, const struct word *w, const char *what)
{
    for (size_t i = 0; i < w->text.len; i++) {
        char c = w->text.p[i];
        if (isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.' || c == ':')
            continue;
        diag_add(s->diags, E0210, word_span(w, i, i + 1),
                 "the name of a %s consists of letters, digits, '-', '_', '.' and ':', not '%c'",
                 what, c);
        return false;
    }
    return true;
}

static void mind_duplicate(struct sema *s, const struct m_server *srv)
{
    for (unsigned i = 0; i < s->proxy->servers.n; i++) {
        const struct m_server *other = s->proxy->servers.v[i];
        if (!str_eq(other->name, srv->name))
            continue;
        struct diag *d = diag_add(s->diags, E0632, srv->span,
                                  "a second server is named '" STR_FMT "'", STR_ARG(srv->name));
        diag_other(s->diags, d, other->span, "the first one is here");
        return;
    }
}

/* HAProxy manual, "server": 0.0.0.0 and "::" stand for where the client meant to go. */
static bool is_any_address(const struct px_endpoint *ep)
{
    static const uint8_t zeros[16];
    return (ep->family == PX_AF_INET && !memcmp(ep->ip.v4, zeros, 4)) ||
           (ep->family == PX_AF_INET6 && !memcmp(ep->ip.v6, zeros, 16));
}

/* addr == NULL: it was reported; the name is known all the same. */
static struct m_server *server_add(struct sema *s, struct str name, const struct address *addr,
                                   const struct m_setting *set, struct span at)
{
    struct m_server *srv = NEW(s->arena, struct m_server);
    srv->name = name;
    if (addr)
        srv->addr = addr->endpoint;
    srv->follows = addr && is_any_address(&addr->endpoint);
    srv->proxy = s->proxy;
    srv->span = at;
    memcpy(srv->set, set, sizeof srv->set);
    mind_duplicate(s, srv);
    VEC_ADD(s->arena, &s->proxy->servers, srv);
    return srv;
}

/* NULL: reported. Port 0 is none: that of the client's connection counts. */
static const struct address *server_address(struct sema *s, struct line *l)
{
    struct address *list;
    const struct word *w = line_expect(s, l, "an address");
    unsigned flags = ADDRESS_NAMES | ADDRESS_PORT_OFFSET | ADDRESS_PORT_ZERO | ADDRESS_ANY;
    if (!w || !address_parse(s->arena, s->diags, s->config->env, w, flags, &list))
        return NULL;
    list->endpoint.has_port &= list->endpoint.port || list->endpoint.port_offset;
    return list;
}

/* Only version 2 has room for what the options of this line ask for. */
static void mind_options_of_v2(struct sema *s, const struct m_setting *set)
{
    const struct m_setting *says = &set[SERVER_proxy_v2_options], *v2 = &set[SERVER_send_proxy_v2];
    const struct m_setting *more = &set[SERVER_vectors];
    if (more->vectors != s->in->default_server[SERVER_vectors].vectors && !(v2->set && v2->number))
        diag_add(s->diags, W0301, more->span, "'%s' does nothing without 'send-proxy-v2'",
                 vocab_server[SERVER_vectors].words);
    bool inherited = says->text == s->in->default_server[SERVER_proxy_v2_options].text;
    if (!inherited && !(v2->set && v2->number))
        diag_add(s->diags, W0301, says->span,
                 "'proxy-v2-options' does nothing without 'send-proxy-v2'");
}

void server_parse(struct sema *s, struct line *l)
{
    const struct word *name = line_expect(s, l, "a name and an address");
    if (!name)
        return;
    object_name_is_good(s, name, "server");
    const struct address *addr = server_address(s, l);
    struct m_setting set[NSERVER_SETTINGS];
    int64_t id = 0;
    memcpy(set, s->in->default_server, sizeof set);
    if (options_take(s, l, set, &id))
        mind_options_of_v2(s, set);
    server_add(s, name->text, addr, set, l->span)->id = (unsigned)id;
}

struct m_server *nameless_server(struct sema *s, struct m_proxy *p, struct span at)
{
    struct m_server *srv = NEW(s->arena, struct m_server);
    srv->name = STR("dispatch");
    srv->is_nameless = true;
    srv->proxy = p;
    srv->span = at;
    return srv;
}

void dispatch_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "an address and a port");
    struct address *list;
    unsigned flags = ADDRESS_NAMES | ADDRESS_PORT_MANDATORY;
    if (!w || !address_parse(s->arena, s->diags, s->config->env, w, flags, &list) ||
        !line_end(s, l))
        return;
    s->proxy->dispatch = nameless_server(s, s->proxy, l->span);
    s->proxy->dispatch->addr = list->endpoint;
}

/* "5" or "2-6". */
static bool template_range(struct sema *s, const struct word *w, int64_t *low, int64_t *high)
{
    const char *dash = memchr(w->text.p, '-', w->text.len);
    size_t at = dash ? (size_t)(dash - w->text.p) : w->text.len;
    *low = 1;
    bool good = dash ? value_int(str_cut(w->text, 0, at), low) == VALUE_OK &&
                           value_int(str_cut(w->text, at + 1, w->text.len), high) == VALUE_OK
                     : value_int(w->text, high) == VALUE_OK;
    if (good && *low >= 0 && *low <= *high && *high <= 65535)
        return true;
    diag_add(s->diags, E0633, w->span, "'" STR_FMT "' is not a number or a range of servers",
             STR_ARG(w->text));
    return false;
}

void server_template_parse(struct sema *s, struct line *l)
{
    const struct word *prefix = line_expect(s, l, "a name prefix, a number and an address");
    const struct word *range = prefix ? line_expect(s, l, "a number or range") : NULL;
    int64_t low, high;
    if (!range || !object_name_is_good(s, prefix, "server") ||
        !template_range(s, range, &low, &high))
        return;
    const struct address *addr = server_address(s, l);
    struct m_setting set[NSERVER_SETTINGS];
    memcpy(set, s->in->default_server, sizeof set);
    if (options_take(s, l, set, NULL))
        mind_options_of_v2(s, set);
    for (int64_t i = low; i <= high; i++)
        server_add(s, str_printf(s->arena, STR_FMT "%lld", STR_ARG(prefix->text), (long long)i),
                   addr, set, l->span);
}
