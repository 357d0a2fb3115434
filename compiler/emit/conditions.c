/*
 * Pattern sets, tests and ACLs as C.
 *
 * In rule sets that wait for data, conditions answer enum px_tri; elsewhere they are plain bool.
 */
#include "rules.h"

#include <string.h>

/* ---- sets ---- */

static struct str part_name(struct emit *e, const struct p_set *s, const char *what)
{
    return str_printf(e->arena, STR_FMT "__%s", STR_ARG(s->name), what);
}

static void put_strings(struct emit *e, const struct p_set *s)
{
    put_blob(e, part_name(e, s, "text"), &s->text);
    put_blob(e, part_name(e, s, "keys"), &s->slots);
    if (s->up.v)
        put_blob(e, part_name(e, s, "up"), &s->up);
    if (s->heads.v)
        put_blob(e, part_name(e, s, "heads"), &s->heads);
    if (s->pilots.v)
        put_blob(e, part_name(e, s, "pilots"), &s->pilots);
    if (s->hits.v)
        put_blob(e, part_name(e, s, "hits"), &s->hits);
    put(e,
        "static const struct px_strings " STR_FMT " = {\n    .nkeys = %u,\n    .nbuckets = %u,\n",
        STR_ARG(s->name), s->nslots, s->nbuckets);
    put(e, "    .seed = %llu,\n    .fold = %s,\n", (unsigned long long)s->seed,
        s->fold ? "true" : "false");
    put(e, "    .text = " STR_FMT "__text,\n    .keys = " STR_FMT "__keys,\n", STR_ARG(s->name),
        STR_ARG(s->name));
    if (s->up.v)
        put(e, "    .up = " STR_FMT "__up,\n", STR_ARG(s->name));
    if (s->heads.v)
        put(e, "    .skip = %u,\n    .heads = " STR_FMT "__heads,\n", s->skip, STR_ARG(s->name));
    if (s->pilots.v)
        put(e, "    .pilots = " STR_FMT "__pilots,\n", STR_ARG(s->name));
    if (s->hits.v)
        put(e, "    .hits = " STR_FMT "__hits,\n", STR_ARG(s->name));
    put(e, "};\n");
}

static void put_hits_member(struct emit *e, const struct p_set *s)
{
    if (s->hits.v)
        put(e, ", " STR_FMT "__hits};\n", STR_ARG(s->name));
    else
        put(e, ", NULL};\n");
}

static void put_ranges_set(struct emit *e, const struct p_set *s)
{
    put_blob(e, part_name(e, s, "ranges"), &s->ranges);
    if (s->hits.v)
        put_blob(e, part_name(e, s, "hits"), &s->hits);
    put(e, "static const struct px_ranges " STR_FMT " = {%zu, " STR_FMT "__ranges",
        STR_ARG(s->name), s->ranges.n, STR_ARG(s->name));
    put_hits_member(e, s);
}

static void put_nets_set(struct emit *e, const struct p_set *s)
{
    put_blob(e, part_name(e, s, "nets4"), &s->nets4);
    put_blob(e, part_name(e, s, "nets6"), &s->nets6);
    if (s->hits.v)
        put_blob(e, part_name(e, s, "hits"), &s->hits);
    put(e,
        "static const struct px_nets " STR_FMT " = {%zu, %zu, " STR_FMT "__nets4, " STR_FMT
        "__nets6",
        STR_ARG(s->name), s->nets4.n, s->nets6.n, STR_ARG(s->name), STR_ARG(s->name));
    put_hits_member(e, s);
}

static void put_automaton(struct emit *e, const struct p_set *s)
{
    put_blob(e, part_name(e, s, "classes"), &s->classes);
    put_blob(e, part_name(e, s, "next"), &s->next);
    put_blob(e, part_name(e, s, "here"), &s->here);
    put_blob(e, part_name(e, s, "end"), &s->end);
    put_blob(e, part_name(e, s, "hits"), &s->hits);
    put(e,
        "static const struct px_automaton " STR_FMT
        " = {\n    .nclasses = %u,\n    .start = %u,\n    .first_here = %u,\n",
        STR_ARG(s->name), s->nclasses, s->start, s->first_here);
    static const char *const members[] = {"classes", "next", "here", "end", "hits"};
    for (unsigned i = 0; i < sizeof members / sizeof *members; i++)
        put(e, "    .%s = " STR_FMT "__%s,\n", members[i], STR_ARG(s->name), members[i]);
    put(e, "};\n");
}

