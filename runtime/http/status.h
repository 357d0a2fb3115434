/*
 * Status codes: standard reasons (RFC 9110 15, and what HAProxy says), and the built-in error pages.
 */
#ifndef PX_STATUS_H
#define PX_STATUS_H

#include "../abi/tables.h"

/* The name of its class when there is no standard one. */
const char *px_status_reason(unsigned status);

/* The built-in error reply; NULL: none for this status. */
const struct px_reply *px_builtin_reply(unsigned status);

/* Index in px_proxy.errors, PX_NERRORS when the status has no place there. */
enum px_error_status px_error_index(unsigned status);

#endif
