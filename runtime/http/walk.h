/*
 * Texts that hold several values: lists, cookies, parameters.
 *
 * Each walk looks at a text that stays the same and keeps its place in *at, which is 0 before the
 * first value. A walk answers false when no value is left.
 */
#ifndef PX_WALK_H
#define PX_WALK_H

#include "../abi/types.h"

/* The next value of a comma-separated list, without the white space around it. Commas inside
 * quotes do not separate. An empty list has one value, which is empty. */
bool px_list_next(struct px_str list, uint32_t *at, struct px_str *value);

/* Where the value that begins at `from` ends: at a comma, or with the list. */
size_t px_list_end(struct px_str list, size_t from);

enum px_cookie_side {
    PX_COOKIES,    /* Cookie: many pairs */
    PX_SET_COOKIE, /* Set-Cookie: a pair, then attributes */
};

struct px_cookie {
    struct px_str name, value;
};

/* What stands between two delimiters of a cookie field. */
struct px_pair {
    struct px_str name, value; /* value.p == NULL: there is no equal sign */
    size_t end;                /* where its delimiter stands, or the end of the field */
};

/* The pair that begins at `from`, in whatever way it is written. */
struct px_pair px_cookie_pair(struct px_str field, size_t from, enum px_cookie_side side);

/*
 * The next cookie with the name; any cookie when name.len is 0. Values keep their quotes. A
 * Set-Cookie is left at the first pair with another name.
 */
bool px_cookie_next(struct px_str field, uint32_t *at, struct px_str name, enum px_cookie_side side,
                    struct px_cookie *cookie);

/*
 * Name and value of the first cookie of the field that, written as name=value, begins with this
 * text. Of a Set-Cookie only the first pair is one.
 */
bool px_cookie_begins(struct px_str field, struct px_str text, enum px_cookie_side side,
                      struct px_str *name, struct px_str *value);

/* Parameters begin behind the first `begin` and are separated by that byte, '&' and ';'; begin ==
 * 0: at once. */
struct px_param {
    struct px_str name; /* len 0: any */
    char begin;
    bool fold; /* the case of names does not count */
};

/* The value of the next such parameter. */
bool px_param_next(struct px_str uri, uint32_t *at, const struct px_param *param,
                   struct px_str *value);

#endif
