/*
 * The checked program: what a configuration says, with every name looked up and every type known.
 *
 * Not here: how it will be run (plan/). Idea: everything keeps the span it came from, because
 * later floors still find things to say about it.
 */
#ifndef MODEL_H
#define MODEL_H

#include "../syntax/config.h"
#include "../syntax/expr.h"
#include "../syntax/value.h"
#include "vocab.h"

struct m_proxy;
struct m_server;
struct m_fmt;
struct m_expr;
struct m_reply;
struct m_redirect;
struct m_map;
struct m_list;
struct m_bwlim;
struct m_table;

/* Is it reached by an IP address, perhaps one that a name stands for? */
static inline bool endpoint_has_ip(const struct px_endpoint *ep)
{
    return ep->family == PX_AF_INET || ep->family == PX_AF_INET6 || ep->family == PX_AF_NAME;
}

/* Where connections to servers come from. */
struct m_source {
    struct px_endpoint addr, as;
    int last_port;
    uint8_t usesrc; /* enum px_usesrc */
    const struct m_expr *sample;
    const char *interface;
};

/* What PROXY headers say in addition. */
struct m_vector {
    unsigned type;
    struct m_fmt *value;
};

struct m_vectors {
    VEC(struct m_vector) v;
};

/* A scalar setting: of its default, unless set. */
struct m_setting {
    bool set;
    int64_t number;
    const char *text;
    const struct m_source *source;
    const struct m_vectors *vectors;
    const struct m_redirect *redirect;
    const struct px_endpoint *endpoint;
    struct span span;
};

/* ---- expressions ---- */

struct m_var {
    struct str name; /* with its scope: "txn.user" */
    uint8_t scope;   /* enum px_var_scope */
    unsigned number;
    struct span span;
};

struct m_name {
    struct str text; /* lower case */
    unsigned slot;   /* given by the plan */
};

struct m_regex {
    struct str pattern;
    bool fold;
    const char *needed; /* why it is there at run time; NULL: only automata ask for it */
    unsigned number;
    struct span span;
};

/* A public key that signatures are checked with. */
enum key_kind { KEY_RSA, KEY_P256, KEY_P384, KEY_P521 };

struct m_key {
    struct str path;
    struct str der; /* SubjectPublicKeyInfo (RFC 5280 4.1) */
    enum key_kind kind;
};

struct m_user {
    struct str name, password;
    bool has_password, hashed;
    VEC(struct str) groups;
    struct span span, groups_span;
};

struct m_member { /* "group g users u" */
    struct str group, user;
    struct span span;
};

struct m_userlist {
    struct str name;
    VEC(struct m_user) users;
    VEC(struct str) groups;
    VEC(struct m_member) members;
    struct span span;
    unsigned number;
};

/* ACLs that a sample asks for, all of which have to hold. */
struct m_named;

/* The argument of a fetch, converter or action; which member counts is said by kind. */
struct m_arg {
    enum arg_kind kind;
    bool given;
    int64_t number;        /* INT, TIME, MASK4, WORD, OPERAND */
    struct str text;       /* STR; before names are resolved: the name */
    struct m_var *var;     /* VAR, OPERAND */
    struct m_name *name;   /* NAME */
    struct m_fmt *fmt;     /* FMT */
    struct m_expr *expr;   /* EXPR */
    struct m_regex *regex; /* REGEX */
    struct m_proxy *proxy; /* OFRONTEND, OBACKEND */
    struct m_server *server;
    struct m_map *map;
    struct m_list *list;
    struct m_table *table;
    struct m_userlist *userlist;
    struct m_reply *reply;
    struct m_redirect *redirect;
    struct m_named *named;
    struct m_bwlim *bwlim;
    const struct m_resolvers *resolvers;
    uint8_t mask6[16];
    struct span span;
};

struct m_conv {
    const struct vocab_conv *conv;
    struct m_arg args[MAX_ARGS];
    enum px_type in; /* type that comes in, before the cast */
    struct span span;
};

