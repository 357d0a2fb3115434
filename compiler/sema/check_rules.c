/*
 * Rules of checks: "tcp-check" and "http-check" lines.
 *
 * Not here: what a complete check consists of, with the rules that nobody has written (checks.c).
 */
#include "context.h"
#include "proxy.h"

#include "../../runtime/abi/checks.h"

#include <ctype.h>
#include <string.h>

/* A word that is none of those that may stand there. */
static bool refuse_word(struct sema *s, struct line *l, const struct word *w,
                        const char *const *words, unsigned n)
{
    struct str *names = NEW_N(s->arena, struct str, n);
    struct diag *d = diag_add(s->diags, E0662, w->span, "'%s' does not know '" STR_FMT "'",
                              l->keyword, STR_ARG(w->text));
    for (unsigned i = 0; i < n; i++)
        names[i] = str_of(words[i]);
    diag_suggest(s->diags, d, w->text, names, n);
    return false;
}

static const char *text_take(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a text");
    return w ? str_cstr(s->arena, w->text) : NULL;
}

static struct m_fmt *fmt_take(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a format");
    struct m_fmt *f = w ? fmt_check(s, w, PX_AT_CHECK) : NULL;
    if (f)
        f->is_raw = true;
    return f;
}

static struct m_fmt *constant_take(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a text");
    return w ? fmt_constant(s, w->text) : NULL;
}

static bool hex_take(struct sema *s, struct line *l, struct str *bytes)
{
    const struct word *w = line_expect(s, l, "bytes in hexadecimal");
    if (!w)
        return false;
    char *out = NEW_N(s->arena, char, w->text.len / 2 + 1);
    bool good = w->text.len && w->text.len % 2 == 0;
    for (size_t i = 0; good && i < w->text.len; i++) {
        char c = w->text.p[i], low = (char)tolower((unsigned char)c);
        int digit = isdigit((unsigned char)c) ? c - '0' : low - 'a' + 10;
        good = isxdigit((unsigned char)c);
        out[i / 2] = (char)(i % 2 ? out[i / 2] << 4 | digit : digit);
    }
    if (!good)
        diag_add(s->diags, E0664, w->span,
                 "'" STR_FMT "' is not a sequence of bytes in hexadecimal", STR_ARG(w->text));
    *bytes = (struct str){out, w->text.len / 2};
    return good;
}

/* ---- connect ---- */

static bool port_take(struct sema *s, struct line *l, struct m_check_rule *r)
{
    const struct word *w = line_peek(l);
    if (w && isdigit((unsigned char)w->text.p[0])) {
        l->at++;
        return number_value(s, w, "port", 1, 65535, &r->port);
    }
    r->port_expr = expr_take(s, l, PX_AT_CHECK);
    return r->port_expr;
}

static bool addr_take(struct sema *s, struct line *l, struct m_check_rule *r)
{
    const struct word *w = line_expect(s, l, "an IP address");
    struct address *list;
    if (!w || !address_parse(s->arena, s->diags, s->config->env, w, ADDRESS_PORT_ZERO, &list))
        return false;
    r->addr = list->endpoint;
    return true;
}

static bool connect_word(struct sema *s, struct line *l, struct m_check_rule *r)
{
    static const char *const words[] = {"default", "port",    "addr",
                                        "linger",  "comment", "send-proxy"};
    static const char *const later[] = {"ssl", "sni", "alpn", "via-socks4", "proto"};
    if (line_take(l, "default"))
        return (r->inherits = true);
    if (line_take(l, "send-proxy"))
        return (r->send_proxy = true);
    if (line_take(l, "linger"))
        return (r->linger = true);
    if (line_take(l, "port"))
        return port_take(s, l, r);
    if (line_take(l, "addr"))
        return addr_take(s, l, r);
    if (line_take(l, "comment"))
        return (r->comment = text_take(s, l)) != NULL;
    const struct word *w = line_next(l);
    for (unsigned i = 0; i < COUNT(later); i++)
        if (str_is(w->text, later[i])) {
            diag_add(s->diags, E0301, w->span, "'%s' in '%s' is not supported yet", later[i],
                     l->keyword);
            l->at = l->n;
            return false;
        }
    return refuse_word(s, l, w, words, COUNT(words));
}

