/*
 * What a name means that a request brings: asked for on any thread, found out on that of the first
 * loop (resolver.h), and told on the thread that asked.
 *
 * An answer that is valid still is taken without another question. Names that nobody has asked for
 * any more are forgotten with their answers; there is a limit to those that are known at once.
 */
#ifndef PX_LOOKUP_H
#define PX_LOOKUP_H

#include "resolver.h"

#include <stdlib.h>

struct px_lookup {
    struct px_note note;
    struct px_requester req;
    struct px_loop *asker;
    const struct px_resolvers *line;
    void (*told)(void *user);
    void *user;      /* NULL: nobody waits any more */
    uint8_t prefers; /* AF_INET or AF_INET6 */
    bool over;
    struct px_sample address; /* type PX_IPV4 or PX_IPV6; PX_ANY: none was found */
    char name[PX_DNS_NAME];
};

/* told(user) is called on this thread, later, unless px_lookup_end is called first. NULL: there can
 * be no such name, or there is no memory. */
struct px_lookup *px_lookup_begin(const struct px_resolvers *line, struct px_str name,
                                  uint8_t prefers, void (*told)(void *user), void *user);

/* Nobody needs it any more, be it over or not. */
static inline void px_lookup_end(struct px_lookup *l)
{
    if (l->over)
        free(l);
    else
        l->user = NULL;
}

/* Lookups are done on this thread. */
void px_lookups_start(void);

#endif
