/*
 * Excerpts: a line of a source as it is shown under a message, with words marked.
 *
 * Not for: what surrounds it (diag_print.c).
 * Idea: bytes of the source become glyphs: what is shown for a character and how many columns it
 * takes. Text, blanks and marks are all walked glyph by glyph, so that they always line up. Only
 * the part that is shown is ever looked at, so that a line of megabytes costs no more than a
 * short one.
 */
#include "excerpt.h"

#include <stdio.h>

enum {
    WIDTH = 100, /* columns shown of a line */
    BEFORE = 30, /* bytes shown before a mark that is too far to the right */
};

#define TAB "    " /* shown for a tab */
#define CUT "..."  /* shown for what is not shown */

struct glyph {
    const char *text;
    unsigned text_len, bytes, columns;
    char made[16]; /* room for text that is not in the source */
};

struct range {
    uint32_t low, high;
};

/* Characters that would move, hide or turn around what follows. */
static const struct range invisible[] = {
    {0x80, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},   {0x200b, 0x200f},   {0x2028, 0x202e},
    {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
};
static const struct range combining[] = {{0x300, 0x36f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}};
static const struct range wide[] = {
    {0x1100, 0x115f}, {0x2e80, 0xa4cf}, {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
    {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd},
};

static bool among(uint32_t c, const struct range *ranges, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (c >= ranges[i].low && c <= ranges[i].high)
            return true;
    return false;
}

static bool continues(const char *p)
{
    return ((unsigned char)*p & 0xc0) == 0x80;
}

/* The bytes of the character at p (RFC 3629); 0: none begins here. */
static unsigned utf8_decode(const char *p, const char *end, uint32_t *c)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)*p;
    unsigned n = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (!n || first > 0xf4 || end - p < n)
        return 0;
    *c = n == 1 ? first : first & (0x7fU >> n);
    for (unsigned i = 1; i < n; i++) {
        if (!continues(p + i))
            return 0;
        *c = *c << 6 | ((unsigned char)p[i] & 0x3f);
    }
    bool surrogate = *c >= 0xd800 && *c <= 0xdfff;
    return *c < least[n] || *c > 0x10ffff || surrogate ? 0 : n;
}

static void glyph_make(struct glyph *g, unsigned bytes, const char *fmt, unsigned value)
{
    g->text_len = g->columns = (unsigned)snprintf(g->made, sizeof g->made, fmt, value);
    g->text = g->made;
    g->bytes = bytes;
}

static unsigned columns_of(uint32_t c)
{
    return among(c, combining, COUNT(combining)) ? 0 : among(c, wide, COUNT(wide)) ? 2 : 1;
}

static void glyph_at(struct glyph *g, const char *p, const char *end)
{
    uint32_t c = 0;
    unsigned bytes = utf8_decode(p, end, &c);
    if (*p == '\t')
        *g = (struct glyph){TAB, sizeof TAB - 1, 1, sizeof TAB - 1, ""};
    else if (!bytes || c < 0x20 || c == 0x7f)
        glyph_make(g, 1, "<%02X>", (unsigned char)*p);
    else if (among(c, invisible, COUNT(invisible)))
        glyph_make(g, bytes, "<U+%04X>", c);
    else
        *g = (struct glyph){p, bytes, bytes, columns_of(c), ""};
}

/* How many columns the glyphs take that end (part: begin) before an offset. */
static unsigned columns_before(const struct excerpt *e, uint32_t offset, bool part)
{
    const char *text = e->source->text.p, *end = text + e->end;
    unsigned columns = 0;
    struct glyph g;
    for (const char *p = text + e->start; p < end; p += g.bytes) {
        glyph_at(&g, p, end);
        if (p + (part ? 1 : g.bytes) > text + offset)
            break;
        columns += g.columns;
    }
    return columns;
}

/* Where the piece begins that is shown of a line that is too long. */
static uint32_t left_edge(const char *line, uint32_t start, uint32_t mark_start, uint32_t mark_end)
{
    if (mark_end - start <= WIDTH || mark_start - start <= BEFORE)
        return start;
    uint32_t edge = mark_start - BEFORE;
    for (unsigned i = 0; i < 3 && edge > start && continues(line + edge); i++)
        edge--;
    return edge;
}

/* Where it ends: as many columns behind `start` as fit. */
static uint32_t right_edge(const char *text, uint32_t start, uint32_t end)
{
    uint32_t at = start;
    unsigned columns = 0;
    struct glyph g;
    for (; at < end && at - start < 4 * WIDTH; at += g.bytes) {
        glyph_at(&g, text + at, text + end);
        columns += g.columns;
        if (columns > WIDTH)
            break;
    }
    return at;
}

struct excerpt excerpt_of(struct span at)
{
    const struct source *s = at.source;
    unsigned line = source_place(s, at.start).line;
    struct str text = source_line(s, line);
    uint32_t start = s->lines.v[line - 1], end = start + (uint32_t)text.len;
    struct excerpt e = {.source = s, .line = line};
    e.start = left_edge(s->text.p, start, at.start < end ? at.start : end, at.end);
    e.end = right_edge(s->text.p, e.start, end);
    e.cut_left = e.start > start;
    e.cut_right = e.end < end;
    return e;
}

bool excerpt_shows(const struct excerpt *e, struct span at)
{
    return e->source == at.source && at.start >= e->start && at.start <= e->end &&
           source_place(at.source, at.start).line == e->line;
}

static void put_glyphs(const char *p, const char *end, struct text *out)
{
    struct glyph g;
    for (; p < end; p += g.bytes) {
        glyph_at(&g, p, end);
        text_put(out, g.text, g.text_len);
    }
}

void excerpt_text(const struct excerpt *e, struct text *out)
{
    const char *text = e->source->text.p;
    if (e->cut_left)
        text_str(out, STR(CUT));
    put_glyphs(text + e->start, text + e->end, out);
    if (e->cut_right)
        text_str(out, STR(CUT));
}

struct marks excerpt_marks(const struct excerpt *e, struct span at)
{
    unsigned from = columns_before(e, at.start, false), to = columns_before(e, at.end, true);
    unsigned cut = e->cut_left ? sizeof CUT - 1 : 0;
    return (struct marks){cut + from, to > from ? to - from : 1};
}

void printable(struct str s, size_t most, struct text *out)
{
    size_t len = s.len <= most ? s.len : most;
    for (unsigned i = 0; i < 3 && len && len < s.len && continues(s.p + len); i++)
        len--;
    if (len)
        put_glyphs(s.p, s.p + len, out);
    if (len < s.len)
        text_str(out, STR(CUT));
}
