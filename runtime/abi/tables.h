/*
 * The tables that make a program: what the compiler prints as const data, and the runtime walks.
 *
 * Not here: anything that changes while the proxy runs; that lives in arrays of the runtime,
 * indexed by the numbers found here.
 * Idea: scalar settings are fields generated from the *.def rows, so a new one needs no struct.
 */
#ifndef PX_ABI_TABLES_H
#define PX_ABI_TABLES_H

#include "kinds.h"
#include "stick.h"
#include "checks.h"

struct px_strings;
struct px_mode; /* how connections of a bind line are served */
extern const struct px_mode px_mode_http, px_mode_tcp, px_mode_control;
struct px_lb; /* a balancing algorithm */
extern const struct px_lb px_lb_roundrobin, px_lb_static_rr, px_lb_leastconn, px_lb_first,
    px_lb_random, px_lb_map_based, px_lb_consistent;
struct px_expect; /* what clients have to send before their session begins */
extern const struct px_expect px_expect_proxy, px_expect_netscaler;
struct px_announce; /* what servers are told about the client, first of all */
extern const struct px_announce px_announce_v1, px_announce_v2;
struct px_log_ops;
extern const struct px_log_ops px_log_lines;
struct px_checks_ops;
extern const struct px_checks_ops px_checks;
struct px_mail_ops;
extern const struct px_mail_ops px_mail;
struct px_former_ops;
extern const struct px_former_ops px_former;
struct px_ring_ops;
extern const struct px_ring_ops px_ring_lines;
struct px_resolve_ops;
extern const struct px_resolve_ops px_resolve_names;

struct px_cookie_ops; /* how clients keep their server by a cookie */
extern const struct px_cookie_ops px_cookie_persistence;

/* How the fields of a reply are arranged. */
enum px_reply_layout {
    PX_REPLY_RULE, /* hdrs, Content-Length, Content-Type: return, deny */
    PX_REPLY_PAGE, /* Content-Length, hdrs, Content-Type: built-in errors */
    PX_REPLY_FILE, /* hdrs as they are: errorfile */
};

/* A response held ready: built-in errors, errorfile, deny, return. */
struct px_reply {
    uint16_t status;
    uint8_t layout;              /* enum px_reply_layout */
    bool silent;                 /* nothing is sent: an empty errorfile */
    bool http_10;                /* its status line says HTTP/1.0 */
    bool close;                  /* it has no length: ends with the connection */
    bool says_close;             /* Connection: close is part of it, and counts for logs */
    bool page;                   /* the proxy's error page of this status, with hdrs added */
    const char *reason;          /* NULL: the standard one */
    const struct px_fmt *type;   /* Content-Type, NULL: none */
    const struct px_fmt *body;   /* NULL: none */
    const struct px_reply_hdr *hdrs;
    unsigned nhdrs;
};

struct px_reply_hdr {
    const struct px_name *name;
    const struct px_fmt *value;
};

enum px_redirect_kind { PX_REDIR_LOCATION, PX_REDIR_PREFIX, PX_REDIR_SCHEME };

struct px_redirect {
    uint8_t kind; /* enum px_redirect_kind */
    uint16_t code;
    bool drop_query, append_slash, ignore_empty, keep_query;
    const struct px_fmt *target;
    const char *cookie; /* complete Set-Cookie value, NULL: none */
};

/* Statuses for which a proxy may hold its own error reply; index of px_proxy.errors. */
#define PX_ERROR_STATUSES(X)                                                                       \
    X(200) X(400) X(401) X(403) X(404) X(405) X(407) X(408) X(410) X(413) X(421) X(422) X(425)     \
        X(429) X(500) X(501) X(502) X(503) X(504)
#define PX_ERROR_ENUM(n) PX_ERR_##n,
enum px_error_status { PX_ERROR_STATUSES(PX_ERROR_ENUM) PX_NERRORS };

/* Where log lines go. */
enum px_log_format {
    PX_LOG_LOCAL,
    PX_LOG_RFC3164,
    PX_LOG_RFC5424,
    PX_LOG_PRIORITY,
    PX_LOG_SHORT,
    PX_LOG_TIMED,
    PX_LOG_ISO,
    PX_LOG_RAW,
};

