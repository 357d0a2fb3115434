/*
 * Tests of compiler/plan/index.c and of how conditions become tests of sets: a plan decides like
 * the conditions it was made from, tried in the order in which they are written.
 *
 * Rules and requests come from a generator with a fixed seed. A request is four samples; the plan
 * is evaluated here the way generated code does it.
 */
#include "../compile_desk.h"
#include "runtime/abi/policy.h"
#include "runtime/txn/scratch.h"

#include <arpa/inet.h>

static uint64_t seed = 7;

static unsigned dice(unsigned n)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (unsigned)((seed >> 33) % n);
}

struct request {
    struct px_str path, field;
    int64_t port;
    struct px_sample src;
};

static struct request now;

/* ---- what the conditions say ---- */

static bool is_expr(const struct m_expr *e, const char *key)
{
    return str_begins(e->key, key);
}

static struct px_str text_of(const struct m_expr *e)
{
    return is_expr(e, "path") ? now.path : now.field;
}

static bool pattern_holds(const struct m_test *t, const struct m_pattern *p)
{
    struct px_str text = {p->text.p, p->text.len};
    switch (t->method) {
    case MATCH_STR:
        return px_is(text_of(t->expr), text, p->fold);
    case MATCH_BEG:
        return px_begins(text_of(t->expr), text, p->fold);
    case MATCH_END:
        return px_ends(text_of(t->expr), text, p->fold);
    case MATCH_SUB:
        return px_contains(text_of(t->expr), text, p->fold);
    case MATCH_INT:
        return p->low <= now.port && now.port <= p->high;
    case MATCH_LEN:
        return p->low <= (int64_t)now.path.len && (int64_t)now.path.len <= p->high;
    default:
        ck_assert_int_eq(t->method, MATCH_IP);
        return !p->v6 && memcmp(p->ip_low, &now.src.u.v4, 4) <= 0 &&
               memcmp(&now.src.u.v4, p->ip_high, 4) <= 0;
    }
}

static bool test_holds(const struct m_test *t)
{
    if (is_expr(t->expr, "always_true"))
        return true;
    if (is_expr(t->expr, "always_false"))
        return false;
    for (unsigned i = 0; i < t->patterns.n; i++)
        if (pattern_holds(t, &t->patterns.v[i]))
            return true;
    return false;
}

static bool acl_holds(const struct m_acl *acl)
{
    for (unsigned i = 0; i < acl->tests.n; i++)
        if (test_holds(acl->tests.v[i]))
            return true;
    return false;
}

static bool cond_holds(const struct m_cond *c)
{
    for (unsigned g = 0; c && g < c->groups.n; g++) {
        bool all = true;
        for (unsigned i = 0; i < c->groups.v[g].terms.n; i++) {
            const struct m_term *t = &c->groups.v[g].terms.v[i];
            all = all && acl_holds(t->acl) != t->negated;
        }
        if (all)
            return !c->unless;
    }
    return !c || c->unless;
}

static const struct m_proxy *written(const struct m_proxy *f)
{
    for (unsigned i = 0; i < f->use_backend.n; i++)
        if (cond_holds(f->use_backend.v[i].cond))
            return f->use_backend.v[i].proxy;
    return NULL;
}

/* ---- what the plan says ---- */

static const uint16_t *hits_of(const struct p_set *s)
{
    struct px_strings set = {
        s->nslots,  s->nbuckets, s->seed, s->fold,    s->text.v ? s->text.v : "",
        s->slots.v, s->up.v,     s->skip, s->heads.v, s->pilots.v,
        s->hits.v};
    struct px_ranges ranges = {(uint32_t)s->ranges.n, s->ranges.v, s->hits.v};
    struct px_nets nets = {(uint32_t)s->nets4.n, (uint32_t)s->nets6.n, s->nets4.v, s->nets6.v,
                           s->hits.v};
    struct px_automaton automaton = {s->nclasses, s->start,  s->first_here, s->classes.v,
                                     s->next.v,   s->here.v, s->end.v,      s->hits.v};
    switch (s->kind) {
    case SET_SEARCH:
        return px_match_automaton(&automaton, text_of(s->expr));
    case SET_FEW:
        return px_match_few(&set, text_of(s->expr));
    case SET_HASH:
        return px_match_hash(&set, text_of(s->expr));
    case SET_PREFIX:
        return px_match_prefix(&set, text_of(s->expr));
    case SET_SUFFIX:
        return px_match_suffix(&set, text_of(s->expr));
    case SET_INT:
        return px_match_int(&ranges, s->method == MATCH_LEN ? (int64_t)now.path.len : now.port);
    default:
        return px_match_ip(&nets, &now.src);
    }
}

