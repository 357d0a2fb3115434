/*
 * Directives of proxies that are not scalar settings, lists or rules.
 */
#include "proxy.h"
#include "context.h"

#include <string.h>

/* ---- mode ---- */

void mode_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "'http' or 'tcp'");
    if (!w || !line_end(s, l))
        return;
    if (!str_is(w->text, "http") && !str_is(w->text, "tcp")) {
        bool log = str_is(w->text, "log") || str_is(w->text, "spop") || str_is(w->text, "syslog");
        struct diag *d = diag_add(s->diags, log ? E0302 : E0380, w->span,
                                  log ? "mode '" STR_FMT "' is not supported by proxyc"
                                      : "'" STR_FMT "' is not a mode",
                                  STR_ARG(w->text));
        struct str modes[] = {STR("http"), STR("tcp")};
        diag_suggest(s->diags, d, w->text, modes, COUNT(modes));
        diag_note(s->diags, d, "modes are 'http' and 'tcp'");
        s->in->is_http = !log && diag_nearest(w->text, modes, COUNT(modes)).p != modes[1].p;
        return;
    }
    s->in->is_http = str_is(w->text, "http");
    s->in->mode_span = l->span;
}

/* ---- backends ---- */

void default_backend_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "the name of a backend");
    if (!w)
        return;
    struct m_cond *cond = cond_take(s, l, s->in->is_http ? PX_AT_REQ_HTTP : PX_AT_REQ_TCP);
    if (cond) {
        struct diag *d =
            diag_add(s->diags, E0560, cond->span, "'default_backend' does not take a condition");
        diag_note(s->diags, d, "use 'use_backend " STR_FMT " if ...' for that", STR_ARG(w->text));
        return;
    }
    if (!line_end(s, l))
        return;
    s->in->default_backend = w->text;
    s->in->default_backend_span = w->span;
}

static bool is_computed(const struct word *w)
{
    return memchr(w->text.p, '%', w->text.len);
}

static void route_take(struct sema *s, struct line *l, struct m_route *r, const char *what)
{
    enum px_phase phase = s->in->is_http ? PX_AT_REQ_HTTP : PX_AT_REQ_TCP;
    const struct word *w = line_expect(s, l, what);
    *r = (struct m_route){.span = l->span};
    if (!w)
        return;
    r->target = w->text;
    r->target_span = w->span;
    if (is_computed(w))
        r->name = fmt_check(s, w, phase);
    r->cond = cond_take(s, l, phase);
    line_end(s, l);
}

void use_backend_parse(struct sema *s, struct line *l)
{
    struct m_route r;
    route_take(s, l, &r, "the name of a backend");
    if (r.target.len)
        VEC_ADD(s->arena, &s->proxy->use_backend, r);
}

void use_server_parse(struct sema *s, struct line *l)
{
    struct m_route r;
    route_take(s, l, &r, "the name of a server");
    if (!r.target.len)
        return;
    if (!r.cond) {
        diag_add(s->diags, E0561, l->span,
                 "'use-server' requires 'if' or 'unless' with a condition");
        return;
    }
    VEC_ADD(s->arena, &s->proxy->use_server, r);
}

/* ---- rules ---- */

void http_request_parse(struct sema *s, struct line *l)
{
    rule_add(s, l, PX_AT_REQ_HTTP);
}

void http_response_parse(struct sema *s, struct line *l)
{
    rule_add(s, l, PX_AT_RES_HTTP);
}

void http_after_response_parse(struct sema *s, struct line *l)
{
    rule_add(s, l, PX_AT_AFTER);
}

void tcp_request_connection_parse(struct sema *s, struct line *l)
{
    rule_add(s, l, PX_AT_CONN);
}

void tcp_request_session_parse(struct sema *s, struct line *l)
{
    rule_add(s, l, PX_AT_SESS);
}

void tcp_request_content_parse(struct sema *s, struct line *l)
{
    rule_add(s, l, PX_AT_REQ_TCP);
}

void tcp_response_content_parse(struct sema *s, struct line *l)
{
    rule_add(s, l, PX_AT_RES_TCP);
}

