/*
 * Sample fetches whose value stands in the configuration (HAProxy manual 7.3.2).
 *
 * Not here: values that change while the proxy runs (fetch_state.c).
 */
#include "../http/h1.h"
#include "number.h"
#include "sample.h"

enum px_found px_fetch_always_false(struct px_txn *t, struct px_sample *out)
{
    (void)t;
    return px_found_bool(out, false);
}

enum px_found px_fetch_always_true(struct px_txn *t, struct px_sample *out)
{
    (void)t;
    return px_found_bool(out, true);
}

/* The compiler has turned the digits into bytes. */
enum px_found px_fetch_bin(struct px_txn *t, struct px_sample *out, struct px_str bytes)
{
    (void)t;
    px_set_bytes(out, bytes);
    return PX_FOUND;
}

enum px_found px_fetch_bool(struct px_txn *t, struct px_sample *out, struct px_str word)
{
    (void)t;
    if (px_text_is(word, "true") || px_text_is(word, "1"))
        return px_found_bool(out, true);
    if (px_text_is(word, "false") || px_text_is(word, "0"))
        return px_found_bool(out, false);
    return PX_ABSENT;
}

enum px_found px_fetch_int(struct px_txn *t, struct px_sample *out, int64_t v)
{
    (void)t;
    return px_found_int(out, v);
}

enum px_found px_fetch_ipv4(struct px_txn *t, struct px_sample *out, struct px_str text)
{
    (void)t;
    out->type = PX_IPV4;
    return text.len && px_read_ipv4(text, &out->u.v4) == text.len ? PX_FOUND : PX_ABSENT;
}

enum px_found px_fetch_ipv6(struct px_txn *t, struct px_sample *out, struct px_str text)
{
    (void)t;
    out->type = PX_IPV6;
    return px_read_ipv6(text, &out->u.v6) ? PX_FOUND : PX_ABSENT;
}

enum px_found px_fetch_meth(struct px_txn *t, struct px_sample *out, struct px_str name)
{
    (void)t;
    px_set_text(out, name);
    out->type = PX_METH;
    out->meth = (uint8_t)px_meth_of(name);
    return PX_FOUND;
}

enum px_found px_fetch_str(struct px_txn *t, struct px_sample *out, struct px_str text)
{
    (void)t;
    px_set_text(out, text);
    return PX_FOUND;
}

/* There is one process, whatever "nbproc" once meant. */
enum px_found px_fetch_nbproc(struct px_txn *t, struct px_sample *out)
{
    (void)t;
    return px_found_int(out, 1);
}

enum px_found px_fetch_proc(struct px_txn *t, struct px_sample *out)
{
    (void)t;
    return px_found_int(out, 1);
}
