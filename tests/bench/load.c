/*
 * load.c - the load generator: arguments, and the request that is sent over and over.
 *
 * For: one process on one core that drives a proxy over many connections and prints one line
 * "key=value ..." of results. Run it without arguments for the options.
 * Not for: correctness tests of proxies; it knows one request and one expected status.
 * Keep in mind: it shares its core with the origin, so all modes keep to one send and one recv
 * per request.
 */
#include "load.h"

#include "link.h"
#include "net.h"
#include "tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REQUEST_SIZE = 64 * 1024, BYTES_MAX = 1 << 30, FILES_SPARE = 64 };

static const char usage[] =
    "usage: load -t [IP:]PORT [options]\n"
    "  -m MODE   http (default), ping (send and read back -b bytes), bulk (ask the origin's\n"
    "            bulk port for -b bytes), idle (open connections, measure memory)\n"
    "  -c N      connections (16)          -C        http: a connection for each request\n"
    "  -d SEC    measured time (3)         -w SEC    warm-up before it (0.5)\n"
    "  -n N      N requests, not by time   -r RATE   open loop at RATE requests a second\n"
    "  -p PATH   request path (/small)     -H HOST   value of Host (bench.test)\n"
    "  -x N      extra header fields (0)   -s CODE   expected status (200)\n"
    "  -b BYTES  message size (64)         -P PID    sample this process\n"
    "  -1        idle: one request each    -k        idle: hold until the end of stdin\n"
    "  -a        idle: one request each that has no answer (-p /hold)\n";

/* What browsers send, so that the extra fields have usual names and lengths. */
static const char *const usual_fields[] = {
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8",
    "Accept-Language: en-US,en;q=0.7,de;q=0.3",
    "Accept-Encoding: gzip, deflate, br",
    "Referer: http://bench.test/some/where/else?page=12",
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=light; consent=1",
    "DNT: 1",
    "Upgrade-Insecure-Requests: 1",
    "Sec-Fetch-Dest: document",
    "Sec-Fetch-Mode: navigate",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-User: ?1",
    "Cache-Control: max-age=0",
    "Pragma: no-cache",
    "If-None-Match: \"5f3c-5e1b0c4a7d2c0\"",
    "If-Modified-Since: Tue, 01 Aug 2023 10:11:12 GMT",
    "X-Requested-With: XMLHttpRequest",
    "X-Request-Id: 7b0d1a52-3a55-4a51-9c7e-0f6a3c1b9d11",
    "X-Forwarded-Proto: https",
};

struct text {
    char *bytes;
    size_t used;
};

static void append(struct text *text, const char *line)
{
    size_t length = strlen(line);

    if (length + 2 > REQUEST_SIZE - text->used) {
        tool_die("the request is larger than %d bytes", (int)REQUEST_SIZE);
    }
    memcpy(text->bytes + text->used, line, length);
    memcpy(text->bytes + text->used + length, "\r\n", 2);
    text->used += length + 2;
}

static void append_extra(struct text *text, size_t count)
{
    size_t usual = sizeof(usual_fields) / sizeof(usual_fields[0]);
    char line[64];

    for (size_t i = 0; i < count; i++) {
        snprintf(line, sizeof(line), "X-Extra-%zu: value-%zu", i, i);
        append(text, i < usual ? usual_fields[i] : line);
    }
}

static void talk_http(const struct load *load, struct talk *talk)
{
    struct text text = {tool_alloc(REQUEST_SIZE, 1), 0};
    char line[4096];

    if (strlen(load->path) + strlen(load->host) > sizeof(line) - 64) {
        tool_die("path or host too long");
    }
    snprintf(line, sizeof(line), "GET %s HTTP/1.1", load->path);
    append(&text, line);
    snprintf(line, sizeof(line), "Host: %s", load->host);
    append(&text, line);
    append_extra(&text, load->extra_fields);
    if (load->close_each) {
        append(&text, "Connection: close");
    }
    append(&text, "");
    talk->request = text.bytes;
    talk->request_size = text.used;
    talk->status = load->status;
    talk->close_each = load->close_each;
}

