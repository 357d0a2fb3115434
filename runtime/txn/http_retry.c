/*
 * Sending a request again that a server has not answered as it should.
 *
 * Not here: connections that fail before anything was sent (serve.c).
 * Idea: nothing is copied. What was sent stays in the client's buffer until the head of the answer
 * has come (px_pump.keep), so going back means walking over the same bytes once more; a request
 * that has outgrown the buffer is not sent again.
 */
#include "../base/macros.h"
#include "http.h"
#include "serve.h"

/* RFC 9110 9.2.2 */
static bool is_idempotent(enum px_meth meth)
{
    switch (meth) {
    case PX_M_GET:
    case PX_M_HEAD:
    case PX_M_OPTIONS:
    case PX_M_TRACE:
    case PX_M_PUT:
    case PX_M_DELETE:
        return true;
    default:
        return false;
    }
}

bool px_http_keeps_request(const struct px_txn *t)
{
    if (t->flags & PX_T_ONCE)
        return false;
    if (t->be->retry_on & ~(uint32_t)PX_RETRY_NO_CONN)
        return true;
    return (t->flags & PX_T_REUSED) && is_idempotent((enum px_meth)t->http->req.meth);
}

/* Everything is as before the first byte went to a server. */
static void rewind_request(struct px_txn *t)
{
    struct px_http *h = t->http;
    px_sock_hold(&t->client->sock);
    px_sock_expire(&t->client->sock, 0);
    px_timer_stop(&t->timer);
    if (PX_UNLIKELY(t->lanes))
        px_timer_stop(&t->lanes->up.timer);
    t->up = (struct px_pump){0};
    t->flags &= ~(uint32_t)(PX_T_SENT | PX_T_INSPECTED | PX_T_ANSWER_SEEN | PX_T_TIMED |
                            PX_T_FINAL | PX_T_UNREAD);
    t->at.connected = t->at.answered = 0;
    h->server_close = h->close_asked;
    h->interims = h->server_status = 0;
    h->sent_head = 0;
}

bool px_http_retry(struct px_txn *t, uint32_t why)
{
    if (!(t->be->retry_on & why) || (t->flags & PX_T_ONCE) || !t->up.keep || !t->retries_left)
        return false;
    rewind_request(t);
    px_serve_resend(t, true);
    return true;
}

/*
 * The request raced with the server's idle timeout: RFC 9112 9.3.1 allows to send it again where
 * that does no harm. HAProxy leaves this to the client, and so do we where it could do harm.
 */
bool px_http_replay(struct px_txn *t)
{
    if (!t->up.keep || !is_idempotent((enum px_meth)t->http->req.meth))
        return false;
    rewind_request(t);
    px_serve_resend(t, false);
    return true;
}

uint32_t px_retry_of_status(unsigned status)
{
    static const uint16_t statuses[] = {PX_RETRY_STATUSES(PX_RETRY_NUMBER)};
    for (unsigned i = 0; i < PX_COUNT(statuses); i++)
        if (statuses[i] == status)
            return (uint32_t)PX_RETRY_FIRST_STATUS << i;
    return 0;
}