/* The statement of old: no formats in it, and it runs after all http-request rules. */
void redirect_parse(struct sema *s, struct line *l)
{
    struct m_rule *r = NEW(s->arena, struct m_rule);
    const struct vocab_entry *e = vocab_find(s->vocab, SPACE_ACTION, STR("redirect"));
    *r = (struct m_rule){.phase = PX_AT_REQ_HTTP, .action = e->row, .span = l->span};
    r->args[0].kind = ARG_REDIRECT;
    r->args[0].redirect = redirect_take(s, l, true, PX_AT_REQ_HTTP);
    if (!r->args[0].redirect)
        return;
    r->cond = cond_take(s, l, PX_AT_REQ_HTTP);
    if (line_end(s, l))
        VEC_ADD(s->arena, &s->proxy->redirects, r);
}

void monitor_fail_parse(struct sema *s, struct line *l)
{
    struct m_cond *cond = cond_take(s, l, PX_AT_REQ_HTTP);
    if (!cond)
        diag_add(s->diags, E0561, l->span,
                 "'monitor fail' requires 'if' or 'unless' with a condition");
    else if (line_end(s, l))
        VEC_ADD(s->arena, &s->proxy->monitor_fail, cond);
}

/* ---- errors ---- */

static bool error_status(struct sema *s, const struct word *w, unsigned *status)
{
    uint64_t v;
    if (value_uint(w->text, 999, &v) == VALUE_OK && status_has_page((unsigned)v)) {
        *status = (unsigned)v;
        return true;
    }
    diag_add(s->diags, E0562, w->span, "there is no error page for '" STR_FMT "'",
             STR_ARG(w->text));
    return false;
}

static void error_set(struct sema *s, unsigned status, struct m_reply *reply, struct span at)
{
    if (reply)
        VEC_ADD(s->arena, &s->in->errors, ((struct m_error){status, reply, at}));
}

void errorfile_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a status and a file");
    const struct word *file = w ? line_expect(s, l, "a file") : NULL;
    unsigned status;
    if (file && error_status(s, w, &status) && line_end(s, l))
        error_set(s, status, errorfile_load(s, status, file), l->span);
}

/* The value of "status", wherever it stands; NULL: there is none. */
static const struct word *status_of(const struct line *l)
{
    for (unsigned i = l->at; i + 1 < l->n; i += 2) {
        struct str word = l->words[i].text;
        if (str_is(word, "status"))
            return &l->words[i + 1];
        if (str_is(word, "hdr"))
            i++;
        else if (str_is(word, "default-errorfiles"))
            i--;
    }
    return NULL;
}

/* Like the answer of a rule, kept for an error. */
void http_error_parse(struct sema *s, struct line *l)
{
    const struct word *w = status_of(l);
    unsigned status;
    if (!w) {
        diag_add(s->diags, E0310, l->span, "'http-error' expects 'status' and a status");
        return;
    }
    if (!error_status(s, w, &status))
        return;
    struct m_reply *reply = reply_take(s, l, PX_AT_ERROR, status, "status");
    if (reply && line_end(s, l))
        error_set(s, status, reply, l->span);
}

static void errorloc_take(struct sema *s, struct line *l, unsigned code)
{
    const struct word *w = line_expect(s, l, "a status and a URL");
    const struct word *url = w ? line_expect(s, l, "a URL") : NULL;
    unsigned status;
    if (url && error_status(s, w, &status) && line_end(s, l))
        error_set(s, status, errorloc_reply(s, status, code, url->text), l->span);
}

void errorloc_parse(struct sema *s, struct line *l)
{
    errorloc_take(s, l, 302);
}

void errorloc303_parse(struct sema *s, struct line *l)
{
    errorloc_take(s, l, 303);
}

void errorfiles_parse(struct sema *s, struct line *l)
{
    const struct word *name = line_expect(s, l, "the name of an http-errors section");
    const struct m_http_errors *e = name ? http_errors_find(s, name) : NULL;
    if (!e)
        return;
    bool all = !line_peek(l);
    for (unsigned i = 0; all && i < e->pages.n; i++)
        error_set(s, e->pages.v[i].status, e->pages.v[i].reply, l->span);
    for (const struct word *w; (w = line_next(l));) {
        unsigned status;
        if (!error_status(s, w, &status))
            continue;
        struct m_reply *page = http_errors_page(s, name, status, w->span);
        error_set(s, status, page, l->span);
    }
}

