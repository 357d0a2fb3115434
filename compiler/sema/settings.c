/*
 * Scalar settings: one value, by the kind that its row names.
 */
#include "context.h"

const struct word *line_expect(struct sema *s, struct line *l, const char *what)
{
    const struct word *w = line_next(l);
    if (!w)
        diag_add(s->diags, E0310, l->span, "'%s' expects %s", l->keyword, what);
    return w;
}

bool line_take(struct line *l, const char *word)
{
    const struct word *w = line_peek(l);
    if (!w || !str_is(w->text, word))
        return false;
    l->at++;
    return true;
}

bool line_has_later(struct sema *s, const struct line *l, const char *word)
{
    const struct word *w = line_peek(l);
    if (!w || !str_is(w->text, word))
        return false;
    diag_add(s->diags, E0301, w->span, "'%s' is not supported yet", word);
    return true;
}

bool line_end(struct sema *s, struct line *l)
{
    const struct word *w = line_peek(l);
    if (!w)
        return true;
    struct span at = span_join(w->span, l->words[l->n - 1].span);
    diag_add(s->diags, E0311, at, "'%s' does not take '" STR_FMT "'", l->keyword, STR_ARG(w->text));
    l->at = l->n;
    return false;
}

bool mark_value(struct str s, uint64_t *n)
{
    if (!str_begins(s, "0x") && !str_begins(s, "0X"))
        return value_uint(s, UINT64_MAX, n) != VALUE_MALFORMED;
    *n = 0;
    for (size_t i = 2; i < s.len; i++) {
        char c = (char)(s.p[i] | 0x20);
        bool digit = c >= '0' && c <= '9';
        if ((!digit && (c < 'a' || c > 'f')) || i > 17)
            return false;
        *n = *n * 16 + (uint64_t)(digit ? c - '0' : c - 'a' + 10);
    }
    return s.len > 2;
}

bool number_value(struct sema *s, const struct word *w, const char *what, int64_t low, int64_t high,
                  int64_t *out)
{
    enum value_result r = value_int(w->text, out);
    if (r == VALUE_OK && *out >= low && *out <= high)
        return true;
    if (r == VALUE_MALFORMED)
        diag_add(s->diags, E0370, w->span, "%s: '" STR_FMT "' is not an integer", what,
                 STR_ARG(w->text));
    else
        diag_add(s->diags, E0371, w->span, "%s: " STR_FMT " is not between %lld and %lld", what,
                 STR_ARG(w->text), (long long)low, (long long)high);
    return false;
}

static bool time_in(struct sema *s, const struct word *w, const char *what, uint64_t unit,
                    int64_t *ms)
{
    uint64_t value = 0;
    enum value_result r = value_time(w->text, unit, &value);
    *ms = (int64_t)value;
    if (r == VALUE_OK)
        return true;
    if (r == VALUE_TOO_BIG) {
        diag_add(s->diags, E0373, w->span, "%s: '" STR_FMT "' is more than 24.8 days", what,
                 STR_ARG(w->text));
        return false;
    }
    struct diag *d = diag_add(s->diags, E0372, w->span, "%s: '" STR_FMT "' is not a time", what,
                              STR_ARG(w->text));
    diag_note(s->diags, d, "a time is an integer with one of the units us, ms, s, m, h, d");
    return false;
}

bool time_value(struct sema *s, const struct word *w, const char *what, int64_t *ms)
{
    return time_in(s, w, what, 1, ms);
}

static bool size_value(struct sema *s, const struct word *w, const char *what, int64_t *bytes)
{
    uint64_t value = 0;
    enum value_result r = value_size(w->text, &value);
    *bytes = (int64_t)value;
    if (r == VALUE_OK && value <= INT32_MAX)
        return true;
    struct diag *d = diag_add(s->diags, E0374, w->span, "%s: '" STR_FMT "' is not a size", what,
                              STR_ARG(w->text));
    diag_note(s->diags, d,
              "a size is an integer, up to 2g, with one of the suffixes k, m, g or none");
    return false;
}

static bool mode_value(struct sema *s, const struct word *w, const char *what, int64_t *mode)
{
    *mode = 0;
    for (size_t i = 0; i < w->text.len; i++) {
        if (w->text.p[i] < '0' || w->text.p[i] > '7' || i > 3) {
            diag_add(s->diags, E0375, w->span, "%s: '" STR_FMT "' is not an octal file mode", what,
                     STR_ARG(w->text));
            return false;
        }
        *mode = *mode * 8 + (w->text.p[i] - '0');
    }
    return true;
}

