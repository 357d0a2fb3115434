/*
 * Severities of messages (RFC 5424 6.2.1).
 */
#ifndef PX_SYSLOG_H
#define PX_SYSLOG_H

enum px_syslog {
    PX_EMERG,
    PX_ALERT,
    PX_CRIT,
    PX_ERR,
    PX_WARNING,
    PX_NOTICE,
    PX_INFO,
    PX_DEBUG,
};

#endif