static bool connect_take(struct sema *s, struct line *l, struct m_check_rule *r)
{
    while (line_peek(l))
        if (!connect_word(s, l, r))
            return false;
    return true;
}

/* ---- send ---- */

static bool send_take(struct sema *s, struct line *l, struct m_check_rule *r, struct str how)
{
    struct str bytes;
    if (str_is(how, "send-binary")) {
        if (!hex_take(s, l, &bytes))
            return false;
        r->data = fmt_constant(s, bytes);
    } else {
        r->data_is_hex = str_is(how, "send-binary-lf");
        r->data = str_is(how, "send") ? constant_take(s, l) : fmt_take(s, l);
    }
    if (r->data && line_take(l, "comment") && !(r->comment = text_take(s, l)))
        return false;
    return r->data;
}

static bool is_version(struct sema *s, struct str version, struct span at)
{
    if (str_is(version, "HTTP/1.0") || str_is(version, "HTTP/1.1"))
        return true;
    diag_add(s->diags, E0666, at, "checks speak HTTP/1.0 or HTTP/1.1, not '" STR_FMT "'",
             STR_ARG(version));
    return false;
}

static bool is_token(struct str t)
{
    for (size_t i = 0; i < t.len; i++)
        if (!isalnum((unsigned char)t.p[i]) && !strchr("!#$%&'*+-.^_`|~", t.p[i]))
            return false;
    return t.len;
}

/* Of a target that begins with something computed, that cannot be said. */
static bool is_path(struct sema *s, const struct word *w)
{
    char c = w->text.len ? w->text.p[0] : 0;
    bool good = c == '/' || c == '*' || c == '%';
    for (size_t i = 0; i < w->text.len; i++)
        good = good && (unsigned char)w->text.p[i] > ' ';
    if (!good)
        diag_add(s->diags, E0666, w->span, "'" STR_FMT "' is not the path of a request",
                 STR_ARG(w->text));
    return good;
}

static bool method_take(struct sema *s, const struct word *w, struct m_check_rule *r)
{
    if (!is_token(w->text)) {
        diag_add(s->diags, E0666, w->span, "'" STR_FMT "' is not a method", STR_ARG(w->text));
        return false;
    }
    r->method = str_cstr(s->arena, w->text);
    return true;
}

static bool field_add(struct sema *s, struct m_check_rule *r, struct str name, struct m_fmt *value,
                      struct span at)
{
    if (str_is_nocase(name, "content-length") || str_is_nocase(name, "transfer-encoding")) {
        diag_add(s->diags, E0666, at, "'" STR_FMT "' is the business of the check itself",
                 STR_ARG(name));
        return false;
    }
    VEC_ADD(s->arena, &r->fields, ((struct m_check_field){name_intern(s, name), value}));
    return true;
}

static bool field_take(struct sema *s, struct line *l, struct m_check_rule *r)
{
    const struct word *w = line_expect(s, l, "a header name and a value");
    if (!w || !header_name_is_good(s, w))
        return false;
    struct m_fmt *value = fmt_take(s, l);
    return value && field_add(s, r, w->text, value, w->span);
}

