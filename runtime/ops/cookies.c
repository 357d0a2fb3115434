/*
 * Commands about the cookies that are made of the addresses of servers.
 */
#include "../abi/tables.h"
#include "../txn/persist.h"
#include "control.h"
#include "servers.h"

/* NULL: none is named like the word, and that is said. */
static const struct px_proxy *backend_of(const struct px_command *c, struct px_text *out)
{
    const struct px_proxy *p = c->n > 3 ? px_backend_called(c->words[3]) : NULL;
    if (!p)
        px_text_printf(out, c->n > 3 ? "No such backend.\n" : "A backend name is expected.\n");
    return p;
}

/* Without the cookie itself, there is nothing to change; HAProxy changes it and says nothing. */
static void make(const struct px_proxy *p, bool on, const char *key, struct px_text *out)
{
    if (!p->cookie)
        px_text_printf(out, "This backend has no cookie.\n");
    else if (!p->cookie->ops->make(p, on, key))
        px_text_printf(out, "Out of memory.\n");
}

void px_command_cookie_key(const struct px_command *c, struct px_text *out)
{
    const struct px_proxy *p = backend_of(c, out);
    const char *key = c->n > 4 ? c->words[4] : NULL;
    if (p && !key)
        px_text_printf(out, "String value expected.\n");
    else if (p)
        make(p, false, key, out);
}

void px_command_cookie_on(const struct px_command *c, struct px_text *out)
{
    const struct px_proxy *p = backend_of(c, out);
    if (p)
        make(p, true, NULL, out);
}

void px_command_cookie_off(const struct px_command *c, struct px_text *out)
{
    const struct px_proxy *p = backend_of(c, out);
    if (p)
        make(p, false, NULL, out);
}
