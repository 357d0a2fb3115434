/*
 * Making the plan. See plan.h.
 *
 * Idea: walk the rules of each proxy in the order in which they run; whatever a condition tests is
 * looked up in the scope of its side, so that equal samples and patterns meet.
 */
#include "plan.h"

#include "automaton.h"
#include "parts.h"

#include "../../runtime/abi/match.h"

#include <string.h>

/* ---- scopes ---- */

static const char *const side_names[NSIDES] = {"connection", "content", "request",
                                               "response_content", "response"};

static struct p_scope *scope_of(struct plan *p, const struct m_proxy *proxy, enum p_side side)
{
    for (unsigned i = 0; i < p->scopes.n; i++)
        if (p->scopes.v[i]->proxy == proxy && p->scopes.v[i]->side == side &&
            !p->scopes.v[i]->aside)
            return p->scopes.v[i];
    struct p_scope *s = NEW(p->arena, struct p_scope);
    s->proxy = proxy;
    s->side = side;
    s->name = plan_identifier(p, STR_FMT "_%s", STR_ARG(proxy->name), side_names[side]);
    VEC_ADD(p->arena, &p->scopes, s);
    return s;
}

static enum p_side side_of(enum px_phase phase)
{
    switch (phase) {
    case PX_AT_CONN:
    case PX_AT_SESS:
        return SIDE_CONN;
    case PX_AT_REQ_TCP:
        return SIDE_CONTENT;
    case PX_AT_RES_TCP:
        return SIDE_RESPONSE_CONTENT;
    case PX_AT_RES_HTTP:
    case PX_AT_AFTER:
        return SIDE_RESPONSE;
    default:
        return SIDE_REQUEST;
    }
}

/* ---- sets ---- */

/* Matchers fold values only up to a bound. */
static bool is_too_long(const struct m_test *t, bool fold)
{
    if (t->method != MATCH_STR && t->method != MATCH_BEG && t->method != MATCH_END)
        return false;
    for (unsigned i = 0; fold && i < t->patterns.n; i++)
        if (t->patterns.v[i].fold && t->patterns.v[i].text.len > PX_FOLD_MAX)
            return true;
    return false;
}

/* Is the pattern looked for inside the value? */
static bool searches(enum match_method m)
{
    return m == MATCH_SUB || m == MATCH_DIR || m == MATCH_DOM || m == MATCH_REG;
}

/* Why a pattern is in no automaton; NULL: it is in one. */
static const char *refused(const struct m_test *t, bool fold)
{
    for (unsigned i = 0; i < t->patterns.n; i++) {
        const struct m_pattern *pat = &t->patterns.v[i];
        if (pat->fold != fold || t->method != MATCH_REG)
            continue;
        const char *why =
            automaton_refuses(&(struct au_key){MATCH_REG, pat->regex->pattern, fold, 0});
        if (why)
            return why;
    }
    return NULL;
}

/* Hits are counted and numbered in 16 bits, and PX_OPEN_HIT may stand behind them. */
enum { MOST_TESTS = UINT16_MAX - 1 };

/* When a set is full, the tests that follow begin another one. */
static struct p_set *set_of(struct plan *p, struct p_scope *sc, const struct m_test *t, bool fold)
{
    bool search = searches(t->method);
    struct str key =
        search ? str_printf(p->arena, "search" STR_FMT, STR_ARG(t->expr->key))
               : str_printf(p->arena, "%d%d" STR_FMT, (int)t->method, fold, STR_ARG(t->expr->key));
    void **at = map_at(p->arena, &sc->by_set, key);
    if (*at && ((const struct p_set *)*at)->ntests < MOST_TESTS)
        return *at;
    struct p_set *s = NEW(p->arena, struct p_set);
    *s = (struct p_set){.expr = t->expr,
                        .method = t->method,
                        .fold = fold,
                        .fleeting = expr_is_fleeting(p, t->expr)};
    s->aside = sc->aside;
    if (search) {
        s->kind = SET_SEARCH;
        s->fold = false; /* each pattern says it for itself */
    }
    s->name =
        plan_identifier(p, STR_FMT "_%s_%s%s", STR_ARG(sc->name), str_cstr(p->arena, t->expr->key),
                        search ? "search" : match_method_name(t->method), s->fold ? "_i" : "");
    VEC_ADD(p->arena, &sc->sets, s);
    VEC_ADD(p->arena, &p->sets, s);
    sample_use(p, sc, t->expr, t->expr->fetch->each);
    *at = s;
    return s;
}

