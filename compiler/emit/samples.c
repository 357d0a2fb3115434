/*
 * Samples and formats. See samples.h.
 */
#include "samples.h"

#include "../../runtime/abi/match.h"

#include <ctype.h>
#include <string.h>

static struct str put_computed_fmt(struct emit *e, const struct m_fmt *f, struct str name);
static void put_fmt(struct emit *e, const struct m_fmt *f, struct str name);

/* ---- names ---- */

static struct str clean(struct emit *e, struct str s, bool upper)
{
    char *p = str_cstr(e->arena, s);
    for (char *c = p; *c; c++) {
        if (!isalnum((unsigned char)*c))
            *c = '_';
        else if (upper)
            *c = (char)toupper((unsigned char)*c);
    }
    return (struct str){p, s.len};
}

/* One identifier for one object, made when it is first asked for. */
static struct str symbol_new(struct emit *e, const char *prefix, const void *object,
                             struct str text, bool *fresh)
{
    struct str key = str_printf(e->arena, "%s%p", prefix, object);
    void **at = map_at(e->arena, &e->names, key);
    *fresh = !*at;
    if (*fresh) {
        struct str *name = NEW(e->arena, struct str);
        *name = plan_identifier(e->plan, "%s_" STR_FMT, prefix, STR_ARG(text));
        *at = name;
    }
    return *(struct str *)*at;
}

static struct str symbol(struct emit *e, const char *prefix, const void *object, struct str text)
{
    bool fresh;
    return symbol_new(e, prefix, object, text, &fresh);
}

struct str name_symbol(struct emit *e, const struct m_name *n)
{
    bool fresh;
    struct str name = symbol_new(e, "name", n, n->text, &fresh);
    if (fresh) {
        enum part was = turn_to(e, PART_NAMES);
        put(e, "static const struct px_name " STR_FMT " = {PX_STR(" STR_FMT "), %u};\n",
            STR_ARG(name), STR_ARG(literal(e->arena, n->text)), n->slot);
        turn_to(e, was);
    }
    return name;
}

static struct str fmt_name(struct emit *e, const struct m_fmt *f, bool *fresh)
{
    unsigned line = f->span.source ? source_place(f->span.source, f->span.start).line : 0;
    struct str text = line ? str_printf(e->arena, "line_%u", line) : STR("text");
    return symbol_new(e, "fmt", f, text, fresh);
}

struct str fmt_symbol(struct emit *e, const struct m_fmt *f)
{
    bool fresh;
    struct str name = fmt_name(e, f, &fresh);
    if (fresh)
        put_fmt(e, f, name);
    return name;
}

struct str fmt_function(struct emit *e, const struct m_fmt *f)
{
    bool fresh;
    struct str name = fmt_name(e, f, &fresh);
    if (!fresh)
        return str_printf(e->arena, "append__" STR_FMT, STR_ARG(name));
    enum part was = turn_to(e, PART_FORMATS);
    struct str append = put_computed_fmt(e, f, name);
    turn_to(e, was);
    return append;
}

struct str proxy_symbol(const struct emit *e, const struct m_proxy *p)
{
    return e->plan->proxies.v[p->number]->name;
}

struct str server_symbol(struct emit *e, const struct m_server *s)
{
    struct str text =
        str_printf(e->arena, STR_FMT "_" STR_FMT, STR_ARG(s->proxy->name), STR_ARG(s->name));
    return symbol(e, "server", s, text);
}

static const struct p_map *map_of(const struct emit *e, const struct m_map *m)
{
    for (unsigned i = 0; i < e->plan->maps.n; i++)
        if (e->plan->maps.v[i]->map == m)
            return e->plan->maps.v[i];
    return NULL;
}

struct str map_symbol(const struct emit *e, const struct m_map *m)
{
    const struct p_map *map = map_of(e, m);
    return map ? map->name : STR("NULL");
}

static struct str bwlim_symbol(struct emit *e, const struct m_bwlim *b)
{
    bool fresh;
    struct str name = symbol_new(e, "bwlim", b, b->name, &fresh);
    if (!fresh)
        return name;
    enum part was = turn_to(e, PART_NAMES);
    put(e, "static const struct px_bwlim " STR_FMT " = {%s, %lldu, %lldu, %lld};\n", STR_ARG(name),
        b->upload ? "true" : "false", (long long)b->limit, (long long)b->min_size,
        (long long)b->period);
    turn_to(e, was);
    return name;
}

struct str list_symbol(const struct emit *e, const struct m_list *l)
{
    return plan_list(e->plan, l)->name;
}

