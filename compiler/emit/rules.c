/*
 * Rule functions: one rule, one statement, on the line of the configuration that it came from.
 */
#include "rules.h"

#include <string.h>

/* ---- actions ---- */

static const char *phase_symbol(enum px_phase phase)
{
    static const char *const symbols[] = {
        [PX_AT_CONN] = "PX_AT_CONN",       [PX_AT_SESS] = "PX_AT_SESS",
        [PX_AT_REQ_TCP] = "PX_AT_REQ_TCP", [PX_AT_REQ_HTTP] = "PX_AT_REQ_HTTP",
        [PX_AT_RES_TCP] = "PX_AT_RES_TCP", [PX_AT_RES_HTTP] = "PX_AT_RES_HTTP",
        [PX_AT_AFTER] = "PX_AT_AFTER",     [PX_AT_LOG] = "PX_AT_LOG",
        [PX_AT_INIT] = "PX_AT_INIT",
    };
    return symbols[phase];
}

static struct str action_text(struct emit *e, const struct m_rule *r)
{
    struct str call =
        str_printf(e->arena, "px_act_%s(t, %s" STR_FMT ")", r->action->sym, phase_symbol(r->phase),
                   STR_ARG(args_text(e, r->args, r->action->nargs)));
    if (!e->plan->model->notes_rules || !r->span.source)
        return call;
    struct str file = literal(e->arena, r->span.source->name);
    return str_printf(e->arena, "px_note_rule(t, " STR_FMT ", %u, " STR_FMT ")", STR_ARG(file),
                      source_place(r->span.source, r->span.start).line, STR_ARG(call));
}

/* The first step that sends hints; f->steps.n: none. */
static unsigned first_hint(const struct p_function *f)
{
    unsigned i = 0;
    while (i < f->steps.n && !rule_hints(f->steps.v[i].rule))
        i++;
    return i;
}

/* The same for a step of a function: hints in a row make one response, which any other ends. */
static struct str step_text(struct emit *e, const struct p_function *f, unsigned i, unsigned hint)
{
    struct str action = action_text(e, f->steps.v[i].rule);
    if (i <= hint || rule_hints(f->steps.v[i].rule))
        return action;
    return str_printf(e->arena, "(px_hints_end(t), " STR_FMT ")", STR_ARG(action));
}

/* ---- rules that do not wait ---- */

static void put_rule(struct emit *e, const struct p_function *f, const struct p_step *s,
                     struct str action, bool sure)
{
    struct str forget = forget_text(e, f->scope, s->rule);
    bool always = sure || s->cond.constant == 1;
    put_line(e, s->span);
    if (!always)
        put(e, "    if (" STR_FMT ")", STR_ARG(cond_text(e, f->scope, &s->cond)));
    if (forget.len)
        put(e,
            "%s{\n        if ((v = " STR_FMT ") != PX_GO)\n            return v;\n" STR_FMT
            "    }\n",
            always ? "    " : " ", STR_ARG(action), STR_ARG(forget));
    else if (always)
        put(e, "    if ((v = " STR_FMT ") != PX_GO)\n        return v;\n", STR_ARG(action));
    else
        put(e, " {\n        if ((v = " STR_FMT ") != PX_GO)\n            return v;\n    }\n",
            STR_ARG(action));
}

/* ---- actions that may wait ---- */

static void put_resumptions(struct emit *e, const struct p_function *f)
{
    for (unsigned i = 0; i < f->steps.n; i++)
        if (rule_pauses(f->steps.v[i].rule))
            put(e, "    if (px_resumes(t, %u))\n        goto rule_%u;\n", i + 1, i + 1);
}

static void put_pausing_rule(struct emit *e, const struct p_function *f, const struct p_step *s,
                             unsigned number, struct str action)
{
    put_line(e, s->span);
    if (s->cond.constant == 1)
        put(e, "    {\n");
    else
        put(e, "    if (" STR_FMT ") {\n", STR_ARG(cond_text(e, f->scope, &s->cond)));
    put(e,
        "    rule_%u:\n        if ((v = " STR_FMT ") != PX_GO)\n            return v;\n" STR_FMT
        "    }\n",
        number, STR_ARG(action), STR_ARG(forget_text(e, f->scope, s->rule)));
}

/* ---- rules that may wait ---- */

