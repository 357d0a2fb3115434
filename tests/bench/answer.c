/*
 * answer.c - the client's side of HTTP/1.1 message framing.
 *
 * For: knowing where an answer ends, which status it has and whether its body is complete.
 * Not for: the meaning of header fields other than the three that frame the message.
 * Keep in mind: nearly always a head arrives whole, so it is parsed where it lies; only a head
 * in pieces is gathered in the struct first.
 */
#include "answer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void answer_start(struct answer *answer)
{
    answer->state = ANSWER_HEAD;
    answer->status = 0;
    answer->keep = true;
    answer->chunked = false;
    answer->has_length = false;
    answer->left = 0;
    answer->body = 0;
    answer->digits = 0;
    answer->head_used = 0;
}

static void read_length(struct answer *answer, const char *value)
{
    char *end = NULL;
    unsigned long long length = strtoull(value, &end, 10);

    if (end == value || (answer->has_length && length != answer->left)) {
        answer->state = ANSWER_BROKEN;
        return;
    }
    answer->has_length = true;
    answer->left = length;
}

static void read_coding(struct answer *answer, const char *value)
{
    answer->chunked = strncasecmp(value, "chunked", 7) == 0;
}

static void read_connection(struct answer *answer, const char *value)
{
    if (strncasecmp(value, "close", 5) == 0) {
        answer->keep = false;
    }
}

static const struct field {
    const char *name;
    size_t length;
    void (*read)(struct answer *answer, const char *value);
} fields[] = {
    {"content-length:", 15, read_length},
    {"transfer-encoding:", 18, read_coding},
    {"connection:", 11, read_connection},
};

static void read_field(struct answer *answer, const char *line)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (strncasecmp(line, fields[i].name, fields[i].length) == 0) {
            const char *value = line + fields[i].length;
            fields[i].read(answer, value + strspn(value, " \t"));
            return;
        }
    }
}

/* RFC 9112 6.3: what the head says about the body. */
static void choose_body(struct answer *answer)
{
    if (answer->state == ANSWER_BROKEN) {
        return;
    }
    if (answer->status / 100 == 1) {
        answer_start(answer);
    } else if (answer->status == 204 || answer->status == 304) {
        answer->state = ANSWER_DONE;
    } else if (answer->chunked) {
        answer->left = 0;
        answer->state = ANSWER_SIZE;
    } else if (answer->has_length) {
        answer->state = answer->left > 0 ? ANSWER_LENGTH : ANSWER_DONE;
    } else {
        answer->keep = false;
        answer->state = ANSWER_TOEND;
    }
}

/* head is complete and ends with an empty line, so every line in it has its line feed. */
static void read_head(struct answer *answer, const char *head, size_t size)
{
    static const char version[] = "HTTP/1.";
    const char *end = head + size - 2;

    if (size < 16 || memcmp(head, version, sizeof(version) - 1) != 0) {
        answer->state = ANSWER_BROKEN;
        return;
    }
    answer->status = atoi(head + 9);
    answer->keep = head[7] != '0';
    const char *line = (const char *)memchr(head, '\n', size) + 1;
    while (line < end) {
        /* only these letters start a field that matters: spares three comparisons for the rest */
        if (strchr("cCtT", *line) != NULL) {
            read_field(answer, line);
        }
        line = (const char *)memchr(line, '\n', (size_t)(head + size - line)) + 1;
    }
    choose_body(answer);
}

/* Returns the bytes taken of a head of which earlier pieces are in the struct. */
static size_t gather_head(struct answer *answer, const char *bytes, size_t count)
{
    size_t before = answer->head_used;
    size_t space = ANSWER_HEAD_MAX - before;
    size_t copied = count < space ? count : space;

    memcpy(answer->head + before, bytes, copied);
    answer->head_used += copied;
    const char *end = memmem(answer->head, answer->head_used, "\r\n\r\n", 4);
    if (end == NULL) {
        if (answer->head_used == ANSWER_HEAD_MAX) {
            answer->state = ANSWER_BROKEN;
        }
        return copied;
    }
    size_t size = (size_t)(end - answer->head) + 4;
    answer->head_used = 0;
    read_head(answer, answer->head, size);
    return size - before;
}

