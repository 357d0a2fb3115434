/*
 * ACLs and conditions (HAProxy manual 7.1, 7.2, 7.4).
 *
 * Not here: the values that patterns stand for (pattern.c).
 */
#include "context.h"
#include "pattern.h"
#include "proxy.h"

#include <ctype.h>
#include <string.h>

static int default_method(enum px_type type)
{
    switch (type) {
    case PX_BOOL:
        return MATCH_BOOL;
    case PX_SINT:
        return MATCH_INT;
    case PX_IPV4:
    case PX_IPV6:
    case PX_ADDR:
        return MATCH_IP;
    case PX_STRING:
    case PX_METH:
        return MATCH_STR;
    default:
        return -1;
    }
}

/* ---- one test ---- */

/* The sample of a test: an ACL name such as hdr_beg stands for a fetch and a method. */
static struct m_expr *test_sample(struct sema *s, const struct word *w, enum px_phase phase,
                                  int *method)
{
    struct expr *x = expr_parse(&s->syntax, w, 0, w->text.len);
    if (!x)
        return NULL;
    const struct vocab_entry *e = vocab_find(s->vocab, SPACE_FETCH, x->fetch.name);
    const struct vocab_shorthand *h = vocab_shorthand(s->vocab, x->fetch.name);
    if (h && !(e && e->status == VOCAB_ON)) {
        bool response = phase == PX_AT_RES_HTTP || phase == PX_AT_RES_TCP || phase == PX_AT_AFTER;
        x->fetch.name = str_of(response && h->response_fetch ? h->response_fetch : h->fetch);
        if (!x->converters.n)
            *method = h->method;
    }
    return expr_check(s, x, phase);
}

struct flags {
    bool fold, map_file, file_seen, has_id;
    bool again; /* the same line, for the other direction */
    int method;
};

/* Ids of lists that are written in ACL lines; files are numbered around them. */
static bool take_id(struct sema *s, struct line *l, struct flags *f)
{
    const struct word *w = line_expect(s, l, "a number behind '-u'");
    int64_t id;
    if (!w || !number_value(s, w, "-u", 0, INT32_MAX, &id))
        return false;
    f->has_id = true;
    if (f->again)
        return true;
    for (unsigned i = 0; i < s->model->ref_ids.n; i++) {
        if (s->model->ref_ids.v[i] != (unsigned)id)
            continue;
        diag_add(s->diags, E0519, w->span, "another ACL has the id %lld", (long long)id);
        return false;
    }
    VEC_ADD(s->arena, &s->model->ref_ids, (unsigned)id);
    return true;
}

static bool take_method(struct sema *s, const struct word *w, struct flags *f)
{
    enum match_method m = match_method_of(w->text);
    if (f->file_seen) {
        diag_add(s->diags, E0516, w->span, "'-m' has to stand in front of '-f'");
        return false;
    }
    if (m < NMATCHES) {
        f->method = m;
        return true;
    }
    struct str names[NMATCHES];
    for (unsigned i = 0; i < NMATCHES; i++)
        names[i] = str_of(match_method_name(i));
    struct diag *d =
        diag_add(s->diags, E0517, w->span, "unknown match method '" STR_FMT "'", STR_ARG(w->text));
    diag_suggest(s->diags, d, w->text, names, NMATCHES);
    diag_note(s->diags, d,
              "the methods are found, bool, int, ip, bin, len, str, sub, reg, beg, "
              "end, dir and dom");
    return false;
}

/* Binary samples have no default method. */
static bool method_is_known(struct sema *s, const struct m_test *t, struct span at)
{
    if (t->method < NMATCHES)
        return true;
    bool any = t->expr->type == PX_ANY;
    diag_add(s->diags, E0518, at,
             "a sample of %s%s needs a match method: '-m str', '-m bin', '-m found' ...",
             any ? "" : "type ", px_type_name(t->expr->type));
    return false;
}

static bool take_file(struct sema *s, struct line *l, struct m_test *t, struct flags *f)
{
    const struct word *file = line_expect(s, l, "a file name behind '-f'");
    f->file_seen = true;
    return file && method_is_known(s, t, file->span) &&
           patterns_from_file(s, t, file, f->fold, f->map_file);
}

