/*
 * A scripted check in progress. Only for the files that run scripts.
 */
#ifndef PX_CHECK_RUN_H
#define PX_CHECK_RUN_H

#include "../abi/checks.h"
#include "../http/body.h"
#include "../http/h1.h"
#include "../txn/txn.h"
#include "../upstream/check.h"

struct px_check_run {
    struct px_checker *checker;
    const struct px_check *script;
    const struct px_check_step *step; /* being taken */
    struct px_check_conn *conn;       /* NULL: none is open */
    struct px_txn *txn;               /* what expressions see of the check; NULL: there are none */
    struct px_arena arena, sending;   /* what heads own; what is being sent */
    bool connecting;
    bool lingers;    /* the end of the connection is no reset */
    bool ended;      /* the server will send no more, or there is no room for more */
    bool has_head;   /* of HTTP: the head of the response is known */
    bool no_body;    /* the request was HEAD: its response has none */
    char said[128];  /* what a test of a protocol says of a success */
    uint16_t status; /* of HTTP, of the last response; 0: none yet */
    struct px_h1 h1;
    struct px_head *head; /* of HTTP */
};

/* What there is of an answer. */
enum px_check_look {
    PX_LOOK_WAIT,
    PX_LOOK_GOOD,
    PX_LOOK_BAD,
};

/* How a step that expects something failed. */
struct px_check_fault {
    enum px_check_status status;
    int32_t code;
    char info[128];
};

/* check_expect.c: does what has come suit the step? */
enum px_check_look px_check_expect(struct px_check_run *r, struct px_check_fault *fault);
/* Bytes that have come. */
struct px_str px_check_received(const struct px_check_run *r);
bool px_check_contains(struct px_str text, struct px_str part);
/* The step is not met: what a text of the configuration says of it, or info, or, if that is NULL,
 * what was compared; then the comment. */
enum px_check_look px_check_blame(struct px_check_run *r, struct px_check_fault *fault,
                                  const char *info, bool matched);

/* The code that the step's expression gives. */
int32_t px_check_code(struct px_check_run *r, const struct px_check_expect *e, int32_t otherwise);

/* check_http.c */
enum px_check_look px_check_expect_http(struct px_check_run *r, struct px_check_fault *fault);
/* The request of the step. p == NULL: no memory. */
struct px_str px_check_request(struct px_check_run *r);
#endif