static bool planned_test_holds(const struct p_test *t)
{
    if (t->kind == TEST_SET)
        return px_hit(hits_of(t->set), t->number);
    if (t->kind == TEST_TRUE || t->kind == TEST_FALSE)
        return t->kind == TEST_TRUE;
    ck_assert_int_eq(t->kind, TEST_PATTERNS);
    for (unsigned i = 0; i < t->patterns.n; i++)
        if (pattern_holds(t->test, t->patterns.v[i]))
            return true;
    return false;
}

static bool planned_acl_holds(const struct p_acl *acl)
{
    if (acl->constant >= 0)
        return acl->constant;
    for (unsigned i = 0; i < acl->tests.n; i++)
        if (planned_test_holds(acl->tests.v[i]))
            return true;
    return false;
}

static bool planned_cond_holds(const struct p_cond *c)
{
    if (c->constant >= 0)
        return c->constant;
    for (unsigned g = 0; g < c->groups.n; g++) {
        bool all = true;
        for (unsigned i = 0; i < c->groups.v[g].terms.n; i++) {
            const struct p_term *t = &c->groups.v[g].terms.v[i];
            all = all && planned_acl_holds(t->acl) != t->negated;
        }
        if (all)
            return !c->unless;
    }
    return c->unless;
}

static const struct p_step *tried(const struct p_function *f, const struct p_run *run)
{
    for (unsigned i = run->first; i < run->first + run->n; i++)
        if (planned_cond_holds(&f->steps.v[i].cond))
            return &f->steps.v[i];
    return NULL;
}

static void add_candidates(struct px_candidates *c, const struct p_index *ix)
{
    if (!ix->with) {
        px_candidates_add(c, &(struct px_rule_index){ix->first.v, ix->rules.v}, hits_of(ix->set));
        return;
    }
    struct px_pair_index pairs = {ix->bits, ix->keys.v, ix->first.v, ix->rules.v};
    px_candidates_add_pairs(c, &pairs, hits_of(ix->set), hits_of(ix->with));
}

/* As generated code does for a candidate. */
static bool found_holds(const struct p_step *s)
{
    return s->sure || planned_cond_holds(&s->cond);
}

static const struct p_step *indexed(const struct p_function *f, const struct p_run *run)
{
    struct px_candidates c = {.n = 0};
    for (unsigned i = 0; i < run->indexes.n; i++) {
        const struct p_index *ix = &run->indexes.v[i];
        add_candidates(&c, ix);
    }
    for (unsigned i = 0; i < c.n; i++)
        if (found_holds(&f->steps.v[run->first + c.v[i]]))
            return &f->steps.v[run->first + c.v[i]];
    return NULL;
}

static const struct m_proxy *planned(const struct p_function *f)
{
    for (unsigned i = 0; i < f->runs.n; i++) {
        const struct p_run *run = &f->runs.v[i];
        const struct p_step *s = run->indexed ? indexed(f, run) : tried(f, run);
        if (s)
            return s->route->proxy;
    }
    return NULL;
}

/* ---- the generator ---- */

enum { BACKENDS = 40 };

static void put_word(struct text *t, unsigned longest)
{
    static const char letters[] = "abAB/";
    text_put(t, "/", 1);
    for (unsigned i = dice(longest); i-- > 0;)
        text_put(t, &letters[dice(sizeof letters - 1)], 1);
}

static void put_test(struct text *t)
{
    static const char *const texts[] = {"path -m str",          "path -m beg",        "path -m end",
                                        "path -i -m str",       "req.fhdr(x) -m str", "path -m sub",
                                        "req.fhdr(x) -i -m beg"};
    unsigned kind = dice(16);
    if (kind == 0)
        text_printf(t, "always_%s", dice(2) ? "true" : "false");
    else if (kind == 1)
        text_printf(t, "path -m len %u:%u", dice(4), 4 + dice(4));
    else if (kind < 4)
        text_printf(t, "dst_port %u:%u", dice(6), 6 + dice(6));
    else if (kind < 6)
        text_printf(t, "src 10.0.0.%u/%u", dice(32), 27 + dice(6));
    else {
        text_printf(t, "%s", texts[kind < 12 ? 0 : dice(7)]);
        for (unsigned i = 1 + dice(3); i-- > 0;) {
            text_put(t, " ", 1);
            put_word(t, kind < 12 ? 5 : 3);
        }
    }
}