static void set_add(struct plan *p, struct p_set *s, const struct m_pattern *pat,
                    const struct p_test *x)
{
    struct p_key *k = VEC_PUSH(p->arena, &s->keys);
    *k = (struct p_key){.text = s->fold ? str_lower(p->arena, pat->text) : pat->text,
                        .low = pat->low,
                        .high = pat->high,
                        .v6 = pat->v6,
                        .test = x->number,
                        .method = x->test->method,
                        .fold = x->fold};
    if (pat->regex)
        k->text = pat->regex->pattern;
    memcpy(k->ip_low, pat->ip_low, 16);
    memcpy(k->ip_high, pat->ip_high, 16);
}

/* ---- tests ---- */

static struct p_test *test_new(struct plan *p, struct p_acl *acl, enum p_test_kind kind,
                               const struct m_test *t)
{
    struct p_test *x = NEW(p->arena, struct p_test);
    *x = (struct p_test){.kind = kind, .test = t, .expr = t->expr};
    VEC_ADD(p->arena, &acl->tests, x);
    return x;
}

/* Patterns of lists that may change are tested by themselves. */
static bool is_of_set(const struct plan *p, const struct m_pattern *pat, bool fold)
{
    return pat->fold == fold && !(pat->list && list_is_mutable(p, pat->list));
}

static bool has_mutable(const struct plan *p, const struct m_test *t)
{
    for (unsigned i = 0; i < t->lists.n; i++)
        if (list_is_mutable(p, t->lists.v[i].list))
            return true;
    return false;
}

/* What makes two tests the same; of long lists, that they stand in the same place. */
static struct str test_key(struct plan *p, const struct m_test *t, bool fold)
{
    enum { LONG = 8 };
    struct text key = {.arena = p->arena};
    text_printf(&key, "%d%d" STR_FMT, (int)t->method, fold, STR_ARG(t->expr->key));
    if (t->patterns.n > LONG)
        text_printf(&key, "%p", (const void *)t);
    for (unsigned i = 0; t->patterns.n <= LONG && i < t->patterns.n; i++) {
        const struct m_pattern *pat = &t->patterns.v[i];
        struct str text = pat->regex ? pat->regex->pattern : pat->text;
        if (!is_of_set(p, pat, fold))
            continue;
        text_printf(&key, " %zu " STR_FMT " %lld %lld", text.len, STR_ARG(text),
                    (long long)pat->low, (long long)pat->high);
        text_put(&key, (const char *)pat->ip_low, sizeof pat->ip_low);
        text_put(&key, (const char *)pat->ip_high, sizeof pat->ip_high);
        text_printf(&key, "%d", pat->v6);
    }
    return (struct str){key.p, key.len};
}

static void fill_test(struct plan *p, struct p_scope *sc, const struct p_acl *acl, struct p_test *x)
{
    const struct m_test *t = x->test;
    if (x->kind == TEST_SET) {
        x->set = set_of(p, sc, t, x->fold);
        x->number = x->set->ntests++;
        VEC_ADD(p->arena, &x->set->tests, x);
    } else {
        sample_use(p, sc, t->expr, t->expr->fetch->each);
        x->name = plan_identifier(p, "patterns_" STR_FMT, STR_ARG(acl->name));
    }
    for (unsigned i = 0; i < t->patterns.n; i++) {
        const struct m_pattern *pat = &t->patterns.v[i];
        if (!is_of_set(p, pat, x->fold))
            continue;
        if (x->kind == TEST_SET)
            set_add(p, x->set, pat, x);
        else if (pat->regex)
            pat->regex->needed = x->why ? x->why : "the value may be too long";
        VEC_ADD(p->arena, &x->patterns, pat);
    }
}

static void test_lists(struct plan *p, struct p_scope *sc, struct p_acl *acl,
                       const struct m_test *t)
{
    for (unsigned i = 0; i < t->lists.n; i++) {
        if (!list_is_mutable(p, t->lists.v[i].list))
            continue;
        test_new(p, acl, TEST_LIST, t)->list = map_of_test(p, t, &t->lists.v[i]);
        sample_use(p, sc, t->expr, t->expr->fetch->each);
    }
}

