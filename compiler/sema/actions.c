/*
 * Actions whose words are not simply their arguments one after another.
 */
#include "context.h"
#include "proxy.h"
#include "rules.h"

#include <string.h>

static const char *const levels[] = {"emerg",  "alert", "crit",  "err",   "warning",
                                     "notice", "info",  "debug", "silent"};
static const char *const layers[] = {"layer4"};
static const char *const timeouts[] = {"client", "server", "tunnel", "connect", "queue", "tarpit"};
static const char *const name_matches[] = {"str", "beg", "end", "sub", "reg"};

static bool take_reply(struct sema *s, struct rule_line *r)
{
    static const struct {
        const char *action;
        unsigned request, response;
        const char *status_word;
    } replies[] = {{"deny", 403, 502, "deny_status"},
                   {"tarpit", 500, 500, "deny_status"},
                   {"return", 200, 200, "status"},
                   {"auth", 401, 401, NULL}};
    unsigned i = 0;
    while (strcmp(replies[i].action, r->rule->action->name))
        i++;
    bool response = r->rule->phase != PX_AT_REQ_HTTP;
    r->rule->args[0].reply =
        reply_take(s, r->l, r->rule->phase, response ? replies[i].response : replies[i].request,
                   replies[i].status_word);
    return r->rule->args[0].reply;
}

static bool take_redirect(struct sema *s, struct rule_line *r)
{
    r->rule->args[0].redirect = redirect_take(s, r->l, false, r->rule->phase);
    return r->rule->args[0].redirect;
}

static bool take_onoff(struct sema *s, struct rule_line *r)
{
    const struct word *w = line_expect(s, r->l, "'on' or 'off'");
    return w && onoff_value(s, w, r->rule->action->name, &r->rule->args[0].number);
}

static bool take_level(struct sema *s, struct rule_line *r)
{
    const struct word *w = line_expect(s, r->l, "a log level");
    return w && word_number(s, w, (struct word_list){levels, COUNT(levels)}, &r->rule->args[0]);
}

static bool take_layer(struct sema *s, struct rule_line *r)
{
    const struct word *w = line_expect(s, r->l, "'layer4'");
    return w && word_number(s, w, (struct word_list){layers, COUNT(layers)}, &r->rule->args[0]);
}

/* An expression about names: as written, and not among the names that the parser files. */
static struct m_name *name_pattern(struct sema *s, const struct word *w)
{
    struct m_name *n = NEW(s->arena, struct m_name);
    *n = (struct m_name){.text = w->text};
    regex_intern(s, w->text, false, w->span); /* only to have it checked */
    return n;
}

static bool take_del_header(struct sema *s, struct rule_line *r)
{
    struct line *l = r->l;
    if (!line_peek(l)) {
        line_expect(s, l, "a header name");
        return false;
    }
    const struct word *name = &l->words[l->at];
    l->at++;
    r->rule->args[0].name = name_intern(s, name->text);
    if (line_take(l, "-m")) {
        const struct word *w = line_expect(s, l, "a match method");
        struct word_list list = {name_matches, COUNT(name_matches)};
        if (!w || !word_number(s, w, list, &r->rule->args[1]))
            return false;
    }
    if (r->rule->args[1].number == PX_WORD_REG)
        r->rule->args[0].name = name_pattern(s, name);
    return r->rule->args[1].number || header_name_is_good(s, name);
}

static bool take_normalizer(struct sema *s, struct rule_line *r)
{
    static const char *const words[] = {
        [PX_WORD_FRAGMENT_ENCODE] = "fragment-encode",
        [PX_WORD_FRAGMENT_STRIP] = "fragment-strip",
        [PX_WORD_PATH_MERGE_SLASHES] = "path-merge-slashes",
        [PX_WORD_PATH_STRIP_DOT] = "path-strip-dot",
        [PX_WORD_PATH_STRIP_DOTDOT] = "path-strip-dotdot",
        [PX_WORD_PERCENT_DECODE_UNRESERVED] = "percent-decode-unreserved",
        [PX_WORD_PERCENT_TO_UPPERCASE] = "percent-to-uppercase",
        [PX_WORD_QUERY_SORT_BY_NAME] = "query-sort-by-name",
    };
    struct m_arg *which = &r->rule->args[0], *more = &r->rule->args[1];
    const struct word *w = line_expect(s, r->l, "a normalizer");
    if (!w || !word_number(s, w, (struct word_list){words, COUNT(words)}, which))
        return false;
    if (which->number == PX_WORD_PATH_STRIP_DOTDOT)
        more->number = line_take(r->l, "full");
    if (which->number == PX_WORD_PERCENT_DECODE_UNRESERVED ||
        which->number == PX_WORD_PERCENT_TO_UPPERCASE)
        more->number = line_take(r->l, "strict");
    if (s->model->global[GLOBAL_experimental].set)
        return true;
    diag_add(s->diags, E0547, r->l->span,
             "'normalize-uri' needs 'expose-experimental-directives' in the global section");
    return false;
}

