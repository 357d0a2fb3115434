/*
 * Walking the sections of a configuration. See sema.h.
 *
 * Not here: what single directives mean. Idea: a directive is found in a table, checked against
 * the kind of section it stands in, and handed to its function or to the scalar settings.
 */
#include "directives.h"
#include "listeners.h"
#include "proxy.h"

#include <string.h>

/* ---- order of rules ---- */

/* In the order of evaluation; a line behind one of a later kind is still evaluated before it. */
static const char *const evaluation[] = {"tcp-request connection",
                                         "tcp-request session",
                                         "tcp-request content",
                                         "http-request",
                                         "redirect",
                                         "use_backend",
                                         "use-server"};

static unsigned rank_of(const char *keyword)
{
    for (unsigned i = 0; i < COUNT(evaluation); i++)
        if (!strcmp(keyword, evaluation[i]))
            return i + 1;
    return 0;
}

/* HAProxy names the next kind of those that come later, whichever of them stands nearer. */
static void mind_order(struct sema *s, const struct line *l)
{
    unsigned rank = rank_of(l->keyword), next = rank + 1;
    if (!rank)
        return;
    while (next <= COUNT(evaluation) && !(s->ranks_seen & 1u << next))
        next++;
    if (next <= COUNT(evaluation))
        diag_add(s->diags, W0503, l->span,
                 "this '%s' rule is evaluated before the '%s' rules above it", l->keyword,
                 evaluation[next - 1]);
    s->ranks_seen |= 1u << rank;
}

/* ---- one directive ---- */

static unsigned section_where(const struct sema *s)
{
    if (s->defaults)
        return IN_DEFAULTS;
    if (!s->proxy)
        return 0;
    return (s->proxy->caps & PX_FRONTEND ? IN_FRONTEND : 0u) |
           (s->proxy->caps & PX_BACKEND ? IN_BACKEND : 0u);
}

/* Is it a rule? Those may stand in a defaults section that has a name. */
static bool is_rule(const struct directive_row *row)
{
    static const char *const rules[] = {"acl",
                                        "http-request",
                                        "http-response",
                                        "http-after-response",
                                        "tcp-request connection",
                                        "tcp-request session",
                                        "tcp-request content",
                                        "tcp-request inspect-delay",
                                        "tcp-response content",
                                        "tcp-response inspect-delay"};
    for (unsigned i = 0; i < COUNT(rules); i++)
        if (!strcmp(row->words, rules[i]))
            return true;
    return false;
}

static void refuse_in_defaults(struct sema *s, const struct line *l,
                               const struct directive_row *row)
{
    struct diag *d =
        diag_add(s->diags, E0305, l->span, "'%s' is not allowed in %s defaults section", row->words,
                 is_rule(row) ? "an anonymous" : "a");
    if (is_rule(row))
        diag_help(s->diags, d, "give the section a name, and take it over with 'from'");
    else
        diag_note(s->diags, d, "every proxy has its own");
}

/* HAProxy refuses some of these and only warns about others. */
static void refuse_place(struct sema *s, const struct line *l, const struct directive_row *row)
{
    if (s->defaults) {
        refuse_in_defaults(s, l, row);
        return;
    }
    static const char *const refusing[] = {
        "server",
        "server-template",
        "default-server",
        "declare capture",
        "tcp-request connection",
        "tcp-request session",
        "tcp-response content",
        "tcp-response inspect-delay",
    };
    const char *lacks = s->proxy->caps & PX_FRONTEND ? "backend" : "frontend";
    bool refused = false;
    for (unsigned i = 0; i < COUNT(refusing); i++)
        refused = refused || !strcmp(row->words, refusing[i]);
    struct diag *d = diag_add(s->diags, refused ? E0305 : W0301, l->span,
                              "'%s' is %s because %s '" STR_FMT "' has no %s capability",
                              row->words, refused ? "not allowed" : "ignored", s->proxy->what,
                              STR_ARG(s->proxy->name), lacks);
    if (!strcmp(row->words, "maxconn"))
        diag_note(s->diags, d, "for a backend there is 'fullconn', and 'maxconn' of a server");
}