void put_set_data(struct emit *e, const struct p_set *s)
{
    if (s->kind == SET_SEARCH) {
        put_automaton(e, s);
        return;
    }
    if (s->kind == SET_INT)
        put_ranges_set(e, s);
    else if (s->kind == SET_IP)
        put_nets_set(e, s);
    else
        put_strings(e, s);
}

static struct str match_text(struct emit *e, const struct p_set *s)
{
    static const char *const calls[] = {
        [SET_FEW] = "px_match_few(&%.*s, s.u.s)",
        [SET_HASH] = "px_match_hash(&%.*s, s.u.s)",
        [SET_PREFIX] = "px_match_prefix(&%.*s, s.u.s)",
        [SET_SUFFIX] = "px_match_suffix(&%.*s, s.u.s)",
        [SET_IP] = "px_match_ip(&%.*s, &s)",
        [SET_SEARCH] = "px_match_automaton(&%.*s, s.u.s)",
    };
    if (s->kind == SET_INT && s->method == MATCH_LEN)
        return str_printf(e->arena, "px_match_int(&" STR_FMT ", (int64_t)s.u.s.len)",
                          STR_ARG(s->name));
    if (s->kind == SET_INT)
        return str_printf(e->arena, "px_match_int(&" STR_FMT ", s.u.i)", STR_ARG(s->name));
    struct text t = {.arena = e->arena};
    const char *call = calls[s->kind], *hole = strstr(call, "%.*s");
    text_put(&t, call, (size_t)(hole - call));
    text_str(&t, s->name);
    text_printf(&t, "%s", hole + 4);
    return (struct str){t.p, t.len};
}

static enum px_type match_type(enum match_method m)
{
    switch (m) {
    case MATCH_INT:
    case MATCH_BOOL:
        return PX_SINT;
    case MATCH_IP:
        return PX_ADDR;
    case MATCH_BIN:
        return PX_BIN;
    default:
        return PX_STRING;
    }
}

/* What makes a sample one of the type; empty: it is one already. */
static struct str cast_call(struct emit *e, const struct m_expr *x, enum px_type to)
{
    if (!needs_cast(x->type, to))
        return STR("");
    return str_printf(e->arena, "px_cast(&s, %s)", type_symbol(to));
}

/* The same in front of what is asked of it. */
static struct str cast_text(struct emit *e, const struct m_expr *x, enum px_type to)
{
    struct str call = cast_call(e, x, to);
    return call.len ? str_printf(e->arena, STR_FMT " && ", STR_ARG(call)) : call;
}

/* ---- what a scope knows ---- */

/* The call that reads a sample into s. */
static struct str read_text(struct emit *e, const struct m_expr *x)
{
    return str_printf(e->arena, STR_FMT "(t, &s)", STR_ARG(expr_function(e, x)));
}

static void put_memo(struct emit *e, const struct p_scope *sc)
{
    PUT_TEMPLATE(e, "memo_open", {"name", sc->name}, {"who", sc->name});
    for (unsigned i = 0; i < sc->sets.n; i++)
        put(e, "    const uint16_t *" STR_FMT ";\n", STR_ARG(sc->sets.v[i]->name));
    if (!sc->sets.n)
        put(e, "    char nothing;\n");
    PUT_TEMPLATE(e, "memo_close", {"name", sc->name});
    if (scope_is_shared(sc))
        PUT_TEMPLATE(e, "memo_shared", {"name", sc->name});
}

struct str memo_text(struct emit *e, const struct p_scope *sc)
{
    struct text t = {.arena = e->arena};
    if (!scope_is_shared(sc)) {
        text_printf(&t, "    struct " STR_FMT " memo = {0}, *m = &memo;\n", STR_ARG(sc->name));
    } else {
        text_printf(&t, "    struct " STR_FMT " *m = " STR_FMT "__shared(t);\n", STR_ARG(sc->name),
                    STR_ARG(sc->name));
        for (unsigned i = 0; i < sc->sets.n; i++)
            if ((sc->sets.v[i]->expr->reads & READS_VOLATILE) && !sc->sets.v[i]->fleeting)
                text_printf(&t, "    m->" STR_FMT " = NULL;\n", STR_ARG(sc->sets.v[i]->name));
    }
    if (e->plan->keeps_volatile)
        text_printf(&t, "    px_kept_pass++;\n");
    return (struct str){t.p, t.len};
}

