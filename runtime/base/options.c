/*
 * The command line. See abi/options.h.
 */
#include "../abi/options.h"

#include "macros.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum argument { NONE, VALUE, ATTACHED, PIDS };
enum field_kind { INT, TEXT, WORDS, NUMBERS };

struct row {
    const char *text;
    uint8_t argument, kind;
    uint16_t at;
    int value;
};

#define KIND_OF(field)                                                                             \
    _Generic(((struct px_options *)0)->field, int: INT, const char *: TEXT,                        \
             struct px_words: WORDS, struct px_pids: NUMBERS)

static const struct row rows[] = {
#define PX_OPTION(text, argument, field, value, doc)                                               \
    {text, argument, KIND_OF(field), offsetof(struct px_options, field), value},
#include "../abi/options.def"
#undef PX_OPTION
};

struct parser {
    struct px_options *options;
    int argc, at;
    char **argv;
};

static void *field_of(const struct parser *p, const struct row *r)
{
    return (char *)p->options + r->at;
}

static const struct row *find(const char *word)
{
    for (unsigned i = 0; i < PX_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        if (r->argument == ATTACHED ? !strncmp(word, r->text, strlen(r->text))
                                    : !strcmp(word, r->text))
            return r;
    }
    return NULL;
}

static bool is_number(const char *s)
{
    return *s && !s[strspn(s, "0123456789")];
}

static bool add_word(struct px_words *words, const char *word)
{
    const char **v = realloc(words->v, (words->n + 1) * sizeof *v);
    if (!v)
        return false;
    words->v = v;
    v[words->n++] = word;
    return true;
}

static bool add_pids(struct parser *p, struct px_pids *pids)
{
    while (p->at + 1 < p->argc && is_number(p->argv[p->at + 1])) {
        pid_t *v = realloc(pids->v, (pids->n + 1) * sizeof *v);
        if (!v)
            return false;
        pids->v = v;
        v[pids->n++] = (pid_t)strtol(p->argv[++p->at], NULL, 10);
    }
    return true;
}

static bool take_value(struct parser *p, const struct row *r)
{
    if (p->at + 1 >= p->argc)
        return false;
    const char *value = p->argv[++p->at];
    if (r->kind == WORDS)
        return add_word(field_of(p, r), value);
    if (r->kind == TEXT)
        *(const char **)field_of(p, r) = value;
    else if (is_number(value) && strlen(value) < 10)
        *(int *)field_of(p, r) = atoi(value);
    else
        return false;
    return true;
}

static bool take(struct parser *p, const struct row *r, const char *word)
{
    switch (r->argument) {
    case VALUE:
        return take_value(p, r);
    case PIDS:
        return add_pids(p, field_of(p, r));
    case ATTACHED:
        if (r->kind == TEXT)
            *(const char **)field_of(p, r) = word + strlen(r->text);
        return true;
    default:
        *(int *)field_of(p, r) = r->value;
        return true;
    }
}

const char *px_options_parse(struct px_options *options, int argc, char **argv)
{
    struct parser p = {.options = options, .argc = argc, .argv = argv};
    for (p.at = 1; p.at < argc; p.at++) {
        const char *word = argv[p.at];
        if (!strcmp(word, "--")) {
            while (++p.at < argc)
                if (!add_word(&options->files, argv[p.at]))
                    return argv[p.at];
            break;
        }
        const struct row *r = word[0] == '-' && word[1] ? find(word + 1) : NULL;
        if (!r || !take(&p, r, word + 1))
            return word;
    }
    return NULL;
}
