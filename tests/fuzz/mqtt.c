/*
 * Fuzz target: the packets with which MQTT begins.
 *
 * A packet is understood alike whatever follows it, its beginning is never more than one that needs
 * more bytes, and all that is read from it lies inside.
 */
#include "runtime/policy/mqtt.h"

#include <stdlib.h>
#include <string.h>

static void must(bool holds)
{
    if (!holds)
        abort();
}

static bool is_inside(struct px_str part, struct px_str all)
{
    return !part.len || (part.p >= all.p && part.p + part.len <= all.p + all.len);
}

static void check_parts(const struct px_mqtt *m, struct px_str all)
{
    must(is_inside(m->protocol, all) && is_inside(m->client, all) && is_inside(m->bytes, all));
    must(is_inside(m->will_topic, all) && is_inside(m->will_payload, all));
    must(is_inside(m->user, all) && is_inside(m->password, all));
    must(m->level >= 3 && m->level <= 5);
}

/* Exactly so many bytes, so that sanitizers see what is read behind them. */
static enum px_found read_exactly(const char *p, size_t len, unsigned property)
{
    char *copy = malloc(len ? len : 1);
    struct px_mqtt m = {.property = property};
    must(copy);
    memcpy(copy, p, len);
    struct px_str all = {copy, len};
    enum px_found found = px_mqtt_read(all, &m);
    if (found == PX_FOUND)
        check_parts(&m, all);
    free(copy);
    return found;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* The first byte says which property is looked for. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    if (!size)
        return 0;
    const char *p = (const char *)data + 1;
    enum px_found all = read_exactly(p, size - 1, data[0]);
    for (size_t len = 0; len < size - 1; len++) {
        enum px_found part = read_exactly(p, len, data[0]);
        must(part == PX_LATER || part == all);
    }
    return 0;
}
