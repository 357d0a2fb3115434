/*
 * Alerts by mail (HAProxy manual, "email-alert" and "mailers").
 */
#ifndef PX_MAIL_H
#define PX_MAIL_H

#include "../abi/tables.h"

#include <stdbool.h>

struct px_mail_ops {
    /* Finds the mailers. false: said. */
    bool (*prepare)(void);
    /* From now on alerts are sent, by the loop of the calling thread. */
    void (*start)(void);
    /* From any thread. `level` as in the log. An alert that finds too many before it is lost. */
    void (*send)(const struct px_proxy *be, int level, const char *text);
};

#endif
