/*
 * The keywords of the global section that change variables while the configuration is read.
 *
 * Not for: the environment of the proxy, which is changed in the same way when it starts (the
 * lines stay in the tree).
 */
#include "reader.h"

#include <string.h>

static void set(struct reader *r, const struct directive *d)
{
    env_set(r->config->env, d->words[1].text, d->words[2].text);
}

static void preset(struct reader *r, const struct directive *d)
{
    if (!env_get(r->config->env, d->words[1].text).p)
        set(r, d);
}

static void unset(struct reader *r, const struct directive *d)
{
    for (unsigned i = 1; i < d->nwords; i++)
        env_unset(r->config->env, d->words[i].text);
}

static void reset(struct reader *r, const struct directive *d)
{
    struct str kept[MAX_WORDS];
    for (unsigned i = 1; i < d->nwords; i++)
        kept[i - 1] = d->words[i].text;
    env_keep(r->config->env, kept, d->nwords - 1);
}

struct row {
    const char *keyword;
    void (*apply)(struct reader *r, const struct directive *d);
    bool takes_value; /* a name and a value; else names only */
};

static const struct row rows[] = {
    {"setenv", set, true},
    {"presetenv", preset, true},
    {"unsetenv", unset, false},
    {"resetenv", reset, false},
};

static bool is_name(struct reader *r, const struct word *w)
{
    if (env_is_name(w->text))
        return true;
    struct diag *d = diag_add(r->diags, E0131, w->span,
                              "'" STR_FMT "' is not the name of a variable", STR_ARG(w->text));
    diag_note(r->diags, d, "names are made of letters, digits and '_'");
    return false;
}

static bool is_well_formed(struct reader *r, const struct directive *d, const struct row *row)
{
    if (row->takes_value && d->nwords != 3) {
        struct diag *g =
            diag_add(r->diags, E0131, d->span, "'%s' takes a name and a value", row->keyword);
        if (d->nwords > 3)
            diag_help(r->diags, g, "quote a value that has spaces in it");
        return false;
    }
    unsigned names = row->takes_value ? 2 : d->nwords;
    bool good = true;
    for (unsigned i = 1; i < names; i++)
        good &= is_name(r, &d->words[i]);
    return good;
}

void setenv_apply(struct reader *r, const struct directive *d)
{
    unsigned i = 0;
    while (i < COUNT(rows) && !str_is(d->words[0].text, rows[i].keyword))
        i++;
    if (i < COUNT(rows) && is_well_formed(r, d, &rows[i]))
        rows[i].apply(r, d);
}
