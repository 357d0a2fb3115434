/*
 * The plan: the typed program that is to be printed. The checked program with every choice made:
 * which patterns share a matcher and of what kind, which samples are kept, which rules are found
 * by index, what each thing is called.
 *
 * Not here: how C looks (emit/).
 */
#ifndef PLAN_H
#define PLAN_H

#include "../sema/model.h"

/* ---- pattern sets ---- */

enum set_kind {
    SET_FEW,    /* strings compared one after another */
    SET_HASH,   /* strings by perfect hash */
    SET_PREFIX, /* sorted, longest match */
    SET_SUFFIX,
    SET_INT, /* disjoint ranges */
    SET_IP,
    SET_SEARCH, /* an automaton */
};

/* Bytes that become a constant array, in the generated file or, when they are many, in a data
 * file beside it. */
struct p_blob {
    const char *type; /* of an element, in C */
    size_t size;      /* of an element, in bytes */
    size_t n;
    const void *v;
};

struct p_key {
    struct str text;   /* strings */
    int64_t low, high; /* integers */
    uint8_t ip_low[16], ip_high[16];
    bool v6;
    unsigned test; /* that it belongs to; in maps the entry */
    /* In sets that search, where each pattern has its own. */
    enum match_method method;
    bool fold;
};

struct p_test;

struct p_set {
    struct str name; /* C identifier */
    const struct m_expr *expr;
    enum match_method method;
    bool fold;
    bool fleeting; /* evaluated whenever asked for; in no index */
    bool aside;    /* of a scope that is aside */
    enum set_kind kind;
    unsigned ntests;
    VEC(struct p_key) keys;
    /* strings */
    uint32_t nslots, nbuckets;
    uint64_t seed;
    uint32_t skip;
    struct p_blob text, slots, up, heads, pilots, hits;
    /* integers and addresses */
    struct p_blob ranges, nets4, nets6;
    /* automata */
    VEC(struct p_test *) tests; /* by number */
    uint32_t nstates, nclasses, start, first_here;
    struct p_blob classes, next, here, end;
};

/* ---- tests and conditions ---- */

enum p_test_kind {
    TEST_SET, /* is it among the hits of a set? */
    TEST_FOUND,
    TEST_BOOL,
    TEST_PATTERNS, /* string patterns, one after another */
    TEST_REGEX,
    TEST_LIST, /* is it in a list that may change? */
    TEST_TRUE, /* known at build time */
    TEST_FALSE,
};

struct p_test {
    enum p_test_kind kind;
    const struct m_test *test;
    const struct m_expr *expr;
    struct p_set *set;
    const struct p_map *list; /* TEST_LIST */
    unsigned number; /* in the set */
    unsigned uses;   /* by an index that is being made */
    bool fold;
    VEC(const struct m_pattern *) patterns; /* TEST_PATTERNS, TEST_REGEX */
    const char *why;                        /* TEST_REGEX: what is not regular in it */
    struct str name;                        /* C identifier of its pattern list */
};

/* Rule sets that share samples: those of one direction, evaluated at one time. */
enum p_side {
    SIDE_CONN,
    SIDE_CONTENT, /* may wait for data */
    SIDE_REQUEST,
    SIDE_RESPONSE_CONTENT, /* likewise */
    SIDE_RESPONSE,
    NSIDES
};

struct p_acl {
    struct str name; /* C identifier of its function */
    const struct m_acl *acl;
    VEC(struct p_test *) tests;
    int constant; /* 1 always, 0 never, -1 it depends */
};

/* A sample, or all its values, that tests or formats ask for. */
struct p_sample {
    struct str name; /* C identifier of the place where it is kept; empty: it is not */
    const struct m_expr *expr;
    bool each;
    unsigned uses;
    /* The first scopes that ask for it, of frontends and of backends. */
    const struct p_scope *front[NSIDES], *back[NSIDES];
};

static inline bool side_may_wait(enum p_side side)
{
    return side == SIDE_CONTENT || side == SIDE_RESPONSE_CONTENT;
}

/* One side of one proxy: what its rule functions share. */
struct p_scope {
    struct str name; /* "www_request" */
    const struct m_proxy *proxy;
    enum p_side side;
    bool aside; /* of one p_named alone: printed if something asks for that */
    VEC(struct p_set *) sets;
    VEC(struct p_acl *) acls;
    unsigned functions;
    struct map by_acl, by_set, by_sample, by_patterns;
};

struct p_term {
    bool negated;
    struct p_acl *acl;
    bool found; /* an index that leads to the rule by this group has it */
};

struct p_group {
    VEC(struct p_term) terms;
};

struct p_cond {
    bool unless;
    int constant; /* as for p_acl */
    VEC(struct p_group) groups;
};

/* ACLs that a sample asks for: a condition with a scope of its own. */
struct p_named {
    struct p_scope *scope;
    struct p_cond cond;
    bool printed;
};

/* ---- functions ---- */

enum p_function_kind { FN_RULES, FN_ROUTE, FN_SERVER, FN_PERSIST, FN_MONITOR, FN_STICK };

