/*
 * Converters of MQTT packets (HAProxy manual 7.3.1, "mqtt_is_valid" and "mqtt_field_value").
 *
 * Not here: how packets are read (mqtt.c).
 */
#include "../base/macros.h"
#include "mqtt.h"
#include "number.h"
#include "sample.h"

bool px_conv_mqtt_is_valid(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    struct px_mqtt packet = {.property = 0};
    enum px_found found = px_mqtt_read(smp->u.s, &packet);
    px_set_complete(smp, found);
    px_set_bool(smp, found == PX_FOUND);
    return found != PX_LATER;
}

static bool found_text(struct px_sample *smp, struct px_str text)
{
    px_set_text(smp, text);
    return text.len;
}

/* HAProxy gives numbers as text. */
static bool found_number(struct px_sample *smp, uint32_t number)
{
    px_set_int(smp, number);
    return px_cast(smp, PX_STRING);
}

static bool found_property(struct px_sample *smp, const struct px_mqtt *packet)
{
    if (!packet->has_property)
        return false;
    return packet->is_number ? found_number(smp, packet->number) : found_text(smp, packet->bytes);
}

static bool found_field(struct px_sample *smp, const struct px_mqtt *packet, struct px_str field)
{
    const struct {
        const char *name;
        uint32_t value;
    } numbers[] = {{"flags", packet->flags},
                   {"protocol_version", packet->level},
                   {"keepalive", packet->keepalive},
                   {"reason_code", packet->reason}};
    const struct {
        const char *name;
        struct px_str value;
    } texts[] = {{"protocol_name", packet->protocol}, {"client_identifier", packet->client},
                 {"will_topic", packet->will_topic},  {"will_payload", packet->will_payload},
                 {"username", packet->user},          {"password", packet->password}};
    for (size_t i = 0; i < PX_COUNT(numbers); i++)
        if (px_text_is(field, numbers[i].name))
            return found_number(smp, numbers[i].value);
    for (size_t i = 0; i < PX_COUNT(texts); i++)
        if (px_text_is(field, texts[i].name))
            return found_text(smp, texts[i].value);
    return found_property(smp, packet);
}

/* The compiler has made the type a number, and of the field a known name or the number of a
 * property. */
bool px_conv_mqtt_field_value(struct px_txn *t, struct px_sample *smp, struct px_str type,
                              struct px_str field)
{
    (void)t;
    struct px_mqtt packet = {.property = (unsigned)px_read_int64(field)};
    enum px_found found = px_mqtt_read(smp->u.s, &packet);
    px_set_complete(smp, found);
    if (found != PX_FOUND || packet.type != px_read_int64(type))
        return false;
    return found_field(smp, &packet, field);
}
