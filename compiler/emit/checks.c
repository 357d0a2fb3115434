/*
 * Scripts of health checks: tables of steps.
 */
#include "tables.h"

#include "../../runtime/abi/tables.h"

#include <string.h>

static bool computes_fmt(const struct m_fmt *f)
{
    return f && !f->is_constant;
}

/* Does the rule have something that is only known when it is taken? */
static bool computes(const struct m_check_rule *r)
{
    for (unsigned i = 0; i < r->fields.n; i++)
        if (computes_fmt(r->fields.v[i].value))
            return true;
    return r->var || r->port_expr || r->code || computes_fmt(r->data) || computes_fmt(r->uri) ||
           computes_fmt(r->body) || computes_fmt(r->fmt) || computes_fmt(r->name.fmt) ||
           computes_fmt(r->value.fmt) || computes_fmt(r->on_success) || computes_fmt(r->on_error);
}

static unsigned status_number(const char *code)
{
    static const struct {
        const char *code;
        unsigned number;
    } statuses[] = {
#define PX_CHECK_STATUS(symbol, number, code, result, text) {code, number},
#include "../../runtime/abi/check_status.def"
#undef PX_CHECK_STATUS
    };
    for (unsigned i = 0; code && i < COUNT(statuses); i++)
        if (!strcmp(code, statuses[i].code))
            return statuses[i].number;
    return 0;
}

/* A member whose value is the address of a format; what the format needs is printed first. */
static void add_fmt(struct emit *e, struct text *t, const char *member, const struct m_fmt *f)
{
    if (f)
        text_printf(t, "    .%s = &" STR_FMT ",\n", member, STR_ARG(fmt_symbol(e, f)));
}

static void add_expr(struct emit *e, struct text *t, const char *member, const struct m_expr *x)
{
    if (x)
        text_printf(t, "    .%s = " STR_FMT ",\n", member, STR_ARG(expr_function(e, x)));
}

static void add_str(struct emit *e, struct text *t, const char *member, struct str s)
{
    text_printf(t, "    .%s = {" STR_FMT ", %zu},\n", member, STR_ARG(literal(e->arena, s)), s.len);
}

static void add_flag(struct text *t, const char *member, bool flag)
{
    if (flag)
        text_printf(t, "    .%s = true,\n", member);
}

/* ---- steps ---- */

static void put_connect(struct emit *e, const struct m_check_rule *r, struct str name)
{
    struct text t = {.arena = e->arena};
    add_expr(e, &t, "port_expr", r->port_expr);
    if (r->port)
        text_printf(&t, "    .port = %lld,\n", (long long)r->port);
    add_flag(&t, "inherits", r->inherits);
    add_flag(&t, "send_proxy", r->send_proxy);
    add_flag(&t, "linger", r->linger);
    put(e, "static const struct px_check_connect " STR_FMT " = {\n    .addr = ", STR_ARG(name));
    put_endpoint(e, &r->addr);
    put(e, ",\n%.*s};\n", (int)t.len, t.p ? t.p : "");
}

static bool says_connection(const struct m_check_rule *r)
{
    for (unsigned i = 0; i < r->fields.n; i++)
        if (str_is(r->fields.v[i].name->text, "connection"))
            return true;
    return false;
}

static bool put_fields(struct emit *e, const struct m_check_rule *r, struct str name)
{
    struct text t = {.arena = e->arena};
    for (unsigned i = 0; i < r->fields.n; i++) {
        struct str field = r->fields.v[i].name->text;
        struct str value = fmt_symbol(e, r->fields.v[i].value);
        text_printf(&t, "    {{" STR_FMT ", %zu}, &" STR_FMT "},\n",
                    STR_ARG(literal(e->arena, field)), field.len, STR_ARG(value));
    }
    if (t.len)
        put(e, "static const struct px_check_field " STR_FMT "__fields[] = {\n%.*s};\n",
            STR_ARG(name), (int)t.len, t.p);
    return t.len;
}

