/*
 * Checks that speak a protocol: "option smtpchk" and the like.
 *
 * Idea: each is a script of tcp-check rules that nobody has to write; their words are separated by
 * tabs.
 */
#include "context.h"
#include "proxy.h"

#include "../../runtime/abi/checks.h"

#include <string.h>

/* The script that a line begins. */
struct script {
    struct sema *s;
    struct line *l;
    struct m_check_rules rules;
};

static struct m_check_rule *rule_new(struct script *t, unsigned action)
{
    struct m_check_rule *r = NEW(t->s->arena, struct m_check_rule);
    r->action = action;
    r->span = t->l->span;
    VEC_ADD(t->s->arena, &t->rules.v, r);
    return r;
}

static void add(struct script *t, const char *rule)
{
    enum { MOST = 16 };
    struct word *words = NEW_N(t->s->arena, struct word, MOST);
    struct line line = {.words = words, .at = 1, .keyword = "tcp-check", .span = t->l->span};
    for (const char *p = rule; p && line.n < MOST;) {
        const char *end = strchr(p, '\t');
        size_t len = end ? (size_t)(end - p) : strlen(p);
        struct str text = str_of(str_cstr(t->s->arena, (struct str){p, len}));
        words[line.n++] = (struct word){.text = text, .span = t->l->span};
        p = end ? end + 1 : NULL;
    }
    t->s->in_check = true;
    check_rule_take(t->s, &line, rule_new(t, 0), false);
    t->s->in_check = false;
}

static void add_bytes(struct script *t, struct str bytes)
{
    rule_new(t, PX_STEP_SEND)->data = fmt_constant(t->s, bytes);
}

static struct script begin(struct sema *s, struct line *l)
{
    return (struct script){.s = s, .l = l};
}

static void end(struct script *t, const char *name)
{
    struct m_checking *c = &t->s->in->checking;
    c->type = CHECK_PROTOCOL;
    c->protocol = t->rules;
    c->name = name;
    c->span = t->l->span;
}

/* ---- SMTP (RFC 5321) ---- */

#define SMTP_FAILS                                                                                 \
    "error-status\tL7STS\ton-error\t%[res.payload(4,0),ltrim(' '),cut_crlf]\tstatus-code\t"        \
    "res.payload(0,3),cut_crlf"
#define SMTP_TELLS SMTP_FAILS "\ton-success\t%[res.payload(4,0),ltrim(' '),cut_crlf]"

/* What it says goes into a line of the protocol. */
static bool is_printable(struct sema *s, const struct word *w)
{
    bool good = w->text.len;
    for (size_t i = 0; i < w->text.len; i++)
        good = good && (unsigned char)w->text.p[i] > ' ' && w->text.p[i] != 0x7f;
    if (!good)
        diag_add(s->diags, E0666, w->span, "'" STR_FMT "' is not the name of a domain",
                 STR_ARG(w->text));
    return good;
}

void option_smtpchk(struct sema *s, struct line *l)
{
    const struct word *hello = line_next(l);
    const struct word *domain = hello ? line_expect(s, l, "a domain") : NULL;
    if ((hello && (!domain || !is_printable(s, domain))) || !line_end(s, l))
        return;
    bool known = hello && (str_is(hello->text, "HELO") || str_is(hello->text, "EHLO"));
    struct script t = begin(s, l);
    add(&t, "connect\tdefault\tlinger");
    add(&t, "expect\tmin-recv\t4\terror-status\tL7RSP\ton-error\t%[res.payload(0,0),cut_crlf]\t"
            "rstring\t^[0-9]{3}[ \r]");
    add(&t, "expect\tmin-recv\t4\t" SMTP_FAILS "\trstring\t^2[0-9]{2}[ \r]");
    add_bytes(&t, known ? str_printf(s->arena, STR_FMT " " STR_FMT "\r\n", STR_ARG(hello->text),
                                     STR_ARG(domain->text))
                        : STR("HELO localhost\r\n"));
    add(&t, "expect\tmin-recv\t4\t" SMTP_TELLS "\trstring\t^2[0-9]{2}[- \r]");
    add_bytes(&t, STR("QUIT\r\n"));
    add(&t, "expect\tmin-recv\t4\t" SMTP_TELLS "\trstring\t^2[0-9]{2}[- \r]");
    end(&t, "smtpchk");
}

