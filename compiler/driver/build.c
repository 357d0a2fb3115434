/*
 * The back half of the compiler. See build.h.
 *
 * Idea: the C compiler works in a directory of its own, and a finished binary is moved into place
 * in one step, so that nobody ever meets half of one.
 */
#include "build.h"

#include "cache.h"
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { LARGE_PROGRAM = 512 << 10, LITTLE_ROOM = 4 << 20 };

struct job {
    struct arena *arena;
    const struct build_options *options;
    struct home home;
    struct emitted emitted;
    struct words_list command;
    const char *dir; /* of the C compiler's files; NULL: not made yet */
};

static const char *path_in(struct job *j, const char *dir, const char *name)
{
    return str_cstr(j->arena, str_printf(j->arena, "%s/%s", dir, name));
}

/* ---- files ---- */

static bool write_all(int fd, const char *p, size_t len)
{
    while (len) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static bool write_file(const char *path, struct str content)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool done = fd >= 0 && write_all(fd, content.p, content.len);
    if (fd >= 0 && close(fd))
        done = false;
    if (!done)
        cli_complain("cannot write %s: %s", path, strerror(errno));
    return done;
}

static bool copy_bytes(int from, int to)
{
    char buf[1 << 16];
    for (;;) {
        ssize_t n = read(from, buf, sizeof buf);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return !n;
        if (!write_all(to, buf, (size_t)n))
            return false;
    }
}

/* The permissions that a compiler would give the file. */
static mode_t binary_mode(void)
{
    mode_t mask = umask(022);
    umask(mask);
    return 0777 & ~mask;
}

/* A copy that appears at once under its name, or not at all. */
static bool place(struct job *j, const char *from, const char *to)
{
    char *temporary = str_cstr(j->arena, str_printf(j->arena, "%s.XXXXXX", to));
    int in = open(from, O_RDONLY | O_CLOEXEC), out = in < 0 ? -1 : mkostemp(temporary, O_CLOEXEC);
    bool done = out >= 0 && copy_bytes(in, out) && !fchmod(out, binary_mode());
    if (in >= 0)
        close(in);
    if (out >= 0 && close(out))
        done = false;
    if (done && !rename(temporary, to))
        return true;
    int why = errno;
    if (out >= 0)
        unlink(temporary);
    errno = why;
    return false;
}

/* ---- the C compiler ---- */

static void add(struct job *j, const char *word)
{
    VEC_ADD(j->arena, &j->command, word);
}

/* "ccache gcc" is two words. */
static void add_words(struct job *j, const char *text)
{
    for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
        size_t len = strcspn(text, " ");
        add(j, str_cstr(j->arena, (struct str){text, len}));
        text += len;
    }
}

static void make_command(struct job *j)
{
    const char *env = getenv("CC");
    add_words(j, j->options->cc ? j->options->cc : env && *env ? env : "cc");
    /* Thousands of rules take a compiler long to polish, for little: most are found by index. */
    add(j, j->emitted.program.len > LARGE_PROGRAM ? "-O1" : "-O2");
    static const char *const flags[] = {"-std=c17", "-fvisibility=hidden", "-ffunction-sections",
                                        "-fdata-sections"};
    for (unsigned i = 0; i < COUNT(flags); i++)
        add(j, flags[i]);
    add(j, j->options->debug ? "-g" : "-s");
    /* A runtime that was built to find errors finds them in what it is linked with too. */
    if (*PROXYC_SANITIZE)
        add_words(j, PROXYC_SANITIZE);
    add(j, "-I");
    add(j, j->home.include);
}

