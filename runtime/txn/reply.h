/*
 * Responses of our own: errors, redirects, what rules return.
 */
#ifndef PX_REPLY_H
#define PX_REPLY_H

#include "txn.h"

/* The error reply for a status: of the backend, else the frontend, else built in. Never NULL. */
const struct px_reply *px_error_reply(const struct px_txn *t, unsigned status);

/* The standard reason phrase of a status. */
const char *px_reason(unsigned status);

/* The step that answers with t->http->reply or t->http->redirect. */
enum px_progress px_http_answer(struct px_txn *t);

/* Runs http-after-response on t->http->res, counts the size of what is our own, and adds the
 * Connection field that the client needs. false: a rewrite failed. */
bool px_response_finish(struct px_txn *t);

#endif