static bool may_stand_here(struct sema *s, const struct line *l, const struct directive_row *row)
{
    unsigned where = section_where(s);
    if (!where || (row->where & where))
        return true;
    if (s->defaults && s->defaults->name.len && is_rule(row))
        return true;
    refuse_place(s, l, row);
    return false;
}

static void run_row(struct sema *s, struct line *l, const struct directive_row *row)
{
    if (row->parse) {
        row->parse(s, l);
        return;
    }
    struct m_setting *set = row->space == SPACE_GLOBAL
                                ? &s->model->global[row->setting - vocab_global]
                                : &s->in->set[row->setting - vocab_proxy];
    setting_parse(s, l, row->setting, set);
}

static bool may_be_negated(struct sema *s, const struct line *l, const struct directive_row *row)
{
    if (!l->negated && !l->reset)
        return true;
    if (row->negatable)
        return true;
    diag_add(s->diags, E0306, l->span, "'%s' cannot be preceded by '%s'", row->words,
             l->negated ? "no" : "default");
    return false;
}

/* false: what follows does not belong to this section. */
static bool read_directive(struct sema *s, const struct directive *d, enum vocab_space space)
{
    const struct word *words = d->words;
    unsigned n = d->nwords, used = 0;
    struct line l = {.span = d->span};
    l.negated = n > 1 && str_is(words[0].text, "no");
    l.reset = n > 1 && str_is(words[0].text, "default");
    if (l.negated || l.reset) {
        words++;
        n--;
    }
    const struct vocab_entry *e = directive_entry(s->vocab, space, words, n, &used);
    if (!e)
        return directive_unknown(s, space, words, n);
    if (e->status != VOCAB_ON) {
        struct span at = span_join(words[0].span, words[used - 1].span);
        vocab_refuse(s->vocab, s->diags, space, str_of(e->name), at, "keyword");
        return true;
    }
    const struct directive_row *row = e->row;
    l.words = words;
    l.n = n;
    l.at = used;
    l.keyword = row->words;
    if (!may_be_negated(s, &l, row) || !may_stand_here(s, &l, row))
        return true;
    mind_order(s, &l);
    run_row(s, &l, row);
    return true;
}

static void read_directives(struct sema *s, const struct section *sec, enum vocab_space space)
{
    bool ours = true;
    for (unsigned i = 0; space == SPACE_PROXY && i < sec->lost_acls.n; i++)
        acl_lost(s, sec->lost_acls.v[i]);
    for (unsigned i = 0; i < sec->directives.n; i++) {
        const struct directive *d = &sec->directives.v[i];
        if (ours)
            ours = read_directive(s, d, space);
        else
            section_misspelt(s, space, d->words, d->nwords);
    }
}

/* ---- sections ---- */

static struct m_inherited inherit(const struct m_defaults *from)
{
    if (!from)
        return (struct m_inherited){.algorithm = algorithm_default()};
    struct m_inherited in = from->in;
    in.logs.cap = in.logs.n; /* so that adding makes a copy */
    in.errors.cap = in.errors.n;
    return in;
}

static struct m_defaults *defaults_named(struct sema *s, const struct word *w)
{
    VEC(struct str) names = {0};
    if (map_get(&s->lost, w->text))
        return NULL;
    for (unsigned i = s->model->defaults.n; i-- > 0;) {
        struct m_defaults *d = s->model->defaults.v[i];
        if (str_eq(d->name, w->text))
            return d;
        if (d->name.len)
            VEC_ADD(s->arena, &names, d->name);
    }
    struct diag *d = diag_add(s->diags, E0211, w->span,
                              "no defaults section is named '" STR_FMT "'", STR_ARG(w->text));
    diag_suggest(s->diags, d, w->text, names.v, names.n);
    return NULL;
}

/* The line that begins a section ends there. */
static void expect_end(struct sema *s, const struct section *sec, unsigned at)
{
    if (at < sec->nwords)
        diag_add(s->diags, E0212, sec->words[at].span, "unexpected '" STR_FMT "'",
                 STR_ARG(sec->words[at].text));
}

