/*
 * Running rule sets that may wait for data, and those that decide about new connections.
 */
#ifndef PX_RULES_H
#define PX_RULES_H

#include "txn.h"

/*
 * Runs tcp-request content rules. They see what has arrived; while one of them cannot tell yet,
 * and the inspect delay of p has not passed, the transaction stays.
 */
enum px_progress px_content_rules(struct px_txn *t, enum px_verdict (*rules)(struct px_txn *),
                                  const struct px_proxy *p);

/* The step that does so for a backend; those of a proxy that is both have been run already. */
enum px_progress px_content_of_backend(struct px_txn *t);

/*
 * Runs the backend's tcp-response content rules, unless they have decided; then, once, its "stick
 * store-response" rules, when the response head or the first data of a TCP session is there.
 * PX_STAY: rules wait, and what the server sent is not to be passed on. A rule may have ended the
 * transaction: its stage is another one then.
 */
enum px_progress px_answer_rules(struct px_txn *t);

/* Has all that belongs to an HTTP request arrived? */
bool px_request_is_whole(const struct px_txn *t);

/*
 * A new client: tcp-request connection rules, what it owes before its session, tcp-request session
 * rules, and then the session itself, unless one of them ends it.
 */
void px_client_admit(struct px_client *c);
/* The same behind what it owed. */
void px_client_welcome(struct px_client *c);

#endif