struct px_log_range { /* "sample": this part of every `of` lines */
    uint16_t low, high;
};

struct px_mailer { /* takes mail by SMTP */
    const char *name;
    struct px_endpoint addr;
};

struct px_mailers {
    const char *name;
    int32_t timeout_mail; /* milliseconds, of a whole mail */
    const struct px_mailer *mailers;
    unsigned n;
};

struct px_ring_server { /* gets the lines of a ring over a stream */
    const char *name;
    struct px_endpoint addr;
    bool counts; /* octets of each line, in front of it (RFC 6587 3.4.1) */
};

/* The last log lines, kept in memory. */
struct px_ring {
    const char *name, *description;
    uint32_t size;                           /* bytes */
    int32_t connect_timeout, server_timeout; /* milliseconds; 0: none */
    const struct px_ring_server *servers;
    unsigned nservers;
    uint16_t number; /* in the program */
};
enum { PX_RING_OVERHEAD = 4 }; /* bytes that each line takes in addition */

struct px_log_target {
    struct px_endpoint to; /* PX_AF_FD with port 1 or 2 for stdout and stderr */
    const struct px_ring *ring; /* instead; NULL: none */
    uint8_t format;        /* enum px_log_format */
    uint8_t facility, max_level, min_level;
    uint32_t max_len;
    uint16_t sample_size, nranges; /* 0: every line */
    const struct px_log_range *ranges;
    uint16_t number; /* of this target in the program */
};

/* Network namespaces: 0 is that of the process, others are px_program.namespaces[n - 1]. */
enum { PX_NETNS_OF_CLIENT = UINT16_MAX }; /* of servers: what the client's PROXY header says */

struct px_bind {
    struct px_endpoint addr;
    uint32_t line;
    uint16_t number; /* of this listening address in the program */
    uint16_t netns;
    const char *file;
    const struct px_proxy *proxy;
    const struct px_mode *serve;
    const struct px_expect *expect; /* NULL: nothing */
#define PX_BIND(words, field, kind, dflt, doc) PX_SETTING_##kind field;
#include "bind.def"
#undef PX_BIND
};

/* Who is asked what names mean while the proxy runs (HAProxy manual 5.3). */
struct px_nameserver {
    const char *name; /* NULL: all of the system's, which resolv.conf(5) lists */
    struct px_endpoint addr;
    bool by_stream; /* it is asked over TCP, not UDP */
};

enum px_hold {
    PX_HOLD_NX,
    PX_HOLD_REFUSED,
    PX_HOLD_TIMEOUT,
    PX_HOLD_OTHER,
    PX_HOLD_VALID,
    PX_HOLD_OBSOLETE,
    PX_NHOLDS
};

struct px_resolvers {
    const char *name;
    const struct px_nameserver *servers;
    unsigned nservers;
    int32_t timeout_resolve, timeout_retry, hold[PX_NHOLDS]; /* milliseconds */
    uint16_t retries, payload;                               /* payload: bytes of an answer */
    uint16_t number;                                         /* in the program */
};

struct px_network {
    uint8_t family; /* enum px_family */
    uint8_t bits;   /* prefix length */
    uint8_t ip[16];
};

/* How the name of a server is resolved while it runs. */
struct px_resolving {
    const struct px_resolvers *by;
    bool prefer_ipv4, allow_duplicates, ignore_weight;
    const struct px_network *networks; /* whose addresses are preferred */
    unsigned nnetworks;
};

/* What a PROXY header of version 2 says beside the addresses. */
enum px_announced { PX_SAY_CRC32C = 1, PX_SAY_UNIQUE_ID = 2, PX_SAY_AUTHORITY = 4 };

/* A type-length-value vector of a PROXY header. */
struct px_vector {
    uint8_t type;
    const struct px_fmt *value;
};

struct px_vectors {
    const struct px_vector *v;
    unsigned n;
};

