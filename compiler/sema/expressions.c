/*
 * Sample expressions: names looked up, arguments converted to what the rows ask for, types checked
 * along the chain of converters.
 */
#include "context.h"

#include <ctype.h>
#include <string.h>

const char *phase_name(enum px_phase phase)
{
    static const char *const names[] = {
        [PX_AT_CONN] = "'tcp-request connection' rules",
        [PX_AT_SESS] = "'tcp-request session' rules",
        [PX_AT_REQ_TCP] = "'tcp-request content' rules",
        [PX_AT_REQ_HTTP] = "HTTP request rules",
        [PX_AT_RES_TCP] = "'tcp-response content' rules",
        [PX_AT_RES_HTTP] = "HTTP response rules",
        [PX_AT_AFTER] = "'http-after-response' rules",
        [PX_AT_LOG] = "log lines",
        [PX_AT_INIT] = "the global section",
        [PX_AT_CHECK] = "health checks",
        [PX_AT_ERROR] = "'http-error' answers",
    };
    return names[phase];
}

static const char *phase_word(enum px_phase phase)
{
    static const char *const words[] = {
        [PX_AT_CONN] = "connection",
        [PX_AT_SESS] = "session",
        [PX_AT_REQ_TCP] = "content",
        [PX_AT_REQ_HTTP] = "request",
        [PX_AT_RES_TCP] = "response content",
        [PX_AT_RES_HTTP] = "response",
        [PX_AT_AFTER] = "after",
        [PX_AT_LOG] = "log",
        [PX_AT_INIT] = "init",
        [PX_AT_CHECK] = "check",
        [PX_AT_ERROR] = "error",
    };
    return words[phase];
}

struct str named_key(struct arena *a, const struct m_named *n)
{
    return str_printf(a, STR_FMT " %s", STR_ARG(n->whose), phase_word(n->phase));
}

