/*
 * The same configuration and the same bytes through HAProxy and through a proxy made by proxyc:
 * what clients, servers and logs see has to be the same.
 *
 *     differ [-v] [-p PROXYC] [-d DIRECTORY] [-n NAME] CASEFILE
 *
 * -v shows the transcripts of cases that agree, too; -n runs only cases whose name holds NAME;
 * without -p HAProxy is compared with itself, which shows whether a case is stable at all. Prints
 * one line for each case; status 1 when one differs.
 *
 * Where who is faster decides, HAProxy does not always agree with itself. Such a case has to agree
 * once in ATTEMPTS; the whole configuration is started anew for that, with all that comes before
 * the case.
 *
 * It is no judge: where both do the same wrong thing, it is content.
 */
#include "scrub.h"
#include "side.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ATTEMPTS = 3 };

struct options {
    const char *proxyc, *dir, *only, *path;
    bool verbose;
};

struct lines {
    char *list[4096];
    unsigned n;
};

static void cut(struct lines *l, char *text)
{
    l->n = 0;
    for (char *line = strtok(text, "\n"); line && l->n < 4096; line = strtok(NULL, "\n"))
        l->list[l->n++] = line;
}

/* Prints what two transcripts have in common, and what only one of them has; by the longest common
 * subsequence, lengths[i][j] being that of what follows line i and line j. */
static void print_difference(const struct lines *a, const struct lines *b)
{
    unsigned width = b->n + 1, i = 0, j = 0;
    unsigned short *lengths = get((a->n + 1) * (size_t)width * sizeof *lengths);
    for (unsigned x = a->n; x-- > 0;)
        for (unsigned y = b->n; y-- > 0;) {
            unsigned short down = lengths[(x + 1) * width + y], right = lengths[x * width + y + 1];
            unsigned short both = (unsigned short)(lengths[(x + 1) * width + y + 1] + 1);
            bool same = !strcmp(a->list[x], b->list[y]);
            lengths[x * width + y] = same ? both : down > right ? down : right;
        }
    while (i < a->n || j < b->n) {
        if (i < a->n && j < b->n && !strcmp(a->list[i], b->list[j])) {
            printf("#     %s\n", a->list[i++]);
            j++;
        } else if (j == b->n ||
                   (i < a->n && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])) {
            printf("#   - %s\n", a->list[i++]);
        } else {
            printf("#   + %s\n", b->list[j++]);
        }
    }
    free(lengths);
}

static void print_transcript(struct text *transcript)
{
    struct lines *l = get(sizeof *l);
    cut(l, transcript->p);
    for (unsigned i = 0; i < l->n; i++)
        printf("#     %s\n", l->list[i]);
    free(l);
}

static void print_both(struct text *a, struct text *b)
{
    struct lines *l = get(2 * sizeof *l);
    cut(&l[0], a->p);
    cut(&l[1], b->p);
    print_difference(&l[0], &l[1]);
    free(l);
}

/* Is the difference the one that the case describes? */
static bool is_as_described(const struct exchange *x, const struct text *ours)
{
    bool good = true;
    for (unsigned i = 0; i < x->nproxyc; i++) {
        if (text_find(ours->p, ours->n, x->proxyc[i]))
            continue;
        printf("# proxyc should have said: %s\n", x->proxyc[i]);
        good = false;
    }
    return good;
}

/* What became of a case in one attempt. */
static bool agrees(const struct options *o, const struct exchange *x, const struct text *a,
                   const struct text *b)
{
    bool same = a->n && a->n == b->n && !memcmp(a->p, b->p, a->n);
    if (!x->differs || !o->proxyc)
        return same;
    return !same && is_as_described(x, b);
}

static void print_result(const struct options *o, const struct exchange *x, bool good, int attempt)
{
    printf("%s %s: %s", good ? "ok" : "not ok", o->path, x->name);
    if (good && x->differs)
        printf(" # differs: %s", x->differs);
    if (good && attempt > 1)
        printf(" # agreed in attempt %d", attempt);
    putchar('\n');
}

static void print_reason(const struct options *o, const struct exchange *x, struct text *a,
                         struct text *b)
{
    bool same = a->n == b->n && !memcmp(a->p, b->p, a->n);
    printf("# %s:%d: %s\n", o->path, x->line,
           !x->differs ? "- haproxy, + proxyc"
           : same      ? "described as different, but it is not"
                       : "not the difference that is described");
    if (same)
        print_transcript(a);
    else
        print_both(a, b);
}

static bool steps_race(const struct steps *s)
{
    for (unsigned i = 0; i < s->n; i++) {
        enum step_kind k = s->list[i].kind;
        if (k == STEP_CLIENT || k == STEP_PAUSE || k == STEP_FIN || k == STEP_CLOSE ||
            k == STEP_RESET || k == STEP_HANG)
            return true;
    }
    return false;
}

/* Is it decided by who is faster: several clients, the two ends of a connection, a clock? */
static bool is_race(const struct exchange *x)
{
    bool race = x->connections || steps_race(&x->client);
    for (unsigned i = 0; i < x->nscripts; i++)
        race |= steps_race(&x->scripts[i].steps);
    return race;
}

enum verdict { OPEN, AGREED, DIFFERED };

