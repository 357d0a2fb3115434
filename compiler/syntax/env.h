/*
 * The environment that a configuration is read in.
 */
#ifndef ENV_H
#define ENV_H

#include "../base/str.h"

struct env;

/* environ: "NAME=value" strings, NULL at the end; not copied. */
struct env *env_new(struct arena *a, char **environ);
/* p == NULL for a variable that is not set. */
struct str env_get(const struct env *e, struct str name);
void env_set(struct env *e, struct str name, struct str value);
void env_unset(struct env *e, struct str name);
/* Forgets all but the given names. */
void env_keep(struct env *e, const struct str *names, unsigned n);
/* The variables as "NAME=value" strings, NULL at the end. */
char **env_list(const struct env *e, struct arena *a);

/*
 * What the outcome depends on: names that were asked for while they still had the value (or the
 * lack of one) that environ gave them. Each value is a struct str, p == NULL: not set.
 */
const struct map *env_used(const struct env *e);

/* May this byte stand in a name: letters, digits and underscores, no digit in front? */
bool env_name_byte(char c, bool first);
bool env_is_name(struct str name);

#endif
