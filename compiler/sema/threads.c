/*
 * Threads and shards of bind lines, and what these lines take from the global section.
 *
 * Not here: the lines themselves (listeners.c). Idea: a set is 64 bits, for there are no more
 * threads; bit n-1 stands for thread n. No bit at all means that there is no restriction.
 */
#include "context.h"

#include <string.h>
#include <sys/un.h>

enum { MOST = 64, PATH_MOST = sizeof((struct sockaddr_un *)0)->sun_path - 1 };

static const uint64_t odd = UINT64_C(0x5555555555555555);

/* "3", "2-4", "3-". */
static bool range(struct str s, uint64_t *set)
{
    const char *dash = memchr(s.p, '-', s.len);
    size_t at = dash ? (size_t)(dash - s.p) : s.len;
    uint64_t a, b = MOST;
    if (value_uint(str_cut(s, 0, at), MOST, &a) != VALUE_OK || !a)
        return false;
    if (!dash)
        b = a;
    else if (at + 1 < s.len && value_uint(str_cut(s, at + 1, s.len), MOST, &b) != VALUE_OK)
        return false;
    uint64_t low = a < b ? a : b, high = a < b ? b : a;
    *set = UINT64_MAX >> (MOST - 1 - (high - low)) << (low ? low - 1 : 0);
    return low;
}

static bool read_set(struct str s, uint64_t *set)
{
    if (str_is(s, "all"))
        *set = UINT64_MAX;
    else if (str_is(s, "odd"))
        *set = odd;
    else if (str_is(s, "even"))
        *set = odd << 1;
    else
        return range(s, set);
    return true;
}

/* In front of the slash stand processes, of which there is one, or the only group of threads. */
static bool is_here(struct str s, bool process)
{
    uint64_t set;
    return process ? read_set(s, &set) && (set & 1) : str_is(s, "1");
}

static void refuse(struct sema *s, const struct word *w, bool process)
{
    struct diag *d = diag_add(s->diags, E0611, w->span, "'" STR_FMT "' is not a set of %s",
                              STR_ARG(w->text), process ? "processes" : "threads");
    if (process)
        diag_note(s->diags, d,
                  "there is one process, number 1; 'thread' chooses among its threads");
}

bool threads_value(struct sema *s, const struct word *w, const char *what, int64_t *set)
{
    bool process = !strcmp(what, "process");
    const char *slash = memchr(w->text.p, '/', w->text.len);
    size_t at = slash ? (size_t)(slash - w->text.p) : w->text.len;
    struct str first = str_cut(w->text, 0, at);
    struct str rest = slash ? str_cut(w->text, at + 1, w->text.len) : first;
    uint64_t threads = UINT64_MAX;
    bool good = (!slash && !process) || is_here(first, process);
    if (slash || !process)
        good = good && read_set(rest, &threads);
    *set = (int64_t)threads;
    if (!good)
        refuse(s, w, process);
    return good;
}

bool shards_value(struct sema *s, const struct word *w, const char *what, int64_t *n)
{
    bool all = strcmp(what, "shards");
    *n = !str_is(w->text, "by-thread");
    if (!*n || str_is(w->text, "by-group") || (all && str_is(w->text, "by-process")))
        return true;
    uint64_t number;
    bool good = value_uint(w->text, MOST, &number) == VALUE_OK && number;
    *n = (int64_t)number;
    if (!good)
        diag_add(s->diags, E0613, w->span, "'" STR_FMT "' is not a number of shards",
                 STR_ARG(w->text));
    return good;
}

/* ---- when all sections are known ---- */

static void mind_threads(struct sema *s, struct m_setting *threads)
{
    const struct m_setting *n = &s->model->global[GLOBAL_nbthread];
    if ((uint64_t)threads->number == UINT64_MAX)
        threads->number = 0; /* no restriction */
    if (!threads->number || !n->set || n->number < 1 || n->number > MOST)
        return;
    uint64_t here = UINT64_MAX >> (MOST - n->number);
    if ((uint64_t)threads->number & here)
        return;
    struct diag *d = diag_add(s->diags, E0612, threads->span, "none of these threads exists");
    diag_other(s->diags, d, n->span, "there are threads 1 to %lld", (long long)n->number);
}

/* What "unix-bind" says holds where the line itself says nothing. */
static void settle_unix(struct sema *s, struct m_bind *b)
{
    const struct model *m = s->model;
    struct str prefix = m->unix_prefix;
    for (unsigned i = 0; i < NBIND_SETTINGS; i++)
        if (!b->set[i].set)
            b->set[i] = m->unix_bind[i];
    if (!prefix.len)
        return;
    b->addr.path = str_printf(s->arena, STR_FMT "%s", STR_ARG(prefix), b->addr.path).p;
    if (strlen(b->addr.path) > PATH_MOST)
        diag_add(s->diags, E0606, b->addr_span,
                 "a socket path has %d bytes at most, those of 'unix-bind prefix' included",
                 PATH_MOST);
}

static void settle_bind(struct sema *s, struct m_bind *b)
{
    if (!b->set[BIND_shards].set)
        b->set[BIND_shards] = s->model->global[GLOBAL_default_shards];
    mind_threads(s, &b->set[BIND_threads]);
    if (b->addr.family == PX_AF_UNIX)
        settle_unix(s, b);
}

void settle_binds(struct sema *s)
{
    const struct model *m = s->model;
    for (unsigned i = 0; i < m->proxies.n; i++)
        for (unsigned k = 0; k < m->proxies.v[i]->binds.n; k++)
            settle_bind(s, m->proxies.v[i]->binds.v[k]);
    for (unsigned i = 0; i < m->stats_sockets.n; i++)
        mind_threads(s, &m->stats_sockets.v[i]->set[BIND_threads]);
}