static bool unknown_flag(struct sema *s, const struct word *w)
{
    struct diag *d =
        diag_add(s->diags, E0510, w->span, "unknown ACL flag '" STR_FMT "'", STR_ARG(w->text));
    diag_note(s->diags, d,
              "flags are -i, -f, -m, -n, -M, -u; '--' ends them when a pattern begins "
              "with '-'");
    return false;
}

/* One flag; names are never looked up in patterns, so -n has nothing to do. */
static bool take_flag(struct sema *s, struct line *l, struct m_test *t, struct flags *f,
                      const struct word *w)
{
    if (str_is(w->text, "-i"))
        return f->fold = true;
    if (str_is(w->text, "-M"))
        return f->map_file = true;
    if (str_is(w->text, "-n"))
        return true;
    if (str_is(w->text, "-u"))
        return take_id(s, l, f);
    if (str_is(w->text, "-f"))
        return take_file(s, l, t, f);
    if (!str_is(w->text, "-m"))
        return unknown_flag(s, w);
    const struct word *m = line_expect(s, l, "a match method behind '-m'");
    if (!m || !take_method(s, m, f))
        return false;
    t->method = (enum match_method)f->method;
    return true;
}

/* The flags in front of the patterns; -f adds patterns at once. false: reported. */
static bool test_flags(struct sema *s, struct line *l, struct m_test *t, struct flags *f)
{
    const struct word *w;
    while ((w = line_peek(l)) && w->text.len > 1 && w->text.p[0] == '-' &&
           !isdigit((unsigned char)w->text.p[1])) {
        l->at++;
        if (str_is(w->text, "--"))
            return true;
        if (!take_flag(s, l, t, f, w))
            return false;
    }
    return true;
}

/* The criterion, flags and patterns at l, up to its end. NULL: reported. */
static struct m_test *test_parse(struct sema *s, struct line *l, enum px_phase phase)
{
    const struct word *w = line_next(l);
    struct m_test *t = NEW(s->arena, struct m_test);
    struct flags f = {.method = -1, .again = phase == PX_AT_RES_HTTP};
    t->span = span_join(w->span, l->words[l->n - 1].span);
    t->expr = test_sample(s, w, phase, &f.method);
    if (!t->expr)
        return NULL;
    if (f.method < 0)
        f.method = default_method(t->expr->type);
    t->method = f.method < 0 ? NMATCHES : (enum match_method)f.method;
    bool bare = !line_peek(l); /* with "--" or a flag, it is meant */
    if (!test_flags(s, l, t, &f) || !method_is_known(s, t, w->span))
        return NULL;
    if (!type_casts(t->expr->type, match_method_type(t->method))) {
        diag_add(s->diags, E0512, t->span, "%s %s cannot be compared with '-m %s'",
                 px_type_article(t->expr->type), px_type_name(t->expr->type),
                 match_method_name(t->method));
        return NULL;
    }
    if (!patterns_from_words(s, t, l, f.fold))
        return NULL;
    if (!f.has_id && !f.again)
        s->model->nrefs++;
    bool needs = t->method != MATCH_FOUND && t->method != MATCH_BOOL;
    if (needs && bare) {
        struct diag *d = diag_add(s->diags, W0506, t->span, "this ACL never matches: no pattern");
        diag_note(s->diags, d, "to ask whether there is a value at all, write '-m found'");
    }
    return t;
}

/* ---- named ACLs ---- */

static struct map *acls_of(struct sema *s)
{
    return s->proxy ? &s->proxy->acls : &s->defaults->acls;
}

static bool acl_name_is_good(struct sema *s, const struct word *w)
{
    for (size_t i = 0; i < w->text.len; i++) {
        char c = w->text.p[i];
        if (!isalnum((unsigned char)c) && c != '-' && c != '_' && c != '.' && c != ':') {
            diag_add(s->diags, E0514, word_span(w, i, i + 1),
                     "ACL names consist of letters, digits, '-', '_', '.' and ':', not '%c'", c);
            return false;
        }
    }
    if (!str_is_nocase(w->text, "or"))
        return true;
    diag_add(s->diags, E0515, w->span, "'or' joins conditions and cannot be the name of an ACL");
    return false;
}

