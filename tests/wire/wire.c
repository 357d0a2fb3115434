/*
 * Tables of what may come by the wire: each row goes through HAProxy and through a proxy made by
 * proxyc, and what comes of it has to be what the table says, for each of them.
 *
 *     wire [-o] [-n NAME] [-d DIRECTORY] -p PROXYC TABLE
 *
 * -o prints what came of every row, as tables say it; -n takes only rows whose name holds NAME.
 *
 * A table is a case file of the differential tests with a few more words; see README.md. Rows that
 * did not come out as they should, on a busy machine, are tried again, with all that comes before.
 */
#include "outcome.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ATTEMPTS = 3 };
enum { HAPROXY, OURS };

struct options {
    const char *proxyc, *dir, *only, *path;
    bool print;
};

struct attempt {
    const struct options *options;
    const struct group *group;
    struct side sides[2];
    struct text *outcomes[2]; /* of each row */
};

static _Noreturn void complain(const struct options *o, const struct exchange *x, const char *what)
{
    fail("%s:%d: %s: %s", o->path, x->line, x->name, what);
}

/* A row says what comes of it once, or for each proxy with who is right. */
static void check_row(const struct options *o, const struct exchange *x)
{
    const struct row *row = &x->row;
    if (!row->rfc)
        complain(o, x, "there is no 'rfc'");
    if (o->print)
        return;
    bool split = x->nproxyc == 1 && row->haproxy && row->right;
    if (row->both ? x->nproxyc || row->haproxy || row->right : !split)
        complain(o, x, "either 'both', or 'proxyc', 'haproxy' and 'right'");
    if (split && !strcmp(x->proxyc[0], row->haproxy))
        complain(o, x, "there is no difference");
}

static const char *expected(const struct exchange *x, unsigned side)
{
    if (x->row.both)
        return x->row.both;
    return side == OURS ? x->proxyc[0] : x->row.haproxy;
}

static void *run_side(void *side)
{
    struct side *s = side;
    side_run(s, s->group);
    return NULL;
}

static void run_sides(struct attempt *a, unsigned number)
{
    pthread_t threads[2];
    for (unsigned i = 0; i < 2; i++) {
        struct side *s = &a->sides[i];
        s->group = a->group;
        s->proxy.name = i == OURS ? "proxyc" : "haproxy";
        s->proxy.compiler = i == OURS ? a->options->proxyc : NULL;
        snprintf(s->proxy.dir, sizeof s->proxy.dir, "%s/%u%c", a->options->dir, number,
                 'a' + (char)i);
        if (pthread_create(&threads[i], NULL, run_side, s))
            fail("cannot make a thread");
    }
    for (unsigned i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}

/* A proxy that did not start, or died, or was caught by a sanitizer. */
static bool is_well(const struct attempt *a, struct side *s)
{
    if (s->up && !s->why.n)
        return true;
    printf("not ok %s: %s\n", a->options->path, s->proxy.name);
    for (char *line = strtok(s->why.p, "\n"); line; line = strtok(NULL, "\n"))
        printf("# %s\n", line);
    return false;
}

static bool side_is_good(const struct attempt *a, unsigned side, unsigned i)
{
    const char *want = expected(&a->group->exchanges[i], side);
    bool any = side == HAPROXY && !strcmp(want, "varies");
    return any || !strcmp(a->outcomes[side][i].p, want);
}

static bool row_is_good(const struct attempt *a, unsigned i)
{
    return side_is_good(a, HAPROXY, i) && side_is_good(a, OURS, i);
}

static void report_row(const struct attempt *a, unsigned i)
{
    const struct exchange *x = &a->group->exchanges[i];
    const char *ours = a->outcomes[OURS][i].p, *theirs = a->outcomes[HAPROXY][i].p;
    if (a->options->print) {
        bool same = !strcmp(ours, theirs);
        printf("case %s\n    %s %s\n", x->name, same ? "both" : "proxyc", ours);
        if (!same)
            printf("    haproxy %s\n", theirs);
        return;
    }
    bool good = row_is_good(a, i);
    printf("%s %s: %s\n", good ? "ok" : "not ok", a->options->path, x->name);
    for (unsigned side = 0; side < 2; side++)
        if (!side_is_good(a, side, i))
            printf("# %s should be %s\n# %s        is %s\n", a->sides[side].proxy.name,
                   expected(x, side), a->sides[side].proxy.name, a->outcomes[side][i].p);
}

static bool run_attempt(struct attempt *a, unsigned number)
{
    run_sides(a, number);
    if (!is_well(a, &a->sides[HAPROXY]) || !is_well(a, &a->sides[OURS]))
        exit(1);
    bool good = true;
    for (unsigned side = 0; side < 2; side++) {
        a->outcomes[side] = get((a->group->nexchanges + 1) * sizeof *a->outcomes[side]);
        for (unsigned i = 0; i < a->group->nexchanges; i++)
            outcome_write(&a->outcomes[side][i], &a->group->exchanges[i], a->group,
                          &a->sides[side].results[i]);
        side_free(&a->sides[side]);
    }
    for (unsigned i = 0; i < a->group->nexchanges && !a->options->print; i++)
        good &= row_is_good(a, i);
    return good;
}

static bool run_group(const struct options *o, struct group *g, unsigned number)
{
    for (unsigned i = 0; i < g->nexchanges; i++) {
        struct exchange *x = &g->exchanges[i];
        check_row(o, x);
        x->responses = x->responses < 0 ? 1 : x->responses;
        x->logs = x->logs < 0 ? 1 : x->logs;
    }
    for (int n = 1;; n++) {
        struct attempt *a = get(sizeof *a);
        a->options = o;
        a->group = g;
        bool good = run_attempt(a, number);
        if (!good && n < ATTEMPTS)
            continue;
        for (unsigned i = 0; i < g->nexchanges; i++)
            report_row(a, i);
        return good;
    }
}

/* Leaves only the rows whose name holds the text. */
static void choose(struct group *g, const char *only)
{
    unsigned n = 0;
    for (unsigned i = 0; i < g->nexchanges; i++)
        if (strstr(g->exchanges[i].name, only))
            g->exchanges[n++] = g->exchanges[i];
    g->nexchanges = n;
}

int main(int argc, char **argv)
{
    struct options o = {.dir = ".", .only = ""};
    bool good = true;
    for (int c; (c = getopt(argc, argv, "op:d:n:")) != -1;) {
        if (c == '?')
            return 2;
        o.print |= c == 'o';
        o.proxyc = c == 'p' ? optarg : o.proxyc;
        o.dir = c == 'd' ? optarg : o.dir;
        o.only = c == 'n' ? optarg : o.only;
    }
    if (optind + 1 != argc || !o.proxyc)
        fail("usage: wire [-o] [-n NAME] [-d DIRECTORY] -p PROXYC TABLE");
    o.path = argv[optind];
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct casefile *f = casefile_read(o.path);
    for (unsigned i = 0; i < f->ngroups; i++) {
        choose(&f->groups[i], o.only);
        if (f->groups[i].nexchanges)
            good &= run_group(&o, &f->groups[i], i + 1);
    }
    return good ? 0 : 1;
}
