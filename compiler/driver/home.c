/*
 * Finding the runtime. See home.h.
 */
#include "home.h"

#include "cli.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

static char *path_of(struct arena *a, const char *dir, const char *rest)
{
    return str_cstr(a, str_printf(a, "%s/%s", dir, rest));
}

static bool is_home(struct arena *a, struct home *home, char *dir)
{
    home->library = path_of(a, dir, "libpxrt.a");
    home->include = path_of(a, dir, "include");
    return !access(home->library, R_OK) && !access(path_of(a, home->include, "abi.h"), R_OK);
}

bool home_find(struct arena *a, struct home *home)
{
    /* Beside it in the build tree; a build tree inside another one has its own. */
    static const char *const places[] = {"lib/proxyc", "../lib/proxyc"};
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0) {
        cli_complain("cannot find out where this program is");
        return false;
    }
    path[n] = 0;
    home->tool = str_cstr(a, str_of(path));
    *strrchr(path, '/') = 0;
    for (unsigned i = 0; i < COUNT(places); i++)
        if (is_home(a, home, path_of(a, path, places[i])))
            return true;
    cli_complain("the runtime library is not where it should be, in %s/%s", path,
                 places[COUNT(places) - 1]);
    return false;
}
