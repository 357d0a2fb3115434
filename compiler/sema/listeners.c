/*
 * bind and stats socket lines: addresses, then options.
 */
#include "listeners.h"

#include "proxy.h"

#include <netinet/tcp.h>
#include <string.h>

/* An option of a bind or server line: a scalar by its row. 0: it is none; -1: reported. */
int option_take(struct sema *s, struct line *l, const struct vocab_setting *rows, unsigned n,
                struct m_setting *set)
{
    const struct word *w = line_peek(l);
    for (unsigned i = 0; i < n; i++) {
        if (!str_is(w->text, rows[i].words))
            continue;
        l->at++;
        struct m_setting value = {.set = true, .number = 1, .span = w->span};
        if (rows[i].kind == SETTING_SOURCE) {
            if (!source_take(s, l, &value.source))
                return -1;
            value.span = span_join(w->span, l->words[l->at - 1].span);
        } else if (rows[i].kind != SETTING_FLAG) {
            const struct word *v = line_next(l);
            if (!v) {
                diag_add(s->diags, E0310, w->span, "'%s' expects a value", rows[i].words);
                return -1;
            }
            value.span = span_join(w->span, v->span);
            if (!setting_value(s, v, rows[i].kind, rows[i].words, &value))
                return -1;
        }
        if (rows[i].kind == SETTING_THREADS)
            value.number |= set[i].number;
        set[i] = value;
        return 1;
    }
    return 0;
}

/* Refuses the option at l. What the words behind it mean cannot be known, except that some of them
 * are options that would be refused too: these are named at once. */
void option_refuse(struct sema *s, struct line *l, enum vocab_space space, const char *what)
{
    const struct word *w = line_next(l);
    struct diag *d = vocab_refuse(s->vocab, s->diags, space, w->text, w->span, what);
    struct map named = {0};
    struct text others = {.arena = s->arena};
    *map_at(s->arena, &named, w->text) = s;
    for (bool known = d->id != E0300; known && (w = line_next(l));) {
        const struct vocab_entry *e = vocab_find(s->vocab, space, w->text);
        if (!e || e->status == VOCAB_ON || map_get(&named, w->text))
            continue;
        text_printf(&others, "%s'" STR_FMT "'", others.len ? ", " : "", STR_ARG(w->text));
        *map_at(s->arena, &named, w->text) = s;
    }
    if (others.len)
        diag_note(s->diags, d, "nor are these supported: %.*s", (int)others.len, others.p);
    l->at = l->n;
}

/* What was agreed upon with a client cannot be reduced any more on Linux. */
static void mind_negative_mss(struct sema *s, const struct m_setting *set)
{
    if (set->set && set->number < 0)
        diag_add(s->diags, W0301, set->span,
                 "an 'mss' below 0 does nothing: Linux cannot reduce that of a connection");
}

static bool level_is_good(struct sema *s, const struct m_setting *set)
{
    if (!set->set || !strcmp(set->text, "user") || !strcmp(set->text, "operator") ||
        !strcmp(set->text, "admin"))
        return true;
    static const struct str levels[] = {{"user", 4}, {"operator", 8}, {"admin", 5}};
    struct diag *d = diag_add(s->diags, E0630, set->span, "unknown level '%s'", set->text);
    diag_suggest(s->diags, d, str_of(set->text), levels, COUNT(levels));
    diag_note(s->diags, d, "levels are 'user', 'operator' and 'admin'");
    return false;
}

static bool numbers_are_good(struct sema *s, const struct m_setting *set)
{
    static const struct {
        enum bind_setting setting;
        int64_t low, high;
    } ranges[] = {{BIND_nice, -1024, 1024}, {BIND_tcp_ss, 0, 2}};
    for (unsigned i = 0; i < COUNT(ranges); i++) {
        const struct m_setting *n = &set[ranges[i].setting];
        if (!n->set || (n->number >= ranges[i].low && n->number <= ranges[i].high))
            continue;
        diag_add(s->diags, E0371, n->span, "%s: %lld is not between %lld and %lld",
                 vocab_bind[ranges[i].setting].words, (long long)n->number,
                 (long long)ranges[i].low, (long long)ranges[i].high);
        return false;
    }
    return true;
}

/* RFC 2385 sets no bound; the kernel does. */
bool password_fits(struct sema *s, const struct m_setting *set)
{
    bool good = !set->set || (set->text[0] && strlen(set->text) <= TCP_MD5SIG_MAXKEYLEN);
    if (!good)
        diag_add(s->diags, E0619, set->span, "a password of TCP has 1 to %d bytes",
                 TCP_MD5SIG_MAXKEYLEN);
    return good;
}

static bool expose_is_good(struct sema *s, const struct m_setting *set)
{
    if (!set->set || !strcmp(set->text, "listeners"))
        return true;
    diag_add(s->diags, E0631, set->span, "'expose-fd' expects 'listeners', not '%s'", set->text);
    return false;
}