static bool take_set_status(struct sema *s, struct rule_line *r)
{
    const struct word *w = line_expect(s, r->l, "a status");
    if (!w || !number_value(s, w, "status", 100, 999, &r->rule->args[0].number))
        return false;
    if (!line_take(r->l, "reason"))
        return true;
    r->rule->args[1].given = true;
    return text_take(s, r->l, &r->rule->args[1]);
}

/* A new slot is the frontend's, so only its own rules can ask for one. */
static bool may_add_slot(struct sema *s, const struct word *how)
{
    if (s->proxy && (s->proxy->caps & PX_FRONTEND))
        return true;
    if (s->proxy)
        diag_add(s->diags, E0546, how->span, "%s '" STR_FMT "' has no captures of its own",
                 s->proxy->what, STR_ARG(s->proxy->name));
    else
        diag_add(s->diags, E0546, how->span, "a defaults section has no captures of its own");
    return false;
}

/* capture <sample> len <n>: a new slot; capture <sample> id <n>: a declared one. */
static bool take_capture(struct sema *s, struct rule_line *r)
{
    struct m_arg *slot = &r->rule->args[1];
    enum px_phase phase = r->rule->phase;
    r->rule->args[0].expr = expr_take(s, r->l, phase);
    const struct word *how = r->rule->args[0].expr ? line_expect(s, r->l, "'len' or 'id'") : NULL;
    if (!how)
        return false;
    bool len = str_is(how->text, "len") && phase <= PX_AT_REQ_HTTP;
    if (!len && (!str_is(how->text, "id") || phase == PX_AT_REQ_TCP)) {
        diag_add(s->diags, E0541, how->span, "expected %s, not '" STR_FMT "'",
                 phase > PX_AT_REQ_HTTP   ? "'id'"
                 : phase == PX_AT_REQ_TCP ? "'len'"
                                          : "'len' or 'id'",
                 STR_ARG(how->text));
        return false;
    }
    const struct word *w = line_expect(s, r->l, "a number");
    if (!w || !number_value(s, w, "capture", len, 65535, &slot->number))
        return false;
    slot->span = w->span;
    slot->given = !len;
    if (!len)
        return true;
    if (!may_add_slot(s, how))
        return false;
    slot->number = capture_add(s, (unsigned)slot->number, how->span);
    return true;
}

/* time <time> [at-least <bytes>] */
static bool take_wait(struct sema *s, struct rule_line *r)
{
    const struct word *w = line_expect(s, r->l, "'time'");
    if (!w)
        return false;
    if (!str_is(w->text, "time")) {
        diag_add(s->diags, E0541, w->span, "expected 'time', not '" STR_FMT "'", STR_ARG(w->text));
        return false;
    }
    w = line_expect(s, r->l, "a time");
    if (!w || !time_value(s, w, "wait-for-body", &r->rule->args[0].number))
        return false;
    if (!line_take(r->l, "at-least"))
        return !line_has_later(s, r->l, "use-large-buffer");
    struct m_setting size = {0};
    w = line_expect(s, r->l, "a size");
    if (!w || !setting_value(s, w, SETTING_SIZE, "at-least", &size))
        return false;
    r->rule->args[1].number = size.number;
    return !line_has_later(s, r->l, "use-large-buffer");
}

/* A constant where an expression is wanted. */
static bool take_constant(struct sema *s, struct rule_line *r, struct span at, uint64_t n,
                          struct m_arg *arg)
{
    struct word w = {.text = str_printf(s->arena, "int(%llu)", (unsigned long long)n), .span = at};
    struct line l = {.words = &w, .n = 1, .span = at, .keyword = r->l->keyword};
    arg->given = true;
    arg->span = at;
    arg->expr = expr_take(s, &l, r->rule->phase);
    return arg->expr;
}

