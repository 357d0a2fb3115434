/*
 * A transaction: the life of one HTTP request with its response, or of one TCP session.
 *
 * It is a list of named steps. A step answers PX_NEXT (go on), PX_STAY (an event will run it again)
 * or PX_OVER (the transaction no longer exists). Steps go forward; px_txn_go moves elsewhere: back
 * for a retry, or to the answer when something failed.
 */
#ifndef PX_TXN_H
#define PX_TXN_H

#include "../http/body.h"
#include "../http/h1.h"
#include "../upstream/back.h"
#include "../upstream/slot.h"
#include "client.h"

enum px_progress { PX_NEXT, PX_STAY, PX_OVER };

/* The steps, in their usual order. A kind of transaction leaves out what it does not need. */
#define PX_STAGES(X)                                                                               \
    X(CONTENT, "content rules")         /* tcp-request content of the frontend */                  \
    X(RECEIVE, "receive")               /* the request head */                                     \
    X(FRONTEND, "frontend rules")                                                                  \
    X(ROUTE, "route")                   /* which backend */                                        \
    X(INSPECT, "backend content rules") /* tcp-request content of the backend */                   \
    X(BACKEND, "backend rules")                                                                    \
    X(SERVER, "server")                 /* which server; waiting in a queue */                     \
    X(CONNECT, "connect")                                                                          \
    X(SEND, "send")                     /* the request head, and what there is of its body */      \
    X(RESPONSE, "response")             /* the response head */                                    \
    X(RESPONSE_RULES, "response rules")                                                            \
    X(FORWARD, "forward")               /* until both directions are over */                       \
    X(END, "end")                       /* log, count, keep or close */                            \
    X(ANSWER, "answer")                 /* a response of our own instead */                        \
    X(HOLD, "hold")                     /* tarpit: later an answer */

#define PX_STAGE_ENUM(symbol, text) PX_STAGE_##symbol,
enum px_stage { PX_STAGES(PX_STAGE_ENUM) PX_NSTAGES };

/* A kind of transaction: the function of each step, NULL for what it leaves out. */
typedef enum px_progress (*px_stage_fn)(struct px_txn *t);
struct px_kind {
    const char *name;
    px_stage_fn stages[PX_NSTAGES];
    /* What it keeps beside the transaction itself; NULL: nothing. begin: false: no memory. */
    bool (*begin)(struct px_txn *t);
    void (*end)(struct px_txn *t);
    /* Prepares the answer of an error; NULL: there are no answers, connections are closed. */
    void (*refuse)(struct px_txn *t, unsigned status);
    /* The first transaction of a client that has been admitted, or the wait for it. */
    void (*start)(struct px_client *c);
    const struct px_sock_ops *client_ops, *back_ops;
    /* The same for what began as another kind and has a backend already; NULL: it cannot. */
    const struct px_kind *routed;
};

extern const struct px_kind px_kind_http, px_kind_tcp;

/* One direction of a transfer. */
struct px_pump {
    struct px_body_walk walk;
    struct px_lane *lane; /* NULL: no limit */
    uint32_t skip;  /* bytes at the front of the source's buffer that were sent by other means */
    bool dechunk;   /* send the data of a chunked body without its framing */
    bool no_trailers; /* leave out the fields behind a chunked body */
    bool begun;     /* the head has been sent, or is being sent */
    bool blocked;   /* the destination has bytes queued */
    bool over;      /* all of it has been sent */
    bool ended;     /* the source has ended */
    bool closes;    /* the destination is closed at once when all of it has been sent */
    bool keep;      /* what was sent stays in the buffer, for it may have to be sent again */
    uint8_t splice; /* enum px_splice */
    uint8_t steady; /* times in a row that the source had more than its buffer could take */
    uint64_t bytes; /* payload */
    uint64_t seen;  /* of these, when px_pump_keeps_silence was asked last */
};

/* Moments, in milliseconds of px_loop.now; 0: not reached. */
struct px_moments {
    uint64_t start;     /* accepted, or idle since the request before */
    uint64_t welcome;   /* the session began, or as before */
    uint64_t begin;     /* first byte of the request */
    uint64_t head;      /* request head complete */
    uint64_t queue;     /* left the queue, or needed none */
    uint64_t connected;
    uint64_t answered;  /* response head complete */
    uint64_t end;
};