static struct str hits_function(struct emit *e, const struct p_set *s)
{
    return part_name(e, s, "hits_of");
}

/* What only rules that can wait have to think of. */
static const char init_open[] = " = {.open = false}";
static const char answer_later[] = "    if (found == PX_LATER && !px_is_final(t))\n"
                                   "        return ";

static void put_set_function(struct emit *e, const struct p_scope *sc, const struct p_set *s)
{
    bool tri = is_waiting(sc);
    const char *when = s->expr->fetch->each ? "found == PX_LATER" : "s.open";
    struct str open = tri ? str_printf(e->arena,
                                       "    if (%s && !px_is_final(t))\n"
                                       "        m->" STR_FMT " = px_hits_open(m->" STR_FMT ");\n",
                                       when, STR_ARG(s->name), STR_ARG(s->name))
                          : STR("");
    struct str known = s->fleeting ? STR("")
                                   : str_printf(e->arena,
                                                "    if (m->" STR_FMT ")\n"
                                                "        return m->" STR_FMT ";\n",
                                                STR_ARG(s->name), STR_ARG(s->name));
    struct str cast = cast_call(e, s->expr, match_type(s->method));
    if (s->expr->fetch->each) {
        if (cast.len)
            cast = str_printf(e->arena, "        if (" STR_FMT ")\n    ", STR_ARG(cast));
        PUT_TEMPLATE(e, "set_each", {"name", hits_function(e, s)}, {"scope", sc->name},
                     {"field", s->name}, {"known", known}, {"expr", each_function(e, s->expr)},
                     {"cast", cast}, {"match", match_text(e, s)}, {"open", open});
        return;
    }
    if (cast.len)
        cast = str_printf(e->arena, " && " STR_FMT, STR_ARG(cast));
    struct str later = tri ? str_printf(e->arena, "%spx_later;\n", answer_later) : STR("");
    PUT_TEMPLATE(e, "set_one", {"name", hits_function(e, s)}, {"scope", sc->name},
                 {"field", s->name}, {"known", known}, {"init", tri ? str_of(init_open) : STR("")},
                 {"expr", read_text(e, s->expr)}, {"later", later}, {"cast", cast},
                 {"match", match_text(e, s)}, {"open", open});
}

/* ---- tests ---- */

static struct str check_text(struct emit *e, const struct p_test *t)
{
    switch (t->kind) {
    case TEST_BOOL:
        return t->expr->type == PX_BOOL
                   ? STR("s.u.i")
                   : str_printf(e->arena, STR_FMT "s.u.i", STR_ARG(cast_text(e, t->expr, PX_SINT)));
    case TEST_PATTERNS:
        return str_printf(e->arena, STR_FMT "px_any_pattern(&" STR_FMT ", s.u.s)",
                          STR_ARG(cast_text(e, t->expr, PX_STRING)), STR_ARG(t->name));
    case TEST_LIST:
        return str_printf(e->arena, STR_FMT "px_listed(&" STR_FMT ", &s)",
                          STR_ARG(cast_text(e, t->expr, match_type(t->test->method))),
                          STR_ARG(t->list->name));
    case TEST_REGEX:
        return str_printf(e->arena, STR_FMT "px_any_regex(" STR_FMT ", %u, s.u.s)",
                          STR_ARG(cast_text(e, t->expr, PX_STRING)), STR_ARG(t->name),
                          t->patterns.n);
    default:
        return STR("true");
    }
}

const char *compare_symbol(enum match_method m)
{
    switch (m) {
    case MATCH_SUB:
        return "PX_CONTAINS";
    case MATCH_DIR:
        return "PX_HAS_DIR";
    case MATCH_DOM:
        return "PX_HAS_DOMAIN";
    case MATCH_BEG:
        return "PX_BEGINS";
    case MATCH_END:
        return "PX_ENDS";
    default:
        return "PX_IS";
    }
}

