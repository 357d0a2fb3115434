/*
 * Parts that the steps of HTTP transactions share.
 */
#ifndef PX_HTTP_H
#define PX_HTTP_H

#include "pump.h"
#include "txn.h"

/* Parts of a request target: what follows scheme and authority, up to the query. */
struct px_str px_uri_path(struct px_str uri);
/* What follows the question mark; p == NULL: there is none. */
struct px_str px_uri_query(struct px_str uri);
/* Host and port of an absolute URI; p == NULL: it has none. */
struct px_str px_uri_authority(struct px_str uri);

/* The head as vector entries: at most PX_IOV - 8, flattened if need be; 0: no memory. */
unsigned px_http_head_iov(struct px_txn *t, struct px_head *head, struct iovec *v);

/* Takes a request body that has arrived completely out of the client's buffer.
 * false: more of it is to come, or it is malformed. */
bool px_http_skip_body(struct px_txn *t);

/* May the client connection be used for another request after this one? */
bool px_http_keeps_client(const struct px_txn *t);

/* What frontend and backend do together: the stronger of the two. An active close of one side and a
 * passive one of both is an active one of both. */
static inline enum px_http_mode px_http_mode_of(const struct px_txn *t)
{
    unsigned fe = t->fe->http_mode, be = t->be->http_mode, most = fe > be ? fe : be;
    bool mixed = most == PX_SERVER_CLOSE && (fe == PX_BLIND_CLOSE || be == PX_BLIND_CLOSE);
    return mixed ? PX_CLOSE : (enum px_http_mode)most;
}

/* Nothing behind the first response is looked at. */
static inline bool px_http_is_blind(const struct px_txn *t)
{
    if (!(t->fe->http_mode | t->be->http_mode)) /* both PX_KEEP_ALIVE */
        return false;
    enum px_http_mode mode = px_http_mode_of(t);
    return mode == PX_BLIND || mode == PX_BLIND_CLOSE;
}

/* Adds to a head what its receiver has to know of the connection. */
bool px_http_say_close(struct px_txn *t, struct px_head *head);
bool px_http_say_keep_alive(struct px_txn *t, struct px_head *head);

/* The captures of t, made when first asked for. NULL: none are declared, or no memory. */
struct px_str *px_http_captures(struct px_txn *t);
/* Copies the fields that captures from..from+n-1 of the frontend ask for. */
void px_http_capture(struct px_txn *t, const struct px_head *head, unsigned from, unsigned n);

/* From now on the server has to do something; if it may take any time for that, the client has to
 * while there is more of the body to come. */
void px_http_expect_answer(struct px_txn *t);
/* The server takes no more of the body; it may have answered already, so that is waited for. */
void px_http_stop_upload(struct px_txn *t);

/* Copies the first cookie that the frontend wants to be logged; then heeds that which says where
 * the client belongs. Also of requests that are refused: logs tell of both. false: no memory. */
bool px_http_read_cookies(struct px_txn *t);
/* Copies the cookie that the frontend wants to be logged, of the response. */
void px_http_capture_set_cookie(struct px_txn *t);

/* Rules have nothing more to say about the request: what is kept of it, and its identifier. */
enum px_progress px_http_settle(struct px_txn *t);
/* Adds the fields that tell the server about the addresses of the client's connection. */
bool px_http_tell_addresses(struct px_txn *t);
/* Adds the field with the name of the server; again: for another attempt, perhaps on another one. */
bool px_http_tell_name(struct px_txn *t, bool again);

/* Deletes, or refuses, header names that the proxy does not let pass. */
enum px_progress px_http_restrict_names(struct px_txn *t, const struct px_proxy *p);
/* Does the response set cookies? May caches keep it? */
bool px_http_sets_cookie(const struct px_http *h);
bool px_http_is_cacheable(const struct px_http *h);
/* Refuses a response that has set a cookie, if caches would keep that. */
enum px_progress px_http_check_cache(struct px_txn *t);

/* An interim response of our own is begun in the response head, and sent. false: it was not. */
void px_http_begin_interim(struct px_txn *t, unsigned status, const char *reason);
bool px_http_send_interim(struct px_txn *t);

/* Waits for the request body, if the proxy whose rules come next wants it. */
enum px_progress px_http_await_body(struct px_txn *t);
/* Waits for so many milliseconds (0: for ever) for the request body, or so many bytes of it (0: all).
 * PX_NEXT with another stage: it has not come, and will not. */
enum px_progress px_http_wait_for_body(struct px_txn *t, uint64_t patience, uint64_t least);
/* The same for the response. What has come when the server ends is all there will be of it. */
enum px_progress px_http_wait_for_answer_body(struct px_txn *t, uint64_t patience, uint64_t least);
/* The server's response is not passed on: another one takes its place. */
void px_http_drop_response(struct px_txn *t);
/* Must the request stay in its buffer while it is on its way? */
bool px_http_keeps_request(const struct px_txn *t);
/* Goes back to send the request again, if "retry-on" names `why` (enum px_retry) and it is still
 * there. false: it is not sent again, and nothing has changed. */
bool px_http_retry(struct px_txn *t, uint32_t why);
/* The same for a server connection that has ended before it was used again. */
bool px_http_replay(struct px_txn *t);
uint32_t px_retry_of_status(unsigned status);

/* The server gives no response, cause 'S' or 's': counted, and answered with the status. */
enum px_progress px_http_no_response(struct px_txn *t, char cause, unsigned status);

/* The steps. */
enum px_progress px_http_receive(struct px_txn *t);
enum px_progress px_http_content(struct px_txn *t);
enum px_progress px_http_frontend(struct px_txn *t);
enum px_progress px_http_backend(struct px_txn *t);
enum px_progress px_http_send(struct px_txn *t);
enum px_progress px_http_response(struct px_txn *t);
enum px_progress px_http_response_rules(struct px_txn *t);
enum px_progress px_http_forward(struct px_txn *t);
enum px_progress px_http_hold(struct px_txn *t);
enum px_progress px_http_end(struct px_txn *t);

/* Waits for the next request on a client connection, with what has arrived of it already. */
void px_http_idle(struct px_client *c);

#endif
