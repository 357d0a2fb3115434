/*
 * The whole file. See emit.h.
 */
#include "emit.h"

#include "rules.h"
#include "tables.h"

#include <stdlib.h>
#include <string.h>

static void put_banner(struct emit *e)
{
    enum part was = turn_to(e, PART_BANNER);
    PUT_TEMPLATE(e, "banner", {"config", e->plan->config_name});
    turn_to(e, was);
}

/* Rules and proxies refer to each other, so what is what is said first. */
static void put_declarations(struct emit *e)
{
    const struct model *m = e->plan->model;
    enum part was = turn_to(e, PART_DECLARATIONS);
    for (unsigned i = 0; i < e->plan->proxies.n; i++)
        put(e, "static const struct px_proxy " STR_FMT ";\n", STR_ARG(e->plan->proxies.v[i]->name));
    for (unsigned i = 0; i < m->proxies.n; i++)
        for (unsigned k = 0; k < m->proxies.v[i]->servers.n; k++)
            put(e, "static const struct px_server " STR_FMT ";\n",
                STR_ARG(server_symbol(e, m->proxies.v[i]->servers.v[k])));
    if (m->vars.entries.n) {
        put(e, "\nenum {\n");
        for (unsigned i = 0; i < m->vars.entries.n; i++)
            put(e, "    " STR_FMT ",\n", STR_ARG(var_symbol(e, m->vars.entries.v[i].value)));
        put(e, "};\n");
    }
    turn_to(e, was);
}

static void put_name_table(struct emit *e)
{
    enum part was = turn_to(e, PART_NAMES);
    const struct plan *p = e->plan;
    put(e, "\nstatic const struct px_str name__texts[] = {\n    {NULL, 0},\n");
    for (unsigned i = 1; i < p->names.n; i++)
        put(e, "    PX_STR(" STR_FMT "),\n", STR_ARG(literal(e->arena, p->names.v[i]->text)));
    put(e, "};\nstatic const uint8_t name__index[] = {");
    for (uint32_t i = 0; i <= p->names_mask; i++)
        put(e, "%s%u,", i % 16 ? " " : "\n    ", p->names_index[i]);
    put(e, "\n};\nstatic const struct px_name_table names = {%u, name__index, name__texts, %u};\n",
        p->names_mask, p->names.n);
    turn_to(e, was);
}

static void put_vars(struct emit *e)
{
    static const char *const scopes[] = {
        [PX_VAR_PROC] = "PX_VAR_PROC", [PX_VAR_SESS] = "PX_VAR_SESS",
        [PX_VAR_TXN] = "PX_VAR_TXN",   [PX_VAR_REQ] = "PX_VAR_REQ",
        [PX_VAR_RES] = "PX_VAR_RES",   [PX_VAR_CHECK] = "PX_VAR_CHECK"};
    const struct map *vars = &e->plan->model->vars;
    if (!vars->entries.n)
        return;
    enum part was = turn_to(e, PART_TABLES);
    put(e, "\nstatic const struct px_var_decl vars[] = {\n");
    for (unsigned i = 0; i < vars->entries.n; i++) {
        const struct m_var *v = vars->entries.v[i].value;
        put(e, "    {" STR_FMT ", %s},\n", STR_ARG(literal(e->arena, v->name)), scopes[v->scope]);
    }
    put(e, "};\n");
    turn_to(e, was);
}

static void put_regexes(struct emit *e)
{
    const struct map *all = &e->plan->model->regexes;
    enum part was = turn_to(e, PART_REGEXES);
    for (unsigned i = 0; i < all->entries.n; i++) {
        const struct m_regex *re = all->entries.v[i].value;
        if (!re->needed)
            continue;
        put(e, "static struct px_regex regex_%u = {PX_STR(" STR_FMT "), %s, NULL};\n", re->number,
            STR_ARG(literal(e->arena, re->pattern)), re->fold ? "true" : "false");
    }
    turn_to(e, was);
}

static void put_keys(struct emit *e)
{
    const struct map *all = &e->plan->model->keys;
    if (!all->entries.n)
        return;
    enum part was = turn_to(e, PART_NAMES);
    put(e, "static struct px_jwt_key jwt_keys[] = {\n");
    for (unsigned i = 0; i < all->entries.n; i++) {
        const struct m_key *key = all->entries.v[i].value;
        put(e, "    {PX_STR(" STR_FMT "), {" STR_FMT ", %zu}, NULL},\n",
            STR_ARG(literal(e->arena, key->path)), STR_ARG(literal(e->arena, key->der)),
            key->der.len);
    }
    put(e, "};\n");
    turn_to(e, was);
}

