/*
 * Responses that rules give: return, deny, tarpit, auth; errorfile and errorloc; redirect.
 */
#include "proxy.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static struct m_reply *reply_new(struct sema *s, unsigned status, struct span at)
{
    struct m_reply *r = NEW(s->arena, struct m_reply);
    *r = (struct m_reply){.status = status, .span = at, .number = s->model->replies.n};
    VEC_ADD(s->arena, &s->model->replies, r);
    return r;
}

static const unsigned error_statuses[] = {
#define STATUS(n) n,
    PX_ERROR_STATUSES(STATUS)
#undef STATUS
};

bool status_has_page(unsigned status)
{
    for (unsigned i = 0; i < COUNT(error_statuses); i++)
        if (error_statuses[i] == status)
            return true;
    return false;
}

/* ---- the words of return and its like ---- */

struct reply_words {
    struct sema *s;
    struct line *l;
    enum px_phase phase;
    struct m_reply *reply;
    const struct word *payload; /* the word that gave the body */
    const struct word *status;  /* NULL: it was not given */
    const char *status_word;
    bool default_page;
    bool by_status;      /* "status" was given, not the older word */
    struct m_reply *own; /* the fields of "hdr", which error files do without */
};

static bool word_status(struct reply_words *x)
{
    const struct word *w = line_expect(x->s, x->l, "a status");
    int64_t status;
    if (!w || !number_value(x->s, w, "status", 200, 599, &status))
        return false;
    x->status = w;
    x->reply->status = (unsigned)status;
    return true;
}

static bool word_content_type(struct reply_words *x)
{
    const struct word *w = line_expect(x->s, x->l, "a content type");
    x->reply->type = w ? fmt_constant(x->s, w->text) : NULL;
    return w;
}

static const struct word *take_payload(struct reply_words *x, const char *what)
{
    const struct word *kind = &x->l->words[x->l->at - 1];
    if (x->payload) {
        struct diag *d = diag_add(x->s->diags, E0550, kind->span, "a second payload");
        diag_other(x->s->diags, d, x->payload->span, "the first one is here");
        return NULL;
    }
    x->payload = kind;
    return line_expect(x->s, x->l, what);
}

static bool word_string(struct reply_words *x)
{
    const struct word *w = take_payload(x, "a text");
    x->reply->body = w ? fmt_constant(x->s, w->text) : NULL;
    return w;
}

static bool word_lf_string(struct reply_words *x)
{
    const struct word *w = take_payload(x, "a format");
    x->reply->body = w ? fmt_check(x->s, w, x->phase) : NULL;
    return x->reply->body;
}

static struct source *read_file(struct sema *s, const struct word *w)
{
    struct source *src = source_read(s->arena, str_cstr(s->arena, w->text));
    if (!src)
        diag_add(s->diags, E0531, w->span, "cannot read '" STR_FMT "': %s", STR_ARG(w->text),
                 strerror(errno));
    return src;
}

static bool word_file(struct reply_words *x)
{
    const struct word *w = take_payload(x, "a file name");
    struct source *src = w ? read_file(x->s, w) : NULL;
    if (src)
        x->reply->body = fmt_constant(x->s, src->text);
    return src;
}

/* The file is a format; messages about it point into the file. */
static bool word_lf_file(struct reply_words *x)
{
    const struct word *w = take_payload(x, "a file name");
    struct source *src = w ? read_file(x->s, w) : NULL;
    if (!src)
        return false;
    struct word whole = {.text = src->text, .span = {src, 0, (uint32_t)src->text.len}};
    x->reply->body = fmt_check(x->s, &whole, x->phase);
    return x->reply->body;
}

static bool word_errorfile(struct reply_words *x)
{
    const struct word *w = take_payload(x, "a file name");
    struct m_reply *file = w ? errorfile_load(x->s, x->reply->status, w) : NULL;
    if (!file)
        return false;
    unsigned number = x->reply->number;
    *x->reply = *file;
    x->reply->number = number;
    return true;
}

static bool word_errorfiles(struct reply_words *x)
{
    const struct word *w = take_payload(x, "the name of an http-errors section");
    struct m_reply *page = w ? http_errors_page(x->s, w, x->reply->status, w->span) : NULL;
    if (!page)
        return false;
    unsigned number = x->reply->number;
    *x->reply = *page;
    x->reply->number = number;
    return true;
}

static bool word_default_errorfiles(struct reply_words *x)
{
    x->payload = &x->l->words[x->l->at - 1];
    x->default_page = true;
    return true;
}

