/*
 * The vocabulary: every fetch, converter, action, log alias, setting and section keyword, by name.
 *
 * Made from the *.def rows that the runtime is made from, and from known.def: names that exist in
 * HAProxy and not (yet) here, so that they get an honest answer instead of "unknown".
 */
#ifndef VOCAB_H
#define VOCAB_H

#include "../base/diag.h"

#include "../../runtime/abi/tables.h"

/* How a sample is compared with patterns (HAProxy manual 7.1). */
enum match_method {
    MATCH_FOUND,
    MATCH_BOOL,
    MATCH_INT,
    MATCH_IP,
    MATCH_BIN,
    MATCH_LEN,
    MATCH_STR,
    MATCH_SUB,
    MATCH_REG,
    MATCH_BEG,
    MATCH_END,
    MATCH_DIR,
    MATCH_DOM,
    NMATCHES
};

/* NMATCHES: there is none of this name. */
enum match_method match_method_of(struct str name);
const char *match_method_name(enum match_method method);
/* What a method compares, so what the sample is cast to. */
enum px_type match_method_type(enum match_method method);

/* Kinds of arguments; the names are those of runtime/abi/kinds.h. */
#define VOCAB_ARG_KINDS(X)                                                                         \
    X(STR)                                                                                         \
    X(OSTR)                                                                                        \
    X(INT)                                                                                         \
    X(OINT)                                                                                        \
    X(TIME)                                                                                        \
    X(NAME)                                                                                        \
    X(ONAME)                                                                                       \
    X(VAR)                                                                                         \
    X(OVAR)                                                                                        \
    X(CONDS)                                                                                       \
    X(ACLS)                                                                                        \
    X(OPERAND)                                                                                     \
    X(VALUE)                                                                                       \
    X(SECRET)                                                                                      \
    X(FMT)                                                                                         \
    X(EXPR)                                                                                        \
    X(OEXPR)                                                                                       \
    X(BWLIM)                                                                                       \
    X(RESOLVERS)                                                                                   \
    X(REGEX)                                                                                       \
    X(MASK4)                                                                                       \
    X(OMASK6) X(OFRONTEND) X(OBACKEND) X(SERVER) X(TABLE) X(OTABLE) X(MAP) X(LIST) X(USERLIST) X(REPLY) X(REDIRECT) X(WORD)
#define VOCAB_ARG_ENUM(k) ARG_##k,
enum arg_kind { ARG_NONE, VOCAB_ARG_KINDS(VOCAB_ARG_ENUM) ARG_KINDS };

enum { MAX_ARGS = 4 };

/* What a sample depends on, what an action changes: decides how long a value may be kept. */
enum facet {
    READS_NOTHING = 0, /* constant */
    READS_SESSION = 1, /* fixed for the connection */
    READS_ADDR = 2,
    READS_REQUEST = 4, /* without its first line */
    READS_RESPONSE = 8,
    READS_VARS = 16,
    READS_VOLATILE = 32, /* may differ at each call */
    READS_TARGET = 64,   /* the request line */
    READS_FRESH = READS_VOLATILE | 128, /* another one for the next rule: never kept */
    READS_AT_HAND = 256, /* in a step or two: not worth keeping as it is */
    READS_LOCATION = READS_TARGET | READS_REQUEST,
    READS_LOCATION_ADDR = READS_LOCATION | READS_ADDR,
    READS_TARGET_AT_HAND = READS_TARGET | READS_AT_HAND,
    READS_REQUEST_AT_HAND = READS_REQUEST | READS_AT_HAND,
    READS_RESPONSE_AT_HAND = READS_RESPONSE | READS_AT_HAND,
    READS_LOCATION_AT_HAND = READS_LOCATION | READS_AT_HAND,
};

/* Sets of phases, as bits 1 << enum px_phase. */
enum phases {
    AT_CONN = 1 << PX_AT_CONN,
    AT_SESS = 1 << PX_AT_SESS,
    AT_REQ_TCP = 1 << PX_AT_REQ_TCP,
    AT_REQ_HTTP = 1 << PX_AT_REQ_HTTP,
    AT_RES_TCP = 1 << PX_AT_RES_TCP,
    AT_RES_HTTP = 1 << PX_AT_RES_HTTP,
    AT_AFTER = 1 << PX_AT_AFTER,
    AT_LOG = 1 << PX_AT_LOG,
    AT_INIT = 1 << PX_AT_INIT,
    AT_CHECK = 1 << PX_AT_CHECK,
    OF_BACKEND = 1 << 16, /* while there is no response, in rules of backends only */
};

struct vocab_fetch {
    const char *name, *sym;
    enum px_type type;
    enum arg_kind args[MAX_ARGS];
    unsigned nargs, phases, reads;
    bool each; /* has several values in conditions */
    const char *example, *doc;
};

struct vocab_conv {
    const char *name, *sym;
    enum px_type in, out; /* PX_ANY as out: the type that came in */
    enum arg_kind args[MAX_ARGS];
    unsigned nargs;
    const char *example, *doc;
};

struct vocab_action {
    const char *name, *sym;
    enum arg_kind args[MAX_ARGS];
    unsigned nargs, phases, writes;
    bool final;
    const char *example, *doc;
};

