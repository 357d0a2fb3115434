/*
 * The syntax tree of a configuration: sections with their directives, conditions applied,
 * variables expanded. No keyword but those of sections and conditions is known here.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include "words.h"

struct directive {
    const struct word *words;
    unsigned nwords;
    struct span span;
};

struct section {
    struct word keyword; /* "frontend" */
    const struct word *words; /* the whole line, keyword included */
    unsigned nwords;
    struct span span;
    VEC(struct directive) directives;
};

struct config {
    struct arena *arena;
    VEC(struct source *) sources;
    VEC(struct section *) sections;
    struct env *env;
};

struct config_options {
    bool diag_messages;   /* -dD: .diag speaks */
    const char *version;  /* for version_atleast() and version_before(): "2.6.12" */
    const char *features; /* for feature(): "+OPENSSL -LUA ..." */
};

/*
 * Reads files and directories (*.cfg in C order) in the order given; "-" is standard input.
 * Everything that is wrong is reported to diags; what can be read is read.
 */
struct config *config_read(struct arena *a, struct diags *diags, const char *const *paths,
                           unsigned n, const struct config_options *options);

/* Is this word one that begins a section? */
bool config_is_section(struct str word);

/*
 * A condition as .if takes it (HAProxy manual 2.4): 1 true, 0 false, -1 malformed (reported).
 * span: where messages point; text is what the words of the line say, joined by single spaces.
 */
int condition_eval(struct arena *a, struct diags *diags, const struct env *env,
                   const struct config_options *options, struct str text, struct span span);

#endif
