/*
 * The syntax tree of a configuration: sections with their directives, conditions applied,
 * variables expanded. No keyword is known here but those of sections, of conditions, and the four
 * that change variables.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include "words.h"

struct directive {
    const struct word *words; /* none is empty */
    unsigned nwords;
    struct span span;
};

struct section {
    struct word keyword;      /* "frontend" */
    const struct word *words; /* the whole line, keyword included */
    unsigned nwords;
    struct span span;
    VEC(struct directive) directives;
    VEC(struct span) lost_acls; /* names of ACLs whose lines could not be read */
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
    const char *enabled;  /* for enabled(): "+EPOLL -SPLICE ..." */
    const char *ssllib;   /* for ssllib_name_startswith(): "OpenSSL 3.0.17 ..."; its second word is
                             for openssl_version_atleast() and openssl_version_before() */
    struct env *env;      /* NULL: that of the process */
};

/*
 * Reads files and directories (*.cfg in C order) in the order given; "-" is standard input.
 * Everything that is wrong is reported to diags; what can be read is read. In a global section,
 * setenv, presetenv, unsetenv and resetenv act on the lines that follow, and stay in the tree.
 */
struct config *config_read(struct arena *a, struct diags *diags, const char *const *paths,
                           unsigned n, const struct config_options *options);
/* The same for one source that was read already. */
struct config *config_read_source(struct arena *a, struct diags *diags, struct source *s,
                                  const struct config_options *options);

/* Is this word one that begins a section? */
bool config_is_section(struct str word);

/*
 * A condition as .if takes it (HAProxy manual 2.4): 1 true, 0 false, -1 malformed (reported).
 * w: what follows .if, joined by words_join(). For -cc, cut the text with words_cut() first.
 */
int condition_eval(struct arena *a, struct diags *diags, const struct env *env,
                   const struct config_options *options, const struct word *w);

#endif