static bool id_is_good(struct sema *s, const struct m_setting *set, unsigned n,
                       const struct address *list)
{
    bool several = n > 1 || (n && list[0].port_high > list[0].endpoint.port);
    if (set->set && !set->number)
        diag_add(s->diags, E0371, set->span, "id: 0 is not between 1 and %d", INT32_MAX);
    else if (set->set && several)
        diag_add(s->diags, E0610, set->span, "'id' can only be given to a single address");
    return !set->set || (set->number && !several);
}

/* Both name threads, and a line may name some several times. */
static void merge_threads(struct m_setting *set)
{
    struct m_setting *threads = &set[BIND_threads], *process = &set[BIND_process];
    if (process->set) {
        process->number |= threads->number;
        *threads = *process;
    }
    *process = (struct m_setting){0};
}

static bool options_take(struct sema *s, struct line *l, struct m_setting *set)
{
    while (line_peek(l)) {
        int took = option_take(s, l, vocab_bind, NBIND_SETTINGS, set);
        if (took < 0)
            return false;
        if (!took) {
            option_refuse(s, l, SPACE_BIND, "bind option");
            return false;
        }
    }
    mind_negative_mss(s, &set[BIND_mss]);
    merge_threads(set);
    return numbers_are_good(s, set) && password_fits(s, &set[BIND_tcp_md5sig]) &&
           level_is_good(s, &set[BIND_level]) && expose_is_good(s, &set[BIND_expose_fd]);
}

/* Who speaks to the process itself relays nobody. */
static bool announces_nothing(struct sema *s, const struct m_setting *set)
{
    static const enum bind_setting announcing[] = {BIND_accept_proxy, BIND_netscaler_magic};
    for (unsigned i = 0; i < COUNT(announcing); i++) {
        if (!set[announcing[i]].set)
            continue;
        diag_add(s->diags, E0301, set[announcing[i]].span,
                 "a control socket does not support '%s' yet", vocab_bind[announcing[i]].words);
        return false;
    }
    return true;
}

static bool announces_once(struct sema *s, const struct m_setting *set)
{
    bool both = set[BIND_accept_proxy].set && set[BIND_netscaler_magic].set;
    if (both)
        diag_add(s->diags, E0617, set[BIND_netscaler_magic].span,
                 "a connection cannot be announced in two ways");
    return !both;
}

static void add_bind(struct sema *s, const struct address *addr, const struct m_setting *set,
                     int port, struct line *l, bool control)
{
    struct m_bind *b = NEW(s->arena, struct m_bind);
    b->addr = addr->endpoint;
    if (b->addr.family != PX_AF_FD)
        b->addr.port = port;
    b->span = l->span;
    b->addr_span = addr->span;
    memcpy(b->set, set, sizeof b->set);
    if (control)
        VEC_ADD(s->arena, &s->model->stats_sockets, b);
    else
        VEC_ADD(s->arena, &s->proxy->binds, b);
}

void bind_parse_line(struct sema *s, struct line *l, bool control)
{
    const struct word *w = line_expect(s, l, "an address");
    if (!w)
        return;
    unsigned flags = ADDRESS_LIST | ADDRESS_PORT_RANGE | ADDRESS_PORT_MANDATORY | ADDRESS_ANY |
                     ADDRESS_NAMES | ADDRESS_FD;
    struct address *list;
    unsigned n = address_parse(s->arena, s->diags, s->config->env, w, flags, &list);
    struct m_setting set[NBIND_SETTINGS] = {0};
    if (!options_take(s, l, set) || !announces_once(s, set) ||
        !id_is_good(s, &set[BIND_id], n, list))
        return;
    if (control && !announces_nothing(s, set))
        return;
    for (unsigned i = 0; i < n; i++)
        for (int port = list[i].endpoint.port; port <= list[i].port_high; port++)
            add_bind(s, &list[i], set, port, l, control);
}

/* ---- the global section ---- */

static bool is_unix_option(struct str word)
{
    static const enum bind_setting all[] = {BIND_mode, BIND_user, BIND_uid, BIND_group, BIND_gid};
    for (unsigned i = 0; i < COUNT(all); i++)
        if (str_is(word, vocab_bind[all[i]].words))
            return true;
    return false;
}

void unix_bind_parse(struct sema *s, struct line *l)
{
    if (!line_peek(l))
        line_expect(s, l, "prefix, mode, user, uid, group or gid");
    while (line_peek(l)) {
        if (line_take(l, "prefix")) {
            const struct word *w = line_expect(s, l, "a path behind 'prefix'");
            if (!w)
                return;
            s->model->unix_prefix = w->text;
        } else if (!is_unix_option(line_peek(l)->text)) {
            line_end(s, l);
        } else if (option_take(s, l, vocab_bind, NBIND_SETTINGS, s->model->unix_bind) < 0) {
            return;
        }
    }
}

void multi_queue_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "'on' or 'off'");
    int64_t on;
    if (w && onoff_value(s, w, l->keyword, &on) && line_end(s, l))
        diag_add(s->diags, W0306, l->span, "'%s' has no effect: the kernel spreads connections",
                 l->keyword);
}
