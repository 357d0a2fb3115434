/*
 * Source files: their text, and where lines begin in it.
 *
 * Not for: what the text means; directories (syntax/config.c).
 * Idea: everything above remembers byte offsets only. Lines and columns are worked out when a
 * message is printed, from a table of the line starts.
 */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void find_lines(struct arena *a, struct source *s)
{
    const char *text = s->text.p, *end = text + s->text.len;
    VEC_ADD(a, &s->lines, 0);
    for (const char *p = text; (p = memchr(p, '\n', (size_t)(end - p))) && ++p < end;)
        VEC_ADD(a, &s->lines, (uint32_t)(p - text));
}

static struct source *source_new(struct arena *a, const char *name, struct str text)
{
    struct source *s = NEW(a, struct source);
    s->name = str_copy(a, str_of(name));
    s->text = text;
    find_lines(a, s);
    return s;
}

struct source *source_from(struct arena *a, const char *name, struct str text)
{
    return source_new(a, name, str_copy(a, text));
}

/* How much to make room for: what fstat says of a file, a guess for anything else. */
static size_t first_guess(int fd)
{
    struct stat st;
    bool sized = !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0;
    return sized && st.st_size <= SOURCE_MAX ? (size_t)st.st_size + 1 : 64 * 1024;
}

static char *bigger(struct arena *a, const char *old, size_t len, size_t cap)
{
    char *p = arena_get(a, cap + 1);
    if (len)
        memcpy(p, old, len);
    return p;
}

struct source *source_read_fd(struct arena *a, const char *name, int fd)
{
    size_t len = 0, cap = first_guess(fd);
    char *p = bigger(a, NULL, 0, cap);
    for (ssize_t n = 1; n;) {
        if (len == cap)
            p = bigger(a, p, len, cap *= 2);
        n = read(fd, p + len, cap - len);
        if (n < 0 && errno != EINTR)
            return NULL;
        len += n > 0 ? (size_t)n : 0;
        if (len > SOURCE_MAX) {
            errno = EFBIG;
            return NULL;
        }
    }
    return source_new(a, name, (struct str){p, len});
}

struct source *source_read(struct arena *a, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    struct source *s = source_read_fd(a, path, fd);
    int why = errno;
    close(fd);
    errno = why;
    return s;
}

/* The index of the last line that begins at or before offset. */
static unsigned line_index(const struct source *s, uint32_t offset)
{
    unsigned low = 0, high = s->lines.n;
    while (high - low > 1) {
        unsigned middle = low + (high - low) / 2;
        if (s->lines.v[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct place source_place(const struct source *s, uint32_t offset)
{
    unsigned i = line_index(s, offset);
    return (struct place){i + 1, offset - s->lines.v[i] + 1};
}

struct str source_line(const struct source *s, unsigned line)
{
    size_t start = s->lines.v[line - 1];
    size_t end = line < s->lines.n ? s->lines.v[line] : s->text.len;
    if (end > start && s->text.p[end - 1] == '\n')
        end--;
    if (end > start && s->text.p[end - 1] == '\r')
        end--;
    return str_cut(s->text, start, end);
}

struct span span_join(struct span a, struct span b)
{
    uint32_t start = a.start < b.start ? a.start : b.start;
    uint32_t end = a.end > b.end ? a.end : b.end;
    return (struct span){a.source, start, end};
}
