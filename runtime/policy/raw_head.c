/*
 * Requests of TCP clients, for rules that look whether it is HTTP what they send. See heads.h.
 *
 * Not here: clients of HTTP frontends, whose requests are parsed where they arrive.
 * Idea: a server gets the bytes as they came, and the parser changes what it reads: so it gets a
 * copy, which rules share until their set ends.
 */
#include "../abi/kept.h"
#include "../http/h1.h"
#include "../http/scan.h"
#include "../txn/scratch.h"
#include "heads.h"

#include <string.h>

/* What was read last, good until scratch memory is reset. */
static _Thread_local struct {
    const struct px_txn *of;
    uint64_t age;
    enum px_h1_result result;
    const struct px_head *head;
    struct px_str rest;
} last;

/* A buffer whose slack the parser may touch; NULL: no memory. */
static struct px_buf *copy_of(const struct px_buf *in)
{
    uint32_t len = px_buf_len(in);
    struct px_buf *copy = (void *)px_scratch_get(sizeof *copy + len + PX_SCAN_SLACK);
    if (!copy)
        return NULL;
    *copy = (struct px_buf){.end = len, .cap = len};
    memcpy(copy->data, in->data + in->start, len);
    memset(copy->data + len, 0, PX_SCAN_SLACK);
    return copy;
}

/* With room for as many fields as a request may have. */
static struct px_head *new_head(void)
{
    unsigned most = (unsigned)px_program.global->maxhdr;
    struct px_head *head = (void *)px_scratch_get(sizeof *head);
    struct px_hdr *hdrs = (void *)px_scratch_get(most * sizeof *hdrs);
    if (!head || !hdrs)
        return NULL;
    px_head_start(head, NULL);
    head->hdrs = hdrs;
    head->cap = (uint16_t)most;
    return head;
}

/* A body where servers take none, or in a coding unknown to us, follows a head all the same. */
static enum px_h1_result read_head(struct px_head *head, struct px_buf *copy)
{
    struct px_h1 h1 = {0};
    uint32_t limit = (uint32_t)(px_program.global->bufsize - px_program.global->maxrewrite);
    enum px_h1_result r = px_h1_request(&h1, head, copy, limit);
    if (r != PX_H1_DONE)
        return r;
    r = px_h1_request_framing(head);
    return r == PX_H1_PAYLOAD || r == PX_H1_CODING ? PX_H1_DONE : r;
}

static void read_request(const struct px_txn *t, const struct px_buf *in)
{
    struct px_buf *copy = copy_of(in);
    struct px_head *head = copy ? new_head() : NULL;
    last.of = t;
    last.result = head ? read_head(head, copy) : PX_H1_BAD;
    last.head = head;
    if (last.result == PX_H1_DONE) {
        last.rest.p = head->base + head->len;
        last.rest.len = (size_t)(copy->data + copy->end - last.rest.p);
    }
    last.age = px_kept_age;
}

enum px_found px_raw_head(const struct px_txn *t, const struct px_head **head)
{
    const struct px_buf *in = t->client->sock.in;
    if ((t->flags & PX_T_SENT) || t->stage > PX_STAGE_CONNECT)
        return PX_ABSENT;
    if (!in)
        return px_may_wait(t) ? PX_LATER : PX_ABSENT;
    if (last.of != t || last.age != px_kept_age)
        read_request(t, in);
    *head = last.head;
    if (last.result == PX_H1_MORE && px_may_wait(t))
        return PX_LATER;
    return last.result == PX_H1_DONE ? PX_FOUND : PX_ABSENT;
}

struct px_str px_raw_rest(void)
{
    return last.rest;
}