struct m_name *name_intern(struct sema *s, struct str name)
{
    char *low = str_cstr(s->arena, name);
    for (char *p = low; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    struct str key = {low, name.len};
    void **at = map_at(s->arena, &s->model->names, key);
    if (!*at) {
        struct m_name *n = NEW(s->arena, struct m_name);
        n->text = key;
        *at = n;
    }
    return *at;
}

struct m_regex *regex_intern(struct sema *s, struct str pattern, bool fold, struct span at)
{
    struct str key = str_printf(s->arena, "%c" STR_FMT, fold ? 'i' : 's', STR_ARG(pattern));
    void **place = map_at(s->arena, &s->model->regexes, key);
    if (!*place) {
        struct m_regex *re = NEW(s->arena, struct m_regex);
        *re = (struct m_regex){.pattern = str_copy(s->arena, pattern),
                               .fold = fold,
                               .number = s->model->regexes.entries.n,
                               .span = at};
        if (!regex_is_valid(s, re))
            re->pattern = STR("");
        *place = re;
    }
    return *place;
}

static const struct {
    const char *prefix;
    enum px_var_scope scope;
} scopes[] = {{"proc.", PX_VAR_PROC},
              {"sess.", PX_VAR_SESS},
              {"txn.", PX_VAR_TXN},
              {"req.", PX_VAR_REQ},
              {"res.", PX_VAR_RES},
              {"check.", PX_VAR_CHECK}};

/* Checks have variables of their own, and those of the process. */
static bool scope_is_there(struct sema *s, enum px_var_scope scope, struct span at)
{
    if (scope == PX_VAR_PROC || s->in_check == (scope == PX_VAR_CHECK))
        return true;
    diag_add(s->diags, E0661, at,
             s->in_check ? "a check knows variables of the scopes 'check' and 'proc' only"
                         : "variables of scope 'check' exist in checks only");
    return false;
}

struct m_var *var_intern(struct sema *s, struct str name, struct span at)
{
    unsigned scope = 0;
    while (scope < COUNT(scopes) && !str_begins(name, scopes[scope].prefix))
        scope++;
    if (scope == COUNT(scopes) || name.len == strlen(scopes[scope].prefix)) {
        struct diag *d = diag_add(s->diags, E0440, at, "'" STR_FMT "' is not a variable name",
                                  STR_ARG(name));
        diag_note(s->diags, d,
                  "a variable is named with its scope: proc, sess, txn, req or res, "
                  "as in txn.user");
        return NULL;
    }
    if (!scope_is_there(s, scopes[scope].scope, at))
        return NULL;
    for (size_t i = 0; i < name.len; i++) {
        if (isalnum((unsigned char)name.p[i]) || name.p[i] == '_' || name.p[i] == '.')
            continue;
        if (at.end - at.start == name.len)
            at = (struct span){at.source, at.start + (uint32_t)i, at.start + (uint32_t)i + 1};
        diag_add(s->diags, E0441, at,
                 "variable names consist of letters, digits, '_' and '.', not '%c'", name.p[i]);
        return NULL;
    }
    void **place = map_at(s->arena, &s->model->vars, name);
    if (!*place) {
        struct m_var *v = NEW(s->arena, struct m_var);
        *v = (struct m_var){name, (uint8_t)scopes[scope].scope, s->model->vars.entries.n - 1, at};
        *place = v;
    }
    return *place;
}

/* ---- arguments ---- */

typedef bool (*arg_fn)(struct sema *s, const struct arg *a, struct m_arg *out);

static bool arg_str(struct sema *s, const struct arg *a, struct m_arg *out)
{
    (void)s;
    out->text = a->text;
    return true;
}

static bool arg_int(struct sema *s, const struct arg *a, struct m_arg *out)
{
    if (value_int(a->text, &out->number) == VALUE_OK)
        return true;
    diag_add(s->diags, E0370, a->span, "'" STR_FMT "' is not an integer", STR_ARG(a->text));
    return false;
}

static bool arg_name(struct sema *s, const struct arg *a, struct m_arg *out)
{
    out->name = name_intern(s, a->text);
    return true;
}

static bool arg_var(struct sema *s, const struct arg *a, struct m_arg *out)
{
    out->var = var_intern(s, a->text, a->span);
    return out->var;
}

bool cond_of_var(struct sema *s, const struct arg *a, int64_t *conds)
{
#define WORD(name, word) {word, sizeof word - 1},
    static const struct str words[] = {PX_VAR_CONDS(WORD)};
#undef WORD
    for (unsigned i = 0; i < COUNT(words); i++)
        if (str_is(a->text, words[i].p)) {
            *conds |= INT64_C(1) << i;
            return true;
        }
    struct diag *d = diag_add(s->diags, E0450, a->span,
                              "'" STR_FMT "' is no condition for a variable", STR_ARG(a->text));
    diag_suggest(s->diags, d, a->text, words, COUNT(words));
    diag_note(s->diags, d,
              "the conditions are ifexists, ifnotexists, ifempty, ifnotempty, ifset, ifnotset, "
              "ifgt and iflt");
    return false;
}

enum { MOST_CONDS = 4, MOST_ACLS = 12 }; /* HAProxy manual, converter "set-var", fetch "acl" */

/* All arguments from number i on. */
static bool args_conds(struct sema *s, const struct call *call, unsigned i, struct m_arg *out)
{
    bool good = true;
    out->given = i < call->nargs;
    for (unsigned k = i; k < call->nargs && good; k++)
        good = cond_of_var(s, &call->args[k], &out->number);
    return good;
}

static bool arg_operand(struct sema *s, const struct arg *a, struct m_arg *out)
{
    if (value_int(a->text, &out->number) == VALUE_OK)
        return true;
    return arg_var(s, a, out);
}

/* RFC 4648 4: groups of four, of which the last may be padded. */
static bool is_base64(struct str s)
{
    static const char others[] = "+/";
    size_t len = s.len;
    while (s.len - len < 2 && len && s.p[len - 1] == '=')
        len--;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)s.p[i]) && (!s.p[i] || !strchr(others, s.p[i])))
            return false;
    return !(s.len % 4);
}

