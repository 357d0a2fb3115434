/*
 * Patterns: what a value is compared with (HAProxy manual 7.1).
 */
#include "pattern.h"

#include <errno.h>
#include <string.h>

/* ---- integers ---- */

enum operator{ OP_EQ, OP_GE, OP_GT, OP_LE, OP_LT, OPERATORS };

static const char *const operators[OPERATORS] = {"eq", "ge", "gt", "le", "lt"};

static int operator_of(struct str word)
{
    for (int i = 0; i < OPERATORS; i++)
        if (str_is_nocase(word, operators[i]))
            return i;
    return -1;
}

/* "3.1" stands for 3 * 65536 + 1, as versions are compared. */
static bool bound_value(struct str s, int64_t *out)
{
    const char *dot = memchr(s.p, '.', s.len);
    if (!dot)
        return value_int(s, out) == VALUE_OK;
    int64_t major, minor;
    size_t at = (size_t)(dot - s.p);
    if (value_int(str_cut(s, 0, at), &major) != VALUE_OK ||
        value_int(str_cut(s, at + 1, s.len), &minor) != VALUE_OK || minor < 0 || minor > 0xffff)
        return false;
    *out = major * 65536 + minor;
    return true;
}

static bool range_value(struct str s, int64_t *low, int64_t *high)
{
    const char *colon = memchr(s.p, ':', s.len);
    *low = INT64_MIN;
    *high = INT64_MAX;
    if (!colon) {
        bool good = bound_value(s, low);
        *high = *low;
        return good;
    }
    size_t at = (size_t)(colon - s.p);
    struct str from = str_cut(s, 0, at), to = str_cut(s, at + 1, s.len);
    return (!from.len || bound_value(from, low)) && (!to.len || bound_value(to, high)) &&
           (from.len || to.len);
}

static bool int_pattern(struct sema *s, struct str text, struct span at, int op,
                        struct m_pattern *out)
{
    if (!range_value(text, &out->low, &out->high)) {
        struct diag *d =
            diag_add(s->diags, E0520, at, "'" STR_FMT "' is not an integer or a range low:high",
                     STR_ARG(text));
        if (text.len > 2 && memchr(text.p + 1, '-', text.len - 2))
            diag_help(s->diags, d, "write a range with a colon");
        return false;
    }
    if (op != OP_EQ && out->low != out->high) {
        diag_add(s->diags, E0521, at, "a range cannot be compared with '%s'", operators[op]);
        return false;
    }
    if (out->low > out->high) {
        diag_add(s->diags, E0522, at, "the range '" STR_FMT "' is empty", STR_ARG(text));
        return false;
    }
    int64_t v = out->low;
    if (op == OP_GE || op == OP_GT)
        out->high = INT64_MAX;
    if (op == OP_LE || op == OP_LT)
        out->low = INT64_MIN;
    if (op == OP_GT)
        out->low = v == INT64_MAX ? v : v + 1;
    if (op == OP_LT)
        out->high = v == INT64_MIN ? v : v - 1;
    return true;
}

/* ---- addresses ---- */

static void apply_mask(struct m_pattern *p, unsigned bits, unsigned len)
{
    for (unsigned i = 0; i < bits / 8; i++) {
        unsigned keep = len >= 8 * (i + 1) ? 8 : len > 8 * i ? len - 8 * i : 0;
        uint8_t mask = (uint8_t)(0xff00 >> keep);
        p->ip_low[i] &= mask;
        p->ip_high[i] = (uint8_t)(p->ip_low[i] | ~mask);
    }
}

static bool has_letter(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z')
            return true;
    return false;
}

static bool ip_pattern(struct sema *s, struct str text, struct span at, struct m_pattern *out)
{
    const char *slash = memchr(text.p, '/', text.len);
    size_t end = slash ? (size_t)(slash - text.p) : text.len;
    struct str addr = str_cut(text, 0, end);
    out->v6 = memchr(addr.p, ':', addr.len);
    bool good = out->v6 ? value_ipv6(addr, out->ip_low) : value_ipv4(addr, out->ip_low);
    unsigned bits = out->v6 ? 128 : 32;
    int len = (int)bits;
    if (slash)
        len = value_mask(str_cut(text, end + 1, text.len), bits);
    if (good && len >= 0) {
        apply_mask(out, bits, (unsigned)len);
        return true;
    }
    struct diag *d = diag_add(s->diags, E0523, at, "'" STR_FMT "' is not an address or a network",
                              STR_ARG(text));
    if (good)
        diag_note(s->diags, d, "the mask is a prefix length, or four numbers without gaps");
    else if (!out->v6 && has_letter(addr))
        diag_note(s->diags, d, "host names are not looked up in patterns; write the address");
    return false;
}

