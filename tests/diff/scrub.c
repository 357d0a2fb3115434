/*
 * Taking out what differs from run to run. See scrub.h.
 *
 * A timer becomes "short" or "long": cases that mean a time let it last well over LONG_MS.
 */
#include "scrub.h"

#include <ctype.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LONG_MS = 150, GROUPS = 16 };

/* Timers of option httplog, of option tcplog, and of our own formats: "Tr=%Tr". */
static const char *const usual_timers[] = {
    "^log:.* ([0-9-]+)/([0-9-]+)/([0-9-]+)/([0-9-]+)/\\+?([0-9-]+) [0-9-]+ \\+?[0-9]+ ",
    "^log:.* ([0-9-]+)/([0-9-]+)/\\+?([0-9-]+) \\+?[0-9]+ [^ ][^ ] ",
};
static const char each_timer[] = "T[A-Za-z]=(-?[0-9]+)";

static void compile(regex_t *re, const char *source)
{
    if (regcomp(re, source, REG_EXTENDED))
        fail("not a regular expression: %s", source);
}

typedef void put_group(struct text *to, const char *p, size_t n);

static void put_mask(struct text *to, const char *p, size_t n)
{
    (void)p;
    (void)n;
    text_put(to, "*");
}

static void put_time(struct text *to, const char *p, size_t n)
{
    long ms = strtol(p, NULL, 10);
    if (ms < 0)
        text_add(to, p, n);
    else
        text_put(to, ms < LONG_MS ? "short" : "long");
}

/* Replaces the groups of one match in *line. Returns where the search may go on, 0: no match. */
static size_t replace_groups(struct text *line, size_t from, const regex_t *re, put_group *put)
{
    regmatch_t m[GROUPS];
    struct text now = {0};
    size_t at = from, next;
    if (regexec(re, line->p + from, GROUPS, m, from ? REG_NOTBOL : 0))
        return 0;
    text_add(&now, line->p, from);
    for (unsigned i = 1; i < GROUPS; i++) {
        if (m[i].rm_so < 0)
            continue;
        text_add(&now, line->p + at, from + (size_t)m[i].rm_so - at);
        put(&now, line->p + from + m[i].rm_so, (size_t)(m[i].rm_eo - m[i].rm_so));
        at = from + (size_t)m[i].rm_eo;
    }
    next = now.n;
    text_put(&now, line->p + at);
    text_free(line);
    *line = now;
    return next;
}

static void replace_each(struct text *line, char **sources, unsigned n, put_group *put)
{
    for (unsigned i = 0; i < n; i++) {
        regex_t re;
        compile(&re, sources[i]);
        replace_groups(line, 0, &re, put);
        regfree(&re);
    }
}

static void scrub_times(struct text *line, const struct group *g)
{
    static regex_t usual[2], each;
    static bool ready;
    if (!ready) {
        compile(&usual[0], usual_timers[0]);
        compile(&usual[1], usual_timers[1]);
        compile(&each, each_timer);
    }
    ready = true;
    if (!replace_groups(line, 0, &usual[0], put_time))
        replace_groups(line, 0, &usual[1], put_time);
    for (size_t at = 0; (at = replace_groups(line, at, &each, put_time));)
        ;
    replace_each(line, g->timers, g->ntimers, put_time);
    replace_each(line, g->masks, g->nmasks, put_mask);
}

/* Today's and yesterday's date, in the spellings that logs and headers use. */
static void compile_dates(regex_t *re)
{
    static const char *const formats[] = {"%d/%b/%Y:", "%d %b %Y ", "%Y-%m-%dT"};
    struct text all = {0};
    text_put(&all, "(");
    for (int day = 0; day < 2; day++) {
        time_t when = time(NULL) - day * 86400;
        for (unsigned i = 0; i < 3; i++) {
            char one[64];
            struct tm tm;
            strftime(one, sizeof one, formats[i], localtime_r(&when, &tm));
            text_format(&all, "%s%s", all.n > 1 ? "|" : "", one);
        }
    }
    text_put(&all, ")[0-9:.]*");
    compile(re, all.p);
    text_free(&all);
}

static void scrub_dates(struct text *line)
{
    static regex_t re;
    static bool ready;
    regmatch_t m[1];
    if (!ready)
        compile_dates(&re);
    ready = true;
    for (size_t at = 0; !regexec(&re, line->p + at, 1, m, at ? REG_NOTBOL : 0);) {
        struct text now = {0};
        text_add(&now, line->p, at + (size_t)m[0].rm_so);
        text_put(&now, "@DATE@");
        size_t next = now.n;
        text_put(&now, line->p + at + m[0].rm_eo);
        text_free(line);
        *line = now;
        at = next;
    }
}

/* Is this the number of the proxy's process? It may be any number, and is looked for nowhere else
 * than in the headers of log lines. */
static bool is_process(const char *digits, const struct known *known, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (!strcmp(known[i].name, "@PID@"))
            return strtoul(digits, NULL, 10) == known[i].number;
    return false;
}