/* What begins like the name of a variable is one. */
static bool arg_value(struct sema *s, const struct arg *a, struct m_arg *out)
{
    for (unsigned i = 0; i < COUNT(scopes); i++)
        if (str_begins(a->text, scopes[i].prefix))
            return arg_var(s, a, out);
    out->text = a->text;
    return true;
}

static bool arg_secret(struct sema *s, const struct arg *a, struct m_arg *out)
{
    if (!arg_value(s, a, out))
        return false;
    if (out->var || is_base64(a->text))
        return true;
    diag_add(s->diags, E0447, a->span, "'" STR_FMT "' is neither base64 nor a variable",
             STR_ARG(a->text));
    return false;
}

/* A mask of addresses to come may have any bits, unlike that of a network. */
static bool arg_mask4(struct sema *s, const struct arg *a, struct m_arg *out)
{
    uint8_t bits[4];
    if (value_ipv4_full(a->text, bits)) {
        out->number = (int64_t)bits[0] << 24 | bits[1] << 16 | bits[2] << 8 | bits[3];
        return true;
    }
    int len = value_mask(a->text, 32);
    if (len < 0) {
        diag_add(s->diags, E0377, a->span, "'" STR_FMT "' is not an IPv4 network mask",
                 STR_ARG(a->text));
        return false;
    }
    out->number = len ? (int64_t)(UINT32_MAX << (32 - len)) & UINT32_MAX : 0;
    return true;
}

static bool arg_mask6(struct sema *s, const struct arg *a, struct m_arg *out)
{
    if (value_ipv6(a->text, out->mask6))
        return true;
    int len = value_mask(a->text, 128);
    if (len < 0) {
        diag_add(s->diags, E0377, a->span, "'" STR_FMT "' is not an IPv6 network mask",
                 STR_ARG(a->text));
        return false;
    }
    for (int i = 0; i < len; i++)
        out->mask6[i / 8] |= (uint8_t)(0x80 >> i % 8);
    return true;
}

/* Proxies, servers and user lists may be defined later: resolved when all sections are read. */
static const arg_fn arg_fns[ARG_KINDS] = {
    [ARG_STR] = arg_str,       [ARG_OSTR] = arg_str,     [ARG_INT] = arg_int,
    [ARG_OINT] = arg_int,      [ARG_NAME] = arg_name,    [ARG_ONAME] = arg_name,
    [ARG_VAR] = arg_var,       [ARG_OVAR] = arg_var,     [ARG_OPERAND] = arg_operand,
    [ARG_REGEX] = arg_str,     [ARG_MASK4] = arg_mask4,  [ARG_OMASK6] = arg_mask6,
    [ARG_OFRONTEND] = arg_str, [ARG_OBACKEND] = arg_str, [ARG_SERVER] = arg_str,
    [ARG_USERLIST] = arg_str,  [ARG_OTABLE] = arg_str,  [ARG_TABLE] = arg_str,  [ARG_MAP] = arg_str,
    [ARG_SECRET] = arg_secret, [ARG_VALUE] = arg_value,
};

static bool is_optional(enum arg_kind kind)
{
    return kind == ARG_OSTR || kind == ARG_OINT || kind == ARG_ONAME || kind == ARG_OVAR ||
           kind == ARG_OMASK6 || kind == ARG_OFRONTEND || kind == ARG_OBACKEND ||
           kind == ARG_OTABLE;
}

static bool is_text(enum arg_kind kind)
{
    return kind == ARG_STR || kind == ARG_OSTR || kind == ARG_VALUE;
}

static const struct arg nothing;

/* Argument number i; NULL: not there. As in HAProxy, no arguments are one empty text as well. */
static const struct arg *arg_of(const struct call *call, unsigned i, enum arg_kind kind)
{
    if (!call->nargs && !i && kind == ARG_STR)
        return &nothing;
    return i < call->nargs ? &call->args[i] : NULL;
}

/* Integers can only be left out at the end. */
static bool may_be_empty(const struct call *call, unsigned i, enum arg_kind kind)
{
    return is_optional(kind) && (kind != ARG_OINT || i + 1 >= call->nargs);
}

