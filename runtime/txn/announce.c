/*
 * Telling a server whose connection is being relayed (PROXY protocol).
 *
 * Not here: the header itself (net/proxy_protocol.c).
 * Idea: the header is shorter than any segment, so the empty buffer of a new connection takes it
 * whole ("The PROXY protocol", 2). If it does not, the connection is not worth having.
 */
#include "../net/proxy_protocol.h"
#include "scratch.h"
#include "serve.h"

#include <string.h>

enum { MORE = 2048 }; /* bytes of what configurations add; a header fits a segment */

static bool send_whole(struct px_txn *t, const struct px_out *out)
{
    struct iovec v = {out->p, out->len};
    return !out->full && px_sock_send(&t->back->sock, &v, 1) == PX_SENT;
}

static bool send_v1(struct px_txn *t)
{
    char text[PX_PP_MAX_V1];
    struct px_out out = {.p = text, .cap = sizeof text};
    struct px_addr dst;
    px_client_dst(t->client, &dst);
    px_pp_write_v1(&out, &t->client->src, &dst);
    return send_whole(t, &out);
}

/* Of no bytes without unique-id-format, as HAProxy sends it; of a longer one, what a receiver has
 * to take. */
static struct px_str id_of(struct px_txn *t)
{
    struct px_str id = px_txn_unique_id(t);
    if (!id.p)
        id = (struct px_str){"", 0};
    if (id.len > PX_PP_MAX_ID)
        id.len = PX_PP_MAX_ID;
    return id;
}

static struct px_pp_extra what_to_say(struct px_txn *t)
{
    const struct px_told *told = t->client->told;
    unsigned says = t->srv->says;
    struct px_pp_extra extra = {.crc32c = says & PX_SAY_CRC32C};
    if (told && (says & PX_SAY_AUTHORITY))
        extra.authority = told->authority;
    if (says & PX_SAY_UNIQUE_ID)
        extra.unique_id = id_of(t);
    return extra;
}

/* Where the client is, if its own header said so. */
static struct px_str netns_of(const struct px_txn *t)
{
    const struct px_told *told = t->client->told;
    if (!told || !told->netns)
        return (struct px_str){0};
    const char *name = px_program.namespaces[told->netns - 1];
    return (struct px_str){name, strlen(name)};
}

/* What the server's line adds. */
static struct px_str more_to_say(struct px_txn *t, struct px_out *out)
{
    const struct px_vectors *vectors = t->srv->vectors;
    for (unsigned i = 0; vectors && i < vectors->n; i++)
        px_pp_put_vector(out, vectors->v[i].type, px_fmt_text(t, vectors->v[i].value));
    return (struct px_str){out->len ? out->p : NULL, out->len};
}

static bool send_v2(struct px_txn *t)
{
    char bytes[PX_PP_MAX_V2 + MORE], room[MORE];
    struct px_out more = {.p = room, .cap = sizeof room};
    struct px_out out = {.p = bytes, .cap = sizeof bytes};
    struct px_pp_extra extra = what_to_say(t);
    extra.netns = netns_of(t);
    extra.more = more_to_say(t, &more);
    struct px_addr dst;
    px_client_dst(t->client, &dst);
    px_pp_write_v2(&out, &t->client->src, &dst, &extra);
    return !more.full && send_whole(t, &out);
}

const struct px_announce px_announce_v1 = {.send = send_v1};
const struct px_announce px_announce_v2 = {.send = send_v2};