static void put_pattern_list(struct emit *e, const struct p_test *t)
{
    void **printed = map_at(e->arena, &e->names, t->name);
    if (*printed)
        return;
    *printed = e;
    enum part was = turn_to(e, PART_SETS);
    if (t->kind == TEST_REGEX) {
        put(e, "static const struct px_regex *const " STR_FMT "[] = {", STR_ARG(t->name));
        for (unsigned i = 0; i < t->patterns.n; i++)
            put(e, "%s&regex_%u", i ? ", " : "", t->patterns.v[i]->regex->number);
        put(e, "};\n");
        turn_to(e, was);
        return;
    }
    put(e, "static const struct px_str " STR_FMT "__list[] = {\n", STR_ARG(t->name));
    for (unsigned i = 0; i < t->patterns.n; i++) {
        struct str text = t->patterns.v[i]->text;
        char *low = str_cstr(e->arena, text);
        for (size_t k = 0; t->fold && k < text.len; k++)
            if (low[k] >= 'A' && low[k] <= 'Z')
                low[k] |= 0x20;
        put(e, "    PX_STR(" STR_FMT "),\n",
            STR_ARG(literal(e->arena, (struct str){low, text.len})));
    }
    put(e, "};\nstatic const struct px_patterns " STR_FMT " = {%s, %s, %u, " STR_FMT "__list};\n",
        STR_ARG(t->name), compare_symbol(t->test->method), t->fold ? "true" : "false",
        t->patterns.n, STR_ARG(t->name));
    turn_to(e, was);
}

static struct str result_type(const struct p_scope *sc)
{
    return is_waiting(sc) ? STR("enum px_tri") : STR("bool");
}

static struct str whole_check(struct emit *e, const struct p_test *t, struct str check, bool tri)
{
    if (tri)
        return str_printf(e->arena,
                          "found == PX_FOUND && (" STR_FMT ") ? PX_TRUE\n"
                          "           : s.open && !px_is_final(t) ? PX_UNKNOWN\n"
                          "                                       : PX_FALSE",
                          STR_ARG(check));
    if (t->kind == TEST_FOUND)
        return STR("found == PX_FOUND");
    return str_printf(e->arena, "found == PX_FOUND && " STR_FMT, STR_ARG(check));
}

static void put_test_function(struct emit *e, const struct p_scope *sc, const struct p_test *t,
                              struct str name)
{
    bool tri = is_waiting(sc);
    struct str check = check_text(e, t);
    if (t->kind == TEST_PATTERNS || t->kind == TEST_REGEX)
        put_pattern_list(e, t);
    struct str later = tri ? str_printf(e->arena, "%sPX_UNKNOWN;\n", answer_later) : STR("");
    if (test_tries_each(t->expr, t->kind == TEST_FOUND)) {
        struct str each = each_function(e, t->expr);
        PUT_TEMPLATE(e, "test_each", {"result", result_type(sc)}, {"name", name},
                     {"scope", sc->name}, {"expr", each}, {"check", check},
                     {"yes", tri ? STR("PX_TRUE") : STR("true")}, {"later", later},
                     {"no", tri ? STR("PX_FALSE") : STR("false")});
        return;
    }
    struct str expr = read_text(e, t->expr);
    struct str whole = whole_check(e, t, check, tri);
    PUT_TEMPLATE(e, "test_one", {"result", result_type(sc)}, {"name", name}, {"scope", sc->name},
                 {"init", tri ? str_of(init_open) : STR("")}, {"expr", expr}, {"later", later},
                 {"check", whole});
}

/* A test as an expression over t and m. */
static struct str test_text(struct emit *e, const struct p_scope *sc, const struct p_test *t,
                            struct str function)
{
    if (t->kind == TEST_SET)
        return str_printf(e->arena, "%s(" STR_FMT "(t, m), %u)",
                          is_waiting(sc) ? "px_hit3" : "px_hit", STR_ARG(hits_function(e, t->set)),
                          t->number);
    return str_printf(e->arena, STR_FMT "(t, m)", STR_ARG(function));
}

/* ---- ACLs ---- */

static bool is_constant_test(const struct p_test *t)
{
    return t->kind == TEST_TRUE || t->kind == TEST_FALSE;
}

/* An ACL is the disjunction of its tests; a single test of a set needs no function. */
static bool is_inline(const struct p_acl *acl)
{
    return acl->tests.n == 1 && acl->tests.v[0]->kind == TEST_SET && acl->acl->anonymous;
}

