/*
 * What the checking functions share. Only for files of this folder.
 */
#ifndef CONTEXT_H
#define CONTEXT_H

#include "sema.h"

struct sema {
    struct arena *arena;
    struct diags *diags;
    const struct vocab *vocab;
    const struct config *config;
    struct model *model;
    struct syntax syntax;
    struct m_proxy *proxy;       /* the section that is read; NULL: another kind */
    struct m_defaults *defaults; /* the same for defaults */
    struct m_inherited *in;      /* of either */
    struct m_defaults *current;  /* what the next proxy takes over */
    struct m_userlist *userlist;
    struct m_http_errors *errors;
    struct m_ring *ring;
    struct m_mailers *mailers;
    struct m_table *table;
    struct m_resolvers *resolvers;
    const struct section *section;
    struct map http_errors;            /* struct m_http_errors, by name */
    struct diag *tls_notice;           /* about all defaults of TLS; NULL: there was none */
    bool in_check;                     /* a rule of a check is read */
    bool advise;                       /* say what HAProxy warns of: nothing is wrong so far */
    struct map lost;                   /* names of sections that could not be read */
    struct map backends;               /* by name, when all sections are read */
    struct map pattern_files;          /* struct pattern_lines, by path */
    unsigned ranks_seen;               /* kinds of rules so far, by their order of evaluation */
    struct m_rule *final_rule[PHASES]; /* ends its rule set whatever comes behind it */
};

/* One directive line, behind its keyword. */
struct line {
    const struct word *words;
    unsigned n;
    unsigned at;         /* the first word behind the keyword */
    bool negated, reset; /* "no", "default" in front */
    const char *keyword;
    struct span span;
};

typedef void (*directive_fn)(struct sema *s, struct line *l);

struct directive_row {
    enum vocab_space space;
    const char *words;
    directive_fn parse;
    unsigned where; /* enum where */
    bool negatable;
    const struct vocab_setting *setting; /* a scalar: parse is not used */
    const char *doc;
};

/* The next word, NULL at the end. */
static inline const struct word *line_next(struct line *l)
{
    return l->at < l->n ? &l->words[l->at++] : NULL;
}

static inline const struct word *line_peek(const struct line *l)
{
    return l->at < l->n ? &l->words[l->at] : NULL;
}

/* The next word; reports "expects <what>" when there is none. */
const struct word *line_expect(struct sema *s, struct line *l, const char *what);
/* Reports words that are left over. false: there were some. */
bool line_end(struct sema *s, struct line *l);
/* Is the next word this one? Then it is taken. */
bool line_take(struct line *l, const char *word);
/* Is it the next word? If so, it is reported as one of newer versions, not supported yet. */
bool line_has_later(struct sema *s, const struct line *l, const char *word);

/* ---- settings.c ---- */

/* Reads the value of a scalar setting at l into *set. */
void setting_parse(struct sema *s, struct line *l, const struct vocab_setting *row,
                   struct m_setting *set);
/* A value of this kind from one word. false: reported. */
bool setting_value(struct sema *s, const struct word *w, enum setting_kind kind, const char *what,
                   struct m_setting *set);
/* A flag as its line has it: "no" and "default" may stand in front. */
struct m_setting flag_setting(const struct line *l);
bool number_value(struct sema *s, const struct word *w, const char *what, int64_t low, int64_t high,
                  int64_t *out);
/* Decimal, or hexadecimal behind 0x. false: neither. */
bool mark_value(struct str s, uint64_t *n);
bool onoff_value(struct sema *s, const struct word *w, const char *what, int64_t *on);
/* "source ADDRESS ...", from the address on (source.c). false: reported. */
bool source_take(struct sema *s, struct line *l, const struct m_source **source);
/* The type of a vector of PROXY headers. false: reported. */
bool vector_type(struct sema *s, struct str word, struct span at, int64_t *type);
/* Sets of threads, and how many sockets share an address (threads.c). */
bool threads_value(struct sema *s, const struct word *w, const char *what, int64_t *set);
bool shards_value(struct sema *s, const struct word *w, const char *what, int64_t *n);
bool time_value(struct sema *s, const struct word *w, const char *what, int64_t *ms);

/* ---- expressions.c ---- */

/* Looks up names and types. phase: where it is used; NULL: reported. */
struct m_expr *expr_check(struct sema *s, const struct expr *e, enum px_phase phase);
struct m_expr *expr_take(struct sema *s, struct line *l, enum px_phase phase);
/* false: reported. */
bool expr_is_available(struct sema *s, const struct m_expr *e, enum px_phase phase);
bool expr_is_constant(const struct m_expr *e);
const char *phase_name(enum px_phase phase);
/* The same, and of whom, where the sample is not there. */
const char *place_name(const struct sema *s, const struct m_expr *e, enum px_phase phase);
/* Arguments of a call, by kinds. false: reported. */
bool args_check(struct sema *s, const struct call *call, const enum arg_kind *kinds,
                unsigned nkinds, struct m_arg *args);

/* "ifset" and its like into *conds (enum px_var_cond). false: reported. */
bool cond_of_var(struct sema *s, const struct arg *a, int64_t *conds);

struct m_name *name_intern(struct sema *s, struct str name);
struct m_var *var_intern(struct sema *s, struct str name, struct span at);
struct m_regex *regex_intern(struct sema *s, struct str pattern, bool fold, struct span at);