/* "<134>Nov 27 22:46:39 haproxy[123]: ", or "<134>1 2026-11-27T22:46:39 host haproxy 123 " */
static void scrub_syslog(struct text *line, const struct known *known, unsigned n)
{
    static const char *const headers[] = {
        "^log: <[0-9]+>([A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8}) [^ ]*\\[([0-9]+)\\]: ",
        "^log: <[0-9]+>1 ([^ ]+) [^ ]+ [^ ]+ ([0-9]+) "};
    static regex_t re[2];
    static bool ready;
    regmatch_t m[3];
    for (unsigned i = 0; i < 2 && !ready; i++)
        compile(&re[i], headers[i]);
    ready = true;
    if (regexec(&re[0], line->p, 3, m, 0) && regexec(&re[1], line->p, 3, m, 0))
        return;
    struct text now = {0};
    text_add(&now, line->p, (size_t)m[1].rm_so);
    text_put(&now, "@DATE@");
    text_add(&now, line->p + m[1].rm_eo, (size_t)(m[2].rm_so - m[1].rm_eo));
    bool ours = is_process(line->p + m[2].rm_so, known, n);
    text_format(&now, "%s%s", ours ? "@PID@" : "", line->p + (ours ? m[2].rm_eo : m[2].rm_so));
    text_free(line);
    *line = now;
}

static const char *name_of(const struct known *known, unsigned n, unsigned long number)
{
    while (n-- > 0)
        if (known[n].number == number && strcmp(known[n].name, "@PID@"))
            return known[n].name;
    unsigned long now = (unsigned long)time(NULL);
    return number > now - 86400 && number < now + 86400 ? "@NOW@" : NULL;
}

/* A number in a line with our address in hexadecimal digits may be hexadecimal itself. */
static void scrub_numbers(struct text *line, const struct known *known, unsigned n)
{
    struct text now = {0};
    bool hexadecimal = text_find(line->p, line->n, "7F000001");
    for (const char *s = line->p; *s;) {
        size_t digits = strspn(s, "0123456789"), hex = strspn(s, "0123456789ABCDEF");
        size_t len = hex ? hex : 1;
        const char *name = NULL;
        if (hexadecimal && (hex == 4 || hex == 8))
            name = name_of(known, n, strtoul(s, NULL, 16));
        if (digits >= 4 && digits <= 10 && !name &&
            (name = name_of(known, n, strtoul(s, NULL, 10))))
            len = digits;
        if (name)
            text_put(&now, name);
        else
            text_add(&now, s, len);
        s += len;
    }
    text_free(line);
    *line = now;
}

static bool is_ignored(const char *line, const struct group *g)
{
    bool found = false;
    for (unsigned i = 0; i < g->nignored && !found; i++) {
        regex_t re;
        compile(&re, g->ignored[i]);
        found = !regexec(&re, line, 0, NULL, 0);
        regfree(&re);
    }
    return found;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Puts the lines that came together into order, at the end of *to. */
static void put_sorted(struct text *to, char **lines, unsigned *n)
{
    qsort(lines, *n, sizeof *lines, compare_lines);
    for (unsigned i = 0; i < *n; i++) {
        text_format(to, "%s\n", lines[i]);
        free(lines[i]);
    }
    *n = 0;
}

/* Lower-case names, and sorted fields, in the lines "client: name: value". */
static void sort_fields(struct text *transcript)
{
    struct text all = {0};
    char *lines[512], *nl;
    unsigned n = 0;
    for (char *at = transcript->p; at && (nl = strchr(at, '\n')); at = nl + 1) {
        *nl = '\0';
        char *name = strncmp(at, "client", 6) ? NULL : strstr(at, ": ");
        size_t len = name ? strcspn(name + 2, ": |") : 0;
        bool field = len && name[2 + len] == ':';
        for (size_t i = 0; field && i < len; i++)
            name[2 + i] = (char)tolower((unsigned char)name[2 + i]);
        if (!field || n == 512)
            put_sorted(&all, lines, &n);
        if (field)
            lines[n++] = strdup(at);
        else
            text_format(&all, "%s\n", at);
    }
    put_sorted(&all, lines, &n);
    text_free(transcript);
    *transcript = all;
}

static bool has_line(const char *all, const char *line)
{
    size_t len = strlen(line);
    for (const char *at = all, *nl; at && (nl = strchr(at, '\n')); at = nl + 1)
        if ((size_t)(nl - at) == len && !memcmp(at, line, len))
            return true;
    return false;
}

void scrub(struct text *transcript, const struct group *g, const struct known *known, unsigned n,
           const char *other)
{
    struct text all = {0}, line = {0};
    for (char *at = transcript->p, *nl; at && (nl = strchr(at, '\n')); at = nl + 1) {
        text_clear(&line);
        text_add(&line, at, (size_t)(nl - at));
        bool shared = has_line(other, line.p);
        scrub_syslog(&line, known, n);
        scrub_dates(&line);
        scrub_times(&line, g);
        if (!shared)
            scrub_numbers(&line, known, n);
        if (!is_ignored(line.p, g))
            text_format(&all, "%s\n", line.p);
    }
    text_free(&line);
    text_free(transcript);
    *transcript = all;
    if (g->unordered)
        sort_fields(transcript);
}