struct m_expr {
    const struct vocab_fetch *fetch;
    struct m_arg args[MAX_ARGS];
    VEC(struct m_conv) convs;
    enum px_type type; /* of the result */
    unsigned phases;   /* where it may be used */
    unsigned reads;    /* enum facet */
    bool has_effect;   /* evaluating it changes something */
    struct str key;    /* canonical text: the same for the same expression */
    struct span span;
};

struct m_fmt_item {
    enum fmt_kind kind;
    struct str text;
    const struct vocab_alias *alias;
    struct m_expr *expr;
    unsigned flags;
};

struct m_fmt {
    VEC(struct m_fmt_item) items;
    bool is_log;      /* absent values show as "-", bytes are escaped */
    bool is_raw;      /* of a variable: no message holds the bytes yet, so they stay as they are */
    bool is_constant; /* one text item at most */
    unsigned needs;   /* enum px_log_need */
    struct span span;
    unsigned number;
};

/* ---- ACLs ---- */

/* A file of patterns or a map, shared by all who name it. */
struct m_list_line {
    struct str key, value;
};

struct m_use { /* how its keys are compared */
    enum match_method method;
    bool fold, of_map;
};

struct m_list_user {
    bool of_map;
    struct span at;
};

struct m_list {
    struct str path;
    bool of_maps;     /* lines have values */
    bool ints, addrs; /* converters want such values */
    bool by_rules;    /* rules change it */
    bool keys_wanted; /* converters give its keys */
    bool unread;      /* reported */
    VEC(struct m_list_line) lines;
    VEC(struct m_use) uses;
    VEC(struct m_list_user) users;
    unsigned id; /* as control sockets name it */
    struct span span;
};

/* The patterns that a test has from a file. */
struct m_test_list {
    struct m_list *list;
    unsigned use;
};

struct m_pattern {
    struct str text;   /* strings and bytes; regular expressions as m_regex */
    int64_t low, high; /* MATCH_INT, MATCH_LEN */
    uint8_t ip_low[16], ip_high[16];
    bool v6;
    bool fold;
    struct m_regex *regex;
    const struct m_list *list; /* that it is from; NULL: it was written in its place */
    struct span span;
};

/* One line of an ACL: a sample, how it is compared, with what. */
struct m_test {
    struct m_expr *expr;
    enum match_method method;
    VEC(struct m_pattern) patterns;
    VEC(struct m_test_list) lists;
    struct m_test *in_response; /* instead of this one in response rules; NULL: the same */
    struct span span;
};

struct m_acl {
    struct str name;            /* anonymous: made from its line */
    VEC(struct m_test *) tests; /* any of them */
    struct span span;
    bool predefined, anonymous;
    bool broken; /* one of its lines was refused; says nothing more */
    unsigned uses;
    unsigned seen; /* number of the search that met it last */
};

struct m_term {
    bool negated;
    struct m_acl *acl;
    struct span span;
};

struct m_group {
    VEC(struct m_term) terms; /* all of them */
};

struct m_cond {
    bool unless;
    VEC(struct m_group) groups; /* any of them */
    struct span span;
};

struct m_named {
    struct m_cond cond;
    enum px_phase phase; /* in which the sample is read */
    struct str whose;    /* the same for the same ACLs of the same section */
};

/* The same for the same ACLs of the same section, read in the same phase. */
struct str named_key(struct arena *a, const struct m_named *n);

static inline struct m_named *expr_named(const struct m_expr *e)
{
    return e->fetch->nargs ? e->args[0].named : NULL;
}

struct m_map_entry {
    struct m_pattern key;
    struct str value;
    struct span value_span;
};

struct m_map {
    struct str path;
    enum match_method method;
    bool fold;
    VEC(struct m_map_entry) entries;
    unsigned number;
    const struct m_list *list;
    unsigned use; /* of the list */
};

/* ---- rules ---- */

struct m_rule {
    enum px_phase phase;
    const struct vocab_action *action;
    struct m_arg args[MAX_ARGS];
    struct m_cond *cond; /* NULL: always */
    struct span span;
    bool from_defaults;
};