static void put_condition(struct text *t, unsigned named)
{
    text_printf(t, dice(12) ? " if" : " unless");
    for (unsigned groups = 1 + (dice(4) == 0), g = 0; g < groups; g++) {
        text_printf(t, g ? " or" : "");
        for (unsigned terms = 1 + dice(3), i = 0; i < terms; i++) {
            text_printf(t, dice(6) || !i ? " " : " !");
            if (dice(3) == 0) {
                text_printf(t, "acl%u", dice(named));
                continue;
            }
            text_printf(t, "{ ");
            put_test(t);
            text_printf(t, " }");
        }
    }
    text_put(t, "\n", 1);
}

static void put_rule(struct text *t, unsigned named)
{
    text_printf(t, " use_backend b%u", dice(BACKENDS));
    put_condition(t, named);
}

static struct str random_config(unsigned rules)
{
    enum { NAMED = 20 };
    struct text t = {.arena = desk.arena};
    text_printf(&t, "%sfrontend f\n bind :80\n", DESK_DEFAULTS);
    for (unsigned i = 0; i < NAMED * 3 / 2; i++) {
        text_printf(&t, " acl acl%u ", i % NAMED);
        put_test(&t);
        text_put(&t, "\n", 1);
    }
    for (unsigned i = 0; i < rules; i++)
        put_rule(&t, NAMED);
    for (unsigned i = 0; i < BACKENDS; i++)
        text_printf(&t, "backend b%u\n", i);
    return (struct str){t.p, t.len};
}

static struct px_str random_word(void)
{
    struct text t = {.arena = desk.arena};
    put_word(&t, 6);
    return (struct px_str){t.p, t.len};
}

static void random_request(void)
{
    px_scratch_reset();
    now.path = random_word();
    now.field = random_word();
    now.port = dice(14);
    now.src =
        (struct px_sample){.type = PX_IPV4, .u.v4.s_addr = htonl(UINT32_C(0x0a000000) + dice(36))};
}

static void compare(unsigned requests)
{
    const struct p_function *f = desk_function("f_use_backend");
    ck_assert_ptr_nonnull(f);
    for (unsigned i = 0; i < requests; i++) {
        random_request();
        ck_assert_ptr_eq(planned(f), written(desk_proxy("f")));
    }
}

START_TEST(random_rules)
{
    unsigned found = 0;
    for (unsigned i = 0; i < 60; i++) {
        desk_plan_str(random_config(5 + dice(120)));
        found += index_reach(desk_function("f_use_backend"));
        compare(100);
    }
    ck_assert_uint_gt(found, 300);
}
END_TEST

/* How many candidates the current request has, in all runs. */
static unsigned candidates(const struct p_function *f)
{
    unsigned n = 0;
    for (unsigned i = 0; i < f->runs.n; i++) {
        struct px_candidates c = {.n = 0};
        for (unsigned k = 0; k < f->runs.v[i].indexes.n; k++)
            add_candidates(&c, &f->runs.v[i].indexes.v[k]);
        n += c.n;
    }
    return n;
}

