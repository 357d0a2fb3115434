/*
 * Keys that are regular expressions. See keys.h. In a file of their own: programs without such
 * lists have no use for the library.
 */
#include "keys.h"
#include "live.h"
#include "replace.h"

#include <stdio.h>

static bool read_regex(const struct px_use *use, struct px_str text, char *room,
                       struct px_key_data *k, char *why)
{
    char said[128];
    size_t at;
    (void)room;
    k->class = 0;
    k->u.regex = (struct px_regex){text, use->fold, NULL};
    if (px_regex_compile(&k->u.regex, said, sizeof said, &at))
        return true;
    if (why)
        snprintf(why, PX_WHY, "regex '%.*s' is invalid (error=%s, erroffset=%zu).",
                 (int)(text.len < 64 ? text.len : 64), text.p, said, at);
    return false;
}

static void drop_regex(struct px_key_data *k)
{
    px_regex_free(&k->u.regex);
}

static bool match_regex(const struct px_use *use, const struct px_key_data *k,
                        const struct px_sample *s)
{
    (void)use;
    return px_regex_match(&k->u.regex, s->u.s);
}

const struct px_key_kind px_keys_reg = {false, read_regex, drop_regex, match_regex, NULL};
