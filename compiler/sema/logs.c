/*
 * log lines and what is written to them (HAProxy manual 8).
 */
#include "context.h"
#include "proxy.h"

#include <string.h>

static const char *const facilities[] = {
    "kern",   "user",   "mail",   "daemon", "auth",   "syslog", "lpr",    "news",
    "uucp",   "cron",   "auth2",  "ftp",    "ntp",    "audit",  "alert",  "cron2",
    "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"};
static const char *const levels[] = {"emerg",   "alert",  "crit", "err",
                                     "warning", "notice", "info", "debug"};
static const char *const formats[] = {"local", "rfc3164", "rfc5424", "priority",
                                      "short", "timed",   "iso",     "raw"};

/* The number of a word in a list; reported when it is not there. */
static bool word_in(struct sema *s, const struct word *w, const char *const *list, unsigned n,
                    const char *what, unsigned *out)
{
    struct str names[32];
    for (unsigned i = 0; i < n; i++) {
        names[i] = str_of(list[i]);
        if (str_is(w->text, list[i])) {
            *out = i;
            return true;
        }
    }
    struct diag *d =
        diag_add(s->diags, E0710, w->span, "unknown %s '" STR_FMT "'", what, STR_ARG(w->text));
    diag_suggest(s->diags, d, w->text, names, n);
    return false;
}

bool log_format_value(struct sema *s, const struct word *w, unsigned *format)
{
    return word_in(s, w, formats, COUNT(formats), "log format", format);
}

static bool range_add(struct sema *s, const struct word *w, size_t from, size_t to,
                      struct m_log *log)
{
    struct str part = str_cut(w->text, from, to);
    const char *dash = memchr(part.p, '-', part.len);
    size_t at = dash ? (size_t)(dash - part.p) : part.len;
    uint64_t low, high;
    bool good = value_uint(str_cut(part, 0, at), 65535, &low) == VALUE_OK && low;
    high = low;
    if (dash)
        good = good && value_uint(str_cut(part, at + 1, part.len), 65535, &high) == VALUE_OK &&
               high >= low;
    if (good)
        VEC_ADD(s->arena, &log->ranges, ((struct m_range){(unsigned)low, (unsigned)high}));
    else
        diag_add(s->diags, E0711, word_span(w, from, to), "'" STR_FMT "' is not a range of lines",
                 STR_ARG(part));
    return good;
}

/* sample 1-2,4:10 */
static bool sample_take(struct sema *s, struct line *l, struct m_log *log)
{
    const struct word *w = line_expect(s, l, "ranges and a size, as in 1:10");
    if (!w)
        return false;
    const char *colon = memchr(w->text.p, ':', w->text.len);
    uint64_t size = 0;
    size_t end = colon ? (size_t)(colon - w->text.p) : 0;
    if (!colon || value_uint(str_cut(w->text, end + 1, w->text.len), 65535, &size) != VALUE_OK ||
        !size) {
        diag_add(s->diags, E0711, w->span, "'sample' expects ranges and a size, as in 1:10");
        return false;
    }
    log->sample_size = (unsigned)size;
    for (size_t from = 0; from < end;) {
        const char *comma = memchr(w->text.p + from, ',', end - from);
        size_t to = comma ? (size_t)(comma - w->text.p) : end;
        if (!range_add(s, w, from, to, log))
            return false;
        from = to + 1;
    }
    return true;
}

static bool log_address(struct sema *s, const struct word *w, struct m_log *log)
{
    bool out = str_is(w->text, "stdout"), err = str_is(w->text, "stderr");
    if (out || err) {
        log->to = (struct px_endpoint){.family = PX_AF_FD, .port = out ? 1 : 2};
        return true;
    }
    if (str_begins(w->text, "ring@")) {
        log->ring = ring_find(s, w, str_cut(w->text, sizeof "ring@" - 1, w->text.len));
        return log->ring;
    }
    struct address *list;
    if (!address_parse(s->arena, s->diags, s->config->env, w,
                       ADDRESS_DATAGRAM | ADDRESS_NAMES | ADDRESS_FD, &list))
        return false;
    log->to = list[0].endpoint;
    if (!log->to.has_port && log->to.family != PX_AF_FD)
        log->to.port = 514;
    return true;
}

static void mind_ring_format(struct sema *s, const struct word *w, const struct m_log *log)
{
    if (log->ring && log->ring->format != log->format)
        diag_add(s->diags, W0301, w->span,
                 "'format' is ignored: lines in a ring have the format of the ring");
}