static struct m_acl *acl_at(struct sema *s, struct str name, struct span at)
{
    void **place = map_at(s->arena, acls_of(s), name);
    if (!*place) {
        struct m_acl *acl = NEW(s->arena, struct m_acl);
        acl->name = name;
        acl->span = at;
        *place = acl;
    }
    return *place;
}

/* "hdr" means the request in request rules and the response in response rules. */
static bool depends_on_direction(struct sema *s, const struct word *w)
{
    size_t len = 0;
    while (len < w->text.len && w->text.p[len] != '(' && w->text.p[len] != ',')
        len++;
    const struct vocab_shorthand *h = vocab_shorthand(s->vocab, str_cut(w->text, 0, len));
    return h && h->response_fetch;
}

void acl_lost(struct sema *s, struct span name)
{
    acl_at(s, str_cut(name.source->text, name.start, name.end), name)->broken = true;
}

/* Does the sample, or any that the ACLs it names are made of, ask for this one? */
static bool asks_for(const struct m_expr *e, const struct m_acl *wanted, unsigned search)
{
    const struct m_named *n = expr_named(e);
    for (unsigned i = 0; n && i < n->cond.groups.v[0].terms.n; i++) {
        struct m_acl *acl = n->cond.groups.v[0].terms.v[i].acl;
        if (acl == wanted)
            return true;
        bool seen = acl->seen == search;
        acl->seen = search;
        for (unsigned k = 0; !seen && k < acl->tests.n; k++)
            if (asks_for(acl->tests.v[k]->expr, wanted, search))
                return true;
    }
    return false;
}

void acl_parse(struct sema *s, struct line *l)
{
    const struct word *name = line_expect(s, l, "a name");
    if (!name)
        return;
    acl_name_is_good(s, name);
    struct m_acl *acl = acl_at(s, name->text, name->span);
    if (!line_peek(l)) {
        diag_add(s->diags, E0310, l->span, "acl '" STR_FMT "' expects a criterion and patterns",
                 STR_ARG(name->text));
        acl->broken = true;
        return;
    }
    struct line again = *l;
    struct m_test *t = test_parse(s, l, PX_AT_REQ_HTTP);
    if (!t) {
        acl->broken = true;
        return;
    }
    if (asks_for(t->expr, acl, ++s->model->searches)) {
        diag_add(s->diags, E0526, t->expr->span, "ACL '" STR_FMT "' asks for itself",
                 STR_ARG(acl->name));
        acl->broken = true;
        return;
    }
    if (depends_on_direction(s, &again.words[again.at]))
        t->in_response = test_parse(s, &again, PX_AT_RES_HTTP);
    VEC_ADD(s->arena, &acl->tests, t);
}

/* ---- predefined ACLs (7.4) ---- */

static const struct {
    const char *name, *line;
} predefined[] = {
    {"TRUE", "always_true"},
    {"FALSE", "always_false"},
    {"LOCALHOST", "src 127.0.0.1/8 ::1"},
    {"HTTP", "req.proto_http"},
    {"HTTP_1.0", "req.ver 1.0"},
    {"HTTP_1.1", "req.ver 1.1"},
    {"HTTP_2.0", "req.ver 2.0"},
    {"HTTP_3.0", "req.ver 3.0"},
    {"HTTP_CONTENT", "req.hdr_val(content-length) gt 0"},
    {"HTTP_URL_ABS", "url_reg ^[^/:]*://"},
    {"HTTP_URL_SLASH", "url_beg /"},
    {"HTTP_URL_STAR", "url *"},
    {"METH_CONNECT", "method CONNECT"},
    {"METH_DELETE", "method DELETE"},
    {"METH_GET", "method GET HEAD"},
    {"METH_HEAD", "method HEAD"},
    {"METH_OPTIONS", "method OPTIONS"},
    {"METH_POST", "method POST"},
    {"METH_PUT", "method PUT"},
    {"METH_TRACE", "method TRACE"},
    {"RDP_COOKIE", "req.rdp_cookie_cnt gt 0"},
    {"REQ_CONTENT", "req.len gt 0"},
    {"WAIT_END", "wait_end"},
};

