/*
 * Where does an HTTP/1 message end, and how is it shown? Used for what clients and servers of the
 * suite received. It trusts nothing but reads leniently: what is no message is shown as bytes.
 */
#ifndef DIFF_MESSAGE_H
#define DIFF_MESSAGE_H

#include "text.h"

enum message_state {
    MESSAGE_PARTIAL, /* more has to come */
    MESSAGE_COMPLETE,
    MESSAGE_TO_CLOSE, /* a body that ends with the connection */
    MESSAGE_TUNNEL,   /* switched protocols: what follows are plain bytes */
    MESSAGE_JUNK,
};

struct message {
    const char *p;
    size_t n; /* bytes there are */
    bool response;
    bool to_head; /* a response to HEAD */
    /* what message_measure() finds out */
    size_t head; /* bytes of the head, 0: not complete */
    size_t size; /* bytes of the whole message */
    bool chunked;
    bool interim; /* 1xx, not the answer yet */
};

enum message_state message_measure(struct message *m);

/* Appends lines that begin with `prefix`: those of the head, then the body in one line. A chunked
 * body is shown decoded. */
void message_show(struct text *to, const struct message *m, const char *prefix);
/* Appends one line of bytes, shortened when there are many. */
void message_show_bytes(struct text *to, const char *prefix, const char *p, size_t n);

/* Value of the first field of that name in the head, or NULL; *n is its length. */
const char *message_field(const struct message *m, const char *name, size_t *n);

#endif
