/*
 * The master's control socket. See master_control.h.
 *
 * A command behind "@" and a number is relayed to that worker, as a connection of its own with the
 * level that the session has.
 */
#include "master_control.h"

#include "../abi/tables.h"
#include "../abi/version.h"
#include "../loop/sock.h"
#include "../net/listener.h"
#include "channel.h"
#include "environment.h"
#include "master.h"
#include "master_socket.h"
#include "message.h"
#include "process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RELAY_MS = 10000 };

static const struct px_command_set master_commands;
static struct px_listener listener = {.watch = {.fd = -1}};
static _Atomic unsigned holders = 1;
static struct px_control *waiting[PX_ASKED_MOST];
static unsigned nwaiting;

/* ---- relaying ---- */

struct relay {
    struct px_sock sock;
    struct px_control *session; /* NULL: gone */
    char *text;
};

static void relay_over(struct px_sock *s)
{
    struct relay *r = PX_OWNER(s, struct relay, sock);
    px_sock_close(&r->sock, false);
    if (r->session)
        px_control_resume(r->session);
}

static void relay_failed(struct px_sock *s, int err)
{
    (void)err;
    relay_over(s);
}

static void relay_received(struct px_sock *s)
{
    struct relay *r = PX_OWNER(s, struct relay, sock);
    px_control_put(r->session, s->in->data + s->in->start, s->in->end - s->in->start);
    s->in->start = s->in->end;
    px_sock_taken(s);
    px_sock_expire(s, RELAY_MS);
}

static void relay_sent(struct px_sock *s)
{
    (void)s; /* the answer ends with the connection */
}

static void relay_hung_up(struct px_sock *s)
{
    (void)s; /* the end is read, behind the answer */
}

static void relay_freed(struct px_sock *s)
{
    struct relay *r = PX_OWNER(s, struct relay, sock);
    free(r->text);
    free(r);
}

static const struct px_sock_ops relay_ops = {
    .watch = {px_sock_event},
    .received = relay_received,
    .ended = relay_over,
    .sent = relay_sent,
    .failed = relay_failed,
    .hung_up = relay_hung_up,
    .expired = relay_over,
    .freed = relay_freed,
};

static void session_ended(void *ctx)
{
    struct relay *r = ctx;
    r->session = NULL;
    px_sock_close(&r->sock, false);
}

static bool relay_start(struct relay *r, int channel, enum px_control_level level)
{
    int fd = px_channel_connect(channel, level);
    if (fd < 0)
        return false;
    if (px_sock_open(&r->sock, fd, &relay_ops))
        return true;
    close(fd);
    return false;
}

/* The session waits until the worker has closed the connection. false: not sent. */
static bool relay(struct px_control *k, const struct px_child *child, const char *text)
{
    struct relay *r = calloc(1, sizeof *r);
    const char *payload = px_control_payload(k);
    size_t room = strlen(text) + (payload ? strlen(payload) : 0) + sizeof " <<\n";
    char *line = r ? malloc(room) : NULL;
    if (!line || !relay_start(r, child->channel, px_control_level(k))) {
        free(line);
        free(r);
        return false;
    }
    struct iovec v = {line, (size_t)snprintf(line, room, "%s%s\n%s", text, payload ? " <<" : "",
                                             payload ? payload : "")};
    r->text = line;
    r->session = k;
    px_control_on_end(k, session_ended, r);
    px_sock_expire(&r->sock, RELAY_MS);
    px_sock_want(&r->sock);
    if (px_sock_send(&r->sock, &v, 1) == PX_SEND_FAILED)
        relay_over(&r->sock);
    return true;
}

/* ---- "@" ---- */

/* Workers that go on after a reload have no number of their own, only that of their process. */
static const struct px_child *worker_by(const char *name)
{
    const struct px_estate *e = px_master_estate();
    bool by_pid = *name == '!';
    int number = atoi(name + by_pid);
    for (unsigned i = 0; i < e->nchildren; i++) {
        const struct px_child *c = &e->children[i];
        if (by_pid ? c->pid == number : number == 1 && !c->reloads)
            return c;
    }
    return NULL;
}