static struct str put_step_cond(struct emit *e, const struct p_function *f, const struct p_step *s,
                                unsigned number)
{
    struct str name = plan_identifier(e->plan, STR_FMT "_rule_%u", STR_ARG(f->name), number);
    enum part was = turn_to(e, PART_CONDITIONS);
    put_tri_cond(e, f->scope, &s->cond, name);
    turn_to(e, was);
    return name;
}

static void put_waiting_rule(struct emit *e, const struct p_function *f, const struct p_step *s,
                             unsigned number, struct str action)
{
    struct str forget = forget_text(e, f->scope, s->rule);
    bool always = s->cond.constant == 1;
    struct str cond = always ? STR("") : put_step_cond(e, f, s, number);
    put_line(e, s->span);
    if (always) {
        put(e,
            forget.len ? "    {\n        if ((v = " STR_FMT
                         ") != PX_GO)\n            return v;\n" STR_FMT "    }\n"
                       : "    if ((v = " STR_FMT ") != PX_GO)\n        return v;\n" STR_FMT,
            STR_ARG(action), STR_ARG(forget));
        return;
    }
    put(e,
        "    switch (" STR_FMT "(t, m)) {\n    case PX_UNKNOWN:\n        if (!px_is_final(t))\n"
        "            return PX_WAIT;\n        break;\n    case PX_TRUE:\n",
        STR_ARG(cond));
    if (rule_pauses(s->rule))
        put(e, "    rule_%u:\n", number);
    put(e,
        "        if ((v = " STR_FMT ") != PX_GO)\n            return v;\n" STR_FMT
        "        break;\n    case PX_FALSE:\n        break;\n    }\n",
        STR_ARG(action), STR_ARG(forget));
}

/* ---- rules found by index ---- */

static void put_index(struct emit *e, const struct p_index *ix, struct text *candidates)
{
    struct str first = str_printf(e->arena, STR_FMT "__first", STR_ARG(ix->name));
    struct str rules = str_printf(e->arena, STR_FMT "__rules", STR_ARG(ix->name));
    put_blob(e, first, &ix->first);
    put_blob(e, rules, &ix->rules);
    if (!ix->with) {
        put(e, "static const struct px_rule_index " STR_FMT " = {" STR_FMT ", " STR_FMT "};\n",
            STR_ARG(ix->name), STR_ARG(first), STR_ARG(rules));
        text_printf(candidates,
                    "        px_candidates_add(&c, &" STR_FMT ", " STR_FMT "__hits_of(t, m));\n",
                    STR_ARG(ix->name), STR_ARG(ix->set->name));
        return;
    }
    struct str keys = str_printf(e->arena, STR_FMT "__keys", STR_ARG(ix->name));
    put_blob(e, keys, &ix->keys);
    put(e,
        "static const struct px_pair_index " STR_FMT " = {%u, " STR_FMT ", " STR_FMT ", " STR_FMT
        "};\n",
        STR_ARG(ix->name), ix->bits, STR_ARG(keys), STR_ARG(first), STR_ARG(rules));
    text_printf(candidates,
                "        px_candidates_add_pairs(&c, &" STR_FMT ", " STR_FMT
                "__hits_of(t, m), " STR_FMT "__hits_of(t, m));\n",
                STR_ARG(ix->name), STR_ARG(ix->set->name), STR_ARG(ix->with->name));
}

/* What asks for the candidates of a run; its data stands in front of the function. */
static struct str put_run_indexes(struct emit *e, const struct p_run *run)
{
    struct text candidates = {.arena = e->arena};
    for (unsigned i = 0; i < run->indexes.n; i++)
        put_index(e, &run->indexes.v[i], &candidates);
    return (struct str){candidates.p, candidates.len};
}

/* For each run of a function; empty: its steps are tried in order. */
static struct str *put_indexes(struct emit *e, const struct p_function *f)
{
    struct str *texts = NEW_N(e->arena, struct str, f->runs.n + 1);
    for (unsigned r = 0; r < f->runs.n; r++)
        if (f->runs.v[r].indexed)
            texts[r] = put_run_indexes(e, &f->runs.v[r]);
    return texts;
}

/* ---- rules ---- */

/* Compilers need much longer for one long function than for its pieces. */
enum { PIECE = 256 };

