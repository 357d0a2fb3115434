/*
 * Writing C. See writer.h.
 */
#include "writer.h"

#include "../../runtime/abi/match.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char emit_template_text[]; /* templates/program.tpl */

/* ---- text ---- */

enum part turn_to(struct emit *e, enum part part)
{
    enum part was = e->part;
    e->part = part;
    return was;
}

static struct text *out(struct emit *e)
{
    return &e->parts[e->part];
}

void put(struct emit *e, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char small[256], *p = small;
    if ((size_t)n >= sizeof small)
        p = arena_get(e->arena, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    text_put(out(e), p, (size_t)n);
}

/* ---- templates ---- */

static struct str template_section(const char *name)
{
    size_t len = strlen(name);
    const char *p = emit_template_text;
    while (p) {
        assert(!strncmp(p, "%% ", 3));
        const char *title = p + 3, *body = strchr(title, '\n') + 1;
        const char *next = strstr(body - 1, "\n%% ");
        if (!strncmp(title, name, len) && title[len] == '\n')
            return (struct str){body, next ? (size_t)(next + 1 - body) : strlen(body)};
        p = next ? next + 1 : NULL;
    }
    assert(!"no such section in the template");
    return STR("");
}

static struct str hole_value(struct str name, const struct hole *holes, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (str_is(name, holes[i].name))
            return holes[i].value;
    assert(!"a hole of the template is not filled");
    return STR("");
}

void put_template(struct emit *e, const char *section, const struct hole *holes, unsigned n)
{
    struct str s = template_section(section);
    while (s.len) {
        const char *open = memmem(s.p, s.len, "{{", 2);
        if (!open) {
            text_str(out(e), s);
            return;
        }
        size_t at = (size_t)(open - s.p);
        const char *close = memmem(open, s.len - at, "}}", 2);
        assert(close);
        text_put(out(e), s.p, at);
        text_str(out(e), hole_value((struct str){open + 2, (size_t)(close - open - 2)}, holes, n));
        s = str_cut(s, (size_t)(close + 2 - s.p), s.len);
    }
}

/* ---- literals ---- */

struct str literal(struct arena *a, struct str s)
{
    struct text t = {.arena = a};
    text_put(&t, "\"", 1);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\')
            text_printf(&t, "\\%c", c);
        else if (c == '\n')
            text_put(&t, "\\n", 2);
        else if (c == '\r')
            text_put(&t, "\\r", 2);
        else if (c == '?' && i && s.p[i - 1] == '?') /* no trigraphs */
            text_put(&t, "\\?", 2);
        else if (c < 32 || c > 126)
            text_printf(&t, "\\%03o", c);
        else
            text_put(&t, s.p + i, 1);
    }
    text_put(&t, "\"", 1);
    return (struct str){t.p, t.len};
}

struct str cstring(struct arena *a, const char *s)
{
    return s ? literal(a, str_of(s)) : STR("NULL");
}

/* ---- lines ---- */

struct str source_label(struct arena *a, const struct source *s)
{
    (void)a;
    const char *slash =
        s->name.len && s->name.p[0] == '/' ? memrchr(s->name.p, '/', s->name.len) : NULL;
    return slash ? str_cut(s->name, (size_t)(slash + 1 - s->name.p), s->name.len) : s->name;
}

void put_line(struct emit *e, struct span at)
{
    if (!at.source)
        return;
    struct str label = literal(e->arena, source_label(e->arena, at.source));
    put(e, "#line %u " STR_FMT "\n", source_place(at.source, at.start).line, STR_ARG(label));
}

/* Which line this will be is only known when the parts are put together. */
static const char own_line = '\1';

void put_line_end(struct emit *e)
{
    put(e, "%c\n", own_line);
}

static void append_part(struct text *file, unsigned *line, struct str part)
{
    while (part.len) {
        const char *lf = memchr(part.p, '\n', part.len);
        size_t n = lf ? (size_t)(lf - part.p) + 1 : part.len;
        ++*line;
        if (part.p[0] == own_line)
            text_printf(file, "#line %u \"proxy.c\"\n", *line + 1);
        else
            text_put(file, part.p, n);
        part = str_cut(part, n, part.len);
    }
}

struct str assemble(struct emit *e)
{
    static const char *const headings[NPARTS] = {
        [PART_DECLARATIONS] = "what is what",
        [PART_NAMES] = "names",
        [PART_REGEXES] = "regular expressions",
        [PART_SETS] = "patterns and maps",
        [PART_SAMPLES] = "samples",
        [PART_FORMATS] = "formats",
        [PART_REPLIES] = "responses",
        [PART_CONDITIONS] = "conditions",
        [PART_RULES] = "rules",
        [PART_TABLES] = "proxies",
        [PART_PROGRAM] = "the program",
    };
    struct text file = {.arena = e->arena};
    unsigned line = 0;
    for (unsigned i = 0; i < NPARTS; i++) {
        struct text heading = {.arena = e->arena};
        if (headings[i] && e->parts[i].len)
            text_printf(&heading, "\n/* ---- %s ---- */\n\n", headings[i]);
        append_part(&file, &line, (struct str){heading.p, heading.len});
        append_part(&file, &line, (struct str){e->parts[i].p, e->parts[i].len});
    }
    return (struct str){file.p, file.len};
}

/* ---- blobs ---- */

/* C compilers need not take string literals of more than 4095 bytes. */
enum { LARGE = 16 * 1024, LARGE_TEXT = 4000, PER_LINE = 12 };

static void put_u16(struct emit *e, const struct p_blob *b)
{
    const uint16_t *v = b->v;
    for (size_t i = 0; i < b->n; i++)
        put(e, "%s%u,", i % PER_LINE ? " " : "\n    ", v[i]);
}