/* "from <name>" behind the name of a section. */
static struct m_defaults *section_from(struct sema *s, const struct section *sec, unsigned at,
                                       struct m_defaults *otherwise)
{
    if (at >= sec->nwords)
        return otherwise;
    if (!str_is(sec->words[at].text, "from") || at + 1 >= sec->nwords) {
        struct diag *d = diag_add(s->diags, E0212, sec->words[at].span, "unexpected '" STR_FMT "'",
                                  STR_ARG(sec->words[at].text));
        diag_note(s->diags, d,
                  "a section line ends behind the name, or goes on with 'from' and the "
                  "name of a defaults section");
        if (memchr(sec->words[at].text.p, ':', sec->words[at].text.len))
            diag_note(s->diags, d, "addresses are given by 'bind' lines in the section");
        return otherwise;
    }
    expect_end(s, sec, at + 2);
    struct m_defaults *d = defaults_named(s, &sec->words[at + 1]);
    if (d)
        d->named_uses++;
    return d ? d : otherwise;
}

/* A bad name is a name all the same, so that nobody misses the section. Without one: "". */
static struct str section_name(struct sema *s, const struct section *sec, const char *what)
{
    if (sec->nwords > 1) {
        object_name_is_good(s, &sec->words[1], what);
        return sec->words[1].text;
    }
    diag_add(s->diags, E0213, sec->span, "this %s section needs a name", what);
    return STR("");
}

static void read_defaults(struct sema *s, const struct section *sec)
{
    struct m_defaults *d = NEW(s->arena, struct m_defaults);
    unsigned at = 1;
    if (sec->nwords > 1 && !str_is(sec->words[1].text, "from")) {
        d->name = sec->words[1].text;
        object_name_is_good(s, &sec->words[1], "defaults section");
        at = 2;
    }
    d->span = sec->span;
    d->section = sec;
    d->in = inherit(section_from(s, sec, at, NULL));
    s->defaults = d;
    s->in = &d->in;
    VEC_ADD(s->arena, &s->model->defaults, d);
    read_directives(s, sec, SPACE_PROXY);
    s->current = d;
}

static void mind_same_name(struct sema *s, const struct m_proxy *p)
{
    for (unsigned i = 0; i < s->model->proxies.n; i++) {
        const struct m_proxy *other = s->model->proxies.v[i];
        if (other == p || !p->name.len || !str_eq(other->name, p->name) || !(other->caps & p->caps))
            continue;
        struct diag *d =
            diag_add(s->diags, E0214, p->span, "the name '" STR_FMT "' is taken", STR_ARG(p->name));
        diag_other(s->diags, d, other->span, "by this %s", other->what);
        return;
    }
}

static struct m_proxy *proxy_new(struct sema *s, const struct section *sec, const char *what,
                                 unsigned caps)
{
    struct m_proxy *p = NEW(s->arena, struct m_proxy);
    p->name = section_name(s, sec, what);
    p->what = what;
    p->caps = caps;
    p->span = sec->span;
    p->section = sec;
    p->defaults = section_from(s, sec, 2, s->current);
    p->in = inherit(p->defaults);
    if (p->defaults)
        p->defaults->uses++;
    VEC_ADD(s->arena, &s->model->proxies, p);
    mind_same_name(s, p);
    return p;
}

static void read_proxy(struct sema *s, const struct section *sec)
{
    static const struct {
        const char *what;
        unsigned caps;
    } kinds[] = {
        {"frontend", PX_FRONTEND}, {"backend", PX_BACKEND}, {"listen", PX_FRONTEND | PX_BACKEND}};
    unsigned k = 0;
    while (!str_is(sec->keyword.text, kinds[k].what))
        k++;
    s->proxy = proxy_new(s, sec, kinds[k].what, kinds[k].caps);
    s->in = &s->proxy->in;
    inherit_rules(s);
    read_directives(s, sec, SPACE_PROXY);
}

