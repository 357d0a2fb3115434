/*
 * Tests of runtime/base/options.c, after "Starting HAProxy" in the Management Guide; and of
 * out.c.
 */
#include "runtime/abi/options.h"
#include "runtime/abi/out.h"
#include "tests/unit/unit.h"

#include <stdint.h>
#include <string.h>

enum { MOST = 32 };

static struct px_options o;
static char line[500];

/* Parses the words of a line; answers the word that is wrong. */
static const char *parse(const char *text)
{
    char *argv[MOST] = {"haproxy"};
    int argc = 1;
    free(o.files.v);
    free(o.finish.v);
    free(o.terminate.v);
    o = (struct px_options){0};
    strcpy(line, text);
    for (char *w = strtok(line, " "); w && argc < MOST - 1; w = strtok(NULL, " "))
        argv[argc++] = w;
    return px_options_parse(&o, argc, argv);
}

static void forget(void)
{
    free(o.files.v);
    free(o.finish.v);
    free(o.terminate.v);
    o = (struct px_options){0};
}

static void nothing(void)
{
}

START_TEST(the_usual_ones)
{
    ck_assert_ptr_null(parse("-f a.cfg -f b.cfg -c -V -n 2000 -N 100 -m 64 -p /run/x.pid -D -q"));
    ck_assert_uint_eq(o.files.n, 2);
    ck_assert_str_eq(o.files.v[0], "a.cfg");
    ck_assert_str_eq(o.files.v[1], "b.cfg");
    ck_assert(o.check == 1 && o.verbose == 1 && o.daemon == 1 && o.quiet == 1);
    ck_assert(o.maxconn == 2000 && o.proxy_maxconn == 100 && o.memory_mb == 64);
    ck_assert_str_eq(o.pidfile, "/run/x.pid");
    ck_assert(!o.version && !o.foreground && !o.master_worker && !o.debug);
}
END_TEST

START_TEST(nothing_given)
{
    ck_assert_ptr_null(parse(""));
    ck_assert_uint_eq(o.files.n, 0);
    ck_assert(!o.check && !o.maxconn && !o.pidfile);
}
END_TEST

START_TEST(options_that_begin_alike)
{
    ck_assert_ptr_null(parse("-d"));
    ck_assert(o.debug && !o.foreground && !o.daemon);
    ck_assert_ptr_null(parse("-db"));
    ck_assert(o.foreground && !o.debug);
    ck_assert_ptr_null(parse("-v"));
    ck_assert_int_eq(o.version, 1);
    ck_assert_ptr_null(parse("-vv"));
    ck_assert_int_eq(o.version, 2);
    ck_assert_ptr_null(parse("-W"));
    ck_assert_int_eq(o.master_worker, 1);
    ck_assert_ptr_null(parse("-Ws"));
    ck_assert_int_eq(o.master_worker, 2);
    ck_assert_ptr_null(parse("-dW -dD -dV -dr -dR -dL"));
    ck_assert(o.strict && o.diagnostics && o.no_ssl_verify && o.lax_resolution && o.no_reuseport &&
              o.libraries);
    ck_assert_ptr_null(parse("-c -cc x"));
    ck_assert(o.check == 1 && !strcmp(o.condition, "x"));
    ck_assert_ptr_null(parse("-S /s -C /d -L me -x /x"));
    ck_assert_str_eq(o.master_socket, "/s");
    ck_assert_str_eq(o.directory, "/d");
    ck_assert_str_eq(o.local_peer, "me");
    ck_assert_str_eq(o.old_socket, "/x");
}
END_TEST

START_TEST(arguments_that_are_attached)
{
    ck_assert_ptr_null(parse("-dM"));
    ck_assert_str_eq(o.poison, "");
    ck_assert_ptr_null(parse("-dM0x5a"));
    ck_assert_str_eq(o.poison, "0x5a");
    ck_assert_ptr_null(parse("-dKall -c"));
    ck_assert_str_eq(o.keywords, "all");
    ck_assert(!o.poison && o.check);
}
END_TEST