/* Many rules share each field, and many share each path: only both together tell them apart. */
START_TEST(pairs)
{
    enum { FIELDS = 20, PATHS = 25 };
    struct text t = {.arena = desk.arena};
    text_printf(&t, "%sfrontend f\n bind :80\n", DESK_DEFAULTS);
    for (unsigned i = 0; i < FIELDS * PATHS; i++)
        text_printf(&t, " use_backend b%u if { req.fhdr(x) -m str h%u } { path -m beg /%u/ }%s\n",
                    dice(BACKENDS), i % FIELDS, i / FIELDS,
                    i % 7 ? "" : " or { path -m end z } { req.fhdr(x) -m str h1 }");
    for (unsigned i = 0; i < BACKENDS; i++)
        text_printf(&t, "backend b%u\n", i);
    desk_plan_str((struct str){t.p, t.len});
    const struct p_function *f = desk_function("f_use_backend");
    ck_assert_uint_eq(index_reach(f), FIELDS * PATHS);
    for (unsigned i = 0; i < 2000; i++) {
        random_request();
        struct str field = str_printf(desk.arena, "h%u", dice(FIELDS + 2));
        struct str path = str_printf(desk.arena, "/%u/%s", dice(PATHS + 2), dice(9) ? "x" : "z");
        now.field = (struct px_str){field.p, field.len};
        now.path = (struct px_str){path.p, path.len};
        ck_assert_ptr_eq(planned(f), written(desk_proxy("f")));
        if (path.p[path.len - 1] != 'z')
            ck_assert_uint_le(candidates(f), 1);
    }
}
END_TEST

/* ---- rules whose actions change what others look at ---- */

enum { MOST_RULES = 200 };

/* The rules that ran, in order. */
struct trace {
    const struct m_rule *v[MOST_RULES];
    unsigned n;
};

static struct px_str constant(const struct m_fmt *f)
{
    return f->items.n ? (struct px_str){f->items.v[0].text.p, f->items.v[0].text.len}
                      : (struct px_str){"", 0};
}

/* false: it was the last one. */
static bool run_rule(struct trace *trace, const struct m_rule *r)
{
    ck_assert_uint_lt(trace->n, MOST_RULES);
    trace->v[trace->n++] = r;
    if (!strcmp(r->action->name, "set-path"))
        now.path = constant(r->args[0].fmt);
    else if (!strcmp(r->action->name, "set-header") && r->args[0].name->text.p[0] == 'x')
        now.field = constant(r->args[1].fmt);
    return !r->action->final;
}

static void run_written(struct trace *trace, const struct m_proxy *f)
{
    for (unsigned i = 0; i < f->rules[PX_AT_REQ_HTTP].n; i++) {
        const struct m_rule *r = f->rules[PX_AT_REQ_HTTP].v[i];
        if (cond_holds(r->cond) && !run_rule(trace, r))
            return;
    }
}

/* As generated code does: all sets of a run are asked before its first rule. */
static bool run_indexed(struct trace *trace, const struct p_function *f, const struct p_run *run)
{
    struct px_candidates c = {.n = 0};
    for (unsigned i = 0; i < run->indexes.n; i++) {
        const struct p_index *ix = &run->indexes.v[i];
        add_candidates(&c, ix);
    }
    for (unsigned i = 0; i < c.n; i++) {
        const struct p_step *s = &f->steps.v[run->first + c.v[i]];
        if (found_holds(s) && !run_rule(trace, s->rule))
            return false;
    }
    return true;
}

static bool run_tried(struct trace *trace, const struct p_function *f, const struct p_run *run)
{
    for (unsigned i = run->first; i < run->first + run->n; i++)
        if (planned_cond_holds(&f->steps.v[i].cond) && !run_rule(trace, f->steps.v[i].rule))
            return false;
    return true;
}

static void run_planned(struct trace *trace, const struct p_function *f)
{
    for (unsigned i = 0; i < f->runs.n; i++) {
        const struct p_run *run = &f->runs.v[i];
        if (!(run->indexed ? run_indexed : run_tried)(trace, f, run))
            return;
    }
}

static void put_action(struct text *t)
{
    static const char *const actions[] = {"set-header y 1", "set-header y 2", "set-var(txn.a) path",
                                          "deny",           "set-path ",      "set-header x "};
    unsigned kind = dice(20);
    const char *action = actions[kind < 4 ? 3 : kind == 4 ? 4 : kind == 5 ? 5 : kind % 3];
    text_printf(t, " http-request %s", action);
    if (kind == 4 || kind == 5)
        put_word(t, 3);
}

static struct str random_actions(unsigned rules)
{
    struct text t = {.arena = desk.arena};
    text_printf(&t, "%sfrontend f\n bind :80\n", DESK_DEFAULTS);
    for (unsigned i = 0; i < 20; i++) {
        text_printf(&t, " acl acl%u ", i);
        put_test(&t);
        text_put(&t, "\n", 1);
    }
    for (unsigned i = 0; i < rules; i++) {
        put_action(&t);
        put_condition(&t, 20);
    }
    return (struct str){t.p, t.len};
}