static void read_global(struct sema *s, const struct section *sec)
{
    expect_end(s, sec, 1);
    read_directives(s, sec, SPACE_GLOBAL);
}

static void read_userlist(struct sema *s, const struct section *sec)
{
    struct m_userlist *u = NEW(s->arena, struct m_userlist);
    u->name = section_name(s, sec, "userlist");
    u->span = sec->span;
    u->number = s->model->userlists.n;
    VEC_ADD(s->arena, &s->model->userlists, u);
    s->userlist = u;
    read_directives(s, sec, SPACE_USERLIST);
    userlist_check(s, u);
}

static void read_http_errors(struct sema *s, const struct section *sec)
{
    struct m_http_errors *e = NEW(s->arena, struct m_http_errors);
    e->name = section_name(s, sec, "http-errors");
    e->span = sec->span;
    *map_at(s->arena, &s->http_errors, e->name) = e;
    s->errors = e;
    read_directives(s, sec, SPACE_ERRORS);
}

static void read_ring(struct sema *s, const struct section *sec)
{
    s->ring = ring_new(s, section_name(s, sec, "ring"), sec->span);
    expect_end(s, sec, 2);
    read_directives(s, sec, SPACE_RING);
}

static void read_mailers(struct sema *s, const struct section *sec)
{
    s->mailers = mailers_new(s, section_name(s, sec, "mailers"), sec->span);
    expect_end(s, sec, 2);
    read_directives(s, sec, SPACE_MAILERS);
}

static void read_resolvers(struct sema *s, const struct section *sec)
{
    s->resolvers = resolvers_new(s, section_name(s, sec, "resolvers"), sec->span);
    expect_end(s, sec, 2);
    read_directives(s, sec, SPACE_RESOLVERS);
}

static void read_namespaces(struct sema *s, const struct section *sec)
{
    expect_end(s, sec, 1);
    read_directives(s, sec, SPACE_NAMESPACES);
}

static const struct {
    const char *keyword;
    void (*read)(struct sema *s, const struct section *sec);
} sections[] = {
    {"global", read_global},
    {"defaults", read_defaults},
    {"frontend", read_proxy},
    {"backend", read_proxy},
    {"listen", read_proxy},
    {"userlist", read_userlist},
    {"http-errors", read_http_errors},
    {"namespace_list", read_namespaces},
    {"resolvers", read_resolvers},
    {"ring", read_ring},
    {"mailers", read_mailers},
};

static void read_section(struct sema *s, const struct section *sec)
{
    s->proxy = NULL;
    s->defaults = NULL;
    s->userlist = NULL;
    s->errors = NULL;
    s->section = sec;
    s->ranks_seen = 0;
    memset(s->final_rule, 0, sizeof s->final_rule);
    for (unsigned i = 0; i < COUNT(sections); i++) {
        if (str_is(sec->keyword.text, sections[i].keyword)) {
            sections[i].read(s, sec);
            return;
        }
    }
    vocab_refuse(s->vocab, s->diags, SPACE_SECTION, sec->keyword.text, sec->keyword.span,
                 "section");
    if (sec->nwords > 1)
        *map_at(s->arena, &s->lost, sec->words[1].text) = s;
}

/* Sections that others refer to while they are read come first, wherever they stand. */
static bool is_early(const struct section *sec)
{
    return str_is(sec->keyword.text, "http-errors") || str_is(sec->keyword.text, "ring");
}

struct model *sema_check(struct arena *a, struct diags *diags, const struct vocab *vocab,
                         const struct config *config)
{
    struct sema s = {.arena = a, .diags = diags, .vocab = vocab, .config = config};
    s.model = NEW(a, struct model);
    s.model->arena = a;
    s.syntax = (struct syntax){a, diags};
    for (unsigned early = 2; early-- > 0;)
        for (unsigned i = 0; i < config->sections.n; i++)
            if (is_early(config->sections.v[i]) == early)
                read_section(&s, config->sections.v[i]);
    resolve_model(&s);
    return s.model;
}