static bool request_word(struct sema *s, struct line *l, struct m_check_rule *r)
{
    static const char *const words[] = {"meth", "uri",  "uri-lf",  "ver",
                                        "hdr",  "body", "body-lf", "comment"};
    const struct word *w;
    if (line_take(l, "hdr"))
        return field_take(s, l, r);
    if (line_take(l, "comment"))
        return (r->comment = text_take(s, l)) != NULL;
    if (line_take(l, "body"))
        return (r->body = constant_take(s, l)) != NULL;
    if (line_take(l, "body-lf"))
        return (r->body = fmt_take(s, l)) != NULL;
    if (line_take(l, "meth"))
        return (w = line_expect(s, l, "a method")) && method_take(s, w, r);
    if (line_take(l, "uri"))
        return (w = line_expect(s, l, "a path")) && is_path(s, w) &&
               (r->uri = fmt_constant(s, w->text));
    if (line_take(l, "uri-lf"))
        return line_peek(l) && !is_path(s, line_peek(l)) ? false
                                                         : (r->uri = fmt_take(s, l)) != NULL;
    if (line_take(l, "ver")) {
        w = line_expect(s, l, "a version");
        r->version = w ? str_cstr(s->arena, w->text) : NULL;
        return w && is_version(s, w->text, w->span);
    }
    return refuse_word(s, l, line_next(l), words, COUNT(words));
}

static bool request_take(struct sema *s, struct line *l, struct m_check_rule *r)
{
    while (line_peek(l))
        if (!request_word(s, l, r))
            return false;
    return true;
}

/* ---- expect ---- */

static bool status_take(struct sema *s, struct line *l, const char **status,
                        const char *const *codes, unsigned n)
{
    const struct word *w = line_expect(s, l, "the code of a status");
    for (unsigned i = 0; w && i < n; i++)
        if (str_is(w->text, codes[i])) {
            *status = codes[i];
            return true;
        }
    return w && refuse_word(s, l, w, codes, n);
}

/* 0: no option; -1: reported. */
static int option_of_expect(struct sema *s, struct line *l, struct m_check_rule *r)
{
    static const char *const good[] = {"L7OK", "L7OKC", "L6OK", "L4OK"};
    static const char *const bad[] = {"L7RSP", "L7OKC", "L7STS", "L6RSP", "L4CON"};
    static const char *const late[] = {"L7TOUT", "L6TOUT", "L4TOUT"};
    const struct word *w;
    if (line_take(l, "min-recv"))
        return (w = line_expect(s, l, "a number of bytes")) &&
                       number_value(s, w, "min-recv", -1, INT32_MAX, &r->min_recv)
                   ? 1
                   : -1;
    if (line_take(l, "comment"))
        return (r->comment = text_take(s, l)) ? 1 : -1;
    if (line_take(l, "ok-status"))
        return status_take(s, l, &r->ok, good, COUNT(good)) ? 1 : -1;
    if (line_take(l, "error-status"))
        return status_take(s, l, &r->error, bad, COUNT(bad)) ? 1 : -1;
    if (line_take(l, "tout-status"))
        return status_take(s, l, &r->tout, late, COUNT(late)) ? 1 : -1;
    if (line_take(l, "on-success"))
        return (r->on_success = fmt_take(s, l)) ? 1 : -1;
    if (line_take(l, "on-error"))
        return (r->on_error = fmt_take(s, l)) ? 1 : -1;
    if (line_take(l, "status-code"))
        return (r->code = expr_take(s, l, PX_AT_CHECK)) ? 1 : -1;
    return 0;
}

static struct m_regex *regex_take(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a regular expression");
    struct m_regex *re = w ? regex_intern(s, w->text, false, w->span) : NULL;
    if (re)
        re->needed = "a check looks for it";
    return re;
}

static bool range_add(struct sema *s, struct m_check_rule *r, struct str part)
{
    const char *dash = memchr(part.p, '-', part.len);
    size_t at = dash ? (size_t)(dash - part.p) : part.len;
    int64_t low, high;
    if (value_int(str_cut(part, 0, at), &low) != VALUE_OK)
        return false;
    high = low;
    if (dash && value_int(str_cut(part, at + 1, part.len), &high) != VALUE_OK)
        return false;
    if (low < 100 || high > 999 || low > high)
        return false;
    VEC_ADD(s->arena, &r->ranges, ((struct m_check_range){(unsigned)low, (unsigned)high}));
    return true;
}

