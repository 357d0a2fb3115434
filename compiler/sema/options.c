/*
 * Options of proxies that are more than a scalar setting, and their like.
 */
#include "context.h"
#include "proxy.h"

#include <string.h>

static void http_mode_set(struct sema *s, struct line *l, enum px_http_mode mode)
{
    if (!line_end(s, l))
        return;
    if (l->negated || l->reset) {
        if (s->in->http_mode == mode)
            s->in->http_mode = PX_KEEP_ALIVE;
    } else {
        s->in->http_mode = (uint8_t)mode;
    }
}

/* A tunnel that closes is two options, in any order: either leaves the other. */
static void http_mode_join(struct sema *s, struct line *l, enum px_http_mode mode,
                           enum px_http_mode other)
{
    uint8_t *in = &s->in->http_mode;
    bool both = *in == PX_BLIND_CLOSE;
    if (!line_end(s, l))
        return;
    if (!l->negated && !l->reset)
        *in = (uint8_t)(both || *in == other ? PX_BLIND_CLOSE : mode);
    else if (both)
        *in = (uint8_t)other;
    else if (*in == mode)
        *in = PX_KEEP_ALIVE;
}

void option_httpclose(struct sema *s, struct line *l)
{
    http_mode_join(s, l, PX_CLOSE, PX_BLIND);
}

void option_http_tunnel(struct sema *s, struct line *l)
{
    if (!l->negated && !l->reset) {
        struct diag *d = diag_add(s->diags, W0311, l->span,
                                  "'option http-tunnel' hides all requests but the first");
        diag_help(s->diags, d, "remove it; CONNECT and upgrades open tunnels without it");
    }
    http_mode_join(s, l, PX_BLIND, PX_CLOSE);
}

void option_forceclose(struct sema *s, struct line *l)
{
    struct diag *d = diag_add(s->diags, W0311, l->span, "'option forceclose' is an old name");
    diag_help(s->diags, d, "write 'option httpclose'");
    http_mode_join(s, l, PX_CLOSE, PX_BLIND);
}

void option_http_server_close(struct sema *s, struct line *l)
{
    http_mode_set(s, l, PX_SERVER_CLOSE);
}

void option_http_keep_alive(struct sema *s, struct line *l)
{
    http_mode_set(s, l, PX_KEEP_ALIVE);
}

void option_redispatch(struct sema *s, struct line *l)
{
    int64_t every = -1;
    const struct word *w = line_next(l);
    if (w && !number_value(s, w, "option redispatch", -65535, 65535, &every))
        return;
    if (line_end(s, l))
        s->in->redispatch = l->negated || l->reset ? 0 : (int)every;
}

/* Old names of settings. */
static void flag_set(struct sema *s, struct line *l, unsigned setting)
{
    if (line_end(s, l))
        s->in->set[setting] = flag_setting(l);
}

void option_lax_requests(struct sema *s, struct line *l)
{
    flag_set(s, l, PROXY_lax_requests);
}

void option_lax_responses(struct sema *s, struct line *l)
{
    flag_set(s, l, PROXY_lax_responses);
}

void transparent_parse(struct sema *s, struct line *l)
{
    flag_set(s, l, PROXY_transparent);
}

void option_tcpka(struct sema *s, struct line *l)
{
    if (line_end(s, l))
        s->in->set[PROXY_clitcpka] = s->in->set[PROXY_srvtcpka] = flag_setting(l);
}

static void splice_set(struct sema *s, const struct line *l, enum px_splice wanted)
{
    bool up = wanted == PX_SPLICE_AUTO || !strcmp(l->keyword, "option splice-request");
    bool down = wanted == PX_SPLICE_AUTO || !up;
    enum px_splice how = l->negated ? PX_SPLICE_NEVER : l->reset ? PX_SPLICE_AUTO : wanted;
    if (up)
        s->in->splice_up = (uint8_t)how;
    if (down)
        s->in->splice_down = (uint8_t)how;
}

void option_splice_auto(struct sema *s, struct line *l)
{
    if (line_end(s, l))
        splice_set(s, l, PX_SPLICE_AUTO);
}

void option_splice(struct sema *s, struct line *l)
{
    if (line_end(s, l))
        splice_set(s, l, PX_SPLICE_ALWAYS);
}