static void put_acl_body(struct emit *e, const struct p_scope *sc, struct text *body,
                         const struct p_acl *acl)
{
    bool tri = is_waiting(sc);
    if (tri)
        text_printf(body, "    enum px_tri any = PX_FALSE, one;\n");
    bool first = true;
    for (unsigned i = 0; i < acl->tests.n; i++) {
        const struct p_test *t = acl->tests.v[i];
        if (is_constant_test(t))
            continue;
        struct str fn = str_printf(e->arena, STR_FMT "__test_%u", STR_ARG(acl->name), i + 1);
        if (t->kind != TEST_SET)
            put_test_function(e, sc, t, fn);
        struct str text = test_text(e, sc, t, fn);
        if (tri)
            text_printf(body,
                        "    one = " STR_FMT ";\n    if (one == PX_TRUE)\n        return one;\n"
                        "    if (one == PX_UNKNOWN)\n        any = one;\n",
                        STR_ARG(text));
        else
            text_printf(body, "%s" STR_FMT, first ? "    return " : " ||\n           ",
                        STR_ARG(text));
        first = false;
    }
    text_printf(body, tri ? "    return any;\n" : ";\n");
}

static void put_acl(struct emit *e, const struct p_scope *sc, const struct p_acl *acl)
{
    if (acl->constant >= 0 || is_inline(acl))
        return;
    if (acl->tests.n == 1 && acl->tests.v[0]->kind != TEST_SET) {
        put_test_function(e, sc, acl->tests.v[0], acl->name);
        return;
    }
    struct text body = {.arena = e->arena};
    put_acl_body(e, sc, &body, acl);
    PUT_TEMPLATE(e, "acl", {"result", result_type(sc)}, {"name", acl->name}, {"scope", sc->name},
                 {"body", ((struct str){body.p, body.len})});
}

static void put_scope(struct emit *e, const struct p_scope *sc)
{
    put_memo(e, sc);
    for (unsigned k = 0; k < sc->sets.n; k++)
        put_set_function(e, sc, sc->sets.v[k]);
    for (unsigned k = 0; k < sc->acls.n; k++)
        put_acl(e, sc, sc->acls.v[k]);
}

void put_scopes(struct emit *e)
{
    enum part was = turn_to(e, PART_CONDITIONS);
    for (unsigned i = 0; i < e->plan->scopes.n; i++)
        if (!e->plan->scopes.v[i]->aside)
            put_scope(e, e->plan->scopes.v[i]);
    turn_to(e, was);
}

void put_sets(struct emit *e)
{
    enum part was = turn_to(e, PART_SETS);
    for (unsigned i = 0; i < e->plan->sets.n; i++)
        if (e->plan->sets.v[i]->ntests && !e->plan->sets.v[i]->aside)
            put_set_data(e, e->plan->sets.v[i]);
    turn_to(e, was);
}

/* ---- conditions ---- */

static struct str term_text(struct emit *e, const struct p_scope *sc, const struct p_term *t)
{
    struct str text = is_inline(t->acl)
                          ? test_text(e, sc, t->acl->tests.v[0], STR(""))
                          : str_printf(e->arena, STR_FMT "(t, m)", STR_ARG(t->acl->name));
    return t->negated ? str_printf(e->arena, "!" STR_FMT, STR_ARG(text)) : text;
}

/* Terms that are always true are left out; a group with one that is never is not asked for. Rules
 * that were found by the group need not be asked for what led to them. */
static struct str group_text(struct emit *e, const struct p_scope *sc, const struct p_group *g,
                             bool alone)
{
    struct text t = {.arena = e->arena};
    for (unsigned i = 0; i < g->terms.n; i++)
        if (g->terms.v[i].acl->constant < 0 && !(alone && g->terms.v[i].found))
            text_printf(&t, "%s" STR_FMT, t.len ? " && " : "",
                        STR_ARG(term_text(e, sc, &g->terms.v[i])));
    return (struct str){t.p, t.len};
}

static bool never_holds(const struct p_group *g)
{
    for (unsigned i = 0; i < g->terms.n; i++)
        if (g->terms.v[i].acl->constant >= 0 &&
            g->terms.v[i].acl->constant == g->terms.v[i].negated)
            return true;
    return false;
}

