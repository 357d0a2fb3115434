/*
 * Reading case files. See casefile.h, and README.md for the format.
 *
 * One idea: a line at the margin opens something, indented lines belong to it. Memory is never
 * given back: a program reads a handful of files and ends.
 */
#include "casefile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum part { PART_NONE, PART_CONFIG, PART_FILE, PART_CASE };

struct reader {
    struct casefile *file;
    struct group *group;
    struct exchange *exchange;
    struct steps *steps; /* of the client, or of the latest server script */
    enum part part;
    bool crlf;
    unsigned blank; /* lines just before, in a file: part of it if it goes on */
    int line;
};

_Noreturn static void complain(const struct reader *r, const char *what, const char *about)
{
    fail("%s:%d: %s '%s'", r->file->path, r->line, what, about);
}

/* Makes room for one more element at the end of an array, zeroed. */
static void *grow(void *list, unsigned *n, size_t size)
{
    char *p = realloc(list, (*n + 1) * size);
    if (!p)
        fail("out of memory");
    memset(p + *n * size, 0, size);
    *n += 1;
    return p;
}

#define ADD(list, n) ((list) = grow((list), &(n), sizeof *(list)), &(list)[(n)-1])

static char *copy(const char *s)
{
    struct text t = {0};
    text_put(&t, s);
    return t.p;
}

/* Is the line this word, alone or with something behind it? Then that is put into *rest. */
static bool is_word(const char *line, const char *word, const char **rest)
{
    size_t n = strlen(word);
    if (strncmp(line, word, n) || (line[n] && line[n] != ' '))
        return false;
    *rest = line + n + (line[n] == ' ');
    return true;
}

static long number_of(const struct reader *r, const char *s, long otherwise)
{
    char *end;
    long n = strtol(s, &end, 10);
    if (!*s && otherwise >= 0)
        return otherwise;
    if (!*s || *end)
        complain(r, "not a number:", s);
    return n;
}

static struct step *add_step(struct reader *r, enum step_kind kind)
{
    struct step *s = ADD(r->steps->list, r->steps->n);
    s->kind = kind;
    return s;
}

static void unescape(struct reader *r, struct text *to, const char *s)
{
    if (!text_unescape(to, s))
        complain(r, "wrong escape in", s);
}

/* "get PATH" and, behind bars, header fields. */
static void add_get(struct reader *r, const char *rest)
{
    struct step *s = add_step(r, STEP_SEND);
    size_t path = strcspn(rest, "|");
    char *line = copy(rest);
    while (path && line[path - 1] == ' ')
        path--;
    text_format(&s->text, "GET %.*s HTTP/1.1\r\nHost: h\r\n", (int)path, line);
    strtok(line, "|");
    for (char *field = strtok(NULL, "|"); field; field = strtok(NULL, "|")) {
        field += strspn(field, " ");
        size_t n = strlen(field);
        while (n && field[n - 1] == ' ')
            field[--n] = '\0';
        unescape(r, &s->text, field);
        text_put(&s->text, "\r\n");
    }
    text_put(&s->text, "\r\n");
    free(line);
}