struct vocab_alias {
    const char *name, *sym;
    bool http_only;
    unsigned needs; /* enum px_log_need */
    const char *doc;
};

/* "hdr_beg" is "req.hdr -m beg". In response rules the second fetch is meant. */
struct vocab_shorthand {
    const char *name, *fetch, *response_fetch; /* NULL: the same */
    int method;                                /* enum match_method, -1: none implied */
};

enum setting_kind {
    SETTING_FLAG,
    SETTING_UINT,
    SETTING_INT,
    SETTING_TIME,
    SETTING_TIME_S,
    SETTING_SIZE,
    SETTING_TEXT,
    SETTING_LINE,
    SETTING_ONOFF,
    SETTING_MODE,
    SETTING_SOURCE,
    SETTING_U32,
    SETTING_VECTORS,
    SETTING_THREADS,
    SETTING_SHARDS,
    SETTING_REDIRECT,
    SETTING_ENDPOINT,
    SETTING_HOST,
};

/* Where a setting or directive may stand. */
enum where {
    IN_GLOBAL = 1,
    IN_DEFAULTS = 2,
    IN_FRONTEND = 4,
    IN_BACKEND = 8,
    IN_BIND = 16,
    IN_SERVER = 32,
};

struct vocab_setting {
    const char *words, *field;
    enum setting_kind kind;
    int64_t dflt;
    unsigned where;
    const char *doc;
};

#define PX_GLOBAL(words, field, kind, dflt, doc) GLOBAL_##field,
enum global_setting {
#include "../../runtime/abi/global.def"
    NGLOBAL_SETTINGS
};
#undef PX_GLOBAL
#define PX_PROXY(words, field, kind, dflt, where, doc) PROXY_##field,
enum proxy_setting {
#include "../../runtime/abi/proxy.def"
    NPROXY_SETTINGS
};
#undef PX_PROXY
#define PX_BIND(words, field, kind, dflt, doc) BIND_##field,
enum bind_setting {
#include "../../runtime/abi/bind.def"
    NBIND_SETTINGS
};
#undef PX_BIND
#define PX_SERVER(words, field, kind, dflt, doc) SERVER_##field,
enum server_setting {
#include "../../runtime/abi/server.def"
    NSERVER_SETTINGS
};
#undef PX_SERVER

extern const struct vocab_setting vocab_global[NGLOBAL_SETTINGS], vocab_proxy[NPROXY_SETTINGS],
    vocab_bind[NBIND_SETTINGS], vocab_server[NSERVER_SETTINGS];

/* Where a name is looked for. */
enum vocab_space {
    SPACE_FETCH,
    SPACE_CONV,
    SPACE_ACTION,
    SPACE_ALIAS,
    SPACE_GLOBAL,
    SPACE_PROXY,
    SPACE_BIND,
    SPACE_SERVER,
    SPACE_SECTION,
    SPACE_USERLIST,
    SPACE_ERRORS,
    SPACE_NAMESPACES,
    SPACE_RING,
    SPACE_MAILERS,
    SPACE_RING_SERVER, /* options of its servers */
    SPACE_TABLE,       /* arguments of "stick-table" */
    SPACE_STORE,       /* data of its entries */
    SPACE_RESOLVERS,
    SPACE_OTHER,       /* keywords of sections that are not supported, with their section */
    NSPACES
};

enum vocab_status { VOCAB_ON, VOCAB_LATER, VOCAB_NEVER, VOCAB_REMOVED };

struct vocab_entry {
    enum vocab_status status;
    const char *name;
    const char *hint; /* VOCAB_REMOVED: what to write instead; may be NULL */
    const void *row;  /* VOCAB_ON: vocab_fetch and so on, or a directive */
};

struct vocab;

/* Built once; directives (directives.def) are added by their own floor. */
struct vocab *vocab_new(struct arena *a);
void vocab_add(struct vocab *v, enum vocab_space space, const char *name, const void *row);
/* Last: the names that are known and not supported. */
void vocab_add_known(struct vocab *v);
const struct vocab_entry *vocab_find(const struct vocab *v, enum vocab_space space,
                                     struct str name);
const struct vocab_shorthand *vocab_shorthand(const struct vocab *v, struct str name);
/* All of them. */
const struct vocab_shorthand *vocab_shorthands(unsigned *n);

/*
 * Reports a name that cannot be used: unknown (with the nearest spelling), not supported yet, not
 * supported, or removed (with what replaces it). what: "sample fetch", "converter", ...
 */
struct diag *vocab_refuse(const struct vocab *v, struct diags *ds, enum vocab_space space,
                          struct str name, struct span at, const char *what);

/* All names of a space in alphabetical order. */
unsigned vocab_names(const struct vocab *v, enum vocab_space space, struct str **names);

const char *px_type_name(enum px_type type);
/* "a" or "an", whichever goes with it. */
const char *px_type_article(enum px_type type);

/* Can a sample of this type be used where the other is asked for? (HAProxy manual 7.1) */
bool type_casts(enum px_type from, enum px_type to);

#endif