static void arg_is_missing(struct sema *s, const struct call *call, unsigned i)
{
    if (i < call->nargs)
        diag_add(s->diags, E0431, call->span, "argument %u of '" STR_FMT "' is empty", i + 1,
                 STR_ARG(call->name));
    else
        diag_add(s->diags, E0431, call->span, "'" STR_FMT "' needs %u argument%s, not %u",
                 STR_ARG(call->name), i + 1, i ? "s" : "", call->nargs);
}

/* How many arguments there may be: a kind that takes all that are left stands at the end. */
static unsigned most_args(const enum arg_kind *kinds, unsigned n)
{
    if (n && kinds[n - 1] == ARG_CONDS)
        return n - 1 + MOST_CONDS;
    return n && kinds[n - 1] == ARG_ACLS ? n - 1 + MOST_ACLS : n;
}

bool args_check(struct sema *s, const struct call *call, const enum arg_kind *kinds,
                unsigned nkinds, struct m_arg *args)
{
    bool good = true;
    unsigned most = most_args(kinds, nkinds);
    if (call->nargs > most) {
        diag_add(s->diags, E0430, call->args[most].span,
                 nkinds ? "'" STR_FMT "' takes at most %u argument%s"
                        : "'" STR_FMT "' takes no arguments",
                 STR_ARG(call->name), most, most == 1 ? "" : "s");
        return false;
    }
    for (unsigned i = 0; i < nkinds; i++) {
        const struct arg *a = arg_of(call, i, kinds[i]);
        args[i] = (struct m_arg){.kind = kinds[i], .span = i < call->nargs ? a->span : call->span};
        if (kinds[i] == ARG_CONDS)
            return args_conds(s, call, i, &args[i]) && good;
        bool empty = !a || (!a->text.len && !is_text(kinds[i]));
        if (empty && may_be_empty(call, i, kinds[i]))
            continue;
        if (empty) {
            arg_is_missing(s, call, i);
            return false;
        }
        args[i].given = true;
        if (kinds[i] == ARG_ACLS) /* looked up by acls_take */
            return good;
        good = arg_fns[kinds[i]](s, a, &args[i]) && good;
    }
    return good;
}

/* ---- fetch and converters ---- */

/* Those that end in the name of a method exist in ACLs only; all others are fetches, too, and
 * "-m bin" is just what ACLs do with bytes. */
static bool is_fetch(const struct vocab_shorthand *h)
{
    return h->method < 0 || h->method == MATCH_BIN;
}

static const struct vocab_fetch *find_fetch(struct sema *s, const struct call *call,
                                            enum px_phase phase)
{
    const struct vocab_entry *e = vocab_find(s->vocab, SPACE_FETCH, call->name);
    if (e && e->status == VOCAB_ON)
        return e->row;
    const struct vocab_shorthand *h = vocab_shorthand(s->vocab, call->name);
    if (h && is_fetch(h)) {
        bool response = phase == PX_AT_RES_HTTP || phase == PX_AT_RES_TCP || phase == PX_AT_AFTER;
        const char *name = response && h->response_fetch ? h->response_fetch : h->fetch;
        return vocab_find(s->vocab, SPACE_FETCH, str_of(name))->row;
    }
    if (h) {
        diag_add(s->diags, E0442, call->name_span,
                 "'" STR_FMT "' only exists in ACLs; here it is written '%s'", STR_ARG(call->name),
                 h->fetch);
        return NULL;
    }
    vocab_refuse(s->vocab, s->diags, SPACE_FETCH, call->name, call->name_span, "sample fetch");
    return NULL;
}

static bool is_one_of(const struct m_conv *c, const char *const *names, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (!strcmp(c->conv->name, names[i]))
            return true;
    return false;
}

/* The data decides about the type. */
static bool gives_any_type(const struct m_conv *c)
{
    static const char *const names[] = {"json_query", "jwt_header_query", "jwt_payload_query",
                                        "rfc7239_n2nn", "rfc7239_n2np"};
    return is_one_of(c, names, COUNT(names));
}