/* ---- bytes ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hex_bytes(struct arena *a, struct str text, struct str *out)
{
    char *bytes = arena_get(a, text.len / 2 + 1);
    for (size_t i = 0; i < text.len; i++) {
        int digit = hex_digit(text.p[i]);
        if (digit < 0)
            return false;
        bytes[i / 2] = (char)(i % 2 ? bytes[i / 2] | digit : digit << 4);
    }
    *out = (struct str){bytes, text.len / 2};
    return text.len % 2 == 0;
}

static bool bin_pattern(struct sema *s, struct str text, struct span at, struct m_pattern *out)
{
    if (hex_bytes(s->arena, text, &out->text))
        return true;
    diag_add(s->diags, E0524, at, "'" STR_FMT "' is not an even number of hexadecimal digits",
             STR_ARG(text));
    return false;
}

/* ---- all kinds ---- */

bool pattern_value(struct sema *s, struct m_test *t, struct str text, struct span at, bool fold,
                   struct m_pattern *out)
{
    *out = (struct m_pattern){.text = text, .span = at, .fold = fold && t->method != MATCH_BIN};
    switch (t->method) {
    case MATCH_INT:
    case MATCH_LEN:
        return int_pattern(s, text, at, OP_EQ, out);
    case MATCH_IP:
        return ip_pattern(s, text, at, out);
    case MATCH_BIN:
        return bin_pattern(s, text, at, out);
    case MATCH_REG:
        out->regex = regex_intern(s, text, fold, at);
        return out->regex->pattern.len || !text.len; /* what is not valid has become empty */
    default:
        return true;
    }
}