static void add_link(struct job *j, unsigned features)
{
    /* The address sanitizer stands in front of crypt(), so the library behind it looks unused. */
    const char *libraries = *PROXYC_SANITIZE ? "-Wl,--no-as-needed" : "-Wl,--as-needed";
    const char *const flags[] = {"-Wl,--gc-sections", libraries, "-Wl,-z,relro,-z,now",
                                 "-lpcre2-8",         "-lcrypt", "-pthread"};
    add(j, "proxy.c");
    if (j->emitted.data.len)
        add(j, "data.s");
    add(j, j->home.library);
    for (unsigned i = 0; i < COUNT(flags); i++)
        add(j, flags[i]);
    if (features & NEEDS_OPENSSL)
        add(j, "-lcrypto");
    add(j, "-o");
    add(j, "proxy");
    add(j, NULL);
}

/* What the binary is made from, all of it. */
static bool digest_of(struct job *j, struct str *text)
{
    struct digest *d = digest_new(j->arena);
    digest_add(d, j->emitted.program.p, j->emitted.program.len);
    digest_add(d, j->emitted.data.p, j->emitted.data.len);
    digest_add(d, j->emitted.data_s.p, j->emitted.data_s.len);
    for (unsigned i = 0; i < j->command.n; i++)
        digest_add(d, j->command.v[i], strlen(j->command.v[i]));
    if (!digest_add_file(d, j->home.library)) {
        cli_complain("cannot read %s: %s", j->home.library, strerror(errno));
        return false;
    }
    *text = digest_text(j->arena, d);
    return true;
}

static bool make_dir(struct job *j)
{
    const char *tmp = getenv("TMPDIR");
    char *dir =
        str_cstr(j->arena, str_printf(j->arena, "%s/proxyc-XXXXXX", tmp && *tmp ? tmp : "/tmp"));
    if (!mkdtemp(dir)) {
        cli_complain("cannot make the directory %s: %s; TMPDIR names another place for it", dir,
                     strerror(errno));
        return false;
    }
    j->dir = dir;
    return true;
}

static void remove_dir(struct job *j)
{
    static const char *const names[] = {"proxy.c", "data.bin", "data.s", "proxy", "log"};
    for (unsigned i = 0; i < COUNT(names); i++)
        unlink(path_in(j, j->dir, names[i]));
    rmdir(j->dir);
}

static bool write_sources(struct job *j)
{
    if (!write_file(path_in(j, j->dir, "proxy.c"), j->emitted.program))
        return false;
    if (!j->emitted.data.len)
        return true;
    struct text s = {.arena = j->arena};
    struct str rest = j->emitted.data_s;
    text_printf(&s, "    .section .rodata\n");
    for (const char *hole; (hole = memmem(rest.p, rest.len, "%s", 2));) {
        text_put(&s, rest.p, (size_t)(hole - rest.p));
        text_printf(&s, "data.bin");
        rest = str_cut(rest, (size_t)(hole - rest.p) + 2, rest.len);
    }
    text_str(&s, rest);
    text_printf(&s, "    .section .note.GNU-stack,\"\",%%progbits\n");
    return write_file(path_in(j, j->dir, "data.bin"), j->emitted.data) &&
           write_file(path_in(j, j->dir, "data.s"), (struct str){s.p, s.len});
}