static size_t feed_head(struct answer *answer, const char *bytes, size_t count)
{
    const char *end = answer->head_used > 0 ? NULL : memmem(bytes, count, "\r\n\r\n", 4);

    if (end == NULL) {
        return gather_head(answer, bytes, count);
    }
    size_t size = (size_t)(end - bytes) + 4;
    read_head(answer, bytes, size);
    return size;
}

void answer_skip(struct answer *answer, size_t count)
{
    answer->left -= count;
    answer->body += count;
    if (answer->left == 0) {
        answer->state = ANSWER_DONE;
    }
}

static size_t feed_length(struct answer *answer, const char *bytes, size_t count)
{
    size_t taken = count < answer->left ? count : (size_t)answer->left;

    (void)bytes;
    answer_skip(answer, taken);
    return taken;
}

static int digit_of(char c)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *found = memchr(digits, c, sizeof(digits) - 1);

    if (found == NULL) {
        return -1;
    }
    int value = (int)(found - digits);
    return value < 16 ? value : value - 6;
}

/* RFC 9112 7.1: hexadecimal digits, perhaps an extension, CR LF. digits counts the size's digits
 * and becomes large once anything else followed them. */
static size_t feed_size(struct answer *answer, const char *bytes, size_t count)
{
    enum { MAX_DIGITS = 15, AFTER_DIGITS = 100 };

    (void)count;
    int digit = answer->digits < AFTER_DIGITS ? digit_of(*bytes) : -1;
    if (digit >= 0 && answer->digits < MAX_DIGITS) {
        answer->left = answer->left * 16 + (uint64_t)digit;
        answer->digits++;
    } else if (answer->digits == 0 || digit >= 0) {
        answer->state = ANSWER_BROKEN;
    } else if (*bytes == '\n') {
        answer->digits = 0;
        answer->state = answer->left > 0 ? ANSWER_CHUNK : ANSWER_TRAILER;
    } else {
        answer->digits = AFTER_DIGITS;
    }
    return 1;
}

static size_t feed_chunk(struct answer *answer, const char *bytes, size_t count)
{
    size_t taken = count < answer->left ? count : (size_t)answer->left;

    (void)bytes;
    answer->left -= taken;
    answer->body += taken;
    if (answer->left == 0) {
        answer->state = ANSWER_CHUNKEND;
    }
    return taken;
}

static size_t feed_chunkend(struct answer *answer, const char *bytes, size_t count)
{
    (void)count;
    if (*bytes == '\n') {
        answer->state = ANSWER_SIZE;
    } else if (*bytes != '\r') {
        answer->state = ANSWER_BROKEN;
    }
    return 1;
}

static size_t feed_trailer(struct answer *answer, const char *bytes, size_t count)
{
    (void)count;
    if (*bytes == '\n') {
        answer->state = answer->digits == 0 ? ANSWER_DONE : ANSWER_TRAILER;
        answer->digits = 0;
    } else if (*bytes != '\r') {
        answer->digits++;
    }
    return 1;
}

static size_t feed_toend(struct answer *answer, const char *bytes, size_t count)
{
    (void)bytes;
    answer->body += count;
    return count;
}

size_t answer_feed(struct answer *answer, const char *bytes, size_t count)
{
    static size_t (*const feed[])(struct answer *, const char *, size_t) = {
        [ANSWER_HEAD] = feed_head,         [ANSWER_LENGTH] = feed_length,
        [ANSWER_SIZE] = feed_size,         [ANSWER_CHUNK] = feed_chunk,
        [ANSWER_CHUNKEND] = feed_chunkend, [ANSWER_TRAILER] = feed_trailer,
        [ANSWER_TOEND] = feed_toend,
    };
    size_t used = 0;

    while (used < count && answer->state < ANSWER_DONE) {
        used += feed[answer->state](answer, bytes + used, count - used);
    }
    return used;
}

void answer_end(struct answer *answer)
{
    if (answer->state == ANSWER_TOEND) {
        answer->state = ANSWER_DONE;
    } else if (answer->state != ANSWER_DONE) {
        answer->state = ANSWER_BROKEN;
    }
}
