/*
 * Alerts by mail. See mail.h.
 *
 * Each alert becomes a letter for each mailer of its section. A mailer gets one letter after the
 * other, each on a connection of its own, and each only once: what fails is said and not repeated.
 * The dialogue is a table: what a mailer has to answer, and what it is told then (RFC 5321 3.3).
 */
#include "mail.h"

#include "../base/macros.h"
#include "../loop/sock.h"
#include "../net/addr.h"
#include "../net/resolve.h"
#include "../txn/end.h"
#include "message.h"
#include "process.h"
#include "text.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { MOST_ALERTS = 1000, MOST_LETTERS = 200, REPLY_BYTES = 200 };

/* On its way to the loop that sends. */
struct alert {
    struct px_note note;
    const struct px_proxy *be;
    time_t when;
    char text[];
};

struct letter {
    struct letter *next;
    const struct px_proxy *be;
    time_t when;
    char text[];
};

struct post { /* to one mailer */
    const struct px_mailers *section;
    const struct px_mailer *mailer;
    union px_sockaddr addr;
    socklen_t addr_len;
    struct letter *first, **last;
    unsigned n;
    bool busy; /* with the first letter */
    bool over; /* it has left */
    unsigned step;
    struct px_sock sock;
    struct px_text out;
};

static struct px_loop *home; /* NULL: not started */
static struct post *posts;   /* in the order of the sections */
static _Atomic unsigned nalerts;

static struct post *post_of(struct px_sock *s)
{
    return PX_OWNER(s, struct post, sock);
}

/* ---- texts ---- */

static void put_helo(struct post *p, const struct letter *l)
{
    px_text_printf(&p->out, "HELO %s\r\n", px_hostname(l->be->email_myhostname));
}

static void put_from(struct post *p, const struct letter *l)
{
    px_text_printf(&p->out, "MAIL FROM:<%s>\r\n", l->be->email_from);
}

static void put_to(struct post *p, const struct letter *l)
{
    px_text_printf(&p->out, "RCPT TO:<%s>\r\n", l->be->email_to);
}

static void put_data(struct post *p, const struct letter *l)
{
    (void)l;
    px_text_printf(&p->out, "DATA\r\n");
}

/* A text never begins with a dot, nor does it have several lines (letter_new). */
static void put_letter(struct post *p, const struct letter *l)
{
    char date[64];
    struct tm tm;
    strftime(date, sizeof date, "%a, %d %b %Y %T %z (%Z)", localtime_r(&l->when, &tm));
    px_text_printf(&p->out,
                   "From: %s\r\nTo: %s\r\nDate: %s\r\nSubject: [HAProxy Alert] %s\r\n\r\n"
                   "%s\r\n\r\n.\r\n",
                   l->be->email_from, l->be->email_to, date, l->text, l->text);
}

static void put_quit(struct post *p, const struct letter *l)
{
    (void)l;
    p->over = true;
    px_text_printf(&p->out, "QUIT\r\n");
}

/* What the mailer answers begins with this digit or these; then it is told that. */
static const struct {
    const char *reply;
    void (*put)(struct post *p, const struct letter *l); /* NULL: that was all */
} steps[] = {
    {"220", put_helo}, {"250", put_from},   {"250", put_to}, {"25", put_data},
    {"354", put_letter}, {"250", put_quit}, {"221", NULL},
};

/* ---- letters ---- */

static void begin(struct post *p);

static void complain(const struct post *p, const char *what, const char *reply)
{
    char text[512];
    snprintf(text, sizeof text, "Alert for %s %s was not sent by mailer %s/%s: %s%s.",
             p->first->be->caps & PX_FRONTEND ? "proxy" : "backend", p->first->be->name,
             p->section->name, p->mailer->name, what, reply);
    px_warning("%s", text);
    if (px_program.log)
        px_program.log->event(p->first->be, PX_WARNING, text);
}

static void letter_done(struct post *p)
{
    struct letter *l = p->first;
    p->first = l->next;
    if (!p->first)
        p->last = &p->first;
    p->n--;
    p->busy = false;
    free(l);
    begin(p);
}

/* ---- connections ---- */

/* `why` NULL: all went well. */
static void hang_up(struct post *p, const char *why, const char *reply)
{
    if (why && !p->over)
        complain(p, why, reply);
    px_sock_close(&p->sock, why);
}

static void send_next(struct post *p)
{
    p->out.len = 0;
    steps[p->step].put(p, p->first);
    p->step++;
    struct iovec v = {p->out.p, p->out.len};
    if (!p->out.len || px_sock_send(&p->sock, &v, 1) == PX_SEND_FAILED)
        hang_up(p, "the connection is gone", "");
}

/* false: the connection is closed. */
static bool take_reply(struct post *p, const char *line, size_t len)
{
    const char *wanted = steps[p->step].reply;
    char reply[REPLY_BYTES] = "";
    if (len > 3 && line[3] == '-') /* RFC 5321 4.2.1: there is more */
        return true;
    if (len < 3 || strncmp(line, wanted, strlen(wanted))) {
        for (size_t i = 0; i < len && i < sizeof reply - 1; i++)
            reply[i] = line[i] < ' ' || line[i] > '~' ? '?' : line[i];
        hang_up(p, "it answers ", reply);
        return false;
    }
    if (steps[p->step].put) {
        if (px_sock_sending(&p->sock) || px_buf_len(p->sock.in)) {
            hang_up(p, "it answers what it was not told yet", "");
            return false;
        }
        send_next(p);
        return !(p->sock.state & PX_S_CLOSED);
    }
    hang_up(p, NULL, "");
    return false;
}

