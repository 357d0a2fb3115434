/*
 * Tests of runtime/policy/mqtt.c: what the specification forbids and HAProxy takes, and packets
 * that are not complete.
 */
#include "runtime/policy/mqtt.h"

#include "tests/unit/unit.h"

#include <string.h>

static struct px_mqtt packet;

/* All of text but the NUL at its end. */
#define READ(text) px_mqtt_read((struct px_str){text, sizeof text - 1}, &packet)
#define IS(field, text)                                                                            \
    (packet.field.len == sizeof text - 1 && !memcmp(packet.field.p, text, sizeof text - 1))

static const char all[] =
    "\x10\x31\0\4MQTT\5\xce\0\x3c\x05\x11\0\0\0\7\0\2c1\x06\x26\0\1k\0\0\0\3w/t"
    "\0\4gone\0\3joe\0\4pass";

START_TEST(a_packet)
{
    packet.property = 0x11;
    ck_assert_int_eq(READ(all), PX_FOUND);
    ck_assert_uint_eq(packet.type, PX_MQTT_CONNECT);
    ck_assert_uint_eq(packet.level, 5);
    ck_assert_uint_eq(packet.flags, 0xce);
    ck_assert_uint_eq(packet.keepalive, 60);
    ck_assert(IS(protocol, "MQTT") && IS(client, "c1") && IS(will_topic, "w/t"));
    ck_assert(IS(will_payload, "gone") && IS(user, "joe") && IS(password, "pass"));
    ck_assert(packet.has_property && packet.is_number);
    ck_assert_uint_eq(packet.number, 7);
    packet.property = 0x21;
    ck_assert_int_eq(READ(all), PX_FOUND);
    ck_assert(!packet.has_property);
}
END_TEST

START_TEST(every_beginning_needs_more)
{
    for (size_t len = 0; len < sizeof all - 1; len++)
        ck_assert_int_eq(px_mqtt_read((struct px_str){all, len}, &packet), PX_LATER);
}
END_TEST

/* The length of the packet says that there is no more, wherever it is cut. */
START_TEST(no_part_reaches_beyond_the_packet)
{
    char cut[sizeof all];
    for (size_t len = 2; len < sizeof all - 1; len++) {
        memcpy(cut, all, len);
        cut[1] = (char)(len - 2);
        char *exact = malloc(len); /* so that sanitizers see what is read behind it */
        memcpy(exact, cut, len);
        ck_assert_int_eq(px_mqtt_read((struct px_str){exact, len}, &packet), PX_ABSENT);
        free(exact);
    }
}
END_TEST

START_TEST(versions)
{
    ck_assert_int_eq(READ("\x10\x0e\0\6MQIsdp\3\2\0\0\0\0"), PX_FOUND);
    ck_assert_int_eq(READ("\x10\x0e\0\6MQIsdp\4\2\0\0\0\0"), PX_ABSENT);
    ck_assert_int_eq(READ("\x10\x0c\0\4MQTT\4\2\0\0\0\0"), PX_FOUND);
    ck_assert_int_eq(READ("\x10\x0c\0\4MQTT\3\2\0\0\0\0"), PX_ABSENT);
    ck_assert_int_eq(READ("\x10\x0c\0\4mqtt\4\2\0\0\0\0"), PX_ABSENT);
    ck_assert_int_eq(READ("\x10\x0d\0\4MQTT\5\2\0\0\0\0\0"), PX_FOUND);
}
END_TEST

START_TEST(flags)
{
    ck_assert_int_eq(READ("\x10\x12\0\4MQTT\4\x1e\0\0\0\0\0\1t\0\1p"), PX_ABSENT); /* QoS 3 */
    ck_assert_int_eq(READ("\x10\x12\0\4MQTT\4\x16\0\0\0\0\0\1t\0\1p"), PX_FOUND);
    ck_assert_int_eq(READ("\x10\x0c\0\4MQTT\4\x0a\0\0\0\0"), PX_ABSENT);
    ck_assert_int_eq(READ("\x10\x0c\0\4MQTT\4\x22\0\0\0\0"), PX_ABSENT);
    ck_assert_int_eq(READ("\x10\x0f\0\4MQTT\4\x42\0\0\0\0\0\1p"), PX_ABSENT);
    ck_assert_int_eq(READ("\x10\x10\0\4MQTT\5\x42\0\0\0\0\0\0\1p"), PX_FOUND);
    ck_assert_int_eq(READ("\x10\x0c\0\4MQTT\4\3\0\0\0\0"), PX_ABSENT);
}
END_TEST

START_TEST(answers)
{
    ck_assert_int_eq(READ("\x20\2\1\0"), PX_FOUND);
    ck_assert_uint_eq(packet.level, 4);
    ck_assert_int_eq(READ("\x20\3\0\x87\0"), PX_FOUND);
    ck_assert_uint_eq(packet.level, 5);
    ck_assert_uint_eq(packet.reason, 0x87);
    ck_assert_int_eq(READ("\x20\5\0\0\2\x7f\1"), PX_ABSENT);
    ck_assert_int_eq(READ("\x20\5\0\0\2\x17\1"), PX_ABSENT);
    ck_assert_int_eq(READ("\x20\2\2\0"), PX_ABSENT);
    ck_assert_int_eq(READ("\x30\2\0\0"), PX_ABSENT);
}
END_TEST

START_TEST(texts_may_hold_anything)
{
    ck_assert_int_eq(READ("\x10\x0f\0\4MQTT\4\2\0\0\0\3a\0b"), PX_FOUND);
    ck_assert(IS(client, "a\0b"));
}
END_TEST

UNIT_MAIN("mqtt", NULL, NULL, a_packet, every_beginning_needs_more,
          no_part_reaches_beyond_the_packet, versions, flags, answers, texts_may_hold_anything)