/* ---- formats.c ---- */

struct m_fmt *fmt_check(struct sema *s, const struct word *w, enum px_phase phase);
struct m_fmt *log_fmt_check(struct sema *s, const struct word *w, bool http);
/* The format of identifiers: written like a log line, but made while there is a request. */
struct m_fmt *id_fmt_check(struct sema *s, const struct word *w, bool http);
struct m_fmt *fmt_constant(struct sema *s, struct str text);

/* ---- acl.c ---- */

struct m_cond *cond_take(struct sema *s, struct line *l, enum px_phase phase);
void acl_parse(struct sema *s, struct line *l);
/* The ACLs that the fetch of e names. false: reported. */
bool acls_take(struct sema *s, const struct call *call, enum px_phase phase, struct m_expr *e);
/* Once all ACLs have all their lines: which samples that ask for ACLs change something. */
void settle_named(struct sema *s);
/* There is an ACL of this name, though its line could not be read. */
void acl_lost(struct sema *s, struct span name);

/* Is a pattern a valid regular expression? Reported when it is not. */
bool regex_is_valid(struct sema *s, const struct m_regex *re);
/* Do arguments fit beyond their kinds? Texts become what they stand for. false: reported. */
bool fetch_args_fit(struct sema *s, struct m_expr *e);
bool conv_args_fit(struct sema *s, struct m_conv *c);
/* The key of jwt_verify, from its file if it is one. false: reported. */
bool jwt_key_take(struct sema *s, const struct m_arg *args);
void load_maps(struct sema *s, struct m_expr *e);
bool header_name_is_good(struct sema *s, const struct word *w);

/* ---- others ---- */

struct m_reply *reply_take(struct sema *s, struct line *l, enum px_phase phase, unsigned status,
                           const char *status_word);
/* "redir" of servers. */
const struct m_redirect *redirect_to_prefix(struct sema *s, struct str prefix, struct span at);
struct m_redirect *redirect_take(struct sema *s, struct line *l, bool literal, enum px_phase phase);
struct m_reply *errorfile_load(struct sema *s, unsigned status, const struct word *path);
void rule_add(struct sema *s, struct line *l, enum px_phase phase);
void bind_parse_line(struct sema *s, struct line *l, bool control);
void log_parse_line(struct sema *s, struct line *l, bool in_global);
/* The number of a log format. false: reported. */
bool log_format_value(struct sema *s, const struct word *w, unsigned *format);

/* ---- mailers.c ---- */

struct m_mailers *mailers_new(struct sema *s, struct str name, struct span at);
/* Who is told of what. */
void settle_mail(struct sema *s);

/* ---- rings.c ---- */

struct m_ring *ring_new(struct sema *s, struct str name, struct span at);
/* w: where it is named. NULL: there is none (reported). */
const struct m_ring *ring_find(struct sema *s, const struct word *w, struct str name);
/* Sizes, once those of the process are known. */
void settle_rings(struct sema *s);

/* ---- sticks.c ---- */

/* The table that an argument names. NULL: there is none (reported). */
struct m_table *table_find(struct sema *s, struct str name, struct span at);
/* Can a sample of this type be a key of the table? Reported if not. */
bool table_takes(struct sema *s, const struct m_table *t, enum px_type type, struct span at);
/* The tables of the rules of p; what they store in. */
void settle_sticks(struct sema *s, struct m_proxy *p);

/* ---- resolvers.c ---- */

struct m_resolvers *resolvers_new(struct sema *s, struct str name, struct span at);
/* Which sections resolve the names of servers. */
void settle_resolvers(struct sema *s);

/* ---- others ---- */

void userlist_check(struct sema *s, struct m_userlist *u);
/* Reports a group that the list does not have. */
void userlist_group(struct sema *s, const struct m_userlist *u, struct str group, struct span at);
/* Reads the file of h1-case-adjust-file, and puts the names in order. */
void settle_cases(struct sema *s);
/* The rules of a named defaults section run before the proxy's own. */
void inherit_rules(struct sema *s);
/* What bind lines take from the global section, and whether their threads exist. */
void settle_binds(struct sema *s);
/* What stands at `at` needs privileges while the process runs: reported if it gives them up. */
void needs_privileges(struct sema *s, struct span at, const char *what);
/* Sources that servers take from their backend, and numbers of network namespaces. */
void settle_sources(struct sema *s);

/* ---- checks.c ---- */

/* Parses what stands behind "tcp-check" or "http-check". */
bool check_rule_take(struct sema *s, struct line *l, struct m_check_rule *r, bool http);
/* What is checked, and whether it can be. */
void settle_checks(struct sema *s);

/* ---- resolve.c ---- */

/* NULL: there is none. cap: enum px_cap, what it has to be. */
struct m_proxy *find_proxy(const struct model *m, struct str name, unsigned cap);
struct m_server *find_server(const struct m_proxy *p, struct str name);
/* Gives numbers to proxies, servers and listeners. */
void number_model(struct sema *s);
/* Which files say what servers were. */
void settle_states(struct sema *s);
/* Warns of values of a map that should name backends and do not. */
void mind_mapped_backends(struct sema *s, const struct m_fmt *name);
/* Names that may be defined later: backends, servers, user lists; and what only the whole tells. */
void resolve_model(struct sema *s);

#endif