struct m_route { /* use_backend, use-server */
    struct m_proxy *proxy;
    struct m_server *server;
    struct m_fmt *name; /* a computed name instead */
    struct str target;  /* before it is resolved */
    struct m_cond *cond;
    struct span span, target_span;
};

struct m_stick { /* "stick match", "stick on" and so on */
    bool match, store, of_response;
    struct m_expr *key;
    struct m_table *table;
    struct str table_name; /* before it is resolved; len 0: that of its own proxy */
    struct m_cond *cond;
    struct span span, table_span;
};

struct m_reply_hdr {
    struct m_name *name;
    struct m_fmt *value;
};

struct m_reply {
    unsigned status;
    uint8_t layout; /* enum px_reply_layout */
    bool silent, http_10, close, says_close;
    struct str reason; /* p == NULL: standard */
    struct m_fmt *type, *body;
    VEC(struct m_reply_hdr) hdrs;
    bool builtin; /* the proxy's error reply of that status */
    unsigned number;
    struct span span;
};

struct m_redirect {
    uint8_t kind; /* enum px_redirect_kind */
    unsigned code;
    bool drop_query, append_slash, ignore_empty, keep_query;
    struct m_fmt *target;
    struct str cookie;
    unsigned number;
    struct span span;
};

/* ---- objects ---- */

struct m_bind {
    struct px_endpoint addr;
    struct m_setting set[NBIND_SETTINGS];
    struct span span, addr_span;
    unsigned number, netns;
};

struct m_server {
    struct str name;
    struct px_endpoint addr;
    struct m_setting set[NSERVER_SETTINGS];
    struct m_proxy *proxy;
    struct span span;
    unsigned id, number, netns;
    bool id_given;
    const struct m_resolving *resolving; /* NULL: its address does not change */
    struct m_server *track; /* whose state it follows; NULL: it has its own */
    bool is_nameless; /* not one of the servers of its proxy */
    bool follows;     /* its address is the one that the client meant */
};

struct m_nameserver {
    struct str name; /* len 0: those of the system */
    struct px_endpoint addr;
    bool by_stream; /* asked over TCP, not UDP */
    struct span span;
};

struct m_resolvers {
    struct str name;
    VEC(struct m_nameserver) servers;
    int64_t timeout_resolve, timeout_retry, hold[PX_NHOLDS], retries, payload;
    unsigned number;
    struct span span;
};

struct m_network {
    uint8_t family, bits; /* enum px_family; prefix length */
    uint8_t ip[16];
};

/* How the name of a server is resolved while it runs. */
struct m_resolving {
    const struct m_resolvers *by;
    bool prefer_ipv4, allow_duplicates, ignore_weight;
    VEC(struct m_network) networks;
};

struct m_range {
    unsigned low, high;
};

struct m_mailer {
    struct str name;
    struct px_endpoint addr;
};

struct m_mailers {
    struct str name;
    int64_t timeout; /* ms */
    VEC(struct m_mailer) mailers;
    unsigned number;
    struct span span;
};

struct m_ring_server {
    struct str name;
    struct px_endpoint addr;
    bool counts; /* log-proto octet-count */
    struct span span;
};

struct m_ring {
    struct str name, description;
    unsigned format, max_len;                /* enum px_log_format; bytes of a line */
    int64_t size;                            /* bytes */
    int64_t timeout_connect, timeout_server; /* milliseconds; 0: none */
    VEC(struct m_ring_server) servers;
    struct span span, max_len_span;
    unsigned number;
};

struct m_log {
    bool is_global; /* "log global" */
    bool has_format;
    struct px_endpoint to;
    const struct m_ring *ring; /* instead; NULL: none */
    unsigned format, facility, max_level, min_level, max_len, sample_size;
    VEC(struct m_range) ranges;
    struct span span;
    unsigned number;
};