static void talk_ping(const struct load *load, struct talk *talk)
{
    char *message = tool_alloc(load->bytes, 1);

    for (size_t i = 0; i < load->bytes; i++) {
        message[i] = (char)('a' + i % 26);
    }
    talk->request = message;
    talk->request_size = load->bytes;
    talk->reply_size = load->bytes;
    talk->echo = true;
}

static void talk_bulk(const struct load *load, struct talk *talk)
{
    struct text text = {tool_alloc(REQUEST_SIZE, 1), 0};
    char line[32];

    snprintf(line, sizeof(line), "%zu", load->bytes);
    append(&text, line);
    talk->request = text.bytes;
    talk->request_size = text.used;
    talk->reply_size = load->bytes;
}

static const struct mode {
    const char *name;
    void (*talk)(const struct load *load, struct talk *talk);
    bool (*run)(const struct load *load, const struct talk *talk);
} modes[] = {
    {"http", talk_http, load_run},
    {"ping", talk_ping, load_run},
    {"bulk", talk_bulk, load_run},
    {"idle", talk_http, load_idle},
};

static const struct mode *find_mode(const char *name)
{
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (strcmp(modes[i].name, name) == 0) {
            return &modes[i];
        }
    }
    tool_die("no mode '%s'", name);
}

static bool read_flag(struct load *load, int option)
{
    switch (option) {
    case 'C':
        load->close_each = true;
        return true;
    case 'k':
        load->hold = true;
        return true;
    case '1':
        load->ask = true;
        return true;
    case 'a':
        load->leave = true;
        return true;
    default:
        return false;
    }
}

static bool read_size(struct load *load, int option, const char *value)
{
    switch (option) {
    case 'c':
        load->connections = tool_number(value, 1000000, "connections");
        return true;
    case 'n':
        load->count = tool_number(value, UINT32_MAX, "requests");
        return true;
    case 'x':
        load->extra_fields = tool_number(value, 500, "extra fields");
        return true;
    case 's':
        load->status = (int)tool_number(value, 999, "status");
        return true;
    case 'b':
        load->bytes = tool_number(value, BYTES_MAX, "bytes");
        return true;
    case 'P':
        load->pid = (pid_t)tool_number(value, INT32_MAX, "process id");
        return true;
    default:
        return false;
    }
}

static bool read_other(struct load *load, int option, const char *value)
{
    switch (option) {
    case 't':
        load->target = net_parse(value);
        return true;
    case 'd':
        load->seconds = tool_fraction(value, 86400, "seconds");
        return true;
    case 'w':
        load->warmup = tool_fraction(value, 86400, "warm-up");
        return true;
    case 'r':
        load->rate = tool_fraction(value, 1e8, "rate");
        return true;
    case 'p':
        load->path = value;
        return true;
    case 'H':
        load->host = value;
        return true;
    default:
        return false;
    }
}

static const struct mode *read_options(struct load *load, int argc, char **argv)
{
    const struct mode *mode = &modes[0];
    int option = 0;

    while ((option = getopt(argc, argv, "t:m:c:d:w:n:r:p:H:x:s:b:P:Ck1a")) != -1) {
        if (option == 'm') {
            mode = find_mode(optarg);
        } else if (!read_flag(load, option) && !read_size(load, option, optarg) &&
                   !read_other(load, option, optarg)) {
            fputs(usage, stderr);
            exit(2);
        }
    }
    if (load->target.sin_port == 0 || optind != argc || load->connections == 0 ||
        load->bytes == 0) {
        fputs(usage, stderr);
        exit(2);
    }
    return mode;
}

int main(int argc, char **argv)
{
    struct load load = {.connections = 16,
                        .seconds = 3,
                        .warmup = 0.5,
                        .path = "/small",
                        .host = "bench.test",
                        .status = 200,
                        .bytes = 64};
    static struct talk talk;
    const struct mode *mode = read_options(&load, argc, argv);
    uint64_t files = load.connections + FILES_SPARE;

    uint64_t allowed = tool_raise_files(files);
    if (allowed < files) {
        tool_die("%llu open files are allowed, %llu are needed", (unsigned long long)allowed,
                 (unsigned long long)files);
    }
    mode->talk(&load, &talk);
    return mode->run(&load, &talk) ? 0 : 1;
}