static void put_any_rule(struct emit *e, const struct p_function *f, unsigned i, unsigned hint)
{
    const struct p_step *s = &f->steps.v[i];
    bool pauses = rule_pauses(s->rule), always = s->cond.constant == 1;
    struct str action = step_text(e, f, i, hint);
    if (pauses)
        action = str_printf(e->arena, "px_pause(t, %u, " STR_FMT ")", i + 1, STR_ARG(action));
    if (pauses && (always || !is_waiting(f->scope)))
        put_pausing_rule(e, f, s, i + 1, action);
    else if (is_waiting(f->scope))
        put_waiting_rule(e, f, s, i + 1, action);
    else
        put_rule(e, f, s, action, false);
}

/* Steps from .. to-1 of a run; of an indexed one, as cases. */
static void put_steps(struct emit *e, const struct p_function *f, const struct p_run *run,
                      unsigned from, unsigned to, unsigned hint)
{
    for (unsigned i = from; i < to; i++) {
        unsigned number = run->first + i;
        if (!run->indexed) {
            put_any_rule(e, f, number, hint);
            continue;
        }
        const struct p_step *s = &f->steps.v[number];
        put(e, "    case %u:\n", i);
        put_rule(e, f, s, step_text(e, f, number, hint), s->sure);
        put(e, "    break;\n");
    }
}

/* One that waits for something goes on at its label, which has to be in the function itself. */
static bool is_cut(const struct p_function *f, const struct p_run *run)
{
    bool cut = run->n > PIECE;
    for (unsigned i = 0; cut && !run->indexed && i < run->n; i++)
        cut = !rule_pauses(f->steps.v[run->first + i].rule);
    return cut;
}

/* The pieces of a run, in front of its function; what calls them there. */
static struct str put_pieces(struct emit *e, const struct p_function *f, const struct p_run *run,
                             unsigned hint)
{
    struct text calls = {.arena = e->arena};
    for (unsigned from = 0; from < run->n; from += PIECE) {
        unsigned to = run->n - from < PIECE ? run->n : from + PIECE;
        struct str name =
            plan_identifier(e->plan, STR_FMT "_from_%u", STR_ARG(f->name), run->first + from + 1);
        PUT_TEMPLATE(e, run->indexed ? "cases_open" : "piece_open", {"name", name},
                     {"scope", f->scope->name});
        put_steps(e, f, run, from, to, hint);
        put_line_end(e);
        PUT_TEMPLATE(e, run->indexed ? "cases_close" : "rules_close", {"name", name});
        if (run->indexed)
            text_printf(&calls, "    case %u:\n    ", from / PIECE);
        text_printf(&calls, "    if ((v = " STR_FMT "(t, m%s)) != PX_GO)\n%s        return v;\n",
                    STR_ARG(name), run->indexed ? ", c.v[i]" : "", run->indexed ? "    " : "");
        if (run->indexed)
            text_printf(&calls, "        break;\n");
    }
    return (struct str){calls.p, calls.len};
}

static void put_run(struct emit *e, const struct p_function *f, const struct p_run *run,
                    struct str candidates, struct str pieces, unsigned hint)
{
    if (run->indexed) {
        struct str which = pieces.len ? str_printf(e->arena, "c.v[i] / %u", PIECE) : STR("c.v[i]");
        put_line_end(e);
        PUT_TEMPLATE(e, "switch_open", {"candidates", candidates}, {"which", which});
    }
    if (pieces.len)
        put(e, STR_FMT, STR_ARG(pieces));
    else
        put_steps(e, f, run, 0, run->n, hint);
    if (run->indexed) {
        put_line_end(e);
        PUT_TEMPLATE(e, "switch_close", {"name", f->name});
    }
}

static void put_rules(struct emit *e, const struct p_function *f)
{
    struct str *candidates = put_indexes(e, f);
    struct str *pieces = NEW_N(e->arena, struct str, f->runs.n + 1);
    unsigned hint = first_hint(f);
    for (unsigned r = 0; r < f->runs.n; r++)
        if (is_cut(f, &f->runs.v[r]))
            pieces[r] = put_pieces(e, f, &f->runs.v[r], hint);
    PUT_TEMPLATE(e, "rules_open", {"name", f->name}, {"memo", memo_text(e, f->scope)});
    if (!f->steps.n)
        put(e, "    (void)t;\n    (void)v;\n");
    put_resumptions(e, f);
    for (unsigned r = 0; r < f->runs.n; r++)
        put_run(e, f, &f->runs.v[r], candidates[r], pieces[r], hint);
    if (f->steps.n)
        put_line_end(e);
    if (hint < f->steps.n)
        put(e, "    px_hints_end(t);\n");
    PUT_TEMPLATE(e, "rules_close", {"name", f->name});
}

