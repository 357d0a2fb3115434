/*
 * Sessions on control sockets. See control.h.
 */
#include "control.h"

#include "../abi/tables.h"
#include "../loop/sock.h"
#include "../net/listener.h"
#include "../upstream/state.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_WORDS = 64, LINES_AT_ONCE = 64, MOST_PAYLOAD = 16 << 20 };

struct px_control {
    struct px_sock sock;
    const struct px_command_set *set;
    const struct px_bind *bind; /* NULL: not through a listener of the configuration */
    struct px_control *next, **link;
    struct px_text out;
    char *line, *at; /* the commands of a line that are still to be run; NULL: none */
    char *begun;     /* a command of the line whose payload is being collected; NULL: none */
    struct px_text payload;
    uint64_t patience;
    int peer;
    enum px_control_level level;
    bool prompts, quits, diverted, running, deaf, stopped;
    void (*more)(void *ctx, struct px_text *out); /* of a stream; NULL: there is none */
    struct px_timer next_part;
    void (*ended)(void *ctx);
    void *ended_ctx;
};

static struct px_control *all;
static unsigned connections;

/* ---- for commands ---- */

void px_control_lower(struct px_control *k, enum px_control_level level)
{
    if (k->level > level)
        k->level = level;
}

void px_control_toggle_prompt(struct px_control *k)
{
    k->prompts = !k->prompts;
}

void px_control_quit(struct px_control *k)
{
    k->quits = true;
}

void px_control_wait(struct px_control *k)
{
    k->diverted = true;
}

void px_control_deafen(struct px_control *k)
{
    k->deaf = true;
}

void px_control_set_patience(struct px_control *k, uint64_t ms)
{
    k->patience = ms;
}

const struct px_bind *px_control_bind(const struct px_control *k)
{
    return k->bind;
}

int px_control_fd(const struct px_control *k)
{
    return k->sock.watch.fd;
}

int *px_control_peer(struct px_control *k)
{
    return &k->peer;
}

char *px_control_payload(struct px_control *k)
{
    return k->payload.len ? k->payload.p : NULL;
}

bool px_control_prompts(const struct px_control *k)
{
    return k->prompts;
}

enum px_control_level px_control_level(const struct px_control *k)
{
    return k->level;
}

void px_control_put(struct px_control *k, const char *p, size_t len)
{
    px_text_put(&k->out, p, len);
}

void px_control_on_end(struct px_control *k, void (*ended)(void *ctx), void *ctx)
{
    k->ended = ended;
    k->ended_ctx = ctx;
}

/* ---- finding commands ---- */

/* How many words of `text` the command line begins with; *complete: it has all of them. */
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

static const struct px_command_row *find(const struct px_command *c)
{
    const struct px_command_set *set = c->from->set;
    for (unsigned i = 0; i < set->n; i++) {
        bool complete;
        words_shared(c, set->rows[i].words, &complete);
        if (complete && set->rows[i].run)
            return &set->rows[i];
    }
    return NULL;
}

static void put_usage(const struct px_command_row *row, struct px_text *out)
{
    int len = (int)(strlen(row->words) + strlen(row->arguments));
    px_text_printf(out, "  %s%s%*s: %s\n", row->words, row->arguments, len < 40 ? 40 - len : 0, "",
                   row->doc);
}

static bool is_always_shown(const struct px_command_row *row)
{
    return !strcmp(row->words, "help") || !strcmp(row->words, "prompt") ||
           !strcmp(row->words, "quit");
}

/* Those that begin with the same words, and always the last three; all when none does. */
static void put_commands(const struct px_command *c, struct px_text *out)
{
    const struct px_command_set *set = c->from->set;
    unsigned most = 0;
    bool complete;
    for (unsigned i = 0; i < set->n; i++) {
        unsigned n = words_shared(c, set->rows[i].words, &complete);
        most = n > most ? n : most;
    }
    for (unsigned i = 0; i < set->n; i++) {
        const struct px_command_row *row = &set->rows[i];
        bool like = words_shared(c, row->words, &complete) == most;
        if (*row->doc && (like || is_always_shown(row)) && row->least <= c->level)
            put_usage(row, out);
    }
}

