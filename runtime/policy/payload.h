/*
 * Parts of bytes that are still arriving (HAProxy manual 7.3.5, "req.payload").
 *
 * PX_LATER: the part would fit once more bytes have come; PX_ABSENT: it never will.
 */
#ifndef PX_PAYLOAD_H
#define PX_PAYLOAD_H

#include "../abi/types.h"

/* What there is, and how many bytes there can be at most. */
struct px_payload {
    struct px_str bytes;
    size_t most;
};

/* `len` bytes from `at`; len 0: everything from there, at least one byte. */
enum px_found px_payload_part(const struct px_payload *in, int64_t at, int64_t len,
                              struct px_str *part);

/*
 * The bytes whose number stands in the `size` bytes from `at`, highest first. They begin behind
 * that number, or at `place`: an offset, with a sign in front relative to the end of the number.
 */
enum px_found px_payload_counted(const struct px_payload *in, int64_t at, int64_t size,
                                 struct px_str place, struct px_str *part);

#endif
