/*
 * Tests of runtime/upstream/resolver.h: what is kept about names while nobody answers.
 */
#include "runtime/base/macros.h"
#include "runtime/upstream/resolver.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST = 4096, HOLD = 1000 };

static const struct px_resolvers lines[] = {
    {.name = "none",
     .timeout_resolve = 1000,
     .timeout_retry = 1000,
     .hold = {[PX_HOLD_VALID] = HOLD},
     .retries = 1,
     .payload = 512},
};
const struct px_program px_program = {
    .abi = PX_ABI_VERSION, .resolvers = lines, .nresolvers = PX_COUNT(lines)};

static struct px_loop loop;

static void setup(void)
{
    const struct px_resolvers *line;
    ck_assert(px_loop_init(&loop, 0));
    px_self = &loop;
    loop.now = loop.wheel.now = 1000;
    ck_assert_ptr_null(px_resolver_init(&line));
}

static void teardown(void)
{
    close(loop.epoll_fd);
    close(loop.wake.fd);
}

static bool join(struct px_requester *r, const char *name, enum px_dns_type type)
{
    return px_resolver_join(r, lines, name, type);
}

static void pass(uint64_t ms)
{
    loop.now += ms;
    px_wheel_advance(&loop.wheel, loop.now);
}

/* As if a name server had said so. */
static void know(struct px_resolution *x)
{
    x->known = calloc(1, sizeof *x->known);
    ck_assert_ptr_nonnull(x->known);
    x->known->seen = loop.now;
    x->nknown = 1;
    x->status = PX_NAME_VALID;
    x->valid = loop.now;
}

START_TEST(one_name_is_asked_for_once)
{
    struct px_requester a = {0}, b = {0}, c = {0};
    ck_assert(join(&a, "a.test", PX_DNS_A) && join(&b, "A.Test", PX_DNS_A));
    ck_assert(join(&c, "a.test", PX_DNS_AAAA));
    ck_assert_ptr_eq(a.of, b.of);
    ck_assert_ptr_ne(a.of, c.of);
    ck_assert_uint_eq(px_sections[0].nnames, 2);
    ck_assert(join(&b, "a.test", PX_DNS_AAAA));
    ck_assert_ptr_eq(b.of, c.of);
    px_resolver_leave(&a);
    px_resolver_leave(&b);
    px_resolver_leave(&c);
    px_resolver_leave(&c);
    ck_assert_uint_eq(px_sections[0].nnames, 0);
}
END_TEST

START_TEST(names_that_cannot_be_are_not_asked_for)
{
    struct px_requester a = {0};
    ck_assert(!join(&a, "a..test", PX_DNS_A) && !join(&a, "", PX_DNS_A));
    ck_assert_ptr_null(a.of);
    ck_assert_uint_eq(px_sections[0].nnames, 0);
}
END_TEST

START_TEST(what_is_valid_waits_for_the_next)
{
    struct px_requester a = {0};
    ck_assert(join(&a, "a.test", PX_DNS_A));
    struct px_resolution *x = a.of;
    ck_assert(!px_resolver_is_fresh(x));
    know(x);
    ck_assert(px_resolver_is_fresh(x));
    px_resolver_leave(&a);
    ck_assert_uint_eq(px_sections[0].nnames, 1);
    pass(HOLD - 1);
    ck_assert(join(&a, "a.test", PX_DNS_A));
    ck_assert_ptr_eq(a.of, x);
    ck_assert(px_resolver_is_fresh(x));
    px_resolver_leave(&a);
    pass(1);
    ck_assert_uint_eq(px_sections[0].nnames, 0);
}
END_TEST

/* Nobody uses half of them. */
START_TEST(there_is_a_limit_to_names)
{
    static struct px_requester all[MOST];
    char name[32];
    for (unsigned i = 0; i < MOST; i++) {
        snprintf(name, sizeof name, "n%u.test", i);
        ck_assert(px_resolver_has_room(lines));
        ck_assert(join(&all[i], name, PX_DNS_A));
    }
    ck_assert(!px_resolver_has_room(lines));
    for (unsigned i = 0; i < MOST; i += 2) {
        know(all[i].of);
        px_resolver_leave(&all[i]);
    }
    ck_assert_uint_eq(px_sections[0].nnames, MOST);
    ck_assert(px_resolver_has_room(lines));
    ck_assert_uint_lt(px_sections[0].nnames, MOST);
    for (unsigned i = 1; i < MOST; i += 2)
        ck_assert_ptr_nonnull(all[i].of);
    for (unsigned i = 1; i < MOST; i += 2)
        px_resolver_leave(&all[i]);
    pass(HOLD);
    ck_assert_uint_eq(px_sections[0].nnames, 0);
}
END_TEST

UNIT_MAIN("resolver", setup, teardown, one_name_is_asked_for_once,
          names_that_cannot_be_are_not_asked_for, what_is_valid_waits_for_the_next,
          there_is_a_limit_to_names)