static bool needs_openssl(const struct m_conv *c)
{
    static const char *const names[] = {"digest", "hmac", "jwt_verify", "sha1", "sha2"};
    return is_one_of(c, names, COUNT(names));
}

/* Does it change something on its way? */
static bool has_effect(const struct m_conv *c)
{
    static const char *const names[] = {"set-var", "unset-var", "capture-req", "capture-res"};
    return is_one_of(c, names, COUNT(names));
}

static unsigned conv_reads(const struct m_conv *c)
{
    static const char *const of_proxy[] = {"nbsrv",          "srv_is_up",    "srv_queue",
                                           "in_table",       "table_expire", "table_idle",
                                           "table_server_id"};
    unsigned reads = 0;
    for (unsigned i = 0; i < c->conv->nargs; i++)
        if (c->args[i].var)
            reads |= READS_VARS;
    if (has_effect(c) || is_one_of(c, of_proxy, COUNT(of_proxy)))
        reads |= READS_VOLATILE;
    return reads;
}

static const struct vocab_conv *find_conv(struct sema *s, const struct call *call)
{
    const struct vocab_entry *e = vocab_find(s->vocab, SPACE_CONV, call->name);
    if (e && e->status == VOCAB_ON)
        return e->row;
    vocab_refuse(s->vocab, s->diags, SPACE_CONV, call->name, call->name_span, "converter");
    return NULL;
}

/* Of an expression that is wrong already, only the names of converters can be checked. */
static struct m_expr *check_names(struct sema *s, const struct expr *x, unsigned from)
{
    for (unsigned i = from; i < x->converters.n; i++)
        find_conv(s, &x->converters.v[i]);
    return NULL;
}

static bool check_conv(struct sema *s, struct m_expr *e, const struct call *call)
{
    const struct vocab_conv *conv = find_conv(s, call);
    if (!conv)
        return false;
    struct m_conv *c = VEC_PUSH(s->arena, &e->convs);
    c->conv = conv;
    c->span = call->span;
    c->in = e->type;
    if (!args_check(s, call, c->conv->args, c->conv->nargs, c->args) || !conv_args_fit(s, c))
        return false;
    if (!type_casts(e->type, c->conv->in)) {
        diag_add(s->diags, E0432, call->span, "converter '" STR_FMT "' takes %s %s, not %s %s",
                 STR_ARG(call->name), px_type_article(c->conv->in), px_type_name(c->conv->in),
                 px_type_article(e->type), px_type_name(e->type));
        return false;
    }
    if (c->conv->out != PX_ANY)
        e->type = c->conv->out;
    else if (gives_any_type(c))
        e->type = PX_ANY;
    e->reads |= conv_reads(c);
    s->model->needs_openssl |= needs_openssl(c);
    if (has_effect(c)) {
        e->has_effect = true;
        s->model->vars_fleeting |= c->args[0].var != NULL;
    }
    return true;
}

static void put_args(struct text *t, const struct m_arg *args, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        text_printf(t, "%c", i ? ',' : '(');
        if (args[i].regex)
            text_printf(t, "r%u", args[i].regex->number);
        else if (args[i].var)
            text_str(t, args[i].var->name);
        else if (args[i].name)
            text_str(t, args[i].name->text);
        else if (args[i].named)
            text_str(t, named_key(t->arena, args[i].named));
        else if (args[i].text.len)
            text_printf(t, "\"" STR_FMT "\"", STR_ARG(args[i].text));
        else if (args[i].given)
            text_printf(t, "%lld", (long long)args[i].number);
        for (unsigned k = 0; args[i].kind == ARG_OMASK6 && k < 16; k++)
            text_printf(t, "%02x", args[i].mask6[k]);
    }
    if (n)
        text_put(t, ")", 1);
}

static struct str canonical(struct sema *s, const struct m_expr *e)
{
    struct text t = {.arena = s->arena};
    text_printf(&t, "%s", e->fetch->name);
    put_args(&t, e->args, e->fetch->nargs);
    for (unsigned i = 0; i < e->convs.n; i++) {
        text_printf(&t, ",%s", e->convs.v[i].conv->name);
        put_args(&t, e->convs.v[i].args, e->convs.v[i].conv->nargs);
    }
    return (struct str){t.p, t.len};
}

