/*
 * What the unit tests share: a main() made of a list of tests.
 *
 * Not for: helpers that know a floor of the house; those stand beside the tests that use them.
 * Idea: a test program is one suite with one case; libcheck forks for each test, so a crash or an
 * endless loop costs that test alone.
 */
#ifndef UNIT_H
#define UNIT_H

#include <check.h>
#include <stdlib.h>

enum { UNIT_SECONDS = 120 }; /* for one test; sanitizers are slow */

static inline int unit_run(const char *name, SFun setup, SFun teardown, const TTest *const *tests,
                           unsigned n)
{
    Suite *suite = suite_create(name);
    TCase *all = tcase_create(name);
    tcase_set_timeout(all, UNIT_SECONDS);
    if (setup)
        tcase_add_checked_fixture(all, setup, teardown);
    for (unsigned i = 0; i < n; i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* UNIT_MAIN("words", setup, teardown, test_one, test_two); setup and teardown may be NULL. */
#define UNIT_MAIN(name, setup, teardown, ...)                                                      \
    int main(void)                                                                                 \
    {                                                                                              \
        const TTest *const tests[] = {__VA_ARGS__};                                                \
        return unit_run(name, setup, teardown, tests, sizeof tests / sizeof *tests);               \
    }

#endif
