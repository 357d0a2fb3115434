/*
 * "show info": the process as a whole.
 */
#include "../abi/tables.h"
#include "../abi/version.h"
#include "../txn/end.h"
#include "control.h"
#include "limits.h"
#include "process.h"

#include <malloc.h>
#include <stdio.h>

static unsigned listening(void)
{
    unsigned n = 0;
    for (unsigned i = 0; i < px_program.nbinds; i++) {
        const struct px_proxy *p = px_program.binds[i]->proxy;
        n += !p || (!px_stopping && !p->disabled);
    }
    return n;
}

static unsigned long long sent_so_far(void)
{
    unsigned long long sum = 0;
    for (unsigned i = 0; i < px_program.nproxies; i++) {
        struct px_counters c;
        px_counters_sum(PX_OF_FRONTEND, px_program.proxies[i]->number, &c);
        sum += c.bytes_out;
    }
    return sum;
}

/* Bytes per second since the last question, but not over less than a second. */
static unsigned long long sent_lately(unsigned long long now_sent)
{
    static unsigned long long before, rate;
    static uint64_t asked;
    uint64_t ms = px_self->now - asked;
    if (ms >= 1000 || !asked) {
        rate = asked ? (now_sent - before) * 1000 / ms : now_sent;
        before = now_sent;
        asked = px_self->now;
    }
    return rate;
}

void px_show_info(const struct px_command *c, struct px_text *out)
{
    long long up = px_self->date_us / 1000000 - px_start_time;
    char up_text[48];
    unsigned long long memory = mallinfo2().uordblks;
    unsigned long long bytes_out = sent_so_far(), bytes_out_rate = sent_lately(bytes_out);
    unsigned long long dropped = px_program.log ? px_program.log->dropped() : 0;
    unsigned listeners = listening();
    if (c->n > 2) {
        px_text_printf(out, "'show info %s' is not supported yet.\n", c->words[2]);
        return;
    }
    snprintf(up_text, sizeof up_text, "%lldd %lldh%02lldm%02llds", up / 86400, up / 3600 % 24,
             up / 60 % 60, up % 60);
#define PX_INFO(name, format, value) px_text_printf(out, name ": " format "\n", value);
#include "info.def"
#undef PX_INFO
    if (px_program.global->description)
        px_text_printf(out, "description: %s\n", px_program.global->description);
}