/* Method, target, version and size are gone with the request unless they are kept, and so is, for
 * logs, our address towards the server. */
static unsigned needs_of(const struct vocab_fetch *fetch, enum px_phase phase)
{
    if (phase == PX_AT_LOG && str_begins(str_of(fetch->name), "bc_src"))
        return PX_LOG_BACK;
    if (!strcmp(fetch->name, "req.bytes_out"))
        return PX_LOG_SENT;
    static const char *const kept[] = {"capture.req.method", "capture.req.uri", "capture.req.ver"};
    for (unsigned i = 0; i < sizeof kept / sizeof *kept; i++)
        if (!strcmp(fetch->name, kept[i]))
            return PX_LOG_URI;
    return 0;
}

struct m_expr *expr_check(struct sema *s, const struct expr *x, enum px_phase phase)
{
    const struct vocab_fetch *fetch = find_fetch(s, &x->fetch, phase);
    if (!fetch)
        return check_names(s, x, 0);
    struct m_expr *e = NEW(s->arena, struct m_expr);
    e->fetch = fetch;
    e->type = fetch->type;
    e->phases = fetch->phases;
    e->reads = fetch->reads;
    e->span = x->span;
    if (!args_check(s, &x->fetch, fetch->args, fetch->nargs, e->args) || !fetch_args_fit(s, e))
        return check_names(s, x, 0);
    if (fetch->nargs && fetch->args[0] == ARG_ACLS && !acls_take(s, &x->fetch, phase, e))
        return check_names(s, x, 0);
    for (unsigned i = 0; i < x->converters.n; i++)
        if (!check_conv(s, e, &x->converters.v[i]))
            return check_names(s, x, i + 1);
    s->model->log_needs |= needs_of(fetch, phase);
    s->model->notes_rules |= str_begins(str_of(fetch->name), "last_rule_");
    s->model->keeps_vectors |= !strcmp(fetch->name, "fc_pp_tlv");
    e->key = canonical(s, e);
    load_maps(s, e);
    return e;
}

bool expr_is_constant(const struct m_expr *e)
{
    return e->reads == READS_NOTHING;
}

/* Errors may quote what there is of either side: what does not exist yet, or not any more, is absent. */
static unsigned phase_bits(enum px_phase phase)
{
    return phase == PX_AT_ERROR ? AT_REQ_HTTP | AT_RES_HTTP : 1u << phase;
}

bool expr_exists(const struct m_expr *e, const struct m_proxy *p, enum px_phase phase)
{
    const unsigned early = AT_CONN | AT_SESS | AT_REQ_TCP | AT_REQ_HTTP;
    const unsigned at = e->phases & phase_bits(phase);
    bool too_early = (e->phases & OF_BACKEND) && p && !(p->caps & PX_BACKEND) && !(at & ~early);
    return at && !too_early;
}

const char *place_name(const struct sema *s, const struct m_expr *e, enum px_phase phase)
{
    if (!(e->phases & phase_bits(phase)))
        return phase_name(phase);
    return str_cstr(s->arena, str_printf(s->arena, "%s of frontends", phase_name(phase)));
}

bool expr_is_available(struct sema *s, const struct m_expr *e, enum px_phase phase)
{
    if (expr_exists(e, s->proxy, phase))
        return true;
    diag_add(s->diags, E0433, e->span, "sample fetch '%s' is not available in %s", e->fetch->name,
             place_name(s, e, phase));
    return false;
}

struct m_expr *expr_take(struct sema *s, struct line *l, enum px_phase phase)
{
    if (!line_peek(l)) {
        diag_add(s->diags, E0310, l->span, "'%s' expects a sample expression", l->keyword);
        return NULL;
    }
    struct expr *x = expr_parse_words(&s->syntax, l->words, l->n, &l->at);
    struct m_expr *e = x ? expr_check(s, x, phase) : NULL;
    return e && expr_is_available(s, e, phase) ? e : NULL;
}