static bool word_hdr(struct reply_words *x)
{
    const struct word *name = line_expect(x->s, x->l, "a header name");
    const struct word *value = name ? line_expect(x->s, x->l, "a header value") : NULL;
    if (!value || !header_name_is_good(x->s, name))
        return false;
    struct m_reply_hdr h = {name_intern(x->s, name->text), fmt_check(x->s, value, x->phase)};
    if (h.value)
        VEC_ADD(x->s->arena, &x->own->hdrs, h);
    return h.value;
}

static const struct {
    const char *word;
    bool (*take)(struct reply_words *x);
} reply_words[] = {
    {"content-type", word_content_type},
    {"string", word_string},
    {"lf-string", word_lf_string},
    {"file", word_file},
    {"lf-file", word_lf_file},
    {"errorfile", word_errorfile},
    {"errorfiles", word_errorfiles},
    {"default-errorfiles", word_default_errorfiles},
    {"hdr", word_hdr},
};

/* One word with its arguments. 0: it is not ours; -1: reported. */
static int take_reply_word(struct reply_words *x)
{
    bool general = line_take(x->l, "status");
    x->by_status |= general;
    if (general || line_take(x->l, x->status_word))
        return word_status(x) ? 1 : -1;
    for (unsigned i = 0; i < COUNT(reply_words); i++)
        if (line_take(x->l, reply_words[i].word))
            return reply_words[i].take(x) ? 1 : -1;
    return 0;
}

/* What the words say together has to make sense. */
static bool reply_fits(struct reply_words *x, bool is_return)
{
    struct m_reply *r = x->reply;
    struct sema *s = x->s;
    if (x->payload && r->layout == PX_REPLY_FILE)
        return true;
    bool plain = !r->body && !x->own->hdrs.n && !r->type && !x->by_status;
    if (x->default_page || (plain && !is_return)) {
        r->builtin = true;
        if (status_has_page(r->status))
            return true;
        diag_add(s->diags, E0551, x->status ? x->status->span : x->l->span,
                 "there is no error page for status %u", r->status);
        return false;
    }
    bool bodied = x->payload && r->body;
    if (bodied && (r->status == 204 || r->status == 304)) {
        diag_add(s->diags, E0552, x->payload->span, "a response with status %u has no body",
                 r->status);
        return false;
    }
    r->hdrs = x->own->hdrs;
    bool empty = bodied && r->body->is_constant && !r->body->items.n;
    if (bodied && !r->type && !empty) {
        struct diag *d =
            diag_add(s->diags, E0553, x->payload->span, "a payload needs a content type");
        diag_note(s->diags, d, "add 'content-type text/plain', for example");
        return false;
    }
    return true;
}

/* "auth [realm r]": the error page of 401 with a challenge. */
static struct m_reply *auth_reply(struct sema *s, struct line *l, struct m_reply *r)
{
    struct str realm = s->proxy ? s->proxy->name : STR("");
    if (line_take(l, "realm")) {
        const struct word *w = line_expect(s, l, "a realm");
        if (!w)
            return NULL;
        realm = w->text;
    }
    r->builtin = true;
    struct m_reply_hdr h = {
        name_intern(s, STR("www-authenticate")),
        fmt_constant(s, str_printf(s->arena, "Basic realm=\"" STR_FMT "\"", STR_ARG(realm)))};
    VEC_ADD(s->arena, &r->hdrs, h);
    return r;
}

struct m_reply *reply_take(struct sema *s, struct line *l, enum px_phase phase, unsigned status,
                           const char *status_word)
{
    struct reply_words x = {.s = s,
                            .l = l,
                            .phase = phase,
                            .status_word = status_word,
                            .own = NEW(s->arena, struct m_reply),
                            .reply = reply_new(s, status, l->span)};
    if (!status_word)
        return auth_reply(s, l, x.reply);
    int took;
    while ((took = take_reply_word(&x)) > 0)
        continue;
    bool is_return = !strcmp(status_word, "status");
    return took == 0 && reply_fits(&x, is_return) ? x.reply : NULL;
}

/* ---- errorfile: a whole response in a file ---- */

struct raw_response {
    struct sema *s;
    const struct word *path;
    struct str rest;
    struct m_reply *reply;
    int64_t length; /* of its Content-Length, -1: none */
};

static bool raw_wrong(struct raw_response *raw, const char *why)
{
    diag_add(raw->s->diags, E0554, raw->path->span, "'" STR_FMT "' is not a valid response: %s",
             STR_ARG(raw->path->text), why);
    return false;
}

