/*
 * ring sections: log lines that are kept in memory, and sent to log servers over streams
 * (HAProxy manual 3.9).
 */
#include "context.h"
#include "listeners.h"
#include "proxy.h"

enum { RING_LEAST = 1024, LINE_LEAST = 1, LINE_MOST = 65535 };

const struct m_ring *ring_find(struct sema *s, const struct word *w, struct str name)
{
    VEC(struct str) names = {0};
    for (unsigned i = 0; i < s->model->rings.n; i++) {
        if (str_eq(s->model->rings.v[i]->name, name))
            return s->model->rings.v[i];
        VEC_ADD(s->arena, &names, s->model->rings.v[i]->name);
    }
    if (map_get(&s->lost, name))
        return NULL;
    struct diag *d =
        diag_add(s->diags, E0712, w->span, "no ring is named '" STR_FMT "'", STR_ARG(name));
    diag_suggest(s->diags, d, name, names.v, names.n);
    return NULL;
}

static void mind_same_ring(struct sema *s, const struct m_ring *r)
{
    for (unsigned i = 0; i < s->model->rings.n; i++) {
        const struct m_ring *other = s->model->rings.v[i];
        if (!r->name.len || !str_eq(other->name, r->name))
            continue;
        struct diag *d =
            diag_add(s->diags, E0214, r->span, "the name '" STR_FMT "' is taken", STR_ARG(r->name));
        diag_other(s->diags, d, other->span, "by this ring");
        return;
    }
}

/* HAProxy manual, "format" of rings: nothing but the text, unless another is chosen. */
struct m_ring *ring_new(struct sema *s, struct str name, struct span at)
{
    struct m_ring *r = NEW(s->arena, struct m_ring);
    r->name = r->description = name;
    r->format = PX_LOG_RAW;
    r->max_len = 1024;
    r->span = at;
    mind_same_ring(s, r);
    r->number = s->model->rings.n;
    VEC_ADD(s->arena, &s->model->rings, r);
    return r;
}

void ring_description_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a text");
    if (w && line_end(s, l))
        s->ring->description = w->text;
}

void ring_format_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a format");
    unsigned format;
    if (w && log_format_value(s, w, &format) && line_end(s, l))
        s->ring->format = format;
}

void ring_maxlen_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a length");
    int64_t n;
    if (!w || !number_value(s, w, "maxlen", LINE_LEAST, LINE_MOST, &n) || !line_end(s, l))
        return;
    s->ring->max_len = (unsigned)n;
    s->ring->max_len_span = w->span;
}

void ring_size_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a size");
    struct m_setting set;
    if (!w || !setting_value(s, w, SETTING_SIZE, "size", &set) || !line_end(s, l))
        return;
    if (set.number < RING_LEAST)
        diag_add(s->diags, E0371, w->span, "size: " STR_FMT " is less than %d", STR_ARG(w->text),
                 RING_LEAST);
    s->ring->size = set.number;
}

static void timeout_parse(struct sema *s, struct line *l, int64_t *ms)
{
    const struct word *w = line_expect(s, l, "a time");
    int64_t value;
    if (w && time_value(s, w, l->keyword, &value) && line_end(s, l))
        *ms = value;
}

void ring_timeout_connect_parse(struct sema *s, struct line *l)
{
    timeout_parse(s, l, &s->ring->timeout_connect);
}

void ring_timeout_server_parse(struct sema *s, struct line *l)
{
    timeout_parse(s, l, &s->ring->timeout_server);
}

/* ---- servers ---- */

/* The framing of RFC 6587: 3.4.1 or 3.4.2. */
void ring_log_proto_parse(struct sema *s, struct line *l)
{
    struct m_ring_server *srv = &s->ring->servers.v[s->ring->servers.n - 1];
    const struct word *w = line_expect(s, l, "'legacy' or 'octet-count'");
    if (!w)
        return;
    srv->counts = str_is(w->text, "octet-count");
    if (!srv->counts && !str_is(w->text, "legacy"))
        diag_add(s->diags, E0710, w->span,
                 "log-proto: expected 'legacy' or 'octet-count', not '" STR_FMT "'",
                 STR_ARG(w->text));
}

static void server_options(struct sema *s, struct line *l)
{
    while (line_peek(l)) {
        const struct vocab_entry *e = vocab_find(s->vocab, SPACE_RING_SERVER, line_peek(l)->text);
        if (!e) {
            option_refuse(s, l, SPACE_RING_SERVER, "option of a ring's server");
            return;
        }
        const struct directive_row *row = e->row;
        l->keyword = row->words;
        line_next(l);
        row->parse(s, l);
    }
}

static void mind_same_server(struct sema *s, const struct word *name)
{
    for (unsigned i = 0; i < s->ring->servers.n; i++) {
        const struct m_ring_server *other = &s->ring->servers.v[i];
        if (!str_eq(other->name, name->text))
            continue;
        struct diag *d = diag_add(s->diags, E0632, name->span,
                                  "a second server is named '" STR_FMT "'", STR_ARG(name->text));
        diag_other(s->diags, d, other->span, "the first one is here");
        return;
    }
}

void ring_server_parse(struct sema *s, struct line *l)
{
    const struct word *name = line_expect(s, l, "a name and an address");
    if (!name)
        return;
    struct address *list;
    object_name_is_good(s, name, "server");
    mind_same_server(s, name);
    const struct word *w = line_expect(s, l, "an address");
    if (!w || !address_parse(s->arena, s->diags, s->config->env, w,
                             ADDRESS_NAMES | ADDRESS_PORT_MANDATORY, &list))
        return;
    struct m_ring_server srv = {.name = name->text, .addr = list->endpoint, .span = name->span};
    VEC_ADD(s->arena, &s->ring->servers, srv);
    server_options(s, l);
}

/* ---- the whole ---- */

/* What a line takes beside its text: see runtime/ops/ring.c. */
static void settle_line(struct sema *s, struct m_ring *r)
{
    int64_t most = r->size - PX_RING_OVERHEAD;
    if (r->max_len <= most)
        return;
    if (r->max_len_span.source)
        diag_add(s->diags, W0701, r->max_len_span,
                 "maxlen: lines of %u bytes do not fit into a ring of %lld; they are cut to %lld",
                 r->max_len, (long long)r->size, (long long)most);
    r->max_len = (unsigned)most;
}

static void mind_timeouts(struct sema *s, const struct m_ring *r)
{
    bool both = r->timeout_connect && r->timeout_server;
    if (s->advise && r->servers.n && !both)
        diag_add(s->diags, W0201, r->span, "ring '" STR_FMT "' has no %s%s%s", STR_ARG(r->name),
                 r->timeout_connect ? "" : "'timeout connect'",
                 r->timeout_connect || r->timeout_server ? "" : " and no ",
                 r->timeout_server ? "" : "'timeout server'");
}

void settle_rings(struct sema *s)
{
    const struct model *m = s->model;
    for (unsigned i = 0; i < m->rings.n; i++) {
        struct m_ring *r = m->rings.v[i];
        if (!r->size)
            r->size = setting_number(&m->global[GLOBAL_bufsize], &vocab_global[GLOBAL_bufsize]);
        settle_line(s, r);
        mind_timeouts(s, r);
    }
}