/* A size as it is, or a sample. */
static bool take_size_expr(struct sema *s, struct rule_line *r, struct m_arg *arg)
{
    const struct word *w = line_peek(r->l);
    struct m_setting size = {0};
    if (!w)
        return line_expect(s, r->l, "a size or a sample expression");
    if (!w->text.len || w->text.p[0] < '0' || w->text.p[0] > '9') {
        arg->expr = expr_take(s, r->l, r->rule->phase);
        return arg->expr;
    }
    line_next(r->l);
    if (!setting_value(s, w, SETTING_SIZE, "limit", &size))
        return false;
    if (size.number)
        return take_constant(s, r, w->span, (uint64_t)size.number, arg);
    diag_add(s->diags, E0371, w->span, "limit: " STR_FMT " is too little", STR_ARG(w->text));
    return false;
}

/* A number as it is, or a sample. */
static bool take_measure(struct sema *s, struct rule_line *r, int64_t most)
{
    const struct word *w = line_expect(s, r->l, "a number or a sample");
    struct m_arg *arg = &r->rule->args[0];
    uint64_t n;
    if (!w)
        return false;
    if (!mark_value(w->text, &n)) {
        r->l->at--;
        return rule_arg_take(s, r->l, r->rule->phase, arg);
    }
    if (n > (uint64_t)most) {
        diag_add(s->diags, E0371, w->span, "%s: " STR_FMT " is not between 0 and %lld",
                 r->rule->action->name, STR_ARG(w->text), (long long)most);
        return false;
    }
    return take_constant(s, r, w->span, n, arg);
}

static bool take_mark(struct sema *s, struct rule_line *r)
{
    needs_privileges(s, r->rule->span, "a mark");
    return take_measure(s, r, UINT32_MAX);
}

static bool take_tos(struct sema *s, struct rule_line *r)
{
    return take_measure(s, r, UINT8_MAX);
}

/* Servers are a backend's. */
static bool take_retries(struct sema *s, struct rule_line *r)
{
    if (s->proxy && !(s->proxy->caps & PX_BACKEND)) {
        diag_add(s->diags, E0549, r->rule->span, "%s '" STR_FMT "' has no retries", s->proxy->what,
                 STR_ARG(s->proxy->name));
        return false;
    }
    return take_measure(s, r, UINT16_MAX);
}

static bool take_nice(struct sema *s, struct rule_line *r)
{
    const struct word *w = line_expect(s, r->l, "a number");
    return w && number_value(s, w, "set-nice", -1024, 1024, &r->rule->args[0].number);
}

static bool take_rst_ttl(struct sema *s, struct rule_line *r)
{
    if (!line_take(r->l, "rst-ttl"))
        return true;
    const struct word *w = line_expect(s, r->l, "a number of hops behind 'rst-ttl'");
    return w && number_value(s, w, "rst-ttl", 1, 255, &r->rule->args[0].number);
}

/* A time as an expression, or an expression that gives milliseconds. */
static bool take_time_expr(struct sema *s, struct rule_line *r, bool nonzero, struct m_arg *arg)
{
    const struct word *w = line_peek(r->l);
    int64_t ms;
    if (!w)
        return line_expect(s, r->l, "a time or a sample expression");
    if (!w->text.len || w->text.p[0] < '0' || w->text.p[0] > '9') {
        arg->expr = expr_take(s, r->l, r->rule->phase);
        return arg->expr;
    }
    line_next(r->l);
    if (!time_value(s, w, r->rule->action->name, &ms))
        return false;
    if (nonzero && !ms) {
        diag_add(s->diags, E0549, w->span, "a time of 0 would be no timeout at all");
        return false;
    }
    return take_constant(s, r, w->span, (uint64_t)ms, arg);
}

static bool take_period(struct sema *s, struct rule_line *r, struct m_arg *arg)
{
    const struct word *w = line_peek(r->l);
    if (!take_time_expr(s, r, false, arg))
        return false;
    if (!expr_is_constant(arg->expr) || arg->expr->args[0].number)
        return true;
    diag_add(s->diags, E0371, w->span, "period: " STR_FMT " is too little", STR_ARG(w->text));
    return false;
}