void px_command_help(const struct px_command *c, struct px_text *out)
{
    struct px_command about = *c;
    about.words++;
    about.n--;
    px_text_printf(out, "The following commands are valid at this level:\n");
    put_commands(&about, out);
}

static void run_words(const struct px_command *c, struct px_text *out)
{
    const struct px_command_row *row = c->n ? find(c) : NULL;
    if (!row) {
        px_text_printf(out, "Unknown command%s\n",
                       c->n ? ", but maybe one of the following ones is a better match:"
                            : ". Please enter one of the following commands only:");
        put_commands(c, out);
    } else if (c->level < row->least) {
        px_text_printf(out, "Permission denied\n");
    } else {
        row->run(c, out);
    }
}

/* ---- lines ---- */

/* A backslash takes the meaning of what follows away. */
static unsigned split(char *text, char **words)
{
    unsigned n = 0;
    for (text += strspn(text, " \t\r"); *text && n < MOST_WORDS; text += strspn(text, " \t\r")) {
        char *to = text;
        words[n++] = text;
        while (*text && !strchr(" \t\r", *text)) {
            if (*text == '\\' && text[1])
                text++;
            *to++ = *text++;
        }
        if (*text)
            text++;
        *to = 0;
    }
    words[n] = NULL;
    return n;
}

static void put_prompt(struct px_control *k)
{
    if (!k->prompts)
        return;
    if (k->set->prompt)
        k->set->prompt(k, &k->out);
    px_text_put(&k->out, "> ", 2);
}

/* Takes the mark of a payload from the end of a command. false: there is none. */
static bool announces_payload(char *text)
{
    size_t len = strlen(text);
    while (len && strchr(" \t\r", text[len - 1]))
        len--;
    if (len < 3 || strncmp(text + len - 2, "<<", 2) || !strchr(" \t", text[len - 3]))
        return false;
    text[len - 2] = 0;
    return true;
}

static void begin_payload(struct px_control *k, char *text)
{
    k->begun = text;
    k->payload.len = 0;
    if (k->prompts)
        px_text_put(&k->out, "+ ", 2);
}

static void run_command(struct px_control *k, char *text)
{
    char *words[MOST_WORDS + 1];
    k->diverted = k->set->divert;
    if (k->diverted && k->set->divert(k, text))
        return;
    k->diverted = false;
    struct px_command c = {.words = words, .n = split(text, words), .from = k, .level = k->level};
    c.payload = px_control_payload(k);
    run_words(&c, &k->out);
    if (k->quits || k->deaf || k->diverted)
        return;
    px_text_put(&k->out, "\n", 1);
    put_prompt(k);
}

/* Commands of one line are separated by semicolons. */
static char *next_command(struct px_control *k)
{
    char *from = k->at, *p = from;
    while (*p && *p != ';')
        p += *p == '\\' && p[1] ? 2 : 1;
    k->at = *p ? p + 1 : NULL;
    *p = 0;
    return from;
}

static bool is_listening(const struct px_control *k)
{
    return !k->quits && !k->diverted && !k->deaf;
}

static void run_line(struct px_control *k)
{
    while (k->at && is_listening(k)) {
        char *text = next_command(k);
        if (!k->at && announces_payload(text)) {
            begin_payload(k, text);
            return;
        }
        k->running = true;
        run_command(k, text);
        k->running = false;
    }
    if (k->at)
        return;
    free(k->line);
    k->line = NULL;
}