/* The patterns of one test that are compared with the same case rule. */
static void test_part(struct plan *p, struct p_scope *sc, struct p_acl *acl, const struct m_test *t,
                      bool fold)
{
    unsigned n = 0;
    for (unsigned i = 0; i < t->patterns.n; i++)
        n += is_of_set(p, &t->patterns.v[i], fold);
    if (!n)
        return;
    void **known = map_at(p->arena, &sc->by_patterns, test_key(p, t, fold));
    if (*known) {
        struct p_test *same = *known;
        if (same->kind != TEST_SET)
            sample_use(p, sc, t->expr, t->expr->fetch->each);
        VEC_ADD(p->arena, &acl->tests, same);
        return;
    }
    const char *why = refused(t, fold);
    enum p_test_kind kind = why ? TEST_REGEX : is_too_long(t, fold) ? TEST_PATTERNS : TEST_SET;
    struct p_test *x = test_new(p, acl, kind, t);
    x->fold = fold;
    x->why = why;
    fill_test(p, sc, acl, x);
    *known = x;
}

static void plan_test(struct plan *p, struct p_scope *sc, struct p_acl *acl, const struct m_test *t)
{
    int known = has_mutable(p, t) ? -1 : test_constant(t);
    if (known >= 0) {
        test_new(p, acl, known ? TEST_TRUE : TEST_FALSE, t);
    } else if (t->method == MATCH_FOUND || t->method == MATCH_BOOL) {
        test_new(p, acl, t->method == MATCH_FOUND ? TEST_FOUND : TEST_BOOL, t);
        sample_use(p, sc, t->expr, test_tries_each(t->expr, t->method == MATCH_FOUND));
    } else {
        test_lists(p, sc, acl, t);
        test_part(p, sc, acl, t, false);
        test_part(p, sc, acl, t, true);
    }
}

/* ACLs are written without a phase: samples that ask for others read those where they are read. */
static const struct m_test *test_in(struct plan *p, const struct m_test *t, enum px_phase phase)
{
    const struct m_named *n = expr_named(t->expr);
    if (!n || n->phase == phase)
        return t;
    struct m_named *named = NEW(p->arena, struct m_named);
    struct m_expr *e = NEW(p->arena, struct m_expr);
    struct m_test *other = NEW(p->arena, struct m_test);
    *named = *n;
    named->phase = phase;
    *e = *t->expr;
    e->args[0].named = named;
    e->key = str_printf(p->arena, STR_FMT " of " STR_FMT, STR_ARG(e->key),
                        STR_ARG(named_key(p->arena, named)));
    *other = *t;
    other->expr = e;
    return other;
}

static int acl_constant(const struct p_acl *acl)
{
    bool depends = false;
    for (unsigned i = 0; i < acl->tests.n; i++) {
        if (acl->tests.v[i]->kind == TEST_TRUE)
            return 1;
        depends = depends || acl->tests.v[i]->kind != TEST_FALSE;
    }
    return depends ? -1 : 0;
}

static void plan_named(struct plan *p, const struct m_named *n);

static struct p_acl *plan_acl(struct plan *p, struct p_scope *sc, const struct m_acl *m,
                              enum px_phase phase)
{
    struct str key = str_printf(p->arena, "%p%d", (const void *)m, (int)phase);
    void **at = map_at(p->arena, &sc->by_acl, key);
    if (*at)
        return *at;
    struct p_acl *acl = NEW(p->arena, struct p_acl);
    acl->acl = m;
    if (m->anonymous)
        acl->name = plan_identifier(p, STR_FMT "_line_%u", STR_ARG(sc->name),
                                    source_place(m->span.source, m->span.start).line);
    else
        acl->name = plan_identifier(p, STR_FMT "_" STR_FMT, STR_ARG(sc->name), STR_ARG(m->name));
    bool response = sc->side == SIDE_RESPONSE || sc->side == SIDE_RESPONSE_CONTENT;
    for (unsigned i = 0; i < m->tests.n; i++) {
        const struct m_test *t = m->tests.v[i];
        if (response && t->in_response)
            t = t->in_response;
        if (!expr_exists(t->expr, sc->proxy, phase)) /* it is never found */
            continue;
        t = test_in(p, t, phase);
        plan_named(p, expr_named(t->expr));
        plan_test(p, sc, acl, t);
    }
    acl->constant = acl_constant(acl);
    VEC_ADD(p->arena, &sc->acls, acl);
    *at = acl;
    return acl;
}

