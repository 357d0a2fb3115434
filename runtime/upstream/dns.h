/*
 * DNS messages: questions for one name, and what answers say about it (RFC 1035, 2782, 6891).
 *
 * Not here: whom to ask, and when; that is resolver.h. An answer is not trusted: whatever it says
 * is bounded, and only records that belong to the name that was asked for count.
 */
#ifndef PX_DNS_H
#define PX_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum px_dns_type { PX_DNS_A = 1, PX_DNS_CNAME = 5, PX_DNS_AAAA = 28, PX_DNS_SRV = 33 };

enum {
    PX_DNS_NAME = 254,         /* the longest name as text, with NUL */
    PX_DNS_QUERY = 12 + 271,   /* the longest question */
    PX_DNS_RECORDS = 128,      /* more of one answer are left aside */
    PX_DNS_PAYLOAD_LEAST = 512 /* what every server may send (RFC 1035 2.3.4) */
};

/* What one record says. */
struct px_dns_record {
    uint16_t type;   /* A, AAAA or SRV */
    uint16_t family; /* of `ip`: AF_INET, AF_INET6; 0: the target of SRV has to be asked for */
    uint8_t ip[16];  /* of A and AAAA; of SRV, what an additional record says of the target */
    uint16_t priority, weight, port;
    char target[PX_DNS_NAME]; /* of SRV, in lower case */
};

enum px_dns_verdict {
    PX_DNS_VALID,
    PX_DNS_CNAME_ERROR, /* an alias, but nothing about what it stands for */
    PX_DNS_EMPTY,       /* no record at all */
    PX_DNS_NX,          /* there is no such name */
    PX_DNS_REFUSED,
    PX_DNS_OTHER,   /* another error, or other records */
    PX_DNS_INVALID, /* no answer to this question, or no message at all */
    PX_DNS_TRUNCATED,
};

struct px_dns_answer {
    enum px_dns_verdict verdict;
    bool aliased; /* the name stands for another one */
    unsigned n;
    struct px_dns_record records[PX_DNS_RECORDS];
};

/* Is the text a name that can be asked for? A dot at the end is allowed. */
bool px_dns_name_fits(const char *name);

/* Writes a question of at most PX_DNS_QUERY bytes about a name that fits; answers its length.
 * payload: the longest answer that is welcome. */
size_t px_dns_ask(uint8_t *to, uint16_t id, const char *name, enum px_dns_type type,
                  unsigned payload);

/* The id of a message that is long enough to be one. false: it is not, or no answer. */
bool px_dns_id(const uint8_t *message, size_t len, uint16_t *id);

/* What a message answers to this question. */
void px_dns_read(const uint8_t *message, size_t len, const char *name, enum px_dns_type type,
                 struct px_dns_answer *out);

#endif
