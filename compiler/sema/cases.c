/*
 * h1-case-adjust: header names as bogus clients and servers want to see them.
 *
 * Not here: which proxies have such clients or servers; that is a setting of each.
 */
#include "proxy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool differs_in_case_only(struct str from, struct str to)
{
    if (from.len != to.len)
        return false;
    for (size_t i = 0; i < from.len; i++)
        if (from.p[i] != lower(from.p[i]) || from.p[i] != lower(to.p[i]))
            return false;
    return true;
}

static void case_add(struct sema *s, const struct word *from, const struct word *to)
{
    struct model *m = s->model;
    if (!header_name_is_good(s, from))
        return;
    if (!differs_in_case_only(from->text, to->text)) {
        struct diag *d = diag_add(s->diags, E0548, to->span,
                                  "'" STR_FMT "' is not '" STR_FMT "' in another case",
                                  STR_ARG(to->text), STR_ARG(from->text));
        diag_note(s->diags, d, "the first name is in lower case");
        return;
    }
    for (unsigned i = 0; i < m->cases.n; i++) {
        if (!str_eq(m->cases.v[i].from, from->text))
            continue;
        struct diag *d =
            diag_add(s->diags, E0548, from->span, "there is an entry for '" STR_FMT "' already",
                     STR_ARG(from->text));
        diag_other(s->diags, d, m->cases.v[i].span, "here");
        return;
    }
    VEC_ADD(s->arena, &m->cases, ((struct m_case){from->text, to->text, from->span}));
}

void case_adjust_parse(struct sema *s, struct line *l)
{
    const struct word *from =
        line_expect(s, l, "a header name in lower case and another way to write it");
    const struct word *to = from ? line_expect(s, l, "another way to write the name") : NULL;
    if (to && line_end(s, l))
        case_add(s, from, to);
}

void case_adjust_file_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a file name");
    if (w && line_end(s, l))
        s->model->case_file = w;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The next word of the line of a file that begins at *at. false: there is none. */
static bool file_word(const struct source *src, struct str line, size_t *at, struct word *w)
{
    while (*at < line.len && is_blank(line.p[*at]))
        ++*at;
    size_t from = *at, offset = (size_t)(line.p - src->text.p);
    while (*at < line.len && !is_blank(line.p[*at]))
        ++*at;
    w->text = str_cut(line, from, *at);
    w->span = (struct span){src, (uint32_t)(offset + from), (uint32_t)(offset + *at)};
    return w->text.len;
}

static void file_line(struct sema *s, const struct source *src, struct str line)
{
    struct word from, to, more;
    size_t at = 0;
    if (!file_word(src, line, &at, &from) || from.text.p[0] == '#')
        return;
    if (file_word(src, line, &at, &to) && !file_word(src, line, &at, &more))
        case_add(s, &from, &to);
    else
        diag_add(s->diags, E0548, from.span, "a line of this file has two names");
}

static int by_name(const void *a, const void *b)
{
    struct str x = ((const struct m_case *)a)->from, y = ((const struct m_case *)b)->from;
    int cmp = memcmp(x.p, y.p, x.len < y.len ? x.len : y.len);
    return cmp ? cmp : (x.len > y.len) - (x.len < y.len);
}

void settle_cases(struct sema *s)
{
    struct model *m = s->model;
    if (m->case_file) {
        struct source *src = source_read(s->arena, str_cstr(s->arena, m->case_file->text));
        if (!src)
            diag_add(s->diags, E0531, m->case_file->span, "cannot read '" STR_FMT "': %s",
                     STR_ARG(m->case_file->text), strerror(errno));
        for (unsigned i = 1; src && i <= src->lines.n; i++)
            file_line(s, src, source_line(src, i));
    }
    if (m->cases.n)
        qsort(m->cases.v, m->cases.n, sizeof *m->cases.v, by_name);
}
