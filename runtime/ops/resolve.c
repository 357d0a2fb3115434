/*
 * "show resolvers", and the start of what resolves names. See resolve.h.
 */
#include "resolve.h"

#include "../upstream/lookup.h"
#include "../upstream/named.h"
#include "../upstream/resolver.h"
#include "message.h"

#include <string.h>

static void show_nameserver(const struct px_nameserver_state *ns, struct px_text *out)
{
    px_text_printf(out, " nameserver %s:\n", ns->name);
#define PX_DNS_COUNTER(field, text)                                                                \
    px_text_printf(out, "  " text "%llu\n", (unsigned long long)ns->counters.field);
#include "../upstream/resolver.def"
#undef PX_DNS_COUNTER
}

/* "show resolvers" and "show resolvers NAME" */
static void show(const struct px_command *c, struct px_text *out)
{
    bool found = false;
    for (unsigned i = 0; i < px_program.nresolvers; i++) {
        const struct px_section *s = &px_sections[i];
        if (c->n > 2 && strcmp(c->words[2], s->line->name))
            continue;
        found = true;
        px_text_printf(out, "Resolvers section %s\n", s->line->name);
        for (unsigned k = 0; k < s->nservers; k++)
            show_nameserver(&s->servers[k], out);
        px_text_printf(out, "\n");
    }
    if (!found && c->n > 2)
        px_text_printf(out, "Can't find that resolvers section\n");
}

static bool prepare(void)
{
    const struct px_resolvers *line = NULL;
    const char *wrong = px_resolver_init(&line);
    if (wrong)
        px_alert("resolvers %s: %s.", line ? line->name : "", wrong);
    return !wrong;
}

static bool start(void)
{
    bool started = px_named_start();
    px_lookups_start();
    if (!started)
        px_alert("Cannot start: out of memory.");
    return started;
}

const struct px_resolve_ops px_resolve_names = {prepare, start, show, px_dns_name_fits,
                                                px_named_rename};
