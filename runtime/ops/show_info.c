/*
 * "show info": the process as a whole.
 */
#include "../abi/tables.h"
#include "../abi/version.h"
#include "../loop/sock.h"
#include "../txn/end.h"
#include "control.h"
#include "limits.h"
#include "process.h"
#include "typed.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

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

enum type { STR, U32, U64 };

static void put_line(struct px_text *out, const char *name, const struct px_typed *t,
                     const struct px_text *value, enum px_statistics form)
{
    if (form == PX_STATISTICS_JSON) {
        px_text_printf(out, "%s{\"field\":{\"pos\":%u,\"name\":\"%s\"},", t->first ? "" : ",",
                       t->position, name);
        px_typed_json(t, value, out);
        px_text_put(out, "}", 1);
        return;
    }
    if (form == PX_STATISTICS_TYPED) {
        px_text_printf(out, "%u.%s.1:", t->position, name);
        px_typed_text(t, value, out);
    } else {
        px_text_printf(out, "%s: ", name);
        px_text_put(out, value->p, value->len);
    }
    px_text_put(out, "\n", 1);
}

static void put_lines(struct px_text *out, enum px_statistics form)
{
    static const char *const types[] = {"str", "u32", "u64"};
    long long up = px_self->date_us / 1000000 - px_start_time;
    char up_text[48];
    unsigned long long memory = mallinfo2().uordblks;
    unsigned long long bytes_out = sent_so_far(), bytes_out_rate = sent_lately(bytes_out);
    unsigned long long dropped = px_program.log ? px_program.log->dropped() : 0;
    unsigned listeners = listening(), position = 0;
    const char *description = px_program.global->description;
    struct px_text value = {0};
    snprintf(up_text, sizeof up_text, "%lldd %lldh%02lldm%02llds", up / 86400, up / 3600 % 24,
             up / 60 % 60, up % 60);
#define PX_INFO_GAP(n) position += n;
#define PX_INFO(name, tags, type, format, number)                                                  \
    value.len = 0;                                                                                 \
    px_text_printf(&value, format, number);                                                        \
    if (value.len)                                                                                 \
        put_line(out, name, &(struct px_typed){tags, types[type], position, !position}, &value,    \
                 form);                                                                            \
    position++;
#include "info.def"
#undef PX_INFO
#undef PX_INFO_GAP
    free(value.p);
}

void px_show_info(const struct px_command *c, struct px_text *out)
{
    enum px_statistics form = px_statistics_form(c, 2);
    if (form == PX_STATISTICS_JSON)
        px_text_put(out, "[", 1);
    put_lines(out, form);
    if (form == PX_STATISTICS_JSON)
        px_text_put(out, "]\n", 2);
}
