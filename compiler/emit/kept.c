/*
 * Samples that are kept, and when they are forgotten.
 */
#include "rules.h"

void put_kept(struct emit *e, const struct p_sample *s, struct str compute, struct str name)
{
    bool passes = s->expr->reads & READS_VOLATILE;
    enum part was = turn_to(e, PART_SAMPLES);
    PUT_TEMPLATE(e, s->each ? "kept_each" : "kept", {"name", name}, {"place", s->name},
                 {"test", passes ? STR("px_is_kept_in_pass") : STR("px_is_kept")},
                 {"compute", compute});
    turn_to(e, was);
}

static struct str call_text(struct emit *e, const struct p_sample *s)
{
    return str_printf(e->arena, "px_forget(&" STR_FMT "%s);\n", STR_ARG(s->name),
                      s->each ? ".end" : "");
}

/* A function of these lines, each in front of four spaces; the same for the same lines. */
static struct str forget_function(struct emit *e, struct str lines)
{
    void **at = map_at(e->arena, &e->forgets, lines);
    if (*at)
        return *(struct str *)*at;
    struct str *name = NEW(e->arena, struct str);
    *name = plan_identifier(e->plan, "forget_%u", e->forgets.entries.n);
    *at = name;
    enum part was = turn_to(e, PART_CONDITIONS);
    PUT_TEMPLATE(e, "forget", {"name", *name}, {"lines", lines});
    turn_to(e, was);
    return *name;
}

/* Few as they are, many as a function. */
static void forget_samples(struct emit *e, struct text *out, const struct m_rule *r)
{
    enum { FEW = 3 };
    struct text few = {.arena = e->arena}, lines = {.arena = e->arena};
    unsigned n = 0;
    for (unsigned i = 0; i < e->plan->kept.n; i++) {
        if (!rule_changes(r, e->plan->kept.v[i]->expr))
            continue;
        struct str call = call_text(e, e->plan->kept.v[i]);
        text_printf(&lines, "    " STR_FMT, STR_ARG(call));
        if (n++ < FEW)
            text_printf(&few, "        " STR_FMT, STR_ARG(call));
    }
    if (n <= FEW)
        text_str(out, (struct str){few.p, few.len});
    else
        text_printf(out, "        " STR_FMT "();\n",
                    STR_ARG(forget_function(e, (struct str){lines.p, lines.len})));
}

struct str forget_text(struct emit *e, const struct p_scope *sc, const struct m_rule *r)
{
    struct text t = {.arena = e->arena};
    if (!r->action->writes)
        return STR("");
    for (unsigned i = 0; i < sc->sets.n; i++)
        if (rule_changes(r, sc->sets.v[i]->expr))
            text_printf(&t, "        m->" STR_FMT " = NULL;\n", STR_ARG(sc->sets.v[i]->name));
    forget_samples(e, &t, r);
    return (struct str){t.p, t.len};
}