static bool ranges_take(struct sema *s, struct line *l, struct m_check_rule *r)
{
    const struct word *w = line_expect(s, l, "statuses");
    if (!w)
        return false;
    for (size_t from = 0; from <= w->text.len;) {
        const char *comma = memchr(w->text.p + from, ',', w->text.len - from);
        size_t to = comma ? (size_t)(comma - w->text.p) : w->text.len;
        if (!range_add(s, r, str_cut(w->text, from, to))) {
            diag_add(s->diags, E0665, word_span(w, from, to),
                     "'" STR_FMT "' is neither a status nor a range of them",
                     STR_ARG(str_cut(w->text, from, to)));
            return false;
        }
        from = to + 1;
    }
    return true;
}

/* "[-m METHOD] TEXT", computed if lf. */
static bool compared_take(struct sema *s, struct line *l, struct m_check_text *t, bool lf)
{
    static const char *const methods[] = {[PX_WORD_STR] = "str",
                                          [PX_WORD_BEG] = "beg",
                                          [PX_WORD_END] = "end",
                                          [PX_WORD_SUB] = "sub",
                                          [PX_WORD_REG] = "reg"};
    t->how = PX_WORD_STR;
    if (line_take(l, "-m")) {
        const struct word *w = line_expect(s, l, "a matching method");
        if (!w)
            return false;
        for (t->how = 0; t->how < COUNT(methods) && !str_is(w->text, methods[t->how]);)
            t->how++;
        if (t->how == COUNT(methods))
            return refuse_word(s, l, w, methods, COUNT(methods));
    }
    if (t->how == PX_WORD_REG)
        return (t->regex = regex_take(s, l)) != NULL;
    t->fmt = lf ? fmt_take(s, l) : constant_take(s, l);
    return t->fmt;
}

static bool header_take(struct sema *s, struct line *l, struct m_check_rule *r)
{
    bool lf = line_take(l, "name-lf");
    if (!lf && !line_take(l, "name")) {
        const struct word *w = line_expect(s, l, "'name' or 'name-lf'");
        static const char *const words[] = {"name", "name-lf"};
        return w && refuse_word(s, l, w, words, COUNT(words));
    }
    if (!compared_take(s, l, &r->name, lf))
        return false;
    lf = line_take(l, "value-lf");
    return (!lf && !line_take(l, "value")) || compared_take(s, l, &r->value, lf);
}

static bool pattern_of(struct sema *s, struct line *l, struct m_check_rule *r)
{
    const struct word *w;
    switch (r->match) {
    case PX_EXPECT_STRING:
    case PX_EXPECT_BODY:
        w = line_expect(s, l, "a text");
        if (w)
            r->text = w->text;
        return w;
    case PX_EXPECT_BINARY:
        return hex_take(s, l, &r->text);
    case PX_EXPECT_REGEX:
    case PX_EXPECT_HEX_REGEX:
    case PX_EXPECT_BODY_REGEX:
    case PX_EXPECT_STATUS_REGEX:
        return (r->regex = regex_take(s, l)) != NULL;
    case PX_EXPECT_STATUS:
        return ranges_take(s, l, r);
    case PX_EXPECT_FIELD:
        return header_take(s, l, r);
    default:
        return (r->fmt = fmt_take(s, l)) != NULL;
    }
}

static const struct {
    const char *word;
    int tcp, http; /* enum px_check_match; -1: not there */
} matches[] = {
    {"string", PX_EXPECT_STRING, PX_EXPECT_BODY},
    {"rstring", PX_EXPECT_REGEX, PX_EXPECT_BODY_REGEX},
    {"string-lf", PX_EXPECT_STRING_FMT, PX_EXPECT_BODY_FMT},
    {"binary", PX_EXPECT_BINARY, -1},
    {"rbinary", PX_EXPECT_HEX_REGEX, -1},
    {"binary-lf", PX_EXPECT_HEX_FMT, -1},
    {"status", -1, PX_EXPECT_STATUS},
    {"rstatus", -1, PX_EXPECT_STATUS_REGEX},
    {"hdr", -1, PX_EXPECT_FIELD},
    {"fhdr", -1, PX_EXPECT_FIELD},
};