/* As whom a connection to a server appears to come (HAProxy manual, "usesrc"). */
enum px_usesrc {
    PX_USESRC_NONE,
    PX_USESRC_ADDRESS,
    PX_USESRC_CLIENTIP,
    PX_USESRC_CLIENT, /* with its port */
    PX_USESRC_SAMPLE,
};

/* Where connections to a server come from. */
struct px_source {
    struct px_endpoint addr;
    int32_t last_port;     /* of a range that begins with addr.port; 0: there is none */
    uint8_t usesrc;        /* enum px_usesrc */
    struct px_endpoint as; /* PX_USESRC_ADDRESS */
    px_expr sample;        /* PX_USESRC_SAMPLE; where there is none, the system chooses */
    const char *interface; /* NULL: as routes say */
};

struct px_server {
    const char *name; /* NULL: it is none of the servers of its proxy, but px_proxy.dispatch */
    struct px_endpoint addr;
    uint16_t number; /* in the program */
    uint16_t netns;
    bool follows;    /* its address is the one that the client meant, instead of addr.ip */
    bool personal;   /* its connections belong to the clients that they were made for */
    int32_t id;      /* in its backend, as users see it */
    bool id_given;   /* by its line */
    const struct px_proxy *proxy;
    const struct px_announce *announce; /* NULL: nothing */
    uint8_t says;                       /* enum px_announced */
    const struct px_resolving *resolving; /* NULL: its address is the one it begins with */
    const struct px_server *track;      /* whose state it follows; NULL: it has its own */
    const struct px_check_kind *agent;  /* how its agent is asked; NULL: it has none */
#define PX_SERVER(words, field, kind, dflt, doc) PX_SETTING_##kind field;
#include "server.def"
#undef PX_SERVER
};

/* What a "force-persist" or "ignore-persist" rule says. */
enum px_persist_rule { PX_PERSIST_USUAL, PX_PERSIST_FORCE, PX_PERSIST_IGNORE };

/* The rule sets of a proxy; NULL: nothing to evaluate. */
struct px_rules {
    enum px_verdict (*tcp_connection)(struct px_txn *);
    enum px_verdict (*tcp_session)(struct px_txn *);
    enum px_verdict (*tcp_request)(struct px_txn *);
    enum px_verdict (*http_request)(struct px_txn *);
    enum px_verdict (*tcp_response)(struct px_txn *);
    enum px_verdict (*http_response)(struct px_txn *);
    enum px_verdict (*http_after_response)(struct px_txn *);
    const struct px_proxy *(*use_backend)(struct px_txn *); /* NULL: none of the rules chose */
    const struct px_server *(*use_server)(struct px_txn *);
    enum px_persist_rule (*persist)(struct px_txn *);
    enum px_tri (*monitor_fail)(struct px_txn *);
    void (*stick_request)(struct px_txn *);  /* "stick match", "on", "store-request" */
    void (*stick_response)(struct px_txn *); /* "stick store-response" */
};

/* What the persistence cookie of a backend does (HAProxy manual, "cookie"). */
enum px_cookie_deed {
    PX_COOKIE_INSERT = 1,
    PX_COOKIE_REWRITE = 2,
    PX_COOKIE_PREFIX = 4,
    PX_COOKIE_INDIRECT = 8,
    PX_COOKIE_ACTIVE = 15, /* any of these: without, cookies are only read */
    PX_COOKIE_PRESERVE = 16,
    PX_COOKIE_NOCACHE = 32,
    PX_COOKIE_POSTONLY = 64,
};

struct px_persistence_cookie {
    const struct px_cookie_ops *ops;
    struct px_str name;
    uint8_t deeds;              /* enum px_cookie_deed */
    int32_t max_idle, max_life; /* seconds; 0: for ever */
    const char *attributes;     /* of cookies that are inserted, with the delimiter in front */
    const char *dynamic_key;    /* that values may be made of; NULL: there is none */
    bool dynamic;               /* servers without a value of their own get one that is made */
};

/* The server that a remote desktop client was told to come back to. */
struct px_rdp_persistence {
    /* NULL: the client names none that it may have. */
    const struct px_server *(*find)(struct px_txn *t, const struct px_rdp_persistence *r);
    struct px_str cookie;
};