static bool read_step(struct reader *r, const char *line)
{
    static const struct {
        const char *word;
        enum step_kind kind;
        char argument;   /* 't'ext, 'n'umber, 'N': number, else 1; ' ' none */
        const char *who; /* may do it: "c"lients, "s"ervers */
    } words[] = {
        {"connect", STEP_CONNECT, ' ', "c"}, {"send", STEP_SEND, 't', "cs"},
        {"pause", STEP_PAUSE, 'n', "cs"},    {"recv", STEP_RECV, 'N', "c"},
        {"bytes", STEP_BYTES, 'n', "cs"},    {"until", STEP_UNTIL, 't', "cs"},
        {"fin", STEP_FIN, ' ', "cs"},        {"close", STEP_CLOSE, ' ', "cs"},
        {"reset", STEP_RESET, ' ', "cs"},    {"body", STEP_BODY, ' ', "s"},
        {"hang", STEP_HANG, ' ', "s"},       {"client", STEP_CLIENT, 'N', "c"},
        {"ask", STEP_ASK, 't', "c"},
    };
    const char *rest;
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        if (!is_word(line, words[i].word, &rest))
            continue;
        if (words[i].kind == STEP_CLIENT)
            r->steps = &r->exchange->client;
        bool of_client = r->steps == &r->exchange->client;
        if (strchr(words[i].who, of_client ? 'c' : 's') == NULL)
            complain(r, of_client ? "not for clients:" : "not for servers:", line);
        struct step *s = add_step(r, words[i].kind);
        if (words[i].argument == 't')
            unescape(r, &s->text, rest);
        else if (words[i].argument != ' ')
            s->number = number_of(r, rest, words[i].argument == 'N' ? 1 : -1);
        return true;
    }
    return false;
}

static void start_server(struct reader *r, const char *how)
{
    struct script *s = ADD(r->exchange->scripts, r->exchange->nscripts);
    const char *rest;
    if (is_word(how, "early", &rest)) {
        s->when = WHEN_HEAD;
    } else if (is_word(how, "accept", &rest)) {
        s->when = WHEN_ACCEPTED;
    } else if (is_word(how, "raw", &rest)) {
        s->when = WHEN_BYTES;
        s->bytes = number_of(r, rest, -1);
    } else if (*how) {
        complain(r, "unknown kind of server:", how);
    }
    r->steps = &s->steps;
}

static bool read_row(struct reader *r, const char *line)
{
    struct row *row = &r->exchange->row;
    const char *rest;
    if (is_word(line, "rfc", &rest))
        row->rfc = copy(rest);
    else if (is_word(line, "both", &rest))
        row->both = copy(rest);
    else if (is_word(line, "haproxy", &rest))
        row->haproxy = copy(rest);
    else if (is_word(line, "right", &rest))
        row->right = copy(rest);
    else if (is_word(line, "show", &rest))
        *ADD(row->shown, row->nshown) = copy(rest);
    else if (is_word(line, "raw", &rest))
        row->raw = true;
    else
        return false;
    return true;
}

static bool read_setting(struct reader *r, const char *line)
{
    struct exchange *x = r->exchange;
    const char *rest;
    if (is_word(line, "differs", &rest))
        x->differs = copy(rest);
    else if (is_word(line, "proxyc", &rest))
        *ADD(x->proxyc, x->nproxyc) = copy(rest);
    else if (is_word(line, "logs", &rest))
        x->logs = (int)number_of(r, rest, -1);
    else if (is_word(line, "responses", &rest))
        x->responses = (int)number_of(r, rest, -1);
    else if (is_word(line, "repeat", &rest))
        x->repeat = (int)number_of(r, rest, -1);
    else if (is_word(line, "connections", &rest))
        x->connections = true;
    else if (is_word(line, "tally", &rest))
        x->tally = true;
    else if (is_word(line, "settled", &rest))
        x->settled = true;
    else
        return false;
    return true;
}

static void read_in_case(struct reader *r, const char *line)
{
    const char *rest;
    if (read_setting(r, line) || read_row(r, line))
        return;
    if (is_word(line, "server", &rest)) {
        start_server(r, rest);
    } else if (is_word(line, "request", &rest)) {
        r->steps = &r->exchange->client;
        unescape(r, &add_step(r, STEP_SEND)->text, rest);
    } else if (is_word(line, "response", &rest)) {
        start_server(r, "");
        unescape(r, &add_step(r, STEP_SEND)->text, rest);
    } else if (is_word(line, "get", &rest)) {
        add_get(r, rest);
    } else if (*line == '+') {
        if (!r->steps->n || r->steps->list[r->steps->n - 1].kind != STEP_SEND)
            complain(r, "nothing to be continued by", line);
        unescape(r, &r->steps->list[r->steps->n - 1].text, line + 1 + (line[1] == ' '));
    } else if (!read_step(r, line)) {
        complain(r, "unknown line", line);
    }
}