static bool match_take(struct sema *s, struct line *l, struct m_check_rule *r, bool http)
{
    const struct word *w = line_expect(s, l, "what the answer has to be");
    const char *words[COUNT(matches)];
    unsigned n = 0;
    for (unsigned i = 0; w && i < COUNT(matches); i++) {
        int match = http ? matches[i].http : matches[i].tcp;
        if (match < 0)
            continue;
        words[n++] = matches[i].word;
        if (!str_is(w->text, matches[i].word))
            continue;
        r->match = (unsigned)match;
        r->full = str_is(w->text, "fhdr");
        return pattern_of(s, l, r);
    }
    return w && refuse_word(s, l, w, words, n);
}

static bool expect_take(struct sema *s, struct line *l, struct m_check_rule *r, bool http)
{
    int took;
    r->min_recv = -1;
    while (line_peek(l) && (took = option_of_expect(s, l, r)))
        if (took < 0)
            return false;
    while (line_take(l, "!"))
        r->inverse = !r->inverse;
    return match_take(s, l, r, http);
}

/* ---- variables ---- */

static bool set_take(struct sema *s, struct line *l, struct m_check_rule *r, struct str how)
{
    struct call call;
    const struct word *w = &l->words[l->at - 1];
    if (!call_parse(&s->syntax, w, &call))
        return false;
    if (!call.nargs || !call.args[0].text.len) {
        diag_add(s->diags, E0542, w->span,
                 "'%s' expects a variable in parentheses, as in (check.x)", l->keyword);
        return false;
    }
    bool unset = str_is(how, "unset-var");
    r->var = var_intern(s, call.args[0].text, call.args[0].span);
    if (unset && call.nargs > 1) {
        diag_add(s->diags, E0430, call.args[1].span, "'unset-var' takes no conditions");
        return false;
    }
    for (unsigned i = 1; r->var && i < call.nargs; i++)
        if (!cond_of_var(s, &call.args[i], &r->var_conds))
            return false;
    if (!r->var || unset)
        return r->var;
    if (str_is(how, "set-var"))
        return (r->var_expr = expr_take(s, l, PX_AT_CHECK)) != NULL;
    return (r->var_fmt = fmt_take(s, l)) != NULL;
}

/* ---- lines ---- */

/* The word behind "tcp-check", without parentheses. */
static struct str action_word(const struct line *l)
{
    struct str w = l->words[l->at - 1].text;
    const char *paren = memchr(w.p, '(', w.len);
    return paren ? str_cut(w, 0, (size_t)(paren - w.p)) : w;
}

bool check_rule_take(struct sema *s, struct line *l, struct m_check_rule *r, bool http)
{
    struct str how = action_word(l);
    if (str_is(how, "comment")) {
        r->is_comment = true;
        return (r->comment = text_take(s, l)) != NULL;
    }
    if (str_is(how, "connect")) {
        r->action = PX_STEP_CONNECT;
        return connect_take(s, l, r);
    }
    if (str_is(how, "expect")) {
        r->action = PX_STEP_EXPECT;
        return expect_take(s, l, r, http);
    }
    if (str_begins(how, "send")) {
        r->action = http ? PX_STEP_REQUEST : PX_STEP_SEND;
        return http ? request_take(s, l, r) : send_take(s, l, r, how);
    }
    r->action = PX_STEP_SET;
    return set_take(s, l, r, how);
}

/* Those of a section replace all of its defaults section. */
static void rule_append(struct sema *s, struct m_check_rules *rules, struct m_check_rule *r)
{
    if (rules->section != s->section)
        *rules = (struct m_check_rules){.section = s->section};
    VEC_ADD(s->arena, &rules->v, r);
}