static bool take_bandwidth(struct sema *s, struct rule_line *r)
{
    const struct word *w = line_expect(s, r->l, "the name of a bandwidth limit");
    if (!w)
        return false;
    if (!s->proxy) {
        diag_add(s->diags, E0587, w->span, "a defaults section has no bandwidth limits");
        return false;
    }
    r->rule->args[0].text = w->text;
    r->rule->args[0].span = w->span;
    for (bool more = true; more;) {
        if (line_take(r->l, "limit"))
            more = take_size_expr(s, r, &r->rule->args[1]);
        else if (line_take(r->l, "period"))
            more = take_period(s, r, &r->rule->args[2]);
        else
            return true;
    }
    return false;
}

static bool take_pause(struct sema *s, struct rule_line *r)
{
    return take_time_expr(s, r, false, &r->rule->args[0]);
}

/* HAProxy manual: the client's timeout is the frontend's, and of those of the backend a tarpit is
 * one that both have. */
static bool has_timeout(struct sema *s, const struct word *w, int64_t which)
{
    unsigned wanted = which == PX_WORD_CLIENT   ? PX_FRONTEND
                      : which == PX_WORD_TARPIT ? PX_FRONTEND | PX_BACKEND
                                                : PX_BACKEND;
    if (!s->proxy || (s->proxy->caps & wanted))
        return true;
    diag_add(s->diags, E0549, w->span, "%s '" STR_FMT "' has no timeout '" STR_FMT "'",
             s->proxy->what, STR_ARG(s->proxy->name), STR_ARG(w->text));
    return false;
}

/* Those that only a request can wait for are over when there is a response. */
static bool is_ahead(struct sema *s, const struct rule_line *r, const struct word *w, int64_t which)
{
    if (r->rule->phase == PX_AT_REQ_HTTP || which < PX_WORD_CONNECT)
        return true;
    diag_add(s->diags, E0549, w->span, "timeout '" STR_FMT "' is over in %s", STR_ARG(w->text),
             phase_name(r->rule->phase));
    return false;
}

static bool take_timeout(struct sema *s, struct rule_line *r)
{
    const struct word *w =
        line_expect(s, r->l, "'client', 'connect', 'queue', 'server', 'tarpit' or 'tunnel'");
    struct word_list list = {timeouts, COUNT(timeouts)};
    return w && word_number(s, w, list, &r->rule->args[0]) &&
           has_timeout(s, w, r->rule->args[0].number) &&
           is_ahead(s, r, w, r->rule->args[0].number) &&
           take_time_expr(s, r, true, &r->rule->args[1]);
}

/* As in HAProxy, empty ones say nothing. */
static bool take_conds(struct sema *s, const struct call *call, struct m_arg *conds)
{
    for (unsigned i = 1; i < call->nargs; i++)
        if (call->args[i].text.len && !cond_of_var(s, &call->args[i], &conds->number))
            return false;
    return true;
}

/* set-var(name) and its like: the variable stands in the word of the action itself. */
static bool take_var(struct sema *s, struct rule_line *r)
{
    const struct word *w = &r->l->words[r->l->at - 1];
    struct call call;
    if (!call_parse(&s->syntax, w, &call))
        return false;
    bool unset = r->rule->action->nargs < 2;
    if (unset && call.nargs > 1) {
        diag_add(s->diags, E0430, call.args[1].span, "'unset-var' takes no conditions");
        return false;
    }
    if (!call.nargs || !call.args[0].text.len) {
        diag_add(s->diags, E0542, w->span,
                 "'%s' expects a variable in parentheses, as in %s(txn.x)", r->rule->action->name,
                 r->rule->action->name);
        return false;
    }
    r->rule->args[0].given = true;
    r->rule->args[0].var = var_intern(s, call.args[0].text, call.args[0].span);
    struct m_arg *value = &r->rule->args[1];
    bool good = r->rule->args[0].var && take_conds(s, &call, &r->rule->args[2]) &&
                (unset || rule_arg_take(s, r->l, r->rule->phase, value));
    if (good && value->fmt)
        value->fmt->is_raw = true;
    return good;
}

/* An empty one is none. */
static bool take_family(struct sema *s, const struct arg *a, struct m_arg *family)
{
    static const char *const families[] = {"ipv4", "ipv6"};
    if (!a->text.len)
        return true;
    struct word_list list = {families, COUNT(families)};
    bool known = text_number(s, a->text, a->span, list, family);
    family->number += PX_WORD_IPV4;
    return known;
}

/* do-resolve(var,resolvers[,ipv4|ipv6]) <expr>: which resolvers they are, is known when all
 * sections have been read. */
