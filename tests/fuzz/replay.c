/*
 * Runs files through a fuzz target, so that corpora are tested without a fuzzer.
 *
 * Usage: replay PATH...; a directory stands for the files in it. Exit status 1 when there is none,
 * or one cannot be read; whatever the target finds wrong ends the program.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned files, failed;

static void fail(const char *path)
{
    fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
    failed++;
}

static void run_file(const char *path)
{
    static uint8_t room[MOST];
    FILE *f = fopen(path, "rb");
    if (!f) {
        fail(path);
        return;
    }
    size_t len = fread(room, 1, sizeof room, f);
    fclose(f);
    /* A copy of its own size, so that a sanitizer sees every byte read too many. */
    uint8_t *copy = malloc(len ? len : 1);
    if (!copy)
        abort();
    memcpy(copy, room, len);
    fprintf(stderr, "%s\n", path);
    LLVMFuzzerTestOneInput(copy, len);
    free(copy);
    files++;
}

static void run_path(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir) {
        run_file(path);
        return;
    }
    for (struct dirent *e; (e = readdir(dir));) {
        char name[4096];
        int n = snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        if (e->d_name[0] != '.' && n > 0 && (size_t)n < sizeof name)
            run_file(name);
    }
    closedir(dir);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        run_path(argv[i]);
    printf("replay: %u files\n", files);
    return failed || !files ? EXIT_FAILURE : EXIT_SUCCESS;
}