START_TEST(numbers_of_processes)
{
    ck_assert_ptr_null(parse("-f x -sf 12 34 -st 56 -D"));
    ck_assert_uint_eq(o.finish.n, 2);
    ck_assert_int_eq(o.finish.v[0], 12);
    ck_assert_int_eq(o.finish.v[1], 34);
    ck_assert_uint_eq(o.terminate.n, 1);
    ck_assert_int_eq(o.terminate.v[0], 56);
    ck_assert(o.daemon);
    ck_assert_ptr_null(parse("-sf"));
    ck_assert_uint_eq(o.finish.n, 0);
    ck_assert_ptr_null(parse("-sf -f x"));
    ck_assert_uint_eq(o.finish.n, 0);
    ck_assert_str_eq(parse("-sf 12 x"), "x");
}
END_TEST

START_TEST(files_behind_two_dashes)
{
    ck_assert_ptr_null(parse("-f a -- b -c -- c"));
    ck_assert_uint_eq(o.files.n, 5);
    ck_assert_str_eq(o.files.v[1], "b");
    ck_assert_str_eq(o.files.v[2], "-c");
    ck_assert_str_eq(o.files.v[3], "--");
    ck_assert_str_eq(o.files.v[4], "c");
    ck_assert(!o.check);
    ck_assert_ptr_null(parse("-f -"));
    ck_assert_str_eq(o.files.v[0], "-");
    ck_assert_ptr_null(parse("--"));
    ck_assert_uint_eq(o.files.n, 0);
}
END_TEST

START_TEST(what_is_wrong_is_answered)
{
    static const struct {
        const char *text, *wrong;
    } rows[] = {
        {"-f", "-f"},         {"-c -n", "-n"},         {"-n x", "-n"},   {"-n -5", "-n"},
        {"-n 5x", "-n"},      {"-n 9999999999", "-n"}, {"-m 1.5", "-m"}, {"-y", "-y"},
        {"-", "-"},           {"a.cfg", "a.cfg"},      {"-cx", "-cx"},   {"-n5", "-n5"},
        {"--help", "--help"}, {"-f a b", "b"},         {"-vvv", "-vvv"}, {"-dX", "-dX"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *wrong = parse(rows[i].text);
        ck_assert_msg(wrong && !strcmp(wrong, rows[i].wrong), "[%s]: %s", rows[i].text,
                      wrong ? wrong : "nothing");
    }
}
END_TEST

START_TEST(appending)
{
    char room[8];
    struct px_out out = {.p = room, .cap = sizeof room};
    px_put(&out, "abc", 3);
    px_put(&out, NULL, 0);
    ck_assert(out.len == 3 && !out.full);
    px_put_sint(&out, -12);
    ck_assert_mem_eq(room, "abc-12", 6);
    px_put(&out, "xy", 2);
    ck_assert(out.len == 8 && !out.full);
    px_put(&out, "z", 1);
    ck_assert(out.len == 8 && out.full);
    ck_assert_mem_eq(room, "abc-12xy", 8);
    out = (struct px_out){.p = room, .cap = sizeof room};
    px_put(&out, "0123456789", 10);
    ck_assert(out.len == 8 && out.full);
    ck_assert_mem_eq(room, "01234567", 8);
}
END_TEST

START_TEST(integers)
{
    static const struct {
        int64_t v;
        const char *text;
    } rows[] = {{0, "0"},
                {-1, "-1"},
                {10, "10"},
                {INT64_MAX, "9223372036854775807"},
                {INT64_MIN, "-9223372036854775808"}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        char room[32];
        struct px_out out = {.p = room, .cap = sizeof room};
        px_put_sint(&out, rows[i].v);
        ck_assert_uint_eq(out.len, strlen(rows[i].text));
        ck_assert_mem_eq(room, rows[i].text, out.len);
    }
}
END_TEST

UNIT_MAIN("options", nothing, forget, the_usual_ones, nothing_given, options_that_begin_alike,
          arguments_that_are_attached, numbers_of_processes, files_behind_two_dashes,
          what_is_wrong_is_answered, appending, integers)