struct m_http_errors *http_errors_find(struct sema *s, const struct word *name)
{
    struct m_http_errors *e = map_get(&s->http_errors, name->text);
    if (e || map_get(&s->lost, name->text))
        return e;
    struct diag *d = diag_add(s->diags, E0563, name->span,
                              "no http-errors section is named '" STR_FMT "'", STR_ARG(name->text));
    VEC(struct str) names = {0};
    for (unsigned i = 0; i < s->http_errors.entries.n; i++)
        VEC_ADD(s->arena, &names, s->http_errors.entries.v[i].key);
    diag_suggest(s->diags, d, name->text, names.v, names.n);
    return NULL;
}

struct m_reply *http_errors_page(struct sema *s, const struct word *name, unsigned status,
                                 struct span at)
{
    const struct m_http_errors *e = http_errors_find(s, name);
    for (unsigned i = e ? e->pages.n : 0; i-- > 0;)
        if (e->pages.v[i].status == status)
            return e->pages.v[i].reply;
    if (e)
        diag_add(s->diags, W0502, at, "http-errors section '" STR_FMT "' has no page for %u",
                 STR_ARG(name->text), status);
    return NULL;
}

/* ---- captures ---- */

static void capture_take(struct sema *s, struct line *l, bool response)
{
    const struct word *name = line_expect(s, l, "a header name and 'len'");
    if (!name || !header_name_is_good(s, name))
        return;
    int64_t len;
    if (!line_take(l, "len")) {
        diag_add(s->diags, E0310, l->span, "'%s' expects 'len' and a number", l->keyword);
        return;
    }
    const struct word *w = line_expect(s, l, "a length");
    if (!w || !number_value(s, w, "len", 1, 65535, &len) || !line_end(s, l))
        return;
    struct m_capture c = {name_intern(s, name->text), (unsigned)len, l->span};
    if (response)
        VEC_ADD(s->arena, &s->proxy->captures_res, c);
    else
        VEC_ADD(s->arena, &s->proxy->captures_req, c);
}

void capture_request_parse(struct sema *s, struct line *l)
{
    capture_take(s, l, false);
}

void capture_response_parse(struct sema *s, struct line *l)
{
    capture_take(s, l, true);
}

/* The text is how the cookie begins; an equal sign at its end makes it a name. */
void capture_cookie_parse(struct sema *s, struct line *l)
{
    const struct word *name = line_expect(s, l, "the beginning of a cookie and 'len'");
    int64_t len;
    if (!name)
        return;
    if (!line_take(l, "len")) {
        diag_add(s->diags, E0310, l->span, "'%s' expects 'len' and a number", l->keyword);
        return;
    }
    const struct word *w = line_expect(s, l, "a length");
    if (!w || !number_value(s, w, "len", 1, 65535, &len) || !line_end(s, l))
        return;
    s->proxy->cookie = (struct m_capture_cookie){name->text, (unsigned)len, w->span};
}

void declare_capture_parse(struct sema *s, struct line *l)
{
    bool request = line_take(l, "request");
    if (!request && !line_take(l, "response")) {
        diag_add(s->diags, E0310, l->span, "'declare capture' expects 'request' or 'response'");
        return;
    }
    int64_t len;
    const struct word *w = line_take(l, "len") ? line_expect(s, l, "a length") : NULL;
    if (!w) {
        diag_add(s->diags, E0310, l->span, "'declare capture' expects 'len' and a number");
        return;
    }
    if (!number_value(s, w, "len", 1, 65535, &len) || !line_end(s, l))
        return;
    struct m_capture c = {NULL, (unsigned)len, l->span};
    if (request)
        VEC_ADD(s->arena, &s->proxy->captures_req, c);
    else
        VEC_ADD(s->arena, &s->proxy->captures_res, c);
}

unsigned capture_add(struct sema *s, unsigned len, struct span at)
{
    VEC_ADD(s->arena, &s->proxy->captures_req, ((struct m_capture){NULL, len, at}));
    return s->proxy->captures_req.n - 1;
}

/* ---- others ---- */

void disabled_parse(struct sema *s, struct line *l)
{
    if (line_end(s, l))
        s->in->disabled = true;
}

void enabled_parse(struct sema *s, struct line *l)
{
    if (line_end(s, l))
        s->in->disabled = false;
}

void id_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a number");
    int64_t id;
    if (!w || !number_value(s, w, "id", 1, INT32_MAX, &id) || !line_end(s, l))
        return;
    s->proxy->id = (unsigned)id;
    s->proxy->id_span = w->span;
}

void bind_parse(struct sema *s, struct line *l)
{
    bind_parse_line(s, l, false);
}

void log_parse(struct sema *s, struct line *l)
{
    log_parse_line(s, l, false);
}
