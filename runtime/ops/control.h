/*
 * Control sockets: commands in lines, answers that end with an empty line.
 *
 * Not here: the commands themselves (commands.c, master_control.c).
 * Idea: a session has a set of commands. A command that somebody else has to answer is diverted:
 * the session waits until px_control_resume.
 * Source: HAProxy Management Guide, "Unix Socket commands".
 */
#ifndef PX_CONTROL_H
#define PX_CONTROL_H

#include "text.h"

#include <stdbool.h>
#include <stdint.h>

enum px_control_level { PX_LEVEL_USER, PX_LEVEL_OPERATOR, PX_LEVEL_ADMIN };

struct px_bind;
struct px_listener;
struct px_control; /* a session */
union px_sockaddr;

/* What a command is called with: the words of its line, and who asks. */
struct px_command {
    char **words; /* the command itself included; ends with NULL */
    unsigned n;
    char *payload; /* the lines behind a command that ends with "<<"; NULL: it does not */
    struct px_control *from;
    enum px_control_level level;
};

struct px_command_row {
    const char *words, *arguments; /* as help shows them */
    enum px_control_level least;
    void (*run)(const struct px_command *c, struct px_text *out);
    const char *doc;
};

struct px_command_set {
    const struct px_command_row *rows;
    unsigned n;
    /* Takes a command, and calls px_control_resume when it has been answered; false: it is for
     * this set. NULL: none are taken. */
    bool (*divert)(struct px_control *k, char *text);
    /* Before "> ". NULL: nothing. */
    void (*prompt)(const struct px_control *k, struct px_text *out);
};
extern const struct px_command_set px_commands;

/* Starts a session on a connected descriptor, which is closed in any case. bind may be NULL. */
void px_control_start(int fd, const struct px_command_set *set, enum px_control_level level,
                      const struct px_bind *bind);
/* The level that a line with this "level" gives. */
enum px_control_level px_control_level_of(const struct px_bind *bind);
const char *px_control_level_name(enum px_control_level level);

/* ---- for commands ---- */

void px_control_lower(struct px_control *k, enum px_control_level level);
void px_control_toggle_prompt(struct px_control *k);
void px_control_quit(struct px_control *k);
void px_control_end(struct px_control *k);    /* at once */
void px_control_wait(struct px_control *k);   /* as if the command had been diverted */
void px_control_deafen(struct px_control *k); /* nothing more is a command */
void px_control_set_patience(struct px_control *k, uint64_t ms);
const struct px_bind *px_control_bind(const struct px_control *k);
int px_control_fd(const struct px_control *k);
/* A number that commands of the master keep with a session: the process it talks to. */
int *px_control_peer(struct px_control *k);
/* The lines behind a command that ends with "<<", an empty one included; NULL: it does not. */
char *px_control_payload(struct px_control *k);
bool px_control_prompts(const struct px_control *k);
enum px_control_level px_control_level(const struct px_control *k);

/* The answer of a diverted command; then the session goes on. */
void px_control_put(struct px_control *k, const char *p, size_t len);
void px_control_resume(struct px_control *k);
/* Called when the session ends while a command is diverted. */
void px_control_on_end(struct px_control *k, void (*ended)(void *ctx), void *ctx);

/*
 * An answer that goes on until the user enters something: `more` puts what there is into out. It
 * is asked again when that was sent; or, when there was nothing, by px_control_go_on. ended: by
 * the user, or with the session.
 */
void px_control_stream(struct px_control *k, void (*more)(void *ctx, struct px_text *out),
                       void (*ended)(void *ctx), void *ctx);
void px_control_go_on(struct px_control *k);

void px_command_help(const struct px_command *c, struct px_text *out);

/* The same for both kinds of processes. */
void px_command_operator(const struct px_command *c, struct px_text *out);
void px_command_user(const struct px_command *c, struct px_text *out);
void px_command_prompt(const struct px_command *c, struct px_text *out);
void px_command_quit(const struct px_command *c, struct px_text *out);
void px_command_show_version(const struct px_command *c, struct px_text *out);
void px_command_show_level(const struct px_command *c, struct px_text *out);

/* The answers of commands that have a file of their own. */
void px_show_info(const struct px_command *c, struct px_text *out);
void px_show_stat(const struct px_command *c, struct px_text *out);

/* Those about servers and limits (servers.c, show_servers.c). */
void px_command_set_server(const struct px_command *c, struct px_text *out);
void px_command_enable_server(const struct px_command *c, struct px_text *out);
void px_command_disable_server(const struct px_command *c, struct px_text *out);
void px_command_enable_health(const struct px_command *c, struct px_text *out);
void px_command_disable_health(const struct px_command *c, struct px_text *out);
void px_command_enable_agent(const struct px_command *c, struct px_text *out);
void px_command_disable_agent(const struct px_command *c, struct px_text *out);
void px_command_get_weight(const struct px_command *c, struct px_text *out);
void px_command_set_weight(const struct px_command *c, struct px_text *out);
void px_command_set_maxconn_server(const struct px_command *c, struct px_text *out);
void px_command_set_maxconn_frontend(const struct px_command *c, struct px_text *out);
void px_command_set_maxconn_global(const struct px_command *c, struct px_text *out);
void px_command_shutdown_sessions_server(const struct px_command *c, struct px_text *out);
void px_command_disable_frontend(const struct px_command *c, struct px_text *out);
void px_command_enable_frontend(const struct px_command *c, struct px_text *out);
void px_command_shutdown_frontend(const struct px_command *c, struct px_text *out);
void px_command_clear_counters(const struct px_command *c, struct px_text *out);
void px_show_servers_state(const struct px_command *c, struct px_text *out);
void px_show_servers_conn(const struct px_command *c, struct px_text *out);

/* Those about maps and files of patterns (lists.c). */
void px_command_show_list(const struct px_command *c, struct px_text *out);
void px_command_get_list(const struct px_command *c, struct px_text *out);
void px_command_add_map(const struct px_command *c, struct px_text *out);
void px_command_add_acl(const struct px_command *c, struct px_text *out);
void px_command_set_map(const struct px_command *c, struct px_text *out);
void px_command_del_list(const struct px_command *c, struct px_text *out);
void px_command_clear_list(const struct px_command *c, struct px_text *out);
void px_command_prepare_list(const struct px_command *c, struct px_text *out);
void px_command_commit_list(const struct px_command *c, struct px_text *out);

/* Those about cookies that are made of addresses (cookies.c). */
void px_command_cookie_key(const struct px_command *c, struct px_text *out);
void px_command_cookie_on(const struct px_command *c, struct px_text *out);
void px_command_cookie_off(const struct px_command *c, struct px_text *out);

/* Connections of all control sockets. */
unsigned px_control_count(void);
void px_control_close_all(void);
/* May a further one be accepted? */
bool px_control_has_room(const struct px_listener *l);

#endif