/* The next line, without its LF or CR LF. false: there is none that ends. */
static bool raw_line(struct raw_response *raw, struct str *line)
{
    const char *lf = memchr(raw->rest.p, '\n', raw->rest.len);
    if (!lf)
        return false;
    size_t len = (size_t)(lf - raw->rest.p);
    *line = str_cut(raw->rest, 0, len && lf[-1] == '\r' ? len - 1 : len);
    raw->rest = str_cut(raw->rest, len + 1, raw->rest.len);
    return true;
}

static bool raw_status(struct raw_response *raw, struct str line)
{
    uint64_t status;
    if (line.len < 12 || !str_begins(line, "HTTP/") || line.p[6] != '.' || line.p[8] != ' ' ||
        value_uint(str_cut(line, 9, 12), 999, &status) != VALUE_OK)
        return raw_wrong(raw, "it has to begin with a status line, as in HTTP/1.1 503 Sorry");
    if (status < 200)
        return raw_wrong(raw, "its status is below 200");
    raw->reply->status = (unsigned)status;
    raw->reply->http_10 = line.p[5] == '1' && line.p[7] == '0';
    raw->reply->reason = line.len > 13 ? str_cut(line, 13, line.len) : STR("");
    return true;
}

static struct str trim(struct str v)
{
    size_t from = 0, to = v.len;
    while (from < to && (v.p[from] == ' ' || v.p[from] == '\t'))
        from++;
    while (to > from && (v.p[to - 1] == ' ' || v.p[to - 1] == '\t'))
        to--;
    return str_cut(v, from, to);
}

static bool raw_field(struct raw_response *raw, struct str line)
{
    const char *colon = memchr(line.p, ':', line.len);
    if (!colon || colon == line.p)
        return raw_wrong(raw, "a header line has no name");
    struct str name = str_cut(line, 0, (size_t)(colon - line.p));
    struct str value = trim(str_cut(line, name.len + 1, line.len));
    for (size_t i = 0; i < name.len; i++)
        if (!isgraph((unsigned char)name.p[i]))
            return raw_wrong(raw, "a header name has a space or a control character in it");
    if (str_is_nocase(name, "connection")) { /* said anew for each response */
        raw->reply->says_close |= str_is_nocase(value, "close");
        return true;
    }
    if (str_is_nocase(name, "transfer-encoding"))
        return raw_wrong(raw, "a chunked payload is not supported");
    if (str_is_nocase(name, "content-length") && value_int(value, &raw->length) != VALUE_OK)
        return raw_wrong(raw, "its Content-Length is no number");
    VEC_ADD(raw->s->arena, &raw->reply->hdrs,
            ((struct m_reply_hdr){name_intern(raw->s, name), fmt_constant(raw->s, value)}));
    return true;
}

static bool raw_parse(struct raw_response *raw)
{
    struct str line;
    if (!raw_line(raw, &line))
        return raw_wrong(raw, "it has no status line");
    if (!raw_status(raw, line))
        return false;
    for (;;) {
        if (!raw_line(raw, &line))
            return raw_wrong(raw, "no empty line ends its head");
        if (!line.len)
            break;
        if (!raw_field(raw, line))
            return false;
    }
    if (raw->length >= 0 && (uint64_t)raw->length != raw->rest.len)
        return raw_wrong(raw, "its Content-Length is not that of its payload");
    if (raw->rest.len && (raw->reply->status == 204 || raw->reply->status == 304))
        return raw_wrong(raw, "its status does not allow a payload");
    return true;
}

struct m_reply *errorfile_load(struct sema *s, unsigned status, const struct word *path)
{
    struct m_reply *r = reply_new(s, status, path->span);
    r->layout = PX_REPLY_FILE;
    struct source *src = read_file(s, path);
    if (!src)
        return NULL;
    if (!src->text.len) {
        r->silent = true;
        return r;
    }
    struct raw_response raw = {s, path, src->text, r, -1};
    if (!raw_parse(&raw))
        return NULL;
    r->body = fmt_constant(s, raw.rest);
    r->close = raw.length < 0;
    return r;
}

/* errorloc: the error is answered with a redirect. */
struct m_reply *errorloc_reply(struct sema *s, unsigned status, unsigned code, struct str url)
{
    struct m_reply *r = reply_new(s, code, (struct span){0});
    (void)status;
    r->layout = PX_REPLY_FILE;
    r->reason = code == 302 ? STR("Found") : STR("See Other");
    static const char *const names[] = {"cache-control", "content-length", "location"};
    struct str values[] = {STR("no-cache"), STR("0"), url};
    for (unsigned i = 0; i < COUNT(names); i++)
        VEC_ADD(
            s->arena, &r->hdrs,
            ((struct m_reply_hdr){name_intern(s, str_of(names[i])), fmt_constant(s, values[i])}));
    return r;
}