static void received(struct px_sock *s)
{
    struct post *p = post_of(s);
    for (char *nl; s->in && (nl = memchr((s->in->data + s->in->start), '\n', px_buf_len(s->in)));) {
        const char *line = (s->in->data + s->in->start);
        size_t len = (size_t)(nl - line);
        size_t text = len && line[len - 1] == '\r' ? len - 1 : len;
        s->in->start += (uint32_t)(len + 1);
        if (!take_reply(p, line, text))
            return;
    }
    if (s->in && px_buf_len(s->in) > 4096)
        hang_up(p, "it does not end its line", "");
    else
        px_sock_taken(s);
}

static void connected(struct px_sock *s)
{
    px_sock_want(s);
}

static void sent(struct px_sock *s)
{
    (void)s;
}

static void over(struct px_sock *s)
{
    hang_up(post_of(s), "it has hung up", "");
}

static void failed(struct px_sock *s, int err)
{
    hang_up(post_of(s), strerror(err), "");
}

static void expired(struct px_sock *s)
{
    hang_up(post_of(s), "it takes too long", "");
}

static void freed(struct px_sock *s)
{
    letter_done(post_of(s));
}

static const struct px_sock_ops ops = {
    .watch = {px_sock_event},
    .connected = connected,
    .received = received,
    .ended = over,
    .sent = sent,
    .failed = failed,
    .hung_up = over,
    .expired = expired,
    .freed = freed,
};

static void begin(struct post *p)
{
    while (p->first && !p->busy) {
        p->busy = true;
        p->over = false;
        p->step = 0;
        if (px_sock_dial(&p->sock, &p->addr.sa, p->addr_len, &ops)) {
            px_sock_expire(&p->sock, (uint64_t)p->section->timeout_mail);
            return;
        }
        complain(p, strerror(errno), "");
        struct letter *l = p->first;
        p->first = l->next;
        if (!p->first)
            p->last = &p->first;
        p->n--;
        p->busy = false;
        free(l);
    }
}

/* ---- alerts ---- */

static void letter_add(struct post *p, const struct alert *a)
{
    size_t len = strlen(a->text);
    struct letter *l = p->n < MOST_LETTERS ? malloc(sizeof *l + len + 1) : NULL;
    if (!l) /* the others say what happens */
        return;
    *l = (struct letter){.be = a->be, .when = a->when};
    memcpy(l->text, a->text, len + 1);
    *p->last = l;
    p->last = &l->next;
    p->n++;
    begin(p);
}

static void delivered(struct px_note *note)
{
    struct alert *a = PX_OWNER(note, struct alert, note);
    for (struct post *p = posts; p->section; p++)
        if (p->section == a->be->mailers)
            letter_add(p, a);
    free(a);
    nalerts--;
}

static struct alert *alert_new(const struct px_proxy *be, const char *text)
{
    size_t len = strlen(text);
    struct alert *a = malloc(sizeof *a + len + 1);
    if (!a)
        return NULL;
    *a = (struct alert){.note = {.deliver = delivered}, .be = be};
    a->when = (time_t)(px_self->date_us / 1000000);
    for (size_t i = 0; i < len; i++)
        a->text[i] = text[i] < ' ' || text[i] > '~' ? '?' : text[i];
    a->text[len] = 0;
    if (len && a->text[len - 1] == '.')
        a->text[len - 1] = 0;
    return a;
}

static void mail_send(const struct px_proxy *be, int level, const char *text)
{
    if (!home || !be->mailers || level > be->email_level)
        return;
    struct alert *a = nalerts < MOST_ALERTS ? alert_new(be, text) : NULL;
    if (!a)
        return;
    nalerts++;
    px_loop_post(home, &a->note);
}

/* ---- life ---- */

static bool post_prepare(struct post *p, const struct px_mailers *section,
                         const struct px_mailer *mailer)
{
    const char *why = NULL;
    *p = (struct post){.section = section, .mailer = mailer};
    p->last = &p->first;
    p->addr_len = px_resolve(&mailer->addr, mailer->addr.port, &p->addr, &why);
    if (!p->addr_len)
        px_alert("could not resolve address '%s' of mailer %s/%s: %s.",
                 mailer->addr.path ? mailer->addr.path : "", section->name, mailer->name, why);
    return p->addr_len;
}

static bool mail_prepare(void)
{
    unsigned n = 0;
    for (unsigned i = 0; i < px_program.nmailers; i++)
        n += px_program.mailers[i].n;
    posts = calloc(n + 1u, sizeof *posts);
    if (!posts) {
        px_alert("Cannot start: out of memory.");
        return false;
    }
    struct post *p = posts;
    for (unsigned i = 0; i < px_program.nmailers; i++)
        for (unsigned k = 0; k < px_program.mailers[i].n; k++)
            if (!post_prepare(p++, &px_program.mailers[i], &px_program.mailers[i].mailers[k]))
                return false;
    return true;
}

static void mail_start(void)
{
    home = px_self;
}

const struct px_mail_ops px_mail = {
    .prepare = mail_prepare,
    .start = mail_start,
    .send = mail_send,
};