START_TEST(random_actions_run_in_order)
{
    unsigned found = 0, ran = 0;
    for (unsigned i = 0; i < 60; i++) {
        desk_plan_str(random_actions(5 + dice(MOST_RULES - 5)));
        const struct p_function *f = desk_function("f_http_request");
        found += index_reach(f);
        for (unsigned k = 0; k < 100; k++) {
            struct trace a = {.n = 0}, b = {.n = 0};
            random_request();
            struct px_str path = now.path, field = now.field;
            run_written(&a, desk_proxy("f"));
            now.path = path;
            now.field = field;
            run_planned(&b, f);
            ck_assert_uint_eq(a.n, b.n);
            for (unsigned n = 0; n < a.n; n++)
                ck_assert_ptr_eq(a.v[n], b.v[n]);
            ran += a.n;
        }
    }
    ck_assert_uint_gt(found, 1000);
    ck_assert_uint_gt(ran, 10000);
}
END_TEST

/* How many rules the first run has, of nine that only look at the path and one more. */
static unsigned run_of(const char *first, const char *last)
{
    struct text t = {.arena = desk.arena};
    text_printf(&t, "%sfrontend f\n bind :80\n http-request %s if { path /0 }\n", DESK_DEFAULTS,
                first);
    for (unsigned i = 1; i < 9; i++)
        text_printf(&t, " http-request set-header y 1 if { path /%u }\n", i);
    text_printf(&t, " http-request deny if { path /9 } %s\n", last);
    desk_plan_str((struct str){t.p, t.len});
    const struct p_function *f = desk_function("f_http_request");
    return f->runs.v[0].indexed ? f->runs.v[0].n : 0;
}

START_TEST(what_actions_change)
{
    ck_assert_uint_eq(run_of("deny", ""), 10);
    ck_assert_uint_eq(run_of("set-header x 1", "{ req.hdr(x) a }"), 9);
    ck_assert_uint_eq(run_of("set-header x 1", "{ req.hdr(z) a }"), 10);
    ck_assert_uint_eq(run_of("set-header x 1", "{ req.hdrs -m sub a }"), 9);
    ck_assert_uint_eq(run_of("set-header x 1", "{ base -m sub a }"), 9);
    ck_assert_uint_eq(run_of("set-header x 1", "{ query a }"), 10);
    ck_assert_uint_eq(run_of("del-header z -m beg", "{ req.hdr(x) a }"), 9);
    ck_assert_uint_eq(run_of("del-header z", "{ req.hdr(x) a }"), 10);
    ck_assert_uint_eq(run_of("set-var(txn.a) path", "{ var(txn.a) -m str a }"), 9);
    ck_assert_uint_eq(run_of("set-src src", "{ src 10.0.0.1 }"), 9);
    ck_assert_uint_eq(run_of("set-method GET", ""), 0);
    ck_assert_uint_eq(run_of("set-header x 1", "{ path,set-var(txn.a) -m found }"), 9);
    ck_assert_uint_eq(run_of("pause 1ms", ""), 0);
}
END_TEST

/* Each rule draws for itself, and sees what the rules before it have kept. */
START_TEST(what_is_never_kept)
{
    static const char *const fetches[] = {"rand(2) 0", "capture.req.hdr(0) a",
                                          "cur_client_timeout 5", "prio_class 1"};
    for (unsigned i = 0; i < COUNT(fetches); i++) {
        struct text t = {.arena = desk.arena};
        text_printf(&t, "%sfrontend f\n bind :80\n capture request header x len 9\n",
                    DESK_DEFAULTS);
        for (unsigned k = 0; k < 10; k++)
            text_printf(&t, " http-request set-header y 1 if { %s }\n", fetches[i]);
        desk_plan_str((struct str){t.p, t.len});
        const struct p_function *f = desk_function("f_http_request");
        ck_assert_uint_eq(index_reach(f), 0);
        ck_assert_uint_eq(desk.plan->sets.n, 1);
        ck_assert(desk.plan->sets.v[0]->fleeting);
    }
}
END_TEST

