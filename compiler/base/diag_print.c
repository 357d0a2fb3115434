/*
 * Diagnostics as text: with an excerpt of the source, as one line that editors understand, and as
 * HAProxy prints them.
 *
 * Not for: summaries, counts and exit codes (the driver).
 * Idea: sort once, then each format is one function over one diagnostic. What comes from a
 * configuration goes through printable(), so that no message can move the cursor or span lines.
 */
#include "diag.h"
#include "excerpt.h"

#include <stdlib.h>
#include <unistd.h>

enum { LONGEST_MESSAGE = 1000 };

/* Terminal escapes, or empty strings. */
struct colours {
    const char *level[3], *strong, *frame, *off;
};

static const struct colours coloured = {
    {"\033[1;36m", "\033[1;33m", "\033[1;31m"}, "\033[1m", "\033[1;34m", "\033[0m"};
static const struct colours plain = {{"", "", ""}, "", "", ""};

static const char *const level_names[] = {"notice", "warning", "error"};

static void put(struct text *out, const char *s)
{
    text_str(out, str_of(s));
}

static void put_message(struct text *out, struct str s)
{
    printable(s, LONGEST_MESSAGE, out);
}

/* "file:line:column" */
static void put_place(struct text *out, struct span at)
{
    struct place place = source_place(at.source, at.start);
    put_message(out, at.source->name);
    text_printf(out, ":%u:%u", place.line, place.column);
}

/* One diagnostic on its way to the terminal. */
struct pretty {
    struct text *out;
    const struct diag *d;
    const struct colours *c;
    int gutter; /* width of the line numbers */
};

static void put_frame(struct pretty *p, const char *number, const char *frame)
{
    text_printf(p->out, "%s%*s%s%s", p->c->frame, p->gutter, number, frame, p->c->off);
}

static void put_marks(struct pretty *p, const struct excerpt *e, struct span at, bool first)
{
    struct marks m = excerpt_marks(e, at);
    struct str label = first ? p->d->label : p->d->other_label;
    put_frame(p, "", " |");
    text_printf(p->out, " %*s%s", (int)m.blanks, "",
                first ? p->c->level[p->d->level] : p->c->frame);
    for (unsigned i = 0; i < m.width; i++)
        put(p->out, first ? "^" : "-");
    if (label.len)
        put(p->out, " ");
    put_message(p->out, label);
    text_printf(p->out, "%s\n", p->c->off);
}

/* The line of the first or second place, with marks under it; both if they fit. */
static void put_excerpt(struct pretty *p, struct span at, bool first)
{
    struct excerpt e = excerpt_of(at);
    char number[12];
    snprintf(number, sizeof number, "%u", e.line);
    put_frame(p, "", first ? "--> " : "::: ");
    put_place(p->out, at);
    put(p->out, "\n");
    put_frame(p, "", " |\n");
    put_frame(p, number, " | ");
    excerpt_text(&e, p->out);
    put(p->out, "\n");
    put_marks(p, &e, at, first);
    if (!first || !p->d->other.source)
        return;
    if (excerpt_shows(&e, p->d->other))
        put_marks(p, &e, p->d->other, false);
    else
        put_excerpt(p, p->d->other, false);
}

static int digits_of_line(struct span at)
{
    return at.source ? snprintf(NULL, 0, "%u", source_place(at.source, at.start).line) : 1;
}

static void print_pretty(struct text *out, const struct diag *d, const struct colours *c)
{
    int one = digits_of_line(d->span), two = digits_of_line(d->other);
    struct pretty p = {out, d, c, one > two ? one : two};
    text_printf(out, "%s%s[%s]%s%s: ", c->level[d->level], level_names[d->level], diag_name(d->id),
                c->off, c->strong);
    put_message(out, d->message);
    text_printf(out, "%s\n", c->off);
    if (d->span.source)
        put_excerpt(&p, d->span, true);
    if (d->span.source && d->notes.n)
        put_frame(&p, "", " |\n");
    for (unsigned i = 0; i < d->notes.n; i++) {
        put_frame(&p, "", " = ");
        text_printf(out, "%s%s:%s ", c->strong, d->notes.v[i].help ? "help" : "note", c->off);
        put_message(out, d->notes.v[i].text);
        put(out, "\n");
    }
    put(out, "\n");
}