/* ---- Redis ---- */

void option_redis_check(struct sema *s, struct line *l)
{
    if (!line_end(s, l))
        return;
    struct script t = begin(s, l);
    add_bytes(&t, STR("*1\r\n$4\r\nPING\r\n"));
    add(&t, "expect\terror-status\tL7STS\ton-error\t%[res.payload(0,0),cut_crlf]\ton-success\t"
            "Redis server is ok\tstring\t+PONG\r\n");
    end(&t, "redis-check");
}

/* ---- PostgreSQL ---- */

static const struct word *user_take(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "'user' and a name");
    if (!w)
        return NULL;
    if (!str_is(w->text, "user")) {
        static const struct str user = {"user", 4};
        struct diag *d = diag_add(s->diags, E0662, w->span, "'%s' does not know '" STR_FMT "'",
                                  l->keyword, STR_ARG(w->text));
        diag_suggest(s->diags, d, w->text, &user, 1);
        return NULL;
    }
    return line_expect(s, l, "the name of a user");
}

static void put_number(struct text *t, size_t number, unsigned bytes, bool little)
{
    for (unsigned i = 0; i < bytes; i++) {
        unsigned shift = 8 * (little ? i : bytes - 1 - i);
        text_str(t, (struct str){(char[]){(char)(number >> shift)}, 1});
    }
}

/* PostgreSQL 55.7, StartupMessage of version 3.0; any request to authenticate is an answer. */
void option_pgsql_check(struct sema *s, struct line *l)
{
    static const char version[] = "\0\3\0\0user";
    const struct word *user = user_take(s, l);
    struct text t = {.arena = s->arena};
    if (!user || !line_end(s, l))
        return;
    put_number(&t, 4 + sizeof version + user->text.len + 2, 4, false);
    text_str(&t, (struct str){version, sizeof version});
    text_str(&t, user->text);
    put_number(&t, 0, 2, false);
    struct script script = begin(s, l);
    add(&script, "connect\tdefault\tlinger");
    add_bytes(&script, (struct str){t.p, t.len});
    add(&script, "expect\tmin-recv\t5\terror-status\tL7RSP\ton-error\t%[res.payload(6,0)]\t"
                 "!\trstring\t^E");
    add(&script, "expect\tmin-recv\t9\terror-status\tL7STS\ton-success\tPostgreSQL server is ok\t"
                 "on-error\tPostgreSQL unknown error\trbinary\t^52000000..000000");
    end(&script, "pgsql-check");
}

/* ---- TLS ---- */

/* The hello of a client (RFC 6101 5.6.1.2), with all suites of its time. */
static struct str client_hello(struct sema *s)
{
    struct text t = {.arena = s->arena};
    text_str(&t, (struct str){"\x16\3\0\0\x79\1\0\0\x75\3\0", 11});
    text_str(&t, STR("a check of servers by proxyc..!!"));
    put_number(&t, 0, 1, false);
    put_number(&t, 78, 2, false);
    for (unsigned suite = 1; suite <= 0x3a; suite++)
        if (suite <= 0x1b || suite >= 0x2f)
            put_number(&t, suite, 2, false);
    put_number(&t, 0x0100, 2, false);
    return (struct str){t.p, t.len};
}

void option_ssl_hello_chk(struct sema *s, struct line *l)
{
    if (!line_end(s, l))
        return;
    struct script t = begin(s, l);
    add_bytes(&t, client_hello(s));
    add(&t, "expect\tmin-recv\t5\tok-status\tL6OK\terror-status\tL6RSP\ttout-status\tL6TOUT\t"
            "rbinary\t^1[56]");
    end(&t, "ssl-hello-chk");
}

