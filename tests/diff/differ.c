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

static bool judge(const struct options *o, const struct group *g, unsigned i, struct side *sides)
{
    const struct exchange *x = &g->exchanges[i];
    struct result *a = &sides[0].results[i], *b = &sides[1].results[i];
    scrub(&a->transcript, g, a->known, a->nknown);
    scrub(&b->transcript, g, b->known, b->nknown);
    text_put(&a->transcript, "");
    text_put(&b->transcript, "");
    bool same = a->transcript.n && a->transcript.n == b->transcript.n &&
                !memcmp(a->transcript.p, b->transcript.p, a->transcript.n);
    bool good = !x->differs  ? same
                : !o->proxyc ? same
                             : !same && is_as_described(x, &b->transcript);
    printf("%s %s: %s%s%s\n", good ? "ok" : "not ok", o->path, x->name,
           good && x->differs ? " # differs: " : "", good && x->differs ? x->differs : "");
    if (!good)
        printf("# %s:%d: %s\n", o->path, x->line,
               !x->differs ? "- haproxy, + proxyc"
               : same      ? "described as different, but it is not"
                           : "not the difference that is described");
    if (same && (o->verbose || !good))
        print_transcript(&a->transcript);
    else if (!good || o->verbose)
        print_both(&a->transcript, &b->transcript);
    return good;
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
    for (char *line = strtok(s->why.p, "\n"); line; line = strtok(NULL, "\n"))
        printf("# %s\n", line);
    return false;
}

static bool run_group(const struct options *o, const struct group *g, unsigned number)
{
    struct side *sides = get(2 * sizeof *sides);
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
    bool good = true;
    for (unsigned i = 0; sides[0].up && sides[1].up && i < g->nexchanges; i++)
        good &= judge(o, g, i, sides);
    for (unsigned i = 0; i < 2; i++)
        good &= report_messages(o, &sides[i], number);
    for (unsigned i = 0; i < 2; i++)
        side_free(&sides[i]);
    free(sides);
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
