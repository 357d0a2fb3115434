/*
 * How the name servers of a section are asked: over UDP, or over TCP. Only for resolver.c, which
 * knows what they are asked.
 *
 * A UDP socket lives as long as answers are waited for: so the next questions come from another
 * port, which nobody can guess.
 */
#ifndef PX_NAMESERVER_H
#define PX_NAMESERVER_H

#include "resolver.h"

enum { PX_NAMESERVERS_MOST = 64 };

/* One more of a section, or all of the system's. NULL: done, else what is wrong. */
const char *px_nameserver_add(struct px_section *s, const struct px_nameserver *n);

/* false: it cannot be sent, which is counted. */
bool px_nameserver_send(struct px_nameserver_state *ns, const uint8_t *question, size_t len,
                        bool by_stream);

/* Nobody waits for an answer. */
void px_nameserver_rest(struct px_nameserver_state *ns);

/* ---- resolver.c: what comes of it ---- */

/* A message; it need not be an answer. Has somebody waited for it? */
bool px_resolver_take(struct px_nameserver_state *ns, const uint8_t *message, size_t len);

/* The stream is lost. Those who wait for it ask again, or do without. */
void px_resolver_ask_again(struct px_nameserver_state *ns);
void px_resolver_give_up(struct px_nameserver_state *ns);

#endif