enum log_kind { LOG_DEFAULT, LOG_TCP, LOG_TCP_CLF, LOG_HTTP, LOG_HTTPS, LOG_CLF, LOG_CUSTOM };

struct m_capture {
    struct m_name *header; /* NULL: declared only */
    unsigned len;
    struct span span;
};

struct m_bwlim {
    struct str name;
    bool upload;
    int64_t limit, period, min_size; /* bytes, milliseconds, bytes */
    struct span span;
};

struct m_capture_cookie {
    struct str begin; /* len 0: no cookie is captured */
    unsigned len;
    struct span span; /* of the length */
};

struct m_case { /* a header name, and how it is to be written */
    struct str from, to;
    struct span span;
};

struct m_error {
    unsigned status;
    struct m_reply *reply;
    struct span span;
};

struct m_forwardfor {
    struct m_name *name;
    bool if_none;
    uint8_t except_family, except_len, except[16];
    unsigned number;
};

struct m_end {
    bool name, port;
    struct m_expr *name_expr, *port_expr;
};

/* stick-table */
struct m_table {
    const struct m_proxy *proxy; /* whose name it has */
    bool has_type, by_addr, nopurge;
    enum px_type type; /* of keys */
    unsigned key_size; /* bytes, of strings at most */
    int64_t size;      /* entries; 0: not said */
    int64_t expire;    /* milliseconds; 0: never */
    unsigned data;     /* bits 1 << enum px_stick_data */
    unsigned number;
    struct span span;
};

/* option forwarded */
struct m_forwarded {
    struct m_name *name;
    bool proto, host;
    struct m_expr *host_expr;
    struct m_end by, client;
};

struct m_algorithm {
    const char *name, *sym; /* px_lb_<sym>; NULL: that of the type of hash */
    const char *hash;       /* then px_balance_<hash> */
    const char *key;        /* fetch that the hash is made of, if it is always the same */
    int default_arg;
    bool needs_http;
};

/* The key of an algorithm that hashes, and what becomes of it. */
struct m_hashing {
    const struct expr *key; /* NULL: the address or the target */
    bool whole, path_only, domain_only;
    struct str param; /* looked for in bodies, too; len 0: not */
    int64_t len, depth;
    /* "hash-type" */
    bool consistent, avalanche;
    uint8_t function; /* enum px_hash_function */
    uint8_t affinity; /* enum px_affinity */
};

/* The persistence cookie of a backend. */
struct m_cookie {
    struct str name;
    unsigned deeds;             /* enum px_cookie_deed */
    int64_t max_idle, max_life; /* seconds; 0: for ever */
    bool http_only, secure, dynamic;
    VEC(struct str) domains, attributes;
    struct span span;
};

struct m_persist_rule {
    bool force; /* else persistence is ignored */
    struct m_cond *cond;
    struct span span;
};

/* load-server-state-from-file */
enum m_states { STATES_NONE, STATES_GLOBAL, STATES_LOCAL };
/* ---- checks ---- */

struct m_check_field {
    struct m_name *name;
    struct m_fmt *value;
};

struct m_check_text {
    unsigned how; /* enum px_match_word */
    struct m_fmt *fmt;
    struct m_regex *regex;
};

struct m_check_range {
    unsigned low, high;
};

/* A rule of a check. Which members count is said by action (enum px_check_action). */
struct m_check_rule {
    unsigned action;
    bool is_comment; /* it only says something of the next one */
    bool implied;
    const char *comment; /* NULL: none */
    /* connections */
    struct px_endpoint addr;
    int64_t port;
    struct m_expr *port_expr;
    bool inherits, send_proxy, linger;
    /* bytes */
    struct m_fmt *data;
    bool data_is_hex;
    /* requests; NULL: not given */
    const char *method, *version;
    struct m_fmt *uri, *body;
    VEC(struct m_check_field) fields;
    /* expectations */
    unsigned match; /* enum px_check_match */
    bool inverse, full;
    int64_t min_recv;
    struct str text;
    struct m_regex *regex;
    struct m_fmt *fmt;
    VEC(struct m_check_range) ranges;
    struct m_check_text name, value;
    const char *ok, *error, *tout; /* codes of statuses; NULL: the usual one */
    struct m_fmt *on_success, *on_error;
    struct m_expr *code;
    const char *custom; /* the symbol of the test of a protocol */
    /* variables */
    struct m_var *var;
    struct m_expr *var_expr;
    struct m_fmt *var_fmt;
    int64_t var_conds;
    struct span span;
};