const struct px_server *px_persist_rdp(struct px_txn *t, const struct px_rdp_persistence *r);

enum px_cap { PX_FRONTEND = 1, PX_BACKEND = 2 };
/* The last of these, of frontend and backend, is what they do together, but see px_http_mode_of. */
enum px_http_mode { PX_KEEP_ALIVE, PX_BLIND, PX_BLIND_CLOSE, PX_SERVER_CLOSE, PX_CLOSE };
enum px_restrict { PX_NAMES_PRESERVE, PX_NAMES_DELETE, PX_NAMES_REJECT };
/* How bytes that are not looked at are moved: through a pipe instead of a buffer. */
enum px_splice {
    PX_SPLICE_AUTO,   /* where it is cheaper */
    PX_SPLICE_ALWAYS, /* where it is possible */
    PX_SPLICE_NEVER,
};

/* HAProxy manual, "hash-preserve-affinity": who is passed over though a hash has chosen it. */
enum px_affinity {
    PX_AFFINITY_ALWAYS,   /* nobody */
    PX_AFFINITY_MAXCONN,  /* who is full */
    PX_AFFINITY_MAXQUEUE, /* whose queue is full as well */
};

enum px_reuse { PX_REUSE_SAFE, PX_REUSE_NEVER, PX_REUSE_AGGRESSIVE, PX_REUSE_ALWAYS };

/* HAProxy manual, "retry-on". Of these, only a failed connection is tried again by default. */
#define PX_RETRY_STATUSES(X)                                                                       \
    X(401) X(403) X(404) X(408) X(425) X(429) X(500) X(501) X(502) X(503) X(504)
#define PX_RETRY_NUMBER(n) n,
enum px_retry {
    PX_RETRY_NO_CONN = 1, /* not for a failed connection */
    PX_RETRY_EMPTY = 2,   /* the server has closed without a word */
    PX_RETRY_JUNK = 4,    /* it has said something that is no response, or not all of one */
    PX_RETRY_TIMEOUT = 8,
    PX_RETRY_FIRST_STATUS = 16, /* and one bit for each other of PX_RETRY_STATUSES, in that order */
};

struct px_forwardfor {
    const struct px_name *name;
    bool if_none;
    uint8_t except_len;      /* prefix length */
    uint8_t except_family;   /* enum px_family; PX_AF_NONE: no exception */
    uint8_t except[16];
};

/* PX_HASH_NONE: the key is the hash: a number, or a text that is one. */
enum px_hash_function {
    PX_HASH_SDBM,
    PX_HASH_DJB2,
    PX_HASH_WT6,
    PX_HASH_CRC32,
    PX_HASH_NONE,
};

/* How an algorithm that hashes finds its key (HAProxy manual, "balance" and "hash-type"). */
struct px_balance {
    const char *name; /* of the algorithm */
    /* false: there is no key, and servers take turns. */
    bool (*hash)(struct px_txn *t, const struct px_balance *b, uint32_t *hash);
    enum px_found (*key)(struct px_txn *t, struct px_sample *s); /* px_balance_key */
    uint8_t function; /* enum px_hash_function */
    bool avalanche;
    bool domain_only;       /* px_balance_key */
    bool whole, path_only;  /* px_balance_uri */
    uint32_t len, depth;    /* px_balance_uri; 0: no limit */
    struct px_str param;    /* px_balance_param: looked for in bodies of POST requests */
};

bool px_balance_source(struct px_txn *t, const struct px_balance *b, uint32_t *hash);
bool px_balance_uri(struct px_txn *t, const struct px_balance *b, uint32_t *hash);
bool px_balance_key(struct px_txn *t, const struct px_balance *b, uint32_t *hash);
bool px_balance_param(struct px_txn *t, const struct px_balance *b, uint32_t *hash);

/* What a Forwarded field says of one end of the client's connection. */
struct px_end {
    bool name, port;              /* its address, its port */
    px_expr name_expr, port_expr; /* or what these give; NULL: nothing */
};