static void put_u32(struct emit *e, const struct p_blob *b)
{
    const uint32_t *v = b->v;
    for (size_t i = 0; i < b->n; i++)
        put(e, "%s%uu,", i % PER_LINE ? " " : "\n    ", v[i]);
}

static void put_u64(struct emit *e, const struct p_blob *b)
{
    const uint64_t *v = b->v;
    for (size_t i = 0; i < b->n; i++)
        put(e, "%sUINT64_C(0x%016llx),", i % 3 ? " " : "\n    ", (unsigned long long)v[i]);
}

static void put_keys(struct emit *e, const struct p_blob *b)
{
    const struct px_key *v = b->v;
    for (size_t i = 0; i < b->n; i++)
        put(e, "\n    {%u, %uu, %u},", v[i].at, v[i].len, v[i].hits);
}

static void put_slices(struct emit *e, const struct p_blob *b)
{
    const struct px_slice *v = b->v;
    for (size_t i = 0; i < b->n; i++)
        put(e, "\n    {%u, %u},", v[i].at, v[i].len);
}

static void put_lines(struct emit *e, const struct p_blob *b)
{
    const struct px_line *v = b->v;
    for (size_t i = 0; i < b->n; i++)
        put(e, "\n    {{%u, %u}, {%u, %u}},", v[i].key.at, v[i].key.len, v[i].value.at,
            v[i].value.len);
}

static struct str int64_text(struct arena *a, int64_t v)
{
    if (v == INT64_MIN)
        return STR("INT64_MIN");
    return str_printf(a, "INT64_C(%lld)", (long long)v);
}

static void put_ranges(struct emit *e, const struct p_blob *b)
{
    const struct px_range *v = b->v;
    for (size_t i = 0; i < b->n; i++)
        put(e, "\n    {" STR_FMT ", " STR_FMT ", %u},", STR_ARG(int64_text(e->arena, v[i].low)),
            STR_ARG(int64_text(e->arena, v[i].high)), v[i].hits);
}

static void put_bytes(struct emit *e, const uint8_t *v, unsigned n)
{
    while (n > 1 && !v[n - 1])
        n--;
    put(e, "{");
    for (unsigned i = 0; i < n; i++)
        put(e, "%s%u", i ? ", " : "", v[i]);
    put(e, "}");
}

static void put_nets4(struct emit *e, const struct p_blob *b)
{
    const struct px_net4 *v = b->v;
    for (size_t i = 0; i < b->n; i++)
        put(e, "\n    {0x%08xu, 0x%08xu, %u},", v[i].low, v[i].high, v[i].hits);
}

static void put_nets6(struct emit *e, const struct p_blob *b)
{
    const struct px_net6 *v = b->v;
    for (size_t i = 0; i < b->n; i++) {
        put(e, "\n    {");
        put_bytes(e, v[i].low, 16);
        put(e, ", ");
        put_bytes(e, v[i].high, 16);
        put(e, ", %u},", v[i].hits);
    }
}

/* String literals may not be endless in C; pieces are joined by the compiler. */
static void put_chars(struct emit *e, const struct p_blob *b)
{
    const char *v = b->v;
    for (size_t at = 0; at < b->n; at += 64) {
        size_t n = b->n - at < 64 ? b->n - at : 64;
        put(e, "\n    " STR_FMT, STR_ARG(literal(e->arena, (struct str){v + at, n})));
    }
}

static const struct writer {
    const char *type;
    void (*put)(struct emit *e, const struct p_blob *b);
    const char *nothing; /* an array of none has one element of zeros */
} writers[] = {
    {"uint16_t", put_u16, "0"},
    {"uint32_t", put_u32, "0"},
    {"uint64_t", put_u64, "0"},
    {"struct px_key", put_keys, "{0, 0, 0}"},
    {"struct px_slice", put_slices, "{0, 0}"},
    {"struct px_line", put_lines, "{{0, 0}, {0, 0}}"},
    {"struct px_range", put_ranges, "{0, 0, 0}"},
    {"struct px_net4", put_nets4, "{0, 0, 0}"},
    {"struct px_net6", put_nets6, "{{0}, {0}, 0}"},
};

static const struct writer *writer_of(const char *type)
{
    unsigned i = 0;
    while (strcmp(writers[i].type, type))
        i++;
    return &writers[i];
}

static void put_large(struct emit *e, struct str name, const struct p_blob *b)
{
    while (e->data.len % 16)
        text_put(&e->data, "", 1);
    put(e, "extern const %s " STR_FMT "[];\n", b->type, STR_ARG(name));
    text_printf(&e->data_s,
                "    .globl " STR_FMT "\n    .hidden " STR_FMT "\n    .balign 16\n" STR_FMT
                ":\n    .incbin \"%%s\", %zu, %zu\n",
                STR_ARG(name), STR_ARG(name), STR_ARG(name), e->data.len, b->n * b->size);
    text_put(&e->data, b->v, b->n * b->size);
}

void put_blob(struct emit *e, struct str name, const struct p_blob *b)
{
    if (b->n * b->size > (b->size == 1 ? LARGE_TEXT : LARGE)) {
        put_large(e, name, b);
        return;
    }
    if (b->size == 1) {
        put(e, "static const char " STR_FMT "[] =", STR_ARG(name));
        put_chars(e, b);
        put(e, b->n ? ";\n" : " \"\";\n");
        return;
    }
    const struct writer *w = writer_of(b->type);
    put(e, "static const %s " STR_FMT "[] = {", b->type, STR_ARG(name));
    w->put(e, b);
    put(e, b->n ? "\n};\n" : "%s};\n", w->nothing);
}