/* ---- redirect ---- */

static bool redirect_cookie(struct sema *s, struct line *l, struct m_redirect *r, bool clear)
{
    const struct word *w = line_expect(s, l, "a cookie");
    if (w)
        r->cookie = str_printf(s->arena, STR_FMT "; path=/;%s", STR_ARG(w->text),
                               clear ? " Max-Age=0;" : "");
    return w;
}

static bool redirect_target(struct sema *s, struct line *l, struct m_redirect *r, bool literal,
                            enum px_phase phase)
{
    const struct word *w = line_expect(s, l, "a target");
    if (w)
        r->target = literal ? fmt_constant(s, w->text) : fmt_check(s, w, phase);
    return r->target;
}

static bool redirect_code(struct sema *s, struct line *l, struct m_redirect *r)
{
    const struct word *w = line_expect(s, l, "a status");
    int64_t code;
    if (!w || value_int(w->text, &code) != VALUE_OK ||
        (code != 301 && code != 302 && code != 303 && code != 307 && code != 308)) {
        if (w)
            diag_add(s->diags, E0555, w->span,
                     "a redirect has the status 301, 302, 303, 307 or 308, not " STR_FMT,
                     STR_ARG(w->text));
        return false;
    }
    r->code = (unsigned)code;
    return true;
}

static bool redirect_flag(struct line *l, struct m_redirect *r)
{
    if (line_take(l, "drop-query"))
        return r->drop_query = true;
    if (line_take(l, "append-slash"))
        return r->append_slash = true;
    if (line_take(l, "ignore-empty"))
        return r->ignore_empty = true;
    if (line_take(l, "keep-query"))
        return r->keep_query = true;
    return false;
}

/* One word with its argument. 0: it is not ours; -1: reported. */
static int redirect_word(struct sema *s, struct line *l, struct m_redirect *r, bool literal,
                         enum px_phase phase)
{
    static const struct {
        const char *word;
        enum px_redirect_kind kind;
    } kinds[] = {
        {"location", PX_REDIR_LOCATION}, {"prefix", PX_REDIR_PREFIX}, {"scheme", PX_REDIR_SCHEME}};
    for (unsigned i = 0; i < COUNT(kinds); i++) {
        if (!line_take(l, kinds[i].word))
            continue;
        r->kind = (uint8_t)kinds[i].kind;
        return redirect_target(s, l, r, literal, phase) ? 1 : -1;
    }
    if (line_take(l, "code"))
        return redirect_code(s, l, r) ? 1 : -1;
    if (line_take(l, "set-cookie"))
        return redirect_cookie(s, l, r, false) ? 1 : -1;
    if (line_take(l, "clear-cookie"))
        return redirect_cookie(s, l, r, true) ? 1 : -1;
    if (line_has_later(s, l, "set-cookie-fmt"))
        return -1;
    return redirect_flag(l, r);
}

const struct m_redirect *redirect_to_prefix(struct sema *s, struct str prefix, struct span at)
{
    struct m_redirect *r = NEW(s->arena, struct m_redirect);
    *r = (struct m_redirect){.kind = PX_REDIR_PREFIX,
                             .code = 302,
                             .target = fmt_constant(s, prefix),
                             .number = s->model->redirects.n,
                             .span = at};
    VEC_ADD(s->arena, &s->model->redirects, r);
    return r;
}

struct m_redirect *redirect_take(struct sema *s, struct line *l, bool literal, enum px_phase phase)
{
    struct m_redirect *r = NEW(s->arena, struct m_redirect);
    *r = (struct m_redirect){.code = 302, .number = s->model->redirects.n, .span = l->span};
    int took;
    while ((took = redirect_word(s, l, r, literal, phase)) > 0)
        continue;
    if (took < 0)
        return NULL;
    if (!r->target) {
        diag_add(s->diags, E0556, l->span,
                 "a redirect needs a target: 'location', 'prefix' or 'scheme'");
        return NULL;
    }
    if (phase == PX_AT_RES_HTTP && r->kind != PX_REDIR_LOCATION) {
        diag_add(s->diags, E0557, l->span, "a redirect in a response needs 'location'");
        return NULL;
    }
    VEC_ADD(s->arena, &s->model->redirects, r);
    return r;
}