static const struct m_fmt *root(struct emit *e)
{
    struct m_fmt *f = NEW(e->arena, struct m_fmt);
    VEC_ADD(e->arena, &f->items, ((struct m_fmt_item){.kind = FMT_TEXT, .text = STR("/")}));
    f->is_constant = true;
    f->number = e->plan->model->fmts.n + 1;
    return f;
}

static void put_request(struct emit *e, const struct m_proxy *p, const struct m_check_rule *r,
                        struct str name)
{
    struct text t = {.arena = e->arena};
    const char *version = r->version ? r->version : "HTTP/1.0";
    add_str(e, &t, "method", str_of(r->method ? r->method : "OPTIONS"));
    add_str(e, &t, "version", str_of(version));
    add_fmt(e, &t, "uri", r->uri ? r->uri : root(e));
    add_fmt(e, &t, "body", r->body);
    if (put_fields(e, r, name))
        text_printf(&t, "    .fields = " STR_FMT "__fields,\n    .nfields = %u,\n", STR_ARG(name),
                    r->fields.n);
    add_flag(&t, "closes", !strcmp(version, "HTTP/1.1") && !says_connection(r));
    add_flag(&t, "state", p->in.set[PROXY_send_state].set && p->in.set[PROXY_send_state].number);
    put(e, "static const struct px_check_request " STR_FMT " = {\n%.*s};\n", STR_ARG(name),
        (int)t.len, t.p);
}

static const char *match_symbol(unsigned match)
{
    static const char *const names[] = {
        [PX_EXPECT_STRING] = "PX_EXPECT_STRING",
        [PX_EXPECT_BINARY] = "PX_EXPECT_BINARY",
        [PX_EXPECT_REGEX] = "PX_EXPECT_REGEX",
        [PX_EXPECT_HEX_REGEX] = "PX_EXPECT_HEX_REGEX",
        [PX_EXPECT_STRING_FMT] = "PX_EXPECT_STRING_FMT",
        [PX_EXPECT_HEX_FMT] = "PX_EXPECT_HEX_FMT",
        [PX_EXPECT_STATUS] = "PX_EXPECT_STATUS",
        [PX_EXPECT_STATUS_REGEX] = "PX_EXPECT_STATUS_REGEX",
        [PX_EXPECT_FIELD] = "PX_EXPECT_FIELD",
        [PX_EXPECT_BODY] = "PX_EXPECT_BODY",
        [PX_EXPECT_BODY_REGEX] = "PX_EXPECT_BODY_REGEX",
        [PX_EXPECT_BODY_FMT] = "PX_EXPECT_BODY_FMT",
        [PX_EXPECT_PROTOCOL] = "PX_EXPECT_PROTOCOL",
    };
    return names[match];
}

static void add_compared(struct emit *e, struct text *t, const char *member,
                         const struct m_check_text *c)
{
    static const char *const how[] = {[PX_WORD_STR] = "PX_WORD_STR",
                                      [PX_WORD_BEG] = "PX_WORD_BEG",
                                      [PX_WORD_END] = "PX_WORD_END",
                                      [PX_WORD_SUB] = "PX_WORD_SUB",
                                      [PX_WORD_REG] = "PX_WORD_REG"};
    if (c->regex)
        text_printf(t, "    .%s = {PX_WORD_REG, NULL, &regex_%u},\n", member, c->regex->number);
    else if (c->fmt)
        text_printf(t, "    .%s = {%s, &" STR_FMT ", NULL},\n", member, how[c->how],
                    STR_ARG(fmt_symbol(e, c->fmt)));
}

