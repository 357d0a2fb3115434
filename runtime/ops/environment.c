/*
 * The environment. See environment.h.
 */
#include "environment.h"

#include <stdlib.h>
#include <string.h>

extern char **environ;

static bool is_listed(const char *names, const char *entry)
{
    size_t len = strcspn(entry, "=");
    while (*names) {
        size_t n = strcspn(names, " ");
        if (n == len && !strncmp(names, entry, n))
            return true;
        names += n;
        names += strspn(names, " ");
    }
    return false;
}

static bool unset(const char *entry)
{
    char *name = strndup(entry, strcspn(entry, "="));
    if (!name)
        return false;
    unsetenv(name);
    free(name);
    return true;
}

static bool keep_only(const char *names)
{
    for (char **e = environ; e && *e;) {
        if (is_listed(names, *e))
            e++;
        else if (!unset(*e))
            return false;
    }
    return true;
}

static bool drop(const char *names)
{
    for (char **e = environ; e && *e;) {
        if (!is_listed(names, *e))
            e++;
        else if (!unset(*e))
            return false;
    }
    return true;
}

static bool apply(const struct px_env *e)
{
    switch (e->kind) {
    case PX_UNSETENV:
        return drop(e->name);
    case PX_RESETENV:
        return keep_only(e->name);
    default:
        return !setenv(e->name, e->value, e->kind == PX_SETENV);
    }
}

bool px_environment_apply(const struct px_env *list)
{
    for (; list && list->name; list++)
        if (!apply(list))
            return false;
    return true;
}