static void gnu_line(struct text *out, struct span at, const char *level, struct str message)
{
    if (at.source)
        put_place(out, at);
    else
        put(out, "proxyc");
    text_printf(out, ": %s: ", level);
    put_message(out, message);
}

static void print_gnu(struct text *out, const struct diag *d)
{
    gnu_line(out, d->span, level_names[d->level], d->message);
    text_printf(out, " [%s]\n", diag_name(d->id));
    if (d->label.len) {
        gnu_line(out, d->span, "note", d->label);
        put(out, "\n");
    }
    if (d->other.source) {
        gnu_line(out, d->other, "note", d->other_label);
        put(out, "\n");
    }
    for (unsigned i = 0; i < d->notes.n; i++) {
        gnu_line(out, d->span, "note", d->notes.v[i].text);
        put(out, "\n");
    }
}

/* " [file:line]", the way HAProxy writes a place. */
static void put_file_line(struct text *out, struct span at)
{
    put(out, " [");
    put_message(out, at.source->name);
    text_printf(out, ":%u]", source_place(at.source, at.start).line);
}

static void print_haproxy(struct text *out, const struct diag *d)
{
    static const char *const levels[] = {"[NOTICE]  ", "[WARNING] ", "[ALERT]   "};
    text_printf(out, "%s (%d) : config : ", levels[d->level], (int)getpid());
    if (d->span.source) {
        put(out, "parsing");
        put_file_line(out, d->span);
        put(out, " : ");
    }
    put_message(out, d->message);
    if (d->label.len) {
        put(out, " (");
        put_message(out, d->label);
        put(out, ")");
    }
    if (d->other.source) {
        put(out, "; ");
        put_message(out, d->other_label);
        put_file_line(out, d->other);
    }
    for (unsigned i = 0; i < d->notes.n; i++) {
        put(out, "; ");
        put_message(out, d->notes.v[i].text);
    }
    put(out, "\n");
}

struct entry {
    const struct diag *d;
    unsigned n; /* in order of addition */
};

static int compare_u32(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_sources(const struct source *a, const struct source *b)
{
    if (a == b || !a || !b)
        return !!a - !!b;
    int r = compare_u32(a->order, b->order);
    return r ? r : str_cmp(a->name, b->name);
}

static int compare(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int r = compare_sources(a->d->span.source, b->d->span.source);
    r = r ? r : compare_u32(a->d->span.start, b->d->span.start);
    return r ? r : compare_u32(a->n, b->n);
}

static struct entry *sorted(const struct diags *ds)
{
    struct entry *entries = NEW_N(ds->arena, struct entry, ds->all.n);
    for (unsigned i = 0; i < ds->all.n; i++)
        entries[i] = (struct entry){ds->all.v[i], i};
    if (ds->all.n)
        qsort(entries, ds->all.n, sizeof *entries, compare);
    return entries;
}

enum { AT_ONCE = 1 << 16 }; /* standard error has no buffer of its own */

void diag_print_all(const struct diags *ds, FILE *out, enum diag_format format, bool colour)
{
    const struct entry *entries = sorted(ds);
    struct text text = {.arena = ds->arena};
    for (unsigned i = 0; i < ds->all.n; i++) {
        if (format == DIAG_PRETTY)
            print_pretty(&text, entries[i].d, colour ? &coloured : &plain);
        else if (format == DIAG_GNU)
            print_gnu(&text, entries[i].d);
        else
            print_haproxy(&text, entries[i].d);
        if (text.len < AT_ONCE && i + 1 < ds->all.n)
            continue;
        fwrite(text.p, 1, text.len, out);
        text.len = 0;
    }
}