/* ---- conditions ---- */

static int group_constant(const struct p_group *g)
{
    bool depends = false;
    for (unsigned i = 0; i < g->terms.n; i++) {
        int c = g->terms.v[i].acl->constant;
        if (c >= 0 && (c ^ g->terms.v[i].negated) == 0)
            return 0;
        depends = depends || c < 0;
    }
    return depends ? -1 : 1;
}

static int cond_constant(const struct p_cond *c)
{
    bool depends = false;
    for (unsigned g = 0; g < c->groups.n; g++) {
        int k = group_constant(&c->groups.v[g]);
        if (k == 1)
            return !c->unless;
        depends = depends || k < 0;
    }
    return depends ? -1 : c->unless;
}

static struct p_cond plan_cond(struct plan *p, struct p_scope *sc, const struct m_cond *m,
                               enum px_phase phase)
{
    struct p_cond c = {.constant = 1};
    if (!m)
        return c;
    c.unless = m->unless;
    for (unsigned g = 0; g < m->groups.n; g++) {
        struct p_group *group = VEC_PUSH(p->arena, &c.groups);
        for (unsigned i = 0; i < m->groups.v[g].terms.n; i++) {
            const struct m_term *t = &m->groups.v[g].terms.v[i];
            struct p_acl *acl = plan_acl(p, sc, t->acl, phase);
            VEC_ADD(p->arena, &group->terms, ((struct p_term){.negated = t->negated, .acl = acl}));
        }
    }
    c.constant = cond_constant(&c);
    return c;
}

static void plan_named(struct plan *p, const struct m_named *n)
{
    if (!n)
        return;
    struct str key = named_key(p->arena, n);
    void **at = map_at(p->arena, &p->by_named, key);
    if (*at)
        return;
    struct p_named *x = NEW(p->arena, struct p_named);
    struct p_scope *sc = NEW(p->arena, struct p_scope);
    *at = x;
    sc->side = side_of(n->phase);
    sc->aside = true;
    sc->name = plan_identifier(p, "acls_" STR_FMT, STR_ARG(key));
    VEC_ADD(p->arena, &p->scopes, sc);
    x->scope = sc;
    x->cond = plan_cond(p, sc, &n->cond, n->phase);
}

struct p_named *plan_named_of(const struct plan *p, const struct m_named *n)
{
    return map_get(&p->by_named, named_key(p->arena, n));
}

/* ---- functions ---- */

static struct p_function *function_new(struct plan *p, struct p_proxy *px,
                                       enum p_function_kind kind, enum px_phase phase,
                                       const char *what)
{
    struct p_function *f = NEW(p->arena, struct p_function);
    f->kind = kind;
    f->phase = phase;
    f->scope = scope_of(p, px->proxy, side_of(phase));
    f->scope->functions++;
    f->name = plan_identifier(p, STR_FMT "_%s", STR_ARG(px->proxy->name), what);
    VEC_ADD(p->arena, &px->functions, f);
    return f;
}

static void step_add(struct plan *p, struct p_function *f, struct p_step step,
                     const struct m_cond *cond)
{
    step.cond = plan_cond(p, f->scope, cond, f->phase);
    if (step.cond.constant == 0) /* rules that never run are left out */
        return;
    samples_of_step(p, f->scope, &step);
    VEC_ADD(p->arena, &f->steps, step);
}

static const char *const phase_functions[PHASES] = {
    [PX_AT_CONN] = "tcp_connection",       [PX_AT_SESS] = "tcp_session",
    [PX_AT_REQ_TCP] = "tcp_request",       [PX_AT_REQ_HTTP] = "http_request",
    [PX_AT_RES_TCP] = "tcp_response",      [PX_AT_RES_HTTP] = "http_response",
    [PX_AT_AFTER] = "http_after_response",
};