/* Rules that cannot be found by index stand between those that can. */
START_TEST(runs_around_others)
{
    struct text t = {.arena = desk.arena};
    text_printf(&t, "%sfrontend f\n bind :80\n", DESK_DEFAULTS);
    for (unsigned i = 0; i < 100; i++)
        text_printf(&t, " use_backend b%u %s { path /%c%c }\n", i % BACKENDS,
                    i % 25 == 24 ? "unless" : "if", "abAB"[i % 4], "abAB"[i / 4 % 4]);
    for (unsigned i = 0; i < BACKENDS; i++)
        text_printf(&t, "backend b%u\n", i);
    desk_plan_str((struct str){t.p, t.len});
    const struct p_function *f = desk_function("f_use_backend");
    ck_assert_uint_eq(f->runs.n, 8);
    ck_assert_uint_eq(index_reach(f), 96);
    unsigned next = 0;
    for (unsigned i = 0; i < f->runs.n; i++) {
        ck_assert_uint_eq(f->runs.v[i].first, next);
        ck_assert_int_eq(f->runs.v[i].indexed, i % 2 == 0);
        next += f->runs.v[i].n;
    }
    ck_assert_uint_eq(next, f->steps.n);
    compare(500);
}
END_TEST

/* Numbers of tests and hits have 16 bits; a configuration may have more of them. */
START_TEST(more_tests_than_a_set_holds)
{
    enum { RULES = 65534 + 1000 };
    struct text t = {.arena = desk.arena};
    text_printf(&t, "%sfrontend f\n bind :80\n", DESK_DEFAULTS);
    for (unsigned i = 0; i < RULES; i++)
        text_printf(&t, " use_backend b%u if { path /%u }\n", i % BACKENDS, i);
    for (unsigned i = 0; i < BACKENDS; i++)
        text_printf(&t, "backend b%u\n", i);
    desk_plan_str((struct str){t.p, t.len});
    const struct p_function *f = desk_function("f_use_backend");
    ck_assert_uint_eq(desk.plan->sets.n, 2);
    ck_assert_uint_eq(desk.plan->sets.v[0]->ntests, 65534);
    ck_assert_uint_eq(desk.plan->sets.v[1]->ntests, 1000);
    ck_assert_uint_eq(index_reach(f), RULES);
    static const unsigned places[] = {0,     1,     65532, 65533, 65534,    65535,
                                      65536, 65537, 66000, 66533, RULES - 1};
    for (unsigned i = 0; i < COUNT(places); i++) {
        random_request();
        struct str path = str_printf(desk.arena, "/%u", places[i]);
        now.path = (struct px_str){path.p, path.len};
        ck_assert_ptr_eq(planned(f), desk_proxy("f")->use_backend.v[places[i]].proxy);
    }
    now.path = (struct px_str){"/x", 2};
    ck_assert_ptr_null(planned(f));
}
END_TEST

/* They are compared one after another. */
START_TEST(texts_longer_than_matchers_fold)
{
    char text[2000];
    memset(text, 'a', sizeof text);
    text[0] = '/';
    struct text t = {.arena = desk.arena};
    text_printf(&t, "%sfrontend f\n bind :80\n", DESK_DEFAULTS);
    static const char *const methods[] = {"str", "beg", "end"};
    for (unsigned i = 0; i < 3; i++)
        text_printf(&t, " use_backend b%u if { path -i -m %s %.*s }\n", i, methods[i],
                    1022 + (int)i, text);
    for (unsigned i = 0; i < 3; i++)
        text_printf(&t, " use_backend b%u if { path -i -m %s %.*s }\n", 3 + i, methods[i],
                    1025 + (int)i, text);
    for (unsigned i = 0; i < 6; i++)
        text_printf(&t, "backend b%u\n", i);
    desk_plan_str((struct str){t.p, t.len});
    const struct p_function *f = desk_function("f_use_backend");
    text[1] = 'A';
    for (unsigned len = 1015; len < 1040; len++) {
        now.path = (struct px_str){text, len};
        ck_assert_ptr_eq(planned(f), written(desk_proxy("f")));
        now.path = (struct px_str){text + 1, len};
        ck_assert_ptr_eq(planned(f), written(desk_proxy("f")));
    }
}
END_TEST

UNIT_MAIN("index", desk_open, desk_close, random_rules, pairs, random_actions_run_in_order,
          what_actions_change, what_is_never_kept, runs_around_others, more_tests_than_a_set_holds,
          texts_longer_than_matchers_fold)
