/*
 * Fuzz target: DNS answers.
 *
 * The first byte chooses the question. Whatever is read is an address, or a service at a name that
 * can be asked for; and there is something when the verdict says so.
 */
#include "runtime/upstream/dns.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_record(const struct px_dns_record *r, enum px_dns_type type)
{
    must(r->type == type);
    must(r->family == 0 || r->family == AF_INET || r->family == AF_INET6);
    if (type == PX_DNS_SRV)
        must(memchr(r->target, 0, sizeof r->target) && px_dns_name_fits(r->target));
    else
        must(r->family == (type == PX_DNS_A ? AF_INET : AF_INET6));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static const enum px_dns_type types[] = {PX_DNS_A, PX_DNS_AAAA, PX_DNS_SRV};
    static struct px_dns_answer answer;
    uint16_t id;
    if (!size)
        return 0;
    enum px_dns_type type = types[data[0] % 3];
    uint8_t *exact = malloc(size); /* so that sanitizers see what is read behind it */
    must(exact);
    memcpy(exact, data + 1, size - 1);
    px_dns_id(exact, size - 1, &id);
    px_dns_read(exact, size - 1, "a.test", type, &answer);
    free(exact);
    must((answer.verdict == PX_DNS_VALID) == (answer.n > 0));
    must(answer.n <= PX_DNS_RECORDS);
    for (unsigned i = 0; i < answer.n; i++)
        check_record(&answer.records[i], type);
    return 0;
}