/* An empty line ends the payload, and the command is run. */
static void collect(struct px_control *k, const char *p, size_t len)
{
    while (len && p[len - 1] == '\r')
        len--;
    if (k->payload.len + len > MOST_PAYLOAD) {
        k->quits = true;
        return;
    }
    px_text_put(&k->payload, p, len);
    px_text_put(&k->payload, "\n", 1);
    if (len) {
        if (k->prompts)
            px_text_put(&k->out, "+ ", 2);
        return;
    }
    char *text = k->begun;
    k->begun = NULL;
    px_text_put(&k->payload, "", 1);
    k->running = true;
    run_command(k, text);
    k->running = false;
    k->payload.len = 0;
    run_line(k);
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
    px_timer_stop(&k->next_part);
    if (k->ended)
        k->ended(k->ended_ctx);
    px_sock_close(&k->sock, false);
    px_listeners_resume();
}

static char *last_semicolon(struct px_buf *in)
{
    char *last = NULL;
    for (char *p = in->data + in->start, *end = in->data + in->end; p < end; p++)
        if (*p == '\\')
            p++;
        else if (*p == ';')
            last = p;
    return last;
}

/* While there is no line feed, commands with a semicolon behind them are complete, too. */
static char *end_of_line(const struct px_control *k)
{
    struct px_buf *in = k->sock.in;
    char *end = in ? memchr(in->data + in->start, '\n', in->end - in->start) : NULL;
    return end || !in || k->begun ? end : last_semicolon(in);
}

void px_control_end(struct px_control *k)
{
    k->ended = NULL;
    if (k->running)
        k->quits = true;
    else
        control_close(k);
}

/* The next complete line of the input, taken out of it: commands, or more of a payload. false:
 * there is none. */
static bool next_line(struct px_control *k)
{
    struct px_buf *in = k->sock.in;
    char *end = end_of_line(k);
    if (!end)
        return false;
    char *from = in->data + in->start;
    if (k->begun) {
        in->start = (uint32_t)(end + 1 - in->data);
        collect(k, from, (size_t)(end - from));
        return true;
    }
    k->line = k->at = strndup(from, (size_t)(end - from));
    in->start = (uint32_t)(end + 1 - in->data);
    if (!k->line)
        k->quits = true; /* out of memory */
    return true;
}

/* Without a prompt, all is over when what came has been answered. */
static bool is_complete(const struct px_control *k)
{
    const struct px_buf *in = k->sock.in;
    bool more = k->line || (in && in->start < in->end);
    return k->quits || (!k->deaf && !k->prompts && !more);
}

static void answer_sent(struct px_control *k)
{
    k->out.len = 0;
    if (is_complete(k)) {
        control_close(k);
        return;
    }
    px_sock_expire(&k->sock, k->patience);
    if (k->sock.in)
        px_sock_again(&k->sock);
    px_sock_want(&k->sock);
}

/* ---- streams ---- */

void px_control_stream(struct px_control *k, void (*more)(void *ctx, struct px_text *out),
                       void (*ended)(void *ctx), void *ctx)
{
    k->diverted = true;
    k->stopped = false;
    k->more = more;
    px_control_on_end(k, ended, ctx);
}

static void stream_end(struct px_control *k)
{
    k->more = NULL;
    px_timer_stop(&k->next_part);
    k->ended(k->ended_ctx);
    px_text_put(&k->out, "\n", 1);
    px_control_resume(k);
}

/* Whatever is entered stops it, so there is no other moment in which it would not be received. */
void px_control_go_on(struct px_control *k)
{
    if (px_sock_sending(&k->sock))
        return;
    if (k->stopped) {
        stream_end(k);
        return;
    }
    k->more(k->ended_ctx, &k->out);
    struct iovec v = {k->out.p, k->out.len};
    enum px_sending s = k->out.len ? px_sock_send(&k->sock, &v, 1) : PX_QUEUED;
    if (s == PX_SEND_FAILED) {
        control_close(k);
        return;
    }
    if (k->out.len)
        px_sock_expire(&k->sock, k->patience);
    px_sock_want(&k->sock);
    if (s != PX_SENT)
        return;
    k->out.len = 0;
    px_arm(&k->next_part, 1);
}

static void next_part_due(struct px_timer *timer)
{
    px_control_go_on(PX_OWNER(timer, struct px_control, next_part));
}

