/*
 * Reading configurations: files and directories, sections and their directives.
 *
 * Not for: cutting lines (words.c), lines with a dot (block.c), what keywords mean (sema).
 * Idea: one pass from line to line. A section keyword closes the section before it, and so does
 * the end of a file; what cannot be read is reported, and the next line is tried.
 */
#include "reader.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static const struct str section_names[] = {
    {"acme", 4},         {"backend", 7},  {"cache", 5},
    {"crt-store", 9},    {"defaults", 8}, {"fcgi-app", 8},
    {"frontend", 8},     {"global", 6},   {"healthcheck", 11},
    {"http-errors", 11}, {"listen", 6},   {"log-forward", 11},
    {"log-profile", 11}, {"mailers", 7},  {"namespace_list", 14},
    {"peers", 5},        {"program", 7},  {"resolvers", 9},
    {"ring", 4},         {"traces", 6},   {"userlist", 8},
};

bool config_is_section(struct str word)
{
    for (unsigned i = 0; i < COUNT(section_names); i++)
        if (str_eq(word, section_names[i]))
            return true;
    return false;
}

bool reader_words_are_full(struct reader *r, const struct words *words)
{
    for (unsigned i = 0; i < words->n; i++) {
        const struct word *w = &words->v[i];
        if (w->text.len)
            continue;
        struct diag *d = diag_add(r->diags, E0110, w->span, "empty word");
        if (w->expanded)
            diag_label(r->diags, d, "the variable is empty or not set");
        if (w->expanded)
            diag_help(r->diags, d, "give a default value: \"${NAME-default}\"");
        diag_note(r->diags, d, "HAProxy would end the line here, and ignore what follows");
        return false;
    }
    return true;
}

/* Lines in front of the first section of a file belong nowhere; the first one is reported. */
static void out_of_section(struct reader *r, const struct word *w)
{
    if (r->lost)
        return;
    r->lost = true;
    struct diag *d =
        diag_add(r->diags, E0114, w->span, "'" STR_FMT "' before any section", STR_ARG(w->text));
    diag_suggest(r->diags, d, w->text, section_names, COUNT(section_names));
    diag_note(r->diags, d,
              "each file must begin with a section; lines up to the first one are "
              "not looked at");
}

static void section_begin(struct reader *r, const struct words *words)
{
    struct arena *a = r->config->arena;
    struct section *s = NEW(a, struct section);
    s->keyword = words->v[0];
    s->words = words->v;
    s->nwords = words->n;
    s->span = words->span;
    VEC_ADD(a, &r->config->sections, s);
    r->section = s;
    r->ctx.section = words->v[words->n > 1].text;
}

static void directive_add(struct reader *r, const struct words *words)
{
    struct directive d = {words->v, words->n, words->span};
    VEC_ADD(r->config->arena, &r->section->directives, d);
    if (str_is(r->section->keyword.text, "global"))
        setenv_apply(r, &d);
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r' && c != '\n');
}

struct span reader_first_word(const struct source *s, uint32_t at)
{
    uint32_t end = at;
    while (end < s->text.len && !strchr(" \t\v\f\r\n#", s->text.p[end]))
        end++;
    return (struct span){s, at, end};
}

uint32_t reader_next_line(const struct source *s, uint32_t at)
{
    const char *lf = memchr(s->text.p + at, '\n', s->text.len - at);
    return lf ? (uint32_t)(lf + 1 - s->text.p) : (uint32_t)s->text.len;
}

/* An ACL whose line cannot be read exists all the same for the lines that use it. */
static void lose_acl(struct reader *r, const struct source *s, uint32_t at)
{
    while (at < s->text.len && is_blank(s->text.p[at]))
        at++;
    VEC_ADD(r->config->arena, &r->section->lost_acls, reader_first_word(s, at));
}

/* What follows a section line that cannot be read must not end up in the section before it. */
static void line_failed(struct reader *r, const struct source *s, uint32_t at)
{
    struct span first = reader_first_word(s, at);
    if (config_is_section(str_cut(s->text, first.start, first.end))) {
        r->section = NULL;
        r->lost = true;
    }
    if (r->section && str_is(str_cut(s->text, first.start, first.end), "acl"))
        lose_acl(r, s, first.end);
}