int choice_take(struct sema *s, struct line *l, const char *const *words, unsigned n)
{
    struct text all = {.arena = s->arena};
    for (unsigned i = 0; i < n; i++)
        text_printf(&all, "%s'%s'", i == 0 ? "" : i + 1 == n ? " or " : ", ", words[i]);
    const struct word *w = line_expect(s, l, str_cstr(s->arena, (struct str){all.p, all.len}));
    if (!w || !line_end(s, l))
        return -1;
    struct str *names = NEW_N(s->arena, struct str, n);
    for (unsigned i = 0; i < n; i++) {
        names[i] = str_of(words[i]);
        if (str_is(w->text, words[i]))
            return (int)i;
    }
    struct diag *d =
        diag_add(s->diags, E0383, w->span, "unexpected '" STR_FMT "'", STR_ARG(w->text));
    diag_suggest(s->diags, d, w->text, names, n);
    diag_note(s->diags, d, "'%s' takes %.*s", l->keyword, (int)all.len, all.p);
    return -1;
}

void http_reuse_parse(struct sema *s, struct line *l)
{
    static const char *const words[] = {"never", "safe", "aggressive", "always"};
    static const uint8_t meant[] = {PX_REUSE_NEVER, PX_REUSE_SAFE, PX_REUSE_AGGRESSIVE,
                                    PX_REUSE_ALWAYS};
    int i = choice_take(s, l, words, COUNT(words));
    if (i >= 0)
        s->in->reuse = meant[i];
}

void load_server_state_parse(struct sema *s, struct line *l)
{
    static const char *const words[] = {
        [STATES_NONE] = "none", [STATES_GLOBAL] = "global", [STATES_LOCAL] = "local"};
    const struct word *w = line_peek(l);
    int i = choice_take(s, l, words, COUNT(words));
    if (i < 0)
        return;
    s->in->states = (enum m_states)i;
    s->in->states_span = w->span;
}

/* Nothing, or "use-backend-name": as the backend. */
void server_state_file_name_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_next(l);
    if (!line_end(s, l))
        return;
    s->in->state_file = w && !str_is(w->text, "use-backend-name") ? w->text : (struct str){0};
}

/* Below server-state-base, unless it begins at the root. */
static struct str state_path(struct sema *s, struct str name)
{
    const char *base = s->model->global[GLOBAL_server_state_base].text;
    if (!base || name.p[0] == '/')
        return name;
    return str_printf(s->arena, "%s/" STR_FMT, base, STR_ARG(name));
}

static void settle_states_of(struct sema *s, struct m_proxy *p)
{
    const char *file = s->model->global[GLOBAL_server_state_file].text;
    if (!(p->caps & PX_BACKEND) || p->in.states == STATES_NONE)
        return;
    if (p->in.states == STATES_LOCAL)
        p->state_file = state_path(s, p->in.state_file.len ? p->in.state_file : p->name);
    else if (file)
        p->state_file = state_path(s, str_of(file));
    else
        diag_add(s->diags, W0301, p->in.states_span,
                 "'load-server-state-from-file global' does nothing without 'server-state-file'");
    if (p->state_file.len)
        s->model->former = true;
}

void settle_states(struct sema *s)
{
    for (unsigned i = 0; i < s->model->proxies.n; i++)
        settle_states_of(s, s->model->proxies.v[i]);
}

void option_restrict_names(struct sema *s, struct line *l)
{
    static const char *const words[] = {[PX_NAMES_PRESERVE] = "preserve",
                                        [PX_NAMES_DELETE] = "delete",
                                        [PX_NAMES_REJECT] = "reject"};
    int i = choice_take(s, l, words, COUNT(words));
    if (i >= 0)
        s->in->restrict_names = (uint8_t)i;
}

static bool except_take(struct sema *s, struct line *l, struct m_forwardfor *f)
{
    const struct word *w = line_expect(s, l, "an address or network");
    struct m_pattern p;
    if (!w || !network_value(s, w, &p))
        return false;
    unsigned bits = p.v6 ? 128 : 32, len = 0;
    while (len < bits && !((p.ip_low[len / 8] ^ p.ip_high[len / 8]) >> (7 - len % 8) & 1))
        len++;
    f->except_family = p.v6 ? PX_AF_INET6 : PX_AF_INET;
    f->except_len = (uint8_t)len;
    memcpy(f->except, p.ip_low, 16);
    return true;
}

/* NULL: reported. if_none: may the line say so? */
static struct m_forwardfor *forwardfor_take(struct sema *s, struct line *l, struct str name,
                                            bool if_none)
{
    struct m_forwardfor *f = NEW(s->arena, struct m_forwardfor);
    f->name = name_intern(s, name);
    while (line_peek(l)) {
        if (if_none && line_take(l, "if-none")) {
            f->if_none = true;
        } else if (line_take(l, "except")) {
            if (!except_take(s, l, f))
                return NULL;
        } else if (line_take(l, "header")) {
            const struct word *w = line_expect(s, l, "a header name");
            if (!w || !header_name_is_good(s, w))
                return NULL;
            f->name = name_intern(s, w->text);
        } else if (!line_end(s, l)) {
            return NULL;
        }
    }
    return f;
}

