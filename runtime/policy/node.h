/*
 * Nodes: how Forwarded fields call an end of a connection (RFC 7239 6), read and written.
 */
#ifndef PX_NODE_H
#define PX_NODE_H

#include "../abi/policy.h"

struct px_node {
    struct px_str name; /* an address (IPv6 in brackets), "unknown", or "_" and more */
    struct px_str port; /* digits, or "_" and more; p == NULL: there is none */
};

/* Is all of s a node? */
bool px_node_read(struct px_str s, struct px_node *node);

/* Appends the name, or the port, that the sample gives: addresses, "unknown" and numbers as they
 * are, other text as an identifier. false: it can be neither, and nothing is appended. */
bool px_node_put_name(struct px_out *out, const struct px_sample *smp);
bool px_node_put_port(struct px_out *out, const struct px_sample *smp);

/* The text of a sample; p == NULL: it has none. */
struct px_str px_node_text(const struct px_sample *smp);

#endif