/* ---- routes ---- */

/* Is a name one sample and nothing else? */
static bool is_sample(const struct m_fmt *f)
{
    return f->items.n == 1 && f->items.v[0].kind == FMT_EXPR && !f->items.v[0].flags;
}

static struct str route_target(struct emit *e, const struct m_route *r)
{
    e->computes_backends |= !!r->name;
    if (r->name && is_sample(r->name))
        return str_printf(e->arena, "px_backend_found(t, " STR_FMT ")",
                          STR_ARG(expr_function(e, r->name->items.v[0].expr)));
    if (r->name)
        return str_printf(e->arena, "px_backend_named(t, &" STR_FMT ")",
                          STR_ARG(fmt_symbol(e, r->name)));
    return str_printf(e->arena, "&" STR_FMT, STR_ARG(proxy_symbol(e, r->proxy)));
}

/* A TCP frontend decides once, with what has come so far: not known yet counts as no. */
static struct str plain_cond(struct emit *e, const struct p_function *f, const struct p_step *s,
                             unsigned number)
{
    if (s->sure || s->cond.constant == 1)
        return STR("");
    if (!is_waiting(f->scope))
        return cond_text(e, f->scope, &s->cond);
    struct str name = put_step_cond(e, f, s, number);
    return str_printf(e->arena, STR_FMT "(t, m) == PX_TRUE", STR_ARG(name));
}

static struct str step_target(struct emit *e, const struct p_function *f, const struct p_step *s)
{
    if (f->kind == FN_ROUTE)
        return route_target(e, s->route);
    if (s->route->name)
        return str_printf(e->arena, "px_server_named(t, &" STR_FMT ")",
                          STR_ARG(fmt_symbol(e, s->route->name)));
    return str_printf(e->arena, "&" STR_FMT, STR_ARG(server_symbol(e, s->route->server)));
}

/* false: what follows is never reached. */
static bool put_route_step(struct emit *e, const struct p_function *f, unsigned i)
{
    const struct p_step *s = &f->steps.v[i];
    struct str cond = plain_cond(e, f, s, i + 1), target = step_target(e, f, s);
    put_line(e, s->span);
    if (f->kind == FN_SERVER)
        put(e, "    if (" STR_FMT "%spx_server_accepts(t, " STR_FMT "))\n", STR_ARG(cond),
            cond.len ? " && " : "", STR_ARG(target));
    else if (cond.len)
        put(e, "    if (" STR_FMT ")\n", STR_ARG(cond));
    put(e, "    %sreturn " STR_FMT ";\n", cond.len || f->kind == FN_SERVER ? "    " : "",
        STR_ARG(target));
    return cond.len || f->kind == FN_SERVER;
}

/* The rest of a condition, as a function; NULL: there is none. */
static struct str put_holds(struct emit *e, const struct p_function *f, unsigned i)
{
    const struct p_step *s = &f->steps.v[i];
    if (s->sure)
        return STR("NULL");
    struct str cond = plain_cond(e, f, s, i + 1);
    struct str name = plan_identifier(e->plan, STR_FMT "_holds_%u", STR_ARG(f->name), i + 1);
    put(e, "\nstatic bool " STR_FMT "(struct px_txn *t, struct " STR_FMT " *m)\n{\n", STR_ARG(name),
        STR_ARG(f->scope->name));
    put_line(e, s->span);
    put(e, "    return " STR_FMT ";\n", STR_ARG(cond));
    put_line_end(e);
    put(e, "}\n");
    return name;
}

/* Is every candidate the one that is looked for? */
static bool is_sure(const struct p_function *f, const struct p_run *run)
{
    bool sure = true;
    for (unsigned i = 0; i < run->n; i++)
        sure &= f->steps.v[run->first + i].sure;
    return sure;
}