static void open_case(struct reader *r, const char *name)
{
    struct exchange *x = ADD(r->group->exchanges, r->group->nexchanges);
    x->name = copy(name);
    x->line = r->line;
    x->logs = x->responses = -1;
    x->repeat = 1;
    r->exchange = x;
    r->steps = &x->client;
    r->part = PART_CASE;
}

static void open_file(struct reader *r, const char *rest)
{
    struct datafile *f = ADD(r->group->files, r->group->nfiles);
    char *crlf = strstr(f->name = copy(rest), " crlf");
    r->crlf = crlf;
    r->blank = 0;
    if (crlf)
        *crlf = '\0';
    r->part = PART_FILE;
}

static void check_case(struct reader *r)
{
    const struct exchange *x = r->exchange;
    if (x && !x->row.rfc && !x->differs != !x->nproxyc)
        complain(r, "'differs' and 'proxyc' belong together, in the case before", x->name);
    r->exchange = NULL;
}

static void read_margin(struct reader *r, const char *line)
{
    const char *rest;
    check_case(r);
    if (is_word(line, "config", &rest)) {
        r->group = ADD(r->file->groups, r->file->ngroups);
        r->part = PART_CONFIG;
    } else if (!r->group) {
        complain(r, "before the first 'config':", line);
    } else if (is_word(line, "case", &rest)) {
        open_case(r, rest);
    } else if (is_word(line, "file", &rest)) {
        open_file(r, rest);
    } else if (is_word(line, "timer", &rest)) {
        *ADD(r->group->timers, r->group->ntimers) = copy(rest);
    } else if (is_word(line, "mask", &rest)) {
        *ADD(r->group->masks, r->group->nmasks) = copy(rest);
    } else if (is_word(line, "unordered", &rest)) {
        r->group->unordered = true;
    } else if (is_word(line, "ignore", &rest)) {
        *ADD(r->group->ignored, r->group->nignored) = copy(rest);
    } else {
        complain(r, "unknown line", line);
    }
}

static void add_to_file(struct reader *r, const char *line)
{
    struct datafile *f = &r->group->files[r->group->nfiles - 1];
    const char *end = r->crlf ? "\r\n" : "\n";
    for (; r->blank && f->text.n; r->blank--)
        text_put(&f->text, end);
    r->blank = 0;
    text_format(&f->text, "%s%s", line, end);
}

static void read_line(struct reader *r, const char *line)
{
    size_t indent = strspn(line, " ");
    if (!line[indent])
        r->blank++;
    if (!line[indent] || line[0] == '#')
        return;
    if (!indent) {
        read_margin(r, line);
    } else if (r->part == PART_CONFIG) {
        text_format(&r->group->config, "%s\n", line + (indent < 4 ? indent : 4));
    } else if (r->part == PART_FILE) {
        add_to_file(r, line + (indent < 4 ? indent : 4));
    } else if (r->part == PART_CASE && line[indent] != '#') {
        read_in_case(r, line + indent);
    } else if (r->part == PART_NONE) {
        complain(r, "belongs to nothing:", line);
    }
}

struct casefile *casefile_read(const char *path)
{
    struct casefile *file = get(sizeof *file);
    struct reader r = {.file = file};
    char *line = NULL;
    size_t cap = 0;
    FILE *in = fopen(path, "r");
    if (!in)
        fail("cannot read %s", path);
    file->path = path;
    for (ssize_t n; (n = getline(&line, &cap, in)) > 0;) {
        r.line++;
        line[n - (line[n - 1] == '\n')] = '\0';
        read_line(&r, line);
    }
    check_case(&r);
    free(line);
    fclose(in);
    return file;
}