void option_forwardfor(struct sema *s, struct line *l)
{
    struct m_forwardfor *f = forwardfor_take(s, l, STR("x-forwarded-for"), true);
    if (f)
        s->in->forwardfor = f;
}

void option_originalto(struct sema *s, struct line *l)
{
    struct m_forwardfor *f = forwardfor_take(s, l, STR("x-original-to"), false);
    if (f)
        s->in->originalto = f;
}

/* ---- option forwarded ---- */

/* Words that say the same thing in two ways: from where it usually is, or by an expression. */
static bool is_said(struct sema *s, struct line *l, const struct word *w, bool *said)
{
    if (!*said) {
        *said = true;
        return true;
    }
    diag_add(s->diags, E0389, w->span, "'%s' says twice what '" STR_FMT "' is about", l->keyword,
             STR_ARG(w->text));
    return false;
}

struct forwarded_words {
    bool proto, host, by, by_port, client, client_port;
};

static bool forwarded_word(struct sema *s, struct line *l, struct m_forwarded *f,
                           struct forwarded_words *said)
{
    const struct {
        const char *word;
        bool *said, *flag;
        struct m_expr **expr;
    } words[] = {
        {"proto", &said->proto, &f->proto, NULL},
        {"host", &said->host, &f->host, NULL},
        {"host-expr", &said->host, NULL, &f->host_expr},
        {"by", &said->by, &f->by.name, NULL},
        {"by-expr", &said->by, NULL, &f->by.name_expr},
        {"by_port", &said->by_port, &f->by.port, NULL},
        {"by_port-expr", &said->by_port, NULL, &f->by.port_expr},
        {"for", &said->client, &f->client.name, NULL},
        {"for-expr", &said->client, NULL, &f->client.name_expr},
        {"for_port", &said->client_port, &f->client.port, NULL},
        {"for_port-expr", &said->client_port, NULL, &f->client.port_expr},
    };
    const struct word *w = line_peek(l);
    struct str names[COUNT(words)];
    for (unsigned i = 0; i < COUNT(words); i++) {
        names[i] = str_of(words[i].word);
        if (!line_take(l, words[i].word))
            continue;
        if (!is_said(s, l, w, words[i].said))
            return false;
        if (words[i].flag)
            *words[i].flag = true;
        else
            *words[i].expr = expr_take(s, l, PX_AT_REQ_HTTP);
        return words[i].flag || *words[i].expr;
    }
    struct diag *d =
        diag_add(s->diags, E0383, w->span, "unexpected '" STR_FMT "'", STR_ARG(w->text));
    diag_suggest(s->diags, d, w->text, names, COUNT(names));
    return false;
}

/* HAProxy manual: a port without a name is ignored. */
static void mind_port(struct sema *s, struct line *l, bool name, bool port, const char *which)
{
    if (port && !name)
        diag_add(s->diags, W0301, l->span, "the port is ignored: '%s' has no '%s'", l->keyword,
                 which);
}

void option_forwarded(struct sema *s, struct line *l)
{
    struct m_forwarded *f = NEW(s->arena, struct m_forwarded);
    struct forwarded_words said = {0};
    if (l->negated || l->reset) {
        if (line_end(s, l))
            s->in->forwarded = NULL;
        return;
    }
    f->name = name_intern(s, STR("forwarded"));
    f->proto = f->client.name = !line_peek(l);
    while (line_peek(l))
        if (!forwarded_word(s, l, f, &said))
            return;
    mind_port(s, l, said.by, said.by_port, "by");
    mind_port(s, l, said.client, said.client_port, "for");
    s->in->forwarded = f;
}

void send_name_header_parse(struct sema *s, struct line *l)
{
    static const char *const vital[] = {"content-length", "transfer-encoding"};
    const struct word *w = line_expect(s, l, "a header name");
    if (!w || !header_name_is_good(s, w) || !line_end(s, l))
        return;
    for (unsigned i = 0; i < COUNT(vital); i++)
        if (str_is_nocase(w->text, vital[i])) {
            diag_add(s->diags, E0446, w->span, "'%s' says where a request ends, not who serves it",
                     vital[i]);
            return;
        }
    s->in->send_name = name_intern(s, w->text);
}