static const struct px_child *worker_of_reload(const char *name)
{
    const struct px_estate *e = px_master_estate();
    const struct px_child *c = worker_by(name), *youngest = NULL;
    if (c || strcmp(name, "1"))
        return c;
    for (unsigned i = 0; i < e->nchildren; i++)
        if (!youngest || e->children[i].reloads < youngest->reloads)
            youngest = &e->children[i];
    return youngest;
}

static void say(struct px_control *k, const char *text)
{
    px_control_put(k, text, strlen(text));
    px_control_resume(k);
}

static bool relay_or_say(struct px_control *k, const struct px_child *child, const char *text)
{
    if (!child)
        say(k, "The process is gone.\n\n");
    else if (!relay(k, child, text))
        say(k, "Can't connect to the process.\n\n");
    return true;
}

/* "@1 show info": for that process, "@1": so is all that follows. The master is number 0. */
static bool divert(struct px_control *k, char *text)
{
    text += strspn(text, " \t");
    const struct px_estate *e = px_master_estate();
    int *peer = px_control_peer(k);
    if (*text != '@')
        return *peer && relay_or_say(k, px_estate_find((struct px_estate *)e, *peer), text);
    size_t len = strcspn(text, " \t\r");
    char name[32];
    snprintf(name, sizeof name, "%.*s", (int)len - 1, text + 1);
    char *rest = text + len + strspn(text + len, " \t\r");
    bool own = !*name || !strcmp(name, "0") || !strcmp(name, "master");
    const struct px_child *c = own ? NULL : worker_of_reload(name);
    if (!own && !c) {
        char wrong[96];
        snprintf(wrong, sizeof wrong, "Can't find the target PID matching the prefix '@%s'\n\n",
                 name);
        say(k, wrong);
    } else if (!*rest) {
        *peer = own ? 0 : (int)c->pid;
        px_control_resume(k);
    } else if (own) {
        memmove(text, rest, strlen(rest) + 1);
        return false;
    } else {
        return relay_or_say(k, c, rest);
    }
    return true;
}

static void put_prompt(const struct px_control *k, struct px_text *out)
{
    int peer = *px_control_peer((struct px_control *)k);
    if (peer)
        px_text_printf(out, "%d", peer);
    else
        px_text_printf(out, "master%s", px_master_estate()->failed ? "[ReloadFailed]" : "");
}

/* ---- commands ---- */

static void put_process(struct px_text *out, int pid, const char *type, const char *reloads,
                        int64_t since, const char *version)
{
    char up[48];
    long long s = (long long)(px_self->date_us / 1000000 - since);
    s = s < 0 ? 0 : s;
    snprintf(up, sizeof up, "%lldd%02lldh%02lldm%02llds", s / 86400, s / 3600 % 24, s / 60 % 60,
             s % 60);
    px_text_printf(out, "%-15d %-15s %-15s %-15s %-15s\n", pid, type, reloads, up, version);
}

static void put_workers(struct px_text *out, bool old)
{
    const struct px_estate *e = px_master_estate();
    const struct px_child *now = worker_of_reload("1");
    for (unsigned i = 0; i < e->nchildren; i++) {
        const struct px_child *c = &e->children[i];
        char reloads[16];
        snprintf(reloads, sizeof reloads, "%d", c->reloads);
        if ((c != now) == old)
            put_process(out, (int)c->pid, "worker", reloads, c->since, c->version);
    }
}

static void command_show_proc(const struct px_command *c, struct px_text *out)
{
    const struct px_estate *e = px_master_estate();
    char reloads[48];
    (void)c;
    px_text_printf(out, "%-15s %-15s %-15s %-15s %-15s\n", "#<PID>", "<type>", "<reloads>",
                   "<uptime>", "<version>");
    snprintf(reloads, sizeof reloads, "%d [failed: %d]", e->reloads, e->failed);
    put_process(out, (int)getpid(), "master", reloads, e->since, PX_VERSION_TEXT);
    px_text_printf(out, "# workers\n");
    put_workers(out, false);
    if (e->nchildren > 1) {
        px_text_printf(out, "# old workers\n");
        put_workers(out, true);
    }
    px_text_printf(out, "# programs\n");
}

static void forget_waiting(void *ctx)
{
    for (unsigned i = 0; i < nwaiting; i++)
        if (waiting[i] == ctx)
            waiting[i--] = waiting[--nwaiting];
}