static void put_userlists(struct emit *e)
{
    const struct model *m = e->plan->model;
    enum part was = turn_to(e, PART_NAMES);
    for (unsigned i = 0; i < m->userlists.n; i++) {
        const struct m_userlist *u = m->userlists.v[i];
        for (unsigned k = 0; k < u->users.n; k++) {
            put(e, "static const char *const groups_%u_%u[] = {", i, k);
            for (unsigned g = 0; g < u->users.v[k].groups.n; g++)
                put(e, STR_FMT ", ", STR_ARG(literal(e->arena, u->users.v[k].groups.v[g])));
            put(e, "NULL};\n");
        }
        put(e, "static const struct px_user users_%u[] = {\n", i);
        for (unsigned k = 0; k < u->users.n; k++) {
            const struct m_user *x = &u->users.v[k];
            put(e, "    {" STR_FMT ", " STR_FMT ", %s, groups_%u_%u},\n",
                STR_ARG(literal(e->arena, x->name)),
                STR_ARG(x->has_password ? literal(e->arena, x->password) : STR("NULL")),
                x->hashed ? "true" : "false", i, k);
        }
        put(e, u->users.n ? "};\n" : "    {NULL, NULL, false, NULL},\n};\n");
        put(e, "static const struct px_userlist userlist_%u = {" STR_FMT ", users_%u, %u};\n", i,
            STR_ARG(literal(e->arena, u->name)), i, u->users.n);
    }
    turn_to(e, was);
}

/* ---- the program ---- */

/* Responses and redirects of rules, before the rules that name them. */
static void need_replies(struct emit *e)
{
    for (unsigned i = 0; i < e->plan->proxies.n; i++)
        for (unsigned k = 0; k < e->plan->proxies.v[i]->functions.n; k++) {
            const struct p_function *f = e->plan->proxies.v[i]->functions.v[k];
            for (unsigned s = 0; s < f->steps.n; s++)
                for (unsigned a = 0; f->steps.v[s].rule && a < f->steps.v[s].rule->action->nargs;
                     a++) {
                    const struct m_arg *arg = &f->steps.v[s].rule->args[a];
                    if (arg->reply)
                        need_reply(e, arg->reply);
                    if (arg->redirect)
                        need_redirect(e, arg->redirect);
                }
        }
}

/* What has to be done once when the process starts. */
static bool put_prepare(struct emit *e)
{
    const struct model *m = e->plan->model;
    if (!(e->plan->features & NEEDS_REGEX) && !m->keys.entries.n && !m->init_rules.n)
        return false;
    struct text body = {.arena = e->arena};
    for (unsigned i = 0; i < m->regexes.entries.n; i++) {
        const struct m_regex *re = m->regexes.entries.v[i].value;
        if (re->needed)
            text_printf(&body, "    px_regex_prepare(&regex_%u);\n", re->number);
    }
    if (m->keys.entries.n)
        text_printf(&body, "    px_jwt_keys_prepare(jwt_keys, %u);\n", m->keys.entries.n);
    for (unsigned i = 0; i < m->init_rules.n; i++) {
        const struct m_rule *r = m->init_rules.v[i];
        text_printf(&body, "    px_act_%s(NULL, PX_AT_INIT" STR_FMT ");\n", r->action->sym,
                    STR_ARG(args_text(e, r->args, r->action->nargs)));
    }
    put(e, "\nstatic void prepare(void)\n{\n%.*s}\n", (int)body.len, body.p);
    return true;
}

static bool put_environment(struct emit *e)
{
    static const struct {
        const char *word, *symbol;
    } kinds[] = {{"setenv", "PX_SETENV"},
                 {"presetenv", "PX_PRESETENV"},
                 {"unsetenv", "PX_UNSETENV"},
                 {"resetenv", "PX_RESETENV"}};
    const struct model *m = e->plan->model;
    if (!m->env.n)
        return false;
    put(e, "\nstatic const struct px_env environment[] = {\n");
    for (unsigned i = 0; i < m->env.n; i++) {
        const struct directive *d = &m->env.v[i];
        unsigned k = 0;
        while (!str_is(d->words[0].text, kinds[k].word))
            k++;
        bool pair = k < 2;
        struct text names = {.arena = e->arena};
        for (unsigned w = 1; w < (pair ? 2 : d->nwords) && w < d->nwords; w++)
            text_printf(&names, "%s" STR_FMT, w > 1 ? " " : "", STR_ARG(d->words[w].text));
        put(e, "    {" STR_FMT ", " STR_FMT ", %s},\n",
            STR_ARG(literal(e->arena, (struct str){names.p, names.len})),
            STR_ARG(pair && d->nwords > 2 ? literal(e->arena, d->words[2].text) : STR("NULL")),
            kinds[k].symbol);
    }
    put(e, "    {NULL, NULL, 0},\n};\n");
    return true;
}

/* For names that are computed. Answers the members of the program. */
static struct str put_backend_names(struct emit *e)
{
    struct plan *p = e->plan;
    if (!e->computes_backends)
        return STR("");
    struct p_set *set = NEW(e->arena, struct p_set);
    *set = (struct p_set){.name = plan_identifier(p, "backend_names"), .method = MATCH_STR};
    for (unsigned i = 0; i < p->proxies.n; i++)
        if (p->proxies.v[i]->proxy->caps & PX_BACKEND)
            VEC_ADD(e->arena, &set->keys,
                    ((struct p_key){.text = p->proxies.v[i]->proxy->name, .test = i}));
    set_build_map(p, set);
    put_set_data(e, set);
    return str_printf(e->arena, "    .find_backend = %s,\n    .backend_names = &" STR_FMT ",\n",
                      set_finder(set), STR_ARG(set->name));
}