static struct str run_target(const struct emit *e, const struct p_function *f,
                             const struct p_run *run, unsigned i)
{
    return proxy_symbol(e, f->steps.v[run->first + i].route->proxy);
}

/* Where an indexed run leads to, and under which conditions: a table in front of its function. */
static struct str put_targets(struct emit *e, const struct p_function *f, const struct p_run *run)
{
    struct str *holds = NEW_N(e->arena, struct str, run->n);
    for (unsigned i = 0; i < run->n; i++)
        holds[i] = put_holds(e, f, run->first + i);
    struct str name = plan_identifier(e->plan, STR_FMT "_rules", STR_ARG(f->name));
    if (is_sure(f, run)) {
        put(e, "\nstatic const struct px_proxy *const " STR_FMT "[] = {\n", STR_ARG(name));
        for (unsigned i = 0; i < run->n; i++)
            put(e, "    &" STR_FMT ",\n", STR_ARG(run_target(e, f, run, i)));
        put(e, "};\n");
        return name;
    }
    put(e,
        "\nstatic const struct {\n    const struct px_proxy *target;\n    bool (*holds)(struct "
        "px_txn "
        "*, struct " STR_FMT " *);\n} " STR_FMT "[] = {\n",
        STR_ARG(f->scope->name), STR_ARG(name));
    for (unsigned i = 0; i < run->n; i++)
        put(e, "    {&" STR_FMT ", " STR_FMT "},\n", STR_ARG(run_target(e, f, run, i)),
            STR_ARG(holds[i]));
    put(e, "};\n");
    return name;
}

static void put_indexed_servers(struct emit *e, const struct p_function *f, const struct p_run *run,
                                struct str candidates)
{
    put_line_end(e);
    PUT_TEMPLATE(e, "switch_open", {"candidates", candidates}, {"which", STR("c.v[i]")});
    for (unsigned i = 0; i < run->n; i++) {
        put(e, "    case %u:\n", i);
        put_route_step(e, f, run->first + i);
        put(e, "    break;\n");
    }
    put_line_end(e);
    PUT_TEMPLATE(e, "switch_close", {"name", f->name});
}

static void put_backends(struct emit *e, const struct p_function *f, const struct str *tables,
                         const struct str *candidates)
{
    for (unsigned r = 0; r < f->runs.n; r++) {
        const struct p_run *run = &f->runs.v[r];
        if (run->indexed) {
            put_line_end(e);
            PUT_TEMPLATE(e, is_sure(f, run) ? "indexed_sure" : "indexed", {"name", tables[r]},
                         {"candidates", candidates[r]});
            continue;
        }
        for (unsigned i = 0; i < run->n; i++)
            if (!put_route_step(e, f, run->first + i))
                return;
    }
}

static void put_servers(struct emit *e, const struct p_function *f, const struct str *candidates)
{
    for (unsigned r = 0; r < f->runs.n; r++) {
        const struct p_run *run = &f->runs.v[r];
        if (run->indexed)
            put_indexed_servers(e, f, run, candidates[r]);
        for (unsigned i = 0; !run->indexed && i < run->n; i++)
            put_route_step(e, f, run->first + i);
    }
}

static void put_route(struct emit *e, const struct p_function *f)
{
    struct str type = f->kind == FN_ROUTE ? STR("px_proxy") : STR("px_server");
    struct str *tables = NEW_N(e->arena, struct str, f->runs.n + 1);
    for (unsigned r = 0; f->kind == FN_ROUTE && r < f->runs.n; r++)
        if (f->runs.v[r].indexed)
            tables[r] = put_targets(e, f, &f->runs.v[r]);
    struct str *candidates = put_indexes(e, f);
    PUT_TEMPLATE(e, "route_open", {"name", f->name}, {"type", type},
                 {"memo", memo_text(e, f->scope)});
    put(e, "    (void)t;\n");
    if (f->kind == FN_ROUTE)
        put_backends(e, f, tables, candidates);
    else
        put_servers(e, f, candidates);
    put_line_end(e);
    PUT_TEMPLATE(e, "route_close", {"name", f->name});
}