static void add_outcomes(struct emit *e, struct text *t, const struct m_check_rule *r)
{
    const struct {
        const char *member, *code;
    } statuses[] = {{"ok", r->ok}, {"error", r->error}, {"tout", r->tout}};
    for (unsigned i = 0; i < COUNT(statuses); i++)
        if (statuses[i].code)
            text_printf(t, "    .%s = %u, /* %s */\n", statuses[i].member,
                        status_number(statuses[i].code), statuses[i].code);
    add_fmt(e, t, "on_success", r->on_success);
    add_fmt(e, t, "on_error", r->on_error);
    add_expr(e, t, "code", r->code);
}

static void put_expect(struct emit *e, const struct m_check_rule *r, struct str name)
{
    struct text t = {.arena = e->arena};
    text_printf(&t, "    .match = %s,\n    .min_recv = %lld,\n", match_symbol(r->match),
                (long long)r->min_recv);
    add_flag(&t, "inverse", r->inverse);
    add_flag(&t, "full", r->full);
    if (r->text.len)
        add_str(e, &t, "text", r->text);
    if (r->regex)
        text_printf(&t, "    .regex = &regex_%u,\n", r->regex->number);
    add_fmt(e, &t, "fmt", r->fmt);
    add_compared(e, &t, "name", &r->name);
    add_compared(e, &t, "value", &r->value);
    add_outcomes(e, &t, r);
    if (r->custom)
        text_printf(&t, "    .custom = %s,\n", r->custom);
    if (r->ranges.n) {
        put(e, "static const struct px_check_range " STR_FMT "__ranges[] = {", STR_ARG(name));
        for (unsigned i = 0; i < r->ranges.n; i++)
            put(e, "%s{%u, %u}", i ? ", " : "", r->ranges.v[i].low, r->ranges.v[i].high);
        put(e, "};\n");
        text_printf(&t, "    .ranges = " STR_FMT "__ranges,\n    .nranges = %u,\n", STR_ARG(name),
                    r->ranges.n);
    }
    put(e, "static const struct px_check_expect " STR_FMT " = {\n%.*s};\n", STR_ARG(name),
        (int)t.len, t.p);
}

static void put_set(struct emit *e, const struct m_check_rule *r, struct str name)
{
    struct str var = var_symbol(e, r->var), value = STR("");
    const char *action = r->var_expr ? "set_var" : r->var_fmt ? "set_var_fmt" : "unset_var";
    if (r->var_expr)
        value = str_printf(e->arena, ", " STR_FMT ", %lld", STR_ARG(expr_function(e, r->var_expr)),
                           (long long)r->var_conds);
    else if (r->var_fmt)
        value = str_printf(e->arena, ", &" STR_FMT ", %lld", STR_ARG(fmt_symbol(e, r->var_fmt)),
                           (long long)r->var_conds);
    put(e,
        "static void " STR_FMT
        "__run(struct px_txn *t)\n{\n    px_act_%s(t, PX_AT_CHECK, " STR_FMT STR_FMT ");\n}\n",
        STR_ARG(name), action, STR_ARG(var), STR_ARG(value));
    put(e, "static const struct px_check_set " STR_FMT " = {" STR_FMT "__run};\n", STR_ARG(name),
        STR_ARG(name));
}

/* Prints what the step refers to; its members go to t. */
static void put_step(struct emit *e, const struct m_proxy *p, const struct m_check_rule *r,
                     struct str name, struct text *t)
{
    static const char *const actions[] = {[PX_STEP_CONNECT] = "PX_STEP_CONNECT",
                                          [PX_STEP_SEND] = "PX_STEP_SEND",
                                          [PX_STEP_REQUEST] = "PX_STEP_REQUEST",
                                          [PX_STEP_EXPECT] = "PX_STEP_EXPECT",
                                          [PX_STEP_SET] = "PX_STEP_SET"};
    static const char *const members[] = {[PX_STEP_CONNECT] = "connect",
                                          [PX_STEP_REQUEST] = "request",
                                          [PX_STEP_EXPECT] = "expect",
                                          [PX_STEP_SET] = "set"};
    text_printf(t, "    {.action = %s", actions[r->action]);
    if (r->action == PX_STEP_SEND)
        text_printf(t, ", .data = &" STR_FMT "%s", STR_ARG(fmt_symbol(e, r->data)),
                    r->data_is_hex ? ", .data_is_hex = true" : "");
    else
        text_printf(t, ", .%s = &" STR_FMT, members[r->action], STR_ARG(name));
    if (r->action == PX_STEP_CONNECT)
        put_connect(e, r, name);
    else if (r->action == PX_STEP_REQUEST)
        put_request(e, p, r, name);
    else if (r->action == PX_STEP_EXPECT)
        put_expect(e, r, name);
    else if (r->action == PX_STEP_SET)
        put_set(e, r, name);
}