struct m_check_rules {
    VEC(struct m_check_rule *) v;
    const void *section; /* in which they stand */
};

enum check_type { CHECK_CONNECTION, CHECK_TCP, CHECK_HTTP, CHECK_PROTOCOL, CHECK_PROGRAM };

/* What servers of a proxy are asked. */
struct m_checking {
    enum check_type type;
    struct m_check_rules tcp, http;
    struct m_check_rule *request; /* of option httpchk */
    struct m_check_rules protocol;
    const char *name; /* of the protocol */
    struct span span;
};

/* What a proxy takes over from its defaults section. */
struct m_inherited {
    struct m_setting set[NPROXY_SETTINGS];
    bool is_http;
    struct span mode_span;
    VEC(struct m_log) logs;
    enum log_kind log_kind;
    const struct word *log_format, *log_sd, *log_error;
    struct span log_span;
    const struct word *unique_id;
    struct m_name *unique_id_header;
    struct span unique_id_header_span;
    uint8_t http_mode; /* enum px_http_mode */
    bool keep_alive_set;
    uint8_t reuse;                  /* enum px_reuse */
    enum m_states states;
    struct span states_span;
    struct str state_file; /* empty: called like the backend */
    const struct word *email_mailers, *email_level; /* NULL: not given */
    unsigned email_most;
    uint8_t restrict_names;         /* enum px_restrict */
    uint8_t splice_up, splice_down; /* enum px_splice */
    const struct m_algorithm *algorithm;
    int lb_arg;
    struct m_hashing hashing;
    struct span balance_span;
    const struct m_cookie *persistence; /* NULL: none */
    struct str dynamic_key;             /* len 0: none */
    struct str rdp_cookie;              /* len 0: no such persistence */
    struct span rdp_span;
    int redispatch;
    struct m_checking checking;
    uint32_t retry_on; /* enum px_retry */
    struct m_forwardfor *forwardfor, *originalto;
    struct m_forwarded *forwarded;
    struct m_name *send_name; /* http-send-name-header; NULL: no */
    VEC(struct m_error) errors;
    struct str default_backend;
    struct span default_backend_span;
    struct m_setting default_server[NSERVER_SETTINGS];
    bool disabled;
};

struct m_defaults {
    struct str name; /* len == 0: anonymous */
    struct m_inherited in;
    struct span span;
    const struct section *section;
    VEC(struct m_rule *) rules;
    struct map acls;
    struct m_proxy *user;      /* the first frontend or backend that takes it over */
    unsigned uses, named_uses; /* by proxies; of those, with "from" */
};

enum { PHASES = PX_AT_INIT + 1 };

struct m_proxy {
    struct str name;
    const char *what; /* "frontend", "backend", "listen" */
    unsigned caps;    /* enum px_cap */
    struct m_inherited in;
    struct m_defaults *defaults; /* NULL: there was none above */
    VEC(struct m_bind *) binds;
    VEC(struct m_server *) servers;
    struct m_check_rules steps; /* of checks, complete and in order; none: they only connect */
    struct m_expr *balance_key; /* NULL: none, or the address or the target */
    struct m_server *dispatch; /* where requests go that no rule gives a server; NULL: balanced */
    struct map acls;
    VEC(struct m_rule *) rules[PHASES];
    VEC(struct m_route) use_backend, use_server;
    VEC(struct m_persist_rule) persist_rules;
    struct m_table *table; /* NULL: none */
    VEC(struct m_stick) sticks;
    VEC(struct m_rule *) redirects; /* behind all http-request rules */
    VEC(struct m_cond *) monitor_fail;
    VEC(struct m_capture) captures_req, captures_res;
    VEC(struct m_bwlim *) bwlims;
    struct m_capture_cookie cookie;
    struct m_fmt *log_fmt, *log_sd_fmt, *log_error_fmt, *unique_id_fmt;
    struct m_proxy *default_backend;
    VEC(struct m_proxy *) routes; /* other ones that rules lead to by name, each once */
    const struct m_proxy *counted_by; /* the last one that has it among these */
    bool switches; /* rules take clients of a TCP frontend as HTTP */
    bool upgrades; /* these, or where it sends them, do */
    struct span span;
    const struct section *section;
    struct str state_file; /* its path; empty: none is read */
    const struct m_mailers *mailers; /* NULL: alerts are not sent by mail */
    unsigned email_level;
    unsigned id, number; /* id 0: not given */
    bool id_given;
    struct span id_span;
};

