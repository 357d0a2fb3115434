/*
 * The first packets of MQTT. See mqtt.h. Numbers of sections are those of the specification of
 * MQTT 5.0, and of 3.1.1 where it says so.
 *
 * Idea: how long a packet is stands at its beginning, so all else is read within known bounds. What
 * a sender must not do makes a packet malformed.
 */
#include "mqtt.h"

#include "../base/macros.h"

#include <string.h>

struct cursor {
    const unsigned char *p, *end;
};

static bool take(struct cursor *c, size_t n, struct px_str *bytes)
{
    if ((size_t)(c->end - c->p) < n)
        return false;
    *bytes = (struct px_str){(const char *)c->p, n};
    c->p += n;
    return true;
}

/* Highest byte first (1.5.1 to 1.5.3). */
static bool take_number(struct cursor *c, unsigned size, uint32_t *v)
{
    if ((size_t)(c->end - c->p) < size)
        return false;
    for (*v = 0; size--; c->p++)
        *v = *v << 8 | *c->p;
    return true;
}

/* A length in two bytes, and so many bytes (1.5.4, 1.5.6). */
static bool take_text(struct cursor *c, struct px_str *text)
{
    uint32_t len;
    return take_number(c, 2, &len) && take(c, len, text);
}

/* 1.5.5: seven bits a byte, the low ones first, in four bytes at most. */
static enum px_found take_length(struct cursor *c, uint32_t *v)
{
    *v = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
        if (c->p == c->end)
            return PX_LATER;
        *v |= (uint32_t)(*c->p & 0x7f) << shift;
        if (!(*c->p++ & 0x80))
            return PX_FOUND;
    }
    return PX_ABSENT;
}

/* ---- properties of 5.0 (2.2.2.2) ---- */

enum value { VALUE_BYTE, VALUE_SHORT, VALUE_LONG, VALUE_TEXT, VALUE_PAIR };
enum place { IN_CONNECT = 1, IN_WILL = 2, IN_CONNACK = 4 };
enum { USER_PROPERTY = 0x26, NPROPERTIES = 0x2b };

static const struct property {
    uint8_t value;  /* enum value */
    uint8_t places; /* enum place; 0: there is none of this number */
    uint32_t least, most;
} properties[NPROPERTIES] = {
    [0x01] = {VALUE_BYTE, IN_WILL, 0, 1},                           /* payload format */
    [0x02] = {VALUE_LONG, IN_WILL, 0, UINT32_MAX},                  /* message expiry */
    [0x03] = {VALUE_TEXT, IN_WILL, 0, 0},                           /* content type */
    [0x08] = {VALUE_TEXT, IN_WILL, 0, 0},                           /* response topic */
    [0x09] = {VALUE_TEXT, IN_WILL, 0, 0},                           /* correlation data */
    [0x11] = {VALUE_LONG, IN_CONNECT | IN_CONNACK, 0, UINT32_MAX},  /* session expiry */
    [0x12] = {VALUE_TEXT, IN_CONNACK, 0, 0},                        /* assigned client */
    [0x13] = {VALUE_SHORT, IN_CONNACK, 0, UINT16_MAX},              /* server keep-alive */
    [0x15] = {VALUE_TEXT, IN_CONNECT | IN_CONNACK, 0, 0},           /* authentication method */
    [0x16] = {VALUE_TEXT, IN_CONNECT | IN_CONNACK, 0, 0},           /* authentication data */
    [0x17] = {VALUE_BYTE, IN_CONNECT, 0, 1},                        /* request problem info */
    [0x18] = {VALUE_LONG, IN_WILL, 0, UINT32_MAX},                  /* will delay */
    [0x19] = {VALUE_BYTE, IN_CONNECT, 0, 1},                        /* request response info */
    [0x1a] = {VALUE_TEXT, IN_CONNACK, 0, 0},                        /* response info */
    [0x1c] = {VALUE_TEXT, IN_CONNACK, 0, 0},                        /* server reference */
    [0x1f] = {VALUE_TEXT, IN_CONNACK, 0, 0},                        /* reason */
    [0x21] = {VALUE_SHORT, IN_CONNECT | IN_CONNACK, 1, UINT16_MAX}, /* receive maximum */
    [0x22] = {VALUE_SHORT, IN_CONNECT | IN_CONNACK, 0, UINT16_MAX}, /* topic alias maximum */
    [0x24] = {VALUE_BYTE, IN_CONNACK, 0, 1},                        /* maximum QoS */
    [0x25] = {VALUE_BYTE, IN_CONNACK, 0, 1},                        /* retain available */
    [0x26] = {VALUE_PAIR, IN_CONNECT | IN_WILL | IN_CONNACK, 0, 0}, /* user property */
    [0x27] = {VALUE_LONG, IN_CONNECT | IN_CONNACK, 1, UINT32_MAX},  /* maximum packet size */
    [0x28] = {VALUE_BYTE, IN_CONNACK, 0, 1},                        /* wildcards available */
    [0x29] = {VALUE_BYTE, IN_CONNACK, 0, 1},                        /* identifiers available */
    [0x2a] = {VALUE_BYTE, IN_CONNACK, 0, 1},                        /* sharing available */
};

