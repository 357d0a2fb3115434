/*
 * Base64 (RFC 4648 4), with padding.
 */
#ifndef PX_BASE64_H
#define PX_BASE64_H

#include "../abi/types.h"

static inline size_t px_base64_size(size_t bytes)
{
    return (bytes + 2) / 3 * 4;
}

/* Writes px_base64_size(s.len) characters and answers how many. */
size_t px_base64_encode(struct px_str s, char *text);

/* Writes at most s.len / 4 * 3 bytes and answers how many; -1: it is no base64. Padding may end
 * any group of four, so that texts can be joined. */
ptrdiff_t px_base64_decode(struct px_str s, char *bytes);

/* The same in base64url (RFC 4648 5): no padding is written; when read, it may be there or not. */
size_t px_base64url_encode(struct px_str s, char *text);
ptrdiff_t px_base64url_decode(struct px_str s, char *bytes);

/* A text becomes the bytes that it stands for. false: it is no base64url. */
bool px_base64url_sample(struct px_sample *smp);

#endif
