/*
 * Checks that ask the agent of a server: one line of words about how the server does. See check.h.
 *
 * Only what an agent has said, and what is understood, counts: whether the server can be reached is
 * found out by its other checks. Of words of the same sort in a line, the last one counts; they are
 * told apart without regard to case.
 * Source: HAProxy manual 5.2, "agent-check", "agent-send".
 */
#include "check.h"

#include "../base/macros.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What a line says. Pointers lead into it, and are NULL where nothing is said. */
struct said {
    const char *health;  /* up, down, fail, stopped */
    const char *admin;   /* ready, drain, maint */
    const char *weight;  /* 50% */
    const char *maxconn; /* the number of "maxconn:50" */
    const char *wrong;   /* the first word that is none of these */
    const char *text;    /* behind '#' */
};

#define BLANKS " \t,"

static void over(struct px_checker *c, enum px_check_status status, const char *info)
{
    struct px_check_conn *conn = c->run;
    c->run = NULL;
    px_check_hang_up(conn, true);
    px_check_over(c, status, 0, info);
}

/* ---- the words ---- */

static bool is_one_of(const char *word, const char *const *words)
{
    while (*words && strcasecmp(word, *words))
        words++;
    return *words;
}

static bool is_weight(const char *word)
{
    return *word >= '0' && *word <= '9' && strchr(word, '%');
}

static void sort_word(struct said *s, const char *word)
{
    static const char *const healths[] = {"up", "down", "fail", "stopped", NULL};
    static const char *const admins[] = {"ready", "drain", "maint", NULL};
    if (is_one_of(word, healths))
        s->health = word;
    else if (is_one_of(word, admins))
        s->admin = word;
    else if (is_weight(word))
        s->weight = word;
    else if (!strncasecmp(word, "maxconn:", 8))
        s->maxconn = word + 8;
    else if (!s->wrong)
        s->wrong = word;
}

/* "down#why" without a blank between: where that begins, else NULL. */
static char *described(char *word)
{
    static const char *const troubles[] = {"down", "fail", "stopped"};
    for (unsigned i = 0; i < PX_COUNT(troubles); i++) {
        size_t len = strlen(troubles[i]);
        if (!strncasecmp(word, troubles[i], len) && word[len] == '#')
            return word + len;
    }
    return NULL;
}

static void describe(struct said *s, char *text)
{
    s->text = text + strspn(text, BLANKS);
}

static void read_line(struct said *s, char *line)
{
    char *next;
    for (char *word = line + strspn(line, BLANKS); *word; word = next + strspn(next, BLANKS)) {
        char *hash = *word == '#' ? word : described(word);
        if (hash)
            describe(s, hash + 1);
        if (hash == word)
            return;
        next = hash ? hash : word + strcspn(word, BLANKS);
        bool last = hash || !*next;
        *next = 0;
        sort_word(s, word);
        if (last)
            return;
        next++;
    }
}

/* ---- what becomes of them ---- */

static unsigned reasons_of(const char *admin)
{
    return !strcasecmp(admin, "maint")   ? PX_ADMIN_FORCED_MAINT
           : !strcasecmp(admin, "drain") ? PX_ADMIN_FORCED_DRAIN
                                         : 0;
}

static const char *set_maxconn(const struct px_server *srv, const char *text)
{
    uint32_t n;
    const char *wrong = *text ? px_limit_read(text, &n) : "Require <maxconn>.";
    if (!wrong)
        px_maxconn_set(srv, n);
    return wrong;
}

/* Management Guide 9.3, "disable agent": of one that was asked before, the rest counts. NULL: done;
 * else what is wrong. */
static const char *apply(const struct px_server *srv, const struct said *s)
{
    bool enabled = px_server_state(srv)->agent.state & PX_CHECK_ENABLED;
    const char *wrong = NULL;
    if (s->admin && (enabled || reasons_of(s->admin) != PX_ADMIN_FORCED_DRAIN))
        px_admin_force(srv, reasons_of(s->admin));
    if (s->weight && enabled)
        wrong = px_weight_set(srv, s->weight);
    const char *limit = s->maxconn ? set_maxconn(srv, s->maxconn) : NULL;
    return wrong ? wrong : limit;
}