/* ---- the whole ---- */

static void put_script(struct emit *e, const struct m_proxy *p, struct str name, unsigned nsteps,
                       bool computed)
{
    static const char *const names[] = {[CHECK_TCP] = "tcp-check", [CHECK_HTTP] = "httpchk"};
    enum check_type type = p->in.checking.type;
    const struct m_setting *on_404 = &p->in.set[PROXY_disable_on_404];
    struct text t = {.arena = e->arena};
    add_flag(&t, "is_http", type == CHECK_HTTP);
    add_flag(&t, "computes", computed);
    add_flag(&t, "tells_steps", type != CHECK_HTTP);
    add_flag(&t, "is_protocol", type == CHECK_PROTOCOL);
    add_flag(&t, "disable_on_404", type == CHECK_HTTP && on_404->set && on_404->number);
    put(e,
        "static const struct px_check check_of__" STR_FMT
        " = {\n    .kind = &px_check_script,\n    .name = \"%s\",\n%.*s",
        STR_ARG(name), type == CHECK_PROTOCOL ? p->in.checking.name : names[type], (int)t.len,
        t.p ? t.p : "");
    put(e, "    .steps = steps_of__" STR_FMT ",\n    .nsteps = %u,\n};\n", STR_ARG(name), nsteps);
}

static void put_program(struct emit *e, struct str name)
{
    put(e,
        "static const struct px_check check_of__" STR_FMT
        " = {\n    .kind = &px_check_program,\n    .name = \"external-check\",\n};\n",
        STR_ARG(name));
}

static bool is_asked(const struct m_proxy *p)
{
    for (unsigned i = 0; i < p->servers.n; i++)
        if (p->servers.v[i]->set[SERVER_check].set && p->servers.v[i]->set[SERVER_check].number)
            return p->steps.v.n || p->in.checking.type == CHECK_PROGRAM;
    return false;
}

bool put_check(struct emit *e, const struct m_proxy *p)
{
    struct str name = proxy_symbol(e, p);
    struct text t = {.arena = e->arena};
    const char *comment = NULL;
    unsigned place = 0, n = 0;
    bool computed = false;
    if (!is_asked(p))
        return false;
    if (p->in.checking.type == CHECK_PROGRAM) {
        put_program(e, name);
        return true;
    }
    for (unsigned i = 0; i < p->steps.v.n; i++) {
        const struct m_check_rule *r = p->steps.v.v[i];
        place += !r->implied;
        comment = r->comment ? r->comment : comment;
        if (r->is_comment)
            continue;
        put_step(e, p, r, str_printf(e->arena, "step_%u_of__" STR_FMT, ++n, STR_ARG(name)), &t);
        if (!r->implied)
            text_printf(&t, ", .place = %u", place);
        if (comment)
            text_printf(&t, ", .comment = " STR_FMT, STR_ARG(cstring(e->arena, comment)));
        text_printf(&t, "},\n");
        computed |= computes(r);
    }
    put(e, "static const struct px_check_step steps_of__" STR_FMT "[] = {\n%.*s};\n", STR_ARG(name),
        (int)t.len, t.p);
    put_script(e, p, name, n, computed);
    return true;
}
