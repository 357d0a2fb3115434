/*
 * The table of directives, and finding the row of a line.
 */
#include "directives.h"

#include "proxy.h"

#include <string.h>

#define IN_G IN_GLOBAL
#define IN_S 0
#define IN_F IN_FRONTEND
#define IN_B IN_BACKEND
#define IN_FB (IN_FRONTEND | IN_BACKEND)
#define IN_DF (IN_DEFAULTS | IN_FRONTEND)
#define IN_DB (IN_DEFAULTS | IN_BACKEND)
#define IN_DFB (IN_DEFAULTS | IN_FRONTEND | IN_BACKEND)

static const struct directive_row rows[] = {
#define DIRECTIVE(space, words, parse, where, negatable, doc)                                      \
    {SPACE_##space, words, parse, IN_##where, negatable, NULL, doc},
#include "directives.def"
#undef DIRECTIVE
#define PX_STICK(name, symbol, kind, doc) {SPACE_STORE, name, NULL, IN_S, false, NULL, doc},
#include "../../runtime/abi/stick.def"
#undef PX_STICK
};

static const char *const sections[] = {"global",      "defaults",       "frontend",
                                       "backend",     "listen",         "userlist",
                                       "http-errors", "namespace_list", "ring",
                                       "resolvers", "mailers"};

struct vocab *sema_vocab(struct arena *a)
{
    struct vocab *v = vocab_new(a);
    for (unsigned i = 0; i < COUNT(rows); i++)
        vocab_add(v, rows[i].space, rows[i].words, &rows[i]);
    static struct directive_row settings[NGLOBAL_SETTINGS + NPROXY_SETTINGS];
    for (unsigned i = 0; i < NGLOBAL_SETTINGS; i++) {
        settings[i] = directive_of_setting(&vocab_global[i], SPACE_GLOBAL);
        vocab_add(v, SPACE_GLOBAL, settings[i].words, &settings[i]);
    }
    for (unsigned i = 0; i < NPROXY_SETTINGS; i++) {
        struct directive_row *row = &settings[NGLOBAL_SETTINGS + i];
        *row = directive_of_setting(&vocab_proxy[i], SPACE_PROXY);
        vocab_add(v, SPACE_PROXY, row->words, row);
    }
    for (unsigned i = 0; i < COUNT(sections); i++)
        vocab_add(v, SPACE_SECTION, sections[i], sections[i]);
    vocab_add_known(v);
    return v;
}

struct directive_row directive_of_setting(const struct vocab_setting *set, enum vocab_space space)
{
    bool negatable = !strncmp(set->words, "option ", 7) || !strcmp(set->words, "set-dumpable") ||
                     !strcmp(set->words, "strict-limits");
    return (struct directive_row){.space = space,
                                  .words = set->words,
                                  .where = set->where,
                                  .negatable = negatable,
                                  .setting = set,
                                  .doc = set->doc};
}

enum { LONGEST = 3 }; /* words of a keyword */

/* The longest keyword at the beginning of the line; *used: its words. NULL: none. */
const struct vocab_entry *directive_entry(const struct vocab *v, enum vocab_space space,
                                          const struct word *words, unsigned n, unsigned *used)
{
    char text[160];
    size_t len = 0;
    const struct vocab_entry *found = NULL;
    for (unsigned i = 0; i < n && i < LONGEST; i++) {
        if (len + words[i].text.len + 2 > sizeof text)
            break;
        if (i)
            text[len++] = ' ';
        struct str word = words[i].text; /* "set-var(name)" is a keyword with an argument */
        const char *paren = i ? memchr(word.p, '(', word.len) : NULL;
        size_t bytes = paren ? (size_t)(paren - word.p) : word.len;
        memcpy(text + len, word.p, bytes);
        len += bytes;
        const struct vocab_entry *e = vocab_find(v, space, (struct str){text, len});
        if (e) {
            found = e;
            *used = i + 1;
        }
    }
    return found;
}

/* How much of the line to name when no keyword fits: "option foo" rather than "option", and "timout
 * client" rather than "timout", which resembles no keyword. */
static unsigned words_to_name(const struct word *words, unsigned n)
{
    static const char *const families[] = {
        "option",    "timeout", "stats",   "tcp-request", "tcp-response", "http-check",
        "tcp-check", "stick",   "capture", "compression", "filter",       "email-alert"};
    struct str names[COUNT(families)];
    for (unsigned i = 0; i < COUNT(families); i++)
        names[i] = str_of(families[i]);
    return n > 1 && diag_nearest(words[0].text, names, COUNT(families)).len ? 2 : 1;
}

/* Is this word nearer to the keyword of a section than to any other? */
static bool looks_like_section(struct sema *s, enum vocab_space space, struct str word)
{
    struct str names[COUNT(sections)], *keywords;
    for (unsigned i = 0; i < COUNT(sections); i++)
        names[i] = str_of(sections[i]);
    struct str section = diag_nearest(word, names, COUNT(sections));
    if (!section.len)
        return false;
    unsigned n = vocab_names(s->vocab, space, &keywords);
    struct str keyword = diag_nearest(word, keywords, n);
    unsigned most = (unsigned)word.len;
    return !keyword.len || str_distance(word, keyword, most) > str_distance(word, section, most);
}

/* What is named behind a misspelt keyword is not unknown where it is referred to. */
bool section_misspelt(struct sema *s, enum vocab_space space, const struct word *words, unsigned n)
{
    if (!looks_like_section(s, space, words[0].text))
        return false;
    struct diag *d =
        vocab_refuse(s->vocab, s->diags, SPACE_SECTION, words[0].text, words[0].span, "section");
    diag_note(s->diags, d, "the lines up to the next section are not looked at");
    if (n > 1)
        *map_at(s->arena, &s->lost, words[1].text) = s;
    return true;
}

bool directive_unknown(struct sema *s, enum vocab_space space, const struct word *words, unsigned n)
{
    static const enum vocab_space others[] = {SPACE_GLOBAL, SPACE_PROXY, SPACE_USERLIST};
    unsigned k = words_to_name(words, n);
    bool stray = false;
    for (unsigned i = 0; i < COUNT(others); i++)
        stray = directive_entry(s->vocab, others[i], words, n, &k) || stray;
    if (!stray && section_misspelt(s, space, words, n))
        return false;
    struct text name = {.arena = s->arena};
    for (unsigned i = 0; i < k; i++)
        text_printf(&name, "%s" STR_FMT, i ? " " : "", STR_ARG(words[i].text));
    struct span at = span_join(words[0].span, words[k - 1].span);
    vocab_refuse(s->vocab, s->diags, space, (struct str){name.p, name.len}, at, "keyword");
    return true;
}