static void conclude(struct px_checker *c, char *line)
{
    struct said s = {0};
    char info[128] = "";
    read_line(&s, line);
    const char *warning = apply(c->srv, &s);
    const char *more = s.text ? s.text : s.wrong ? s.wrong : warning;
    if (s.health)
        snprintf(info, sizeof info, more ? "via agent : %s (%s)" : "via agent : %s", s.health,
                 more);
    else if (s.wrong || warning)
        snprintf(info, sizeof info, "agent %s : %s", s.wrong ? "reports an error" : "warns",
                 s.wrong ? s.wrong : warning);
    over(c,
         !s.health                     ? PX_STATUS_CHECKED
         : !strcasecmp(s.health, "up") ? PX_STATUS_L7OK
                                       : PX_STATUS_L7STS,
         info);
}

/* ---- the connection ---- */

static void failed(struct px_sock *s, int err)
{
    struct px_check_conn *conn = px_check_conn_of(s);
    over(conn->checker, conn->up ? PX_STATUS_SOCKERR : PX_STATUS_L4CON, strerror(err));
}

static const char *question(const struct px_server *srv)
{
    const struct px_question *changed = px_server_state(srv)->question;
    if (changed)
        return changed->text;
    return srv->agent_send ? srv->agent_send : "";
}

static void connected(struct px_sock *s)
{
    struct px_check_conn *conn = px_check_conn_of(s);
    const char *text = question(conn->checker->srv);
    struct iovec v = {(char *)text, strlen(text)};
    conn->up = true;
    px_check_connected(conn, false);
    /* It may be another one soon, so it does not wait for room that a fresh connection lacks. */
    enum px_sending how = v.iov_len ? px_sock_send(s, &v, 1) : PX_SENT;
    if (how != PX_SENT)
        failed(s, how == PX_QUEUED ? ENOBUFS : ECONNRESET);
    else
        px_sock_want(s);
}

/* Nothing in it ends the text before the line is complete. */
static char *whole_line(struct px_sock *s)
{
    char *line = s->in->data + s->in->start;
    size_t len = px_buf_len(s->in);
    for (size_t i = 0; i < len && line[i]; i++) {
        if (line[i] != '\r' && line[i] != '\n')
            continue;
        line[i] = 0;
        return line;
    }
    return NULL;
}

static void received(struct px_sock *s)
{
    struct px_checker *c = px_check_conn_of(s)->checker;
    char *line = whole_line(s);
    if (line)
        conclude(c, line);
    else if (px_buf_len(s->in) == s->in->cap)
        over(c, PX_STATUS_L7TOUT, "Ignoring incomplete line from agent");
}

static void ended(struct px_sock *s)
{
    struct px_checker *c = px_check_conn_of(s)->checker;
    if (s->in && px_buf_len(s->in))
        over(c, PX_STATUS_L7TOUT, "Ignoring incomplete line from agent");
    else
        over(c, PX_STATUS_L7RSP, "TCPCHK got an empty response at step 2");
}

static void nothing(struct px_sock *s)
{
    (void)s;
}

static const struct px_sock_ops agent_ops = {
    .watch = {px_sock_event},
    .connected = connected,
    .received = received,
    .ended = ended,
    .sent = nothing,
    .failed = failed,
    .hung_up = nothing,
    .expired = nothing,
    .freed = px_check_freed,
};

static void begin(struct px_checker *c)
{
    struct px_check_failure why;
    c->run = px_check_dial(c, &(struct px_check_way){.speaks = true}, &agent_ops, &why);
    if (!c->run)
        px_check_over(c, why.status, 0, why.info);
}

static void expired(struct px_checker *c)
{
    struct px_check_conn *conn = c->run;
    over(c, conn->up ? PX_STATUS_L7TOUT : PX_STATUS_L4TOUT, NULL);
}

const struct px_check_kind px_check_agent = {begin, expired};