static void read_line(struct reader *r, const struct source *s, uint32_t at)
{
    struct words words;
    unsigned errors = r->diags->all.n;
    words_cut(&r->ctx, s, at, &words);
    if (!words.n || !reader_words_are_full(r, &words)) {
        if (r->diags->all.n > errors)
            line_failed(r, s, at);
    } else if (config_is_section(words.v[0].text)) {
        section_begin(r, &words);
    } else if (r->section) {
        directive_add(r, &words);
    } else {
        out_of_section(r, &words.v[0]);
    }
}

/* Windows editors like to begin files with three bytes that cannot be seen. */
static uint32_t skip_mark(struct reader *r, const struct source *s)
{
    if (!str_begins(s->text, "\xef\xbb\xbf"))
        return 0;
    struct diag *d =
        diag_add(r->diags, E0115, (struct span){s, 0, 3}, "byte order mark in front of the file");
    diag_help(r->diags, d, "save the file as 'UTF-8 without BOM'");
    return 3;
}

static void check_end(struct reader *r, const struct source *s)
{
    uint32_t end = (uint32_t)s->text.len;
    if (!end || s->text.p[end - 1] == '\n')
        return;
    struct diag *d =
        diag_add(r->diags, E0111, (struct span){s, end, end}, "the last line does not end");
    diag_help(r->diags, d, "if nothing is missing, add a newline");
}

static void read_source(struct reader *r, struct source *s)
{
    s->order = r->config->sources.n;
    VEC_ADD(r->config->arena, &r->config->sources, s);
    r->section = NULL;
    r->lost = false;
    r->ctx.section = STR("");
    uint32_t at = skip_mark(r, s);
    while (at < s->text.len) {
        while (at < s->text.len && is_blank(s->text.p[at]))
            at++;
        uint32_t next = reader_next_line(s, at);
        if (at < s->text.len && s->text.p[at] == '.')
            block_line(r, s, at);
        else if (!block_skips(r))
            read_line(r, s, at);
        at = next;
    }
    block_end_all(r);
    check_end(r, s);
}

static void cannot_read(struct reader *r, const char *path)
{
    diag_add(r->diags, E0112, (struct span){0}, "cannot read '%s': %s", path, strerror(errno));
}

static void read_file(struct reader *r, const char *path)
{
    struct arena *a = r->config->arena;
    bool standard_input = !strcmp(path, "-");
    struct source *s =
        standard_input ? source_read_fd(a, path, STDIN_FILENO) : source_read(a, path);
    if (s)
        read_source(r, s);
    else
        cannot_read(r, path);
}

static int is_config_file(const struct dirent *e)
{
    size_t len = strlen(e->d_name);
    return e->d_name[0] != '.' && len > 4 && !strcmp(e->d_name + len - 4, ".cfg");
}

/* The order of bytes, whatever the locale. */
static int compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_directory(struct reader *r, const char *path)
{
    struct dirent **entries;
    int n = scandir(path, &entries, is_config_file, compare_names);
    if (n < 0) {
        cannot_read(r, path);
        return;
    }
    if (!n)
        diag_add(r->diags, E0116, (struct span){0}, "no *.cfg file in directory '%s'", path);
    for (int i = 0; i < n; i++) {
        struct str file = str_printf(r->config->arena, "%s/%s", path, entries[i]->d_name);
        read_file(r, file.p);
        free(entries[i]);
    }
    free(entries);
}

static void read_path(struct reader *r, const char *path)
{
    struct stat st;
    if (strcmp(path, "-") && !stat(path, &st) && S_ISDIR(st.st_mode))
        read_directory(r, path);
    else
        read_file(r, path);
}

static struct reader reader_new(struct arena *a, struct diags *diags,
                                const struct config_options *options)
{
    struct config *c = NEW(a, struct config);
    c->arena = a;
    c->env = options->env ? options->env : env_new(a, environ);
    struct word_context ctx = {.arena = a, .diags = diags, .env = c->env, .section = STR("")};
    return (struct reader){.config = c, .diags = diags, .options = options, .ctx = ctx};
}

struct config *config_read(struct arena *a, struct diags *diags, const char *const *paths,
                           unsigned n, const struct config_options *options)
{
    struct reader r = reader_new(a, diags, options);
    for (unsigned i = 0; i < n; i++)
        read_path(&r, paths[i]);
    return r.config;
}

struct config *config_read_source(struct arena *a, struct diags *diags, struct source *s,
                                  const struct config_options *options)
{
    struct reader r = reader_new(a, diags, options);
    read_source(&r, s);
    return r.config;
}