static void put_persist_rules(struct emit *e, const struct p_function *f)
{
    PUT_TEMPLATE(e, "persistence_open", {"name", f->name}, {"memo", memo_text(e, f->scope)});
    put(e, "    (void)t;\n");
    for (unsigned i = 0; i < f->steps.n; i++) {
        const struct p_step *s = &f->steps.v[i];
        struct str cond = plain_cond(e, f, s, i + 1);
        put_line(e, s->span);
        put(e, "    if (" STR_FMT ")\n        return %s;\n", STR_ARG(cond.len ? cond : STR("true")),
            s->force ? "PX_PERSIST_FORCE" : "PX_PERSIST_IGNORE");
    }
    put_line_end(e);
    PUT_TEMPLATE(e, "persistence_close", {"name", f->name});
}

static void put_monitor(struct emit *e, const struct p_function *f)
{
    PUT_TEMPLATE(e, "monitor_open", {"name", f->name}, {"memo", memo_text(e, f->scope)});
    put(e, "    (void)t;\n");
    for (unsigned i = 0; i < f->steps.n; i++) {
        struct str cond = plain_cond(e, f, &f->steps.v[i], i + 1);
        put_line(e, f->steps.v[i].span);
        put(e, "    if (" STR_FMT ")\n        return PX_TRUE;\n",
            STR_ARG(cond.len ? cond : STR("true")));
    }
    put_line_end(e);
    PUT_TEMPLATE(e, "monitor_close", {"name", f->name});
}

/* ---- stick ---- */

/* Has a rule before this one stored into the same table? Or may there be too many of them? */
static bool may_be_late(const struct p_function *f, unsigned i)
{
    const struct m_stick *k = f->steps.v[i].stick;
    for (unsigned at = 0; at < i; at++)
        if (f->steps.v[at].stick->store && f->steps.v[at].stick->table == k->table)
            return true;
    return i >= PX_STICK_MOST;
}

static void put_stick_rule(struct emit *e, const struct p_function *f, unsigned i)
{
    const struct p_step *s = &f->steps.v[i];
    const struct m_stick *k = s->stick;
    const char *what = k->of_response ? "learn" : !k->store ? "match" : k->match ? "on" : "store";
    struct str key = expr_function(e, k->key), table = table_symbol(e, k->table);
    struct str cond = plain_cond(e, f, s, i + 1);
    bool ask = k->store && !k->match && cond.len && may_be_late(f, i);
    put_line(e, s->span);
    if (cond.len) {
        bool parens = ask && memmem(cond.p, cond.len, "||", 2);
        put(e, "    if (");
        if (ask)
            put(e, "px_stick_may_%s(%s, &tables[" STR_FMT "]) && ",
                k->of_response ? "learn" : "store", k->of_response ? "&seen" : "t", STR_ARG(table));
        put(e, "%s" STR_FMT "%s)\n    ", parens ? "(" : "", STR_ARG(cond), parens ? ")" : "");
    }
    put(e, "    px_stick_%s(t, %s&tables[" STR_FMT "], " STR_FMT ");\n", what,
        k->of_response ? "&seen, " : "", STR_ARG(table), STR_ARG(key));
}

static void put_sticks(struct emit *e, const struct p_function *f)
{
    bool of_response = f->phase == PX_AT_RES_HTTP || f->phase == PX_AT_RES_TCP;
    PUT_TEMPLATE(e, "stick_open", {"name", f->name}, {"memo", memo_text(e, f->scope)});
    put(e, of_response && f->steps.n ? "    struct px_stick_seen seen = {0};\n" : "");
    put(e, f->steps.n ? "" : "    (void)t;\n");
    for (unsigned i = 0; i < f->steps.n; i++)
        put_stick_rule(e, f, i);
    put_line_end(e);
    put(e, "}\n");
}

static void put_function(struct emit *e, const struct p_function *f)
{
    if (f->kind == FN_RULES)
        put_rules(e, f);
    else if (f->kind == FN_PERSIST)
        put_persist_rules(e, f);
    else if (f->kind == FN_MONITOR)
        put_monitor(e, f);
    else if (f->kind == FN_STICK)
        put_sticks(e, f);
    else
        put_route(e, f);
}

void put_functions(struct emit *e)
{
    enum part was = turn_to(e, PART_RULES);
    for (unsigned i = 0; i < e->plan->proxies.n; i++)
        for (unsigned k = 0; k < e->plan->proxies.v[i]->functions.n; k++)
            put_function(e, e->plan->proxies.v[i]->functions.v[k]);
    turn_to(e, was);
}