struct px_forwarded {
    void (*put)(struct px_txn *t, const struct px_forwarded *f, struct px_out *out);
    const struct px_name *name;
    bool proto;
    bool host;         /* that of the request */
    px_expr host_expr; /* or what this gives; NULL: nothing */
    struct px_end by, client;
};

struct px_proxy {
    const char *name;
    const char *file;
    uint32_t line;
    uint16_t number; /* index of this proxy in the program */
    int32_t id;      /* as users see it */
    bool id_given;   /* by the configuration */
    uint8_t caps;    /* enum px_cap */
    bool is_http;
    const struct px_mode *upgrade; /* a TCP frontend: what clients may be taken as; NULL: nothing */
    uint8_t http_mode; /* enum px_http_mode */
    uint8_t reuse;     /* enum px_reuse */
    uint8_t affinity;  /* enum px_affinity */
    uint8_t restrict_names; /* enum px_restrict */
    uint8_t splice_up, splice_down; /* enum px_splice: what clients send, what servers send */
    bool disabled;
    const struct px_bind *const *binds;
    unsigned nbinds;
    const struct px_server *const *servers;
    unsigned nservers;
    const struct px_server *dispatch; /* for all that no rule gives a server; NULL: balanced */
    const struct px_proxy *default_backend;
    const struct px_proxy *const *routes; /* other backends that rules lead to by name */
    unsigned nroutes;
    const struct px_lb *lb;
    int32_t lb_arg;
    const struct px_balance *balance; /* NULL: the algorithm needs no key */
    const struct px_persistence_cookie *cookie; /* NULL: there is none */
    const struct px_rdp_persistence *rdp;       /* NULL: no such persistence */
    const struct px_mailers *mailers; /* who sends alerts by mail; NULL: none are sent */
    uint8_t email_level;              /* severity of RFC 5424, the least that is sent */
    const char *state_file; /* says what its servers were; NULL: nothing */
    bool state_file_is_global;
    const struct px_check *check;               /* NULL: checks only connect */
    int32_t redispatch; /* every so many retries; negative: counted from the last; 0: never */
    uint32_t retry_on;  /* enum px_retry */
    const struct px_rules *rules;
    const struct px_log_target *const *logs;
    unsigned nlogs;
    bool log_at_accept; /* one line for each connection or request, when it comes */
    const struct px_fmt *log_text; /* a line without anything variable */
    void (*log_line)(struct px_txn *, struct px_out *);
    void (*log_sd)(struct px_txn *, struct px_out *);
    /* What went wrong is logged like this; NULL: like all the rest. */
    void (*log_error)(struct px_txn *, struct px_out *);
    uint32_t log_needs; /* enum px_log_need */
    const struct px_reply *errors[PX_NERRORS];
    const struct px_forwardfor *forwardfor, *originalto;
    const struct px_forwarded *forwarded; /* of a backend; NULL: servers get no such field */
    const struct px_name *send_name; /* header for the name of the server; NULL: none */
    uint8_t ncaptures_req, ncaptures_res;
    const struct px_capture *captures; /* request captures, then response captures */
    struct px_str capture_cookie; /* how the cookie begins that is logged; len 0: none is */
    uint32_t capture_cookie_len;
    const struct px_fmt *unique_id; /* as a log line; NULL: requests have none */
    const struct px_name *unique_id_header;
#define PX_PROXY(words, field, kind, dflt, where, doc) PX_SETTING_##kind field;
#include "proxy.def"
#undef PX_PROXY
};

/* What a log line reads and the transaction must therefore keep. */
enum px_log_need {
    PX_LOG_URI = 1,
    PX_LOG_BACK = 2,
    PX_LOG_MAYBE = 4, /* nothing to keep, but it may say nothing at all */
    PX_LOG_SENT = 8,  /* the size of the request head that was sent */
};

/* "filter bwlim-in" and "filter bwlim-out": how fast bodies go, at most. */
struct px_bwlim {
    bool upload;
    uint32_t limit;    /* bytes in a period */
    uint32_t min_size; /* bytes at a time, but for the last ones */
    int32_t period;    /* milliseconds */
};

