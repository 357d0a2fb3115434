/*
 * Words as they are used: which bytes of the source a part of one comes from, and joining them.
 *
 * Not for: cutting lines (words.c).
 * Idea: runs are in order of the text, so the one that a byte belongs to is found by halving.
 */
#include "words.h"

#include <string.h>

/* The last run that begins at or before byte i of the text. */
static const struct word_run *run_of(const struct word *w, size_t i)
{
    unsigned low = 0, high = w->nruns;
    while (high - low > 1) {
        unsigned middle = low + (high - low) / 2;
        if (w->runs[middle].at <= i)
            low = middle;
        else
            high = middle;
    }
    return &w->runs[low];
}

/* Where byte i of the text was written. */
static struct span byte_span(const struct word *w, size_t i)
{
    struct span s = w->span;
    if (w->nruns) {
        const struct word_run *r = run_of(w, i);
        s.start = r->whole ? r->start : r->start + (uint32_t)(i - r->at);
        s.end = r->whole ? r->end : s.start + 1;
    } else if (s.end - s.start == w->text.len) {
        s.start += (uint32_t)i;
        s.end = s.start + 1;
    }
    return s;
}

struct span word_span(const struct word *w, size_t from, size_t to)
{
    if (!w->text.len)
        return w->span;
    if (from < to)
        return span_join(byte_span(w, from), byte_span(w, to - 1));
    struct span s = byte_span(w, from < w->text.len ? from : w->text.len - 1);
    s.start = s.end = from < w->text.len ? s.start : s.end;
    return s;
}

bool word_ends_at_space(const struct word *w)
{
    const struct source *src = w->span.source;
    if (w->quoted || !src || w->span.end >= src->text.len)
        return false;
    return src->text.p[w->span.end] == ' ' || src->text.p[w->span.end] == '\t';
}

static void add_runs(struct word_run *to, const struct word *w, uint32_t at)
{
    if (!w->nruns)
        *to = (struct word_run){at, w->span.start, w->span.end,
                                w->span.end - w->span.start != w->text.len};
    for (unsigned i = 0; i < w->nruns; i++) {
        to[i] = w->runs[i];
        to[i].at += at;
    }
}

/* The space between two words stands for whatever blanks there are. */
static struct word_run gap(const struct word *left, const struct word *right, uint32_t at)
{
    uint32_t start = left->span.end, end = right->span.start;
    return (struct word_run){at, start < end ? start : end, end, true};
}

struct word words_join(struct arena *a, const struct word *words, unsigned n)
{
    struct word joined = {.span = span_join(words[0].span, words[n - 1].span)};
    size_t len = n - 1;
    unsigned nruns = n - 1;
    for (unsigned i = 0; i < n; i++) {
        len += words[i].text.len;
        nruns += words[i].nruns ? words[i].nruns : 1;
        joined.quoted |= words[i].quoted;
        joined.expanded |= words[i].expanded;
    }
    char *text = arena_get(a, len + 1), *p = text;
    struct word_run *runs = NEW_N(a, struct word_run, nruns), *run = runs;
    for (unsigned i = 0; i < n; i++) {
        if (i) {
            *run++ = gap(&words[i - 1], &words[i], (uint32_t)(p - text));
            *p++ = ' ';
        }
        add_runs(run, &words[i], (uint32_t)(p - text));
        run += words[i].nruns ? words[i].nruns : 1;
        if (words[i].text.len)
            memcpy(p, words[i].text.p, words[i].text.len);
        p += words[i].text.len;
    }
    joined.text = (struct str){text, len};
    joined.runs = runs;
    joined.nruns = nruns;
    return joined;
}
