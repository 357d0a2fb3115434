/*
 * How the name servers of a section are asked: over UDP, or over TCP. Only for resolver.c, which
 * knows what they are asked.
 *
 * RFC 5452 9.2: nobody is to guess from where questions come. So a UDP port is used for a short
 * time only, and not beyond the last answer that is waited for.
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

/* Has its stream been silent for so long that it is given up? Then it is closed. */
bool px_nameserver_end_stalled(struct px_nameserver_state *ns);

/* Nobody waits for an answer. */
void px_nameserver_rest(struct px_nameserver_state *ns);

/* ---- resolver.c: what comes of it ---- */

/* A message; it need not be an answer. Has somebody waited for it? */
bool px_resolver_take(struct px_nameserver_state *ns, const uint8_t *message, size_t len,
                      bool by_stream);

/* The stream is lost. Those who wait for it ask again, or do without: all of them, or all but
 * (ask_again) or only (give_up) who was the first to ask. Most servers take one question after the
 * other, so that this is the one that was too much for it. */
void px_resolver_ask_again(struct px_nameserver_state *ns, bool all);
void px_resolver_give_up(struct px_nameserver_state *ns, bool all);

#endif