struct str var_symbol(struct emit *e, const struct m_var *v)
{
    struct str text = clean(e, v->name, true);
    return symbol(e, "VAR", v, text);
}

struct str table_symbol(struct emit *e, const struct m_table *t)
{
    struct str text = clean(e, t->proxy->name, true);
    return symbol(e, "TABLE", t, text);
}

/* ---- arguments ---- */

static struct str text_arg(struct emit *e, const struct m_arg *a)
{
    if (!a->given)
        return STR("(struct px_str){NULL, 0}");
    return str_printf(e->arena, "(struct px_str){" STR_FMT ", %zu}",
                      STR_ARG(literal(e->arena, a->text)), a->text.len);
}

static struct str operand_arg(struct emit *e, const struct m_arg *a)
{
    if (a->var)
        return str_printf(e->arena, "&(const struct px_operand){0, (int)" STR_FMT "}",
                          STR_ARG(var_symbol(e, a->var)));
    return str_printf(e->arena, "&(const struct px_operand){%lld, -1}", (long long)a->number);
}

static struct str value_arg(struct emit *e, const struct m_arg *a)
{
    if (a->var)
        return str_printf(e->arena, "&(const struct px_value){{NULL, 0}, (int)" STR_FMT "}",
                          STR_ARG(var_symbol(e, a->var)));
    return str_printf(e->arena, "&(const struct px_value){{" STR_FMT ", %zu}, -1}",
                      STR_ARG(literal(e->arena, a->text)), a->text.len);
}

static struct str mask6_arg(struct emit *e, const struct m_arg *a)
{
    if (!a->given)
        return STR("NULL");
    struct text t = {.arena = e->arena};
    text_printf(&t, "&(const struct px_mask6){{");
    for (int i = 0; i < 16; i++)
        text_printf(&t, "%s0x%02x", i ? ", " : "", a->mask6[i]);
    text_printf(&t, "}}");
    return (struct str){t.p, t.len};
}

static struct str address_of(struct emit *e, struct str name)
{
    return str_printf(e->arena, "&" STR_FMT, STR_ARG(name));
}

struct str arg_text(struct emit *e, const struct m_arg *a)
{
    struct arena *m = e->arena;
    switch (a->kind) {
    case ARG_STR:
    case ARG_OSTR:
        return text_arg(e, a);
    case ARG_INT:
    case ARG_OINT:
    case ARG_TIME:
    case ARG_WORD:
    case ARG_CONDS:
        return str_printf(m, "%lld", (long long)a->number);
    case ARG_NAME:
    case ARG_ONAME:
        return a->name ? address_of(e, name_symbol(e, a->name)) : STR("NULL");
    case ARG_VAR:
        return var_symbol(e, a->var);
    case ARG_OVAR:
        return a->var ? str_printf(m, "(int)" STR_FMT, STR_ARG(var_symbol(e, a->var))) : STR("-1");
    case ARG_OPERAND:
        return operand_arg(e, a);
    case ARG_VALUE:
    case ARG_SECRET:
        return value_arg(e, a);
    case ARG_FMT:
        return address_of(e, fmt_symbol(e, a->fmt));
    case ARG_EXPR:
        return expr_function(e, a->expr);
    case ARG_OEXPR:
        return a->expr ? expr_function(e, a->expr) : STR("NULL");
    case ARG_BWLIM:
        return address_of(e, bwlim_symbol(e, a->bwlim));
    case ARG_RESOLVERS:
        return str_printf(m, "&resolvers[%u]", a->resolvers->number);
    case ARG_ACLS:
        return named_function(e, a->named);
    case ARG_REGEX:
        return str_printf(m, "&regex_%u", a->regex->number);
    case ARG_MASK4:
        return str_printf(m, "0x%08llxu", (unsigned long long)a->number);
    case ARG_OMASK6:
        return mask6_arg(e, a);
    case ARG_OFRONTEND:
    case ARG_OBACKEND:
        return a->proxy ? address_of(e, proxy_symbol(e, a->proxy)) : STR("NULL");
    case ARG_SERVER:
        return address_of(e, server_symbol(e, a->server));
    case ARG_LIST:
        return address_of(e, list_symbol(e, a->list));
    case ARG_MAP:
        return address_of(e, map_symbol(e, a->map));
    case ARG_TABLE:
    case ARG_OTABLE:
        return str_printf(m, "&tables[" STR_FMT "]", STR_ARG(table_symbol(e, a->table)));
    case ARG_USERLIST:
        return str_printf(m, "&userlist_%u", a->userlist->number);
    case ARG_REPLY:
        return str_printf(m, "&reply_%u", a->reply->number);
    case ARG_REDIRECT:
        return str_printf(m, "&redirect_%u", a->redirect->number);
    default:
        return STR("0");
    }
}

