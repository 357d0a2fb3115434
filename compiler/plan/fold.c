/*
 * What is known at build time: tests of constants.
 */
#include "plan.h"

#include <string.h>
#include <strings.h>

/* The value of an expression without converters that reads nothing. false: it is not constant. */
static bool constant_int(const struct m_expr *e, int64_t *v)
{
    if (e->reads != READS_NOTHING || e->convs.n)
        return false;
    if (!strcmp(e->fetch->name, "always_true") || !strcmp(e->fetch->name, "always_false")) {
        *v = !strcmp(e->fetch->name, "always_true");
        return true;
    }
    if (strcmp(e->fetch->name, "int") && strcmp(e->fetch->name, "bool"))
        return false;
    *v = e->args[0].number;
    return true;
}

static bool constant_text(const struct m_expr *e, struct str *v)
{
    if (e->reads != READS_NOTHING || e->convs.n || strcmp(e->fetch->name, "str"))
        return false;
    *v = e->args[0].text;
    return true;
}

static int text_matches(const struct m_test *t, struct str v)
{
    for (unsigned i = 0; i < t->patterns.n; i++) {
        const struct m_pattern *p = &t->patterns.v[i];
        if (v.len == p->text.len &&
            !(p->fold ? strncasecmp(v.p, p->text.p, v.len) : memcmp(v.p, p->text.p, v.len)))
            return 1;
    }
    return 0;
}

int test_constant(const struct m_test *t)
{
    int64_t v;
    struct str text;
    if (constant_int(t->expr, &v)) {
        if (t->method == MATCH_BOOL)
            return v != 0;
        if (t->method == MATCH_FOUND)
            return 1;
        for (unsigned i = 0; t->method == MATCH_INT && i < t->patterns.n; i++)
            if (v >= t->patterns.v[i].low && v <= t->patterns.v[i].high)
                return 1;
        return t->method == MATCH_INT ? 0 : -1;
    }
    if (constant_text(t->expr, &text) && t->method == MATCH_STR)
        return text_matches(t, text);
    return -1;
}
