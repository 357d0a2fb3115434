/*
 * server, default-server and server-template lines.
 */
#include "context.h"
#include "listeners.h"
#include "proxy.h"

#include <ctype.h>
#include <string.h>

/* "no-backup" and "enabled" undo what default-server said. */
static const struct {
    const char *word;
    enum server_setting setting;
} negations[] = {{"no-backup", SERVER_backup}, {"enabled", SERVER_disabled}};

static int negation_take(struct line *l, struct m_setting *set)
{
    for (unsigned i = 0; i < COUNT(negations); i++)
        if (line_take(l, negations[i].word)) {
            set[negations[i].setting] = (struct m_setting){.set = true};
            return 1;
        }
    return 0;
}

static bool server_options_fit(struct sema *s, const struct m_setting *set)
{
    const struct m_setting *w = &set[SERVER_weight];
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
        int took = option_take(s, l, vocab_server, NSERVER_SETTINGS, set);
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

/* addr == NULL: it was reported; the name is known all the same. */
static struct m_server *server_add(struct sema *s, struct str name, const struct address *addr,
                                   const struct m_setting *set, struct span at)
{
    struct m_server *srv = NEW(s->arena, struct m_server);
    srv->name = name;
    if (addr)
        srv->addr = addr->endpoint;
    srv->proxy = s->proxy;
    srv->span = at;
    memcpy(srv->set, set, sizeof srv->set);
    mind_duplicate(s, srv);
    VEC_ADD(s->arena, &s->proxy->servers, srv);
    return srv;
}

/* NULL: reported. */
static const struct address *server_address(struct sema *s, struct line *l)
{
    struct address *list;
    const struct word *w = line_expect(s, l, "an address");
    unsigned flags = ADDRESS_NAMES | ADDRESS_PORT_OFFSET | ADDRESS_ANY;
    bool good = w && address_parse(s->arena, s->diags, s->config->env, w, flags, &list);
    return good ? list : NULL;
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
    options_take(s, l, set, &id);
    server_add(s, name->text, addr, set, l->span)->id = (unsigned)id;
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
    options_take(s, l, set, NULL);
    for (int64_t i = low; i <= high; i++)
        server_add(s, str_printf(s->arena, STR_FMT "%lld", STR_ARG(prefix->text), (long long)i),
                   addr, set, l->span);
}
