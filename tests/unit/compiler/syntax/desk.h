/*
 * What the tests of the syntax floor share: an arena, diagnostics and an environment for each
 * test, and lines to cut.
 */
#ifndef DESK_H
#define DESK_H

#include "compiler/syntax/config.h"
#include "compiler/syntax/expr.h"
#include "tests/unit/unit.h"

#include <string.h>

static struct {
    struct arena *arena;
    struct diags diags;
    struct env *env;
    struct word_context words;
    struct syntax syntax;
} desk;

static char *desk_environ[] = {"A=alpha", "B=beta",          "EMPTY=",    "LIST=one two  three",
                               "ONE=one", "BLANKS=  x  y  ", "_U1=under", NULL};

static inline void desk_open(void)
{
    desk.arena = arena_new();
    desk.diags = (struct diags){.arena = desk.arena};
    desk.env = env_new(desk.arena, desk_environ);
    desk.words =
        (struct word_context){desk.arena, &desk.diags, desk.env, {"www", sizeof "www" - 1}};
    desk.syntax = (struct syntax){desk.arena, &desk.diags};
}

static inline void desk_close(void)
{
    arena_free(desk.arena);
}

/* The ids of what was reported so far, with spaces between; reported things are forgotten. */
static inline const char *desk_reported(void)
{
    struct text t = {.arena = desk.arena};
    for (unsigned i = 0; i < desk.diags.all.n; i++)
        text_printf(&t, "%s%s", i ? " " : "", diag_name(desk.diags.all.v[i]->id));
    text_put(&t, "", 1);
    desk.diags = (struct diags){.arena = desk.arena};
    return t.p;
}

static inline struct words desk_cut(struct str line)
{
    struct words words;
    struct source *s = source_from(desk.arena, "a.cfg", line);
    words_cut(&desk.words, s, 0, &words);
    return words;
}

/* The bytes that a span stands for, as they are written. */
static inline struct str desk_written(struct span s)
{
    return str_cut(s.source->text, s.start, s.end);
}

#endif