static enum verdict judge(const struct options *o, const struct group *g, unsigned i,
                          struct side *sides, int attempt)
{
    const struct exchange *x = &g->exchanges[i];
    struct result *a = &sides[0].results[i], *b = &sides[1].results[i];
    struct text as_it_was = {0};
    text_add(&as_it_was, a->transcript.p, a->transcript.n);
    scrub(&a->transcript, g, a->known, a->nknown, b->transcript.p);
    scrub(&b->transcript, g, b->known, b->nknown, as_it_was.p);
    text_free(&as_it_was);
    text_put(&a->transcript, "");
    text_put(&b->transcript, "");
    bool good = agrees(o, x, &a->transcript, &b->transcript);
    bool again = !good && o->proxyc && attempt < ATTEMPTS && is_race(x);
    if (again)
        printf("# once more: %s\n", x->name);
    else
        print_result(o, x, good, attempt);
    if (!good)
        print_reason(o, x, &a->transcript, &b->transcript);
    else if (o->verbose)
        print_both(&a->transcript, &b->transcript);
    return again ? OPEN : good ? AGREED : DIFFERED;
}

static void *run_side(void *side)
{
    struct side *s = side;
    side_run(s, s->group);
    return NULL;
}

/* A proxy that did not start, or died, or was caught by a sanitizer. */
static bool report_messages(const struct options *o, struct side *s, unsigned number)
{
    if (s->up && !s->why.n)
        return true;
    printf("not ok %s: configuration %u\n# %s %s:\n", o->path, number, s->proxy.name,
           s->up ? "complains" : "does not start");
    text_put(&s->why, "");
    for (char *line = strtok(s->why.p, "\n"); line; line = strtok(NULL, "\n"))
        printf("# %s\n", line);
    return false;
}

static void run_sides(const struct options *o, const struct group *g, unsigned number,
                      struct side *sides)
{
    pthread_t threads[2];
    for (unsigned i = 0; i < 2; i++) {
        struct proxy *p = &sides[i].proxy;
        p->name = i && o->proxyc ? "proxyc" : "haproxy";
        p->compiler = i ? o->proxyc : NULL;
        snprintf(p->dir, sizeof p->dir, "%s/%u%c", o->dir, number, 'a' + (char)i);
        sides[i].group = g;
        if (pthread_create(&threads[i], NULL, run_side, &sides[i]))
            fail("cannot start a thread");
    }
    for (unsigned i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}

/* One attempt at all cases whose verdict is open. Returns whether both proxies were well. */
static bool attempt_group(const struct options *o, const struct group *g, unsigned number,
                          int attempt, enum verdict *verdicts)
{
    struct side *sides = get(2 * sizeof *sides);
    run_sides(o, g, number, sides);
    bool good = true;
    for (unsigned i = 0; sides[0].up && sides[1].up && i < g->nexchanges; i++)
        if (verdicts[i] == OPEN)
            verdicts[i] = judge(o, g, i, sides, attempt);
    for (unsigned i = 0; i < 2; i++)
        good &= report_messages(o, &sides[i], number);
    for (unsigned i = 0; i < 2; i++)
        side_free(&sides[i]);
    free(sides);
    return good;
}

static bool run_group(const struct options *o, const struct group *g, unsigned number)
{
    enum verdict *verdicts = get(g->nexchanges * sizeof *verdicts);
    bool good = true, open = true;
    for (int attempt = 1; good && open && attempt <= ATTEMPTS; attempt++) {
        good = attempt_group(o, g, number, attempt, verdicts);
        open = false;
        for (unsigned i = 0; i < g->nexchanges; i++)
            open |= verdicts[i] == OPEN;
    }
    for (unsigned i = 0; i < g->nexchanges; i++)
        good &= verdicts[i] == AGREED;
    free(verdicts);
    return good;
}

/* Leaves only the cases whose name holds the text. */
static void choose(struct group *g, const char *only)
{
    unsigned n = 0;
    for (unsigned i = 0; i < g->nexchanges; i++)
        if (strstr(g->exchanges[i].name, only))
            g->exchanges[n++] = g->exchanges[i];
    g->nexchanges = n;
}

static void read_options(struct options *o, int argc, char **argv)
{
    for (int c; (c = getopt(argc, argv, "vp:d:n:")) != -1;) {
        if (c == 'v')
            o->verbose = true;
        else if (c == 'p')
            o->proxyc = optarg;
        else if (c == 'd')
            o->dir = optarg;
        else if (c == 'n')
            o->only = optarg;
        else
            exit(2);
    }
    if (optind + 1 != argc)
        fail("usage: differ [-v] [-p PROXYC] [-d DIRECTORY] [-n NAME] CASEFILE");
    o->path = argv[optind];
}

int main(int argc, char **argv)
{
    struct options o = {.dir = "."};
    bool good = true;
    read_options(&o, argc, argv);
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct casefile *f = casefile_read(o.path);
    for (unsigned i = 0; o.only && i < f->ngroups; i++)
        choose(&f->groups[i], o.only);
    for (unsigned i = 0; i < f->ngroups; i++)
        if (f->groups[i].nexchanges)
            good &= run_group(&o, &f->groups[i], i + 1);
    return good ? 0 : 1;
}
