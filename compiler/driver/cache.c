/*
 * The cache of binaries. See cache.h.
 */
#include "cache.h"

#define XXH_INLINE_ALL
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { MOST_FILES = 100 };

struct digest {
    XXH3_state_t state;
};

struct digest *digest_new(struct arena *a)
{
    char *p = arena_get(a, sizeof(struct digest) + 64); /* the state is aligned to 64 bytes */
    struct digest *d = (struct digest *)(((uintptr_t)p + 63) & ~(uintptr_t)63);
    XXH3_128bits_reset(&d->state);
    return d;
}

void digest_add(struct digest *d, const void *p, size_t len)
{
    uint64_t size = len; /* so that two parts are not the same as one */
    XXH3_128bits_update(&d->state, &size, sizeof size);
    XXH3_128bits_update(&d->state, p, len);
}

bool digest_add_file(struct digest *d, const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    void *p =
        fstat(fd, &st) ? MAP_FAILED : mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    int err = errno;
    close(fd);
    if (p == MAP_FAILED) {
        errno = err;
        return false;
    }
    digest_add(d, p, (size_t)st.st_size);
    munmap(p, (size_t)st.st_size);
    return true;
}

struct str digest_text(struct arena *a, struct digest *d)
{
    XXH128_hash_t h = XXH3_128bits_digest(&d->state);
    return str_printf(a, "%016llx%016llx", (unsigned long long)h.high64,
                      (unsigned long long)h.low64);
}

/* Nobody else may put a binary there for us to start. */
static bool is_ours(const char *path)
{
    struct stat st;
    return !lstat(path, &st) && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
           !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static bool make(struct arena *a, const char *parent, const char **path)
{
    mkdir(parent, 0700);
    *path = str_cstr(a, str_printf(a, "%s/proxyc", parent));
    if (mkdir(*path, 0700) && errno != EEXIST)
        return false;
    return is_ours(*path) && !access(*path, W_OK | X_OK);
}

const char *cache_directory(struct arena *a)
{
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME"), *path;
    if (xdg && *xdg == '/')
        return make(a, xdg, &path) ? path : NULL;
    if (home && *home == '/' && make(a, str_cstr(a, str_printf(a, "%s/.cache", home)), &path))
        return path;
    return make(a, "/var/cache", &path) ? path : NULL;
}

static bool oldest(const char *directory, char *name, size_t size, unsigned *count)
{
    DIR *dir = opendir(directory);
    struct dirent *e;
    struct timespec least = {0};
    *count = 0;
    while (dir && (e = readdir(dir))) {
        struct stat st;
        if (e->d_name[0] == '.' || fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW))
            continue;
        bool older = st.st_mtim.tv_sec < least.tv_sec ||
                     (st.st_mtim.tv_sec == least.tv_sec && st.st_mtim.tv_nsec < least.tv_nsec);
        if (!(*count)++ || older) {
            least = st.st_mtim;
            snprintf(name, size, "%s/%s", directory, e->d_name);
        }
    }
    if (dir)
        closedir(dir);
    return dir && *count;
}

void cache_trim(const char *directory)
{
    char name[4096];
    unsigned count;
    while (oldest(directory, name, sizeof name, &count) && count > MOST_FILES)
        if (unlink(name))
            return;
}