/* The session hears of the end of it by being closed, as with HAProxy. */
static void command_reload(const struct px_command *c, struct px_text *out)
{
    (void)out;
    if (nwaiting < PX_ASKED_MOST) {
        waiting[nwaiting++] = c->from;
        px_control_on_end(c->from, forget_waiting, c->from);
    }
    px_control_wait(c->from);
    px_master_reload();
}

void px_master_control_keep(struct px_estate *e)
{
    for (unsigned i = 0; i < nwaiting && e->nasked < PX_ASKED_MOST; i++)
        e->asked[e->nasked++] = px_control_fd(waiting[i]);
}

/* Those of this program are sessions, those of the one before are only descriptors by now. */
void px_master_control_reloaded(struct px_estate *e)
{
    if (!nwaiting)
        for (unsigned i = 0; i < e->nasked; i++)
            close(e->asked[i]);
    e->nasked = 0;
    while (nwaiting)
        px_control_end(waiting[--nwaiting]);
}

static void command_show_sockets(const struct px_command *c, struct px_text *out)
{
    (void)c;
    (void)out; /* HAProxy does not count its own */
}

static const struct px_command_row rows[] = {
    {"@!<pid>", "", PX_LEVEL_USER, NULL, "send a command to the <pid> process"},
    {"@<relative pid>", "", PX_LEVEL_USER, NULL, "send a command to the <relative pid> process"},
    {"@master", "", PX_LEVEL_USER, NULL, "send a command to the master process"},
    {"operator", "", PX_LEVEL_USER, px_command_operator,
     "lower the level of the current CLI session to operator"},
    {"reload", "", PX_LEVEL_OPERATOR, command_reload, "reload haproxy"},
    {"show cli level", "", PX_LEVEL_USER, px_command_show_level,
     "display the level of the current CLI session"},
    {"show cli sockets", "", PX_LEVEL_OPERATOR, command_show_sockets, "dump list of cli sockets"},
    {"show proc", "", PX_LEVEL_OPERATOR, command_show_proc, "show processes status"},
    {"show version", "", PX_LEVEL_USER, px_command_show_version,
     "show version of the current process"},
    {"user", "", PX_LEVEL_USER, px_command_user,
     "lower the level of the current CLI session to user"},
    {"help", " [<command>]", PX_LEVEL_USER, px_command_help, "list matching or all commands"},
    {"prompt", "", PX_LEVEL_USER, px_command_prompt, "toggle interactive mode with prompt"},
    {"quit", "", PX_LEVEL_USER, px_command_quit, "disconnect"},
};

static const struct px_command_set master_commands = {
    .rows = rows, .n = PX_COUNT(rows), .divert = divert, .prompt = put_prompt};

/* ---- listening ---- */

static void accepted(struct px_listener *l, int fd, const union px_sockaddr *peer)
{
    (void)peer;
    px_control_start(fd, &master_commands, px_control_level_of(l->bind), l->bind);
}

static const struct px_mode mode_master = {.name = "master",
                                           .may_accept = px_control_has_room,
                                           .accepted = accepted,
                                           .open = px_control_count,
                                           .close_all = px_control_close_all};

bool px_master_control_open(int *fd)
{
    static struct px_bind bind;
    char address[PX_SOCKET_TEXT];
    if (!px_options.master_socket)
        return true;
    if (!px_master_socket_read(px_options.master_socket, &bind))
        return false;
    bind.serve = &mode_master;
    px_socket_text(&bind, address);
    setenv("HAPROXY_MASTER_CLI", address, 1);
    if (*fd < 0) {
        struct px_sockets sockets;
        struct px_refusal why;
        if (!px_listen(&bind, 1, false, &sockets, &why)) {
            px_alert("Binding [-S] for the master: %s", why.text);
            return false;
        }
        *fd = sockets.fds[0];
    }
    listener = (struct px_listener){.watch = {.fd = *fd}, .bind = &bind};
    return true;
}

bool px_master_control_start(void)
{
    return listener.watch.fd < 0 ||
           px_listener_start(&listener, listener.bind, listener.watch.fd, &holders);
}

void px_master_control_forget(void)
{
    if (listener.watch.fd >= 0)
        close(listener.watch.fd);
    listener.watch.fd = -1;
}