static bool take_resolve(struct sema *s, struct rule_line *r)
{
    const struct word *w = &r->l->words[r->l->at - 1];
    struct m_arg *args = r->rule->args;
    struct call call;
    if (!call_parse(&s->syntax, w, &call))
        return false;
    if (call.nargs < 2 || call.nargs > 3 || !call.args[0].text.len || !call.args[1].text.len) {
        diag_add(s->diags, E0542, w->span,
                 "'do-resolve' expects a variable and resolvers in parentheses, as in "
                 "do-resolve(txn.ip,dns) or do-resolve(txn.ip,dns,ipv4)");
        return false;
    }
    args[0].given = args[1].given = args[2].given = true;
    args[0].var = var_intern(s, call.args[0].text, call.args[0].span);
    args[1].text = call.args[1].text;
    args[1].span = call.args[1].span;
    return args[0].var && (call.nargs < 3 || take_family(s, &call.args[2], &args[2])) &&
           rule_arg_take(s, r->l, r->rule->phase, &args[3]);
}

/* set-map(file) and its like: which file it is, is known when all have been read. */
static bool take_list(struct sema *s, struct rule_line *r)
{
    const struct word *w = &r->l->words[r->l->at - 1];
    struct m_arg *list = &r->rule->args[0];
    struct call call;
    if (!call_parse(&s->syntax, w, &call))
        return false;
    if (call.nargs != 1 || !call.args[0].text.len) {
        diag_add(s->diags, E0537, w->span, "'%s' expects a file in parentheses, as in %s(%s)",
                 r->rule->action->name, r->rule->action->name,
                 r->rule->action->nargs > 2 ? "urls.map" : "names.lst");
        return false;
    }
    list->given = true;
    list->text = call.args[0].text;
    list->span = call.args[0].span;
    for (unsigned i = 1; i < r->rule->action->nargs; i++)
        if (!rule_arg_take(s, r->l, r->rule->phase, &r->rule->args[i]))
            return false;
    for (unsigned i = 1; i < r->rule->action->nargs; i++)
        r->rule->args[i].fmt->is_raw = true;
    return true;
}

/* http [proto h1] */
static bool take_mode(struct sema *s, struct rule_line *r)
{
    static const char *const modes[] = {"http"}, *const protocols[] = {"h1"};
    struct m_arg unused = {0};
    const struct word *w = line_expect(s, r->l, "'http'");
    if (!w || !word_number(s, w, (struct word_list){modes, COUNT(modes)}, &unused))
        return false;
    if (!line_take(r->l, "proto"))
        return true;
    w = line_expect(s, r->l, "a protocol");
    return w && word_number(s, w, (struct word_list){protocols, COUNT(protocols)}, &unused);
}

static const struct {
    const char *action;
    args_fn take;
} odd[] = {
    {"add-acl", take_list},
    {"auth", take_reply},
    {"capture", take_capture},
    {"del-acl", take_list},
    {"del-header", take_del_header},
    {"del-map", take_list},
    {"deny", take_reply},
    {"do-resolve", take_resolve},
    {"expect-netscaler-cip", take_layer},
    {"expect-proxy", take_layer},
    {"normalize-uri", take_normalizer},
    {"pause", take_pause},
    {"redirect", take_redirect},
    {"return", take_reply},
    {"set-bandwidth-limit", take_bandwidth},
    {"set-bc-mark", take_mark},
    {"set-bc-tos", take_tos},
    {"set-fc-mark", take_mark},
    {"set-fc-tos", take_tos},
    {"set-log-level", take_level},
    {"set-map", take_list},
    {"set-mark", take_mark},
    {"set-nice", take_nice},
    {"set-retries", take_retries},
    {"set-status", take_set_status},
    {"set-tos", take_tos},
    {"set-timeout", take_timeout},
    {"set-var", take_var},
    {"set-var-fmt", take_var},
    {"silent-drop", take_rst_ttl},
    {"strict-mode", take_onoff},
    {"switch-mode", take_mode},
    {"tarpit", take_reply},
    {"unset-var", take_var},
    {"wait-for-body", take_wait},
};

args_fn action_args(const struct vocab_action *action)
{
    for (unsigned i = 0; i < COUNT(odd); i++)
        if (!strcmp(odd[i].action, action->name))
            return odd[i].take;
    return rule_args_take;
}
