/*
 * Messages of the FIX protocol (FIX 4.4 volume 1, "Message format"; HAProxy manual 7.3.1,
 * "fix_is_valid" and "fix_tag_value").
 *
 * Not here: what the fields mean. Idea: a message is read field by field, and ends with its check
 * sum. While it is not complete, there is no answer; as long as more can come, rules wait for it.
 */
#include "../base/macros.h"
#include "../http/chars.h"
#include "sample.h"

enum { TAG_BEGIN = 8, TAG_LENGTH = 9, TAG_CHECKSUM = 10, TAG_TYPE = 35, TAG_MOST = 999999999 };
enum { CHECKSUM_LEN = 3 };
static const char end_of_field = 1;

struct field {
    int64_t tag;
    struct px_str value;
    size_t at; /* where it begins */
};

/* All of s is digits. -1: no, or beyond the most. */
static int64_t number_of(struct px_str s)
{
    int64_t v = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (!px_is_digit(s.p[i]) || v > TAG_MOST / 10)
            return -1;
        v = v * 10 + (s.p[i] - '0');
    }
    return s.len ? v : -1;
}

/* The field at *at, which moves behind it. PX_LATER: its end is not there; PX_ABSENT: it is none.
 */
static enum px_found next_field(struct px_str s, size_t *at, struct field *field)
{
    const char *from = s.p + *at;
    const char *end = *at < s.len ? memchr(from, end_of_field, s.len - *at) : NULL;
    if (!end)
        return PX_LATER;
    const char *equal = memchr(from, '=', (size_t)(end - from));
    if (!equal)
        return PX_ABSENT;
    field->at = *at;
    field->tag = number_of((struct px_str){from, (size_t)(equal - from)});
    field->value = (struct px_str){equal + 1, (size_t)(end - equal - 1)};
    *at = (size_t)(end - s.p) + 1;
    return field->tag > 0 ? PX_FOUND : PX_ABSENT;
}

/* The same for messages that have to be right: values are not empty. */
static enum px_found next_full(struct px_str s, size_t *at, struct field *field)
{
    enum px_found found = next_field(s, at, field);
    return found == PX_FOUND && !field->value.len ? PX_ABSENT : found;
}

/* ---- validity ---- */

static bool is_version(struct px_str s)
{
    static const char *const versions[] = {"FIX.4.0", "FIX.4.1", "FIX.4.2",
                                           "FIX.4.3", "FIX.4.4", "FIXT.1.1"};
    for (size_t i = 0; i < PX_COUNT(versions); i++)
        if (px_text_is(s, versions[i]))
            return true;
    return false;
}

/* The sum of all bytes before it, modulo 256, in three digits. */
static bool sum_matches(struct px_str before, struct px_str digits)
{
    unsigned char sum = 0;
    for (size_t i = 0; i < before.len; i++)
        sum = (unsigned char)(sum + (unsigned char)before.p[i]);
    return digits.len == CHECKSUM_LEN && number_of(digits) == sum;
}

/* BeginString, BodyLength and MsgType are the first three. *body: where what is counted begins. */
static enum px_found read_beginning(struct px_str s, size_t *at, size_t *body, int64_t *len)
{
    struct field field;
    enum px_found found = next_full(s, at, &field);
    if (found != PX_FOUND)
        return found;
    if (field.tag != TAG_BEGIN || !is_version(field.value))
        return PX_ABSENT;
    if ((found = next_full(s, at, &field)) != PX_FOUND)
        return found;
    *len = number_of(field.value);
    *body = *at;
    if (field.tag != TAG_LENGTH || *len < 0)
        return PX_ABSENT;
    found = next_full(s, at, &field);
    return found == PX_FOUND && field.tag != TAG_TYPE ? PX_ABSENT : found;
}

static enum px_found check_message(struct px_str s)
{
    struct field field;
    size_t at = 0, body = 0;
    int64_t len = 0;
    enum px_found found = read_beginning(s, &at, &body, &len);
    while (found == PX_FOUND) {
        found = next_full(s, &at, &field);
        if (found != PX_FOUND || field.tag != TAG_CHECKSUM)
            continue;
        bool good = field.at == body + (size_t)len &&
                    sum_matches((struct px_str){s.p, field.at}, field.value);
        return good ? PX_FOUND : PX_ABSENT;
    }
    return found;
}

bool px_conv_fix_is_valid(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    enum px_found found = check_message(smp->u.s);
    px_set_complete(smp, found);
    px_set_bool(smp, found == PX_FOUND);
    return found != PX_LATER;
}

/* ---- values ---- */

/* PX_ABSENT: it has none, or an empty one. */
static enum px_found find_tag(struct px_str s, int64_t tag, struct px_str *value)
{
    struct field field;
    size_t at = 0;
    do {
        enum px_found found = next_field(s, &at, &field);
        if (found != PX_FOUND)
            return found;
    } while (field.tag != tag && field.tag != TAG_CHECKSUM);
    *value = field.value;
    return field.tag == tag && field.value.len ? PX_FOUND : PX_ABSENT;
}

bool px_conv_fix_tag_value(struct px_txn *t, struct px_sample *smp, struct px_str tag)
{
    (void)t;
    struct px_str value;
    enum px_found found = find_tag(smp->u.s, number_of(tag), &value);
    px_set_complete(smp, found);
    if (found == PX_FOUND)
        px_set_bytes(smp, value);
    return found == PX_FOUND;
}