static bool is_http_phase(enum px_phase phase)
{
    return phase == PX_AT_REQ_HTTP || phase == PX_AT_RES_HTTP || phase == PX_AT_AFTER;
}

bool rule_pauses(const struct m_rule *r)
{
    static const char *const names[] = {"do-resolve", "pause", "wait-for-body"};
    for (unsigned i = 0; i < COUNT(names); i++)
        if (!strcmp(r->action->name, names[i]))
            return true;
    return false;
}

bool rule_hints(const struct m_rule *r)
{
    return !strcmp(r->action->name, "early-hint");
}

static void plan_rules(struct plan *p, struct p_proxy *px, enum px_phase phase)
{
    const struct m_proxy *m = px->proxy;
    unsigned redirects = phase == PX_AT_REQ_HTTP ? m->redirects.n : 0;
    if ((!m->rules[phase].n && !redirects) || (is_http_phase(phase) && !proxy_minds_http(m)))
        return;
    struct p_function *f = function_new(p, px, FN_RULES, phase, phase_functions[phase]);
    for (unsigned i = 0; i < m->rules[phase].n; i++) {
        const struct m_rule *r = m->rules[phase].v[i];
        step_add(p, f, (struct p_step){.rule = r, .span = r->span}, r->cond);
    }
    for (unsigned i = 0; i < redirects; i++) {
        const struct m_rule *r = m->redirects.v[i];
        step_add(p, f, (struct p_step){.rule = r, .span = r->span}, r->cond);
    }
}

static void plan_routes(struct plan *p, struct p_proxy *px)
{
    const struct m_proxy *m = px->proxy;
    if (!(m->caps & PX_FRONTEND) || !m->use_backend.n)
        return;
    enum px_phase phase = m->in.is_http ? PX_AT_REQ_HTTP : PX_AT_REQ_TCP;
    struct p_function *f = function_new(p, px, FN_ROUTE, phase, "use_backend");
    for (unsigned i = 0; i < m->use_backend.n; i++) {
        const struct m_route *r = &m->use_backend.v[i];
        step_add(p, f, (struct p_step){.route = r, .span = r->span}, r->cond);
    }
}

static void plan_servers(struct plan *p, struct p_proxy *px)
{
    const struct m_proxy *m = px->proxy;
    if (!(m->caps & PX_BACKEND) || !m->use_server.n)
        return;
    enum px_phase phase = m->in.is_http ? PX_AT_REQ_HTTP : PX_AT_REQ_TCP;
    struct p_function *f = function_new(p, px, FN_SERVER, phase, "use_server");
    for (unsigned i = 0; i < m->use_server.n; i++) {
        const struct m_route *r = &m->use_server.v[i];
        step_add(p, f, (struct p_step){.route = r, .span = r->span}, r->cond);
    }
}

static void plan_persistence(struct plan *p, struct p_proxy *px)
{
    const struct m_proxy *m = px->proxy;
    if (!(m->caps & PX_BACKEND) || !m->persist_rules.n)
        return;
    enum px_phase phase = m->in.is_http ? PX_AT_REQ_HTTP : PX_AT_REQ_TCP;
    struct p_function *f = function_new(p, px, FN_PERSIST, phase, "persistence");
    for (unsigned i = 0; i < m->persist_rules.n; i++) {
        const struct m_persist_rule *r = &m->persist_rules.v[i];
        step_add(p, f, (struct p_step){.force = r->force, .span = r->span}, r->cond);
    }
}

static void plan_monitor(struct plan *p, struct p_proxy *px)
{
    const struct m_proxy *m = px->proxy;
    if (!m->monitor_fail.n || !proxy_minds_http(m))
        return;
    struct p_function *f = function_new(p, px, FN_MONITOR, PX_AT_REQ_HTTP, "monitor_fail");
    for (unsigned i = 0; i < m->monitor_fail.n; i++)
        step_add(p, f, (struct p_step){.span = m->monitor_fail.v[i]->span}, m->monitor_fail.v[i]);
}

