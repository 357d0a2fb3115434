/*
 * The head of an HTTP message: parsed in place, changed by edits, forwarded as the original bytes
 * with the edits spliced in.
 *
 * Names are lower case from the moment of parsing. A head refers to the buffer it was parsed from
 * and is of no use once the buffer is gone. Added bytes live in the arena of the head's owner.
 */
#ifndef PX_HEAD_H
#define PX_HEAD_H

#include "../abi/names.h"
#include "../base/macros.h"
#include "../base/mem.h"

#include <sys/uio.h>

enum px_hdr_flag {
    PX_HDR_DELETED = 1,
    PX_HDR_ADDED = 2, /* not in the buffer */
    PX_HDR_LOOSE = 4, /* nowhere as "name: value CRLF" */
    PX_HDR_LINE = 8,  /* where it is instead, it is such a line */
};

struct px_hdr {
    const char *name, *value;
    uint32_t value_len;
    uint16_t name_len;
    uint16_t next; /* index + 1 of the next one in the same slot, 0: none */
    uint8_t slot;
    uint8_t flags;
};

enum px_body { PX_BODY_NONE, PX_BODY_LENGTH, PX_BODY_CHUNKED, PX_BODY_CLOSE };

enum px_head_flag {
    PX_HEAD_CLOSE = 1,     /* Connection: close */
    PX_HEAD_KEEP = 2,      /* Connection: keep-alive */
    PX_HEAD_UPGRADE = 4,   /* Connection: upgrade, and an Upgrade field */
    PX_HEAD_EDITED = 8,    /* the buffer does not hold what is to be forwarded */
    PX_HEAD_LINE = 16,     /* the start line has to be written anew */
    PX_HEAD_CONTINUE = 32, /* Expect: 100-continue */
    PX_HEAD_BOTH = 64,     /* Content-Length beside Transfer-Encoding */
    PX_HEAD_LAX = 128,     /* px_h1_request_again: odd characters are let pass */
};

enum { PX_HTTP_10 = 10, PX_HTTP_11 = 11, PX_HDRS_INLINE = 24 };

struct px_head {
    char *base;        /* first byte of the start line */
    uint32_t len;      /* bytes of the head, the empty line included */
    uint32_t line_len; /* bytes of the start line with its line end */
    uint8_t flags;     /* enum px_head_flag */
    uint8_t version;   /* PX_HTTP_10, PX_HTTP_11 */
    uint8_t meth;      /* enum px_meth; requests */
    uint8_t body;      /* enum px_body */
    uint16_t status;   /* responses */
    uint16_t nhdrs, cap;
    uint32_t added;  /* bytes that edits have put in */
    uint64_t length; /* PX_BODY_LENGTH: bytes of the body */
    struct px_str method, uri, reason;
    struct px_hdr *hdrs;
    struct px_arena *arena;
    uint16_t first[256]; /* by slot: index + 1 of its first field, 0: none */
    struct px_hdr inline_hdrs[PX_HDRS_INLINE];
};

/* Makes the head ready for a parser. */
void px_head_start(struct px_head *head, struct px_arena *arena);

/* Makes room for more fields. false: no memory, or too many. */
bool px_head_grow(struct px_head *head);

/* Where the next field is to be written; px_head_file appends it then. Its bytes must outlive the
 * head. NULL: no memory, or too many fields. */
static inline struct px_hdr *px_head_room(struct px_head *head)
{
    if (PX_UNLIKELY(head->nhdrs == head->cap) && !px_head_grow(head))
        return NULL;
    return &head->hdrs[head->nhdrs];
}

/* Puts the field with this number (index + 1) behind the others of its slot. */
static inline void px_head_link(struct px_head *head, uint8_t slot, unsigned number)
{
    uint16_t *end = &head->first[slot];
    while (*end)
        end = &head->hdrs[*end - 1].next;
    *end = (uint16_t)number;
}

static inline void px_head_file(struct px_head *head)
{
    struct px_hdr *h = &head->hdrs[head->nhdrs++];
    h->next = 0;
    if (h->slot)
        px_head_link(head, h->slot, head->nhdrs);
}

/* Fields with the name, in order: index + 1 of the first, or of the next after `at`; 0: no more.
 * Deleted fields are passed over. */
unsigned px_head_find(const struct px_head *head, const struct px_name *name, unsigned at);
static inline const struct px_hdr *px_head_at(const struct px_head *head, unsigned at)
{
    return &head->hdrs[at - 1];
}

/* The same for a slot that is known to exist. */
static inline unsigned px_head_slot(const struct px_head *head, uint8_t slot, unsigned at)
{
    at = at ? px_head_at(head, at)->next : head->first[slot];
    while (at && (px_head_at(head, at)->flags & PX_HDR_DELETED))
        at = px_head_at(head, at)->next;
    return at;
}

/*
 * Edits. Bytes are copied; whatever could end a line, and every other control character but the
 * tab, is written as %XX, so that no value can bring in lines of its own. false: no memory, or no
 * room left (far too many, or more than tune.bufsize in all); the head is as it was then.
 */
bool px_head_add(struct px_head *head, const struct px_name *name, struct px_str value);
bool px_head_change(struct px_head *head, unsigned at, struct px_str value);
void px_head_delete(struct px_head *head, unsigned at);
void px_head_delete_name(struct px_head *head, const struct px_name *name);

/* The same for the start line. Spaces in a target are written as %20; a method has to be a token,
 * and a target must not be empty. */
bool px_head_set_method(struct px_head *head, struct px_str method);
bool px_head_set_uri(struct px_head *head, struct px_str uri);
bool px_head_set_status(struct px_head *head, unsigned status, struct px_str reason);

/*
 * Takes out what concerns one connection only (RFC 9110 7.6.1): the fields that Connection names,
 * what it says of closing, and the other fields of that kind. What rules have added stays.
 */
void px_head_drop_hop(struct px_head *head);
/* Of px_head_size, what is not part of the message: whether its connection goes on. Before anything
 * is taken out. */
uint64_t px_head_hop_size(const struct px_head *head);

/*
 * Proxy-Connection says whether the connection persists, and Connection no longer that it does:
 * what stands there may have come through a proxy that does not know it. "close" is heeded in both
 * (RFC 9112 9.6).
 */
void px_head_heed_proxy_connection(struct px_head *head);

/* Does a comma-separated list hold this token? Case is ignored. */
bool px_list_has(struct px_str list, const char *token);

#endif
