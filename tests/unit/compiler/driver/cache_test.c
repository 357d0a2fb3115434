/*
 * Tests of compiler/driver/cache.c: digests, whose directory is used, and what is kept in it.
 */
#include "compiler/driver/cache.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena *arena;
static char home[] = "/tmp/cache_test.XXXXXX";

static void start(void)
{
    arena = arena_new();
    ck_assert_ptr_nonnull(mkdtemp(home));
    setenv("XDG_CACHE_HOME", home, 1);
}

static void stop(void)
{
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", home);
    ck_assert_int_eq(system(command), 0);
    arena_free(arena);
}

static const char *path_of(const char *name)
{
    return str_cstr(arena, str_printf(arena, "%s/%s", home, name));
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    ck_assert_int_eq(fclose(f), 0);
}

/* ---- digests ---- */

static struct str digest_of(const char *a, const char *b)
{
    struct digest *d = digest_new(arena);
    if (a)
        digest_add(d, a, strlen(a));
    if (b)
        digest_add(d, b, strlen(b));
    return digest_text(arena, d);
}

START_TEST(digests_tell_things_apart)
{
    ck_assert(str_eq(digest_of("ab", "c"), digest_of("ab", "c")));
    ck_assert(!str_eq(digest_of("ab", "c"), digest_of("a", "bc")));
    ck_assert(!str_eq(digest_of("abc", NULL), digest_of("ab", "c")));
    ck_assert(!str_eq(digest_of("abc", NULL), digest_of("abc", "")));
    ck_assert(!str_eq(digest_of(NULL, NULL), digest_of("", NULL)));
    struct str text = digest_of("abc", NULL);
    ck_assert_uint_eq(text.len, 32);
    for (size_t i = 0; i < text.len; i++)
        ck_assert(strchr("0123456789abcdef", text.p[i]));
}
END_TEST

START_TEST(files_count_by_their_content)
{
    write_file(path_of("one"), "abc");
    struct digest *d = digest_new(arena);
    ck_assert(digest_add_file(d, path_of("one")));
    ck_assert(str_eq(digest_text(arena, d), digest_of("abc", NULL)));
    ck_assert(!digest_add_file(digest_new(arena), path_of("none")));
    ck_assert(!digest_add_file(digest_new(arena), home));
}
END_TEST

/* ---- the directory ---- */

START_TEST(the_directory_is_made)
{
    const char *path = cache_directory(arena);
    struct stat st;
    ck_assert_str_eq(path, path_of("proxyc"));
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0700);
    ck_assert_str_eq(cache_directory(arena), path);
}
END_TEST

START_TEST(below_the_home)
{
    unsetenv("XDG_CACHE_HOME");
    setenv("HOME", home, 1);
    ck_assert_str_eq(cache_directory(arena), path_of(".cache/proxyc"));
    setenv("XDG_CACHE_HOME", "relative", 1); /* not to be used, says the specification */
    ck_assert_str_eq(cache_directory(arena), path_of(".cache/proxyc"));
    ck_assert_int_ne(access("relative", F_OK), 0);
}
END_TEST

/* Where others may put binaries, none is kept and none is taken. */
START_TEST(directories_of_others_are_refused)
{
    const char *path = cache_directory(arena);
    ck_assert_int_eq(chmod(path, 0777), 0);
    ck_assert_ptr_null(cache_directory(arena));
    ck_assert_int_eq(chmod(path, 0720), 0);
    ck_assert_ptr_null(cache_directory(arena));
    ck_assert_int_eq(chmod(path, 0700), 0);
    ck_assert_ptr_nonnull(cache_directory(arena));
    ck_assert_int_eq(rmdir(path), 0);
    ck_assert_int_eq(mkdir(path_of("elsewhere"), 0700), 0);
    ck_assert_int_eq(symlink(path_of("elsewhere"), path), 0);
    ck_assert_ptr_null(cache_directory(arena));
    ck_assert_int_eq(unlink(path), 0);
    write_file(path, "a file");
    ck_assert_ptr_null(cache_directory(arena));
    if (geteuid() == 0) {
        ck_assert_int_eq(unlink(path), 0);
        ck_assert_int_eq(mkdir(path, 0700), 0);
        ck_assert_int_eq(chown(path, 65534, 65534), 0);
        ck_assert_ptr_null(cache_directory(arena));
    }
}
END_TEST

/* ---- trimming ---- */

enum { KEPT = 100 };

static void make_file(const char *directory, unsigned i, long age)
{
    const char *path = str_cstr(arena, str_printf(arena, "%s/%03u", directory, i));
    write_file(path, "x");
    struct timespec times[2] = {{1000000 - age, 0}, {1000000 - age, 0}};
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

static bool is_there(const char *directory, unsigned i)
{
    return !access(str_cstr(arena, str_printf(arena, "%s/%03u", directory, i)), F_OK);
}

START_TEST(the_oldest_go)
{
    const char *path = cache_directory(arena);
    for (unsigned i = 0; i < KEPT; i++)
        make_file(path, i, (i * 37) % KEPT);
    cache_trim(path);
    for (unsigned i = 0; i < KEPT; i++)
        ck_assert(is_there(path, i));
    for (unsigned i = KEPT; i < KEPT + 5; i++)
        make_file(path, i, -1);
    cache_trim(path);
    for (unsigned i = 0; i < KEPT; i++)
        ck_assert_int_eq(is_there(path, i), (i * 37) % KEPT < KEPT - 5);
    for (unsigned i = KEPT; i < KEPT + 5; i++)
        ck_assert(is_there(path, i));
}
END_TEST

START_TEST(what_cannot_be_removed_ends_it)
{
    const char *path = cache_directory(arena);
    for (unsigned i = 0; i < KEPT; i++)
        make_file(path, i, 0);
    ck_assert_int_eq(mkdir(path_of("proxyc/directory"), 0700), 0);
    struct timespec times[2] = {{1, 0}, {1, 0}};
    ck_assert_int_eq(utimensat(AT_FDCWD, path_of("proxyc/directory"), times, 0), 0);
    cache_trim(path);
    for (unsigned i = 0; i < KEPT; i++)
        ck_assert(is_there(path, i));
    cache_trim(path_of("none"));
}
END_TEST

UNIT_MAIN("cache", start, stop, digests_tell_things_apart, files_count_by_their_content,
          the_directory_is_made, below_the_home, directories_of_others_are_refused, the_oldest_go,
          what_cannot_be_removed_ends_it)