struct p_step {
    const struct m_rule *rule;   /* FN_RULES */
    const struct m_route *route; /* FN_ROUTE, FN_SERVER */
    const struct m_stick *stick; /* FN_STICK */
    struct p_cond cond;
    struct span span;
    bool force; /* FN_PERSIST: force-persist, else ignore-persist */
    bool sure;  /* found by an index that has its whole condition */
};

/* How rules are found: by the hits of a set, or by those of two sets together. */
struct p_index {
    struct p_set *set, *with; /* with: NULL, or the other one */
    struct str name;
    struct p_blob keys; /* of pairs: a hash table of 1 << bits slots, see abi/match.h */
    uint32_t bits;
    struct p_blob first, rules;
};

/* Steps first .. first+n-1 of a function: found through indexes, or tried in order. */
struct p_run {
    unsigned first, n;
    bool indexed;
    VEC(struct p_index) indexes;
};

struct p_function {
    enum p_function_kind kind;
    enum px_phase phase;
    struct str name;
    struct p_scope *scope;
    VEC(struct p_step) steps;
    VEC(struct p_run) runs; /* all steps, in order */
};

/* ---- the whole ---- */

struct p_map {
    const struct m_map *map;
    struct p_set *set;    /* NULL: the first entry that matches counts */
    struct p_set *search; /* finds that; NULL: they are tried in order */
    struct str name;
    struct p_blob text, values;
    const struct p_list *list; /* NULL: nobody asks where its entries are from */
};

/* A list that rules or control sockets can see. */
struct p_list {
    const struct m_list *list;
    struct str name;
    bool mutable;
    struct p_blob text, lines;
};

struct p_proxy {
    const struct m_proxy *proxy;
    struct str name; /* C identifier */
    VEC(struct p_function *) functions;
};

/* What the runtime has to have for this program. */
enum p_feature {
    NEEDS_HTTP = 1,
    NEEDS_LOG = 2,
    NEEDS_CONTROL = 4,
    NEEDS_REGEX = 8,
    NEEDS_CRYPT = 16,
    NEEDS_OPENSSL = 32,
};

struct plan {
    struct arena *arena;
    const struct model *model;
    struct str config_name; /* base name of the first file */
    unsigned features;      /* enum p_feature */
    VEC(struct p_proxy *) proxies;
    VEC(struct p_scope *) scopes;
    VEC(struct p_set *) sets;
    VEC(struct p_map *) maps;
    VEC(struct p_list *) lists;
    VEC(const struct m_name *) names; /* by slot; 0 is unused */
    uint32_t names_mask;
    uint8_t *names_index;
    struct map identifiers; /* taken */
    struct map by_use;      /* p_map of a list that tests compare with */
    struct map by_list;     /* p_list of an m_list, by its path */
    struct map by_named;    /* p_named, by the key of its m_named */
    struct map by_sample;   /* p_sample, by the key of its expression */
    VEC(struct p_sample *) kept;
    bool keeps_volatile; /* some that may be others in the next rule set */
    unsigned nservers, nbinds, nlogs;
};

struct plan *plan_make(struct arena *a, struct diags *diags, struct model *m,
                       struct str config_name);

/* ---- parts, for files of this folder and tests ---- */

/* A C identifier from words of the configuration, not used before. */
struct str plan_identifier(struct plan *p, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Chooses the matcher of a set and builds its data. false: two keys cannot be told apart. */
void set_build(struct plan *p, struct p_set *s);
/* Keys of a map: each stands for its own entry. */
void set_build_map(struct plan *p, struct p_set *s);

/* NULL: nobody asks for the list. */
const struct p_list *plan_list(const struct plan *p, const struct m_list *l);
/* May the list change while the proxy runs? */
bool list_is_mutable(const struct plan *p, const struct m_list *l);

/* Is the condition true or false whatever happens? -1: it depends. */
int test_constant(const struct m_test *t);

/* NULL: it is not kept. */
const struct p_sample *plan_sample(const struct plan *p, const struct m_expr *e, bool each);

/* Do the functions of the scope share what they read? They do where they run in one phase. */
static inline bool scope_is_shared(const struct p_scope *sc)
{
    return sc->side == SIDE_REQUEST && sc->functions > 1 && sc->sets.n;
}

/* The condition of a sample that asks for ACLs. */
struct p_named *plan_named_of(const struct plan *p, const struct m_named *n);

/* Does a test try each of several values? Whether there is one at all is told by any of them, unless
 * converters have a say. */
static inline bool test_tries_each(const struct m_expr *e, bool of_presence)
{
    return e->fetch->each && (!of_presence || e->convs.n);
}

/* May the sample be another one after the rule has run? */
bool rule_changes(const struct m_rule *r, const struct m_expr *e);

/* Actions that end in the middle of their rule set, to go on there. */
bool rule_pauses(const struct m_rule *r);
bool rule_hints(const struct m_rule *r);

void index_steps(struct plan *p, struct p_function *f);
/* How many of its steps are found through indexes. */
unsigned index_reach(const struct p_function *f);

/* What became of every set and rule list, for people. */
void plan_explain(const struct plan *p, struct text *out);

#endif
