/*
 * The control socket. See control.h.
 */
#include "control.h"

#include "../abi/tables.h"
#include "../abi/version.h"
#include "../loop/sock.h"
#include "../net/listener.h"
#include "../upstream/state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { MOST_WORDS = 64, LINES_AT_ONCE = 64 };

struct px_control {
    struct px_sock sock;
    const struct px_bind *bind;
    struct px_control *next, **link;
    struct px_text out;
    uint64_t patience;
    enum px_control_level level;
    bool prompts, quits, closing;
};

static struct px_control *all;
static unsigned connections;

/* ---- text ---- */

static bool text_room(struct px_text *t, size_t len)
{
    if (t->cap - t->len > len)
        return true;
    size_t cap = (t->len + len + 1) * 2;
    char *p = realloc(t->p, cap);
    if (!p)
        return false;
    t->p = p;
    t->cap = cap;
    return true;
}

void px_text_put(struct px_text *t, const char *p, size_t len)
{
    if (!text_room(t, len))
        return;
    memcpy(t->p + t->len, p, len);
    t->len += len;
}

void px_text_printf(struct px_text *t, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    if (n > 0 && text_room(t, (size_t)n)) {
        vsnprintf(t->p + t->len, (size_t)n + 1, fmt, again);
        t->len += (size_t)n;
    }
    va_end(again);
    va_end(args);
}

/* ---- commands ---- */

static void command_operator(const struct px_command *c, struct px_text *out)
{
    (void)out;
    if (c->from->level > PX_LEVEL_OPERATOR)
        c->from->level = PX_LEVEL_OPERATOR;
}

static void command_user(const struct px_command *c, struct px_text *out)
{
    (void)out;
    c->from->level = PX_LEVEL_USER;
}

static void command_prompt(const struct px_command *c, struct px_text *out)
{
    (void)out;
    c->from->prompts = !c->from->prompts;
}

static void command_quit(const struct px_command *c, struct px_text *out)
{
    (void)out;
    c->from->quits = true;
}

static void command_set_timeout(const struct px_command *c, struct px_text *out)
{
    int seconds = c->n > 3 ? atoi(c->words[3]) : 0;
    if (seconds <= 0) {
        px_text_printf(out, "Invalid timeout value.\n");
        return;
    }
    c->from->patience = (uint64_t)seconds * 1000;
}

static void command_show_version(const struct px_command *c, struct px_text *out)
{
    (void)c;
    px_text_printf(out, "%s\n", PX_VERSION_TEXT);
}

static void command_show_backend(const struct px_command *c, struct px_text *out)
{
    (void)c;
    px_text_printf(out, "# name\n");
    for (unsigned i = 0; i < px_program.nproxies; i++)
        if (px_program.proxies[i]->caps & PX_BACKEND)
            px_text_printf(out, "%s\n", px_program.proxies[i]->name);
}

static const char *level_name(enum px_control_level level)
{
    static const char *const names[] = {"user", "operator", "admin"};
    return names[level];
}

static void command_show_level(const struct px_command *c, struct px_text *out)
{
    px_text_printf(out, "%s\n", level_name(c->level));
}

static enum px_control_level level_of(const struct px_bind *b)
{
    if (!b->level)
        return PX_LEVEL_OPERATOR;
    for (int i = PX_LEVEL_USER; i < PX_LEVEL_ADMIN; i++)
        if (!strcmp(b->level, level_name((enum px_control_level)i)))
            return (enum px_control_level)i;
    return PX_LEVEL_ADMIN;
}

static void put_socket(const struct px_bind *b, struct px_text *out)
{
    union px_sockaddr sa;
    struct px_addr a;
    char text[PX_ADDR_TEXT];
    if (b->addr.family == PX_AF_UNIX || b->addr.family == PX_AF_ABNS) {
        px_text_printf(out, "%s@%s", b->addr.family == PX_AF_UNIX ? "unix" : "abns", b->addr.path);
    } else if (px_endpoint_sockaddr(&b->addr, b->addr.port, &sa)) {
        px_addr_from(&a, &sa);
        px_addr_text(&a, text);
        px_text_printf(out, "%s@%s:%d", a.family == AF_INET6 ? "ipv6" : "ipv4", text, a.port);
    } else {
        px_text_printf(out, "sockpair@%d", b->addr.port);
    }
    px_text_printf(out, " %s all\n", level_name(level_of(b)));
}