/* A predefined ACL is checked like a written one; its text is a source of its own. */
static struct m_acl *acl_predefined(struct sema *s, struct str name)
{
    unsigned i = 0;
    while (i < COUNT(predefined) && !str_is(name, predefined[i].name))
        i++;
    if (i == COUNT(predefined))
        return NULL;
    struct word_context ctx = {s->arena, s->diags, s->config->env, STR("")};
    struct source *source = source_from(s->arena, predefined[i].name, str_of(predefined[i].line));
    struct words words;
    words_cut(&ctx, source, 0, &words);
    struct line l = {.words = words.v, .n = words.n, .keyword = "acl", .span = words.span};
    struct m_acl *acl = acl_at(s, str_of(predefined[i].name), words.span);
    acl->predefined = true;
    struct m_test *t = test_parse(s, &l, PX_AT_REQ_HTTP);
    if (t)
        VEC_ADD(s->arena, &acl->tests, t);
    else
        acl->broken = true;
    return acl;
}

/* Words of other languages, and samples without braces. false: no such thing. */
static bool explain_term(struct sema *s, const struct term *t, struct diag *d)
{
    size_t len = 0;
    while (len < t->name.len && t->name.p[len] != '(' && t->name.p[len] != ',')
        len++;
    struct str name = str_cut(t->name, 0, len);
    if (str_is_nocase(name, "and"))
        diag_help(s->diags, d, "leave it out: terms side by side must all hold");
    else if (str_is_nocase(name, "not"))
        diag_help(s->diags, d, "write '!' in front of what must not hold");
    else if (vocab_find(s->vocab, SPACE_FETCH, name) || vocab_shorthand(s->vocab, name))
        diag_help(s->diags, d,
                  "to test a sample, put it and its patterns between braces: { " STR_FMT " ... }",
                  STR_ARG(t->name));
    else
        return false;
    return true;
}

/* false: what follows in the condition is of no use either. */
static bool unknown_acl(struct sema *s, const struct term *t)
{
    struct diag *d =
        diag_add(s->diags, E0511, t->span, "no ACL is named '" STR_FMT "'", STR_ARG(t->name));
    if (explain_term(s, t, d))
        return false;
    VEC(struct str) names = {0};
    const struct map *m = acls_of(s);
    for (unsigned i = 0; i < m->entries.n; i++)
        VEC_ADD(s->arena, &names, m->entries.v[i].key);
    for (unsigned i = 0; i < COUNT(predefined); i++)
        VEC_ADD(s->arena, &names, str_of(predefined[i].name));
    diag_suggest(s->diags, d, t->name, names.v, names.n);
    diag_note(s->diags, d,
              "an ACL has to be defined above the line that uses it, in the same "
              "section");
    return true;
}

static struct m_acl *acl_find(struct sema *s, struct str name)
{
    struct m_acl *acl = map_get(acls_of(s), name);
    return acl ? acl : acl_predefined(s, name);
}

static struct m_acl *acl_anonymous(struct sema *s, const struct term *t, enum px_phase phase)
{
    struct line l = {.words = t->words, .n = t->nwords, .keyword = "acl", .span = t->span};
    struct m_test *test = test_parse(s, &l, phase);
    if (!test)
        return NULL;
    struct m_acl *acl = NEW(s->arena, struct m_acl);
    acl->anonymous = true;
    acl->span = t->span;
    acl->name = STR("");
    VEC_ADD(s->arena, &acl->tests, test);
    return acl;
}

/* ---- conditions ---- */

/* HAProxy only warns: a sample that cannot be there in this phase never matches. */
static void warn_unavailable(struct sema *s, const struct term *t, const struct m_acl *acl,
                             enum px_phase phase)
{
    for (unsigned i = 0; i < acl->tests.n; i++) {
        const struct m_test *other = acl->tests.v[i]->in_response;
        const struct m_expr *e = acl->tests.v[i]->expr;
        if (expr_exists(e, s->proxy, phase) ||
            (other && expr_exists(other->expr, s->proxy, phase)))
            continue;
        diag_add(s->diags, W0501, t->span,
                 "this never matches: sample fetch '%s' is not available in %s", e->fetch->name,
                 place_name(s, e, phase));
    }
}