struct str args_text(struct emit *e, const struct m_arg *args, unsigned n)
{
    struct text t = {.arena = e->arena};
    for (unsigned i = 0; i < n; i++)
        text_printf(&t, ", " STR_FMT, STR_ARG(arg_text(e, &args[i])));
    return (struct str){t.p, t.len};
}

/* ---- expressions ---- */

/* Fetches that are constants: the sample itself instead of a call. NULL text: it is none. */
static struct str constant_sample(struct emit *e, const struct m_expr *x)
{
    const char *f = x->fetch->name;
    const struct m_arg *a = x->args;
    struct arena *m = e->arena;
    if (!strcmp(f, "bool") || !strcmp(f, "int"))
        return str_printf(m, "{.u.i = %lld, .type = %s}", (long long)a->number,
                          f[0] == 'b' ? "PX_BOOL" : "PX_SINT");
    if (!strcmp(f, "str") || !strcmp(f, "bin"))
        return str_printf(m, "{.u.s = {" STR_FMT ", %zu}, .type = %s}",
                          STR_ARG(literal(m, a->text)), a->text.len,
                          f[0] == 's' ? "PX_STRING" : "PX_BIN");
    return (struct str){NULL, 0};
}

static struct str fetch_call(struct emit *e, const struct m_expr *x)
{
    return str_printf(e->arena, "px_fetch_%s(t, s" STR_FMT ")", x->fetch->sym,
                      STR_ARG(args_text(e, x->args, x->fetch->nargs)));
}

bool needs_cast(enum px_type from, enum px_type to)
{
    if (from == to || to == PX_ANY)
        return false;
    return !(to == PX_ADDR && (from == PX_IPV4 || from == PX_IPV6));
}

const char *type_symbol(enum px_type type)
{
    static const char *const symbols[] = {
        [PX_BOOL] = "PX_BOOL", [PX_SINT] = "PX_SINT", [PX_STRING] = "PX_STRING",
        [PX_BIN] = "PX_BIN",   [PX_IPV4] = "PX_IPV4", [PX_IPV6] = "PX_IPV6",
        [PX_METH] = "PX_METH", [PX_ADDR] = "PX_ADDR", [PX_ANY] = "PX_ANY",
    };
    return symbols[type];
}

/* One converter as a condition that is true when it worked. */
static struct str conv_call(struct emit *e, const struct m_conv *c)
{
    struct text t = {.arena = e->arena};
    if (needs_cast(c->in, c->conv->in))
        text_printf(&t, "px_cast(s, %s) && ", type_symbol(c->conv->in));
    text_printf(&t, "px_conv_%s(t, s" STR_FMT ")", c->conv->sym,
                STR_ARG(args_text(e, c->args, c->conv->nargs)));
    return (struct str){t.p, t.len};
}

/* Without upper case, and not too long for sets that have none. */
static bool is_low(struct str text)
{
    bool low = text.len <= PX_FOLD_MAX;
    for (size_t i = 0; low && i < text.len; i++)
        low = text.p[i] < 'A' || text.p[i] > 'Z';
    return low;
}

/* Is a sample made lower case only to be looked up in a map, of which nothing is in upper case and
 * nothing changes? */
static bool is_low_map(const struct emit *e, const struct m_expr *x, unsigned i)
{
    if (i + 1 >= x->convs.n || strcmp(x->convs.v[i].conv->sym, "lower") ||
        strcmp(x->convs.v[i + 1].conv->sym, "map_str"))
        return false;
    const struct p_map *m = map_of(e, x->convs.v[i + 1].args[0].map);
    if (!m || m->list || !m->set || m->set->fold)
        return false;
    bool low = true;
    for (unsigned k = 0; low && k < m->set->keys.n; k++)
        low = is_low(m->set->keys.v[k].text);
    return low;
}

/* The conversions from number *i on that are one call; *i becomes the last of them. */
static struct str step_call(struct emit *e, const struct m_expr *x, unsigned *i)
{
    const struct m_conv *c = &x->convs.v[*i];
    if (!is_low_map(e, x, *i))
        return conv_call(e, c);
    const struct m_conv *lookup = &x->convs.v[++*i];
    return str_printf(e->arena, "%spx_map_low(" STR_FMT ", s, " STR_FMT ")",
                      needs_cast(c->in, PX_STRING) ? "px_cast(s, PX_STRING) && " : "",
                      STR_ARG(arg_text(e, &lookup->args[0])),
                      STR_ARG(arg_text(e, &lookup->args[1])));
}

