/*
 * Fuzz target: the reader of configurations, from bytes to sections and directives.
 *
 * Beside not crashing it checks what the floors above rely on: words end with a NUL, are never
 * empty, and know a place in their source. Messages are printed in a format that
 * the size of the input chooses.
 */
#include "compiler/syntax/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *environment[] = {"A=alpha", "LIST=one two  three", "EMPTY=", "Q=\"' \\ #$A", NULL};

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_span(struct span s)
{
    must(s.source && s.start <= s.end && s.end <= s.source->text.len);
}

static void check_word(const struct word *w)
{
    must(w->text.len && !w->text.p[w->text.len]);
    must(!memchr(w->text.p, '\0', w->text.len));
    check_span(w->span);
    for (size_t i = 0; i <= w->text.len; i += 1 + w->text.len / 16)
        check_span(word_span(w, i, i < w->text.len ? i + 1 : i));
    check_span(word_span(w, 0, w->text.len));
}

static void check_words(const struct word *words, unsigned n)
{
    must(n && n <= MAX_WORDS);
    for (unsigned i = 0; i < n; i++)
        check_word(&words[i]);
}

static void check_config(const struct config *c)
{
    for (unsigned i = 0; i < c->sections.n; i++) {
        const struct section *s = c->sections.v[i];
        must(config_is_section(s->keyword.text));
        check_words(s->words, s->nwords);
        for (unsigned k = 0; k < s->directives.n; k++)
            check_words(s->directives.v[k].words, s->directives.v[k].nwords);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *sink;
    if (!sink)
        sink = fopen("/dev/null", "w");
    struct arena *a = arena_new();
    struct diags diags = {.arena = a};
    struct config_options options = {.version = "2.6.12",
                                     .features = "+OPENSSL -LUA",
                                     .enabled = "+EPOLL",
                                     .ssllib = "OpenSSL 3.0.17 1 Jul 2025",
                                     .diag_messages = true,
                                     .env = env_new(a, environment)};
    struct source *s = source_from(a, "fuzz.cfg", (struct str){(const char *)data, size});
    check_config(config_read_source(a, &diags, s, &options));
    if (sink)
        diag_print_all(&diags, sink, (enum diag_format)(size % 3), size & 1);
    arena_free(a);
    return 0;
}