struct str cond_text(struct emit *e, const struct p_scope *sc, const struct p_cond *c)
{
    struct text t = {.arena = e->arena};
    unsigned groups = 0;
    for (unsigned g = 0; g < c->groups.n; g++)
        groups += !never_holds(&c->groups.v[g]);
    for (unsigned g = 0; g < c->groups.n; g++) {
        if (never_holds(&c->groups.v[g]))
            continue;
        struct str text = group_text(e, sc, &c->groups.v[g], c->groups.n == 1);
        bool parens = groups > 1 && text.len && memmem(text.p, text.len, "&&", 2);
        text_printf(&t, "%s%s" STR_FMT "%s", t.len ? " || " : "", parens ? "(" : "", STR_ARG(text),
                    parens ? ")" : "");
    }
    struct str text = t.len ? (struct str){t.p, t.len} : STR("false");
    if (!c->unless)
        return text;
    bool simple = !memmem(text.p, text.len, "&&", 2) && !memmem(text.p, text.len, "||", 2);
    return str_printf(e->arena, simple ? "!" STR_FMT : "!(" STR_FMT ")", STR_ARG(text));
}

/* ---- conditions of three values ---- */

static bool is_pending(const struct p_group *g)
{
    bool pending = false;
    for (unsigned i = 0; i < g->terms.n; i++)
        pending |= g->terms.v[i].acl->constant < 0;
    return pending && !never_holds(g);
}

/* The first term that is not true ends the group; one group that is true ends the condition. */
static void put_tri_group(struct emit *e, const struct p_scope *sc, const struct p_group *g,
                          bool unless)
{
    put(e, "    all = PX_TRUE;\n");
    for (unsigned i = 0; i < g->terms.n; i++) {
        struct p_term t = {.acl = g->terms.v[i].acl};
        bool negated = g->terms.v[i].negated;
        if (t.acl->constant < 0)
            put(e, "    if (all == PX_TRUE)\n        all = %s" STR_FMT "%s;\n",
                negated ? "px_not(" : "", STR_ARG(term_text(e, sc, &t)), negated ? ")" : "");
    }
    put(e,
        "    if (all == PX_TRUE)\n        return %s;\n    if (all == PX_UNKNOWN)\n"
        "        any = PX_UNKNOWN;\n",
        unless ? "PX_FALSE" : "PX_TRUE");
}

void put_tri_cond(struct emit *e, const struct p_scope *sc, const struct p_cond *c, struct str name)
{
    put(e,
        "\nstatic enum px_tri " STR_FMT "(struct px_txn *t, struct " STR_FMT " *m)\n{\n"
        "    enum px_tri any = PX_FALSE, all;\n",
        STR_ARG(name), STR_ARG(sc->name));
    for (unsigned g = 0; g < c->groups.n; g++)
        if (is_pending(&c->groups.v[g]))
            put_tri_group(e, sc, &c->groups.v[g], c->unless);
    put(e, "    return %s;\n}\n", c->unless ? "px_not(any)" : "any");
}

/* ---- ACLs that samples ask for ---- */

static struct str named_text(struct emit *e, const struct p_named *n)
{
    if (is_waiting(n->scope)) {
        struct str name = plan_identifier(e->plan, STR_FMT "_rule", STR_ARG(n->scope->name));
        put_tri_cond(e, n->scope, &n->cond, name);
        return str_printf(e->arena, STR_FMT "(t, m)", STR_ARG(name));
    }
    return str_printf(e->arena, STR_FMT " ? PX_TRUE : PX_FALSE",
                      STR_ARG(cond_text(e, n->scope, &n->cond)));
}

static void put_named(struct emit *e, const struct p_named *n, struct str name)
{
    if (n->cond.constant >= 0) {
        PUT_TEMPLATE(e, "known", {"name", name},
                     {"holds", n->cond.constant ? STR("PX_TRUE") : STR("PX_FALSE")});
        return;
    }
    enum part was = turn_to(e, PART_SETS);
    for (unsigned i = 0; i < n->scope->sets.n; i++)
        put_set_data(e, n->scope->sets.v[i]);
    turn_to(e, was);
    put_scope(e, n->scope);
    struct str holds = named_text(e, n), memo = memo_text(e, n->scope);
    PUT_TEMPLATE(e, "named", {"name", name}, {"memo", memo}, {"holds", holds});
}

struct str named_function(struct emit *e, const struct m_named *m)
{
    struct p_named *n = plan_named_of(e->plan, m);
    struct str name = str_printf(e->arena, STR_FMT "__hold", STR_ARG(n->scope->name));
    if (n->printed)
        return name;
    n->printed = true;
    enum part was = turn_to(e, PART_SAMPLES);
    put_named(e, n, name);
    turn_to(e, was);
    return name;
}