static bool take_value(struct cursor *c, const struct property *property, uint32_t *number,
                       struct px_str *bytes)
{
    struct px_str key;
    if (property->value == VALUE_PAIR)
        return take_text(c, &key) && take_text(c, bytes);
    if (property->value == VALUE_TEXT)
        return take_text(c, bytes);
    return take_number(c, 1u << property->value, number) && *number >= property->least &&
           *number <= property->most;
}

/* One property, of which *seen has those before. */
static bool take_property(struct cursor *c, enum place place, uint64_t *seen,
                          struct px_mqtt *packet)
{
    unsigned id = *c->p++;
    uint32_t number = 0;
    struct px_str bytes = {NULL, 0};
    if (id >= NPROPERTIES || !(properties[id].places & place))
        return false;
    if ((*seen & UINT64_C(1) << id) && id != USER_PROPERTY)
        return false;
    *seen |= UINT64_C(1) << id;
    if (!take_value(c, &properties[id], &number, &bytes))
        return false;
    if (id == packet->property) {
        packet->has_property = true;
        packet->is_number = properties[id].value < VALUE_TEXT;
        packet->number = number;
        packet->bytes = bytes;
    }
    return true;
}

static bool take_properties(struct cursor *c, enum place place, struct px_mqtt *packet)
{
    uint32_t len;
    uint64_t seen = 0;
    if (packet->level < 5)
        return true;
    if (take_length(c, &len) != PX_FOUND || len > (size_t)(c->end - c->p))
        return false;
    struct cursor all = {c->p, c->p + len};
    while (all.p < all.end)
        if (!take_property(&all, place, &seen, packet))
            return false;
    c->p += len;
    return true;
}

/* ---- CONNECT (3.1) ---- */

enum {
    RESERVED = 0x01,
    HAS_WILL = 0x04,
    WILL_QOS = 0x18,
    WILL_RETAIN = 0x20,
    HAS_PASSWORD = 0x40,
    HAS_USER = 0x80
};

static bool is_version(struct px_str name, unsigned level)
{
    if (name.len == 6 && !memcmp(name.p, "MQIsdp", 6))
        return level == 3;
    return name.len == 4 && !memcmp(name.p, "MQTT", 4) && (level == 4 || level == 5);
}

/* 3.1.2.3 to 3.1.2.9; 3.1.1 lets nobody have a password without a name. */
static bool flags_are_good(const struct px_mqtt *packet)
{
    unsigned flags = packet->flags;
    if (flags & RESERVED || (flags & WILL_QOS) == WILL_QOS)
        return false;
    if (!(flags & HAS_WILL) && flags & (WILL_QOS | WILL_RETAIN))
        return false;
    return packet->level == 5 || !(flags & HAS_PASSWORD) || flags & HAS_USER;
}

static bool take_head(struct cursor *c, struct px_mqtt *packet)
{
    uint32_t level, flags, keepalive;
    if (!take_text(c, &packet->protocol) || !take_number(c, 1, &level) ||
        !take_number(c, 1, &flags) || !take_number(c, 2, &keepalive))
        return false;
    packet->level = (uint8_t)level;
    packet->flags = (uint8_t)flags;
    packet->keepalive = (uint16_t)keepalive;
    return is_version(packet->protocol, level) && flags_are_good(packet);
}

static bool read_connect(struct cursor *c, struct px_mqtt *packet)
{
    if (!take_head(c, packet) || !take_properties(c, IN_CONNECT, packet) ||
        !take_text(c, &packet->client))
        return false;
    if (packet->flags & HAS_WILL &&
        (!take_properties(c, IN_WILL, packet) || !take_text(c, &packet->will_topic) ||
         !take_text(c, &packet->will_payload)))
        return false;
    if (packet->flags & HAS_USER && !take_text(c, &packet->user))
        return false;
    return !(packet->flags & HAS_PASSWORD) || take_text(c, &packet->password);
}

/* ---- CONNACK (3.2) ---- */

/* Properties tell 5.0 from what was before, which has only two bytes. */
static bool read_connack(struct cursor *c, struct px_mqtt *packet)
{
    uint32_t flags, reason;
    if (!take_number(c, 1, &flags) || !take_number(c, 1, &reason) || flags > 1)
        return false;
    packet->level = c->p < c->end ? 5 : 4;
    packet->flags = (uint8_t)flags;
    packet->reason = (uint8_t)reason;
    return take_properties(c, IN_CONNACK, packet);
}

/* ---- packets ---- */

enum px_found px_mqtt_read(struct px_str bytes, struct px_mqtt *packet)
{
    const unsigned char *p = (const unsigned char *)bytes.p;
    struct cursor c = {p, p + bytes.len};
    uint32_t first, len;
    *packet = (struct px_mqtt){.property = packet->property};
    if (!take_number(&c, 1, &first))
        return PX_LATER;
    packet->type = (uint8_t)(first >> 4);
    if (first & 0x0f || (packet->type != PX_MQTT_CONNECT && packet->type != PX_MQTT_CONNACK))
        return PX_ABSENT;
    enum px_found found = take_length(&c, &len);
    if (found != PX_FOUND)
        return found;
    if (len > (size_t)(c.end - c.p))
        return PX_LATER;
    c.end = c.p + len;
    bool good =
        packet->type == PX_MQTT_CONNECT ? read_connect(&c, packet) : read_connack(&c, packet);
    return good && c.p == c.end ? PX_FOUND : PX_ABSENT;
}