/* Runs the command in its directory; what it says goes into a file there. -1: not started. */
static int run_compiler(struct job *j)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, path_in(j, j->dir, "log"),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    posix_spawn_file_actions_addchdir_np(&actions, j->dir);
    int err = posix_spawnp(&pid, j->command.v[0], &actions, NULL, (char **)j->command.v, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (err) {
        cli_complain("cannot start the C compiler '%s': %s%s", j->command.v[0], strerror(err),
                     err == ENOENT ? "; install gcc, or name another one in $CC" : "");
        return -1;
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* What the C compiler said, which is printed too. */
static struct str print_log(struct job *j)
{
    struct text log = {.arena = j->arena};
    char buf[1 << 12];
    ssize_t n = 0;
    int fd = open(path_in(j, j->dir, "log"), O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && (n = read(fd, buf, sizeof buf)) > 0)
        text_put(&log, buf, (size_t)n);
    if (fd >= 0)
        close(fd);
    fprintf(stderr, "%.*s", (int)log.len, log.len ? log.p : "");
    return (struct str){log.p, log.len};
}

static bool says(struct str log, const char *words)
{
    return log.len && memmem(log.p, log.len, words, strlen(words));
}

/* A failure that somebody can do something about. */
static bool report_cause(struct job *j, struct str log)
{
    struct statvfs fs;
    if (access(j->home.include, R_OK) || access(j->home.library, R_OK))
        cli_complain("the runtime library cannot be read");
    else if (!statvfs(j->dir, &fs) && (uint64_t)fs.f_bavail * fs.f_frsize < LITTLE_ROOM)
        cli_complain("the C compiler failed, for want of room in %s; TMPDIR names another "
                     "directory for it to work in",
                     j->dir);
    else if (says(log, "cannot find -l") || says(log, ".h: No such file"))
        cli_complain("the C compiler lacks what is named above; on Debian: apt-get install "
                     "libc6-dev libpcre2-dev, and libssl-dev where OpenSSL is used");
    else if (says(log, "Killed signal"))
        cli_complain("the C compiler was killed, perhaps for want of memory");
    else
        return false;
    return true;
}

static void report_failure(struct job *j)
{
    if (report_cause(j, print_log(j))) {
        remove_dir(j);
        return;
    }
    cli_complain(
        "the C compiler failed. That is a bug of proxyc, not of your configuration: please "
        "report it with the file %s/proxy.c",
        j->dir);
}

/* ---- the whole ---- */

static bool compile_program(struct job *j, const char **binary)
{
    if (!make_dir(j))
        return false;
    if (!write_sources(j)) {
        remove_dir(j);
        return false;
    }
    int code = run_compiler(j);
    *binary = path_in(j, j->dir, "proxy");
    if (!code && !access(*binary, R_OK))
        return true;
    if (code > 0) {
        report_failure(j); /* the directory may stay */
        return false;
    }
    if (!code)
        cli_complain("'%s' made nothing: it is no C compiler", j->command.v[0]);
    remove_dir(j);
    return false;
}

/* Without a cache the binary is started from its descriptor, and its file is gone by then. */
static bool keep_open(struct job *j, const char *binary, const char **path)
{
    int fd = open(binary, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        cli_complain("cannot open %s: %s", binary, strerror(errno));
        return false;
    }
    *path = str_cstr(j->arena, str_printf(j->arena, "/proc/self/fd/%d", fd));
    return true;
}

static bool deliver(struct job *j, const char *binary, const char *cached, const char **path)
{
    const char *output = j->options->output;
    *path = output ? output : cached;
    if (output && !place(j, binary, output)) {
        cli_complain("cannot write %s: %s", output, strerror(errno));
        return false;
    }
    return *path || keep_open(j, binary, path);
}

static bool build_anew(struct job *j, const char *dir, const char *cached, const char **path)
{
    const char *binary;
    if (!compile_program(j, &binary))
        return false;
    if (cached && place(j, binary, cached))
        cache_trim(dir);
    else
        cached = NULL;
    bool done = deliver(j, binary, cached, path);
    remove_dir(j);
    return done;
}

bool build(struct arena *a, struct plan *p, const struct build_options *o, const char **path)
{
    struct job j = {.arena = a, .options = o};
    struct str digest;
    if (!home_find(a, &j.home))
        return false;
    emit_program(p, &j.emitted);
    make_command(&j);
    if (!digest_of(&j, &digest))
        return false;
    add_link(&j, p->features);
    const char *dir = cache_directory(a);
    const char *cached = dir ? path_in(&j, dir, str_cstr(a, digest)) : NULL;
    if (cached && !access(cached, X_OK)) {
        utimensat(AT_FDCWD, cached, NULL, 0); /* in use: not among the oldest */
        return deliver(&j, cached, cached, path);
    }
    return build_anew(&j, dir, cached, path);
}
