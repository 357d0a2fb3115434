/*
 * The first packets of MQTT 3.1, 3.1.1 and 5.0: CONNECT of a client and CONNACK of a server.
 */
#ifndef PX_MQTT_H
#define PX_MQTT_H

#include "../abi/types.h"

enum px_mqtt_type { PX_MQTT_CONNECT = 1, PX_MQTT_CONNACK = 2 };

/* Texts and payloads that are not there, or empty, have len 0. */
struct px_mqtt {
    uint8_t type;  /* enum px_mqtt_type */
    uint8_t level; /* of the protocol: 3, 4 or 5; a CONNACK of 3.1 says 4 */
    uint8_t flags;
    uint8_t reason; /* CONNACK */
    uint16_t keepalive;
    struct px_str protocol, client, will_topic, will_payload, user, password;
    unsigned property; /* the one to keep; 0: none */
    bool has_property, is_number;
    uint32_t number;
    struct px_str bytes;
};

/*
 * Reads the packet that the bytes begin with; packet->property is set, all else is filled in.
 * PX_LATER: more bytes are needed; PX_ABSENT: it is malformed (MQTT 5.0 1.2), or another packet.
 */
enum px_found px_mqtt_read(struct px_str bytes, struct px_mqtt *packet);

#endif