/* ---- LDAP ---- */

static void add_test(struct script *t, const char *symbol)
{
    struct m_check_rule *r = rule_new(t, PX_STEP_EXPECT);
    r->match = PX_EXPECT_PROTOCOL;
    r->min_recv = -1;
    r->custom = symbol;
}

/* RFC 4511 4.2, a BindRequest of nobody. */
void option_ldap_check(struct sema *s, struct line *l)
{
    if (!line_end(s, l))
        return;
    struct script t = begin(s, l);
    add_bytes(&t, (struct str){"\x30\x0c\2\1\1\x60\7\2\1\3\4\0\x80\0", 14});
    add(&t, "expect\tmin-recv\t14\ton-error\tNot LDAPv3 protocol\trbinary\t^30");
    add_test(&t, "px_check_ldap");
    end(&t, "ldap-check");
}

/* ---- MySQL ---- */

enum login { POST_41, PRE_41, POST_80 };

/* MySQL, Protocol::HandshakeResponse41 without a password, up to the method of authentication. */
static void mysql_response(struct text *t, struct str user, struct str method)
{
    enum { PROTOCOL_41 = 0x200, SECURE = 0x8000, PLUGIN_AUTH = 0x80000 };
    put_number(t, user.len + 34 + method.len, 3, true);
    put_number(t, 1, 1, true);
    put_number(t, PROTOCOL_41 | SECURE | (method.len ? PLUGIN_AUTH : 0), 4, true);
    put_number(t, 0x1008000, 4, true);
    put_number(t, 0x21, 1, true); /* utf8 */
    for (unsigned i = 0; i < 23; i++)
        put_number(t, 0, 1, true);
    text_str(t, user);
    put_number(t, 0, 2, true);
    text_str(t, method);
}

/* The same as Protocol::HandshakeResponse320. */
static void mysql_old_response(struct text *t, struct str user)
{
    put_number(t, user.len + 7, 3, true);
    put_number(t, 1, 1, true);
    put_number(t, 0x8000, 2, true);
    put_number(t, 0x10000, 3, true);
    text_str(t, user);
    put_number(t, 0, 2, true);
}

/* Behind the response comes COM_QUIT. */
static struct str mysql_login(struct sema *s, struct str user, enum login how)
{
    static const char native[] = "mysql_native_password";
    struct str none = {"", 0}, method = {native, sizeof native};
    struct text t = {.arena = s->arena};
    if (how == PRE_41)
        mysql_old_response(&t, user);
    else
        mysql_response(&t, user, how == POST_80 ? method : none);
    put_number(&t, 1, 4, true);
    put_number(&t, 1, 1, true);
    return (struct str){t.p, t.len};
}

static bool version_take(struct sema *s, struct line *l, enum login *how)
{
    static const struct str words[] = {
        [POST_41] = {"post-41", 7}, [PRE_41] = {"pre-41", 6}, [POST_80] = {"post-80", 7}};
    const struct word *w = line_next(l);
    if (!w)
        return true;
    for (unsigned i = 0; i < COUNT(words); i++)
        if (str_eq(w->text, words[i])) {
            *how = (enum login)i;
            return line_end(s, l);
        }
    struct diag *d = diag_add(s->diags, E0662, w->span, "'%s' does not know '" STR_FMT "'",
                              l->keyword, STR_ARG(w->text));
    diag_suggest(s->diags, d, w->text, words, COUNT(words));
    return false;
}

void option_mysql_check(struct sema *s, struct line *l)
{
    const struct word *user = NULL;
    enum login how = POST_41;
    if (line_peek(l) && (!(user = user_take(s, l)) || !version_take(s, l, &how)))
        return;
    struct script t = begin(s, l);
    add(&t, "connect\tdefault\tlinger");
    if (user)
        add_bytes(&t, mysql_login(s, user->text, how));
    add_test(&t, "px_check_mysql_greeting");
    if (user)
        add_test(&t, "px_check_mysql_login");
    end(&t, "mysql-check");
}