static void stream_stop(struct px_control *k)
{
    k->stopped = true;
    k->sock.in->start = k->sock.in->end;
    px_sock_taken(&k->sock);
    px_control_go_on(k);
}

/* ---- answers ---- */

static void answer(struct px_control *k)
{
    if (k->more) {
        if (k->sock.in)
            px_sock_again(&k->sock); /* what was entered already stops it, too */
        px_control_go_on(k);
        return;
    }
    struct iovec v = {k->out.p, k->out.len};
    px_sock_hold(&k->sock);
    if (k->diverted)
        return; /* what is there waits for the rest */
    enum px_sending s = k->out.len ? px_sock_send(&k->sock, &v, 1) : PX_SENT;
    if (s == PX_SENT)
        answer_sent(k);
    else if (s == PX_SEND_FAILED)
        control_close(k);
    else
        px_sock_expire(&k->sock, k->patience);
}

/* Runs what is there, up to a command that somebody else answers. false: there was nothing. */
static bool go_on(struct px_control *k)
{
    bool any = k->line && !k->begun;
    if (!k->begun)
        run_line(k);
    for (unsigned i = 0; i < LINES_AT_ONCE && is_listening(k) && next_line(k); i++) {
        any = true;
        if (!k->begun && k->line)
            run_line(k);
    }
    if (k->sock.in)
        px_sock_taken(&k->sock);
    return any;
}

static void received(struct px_sock *s)
{
    struct px_control *k = control_of(s);
    if (k->more) {
        stream_stop(k);
    } else if (k->deaf) {
        s->in->start = s->in->end;
        px_sock_taken(s);
    } else if (go_on(k))
        answer(k);
    else if (s->in && s->in->start == 0 && s->in->end == s->in->cap)
        control_close(k); /* a line that fills the buffer */
}

void px_control_resume(struct px_control *k)
{
    k->diverted = false;
    k->ended = NULL;
    put_prompt(k);
    if (k->running)
        return;
    go_on(k);
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
    struct px_control *k = control_of(s);
    if (k->more) {
        k->out.len = 0;
        px_control_go_on(k);
    } else {
        answer_sent(k);
    }
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
    free(k->payload.p);
    free(k->line);
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

void px_control_start(int fd, const struct px_command_set *set, enum px_control_level level,
                      const struct px_bind *bind)
{
    struct px_control *k = calloc(1, sizeof *k);
    if (!k || !px_sock_open(&k->sock, fd, &control_ops)) {
        close(fd);
        free(k);
        return;
    }
    k->set = set;
    k->level = level;
    k->bind = bind;
    k->next_part.fire = next_part_due;
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

/* ---- listening ---- */

const char *px_control_level_name(enum px_control_level level)
{
    static const char *const names[] = {"user", "operator", "admin"};
    return names[level];
}

enum px_control_level px_control_level_of(const struct px_bind *b)
{
    if (!b->level)
        return PX_LEVEL_OPERATOR;
    for (int i = PX_LEVEL_USER; i < PX_LEVEL_ADMIN; i++)
        if (!strcmp(b->level, px_control_level_name((enum px_control_level)i)))
            return (enum px_control_level)i;
    return PX_LEVEL_ADMIN;
}

bool px_control_has_room(const struct px_listener *l)
{
    (void)l;
    return connections < (unsigned)px_program.global->stats_maxconn;
}

static void accepted(struct px_listener *l, int fd, const union px_sockaddr *peer)
{
    (void)peer;
    px_control_start(fd, &px_commands, px_control_level_of(l->bind), l->bind);
}

unsigned px_control_count(void)
{
    return connections;
}

void px_control_close_all(void)
{
    while (all)
        control_close(all);
}

const struct px_mode px_mode_control = {.name = "control",
                                        .may_accept = px_control_has_room,
                                        .accepted = accepted,
                                        .open = px_control_count,
                                        .close_all = px_control_close_all};