static struct str named(struct emit *e, struct map *known, const struct m_expr *x,
                        const char *prefix, bool *fresh)
{
    void **at = map_at(e->arena, known, x->key);
    *fresh = !*at;
    if (*fresh) {
        struct str *name = NEW(e->arena, struct str);
        *name = plan_identifier(e->plan, "%s_" STR_FMT, prefix, STR_ARG(x->key));
        *at = name;
    }
    return *(struct str *)*at;
}

static struct str expr_body(struct emit *e, const struct m_expr *x)
{
    struct text t = {.arena = e->arena};
    struct str constant = constant_sample(e, x);
    if (constant.p) {
        text_printf(&t, "    *s = (struct px_sample)" STR_FMT ";\n", STR_ARG(constant));
        if (!x->convs.n)
            text_printf(&t, "    (void)t;\n");
    } else {
        text_printf(&t, "    enum px_found found = " STR_FMT ";\n", STR_ARG(fetch_call(e, x)));
        text_printf(&t, "    if (found != PX_FOUND)\n        return found;\n");
    }
    for (unsigned i = 0; i < x->convs.n; i++)
        text_printf(&t, "    if (!(" STR_FMT "))\n        return PX_ABSENT;\n",
                    STR_ARG(step_call(e, x, &i)));
    return (struct str){t.p, t.len};
}

static void put_expr(struct emit *e, const struct m_expr *x, struct str name)
{
    bool only = !x->convs.n && !constant_sample(e, x).p;
    struct str body = only ? fetch_call(e, x) : expr_body(e, x);
    enum part was = turn_to(e, PART_SAMPLES);
    if (only)
        PUT_TEMPLATE(e, "expr_only", {"name", name}, {"call", body});
    else
        PUT_TEMPLATE(e, "expr", {"name", name}, {"body", body});
    turn_to(e, was);
}

/* As in HAProxy, a value that a converter refuses is the last one. */
static void put_each(struct emit *e, const struct m_expr *x, struct str name)
{
    struct str call = str_printf(e->arena, "px_each_%s(t, s, it" STR_FMT ")", x->fetch->sym,
                                 STR_ARG(args_text(e, x->args, x->fetch->nargs)));
    struct text convert = {.arena = e->arena};
    for (unsigned i = 0; i < x->convs.n; i++)
        text_printf(&convert, "%s" STR_FMT, i ? " && " : "", STR_ARG(step_call(e, x, &i)));
    enum part was = turn_to(e, PART_SAMPLES);
    if (x->convs.n)
        PUT_TEMPLATE(e, "each", {"name", name}, {"call", call},
                     {"convert", ((struct str){convert.p, convert.len})});
    else
        PUT_TEMPLATE(e, "each_only", {"name", name}, {"call", call});
    turn_to(e, was);
}

static struct str function_of(struct emit *e, const struct m_expr *x, bool each)
{
    bool fresh;
    struct str name = named(e, each ? &e->eaches : &e->exprs, x, each ? "each" : "get", &fresh);
    if (!fresh)
        return name;
    const struct p_sample *kept = plan_sample(e->plan, x, each);
    struct str compute = kept ? plan_identifier(e->plan, "compute_" STR_FMT, STR_ARG(name)) : name;
    if (each)
        put_each(e, x, compute);
    else
        put_expr(e, x, compute);
    if (kept)
        put_kept(e, kept, compute, name);
    return name;
}

struct str expr_function(struct emit *e, const struct m_expr *x)
{
    return function_of(e, x, false);
}

struct str each_function(struct emit *e, const struct m_expr *x)
{
    return function_of(e, x, true);
}

/* ---- formats ---- */

static struct str flags_text(unsigned flags)
{
    static const char *const texts[] = {
        "0",
        "PX_LOG_QUOTE",
        "PX_LOG_HEX",
        "PX_LOG_QUOTE | PX_LOG_HEX",
        "PX_LOG_ESCAPE",
        "PX_LOG_QUOTE | PX_LOG_ESCAPE",
        "PX_LOG_HEX | PX_LOG_ESCAPE",
        "PX_LOG_QUOTE | PX_LOG_HEX | PX_LOG_ESCAPE",
    };
    return str_of(texts[flags & 7]);
}

