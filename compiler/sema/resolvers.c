/*
 * Names of servers: what they begin with ("init-addr").
 */
#include "resolvers.h"

#include <string.h>

struct str list_next(struct str *rest)
{
    const char *comma = memchr(rest->p, ',', rest->len);
    size_t n = comma ? (size_t)(comma - rest->p) : rest->len;
    struct str item = str_cut(*rest, 0, n);
    *rest = comma ? str_cut(*rest, n + 1, rest->len) : (struct str){0};
    return item;
}

static bool is_ip(struct str word)
{
    uint8_t ip[16];
    return value_ipv4_full(word, ip) || value_ipv6(word, ip);
}

static bool method_fits(struct sema *s, struct str word, struct span at, bool *has_ip)
{
    static const struct str names[] = {{"last", 4}, {"libc", 4}, {"none", 4}};
    for (unsigned i = 0; i < COUNT(names); i++)
        if (str_eq(word, names[i]))
            return true;
    bool again = *has_ip, ip = is_ip(word);
    *has_ip |= ip;
    if (ip && !again)
        return true;
    struct diag *d = diag_add(s->diags, E0640, at,
                              ip ? "init-addr has an address already, '" STR_FMT "' is a second one"
                                 : "init-addr does not know '" STR_FMT "'",
                              STR_ARG(word));
    diag_note(s->diags, d, "it knows 'last', 'libc', 'none' and one IP address");
    if (!ip)
        diag_suggest(s->diags, d, word, names, COUNT(names));
    return false;
}

bool init_addr_fits(struct sema *s, const struct m_setting *set)
{
    bool has_ip = false;
    for (struct str rest = str_of(set->text); rest.p;)
        if (!method_fits(s, list_next(&rest), set->span, &has_ip))
            return false;
    return true;
}

bool server_needs_name(const struct m_server *srv)
{
    const struct m_setting *set = &srv->set[SERVER_init_addr];
    bool asks = !set->set;
    for (struct str rest = str_of(set->set ? set->text : ""); rest.p;) {
        struct str word = list_next(&rest);
        if (str_is(word, "none") || is_ip(word))
            return false;
        asks |= str_is(word, "libc");
    }
    return asks && srv->addr.family == PX_AF_NAME;
}