static void command_show_sockets(const struct px_command *c, struct px_text *out)
{
    (void)c;
    px_text_printf(out, "# socket lvl processes\n");
    for (unsigned i = 0; i < px_program.nbinds; i++)
        if (!px_program.binds[i]->proxy)
            put_socket(px_program.binds[i], out);
}

static void command_show_env(const struct px_command *c, struct px_text *out)
{
    extern char **environ;
    if (c->n > 2) {
        const char *value = getenv(c->words[2]);
        if (value)
            px_text_printf(out, "%s=%s\n", c->words[2], value);
        else
            px_text_printf(out, "Variable not found\n");
        return;
    }
    for (char **e = environ; *e; e++)
        px_text_printf(out, "%s\n", *e);
}

static void command_show_info(const struct px_command *c, struct px_text *out)
{
    px_show_info(c, out);
}

static void command_show_stat(const struct px_command *c, struct px_text *out)
{
    px_show_stat(c, out);
}

static void command_help(const struct px_command *c, struct px_text *out);

static const struct command {
    const char *words, *arguments;
    enum px_control_level least;
    void (*run)(const struct px_command *c, struct px_text *out);
    const char *doc;
} commands[] = {
#define PX_COMMAND(words, arguments, least, function, doc)                                         \
    {words, arguments, PX_LEVEL_##least, command_##function, doc},
#include "commands.def"
#undef PX_COMMAND
};

/* How many words of `text` the command line begins with; *all: it has all of them. */
static unsigned words_shared(const struct px_command *c, const char *text, bool *complete)
{
    unsigned n = 0;
    while (*text && n < c->n) {
        size_t len = strcspn(text, " ");
        if (strlen(c->words[n]) != len || strncmp(c->words[n], text, len))
            break;
        n++;
        text += len;
        text += strspn(text, " ");
    }
    *complete = !*text;
    return n;
}

static const struct command *find(const struct px_command *c)
{
    for (unsigned i = 0; i < PX_COUNT(commands); i++) {
        bool complete;
        words_shared(c, commands[i].words, &complete);
        if (complete)
            return &commands[i];
    }
    return NULL;
}

static void put_usage(const struct command *cmd, struct px_text *out)
{
    char usage[128];
    snprintf(usage, sizeof usage, "%s%s", cmd->words, cmd->arguments);
    px_text_printf(out, "  %-40s: %s\n", usage, cmd->doc);
}

static bool is_always_shown(const struct command *cmd)
{
    return !strcmp(cmd->words, "help") || !strcmp(cmd->words, "prompt") ||
           !strcmp(cmd->words, "quit");
}

/* Those that begin with the same words, and always the last three; all when none does. */
static void put_commands(const struct px_command *c, struct px_text *out)
{
    unsigned most = 0;
    bool complete;
    for (unsigned i = 0; i < PX_COUNT(commands); i++) {
        unsigned n = words_shared(c, commands[i].words, &complete);
        most = n > most ? n : most;
    }
    for (unsigned i = 0; i < PX_COUNT(commands); i++) {
        bool like = words_shared(c, commands[i].words, &complete) == most;
        if ((like || is_always_shown(&commands[i])) && commands[i].least <= c->level)
            put_usage(&commands[i], out);
    }
}

static void command_help(const struct px_command *c, struct px_text *out)
{
    struct px_command about = *c;
    about.words++;
    about.n--;
    px_text_printf(out, "The following commands are valid at this level:\n");
    put_commands(&about, out);
}

static void run_words(const struct px_command *c, struct px_text *out)
{
    const struct command *cmd = c->n ? find(c) : NULL;
    if (!cmd) {
        px_text_printf(out, c->n ? "Unknown command: '%s', but maybe one of the following ones is a "
                                   "better match:\n"
                                 : "Unknown command. Please enter one of the following commands "
                                   "only:\n%s", c->n ? c->words[0] : "");
        put_commands(c, out);
    } else if (c->level < cmd->least) {
        px_text_printf(out, "Permission denied\n");
    } else {
        cmd->run(c, out);
    }
}

/* ---- lines ---- */

static unsigned split(char *line, char **words)
{
    unsigned n = 0;
    for (char *p = strtok_r(line, " \t\r", &line); p && n < MOST_WORDS;
         p = strtok_r(NULL, " \t\r", &line))
        words[n++] = p;
    words[n] = NULL;
    return n;
}

static void run_command(struct px_control *k, char *text)
{
    char *words[MOST_WORDS + 1];
    struct px_command c = {.words = words, .n = split(text, words), .from = k, .level = k->level};
    run_words(&c, &k->out);
    if (k->quits)
        return;
    px_text_put(&k->out, "\n", 1);
    if (k->prompts)
        px_text_put(&k->out, "> ", 2);
}

/* Commands of one line are separated by semicolons; a backslash takes that meaning away. */
static void run_line(struct px_control *k, char *line)
{
    char *from = line, *to = line;
    for (char *p = line;; p++) {
        if (*p == '\\' && p[1]) {
            *to++ = *++p;
        } else if (*p == ';' || !*p) {
            bool last = !*p;
            *to = 0;
            run_command(k, from);
            if (last || k->quits)
                return;
            from = to = p + 1;
        } else {
            *to++ = *p;
        }
    }
}

/* ---- connections ---- */

static struct px_control *control_of(struct px_sock *s)
{
    return PX_OWNER(s, struct px_control, sock);
}

static void control_close(struct px_control *k)
{
    *k->link = k->next;
    if (k->next)
        k->next->link = k->link;
    connections--;
    px_sock_close(&k->sock, false);
    px_listeners_resume();
}

static void answer_sent(struct px_control *k)
{
    k->out.len = 0;
    if (k->closing) {
        control_close(k);
        return;
    }
    px_sock_expire(&k->sock, k->patience);
    if (k->sock.in)
        px_sock_again(&k->sock);
    else
        px_sock_want(&k->sock);
}

static void answer(struct px_control *k)
{
    struct iovec v = {k->out.p, k->out.len};
    px_sock_hold(&k->sock);
    enum px_sending s = k->out.len ? px_sock_send(&k->sock, &v, 1) : PX_SENT;
    if (s == PX_SENT)
        answer_sent(k);
    else if (s == PX_SEND_FAILED)
        control_close(k);
    else
        px_sock_expire(&k->sock, k->patience);
}

static void received(struct px_sock *s)
{
    struct px_control *k = control_of(s);
    struct px_buf *in = s->in;
    char *end;
    bool any = false;
    for (unsigned i = 0; i < LINES_AT_ONCE && !k->quits; i++) {
        end = memchr(in->data + in->start, '\n', in->end - in->start);
        if (!end)
            break;
        char *line = in->data + in->start;
        *end = 0;
        in->start = (uint32_t)(end + 1 - in->data);
        run_line(k, line);
        any = true;
    }
    bool more = memchr(in->data + in->start, '\n', in->end - in->start);
    if (k->quits || (any && !k->prompts && !more))
        k->closing = true;
    if (!any && in->start == 0 && in->end == in->cap) {
        control_close(k); /* a line that fills the buffer */
        return;
    }
    px_sock_taken(s);
    if (any)
        answer(k);
}

static void over(struct px_sock *s)
{
    control_close(control_of(s));
}

static void failed(struct px_sock *s, int err)
{
    (void)err;
    over(s);
}

static void sent(struct px_sock *s)
{
    answer_sent(control_of(s));
}

static void hung_up(struct px_sock *s)
{
    if (s->state & PX_S_BROKEN)
        over(s);
}

static void freed(struct px_sock *s)
{
    struct px_control *k = control_of(s);
    free(k->out.p);
    free(k);
}

static const struct px_sock_ops control_ops = {
    .watch = {px_sock_event},
    .received = received,
    .ended = over,
    .sent = sent,
    .failed = failed,
    .hung_up = hung_up,
    .expired = over,
    .freed = freed,
};

static bool may_accept(const struct px_listener *l)
{
    (void)l;
    return connections < (unsigned)px_program.global->stats_maxconn;
}

static void accepted(struct px_listener *l, int fd, const union px_sockaddr *peer)
{
    (void)peer;
    struct px_control *k = calloc(1, sizeof *k);
    if (!k || !px_sock_open(&k->sock, fd, &control_ops)) {
        close(fd);
        free(k);
        return;
    }
    k->bind = l->bind;
    k->level = level_of(l->bind);
    k->patience = (uint64_t)px_program.global->stats_timeout;
    k->next = all;
    k->link = &all;
    if (all)
        all->link = &k->next;
    all = k;
    connections++;
    atomic_fetch_add(&px_total_conns, 1);
    px_sock_expire(&k->sock, k->patience);
    px_sock_want(&k->sock);
}

unsigned px_control_count(void)
{
    return connections;
}

static void close_all(void)
{
    while (all)
        control_close(all);
}

const struct px_mode px_mode_control = {"control", may_accept, accepted, px_control_count, close_all};