enum px_txn_flag {
    PX_T_HEAD_READY = 1,    /* the request head is ready to be sent */
    PX_T_SENT = 2,          /* bytes of the request may have reached a server */
    PX_T_ANSWERING = 4,     /* bytes of a response may have reached the client */
    PX_T_LOCAL = 8,         /* the response is our own */
    PX_T_LOGGED = 16,
    PX_T_REDISPATCHED = 32,
    PX_T_REUSED = 64,       /* on a server connection that served before */
    PX_T_SLOT = 128,        /* holds a slot of t->srv */
    PX_T_CLOSE = 256,       /* the client connection ends with this transaction */
    PX_T_TUNNEL = 512,
    PX_T_IN_BACKEND = 1024, /* counted in the backend's level */
    PX_T_DESIGNATED = 2048, /* a rule or the key chose the server, not a turn */
    PX_T_TARPIT = 4096,
    PX_T_FINAL = 8192,      /* no more data will come for the rules that wait */
    PX_T_SILENT = 16384,    /* not to be logged */
    PX_T_WAITED = 32768,    /* was in a queue */
    PX_T_TIMED = 65536,     /* t->timer has fired */
    PX_T_UNREAD = 131072,   /* the request was not read to its end */
    PX_T_NO_TR = 262144,    /* logs show no time for the request head */
    PX_T_INSPECTED = 524288, /* tcp-response content rules have decided */
    PX_T_ONCE = 1048576,     /* a rule forbids to send the request again */
    PX_T_HINTS = 2097152,    /* rules have begun a response 103 */
    PX_T_ASKED = 4194304,    /* it has the server that it, or a rule, has asked for */
    PX_T_FORCE_PERSIST = 8388608,   /* rules: it has that server even if it is down */
    PX_T_IGNORE_PERSIST = 16777216, /* rules: any server will do, whatever it asks for */
    PX_T_ANSWER_SEEN = 33554432,    /* nothing more is to be done with what the server says first */
    PX_T_RESET_SERVER = 67108864,   /* its connection ends by a reset */
};

/* What became of the persistence cookie, in letters for logs. */
struct px_cookie_trace {
    char client, server;
    int64_t last, first; /* dates in the client's cookie, seconds since 1970; 0: none */
};

struct px_http {
    struct px_str log_method, log_uri; /* copies for logs, made when the program needs them */
    struct px_str cookie, set_cookie;  /* captured for logs; p == NULL: none */
    struct px_str *captures;           /* as declared by the frontend; p == NULL: nothing */
    const struct px_reply *reply;      /* PX_T_LOCAL: what to answer */
    const struct px_redirect *redirect; /* or where to send the client */
    struct px_cookie_trace *trace;     /* NULL: none, or not looked at yet */
    struct px_str own_body;            /* PX_T_LOCAL: the body of that answer */
    uint64_t head_sizes;               /* px_head_size of the response heads sent */
    uint64_t sent_head;                /* px_head_size of the request, as it was sent; PX_LOG_SENT */
    uint16_t status;                   /* sent to the client; 0: none */
    uint16_t server_status;            /* that the server sent; 0: none */
    uint16_t interims;                 /* responses 1xx that have come before it */
    uint8_t log_version;
    bool head_request;                 /* no body in the response */
    bool server_close;                 /* do not use the server connection again */
    bool server_failed;                /* the server connection, while rules waited for the body */
    bool close_asked;                  /* the same, as it was before the server had a say */
    bool proxied;                      /* Proxy-Connection tells of persistence, and who asks for
                                          credentials is a proxy */
    bool rewrite_lax;                  /* strict-mode off, until the rule set ends */
    bool backend_passed;               /* http-response rules of the backend have been run */
    bool after_failed;                 /* http-after-response rules are not run again */
    struct px_h1 h1_req, h1_res;
    struct px_head req, res;           /* last: started by px_head_start, not zeroed before */
};

/* What rules say instead of the timeouts of frontend and backend, by enum px_timeout_word; 0: not
 * set. Milliseconds. */
struct px_timeouts {
    int32_t ms[PX_TIMEOUTS]; /* 0: as configured */
    int32_t retries;         /* and 1; 0: as configured */
};

/* Keys that stick tables learn once the server is connected. */
struct px_lessons {
    void (*learn)(struct px_txn *t);
    unsigned n;
    struct {
        const struct px_stick_table *table;
        struct px_str key; /* in the arena */
    } v[PX_STICK_MOST];
};