static bool log_words(struct sema *s, struct line *l, struct m_log *log)
{
    const struct word *w;
    int64_t n;
    if (line_take(l, "len")) {
        if (!(w = line_expect(s, l, "a length")) || !number_value(s, w, "len", 80, 65535, &n))
            return false;
        log->max_len = (unsigned)n;
    }
    if (line_take(l, "format")) {
        if (!(w = line_expect(s, l, "a format")) || !log_format_value(s, w, &log->format))
            return false;
        log->has_format = true;
        mind_ring_format(s, w, log);
    }
    if (line_take(l, "sample") && !sample_take(s, l, log))
        return false;
    if (!(w = line_expect(s, l, "a facility")) ||
        !word_in(s, w, facilities, COUNT(facilities), "log facility", &log->facility))
        return false;
    if ((w = line_next(l)) && !word_in(s, w, levels, COUNT(levels), "log level", &log->max_level))
        return false;
    if ((w = line_next(l)) && !word_in(s, w, levels, COUNT(levels), "log level", &log->min_level))
        return false;
    return line_end(s, l);
}

void log_parse_line(struct sema *s, struct line *l, bool in_global)
{
    if (l->reset) {
        diag_add(s->diags, E0306, l->span, "'log' cannot be preceded by 'default'");
        return;
    }
    if (l->negated) {
        s->in->logs.n = s->in->logs.cap = 0;
        line_end(s, l);
        return;
    }
    const struct word *w = line_expect(s, l, in_global ? "an address" : "'global' or an address");
    if (!w)
        return;
    struct m_log log = {.max_len = 1024, .max_level = 7, .min_level = 0, .span = l->span};
    if (!in_global && str_is(w->text, "global")) {
        log.is_global = true;
        if (!line_end(s, l))
            return;
    } else if (!log_address(s, w, &log) || !log_words(s, l, &log)) {
        return;
    }
    if (in_global)
        VEC_ADD(s->arena, &s->model->global_logs, log);
    else
        VEC_ADD(s->arena, &s->in->logs, log);
}

/* ---- what is written ---- */

static void log_kind_set(struct sema *s, struct line *l, enum log_kind kind)
{
    s->in->log_kind = kind;
    s->in->log_format = NULL;
    s->in->log_span = l->span;
}

void option_httplog(struct sema *s, struct line *l)
{
    log_kind_set(s, l, line_take(l, "clf") ? LOG_CLF : LOG_HTTP);
    line_end(s, l);
}

void option_httpslog(struct sema *s, struct line *l)
{
    log_kind_set(s, l, LOG_HTTPS);
    line_end(s, l);
}

void option_tcplog(struct sema *s, struct line *l)
{
    log_kind_set(s, l, line_take(l, "clf") ? LOG_TCP_CLF : LOG_TCP);
    line_end(s, l);
}

void log_format_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a format");
    if (!w || !line_end(s, l))
        return;
    log_kind_set(s, l, LOG_CUSTOM);
    s->in->log_format = w;
}

void log_format_sd_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a format");
    if (w && line_end(s, l))
        s->in->log_sd = w;
}

void error_log_format_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a format");
    if (w && line_end(s, l))
        s->in->log_error = w;
}

void unique_id_format_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a format");
    if (w && line_end(s, l))
        s->in->unique_id = w;
}

void unique_id_header_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a header name");
    if (!w || !header_name_is_good(s, w) || !line_end(s, l))
        return;
    s->in->unique_id_header = name_intern(s, w->text);
    s->in->unique_id_header_span = l->span;
}

#define HTTP_LINE                                                                                  \
    "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc "                             \
    "%ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r"

/* The formats of the log options are written like any other. */
const char *log_kind_text(enum log_kind kind)
{
    static const char *const texts[] = {
        [LOG_TCP] = "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq",
        [LOG_TCP_CLF] = "%{+Q}o %{-Q}ci - - [%T] \"TCP \" 000 %B \"\" \"\" %cp %ms %ft %b %s "
                        "%Th %Tw %Tc %Tt %U %ts-- %ac %fc %bc %sc %rc %sq %bq \"\" \"\" ",
        [LOG_HTTP] = HTTP_LINE,
        [LOG_HTTPS] = HTTP_LINE " %[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/"
                                "%[ssl_fc_is_resumed] %[ssl_fc_sni]/%sslv/%sslc",
        [LOG_CLF] = "%{+Q}o %{-Q}ci - - [%trg] %r %ST %B \"\" \"\" %cp %ms %ft %b %s "
                    "%TR %Tw %Tc %Tr %Ta %tsc %ac %fc %bc %sc %rc %sq %bq %CC %CS %hrl %hsl",
    };
    return kind < COUNT(texts) ? texts[kind] : NULL;
}

void sema_environment(struct env *env)
{
    static const struct {
        const char *name;
        enum log_kind kind;
    } variables[] = {{"HAPROXY_TCP_LOG_FMT", LOG_TCP},
                     {"HAPROXY_TCP_CLF_LOG_FMT", LOG_TCP_CLF},
                     {"HAPROXY_HTTP_LOG_FMT", LOG_HTTP},
                     {"HAPROXY_HTTP_CLF_LOG_FMT", LOG_CLF},
                     {"HAPROXY_HTTPS_LOG_FMT", LOG_HTTPS}};
    for (unsigned i = 0; i < COUNT(variables); i++)
        if (!env_get(env, str_of(variables[i].name)).p)
            env_set(env, str_of(variables[i].name), str_of(log_kind_text(variables[i].kind)));
}
