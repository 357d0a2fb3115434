/*
 * Becoming a daemon: background, pid file, privileges, and the processes that came before.
 */
#ifndef PX_DAEMON_H
#define PX_DAEMON_H

#include "../abi/options.h"

#include <stdbool.h>

/* The caller goes on in the background as a new process; the old one ends, with 0 once the new one
 * has called px_background_ready, else with 1. false: said. */
bool px_background(void);
void px_background_ready(void);

/* Creates the pid file now, while it may be; NULL: none. false: said. */
bool px_pidfile_open(const char *path);
void px_pidfile_write(void);

/* chroot, group, user as the configuration says; programs gain no privileges by set-user-ID bits
 * from then on, unless it wants so. false: said. */
bool px_privileges_drop(void);
/* No process or thread more, unless the configuration wants programs. Nobody binds root. */
void px_forks_forbid(void);

/* Sends a signal to the processes of -sf and -st. */
void px_old_processes_signal(const struct px_options *options, int sig);
/* Asks them to finish, or to end. */
void px_old_processes_end(const struct px_options *options);

#endif
