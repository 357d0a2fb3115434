/*
 * Statistics that say what they are: the "typed" and "json" forms of "show info" and "show stat".
 *
 * Source: HAProxy Management Guide 9.2, "Typed output format".
 */
#ifndef PX_TYPED_H
#define PX_TYPED_H

#include "control.h"

enum px_statistics { PX_STATISTICS_PLAIN, PX_STATISTICS_TYPED, PX_STATISTICS_JSON };

/* What the words from the n-th on ask for. */
enum px_statistics px_statistics_form(const struct px_command *c, unsigned n);

struct px_typed {
    const char *tags; /* origin, nature, scope: "MGP" */
    const char *type; /* "str", "u32" */
    unsigned position;
    bool first; /* of its list */
};

/* "MGP:u32:5" */
void px_typed_text(const struct px_typed *t, const struct px_text *value, struct px_text *out);
/* "processNum":1,"tags":{...},"value":{...} */
void px_typed_json(const struct px_typed *t, const struct px_text *value, struct px_text *out);

#endif
