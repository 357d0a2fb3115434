/*
 * The functions of proxy directives. Only for files of this folder.
 */
#ifndef PROXY_H
#define PROXY_H

#include "context.h"

struct m_http_errors {
    struct str name;
    VEC(struct m_error) pages;
    struct span span;
};

/* Of the directive table (directives.def). */
#define DIRECTIVE(space, words, parse, where, negatable, doc)                                      \
    void parse(struct sema *s, struct line *l);
#include "directives.def"
#undef DIRECTIVE

/* The number of the one word that is expected, of n; -1: reported. */
int choice_take(struct sema *s, struct line *l, const char *const *words, unsigned n);
/* One that is none of the servers of p, for m_proxy.dispatch. */
struct m_server *nameless_server(struct sema *s, struct m_proxy *p, struct span at);
const struct m_algorithm *algorithm_default(void);
/* When the mode of the proxy is known. */
void settle_persistence(struct sema *s, struct m_proxy *p);
/* Of a server. false: reported. */
bool cookie_value_is_good(struct sema *s, const struct word *w);
void settle_balance(struct sema *s, struct m_proxy *p);
struct m_http_errors *http_errors_find(struct sema *s, const struct word *name);
/* NULL: the section, or the page in it, does not exist (reported). */
struct m_reply *http_errors_page(struct sema *s, const struct word *name, unsigned status,
                                 struct span at);
struct m_reply *errorloc_reply(struct sema *s, unsigned status, unsigned code, struct str url);
/* Is there an error page of this status? */
bool status_has_page(unsigned status);
/* A new slot for captures; its number. */
unsigned capture_add(struct sema *s, unsigned len, struct span at);
/* Is there a slot of the number that a rule of p names? A backend cannot know. */
bool capture_exists(struct sema *s, const struct m_proxy *p, const struct m_arg *slot,
                    bool response);
bool header_name_is_good(struct sema *s, const struct word *w);
bool network_value(struct sema *s, const struct word *w, struct m_pattern *out);
/* The format of a log option; NULL: it has none. */
const char *log_kind_text(enum log_kind kind);

/* The limit that a rule of p names. Reported when there is none. */
void resolve_bwlim(struct sema *s, const struct m_proxy *p, struct m_arg *a);

#endif
