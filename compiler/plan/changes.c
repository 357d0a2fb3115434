/*
 * What rules change, and whether a sample would be another one afterwards.
 *
 * Fields of messages are told apart by their names, where both the rule and the sample name one.
 */
#include "parts.h"

enum { FIELDS = READS_REQUEST | READS_RESPONSE };

/* The one field that a rule changes; NULL: it may be any, or none. */
static const struct m_name *field_of(const struct m_rule *r)
{
    const struct m_arg *name = &r->args[0];
    if (!(r->action->writes & FIELDS) || name->kind != ARG_NAME)
        return NULL;
    /* "del-header" takes prefixes and expressions as well. */
    bool exact = r->args[1].kind != ARG_WORD || !r->args[1].number;
    return exact ? name->name : NULL;
}

/* The one field that a sample is taken from; NULL: others count. */
static const struct m_name *field_read(const struct m_expr *e)
{
    bool named = e->fetch->nargs && (e->args[0].kind == ARG_NAME || e->args[0].kind == ARG_ONAME);
    return named ? e->args[0].name : NULL;
}

static unsigned writes_of(const struct m_rule *r)
{
    bool response = r->phase == PX_AT_RES_HTTP || r->phase == PX_AT_AFTER;
    return r->action->writes & ~(response ? READS_REQUEST | READS_TARGET : READS_RESPONSE);
}

void changes_add(struct arena *a, struct changes *c, const struct m_rule *r)
{
    const struct m_name *field = field_of(r);
    if (!field) {
        c->facets |= writes_of(r);
        return;
    }
    c->of_fields |= writes_of(r);
    *map_at(a, &c->fields, field->text) = c;
}

bool changes_touch(const struct changes *c, const struct m_expr *e)
{
    if (e->reads & c->facets)
        return true;
    if (!(e->reads & c->of_fields))
        return false;
    const struct m_name *field = field_read(e);
    return !field || map_get(&c->fields, field->text);
}

bool rule_changes(const struct m_rule *r, const struct m_expr *e)
{
    const struct m_name *field = field_of(r), *read = field_read(e);
    if (!(e->reads & writes_of(r)))
        return false;
    return !field || !read || field == read;
}