bool patterns_from_words(struct sema *s, struct m_test *t, struct line *l, bool fold)
{
    bool numbers = t->method == MATCH_INT || t->method == MATCH_LEN, good = true;
    int op = OP_EQ;
    for (const struct word *w; (w = line_next(l));) {
        int next = numbers ? operator_of(w->text) : -1;
        if (next >= 0) {
            op = next;
            if (line_peek(l))
                continue;
            diag_add(s->diags, E0525, w->span, "'%s' expects a number behind it", operators[op]);
            return false;
        }
        struct m_pattern p = {.span = w->span};
        bool one = numbers ? int_pattern(s, w->text, w->span, op, &p)
                           : pattern_value(s, t, w->text, w->span, fold, &p);
        if (one)
            VEC_ADD(s->arena, &t->patterns, p);
        good = good && one;
    }
    return good;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The source of a pattern file; optional ones (opt@) may be missing. false: reported. */
static bool open_patterns(struct sema *s, struct str path, struct span at, struct source **src)
{
    bool optional = str_begins(path, "opt@");
    *src = NULL;
    if (str_begins(path, "virt@"))
        return true;
    if (optional || str_begins(path, "file@"))
        path = str_cut(path, optional ? 4 : 5, path.len);
    *src = source_read(s->arena, str_cstr(s->arena, path));
    if (*src || (optional && errno == ENOENT))
        return true;
    diag_add(s->diags, E0530, at, "cannot read pattern file '" STR_FMT "': %s", STR_ARG(path),
             strerror(errno));
    return false;
}

static struct span span_in(const struct source *src, uint32_t line, size_t from, size_t to)
{
    return (struct span){src, line + (uint32_t)from, line + (uint32_t)to};
}

static void add_line(struct sema *s, struct pattern_lines *out, const struct source *src,
                     unsigned number)
{
    struct str text = source_line(src, number);
    size_t from = 0;
    while (from < text.len && is_blank(text.p[from]))
        from++;
    if (from == text.len || text.p[from] == '#')
        return;
    size_t end = from;
    while (end < text.len && !is_blank(text.p[end]))
        end++;
    size_t value = end;
    while (value < text.len && is_blank(text.p[value]))
        value++;
    size_t last = text.len;
    while (last > value && is_blank(text.p[last - 1]))
        last--;
    uint32_t at = src->lines.v[number - 1];
    *VEC_PUSH(s->arena, &out->lines) =
        (struct pattern_line){.key = str_cut(text, from, end),
                              .value = str_cut(text, value, last),
                              .whole = str_cut(text, from, text.len),
                              .span = span_in(src, at, from, text.len),
                              .key_span = span_in(src, at, from, end),
                              .value_span = span_in(src, at, value, last)};
}

/* A file that is used twice is read once, so its mistakes are reported once. */
struct pattern_lines *pattern_lines_read(struct sema *s, struct str path, struct span at)
{
    struct source *src;
    void **place = map_at(s->arena, &s->pattern_files, path);
    if (*place || !open_patterns(s, path, at, &src))
        return *place;
    struct pattern_lines *out = *place = NEW(s->arena, struct pattern_lines);
    for (unsigned i = 1; src && i <= src->lines.n; i++)
        add_line(s, out, src, i);
    return out;
}

bool pattern_mistake(struct sema *s, unsigned *mistakes, struct span at, unsigned left)
{
    if (++*mistakes < PATTERN_MISTAKES || !left)
        return true;
    diag_add(s->diags, E0536, at,
             "too many mistakes: the last %u line%s of this file %s not checked", left,
             left == 1 ? "" : "s", left == 1 ? "was" : "were");
    return false;
}

/* ---- lists ---- */

static struct m_list *list_new(struct sema *s, struct str path, bool of_maps, struct span at)
{
    struct m_list *l = NEW(s->arena, struct m_list);
    *l = (struct m_list){.path = path, .of_maps = of_maps, .span = at, .id = s->model->nrefs++};
    return l;
}

static bool has_same_columns(struct sema *s, const struct m_list *l, bool of_maps, struct span at)
{
    static const char *const kinds[] = {"a list of patterns", "a map"};
    if (l->of_maps == of_maps)
        return true;
    struct diag *d = diag_add(s->diags, E0539, at, "'" STR_FMT "' is %s here, and %s elsewhere",
                              STR_ARG(l->path), kinds[of_maps], kinds[l->of_maps]);
    diag_other(s->diags, d, l->span, "it was used here first");
    if (l->of_maps)
        diag_help(s->diags, d, "write '-M' in front of '-f' to compare with the keys of a map");
    return false;
}

static unsigned use_number(struct sema *s, struct m_list *l, struct m_use how)
{
    for (unsigned i = 0; i < l->uses.n; i++) {
        const struct m_use *u = &l->uses.v[i];
        if (u->method == how.method && u->fold == how.fold && u->of_map == how.of_map)
            return i;
    }
    VEC_ADD(s->arena, &l->uses, how);
    return l->uses.n - 1;
}

struct m_list *list_load(struct sema *s, struct str path, struct m_use how, bool of_maps,
                         struct span at, unsigned *use)
{
    void **place = map_at(s->arena, &s->model->lists, path);
    if (!*place)
        *place = list_new(s, path, of_maps, at);
    struct m_list *l = *place;
    if (!has_same_columns(s, l, of_maps, at))
        return NULL;
    *use = use_number(s, l, how);
    VEC_ADD(s->arena, &l->users, ((struct m_list_user){of_maps, at}));
    return l;
}

bool patterns_from_file(struct sema *s, struct m_test *t, const struct word *file, bool fold,
                        bool map_file)
{
    unsigned use;
    struct m_list *list = list_load(s, file->text, (struct m_use){t->method, fold, false}, map_file,
                                    file->span, &use);
    struct pattern_lines *pl = list ? pattern_lines_read(s, file->text, file->span) : NULL;
    bool first = pl && !list->lines.n;
    unsigned mistakes = 0;
    for (unsigned i = 0; pl && i < pl->lines.n; i++) {
        const struct pattern_line *line = &pl->lines.v[i];
        struct m_pattern p;
        struct str text = map_file ? line->key : line->whole;
        struct span at = map_file ? line->key_span : line->span;
        if (pattern_value(s, t, text, at, fold, &p)) {
            p.list = list;
            VEC_ADD(s->arena, &t->patterns, p);
        } else if (!pattern_mistake(s, &mistakes, at, pl->lines.n - i - 1)) {
            break;
        }
        if (first)
            VEC_ADD(s->arena, &list->lines, ((struct m_list_line){text, line->value}));
    }
    if (pl && !mistakes)
        VEC_ADD(s->arena, &t->lists, ((struct m_test_list){list, use}));
    return pl && !mistakes;
}