bool onoff_value(struct sema *s, const struct word *w, const char *what, int64_t *on)
{
    *on = str_is(w->text, "on");
    if (*on || str_is(w->text, "off"))
        return true;
    diag_add(s->diags, E0376, w->span, "%s: expected 'on' or 'off', not '" STR_FMT "'", what,
             STR_ARG(w->text));
    return false;
}

static bool endpoint_value(struct sema *s, const struct word *w, const struct px_endpoint **ep)
{
    struct address *list;
    if (!address_parse(s->arena, s->diags, s->config->env, w, ADDRESS_PORT_ZERO, &list))
        return false;
    *ep = &list->endpoint;
    return true;
}

static bool host_value(struct sema *s, const struct word *w, const char *what,
                       const struct px_endpoint **ep)
{
    struct address *list;
    if (!address_parse(s->arena, s->diags, s->config->env, w, ADDRESS_NAMES | ADDRESS_PORT_ZERO,
                       &list))
        return false;
    *ep = &list->endpoint;
    if (endpoint_has_ip(*ep) && !list->endpoint.has_port)
        return true;
    diag_add(s->diags, E0383, w->span, "%s: '" STR_FMT "' is not a host alone", what,
             STR_ARG(w->text));
    return false;
}

bool setting_value(struct sema *s, const struct word *w, enum setting_kind kind, const char *what,
                   struct m_setting *set)
{
    switch (kind) {
    case SETTING_UINT:
        return number_value(s, w, what, 0, INT32_MAX, &set->number);
    case SETTING_U32:
        return number_value(s, w, what, 0, UINT32_MAX, &set->number);
    case SETTING_INT:
        return number_value(s, w, what, INT32_MIN, INT32_MAX, &set->number);
    case SETTING_TIME:
        return time_in(s, w, what, 1, &set->number);
    case SETTING_TIME_S:
        return time_in(s, w, what, 1000, &set->number);
    case SETTING_SIZE:
        return size_value(s, w, what, &set->number);
    case SETTING_MODE:
        return mode_value(s, w, what, &set->number);
    case SETTING_ONOFF:
        return onoff_value(s, w, what, &set->number);
    case SETTING_ENDPOINT:
        return endpoint_value(s, w, &set->endpoint);
    case SETTING_HOST:
        return host_value(s, w, what, &set->endpoint);
    case SETTING_THREADS:
        return threads_value(s, w, what, &set->number);
    case SETTING_SHARDS:
        return shards_value(s, w, what, &set->number);
    default:
        set->text = str_cstr(s->arena, w->text);
        return true;
    }
}

static const char *const value_names[] = {
    [SETTING_FLAG] = "nothing",        [SETTING_UINT] = "a number",
    [SETTING_INT] = "a number",        [SETTING_TIME] = "a time",
    [SETTING_TIME_S] = "a time",       [SETTING_SIZE] = "a size",
    [SETTING_LINE] = "a text",         [SETTING_TEXT] = "a value",
    [SETTING_ONOFF] = "'on' or 'off'", [SETTING_MODE] = "a file mode",
    [SETTING_SOURCE] = "an address",   [SETTING_SHARDS] = "a number or 'by-thread'",
};

/* From this word on, the one that was taken last. */
static const char *rest_of_line(struct sema *s, struct line *l, const struct word *w)
{
    unsigned n = l->n - l->at + 1;
    l->at = l->n;
    return str_cstr(s->arena, words_join(s->arena, w, n).text);
}

struct m_setting flag_setting(const struct line *l)
{
    return (struct m_setting){.set = !l->reset, .number = !l->negated, .span = l->span};
}

void setting_parse(struct sema *s, struct line *l, const struct vocab_setting *row,
                   struct m_setting *set)
{
    struct m_setting value = {.set = true, .number = 1, .span = l->span};
    if (row->kind == SETTING_FLAG) {
        value = flag_setting(l);
    } else if (row->kind == SETTING_SOURCE) {
        if (!source_take(s, l, &value.source))
            return;
    } else {
        const struct word *w = line_expect(s, l, value_names[row->kind]);
        if (!w || !setting_value(s, w, row->kind, row->words, &value))
            return;
        if (row->kind == SETTING_LINE)
            value.text = rest_of_line(s, l, w);
    }
    if (line_end(s, l))
        *set = value;
}

int64_t setting_number(const struct m_setting *set, const struct vocab_setting *row)
{
    return set->set ? set->number : row->dflt;
}

const char *setting_text(const struct m_setting *set, const struct vocab_setting *row)
{
    (void)row;
    return set->set ? set->text : NULL;
}