void check_rule_parse(struct sema *s, struct line *l)
{
    bool http = str_begins(str_of(l->keyword), "http-check");
    struct m_check_rule *r = NEW(s->arena, struct m_check_rule);
    r->span = l->span;
    s->in_check = true;
    if (check_rule_take(s, l, r, http) && line_end(s, l))
        rule_append(s, http ? &s->in->checking.http : &s->in->checking.tcp, r);
    s->in_check = false;
}

/* ---- option httpchk ---- */

/* "HTTP/1.1\r\nHost: www": what HAProxy took before there was http-check send. */
static bool old_fields(struct sema *s, struct m_check_rule *r, struct str text, struct span at)
{
    while (text.len) {
        const char *end = memchr(text.p, '\n', text.len);
        size_t n = end ? (size_t)(end - text.p) : text.len;
        struct str line = str_cut(text, 0, n);
        text = str_cut(text, end ? n + 1 : n, text.len);
        if (line.len && line.p[line.len - 1] == '\r')
            line.len--;
        if (!line.len)
            break;
        const char *colon = memchr(line.p, ':', line.len);
        size_t c = colon ? (size_t)(colon - line.p) : 0;
        if (!c || !is_token(str_cut(line, 0, c))) {
            diag_add(s->diags, E0666, at, "'" STR_FMT "' is not a header field", STR_ARG(line));
            return false;
        }
        struct str name = str_cut(line, 0, c), value = str_cut(line, c + 1, line.len);
        while (value.len && value.p[0] == ' ')
            value = str_cut(value, 1, value.len);
        if (!str_is_nocase(name, "content-length") &&
            !field_add(s, r, name, fmt_constant(s, value), at))
            return false;
    }
    if (text.len)
        r->body = fmt_constant(s, text);
    return true;
}

static bool old_version(struct sema *s, const struct word *w, struct m_check_rule *r)
{
    const char *end = memchr(w->text.p, '\r', w->text.len);
    size_t n = end ? (size_t)(end - w->text.p) : w->text.len;
    struct str version = str_cut(w->text, 0, n), rest = str_cut(w->text, n, w->text.len);
    if (!is_version(s, version, w->span))
        return false;
    r->version = str_cstr(s->arena, version);
    if (!rest.len)
        return true;
    struct diag *d = diag_add(s->diags, W0330, w->span, "header fields hidden in the version");
    diag_help(s->diags, d, "write 'http-check send hdr NAME VALUE'");
    return old_fields(s, r, str_cut(rest, str_begins(rest, "\r\n") ? 2 : 1, rest.len), w->span);
}

static bool httpchk_take(struct sema *s, struct line *l, struct m_check_rule *r)
{
    const struct word *first = line_next(l), *second = line_next(l), *version = line_next(l);
    const struct word *host = line_next(l), *uri = second ? second : first;
    if (second && !method_take(s, first, r))
        return false;
    if (uri && !is_path(s, uri))
        return false;
    if (uri)
        r->uri = fmt_constant(s, uri->text);
    if (version && !old_version(s, version, r))
        return false;
    return !host || field_add(s, r, STR("host"), fmt_constant(s, host->text), host->span);
}

void option_httpchk(struct sema *s, struct line *l)
{
    struct m_checking *c = &s->in->checking;
    struct m_check_rule *r = NEW(s->arena, struct m_check_rule);
    r->span = l->span;
    r->action = PX_STEP_REQUEST;
    if (!httpchk_take(s, l, r) || !line_end(s, l))
        return;
    c->type = l->negated || l->reset ? CHECK_CONNECTION : CHECK_HTTP;
    c->request = r;
    c->span = l->span;
}

void option_external_check(struct sema *s, struct line *l)
{
    if (!line_end(s, l))
        return;
    s->in->checking.type = l->negated || l->reset ? CHECK_CONNECTION : CHECK_PROGRAM;
    s->in->checking.span = l->span;
}

void option_tcp_check(struct sema *s, struct line *l)
{
    if (!line_end(s, l))
        return;
    s->in->checking.type = l->negated || l->reset ? CHECK_CONNECTION : CHECK_TCP;
    s->in->checking.span = l->span;
}