static void put_lists(struct emit *e)
{
    put(e, "static const struct px_proxy *const proxies[] = {\n");
    for (unsigned i = 0; i < e->plan->proxies.n; i++)
        put(e, "    &" STR_FMT ",\n", STR_ARG(e->plan->proxies.v[i]->name));
    put(e, e->plan->proxies.n ? "};\n" : "    NULL,\n};\n");
    put(e, "static const struct px_bind *const binds[] = {\n");
    for (unsigned i = 0; i < e->plan->nbinds; i++)
        put(e, "    &bind_%u,\n", i);
    put(e, e->plan->nbinds ? "};\n" : "    NULL,\n};\n");
}

static struct str number(struct emit *e, unsigned n)
{
    return str_printf(e->arena, "%u", n);
}

/* Members of the program that most have no use for. */
static struct str put_reach(struct emit *e)
{
    const struct model *m = e->plan->model;
    struct text t = {.arena = e->arena};
    if (m->namespaces.n) {
        put(e, "static const char *const namespaces[] = {");
        for (unsigned i = 0; i < m->namespaces.n; i++)
            put(e, "%s" STR_FMT, i ? ", " : "", STR_ARG(literal(e->arena, m->namespaces.v[i])));
        put(e, "};\n");
        text_printf(&t, "    .namespaces = namespaces,\n    .nnamespaces = %u,\n", m->namespaces.n);
    }
    put_list_table(e, &t);
    if (m->rings.n)
        text_printf(&t, "    .ring = &px_ring_lines,\n    .rings = rings,\n    .nrings = %u,\n",
                    m->rings.n);
    if (m->mailers.n)
        text_printf(&t, "    .mail = &px_mail,\n    .mailers = mailers,\n    .nmailers = %u,\n",
                    m->mailers.n);
    if (m->former)
        text_printf(&t, "    .former = &px_former,\n");
    if (m->checks)
        text_printf(&t, "    .checks = &px_checks,\n");
    if (m->tables.n)
        text_printf(&t,
                    "    .stick = &px_stick_tables,\n    .tables = tables,\n    .ntables = %u,\n",
                    m->tables.n);
    if (m->resolves)
        text_printf(&t,
                    "    .resolve = &px_resolve_names,\n    .resolvers = resolvers,\n"
                    "    .nresolvers = %u,\n",
                    m->resolvers.n);
    if (m->nlisted)
        text_printf(&t, "    .nlisted = %u,\n", m->nlisted);
    if (m->keeps_vectors)
        text_printf(&t, "    .keeps_vectors = true,\n");
    if (m->privileges.n)
        text_printf(&t, "    .privileged = true,\n");
    return (struct str){t.p, t.len};
}

static void put_program(struct emit *e)
{
    const struct plan *p = e->plan;
    enum part was = turn_to(e, PART_PROGRAM);
    put_lists(e);
    struct str backend_names = put_backend_names(e);
    bool prepare = put_prepare(e), environment = put_environment(e);
    unsigned nvars = p->model->vars.entries.n;
    struct str reach = put_reach(e);
    PUT_TEMPLATE(e, "program", {"config", literal(e->arena, p->config_name)},
                 {"nproxies", number(e, p->proxies.n)}, {"backend_names", backend_names},
                 {"nbinds", number(e, p->nbinds)}, {"nservers", number(e, p->nservers)},
                 {"nlogs", number(e, p->nlogs)}, {"reach", reach},
                 {"vars", nvars ? STR("vars") : STR("NULL")}, {"nvars", number(e, nvars)},
                 {"prepare", prepare ? STR("prepare") : STR("NULL")},
                 {"log", p->features & NEEDS_LOG ? STR("&px_log_lines") : STR("NULL")},
                 {"environment", environment ? STR("environment") : STR("NULL")});
    turn_to(e, was);
}

void emit_program(struct plan *p, struct emitted *out)
{
    struct emit e = {.plan = p, .arena = p->arena};
    for (unsigned i = 0; i < NPARTS; i++)
        e.parts[i].arena = p->arena;
    e.data.arena = e.data_s.arena = p->arena;
    p->nlogs = 0;
    put_banner(&e);
    put_declarations(&e);
    put_name_table(&e);
    put_userlists(&e);
    put_rings(&e);
    put_mailers(&e);
    put_stick_tables(&e);
    put_resolvers(&e);
    put_keys(&e);
    put_regexes(&e);
    put_sets(&e);
    put_lists_of_patterns(&e);
    put_maps(&e);
    need_replies(&e);
    put_scopes(&e);
    put_functions(&e);
    put_proxies(&e);
    put_global(&e);
    put_vars(&e);
    put_program(&e);
    out->program = assemble(&e);
    out->data = (struct str){e.data.p, e.data.len};
    out->data_s = (struct str){e.data_s.p, e.data_s.len};
}
