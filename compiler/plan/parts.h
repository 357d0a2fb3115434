/*
 * What the files of this folder share beyond the plan itself.
 */
#ifndef PARTS_H
#define PARTS_H

#include "plan.h"

struct hit_lists {
    struct arena *arena;
    struct map known; /* bytes of a list -> its offset + 1 */
    VEC(uint16_t) v;
};

/* Where the list of these tests starts; they are sorted here, and each is kept once. */
uint32_t hits_put(struct hit_lists *h, uint16_t *tests, unsigned n);
struct p_blob hits_blob(const struct hit_lists *h);

/* Automata for the sets of a scope that search; sets may be added, and tests may leave theirs. */
void searches_build(struct plan *p, struct p_scope *sc);
/* An automaton for the keys of a map, each a test of its own; NULL: they are too few or too many, or
 * too large, or not regular. */
struct p_set *search_of_map(struct plan *p, const struct m_map *m, struct str name);

/* Warnings about expressions that PCRE2 evaluates. */
void regexes_warn(const struct model *m, struct diags *diags);
void regexes_explain(const struct model *m, struct text *out);

/* What some rules change together. */
struct changes {
    unsigned facets;    /* enum facet */
    unsigned of_fields; /* the same, but only of these fields */
    struct map fields;
};

void changes_add(struct arena *a, struct changes *c, const struct m_rule *r);
bool changes_touch(const struct changes *c, const struct m_expr *e);

/* Does it have to be evaluated whenever it is asked for? An expression that changes variables may
 * do so between any two tests. */
bool expr_is_fleeting(const struct plan *p, const struct m_expr *e);
/* It is asked for in this scope once more; each: for all its values. */
void sample_use(struct plan *p, struct p_scope *sc, const struct m_expr *e, bool each);
/* The same of what a rule writes. */
void samples_of_step(struct plan *p, struct p_scope *sc, const struct p_step *s);

void plan_names(struct plan *p);
void map_build(struct plan *p, struct p_map *m);
/* The patterns that a test has from a list, as a map without values. */
const struct p_map *map_of_test(struct plan *p, const struct m_test *t,
                                const struct m_test_list *l);
/* The lists that are asked for; before the maps are built. */
void lists_build(struct plan *p);
/* The arrays of the indexes, when the tests have their numbers. */
void index_build(struct plan *p, struct p_function *f);

#endif
