/*
 * Names that are resolved while the proxy runs: name servers are asked again and again, and who
 * uses a name is told what it means (HAProxy manual 5.3).
 *
 * Everything happens on the thread of the first loop. All name servers of a section are asked at
 * once, and the first good answer counts; an error counts when the last of them has given one.
 * Several users of one name share its questions. What nobody uses any more stays for as long as it
 * is valid ("hold valid"), for who comes in between.
 */
#ifndef PX_RESOLVER_H
#define PX_RESOLVER_H

#include "dns.h"
#include "dns_stream.h"
#include "state.h"

/* What name servers have said, as "show resolvers" names it. */
struct px_dns_counters {
#define PX_DNS_COUNTER(field, text) _Atomic uint64_t field;
#include "resolver.def"
#undef PX_DNS_COUNTER
};

/* A UDP port from which a name server is asked. */
struct px_dns_port {
    struct px_watch watch; /* fd -1: it is closed */
    struct px_nameserver_state *ns;
};

struct px_nameserver_state {
    struct px_dns_port ports[2]; /* closed while nothing is being asked over UDP */
    unsigned port;               /* the one for questions; the other one is left to late answers */
    uint64_t port_until;         /* that it is */
    struct px_dns_stream stream;
    bool by_stream;         /* all questions go over it; else those whose answers were cut */
    bool helped;            /* who waited has got an answer over the stream, since it was opened */
    uint64_t patient_until; /* streams that are lost without an answer are not replaced at once */
    uint64_t bit;           /* of it among the servers of the section */
    char name[64];
    union px_sockaddr addr;
    socklen_t addr_len;
    const struct px_section *section;
    struct px_dns_counters counters;
};

struct px_resolution;

enum { PX_NAME_BUCKETS = 1024 };

/* A section "resolvers" with what it is about to find out. */
struct px_section {
    const struct px_resolvers *line;
    struct px_nameserver_state *servers;
    unsigned nservers;
    uint8_t *buffer;                              /* for one answer, and a byte more */
    struct px_resolution *names[PX_NAME_BUCKETS]; /* by a hash of the name */
    unsigned nnames;
    unsigned asking; /* resolutions that wait for answers */
};

/* A record, as long as it is not obsolete. */
struct px_known {
    struct px_known *next;
    struct px_dns_record record;
    uint64_t seen;
};

enum px_dns_status {
    PX_NAME_NEW,
    PX_NAME_VALID,
    PX_NAME_NX,
    PX_NAME_REFUSED,
    PX_NAME_TIMEOUT,
    PX_NAME_OTHER,
    PX_NAME_INVALID,
};

/* Who uses a name. */
struct px_requester {
    struct px_requester *next;
    struct px_resolution *of; /* NULL: none at present */
    /* The records are those that are known now. ns: who has said so; NULL: another requester was
     * told before. */
    void (*found)(struct px_requester *r, struct px_nameserver_state *ns);
    /* Nobody could say, see px_resolution.status. false: it does without from now on. */
    bool (*failed)(struct px_requester *r);
};

struct px_resolution {
    struct px_resolution *next;
    struct px_resolution *next_asked; /* of those with this id's lowest bits */
    const char *name;
    struct px_section *section;
    enum px_dns_type wanted, asked; /* asked: A instead of AAAA, or the other way round */
    enum px_dns_status status;
    uint64_t valid; /* when it last was; 0: never */
    bool asking;
    bool telling; /* requesters may come and go */
    uint16_t id;
    unsigned tries; /* that are left */
    uint64_t waits; /* bits of name servers that have not answered in this one ... */
    uint64_t cut;   /* and whose answer was cut: they are asked again over TCP */
    uint64_t turn;  /* of the question among those over TCP; 0: it was not among them */
    bool answered;  /* some have */
    struct px_timer timer;
    struct px_requester *requesters;
    struct px_known *known;
    unsigned nknown;
};

extern struct px_section *px_sections; /* px_program.nresolvers of them */

/* Before the threads start. NULL: done; else what is wrong with *line. */
const char *px_resolver_init(const struct px_resolvers **line);

/* The requester is told about the name from now on; another name than before is left. `name` is
 * copied. false: it cannot be asked for, or there is no memory. */
bool px_resolver_join(struct px_requester *r, const struct px_resolvers *line, const char *name,
                      enum px_dns_type type);
void px_resolver_leave(struct px_requester *r);

/* May there be more names? Those that nobody uses may be forgotten for it. */
bool px_resolver_has_room(const struct px_resolvers *line);

/* Is its last answer good, and not older than it may be ("hold valid")? */
bool px_resolver_is_fresh(const struct px_resolution *x);
/* Asks at once, unless it does so already. */
void px_resolver_ask(struct px_resolution *x);
/* Its records begin with another one. */
void px_resolver_turn(struct px_resolution *x);

/* Has the status lasted so long, since it was last valid, that it counts (HAProxy manual, "hold")?
 */
bool px_resolver_is_lost(const struct px_resolution *x);

#endif