struct px_txn {
    const struct px_kind *kind;
    struct px_client *client;
    struct px_back *back;
    const struct px_proxy *fe, *be;
    const struct px_server *srv, *failed;
    const struct px_server *persist; /* that the client has asked for; NULL: any */
    struct px_http *http;            /* NULL: TCP */
    struct px_waiting *waiting;
    struct px_lessons *lessons; /* NULL: nothing is to be learnt of this request */
    struct px_pump up, down;
    struct px_arena arena;
    struct px_timer timer; /* of the step that waits */
    struct px_moments at;
    int64_t date_us;       /* accepted, or begun: what logs call the date of the request */
    int64_t accept_us;
    uint32_t flags;        /* enum px_txn_flag */
    uint8_t stage;         /* enum px_stage */
    char cause, phase;     /* termination state, 0: none */
    uint8_t log_level;     /* 0: as configured, else 1 + enum px_level_word */
    int16_t priority_class;  /* in queues */
    int32_t priority_offset; /* ms */
    uint16_t retries_left, retries;
    uint32_t ahead_server, ahead_backend; /* queue positions */
    uint32_t resume;       /* rule at which a waiting rule set goes on; 0: at the first */
    uint32_t number;       /* of the transaction in this process */
    uint64_t bytes_in, bytes_out;
    uint64_t counted_in, counted_out, counted_at; /* what statistics know already, since when */
    struct px_addr back_src; /* own address towards the server, for logs that show it */
    struct px_ends *ends;    /* the client's addresses before rules changed them; NULL: not changed */
    struct px_marks *marks;  /* of the packets to the server; NULL: none */
    struct px_timeouts *timeouts; /* NULL: as configured */
    struct px_lookup *lookup;     /* that rules wait for; NULL: none */
    struct px_lanes *lanes;       /* limits of both directions; NULL: none */
    struct px_sample *vars;
    const char *rule_file;   /* of the last final rule, if something asks for it */
    uint32_t rule_line;
    const struct px_fault *refused; /* why there is no session; NULL: there is one */
    struct px_str unique_id; /* px_txn_unique_id; p == NULL: not made yet */
};

static inline uint64_t px_timeout(const struct px_txn *t, enum px_timeout_word which, int32_t dflt)
{
    if (t->timeouts && t->timeouts->ms[which])
        return (uint64_t)t->timeouts->ms[which];
    return (uint64_t)dflt;
}

/* How often it may be tried again. t->be has to be known. */
static inline uint16_t px_retries(const struct px_txn *t)
{
    if (t->timeouts && t->timeouts->retries)
        return (uint16_t)(t->timeouts->retries - 1);
    return (uint16_t)t->be->retries;
}

/* Longest silence of the client, of the server (0: for ever), and of both in a tunnel (0: as those
 * two). t->be has to be known. */
static inline uint64_t px_client_timeout(const struct px_txn *t)
{
    return px_timeout(t, PX_WORD_CLIENT, t->fe->timeout_client);
}

static inline uint64_t px_server_timeout(const struct px_txn *t)
{
    return px_timeout(t, PX_WORD_SERVER, t->be->timeout_server);
}

static inline uint64_t px_tunnel_timeout(const struct px_txn *t)
{
    return px_timeout(t, PX_WORD_TUNNEL, t->be->timeout_tunnel);
}

/* Longest wait for a connection to the server, for a place at one, and of a client in a tarpit; 0:
 * for ever. The other two are as long as the first when they are not configured. */
static inline uint64_t px_connect_timeout(const struct px_txn *t)
{
    return px_timeout(t, PX_WORD_CONNECT, t->be->timeout_connect);
}

static inline uint64_t px_queue_timeout(const struct px_txn *t)
{
    const struct px_proxy *be = t->be;
    return px_timeout(t, PX_WORD_QUEUE,
                      be->timeout_queue ? be->timeout_queue : be->timeout_connect);
}

static inline uint64_t px_tarpit_timeout(const struct px_txn *t)
{
    const struct px_proxy *p = t->be ? t->be : t->fe;
    return px_timeout(t, PX_WORD_TARPIT,
                      p->timeout_tarpit ? p->timeout_tarpit : p->timeout_connect);
}

/* Does t want the server that it asks for even when that is down? */
static inline bool px_txn_insists(const struct px_txn *t)
{
    return (t->flags & PX_T_FORCE_PERSIST) || t->be->persist;
}

/* NULL: no memory. */
struct px_txn *px_txn_new(struct px_client *client, const struct px_kind *kind);
void px_txn_free(struct px_txn *t);

/* t goes on as another kind, with the same client and what it has sent. false: no memory. */
bool px_txn_become(struct px_txn *t, const struct px_kind *kind);

/* Runs steps until one stays. The transaction may be gone afterwards. */
void px_txn_run(struct px_txn *t);
enum px_progress px_txn_go(struct px_txn *t, enum px_stage stage);

/*
 * Notes why the transaction ends (the first reason counts) and goes on to answer with the error
 * reply of `status`; 0: nothing is sent, the connection is closed.
 */
enum px_progress px_txn_fail(struct px_txn *t, char cause, char phase, unsigned status);

/* Counts that the client has left its backend, and its server if it has one. */
void px_txn_count_abort(const struct px_txn *t);

/* The same from an event: runs the transaction to its end. */
void px_txn_abort(struct px_txn *t, char cause, char phase, unsigned status);

/* The identifier that unique-id-format gives to t, made when first asked for. p == NULL: none. */
struct px_str px_txn_unique_id(struct px_txn *t);

/* Somebody wants it to end at once; `cause`: the first letter of its termination state. */
void px_txn_cut(struct px_txn *t, char cause);

#endif
