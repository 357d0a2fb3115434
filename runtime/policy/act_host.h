/*
 * Keeping the Host field and the authority of an absolute target the same (RFC 9112 3.2.2).
 */
#ifndef PX_ACT_HOST_H
#define PX_ACT_HOST_H

#include "../txn/txn.h"

/* The target has changed: the Host field, if there is one, says its authority. false: no room. */
bool px_host_follows_uri(struct px_txn *t);

/* Host was given this value: so does the authority of an absolute target. false: no room. */
bool px_uri_follows_host(struct px_txn *t, struct px_str host);

#endif
