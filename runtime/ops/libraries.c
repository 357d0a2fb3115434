/*
 * Shared objects. See libraries.h.
 */
#include "libraries.h"

#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The kernel's own object is no file. */
static int show(struct dl_phdr_info *info, size_t size, void *ctx)
{
    char own[PATH_MAX];
    (void)size;
    (void)ctx;
    if (*info->dlpi_name) {
        if (*info->dlpi_name == '/')
            puts(info->dlpi_name);
        return 0;
    }
    ssize_t len = readlink("/proc/self/exe", own, sizeof own - 1);
    printf("%.*s\n", (int)(len < 0 ? 0 : len), own);
    return 0;
}

void px_show_libraries(void)
{
    dl_iterate_phdr(show, NULL);
    fflush(stdout);
}
