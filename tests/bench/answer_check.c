/*
 * answer_check.c - does answer.c read what servers send, however it is cut into pieces?
 *
 * For: `make bench-check`. Every case is fed whole, byte by byte, and cut in two at every place.
 * Not for: speed.
 * Keep in mind: a load generator that takes a broken answer for a good one would praise a proxy
 * for breaking it; so the cases that must fail count as much as the ones that must pass.
 */
#include "answer.h"

#include <stdio.h>
#include <string.h>

static const struct expected {
    const char *name;
    const char *bytes;
    enum answer_state state; /* when the connection stays open */
    enum answer_state ended; /* when it then ends */
    int status;
    uint64_t body;
    bool keep;
} cases[] = {
    {"length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", ANSWER_DONE, ANSWER_DONE, 200, 3,
     true},
    {"empty", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", ANSWER_DONE, ANSWER_DONE, 404,
     0, true},
    {"short", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc", ANSWER_LENGTH, ANSWER_BROKEN, 200,
     3, true},
    {"close", "HTTP/1.1 200 OK\r\nconnection: close\r\nCONTENT-LENGTH:1\r\n\r\nx", ANSWER_DONE,
     ANSWER_DONE, 200, 1, false},
    {"chunked",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n"
     "0\r\n\r\n",
     ANSWER_DONE, ANSWER_DONE, 200, 13, true},
    {"trailer",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nT: 1\r\nU: 2\r\n\r\n",
     ANSWER_DONE, ANSWER_DONE, 200, 1, true},
    {"chunk cut", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
     ANSWER_SIZE, ANSWER_BROKEN, 200, 5, true},
    {"chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", ANSWER_BROKEN,
     ANSWER_BROKEN, 200, 0, true},
    {"chunk end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc", ANSWER_BROKEN,
     ANSWER_BROKEN, 200, 1, true},
    {"to end", "HTTP/1.1 200 OK\r\n\r\nabcd", ANSWER_TOEND, ANSWER_DONE, 200, 4, false},
    {"interim", "HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
     ANSWER_DONE, ANSWER_DONE, 204, 0, true},
    {"old", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab", ANSWER_DONE, ANSWER_DONE, 200, 2,
     false},
    {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
     ANSWER_BROKEN, ANSWER_BROKEN, 200, 0, true},
    {"nonsense", "220 mail.example ESMTP ready\r\n\r\n", ANSWER_BROKEN, ANSWER_BROKEN, 0, 0, true},
    {"head cut", "HTTP/1.1 200 OK\r\nContent-Le", ANSWER_HEAD, ANSWER_BROKEN, 0, 0, true},
};

static bool agrees(const struct expected *expected, const struct answer *answer,
                   enum answer_state state)
{
    return answer->state == state && answer->status == expected->status &&
           answer->body == expected->body && answer->keep == expected->keep;
}

/* Feeds the bytes in pieces: first so many, then `step` at a time. */
static bool passes(const struct expected *expected, size_t first, size_t step)
{
    static struct answer answer;
    size_t size = strlen(expected->bytes);
    size_t piece = first;

    answer_start(&answer);
    for (size_t at = 0; at < size; at += piece, piece = step) {
        piece = piece < size - at ? piece : size - at;
        answer_feed(&answer, expected->bytes + at, piece);
    }
    bool open = agrees(expected, &answer, expected->state);
    answer_end(&answer);
    return open && agrees(expected, &answer, expected->ended);
}

static int check(const struct expected *expected)
{
    size_t size = strlen(expected->bytes);
    int failures = !passes(expected, 1, 1);

    for (size_t first = 1; first <= size; first++) {
        failures += !passes(expected, first, size);
    }
    if (failures > 0) {
        printf("answer: case '%s' failed in %d ways\n", expected->name, failures);
    }
    return failures;
}

/* Bytes after the end of an answer must not be taken. */
static int check_rest(void)
{
    static const char bytes[] = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n";
    static struct answer answer;
    size_t wanted = (size_t)(strstr(bytes, "xHTTP") + 1 - bytes);

    answer_start(&answer);
    size_t taken = answer_feed(&answer, bytes, sizeof(bytes) - 1);
    if (taken != wanted || answer.state != ANSWER_DONE) {
        printf("answer: took %zu bytes instead of %zu\n", taken, wanted);
        return 1;
    }
    return 0;
}

int main(void)
{
    int failures = check_rest();

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        failures += check(&cases[i]);
    }
    return failures == 0 ? 0 : 1;
}
