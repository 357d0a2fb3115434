/*
 * Scripts of health checks: what is sent to a server, and what it has to answer (HAProxy manual,
 * "tcp-check" and "http-check").
 *
 * The compiler turns every kind of check that talks into such a table of steps.
 */
#ifndef PX_ABI_CHECKS_H
#define PX_ABI_CHECKS_H

#include "kinds.h"

enum px_check_action {
    PX_STEP_CONNECT,
    PX_STEP_SEND,    /* bytes */
    PX_STEP_REQUEST, /* an HTTP request */
    PX_STEP_EXPECT,
    PX_STEP_SET, /* a variable */
};

/* What an answer is compared with. */
enum px_check_match {
    PX_EXPECT_STRING,
    PX_EXPECT_BINARY,
    PX_EXPECT_REGEX,
    PX_EXPECT_HEX_REGEX, /* on the bytes in hexadecimal */
    PX_EXPECT_STRING_FMT,
    PX_EXPECT_HEX_FMT, /* the text is hexadecimal */
    PX_EXPECT_STATUS,  /* from here on, of HTTP */
    PX_EXPECT_STATUS_REGEX,
    PX_EXPECT_FIELD,
    PX_EXPECT_BODY,
    PX_EXPECT_BODY_REGEX,
    PX_EXPECT_BODY_FMT,
    PX_EXPECT_PROTOCOL, /* px_check_expect.custom says */
};

struct px_check_connect {
    struct px_endpoint addr; /* family PX_AF_NONE: as the server's line says */
    int32_t port;            /* 0: likewise */
    px_expr port_expr;       /* instead; NULL: none */
    bool inherits;           /* a PROXY header, if the server's line wants one */
    bool send_proxy;         /* a PROXY header in any case */
    bool linger;             /* the end of the connection is no reset */
};

struct px_check_field {
    struct px_str name; /* lower case */
    const struct px_fmt *value;
};

struct px_check_request {
    struct px_str method, version;
    const struct px_fmt *uri, *body; /* body NULL: none */
    const struct px_check_field *fields;
    unsigned nfields;
    bool closes; /* "connection: close" is added */
    bool state;  /* X-Haproxy-Server-State is added */
};

struct px_check_range {
    uint16_t low, high;
};

/* How a name or value is compared. */
struct px_check_text {
    uint8_t how;              /* enum px_match_word */
    const struct px_fmt *fmt; /* NULL: anything */
    const struct px_regex *regex;
};

/* What an answer says to a test of a protocol. */
struct px_check_verdict {
    enum { PX_ANSWER_GOES_ON, PX_ANSWER_WAITS, PX_ANSWER_IS_OVER } what;
    uint8_t status; /* PX_ANSWER_IS_OVER: enum px_check_status */
    int32_t code;
    char info[128]; /* PX_ANSWER_GOES_ON: of a success */
};

struct px_check_expect {
    uint8_t match; /* enum px_check_match */
    bool inverse;
    bool full;        /* PX_EXPECT_FIELD: whole values, not the members of lists */
    int32_t min_recv; /* bytes; -1: any number, 0: what is there decides */
    struct px_str text;
    const struct px_regex *regex;
    const struct px_fmt *fmt;
    const struct px_check_range *ranges;
    unsigned nranges;
    struct px_check_text name, value;
    uint8_t ok, error, tout; /* enum px_check_status; 0: the usual one */
    const struct px_fmt *on_success, *on_error;
    px_expr code;
    /* ended: no more will come. */
    void (*custom)(struct px_str answer, bool ended, struct px_check_verdict *v);
};

struct px_check_set {
    void (*run)(struct px_txn *t);
};

struct px_check_step {
    uint8_t action;      /* enum px_check_action */
    uint16_t place;      /* as users count them, from 1; 0: it is implied */
    const char *comment; /* NULL: none */
    const struct px_check_connect *connect;
    const struct px_fmt *data;
    bool data_is_hex;
    const struct px_check_request *request;
    const struct px_check_expect *expect;
    const struct px_check_set *set;
};

/* What servers of some protocols say. */
void px_check_ldap(struct px_str answer, bool ended, struct px_check_verdict *v);
void px_check_mysql_greeting(struct px_str answer, bool ended, struct px_check_verdict *v);
void px_check_mysql_login(struct px_str answer, bool ended, struct px_check_verdict *v); /* both */

struct px_check_kind;
extern const struct px_check_kind px_check_script, px_check_program, px_check_agent;

struct px_check {
    const struct px_check_kind *kind;
    const char *name;
    bool is_http;        /* answers are HTTP responses */
    bool computes;       /* steps have expressions */
    bool tells_steps;    /* what went wrong is told with the number of the step */
    bool is_protocol;    /* only its steps say what an answer means */
    bool disable_on_404; /* then a server that is up wants no new users */
    const struct px_check_step *steps;
    unsigned nsteps;
};

#endif