static void plan_sticks(struct plan *p, struct p_proxy *px, bool of_response)
{
    const struct m_proxy *m = px->proxy;
    struct p_function *f = NULL;
    enum px_phase phase = m->in.is_http ? of_response ? PX_AT_RES_HTTP : PX_AT_REQ_HTTP
                          : of_response ? PX_AT_RES_TCP
                                        : PX_AT_REQ_TCP;
    for (unsigned i = 0; i < m->sticks.n; i++) {
        const struct m_stick *k = &m->sticks.v[i];
        if (k->of_response != of_response)
            continue;
        if (!f)
            f = function_new(p, px, FN_STICK, phase,
                             of_response ? "stick_response" : "stick_request");
        step_add(p, f, (struct p_step){.stick = k, .span = k->span}, k->cond);
    }
}

static void plan_proxy(struct plan *p, struct m_proxy *m)
{
    struct p_proxy *px = NEW(p->arena, struct p_proxy);
    px->proxy = m;
    px->name = plan_identifier(p, "%s_" STR_FMT, m->what, STR_ARG(m->name));
    VEC_ADD(p->arena, &p->proxies, px);
    for (unsigned phase = 0; phase < PX_AT_LOG; phase++)
        plan_rules(p, px, (enum px_phase)phase);
    plan_routes(p, px);
    plan_persistence(p, px);
    plan_servers(p, px);
    plan_monitor(p, px);
    plan_sticks(p, px, false);
    plan_sticks(p, px, true);
    if (m->in.is_http || m->upgrades)
        p->features |= NEEDS_HTTP;
    if (m->log_fmt)
        p->features |= NEEDS_LOG;
    for (unsigned i = 0; i < m->binds.n; i++)
        m->binds.v[i]->number = p->nbinds++;
    p->nservers += m->servers.n + (m->dispatch != NULL);
}

static void plan_maps(struct plan *p)
{
    for (unsigned i = 0; i < p->model->maps.entries.n; i++) {
        const struct m_map *m = p->model->maps.entries.v[i].value;
        struct p_map *x = NEW(p->arena, struct p_map);
        x->map = m;
        x->name = plan_identifier(p, "map_" STR_FMT, STR_ARG(m->path));
        VEC_ADD(p->arena, &p->maps, x);
    }
    lists_build(p);
    for (unsigned i = 0; i < p->maps.n; i++)
        map_build(p, p->maps.v[i]);
}

static bool servers_are_logged(const struct model *m)
{
    for (unsigned i = 0; i < m->proxies.n; i++)
        if (m->proxies.v[i]->servers.n && m->proxies.v[i]->in.logs.n)
            return true;
    return false;
}

struct plan *plan_make(struct arena *a, struct diags *diags, struct model *m,
                       struct str config_name)
{
    struct plan *p = NEW(a, struct plan);
    p->arena = a;
    p->model = m;
    p->config_name = config_name;
    plan_names(p);
    for (unsigned i = 0; i < m->proxies.n; i++)
        plan_proxy(p, m->proxies.v[i]);
    for (unsigned i = 0; i < m->named.n; i++)
        plan_named(p, expr_named(m->named.v[i]));
    for (unsigned i = 0; i < p->scopes.n; i++)
        searches_build(p, p->scopes.v[i]);
    for (unsigned i = 0; i < p->sets.n; i++)
        set_build(p, p->sets.v[i]);
    for (unsigned i = 0; i < p->proxies.n; i++)
        for (unsigned k = 0; k < p->proxies.v[i]->functions.n; k++) {
            index_steps(p, p->proxies.v[i]->functions.v[k]);
            index_build(p, p->proxies.v[i]->functions.v[k]);
        }
    plan_maps(p);
    for (unsigned i = 0; i < m->stats_sockets.n; i++)
        m->stats_sockets.v[i]->number = p->nbinds++;
    if (m->stats_sockets.n)
        p->features |= NEEDS_CONTROL;
    for (unsigned i = 0; i < m->regexes.entries.n; i++)
        if (((const struct m_regex *)m->regexes.entries.v[i].value)->needed)
            p->features |= NEEDS_REGEX;
    regexes_warn(m, diags);
    /* What becomes of servers is said. */
    if (m->checks || m->resolves || (m->admin && servers_are_logged(m)))
        p->features |= NEEDS_LOG;
    if (m->needs_openssl)
        p->features |= NEEDS_OPENSSL;
    for (unsigned i = 0; i < m->userlists.n; i++)
        p->features |= NEEDS_CRYPT;
    return p;
}