/* One term of a condition. false: what follows is of no use. */
static bool cond_term(struct sema *s, const struct term *t, enum px_phase phase,
                      struct m_group *group)
{
    struct m_acl *acl = t->name.len ? acl_find(s, t->name) : acl_anonymous(s, t, phase);
    if (!acl)
        return !t->name.len || unknown_acl(s, t);
    acl->uses++;
    warn_unavailable(s, t, acl, phase);
    VEC_ADD(s->arena, &group->terms, ((struct m_term){t->negated, acl, t->span}));
    return true;
}

struct m_cond *cond_take(struct sema *s, struct line *l, enum px_phase phase)
{
    const struct word *w = line_peek(l);
    if (!w || (!str_is(w->text, "if") && !str_is(w->text, "unless")))
        return NULL;
    struct cond *c = cond_parse(&s->syntax, l->words + l->at, l->n - l->at);
    l->at = l->n;
    struct m_cond *cond = NEW(s->arena, struct m_cond);
    if (!c) /* reported; there is a condition all the same */
        return cond;
    cond->unless = c->unless;
    cond->span = c->span;
    bool useful = true;
    for (unsigned g = 0; g < c->groups.n; g++) {
        struct m_group *group = VEC_PUSH(s->arena, &cond->groups);
        for (unsigned i = 0; useful && i < c->groups.v[g].terms.n; i++)
            useful = cond_term(s, &c->groups.v[g].terms.v[i], phase, group);
    }
    return cond;
}

/* ---- ACLs that samples name ---- */

static bool effect_of(const struct m_named *n)
{
    for (unsigned i = 0; i < n->cond.groups.v[0].terms.n; i++) {
        const struct m_acl *acl = n->cond.groups.v[0].terms.v[i].acl;
        for (unsigned k = 0; k < acl->tests.n; k++)
            if (acl->tests.v[k]->expr->has_effect)
                return true;
    }
    return false;
}

void settle_named(struct sema *s)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (unsigned i = 0; i < s->model->named.n; i++) {
            struct m_expr *e = s->model->named.v[i];
            if (e->has_effect || !effect_of(expr_named(e)))
                continue;
            e->has_effect = changed = true;
        }
    }
}

/* One argument: the name of an ACL, perhaps with "!" in front. false: reported. */
static bool named_term(struct sema *s, const struct arg *a, struct m_named *n, struct text *key)
{
    struct term t = {.name = a->text, .span = a->span, .negated = str_begins(a->text, "!")};
    if (t.negated)
        t.name = str_cut(a->text, 1, a->text.len);
    struct m_acl *acl = t.name.len ? acl_find(s, t.name) : NULL;
    if (!acl) {
        unknown_acl(s, &t);
        return false;
    }
    acl->uses++;
    struct m_group *all = &n->cond.groups.v[0];
    text_printf(key, "%s" STR_FMT, all->terms.n ? "," : "", STR_ARG(a->text));
    VEC_ADD(s->arena, &all->terms, ((struct m_term){t.negated, acl, t.span}));
    return true;
}

bool acls_take(struct sema *s, const struct call *call, enum px_phase phase, struct m_expr *e)
{
    struct m_named *n = NEW(s->arena, struct m_named);
    struct text key = {.arena = s->arena};
    if (!s->proxy && !s->defaults) {
        diag_add(s->diags, E0511, call->span, "there are no ACLs outside of proxies");
        return false;
    }
    n->phase = phase;
    VEC_PUSH(s->arena, &n->cond.groups);
    for (unsigned i = 0; i < call->nargs; i++)
        if (!named_term(s, &call->args[i], n, &key))
            return false;
    if (s->proxy)
        text_printf(&key, " in %s " STR_FMT, s->proxy->what, STR_ARG(s->proxy->name));
    else
        text_printf(&key, " in defaults " STR_FMT, STR_ARG(s->defaults->name));
    n->whose = (struct str){key.p, key.len};
    e->args[0].named = n;
    VEC_ADD(s->arena, &s->model->named, e);
    return true;
}