/* Do the HTTP directives of p mean anything? */
static inline bool proxy_minds_http(const struct m_proxy *p)
{
    return p->in.is_http || p->switches;
}

/* Something that needs privileges while the process runs. */
struct m_privilege {
    const char *what;
    struct span span;
};

struct model {
    struct arena *arena;
    struct m_setting global[NGLOBAL_SETTINGS];
    bool former; /* servers of some backend begin as they were */
    VEC(struct m_log) global_logs;
    VEC(struct m_case) cases;     /* h1-case-adjust */
    const struct word *case_file; /* h1-case-adjust-file; NULL: none */
    bool log_send_hostname;
    const char *log_send_hostname_as;
    VEC(struct m_bind *) stats_sockets;
    struct m_setting unix_bind[NBIND_SETTINGS]; /* for UNIX sockets of bind lines */
    struct str unix_prefix;
    VEC(struct str) namespaces; /* that a namespace_list or a line names */
    unsigned nlisted;           /* of those, the ones of a namespace_list, which come first */
    VEC(struct m_privilege) privileges;
    bool keeps_vectors;        /* of PROXY headers, for expressions ask for them */
    VEC(struct directive) env; /* setenv and its like, in order */
    VEC(struct m_proxy *) proxies;
    VEC(struct m_defaults *) defaults;
    VEC(struct m_userlist *) userlists;
    VEC(struct m_ring *) rings;
    VEC(struct m_mailers *) mailers;
    VEC(struct m_resolvers *) resolvers;
    bool resolves; /* some names are resolved while the proxy runs */
    VEC(struct m_expr *) named; /* samples that ask for ACLs */
    unsigned searches;          /* for circles of them */
    VEC(struct m_table *) tables;
    struct map vars;    /* m_var */
    struct map names;   /* m_name */
    struct map regexes; /* m_regex */
    struct map maps;    /* m_map */
    struct map lists;   /* m_list */
    unsigned nrefs;     /* lists of patterns so far, those in ACL lines included */
    VEC(unsigned) ref_ids; /* ids that ACLs ask for, "-u" */
    struct map keys;    /* m_key */
    VEC(struct m_fmt *) fmts;
    VEC(struct m_reply *) replies;
    VEC(struct m_redirect *) redirects;
    VEC(struct m_rule *) init_rules; /* global set-var */
    bool notes_rules;                /* last_rule_file or last_rule_line is asked for */
    unsigned log_needs; /* enum px_log_need: what expressions ask all frontends to keep */
    bool needs_openssl;
    bool vars_fleeting; /* expressions change variables, not only actions */
    bool checks;        /* some server is checked */
    bool admin;         /* a control socket may change what can be changed */
};

/* Is the sample there in this phase of the rules of p? p == NULL: of any proxy. */
bool expr_exists(const struct m_expr *e, const struct m_proxy *p, enum px_phase phase);

/* Settings with their defaults applied. */
int64_t setting_number(const struct m_setting *set, const struct vocab_setting *row);
const char *setting_text(const struct m_setting *set, const struct vocab_setting *row);

#endif