struct px_capture {
    const struct px_name *header; /* NULL: only filled by rules */
    uint16_t max_len;
};

struct px_user {
    const char *name;
    const char *password;      /* NULL: cannot log in */
    bool hashed;               /* password is for crypt(3) */
    const char *const *groups; /* NULL-terminated */
};

struct px_userlist {
    const char *name;
    const struct px_user *users;
    unsigned n;
};

/* A header name as h1-case-adjust wants it to be written; from is in lower case. */
struct px_case {
    struct px_str from;
    const char *to; /* as long as from */
};

struct px_global {
    const struct px_case *h1_cases; /* sorted */
    unsigned nh1_cases;
    bool log_send_hostname;
    const char *log_send_hostname_as; /* NULL: the name of this host */
    const struct px_log_target *const *logs;
    unsigned nlogs;
#define PX_GLOBAL(words, field, kind, dflt, doc) PX_SETTING_##kind field;
#include "global.def"
#undef PX_GLOBAL
};

enum px_var_scope { PX_VAR_PROC, PX_VAR_SESS, PX_VAR_TXN, PX_VAR_REQ, PX_VAR_RES, PX_VAR_CHECK };

struct px_var_decl {
    const char *name; /* with its scope */
    uint8_t scope;    /* enum px_var_scope */
};

/* Header names that the parser files: entry 0 is unused, the numbers are px_name.slot. */
struct px_name_table {
    uint32_t mask;        /* size of index, minus one; at least one entry of index is 0 */
    const uint8_t *index; /* by px_name_hash, linear probing */
    const struct px_str *names;
    uint8_t count;        /* slots, the unused one included */
};

/* A change of the process' environment, done in order before anything else. */
enum px_env_kind { PX_SETENV, PX_PRESETENV, PX_UNSETENV, PX_RESETENV };

struct px_env {
    const char *name;  /* PX_RESETENV: names to keep, separated by spaces */
    const char *value;
    uint8_t kind;
};

/* The whole program. Generated code defines exactly one, named px_program. */
struct px_program {
    uint32_t abi; /* PX_ABI_VERSION */
    const char *config;
    const struct px_global *global;
    const struct px_proxy *const *proxies;
    unsigned nproxies;
    /* The names of those with servers, each with the proxy's number as its hits; NULL: no name of
     * a backend is computed. */
    int64_t (*find_backend)(const struct px_strings *set, struct px_str name);
    const struct px_strings *backend_names;
    const struct px_bind *const *binds; /* of all proxies, and of the control socket */
    unsigned nbinds;
    unsigned nservers;
    unsigned nlog_targets;
    const struct px_name_table *names;
    const struct px_var_decl *vars;
    unsigned nvars;
    const char *const *namespaces;
    unsigned nnamespaces, nlisted; /* the first nlisted are those that PROXY headers may name */
    bool keeps_vectors; /* those of PROXY headers are asked for */
    bool privileged; /* something here needs privileges while it runs */
    void (*prepare)(void); /* run once, behind the environment; may be NULL */
    const struct px_list *const *lists; /* that control sockets see */
    unsigned nlists;
    const struct px_log_ops *log;   /* NULL: nothing here writes logs */
    const struct px_mail_ops *mail; /* NULL: there are no mailers */
    const struct px_mailers *mailers;
    unsigned nmailers;
    const struct px_former_ops *former; /* NULL: no servers become what they were */
    const struct px_ring_ops *ring; /* NULL: there are no rings */
    const struct px_ring *rings;
    unsigned nrings;
    const struct px_checks_ops *checks; /* NULL: no server is checked */
    const struct px_stick_ops *stick; /* NULL: there are no stick tables */
    const struct px_stick_table *tables; /* by px_stick_table.number */
    unsigned ntables;
    const struct px_resolve_ops *resolve; /* NULL: no names are resolved while it runs */
    const struct px_resolvers *resolvers;
    unsigned nresolvers;
    const struct px_env *environment; /* ends with a name that is NULL */
};

#define PX_ABI_VERSION 1
extern const struct px_program px_program;

#endif
