/*
 * The vocabulary of types that generated code, compiler and runtime share.
 *
 * Not here: anything with behaviour, and anything a single floor could keep to itself.
 * Idea: a sample is a tagged value; where its bytes live is the business of the function that
 * produced it, and they stay valid until the current rule set ends.
 */
#ifndef PX_ABI_TYPES_H
#define PX_ABI_TYPES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A run of bytes, not NUL-terminated. p == NULL means "not given". */
struct px_str {
    const char *p;
    size_t len;
};

#define PX_STR(literal)                                                                            \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }

/* Types of samples (HAProxy manual, 7.1). PX_ADDR and PX_ANY exist at compile time only. */
enum px_type { PX_BOOL, PX_SINT, PX_STRING, PX_BIN, PX_IPV4, PX_IPV6, PX_METH, PX_ADDR, PX_ANY };

/* Methods with a number of their own; everything else is PX_M_OTHER and keeps its text. */
enum px_meth {
    PX_M_OTHER,
    PX_M_OPTIONS,
    PX_M_GET,
    PX_M_HEAD,
    PX_M_POST,
    PX_M_PUT,
    PX_M_DELETE,
    PX_M_TRACE,
    PX_M_CONNECT,
    PX_M_PATCH,
};

struct px_sample {
    union {
        int64_t i;          /* PX_BOOL (0 or 1), PX_SINT */
        struct px_str s;    /* PX_STRING, PX_BIN, PX_METH */
        struct in_addr v4;  /* network order */
        struct in6_addr v6; /* network order */
    } u;
    uint8_t type; /* enum px_type */
    uint8_t meth; /* enum px_meth, for PX_METH */
    bool open;    /* bytes to come may change it: what it fails now, it may pass later */
};

/* What a fetch answers. PX_LATER: not enough data yet, more may come. */
enum px_found { PX_ABSENT, PX_FOUND, PX_LATER };

/* Three-valued truth of a condition where data may still come. */
enum px_tri { PX_FALSE, PX_TRUE, PX_UNKNOWN };

/* What a rule set, and each action in it, answers. */
enum px_verdict {
    PX_GO,   /* next rule; at the end of a rule set: carry on with the transaction */
    PX_END,  /* this rule set is over, carry on with the transaction (accept, allow) */
    PX_DONE, /* the transaction was answered or cut off here */
    PX_WAIT, /* evaluation continues at this rule when more is known */
};

/* Rule sets, in the order in which a transaction meets them; also the phases of fetches. */
enum px_phase {
    PX_AT_CONN,     /* tcp-request connection */
    PX_AT_SESS,     /* tcp-request session */
    PX_AT_REQ_TCP,  /* tcp-request content */
    PX_AT_REQ_HTTP, /* http-request, redirect, use_backend, use-server, balance */
    PX_AT_RES_TCP,  /* tcp-response content */
    PX_AT_RES_HTTP, /* http-response */
    PX_AT_AFTER,    /* http-after-response */
    PX_AT_LOG,      /* log-format */
    PX_AT_INIT,     /* evaluated once when the process starts */
    PX_AT_CHECK,    /* tcp-check, http-check */
    PX_AT_ERROR,    /* http-error: whenever something fails */
};

struct px_txn;   /* the life of one request or one TCP session */
struct px_proxy; /* a frontend, backend or listen section */
struct px_server;

/* A buffer that formats append to. Appending never overruns: what does not fit sets full. */
struct px_out {
    char *p;
    size_t len, cap;
    bool full;
};

/* A format string: the text when it is constant, else the function that appends it. */
struct px_fmt {
    struct px_str text;
    void (*append)(struct px_txn *t, struct px_out *out);
};

/* A sample expression. */
typedef enum px_found (*px_expr)(struct px_txn *t, struct px_sample *out);

/* A condition by itself. */
typedef enum px_tri (*px_cond)(struct px_txn *t);

/* A header name, lower case, and the slot in which the parser files its lines (0: none). */
struct px_name {
    struct px_str text;
    uint8_t slot;
};

/* Words that actions take, by number (arguments of kind WORD). */
enum px_onoff_word { PX_WORD_OFF, PX_WORD_ON };                   /* strict-mode */
enum px_layer_word { PX_WORD_LAYER4 };                            /* expect-proxy */
enum px_family_word { PX_WORD_EITHER, PX_WORD_IPV4, PX_WORD_IPV6 }; /* do-resolve */
enum px_level_word { PX_WORD_EMERG, PX_WORD_DEBUG = 7, PX_WORD_SILENT }; /* set-log-level */
enum px_timeout_word {                                            /* set-timeout */
    PX_WORD_CLIENT,
    PX_WORD_SERVER,
    PX_WORD_TUNNEL,
    PX_WORD_CONNECT,
    PX_WORD_QUEUE,
    PX_WORD_TARPIT,
    PX_TIMEOUTS
};
enum px_normalizer_word {                                         /* normalize-uri */
    PX_WORD_FRAGMENT_ENCODE,
    PX_WORD_FRAGMENT_STRIP,
    PX_WORD_PATH_MERGE_SLASHES,
    PX_WORD_PATH_STRIP_DOT,
    PX_WORD_PATH_STRIP_DOTDOT,
    PX_WORD_PERCENT_DECODE_UNRESERVED,
    PX_WORD_PERCENT_TO_UPPERCASE,
    PX_WORD_QUERY_SORT_BY_NAME,
};
enum px_match_word {                                              /* del-header -m */
    PX_WORD_STR,
    PX_WORD_BEG,
    PX_WORD_END,
    PX_WORD_SUB,
    PX_WORD_REG, /* the name is the expression; compiled when first used */
};

/* An address as written in a configuration. */
enum px_family { PX_AF_NONE, PX_AF_INET, PX_AF_INET6, PX_AF_UNIX, PX_AF_ABNS, PX_AF_FD, PX_AF_NAME };

struct px_endpoint {
    uint8_t family; /* enum px_family */
    uint8_t only;     /* PX_AF_NAME: the family that is meant; PX_AF_NONE: either */
    bool port_offset; /* port is added to the port the client connected to */
    bool has_port;
    int32_t port;     /* host order; an offset may be negative; PX_AF_FD: the descriptor */
    union {
        uint8_t v4[4];
        uint8_t v6[16];
    } ip;
    const char *path; /* UNIX path, abstract name, host name, or environment variable of an fd */
};

#endif