static void put_expr_item(struct emit *e, const struct m_fmt *f, const struct m_fmt_item *item)
{
    struct str name = expr_function(e, item->expr);
    if (f->is_log)
        put(e, "    px_log_sample(out, &s, " STR_FMT "(t, &s) == PX_FOUND, " STR_FMT ");\n",
            STR_ARG(name), STR_ARG(flags_text(item->flags)));
    else if (f->is_raw && item->flags)
        put(e, "    px_put_plain_flagged(out, &s, " STR_FMT "(t, &s) == PX_FOUND, " STR_FMT ");\n",
            STR_ARG(name), STR_ARG(flags_text(item->flags)));
    else if (item->flags & FMT_ESCAPE)
        put(e,
            "    if (" STR_FMT "(t, &s) == PX_FOUND)\n"
            "        px_put_flagged(out, &s, " STR_FMT ");\n",
            STR_ARG(name), STR_ARG(flags_text(item->flags)));
    else
        put(e, "    if (" STR_FMT "(t, &s) == PX_FOUND)\n        %s(out, &s);\n", STR_ARG(name),
            f->is_raw ? "px_put_plain" : "px_put_sample");
}

/* Where it is no log line, what is not known says nothing. */
static struct str alias_flags(struct emit *e, const struct m_fmt *f, const struct m_fmt_item *item)
{
    struct str flags = flags_text(item->flags);
    if (f->is_log)
        return flags;
    if (!(item->flags & 7))
        return STR("PX_LOG_BARE");
    return str_printf(e->arena, "PX_LOG_BARE | " STR_FMT, STR_ARG(flags));
}

static void put_item(struct emit *e, const struct m_fmt *f, const struct m_fmt_item *item)
{
    if (item->kind == FMT_ALIAS)
        put(e, "    px_log_%s(t, out, " STR_FMT ");\n", item->alias->sym,
            STR_ARG(alias_flags(e, f, item)));
    else if (item->kind == FMT_EXPR)
        put_expr_item(e, f, item);
    else
        put(e, "    px_put(out, " STR_FMT ", %zu);\n", STR_ARG(literal(e->arena, item->text)),
            item->text.len);
}

static bool uses(const struct m_fmt *f, enum fmt_kind kind)
{
    for (unsigned i = 0; i < f->items.n; i++)
        if (f->items.v[i].kind == kind)
            return true;
    return false;
}

static void put_constant_fmt(struct emit *e, const struct m_fmt *f, struct str name)
{
    struct str text = f->items.n ? f->items.v[0].text : STR("");
    struct p_blob blob = {"char", 1, text.len, text.p};
    struct str bytes = str_printf(e->arena, STR_FMT "__bytes", STR_ARG(name));
    put_blob(e, bytes, &blob);
    put(e, "static const struct px_fmt " STR_FMT " = {{" STR_FMT ", %zu}, NULL};\n", STR_ARG(name),
        STR_ARG(bytes), text.len);
}

/* In log lines the separators on both sides of something that says nothing become one. */
static bool is_separated(const struct m_fmt *f, const struct m_fmt_item *item,
                         const struct m_fmt_item *before)
{
    return f->is_log && before->kind == FMT_ALIAS && (before->alias->needs & PX_LOG_MAYBE) &&
           item->kind == FMT_TEXT && item->text.len && item->text.p[0] == ' ';
}

/* Answers the name of the function that appends it. */
static struct str put_computed_fmt(struct emit *e, const struct m_fmt *f, struct str name)
{
    for (unsigned i = 0; i < f->items.n; i++)
        if (f->items.v[i].kind == FMT_EXPR)
            expr_function(e, f->items.v[i].expr);
    struct str append = str_printf(e->arena, "append__" STR_FMT, STR_ARG(name));
    PUT_TEMPLATE(e, "fmt_open", {"name", append});
    if (uses(f, FMT_EXPR))
        put(e, "    struct px_sample s = {.type = PX_STRING};\n");
    if (!uses(f, FMT_EXPR) && !uses(f, FMT_ALIAS))
        put(e, "    (void)t;\n");
    for (unsigned i = 0; i < f->items.n; i++) {
        struct m_fmt_item item = f->items.v[i];
        if (i && is_separated(f, &item, &f->items.v[i - 1])) {
            put(e, "    px_put_space(out);\n");
            item.text = str_cut(item.text, 1, item.text.len);
        }
        if (item.kind != FMT_TEXT || item.text.len)
            put_item(e, f, &item);
    }
    PUT_TEMPLATE(e, "fmt_close", {"name", name});
    return append;
}

static void put_fmt(struct emit *e, const struct m_fmt *f, struct str name)
{
    enum part was = turn_to(e, PART_FORMATS);
    if (f->is_constant) {
        put_constant_fmt(e, f, name);
    } else {
        struct str append = put_computed_fmt(e, f, name);
        put(e, "static const struct px_fmt " STR_FMT " = {{NULL, 0}, " STR_FMT "};\n",
            STR_ARG(name), STR_ARG(append));
    }
    turn_to(e, was);
}
