/*
 * gen.c - writes a configuration as large as a big hosting company's, and its map.
 *
 *     gen CONFIG MAP PORT ORIGIN_PORT MAXCONN [BACKENDS [RULES [MAP_LINES]]]
 *
 * For: the build-time rows and the row that measures what many rules cost per request. By
 * default 1,000 backends, 5,000 use_backend rules and 100,000 lines of map.
 * Not for: variety; a rule tests the host, or the path, or both.
 * Keep in mind: the same arguments give the same bytes, and the last rule tests the host only,
 * so a request with "Host: hostN.example" (N the last rule) makes a linear proxy try all rules.
 */
#include "tool.h"

#include <stdio.h>

enum { MAX_BACKENDS = 100000, MAX_RULES = 1000000, MAX_LINES = 10000000, KINDS = 5 };

struct plan {
    const char *config;
    const char *map;
    uint64_t port;
    uint64_t origin;
    uint64_t maxconn;
    uint64_t backends;
    uint64_t rules;
    uint64_t lines;
};

typedef unsigned long long number;

static FILE *create(const char *path)
{
    FILE *file = fopen(path, "w");

    if (file == NULL) {
        tool_die("cannot write %s", path);
    }
    return file;
}

static void finish(FILE *file, const char *path)
{
    if (ferror(file) != 0 || fclose(file) != 0) {
        tool_die("cannot write %s", path);
    }
}

static void write_head(FILE *file, const struct plan *plan)
{
    fprintf(file,
            "global\n"
            "    nbthread 1\n"
            "    maxconn %llu\n\n"
            "defaults\n"
            "    mode http\n"
            "    timeout connect 5s\n"
            "    timeout client 10m\n"
            "    timeout server 10m\n"
            "    http-reuse always\n\n"
            "frontend bench\n"
            "    bind 127.0.0.1:%llu\n",
            (number)plan->maxconn, (number)plan->port);
}

/* Counted from the last rule, so that the last one is of the first kind whatever their number:
 * three of five test the host, one the path, one both. */
static void write_rule(FILE *file, const struct plan *plan, uint64_t index)
{
    number n = index;
    number backend = index % plan->backends;

    switch ((plan->rules - 1 - index) % KINDS) {
    case 3:
        fprintf(file, "    use_backend b%llu if { path_beg /app%llu/ }\n", backend, n);
        break;
    case 4:
        fprintf(file,
                "    use_backend b%llu if { hdr(host) -i host%llu.example } "
                "{ path_beg /api/v%llu/ }\n",
                backend, n, n % 7);
        break;
    default:
        fprintf(file, "    use_backend b%llu if { hdr(host) -i host%llu.example }\n", backend, n);
        break;
    }
}

static void write_config(const struct plan *plan)
{
    FILE *file = create(plan->config);

    write_head(file, plan);
    for (uint64_t i = 0; i < plan->rules; i++) {
        write_rule(file, plan, i);
    }
    fprintf(file, "    use_backend %%[req.hdr(host),lower,map(%s,b0)]\n", plan->map);
    fprintf(file, "    default_backend b0\n");
    for (uint64_t i = 0; i < plan->backends; i++) {
        fprintf(file, "\nbackend b%llu\n    server s 127.0.0.1:%llu\n", (number)i,
                (number)plan->origin);
    }
    finish(file, plan->config);
}

static void write_map(const struct plan *plan)
{
    FILE *file = create(plan->map);

    for (uint64_t i = 0; i < plan->lines; i++) {
        fprintf(file, "www.customer%llu.example b%llu\n", (number)i, (number)(i % plan->backends));
    }
    finish(file, plan->map);
}

static uint64_t argument(char **argv, int argc, int index, uint64_t otherwise)
{
    return index < argc ? tool_number(argv[index], MAX_LINES, "size") : otherwise;
}

int main(int argc, char **argv)
{
    if (argc < 6 || argc > 9) {
        fprintf(stderr, "usage: gen CONFIG MAP PORT ORIGIN_PORT MAXCONN "
                        "[BACKENDS [RULES [MAP_LINES]]]\n");
        return 2;
    }
    struct plan plan = {
        .config = argv[1],
        .map = argv[2],
        .port = tool_number(argv[3], 65535, "port"),
        .origin = tool_number(argv[4], 65535, "origin port"),
        .maxconn = tool_number(argv[5], 1000000, "maxconn"),
        .backends = argument(argv, argc, 6, 1000),
        .rules = argument(argv, argc, 7, 5000),
        .lines = argument(argv, argc, 8, 100000),
    };
    if (plan.backends == 0 || plan.backends > MAX_BACKENDS || plan.rules > MAX_RULES) {
        tool_die("sizes: 1 to %d backends, up to %d rules", (int)MAX_BACKENDS, (int)MAX_RULES);
    }
    write_config(&plan);
    write_map(&plan);
    return 0;
}
