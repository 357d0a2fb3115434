/*
 * Values that need more than their text to be checked: expressions, constants, header names.
 */
#include "pattern.h"
#include "proxy.h"

#include "../../runtime/abi/types.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

bool regex_is_valid(struct sema *s, const struct m_regex *re)
{
    int err;
    PCRE2_SIZE at;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)re->pattern.p, re->pattern.len,
                                     re->fold ? PCRE2_CASELESS : 0, &err, &at, NULL);
    if (code) {
        pcre2_code_free(code);
        return true;
    }
    PCRE2_UCHAR why[128];
    pcre2_get_error_message(err, why, sizeof why);
    struct span span = re->span;
    if (span.end - span.start == re->pattern.len) /* written without quotes: point into it */
        span.start += (uint32_t)(at < re->pattern.len ? at
                                 : re->pattern.len    ? re->pattern.len - 1
                                                      : 0);
    diag_add(s->diags, E0532, span, "this regular expression is not valid: %s", (char *)why);
    return false;
}

bool header_name_is_good(struct sema *s, const struct word *w)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < w->text.len; i++) {
        char c = w->text.p[i];
        bool alnum = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
        if (alnum || (c && strchr(others, c)))
            continue;
        diag_add(s->diags, E0533, word_span(w, i, i + 1),
                 "'%c' cannot stand in a header name (RFC 9110 5.6.2)", c);
        return false;
    }
    return true;
}

bool network_value(struct sema *s, const struct word *w, struct m_pattern *out)
{
    struct m_test t = {.method = MATCH_IP};
    return pattern_value(s, &t, w->text, w->span, false, out);
}

bool capture_exists(struct sema *s, const struct m_proxy *p, struct m_arg *slot, bool response)
{
    const char *what = response ? "response" : "request";
    if (slot->number < (response ? p->captures_res.n : p->captures_req.n)) {
        slot->number += response ? p->captures_req.n : 0;
        return true;
    }
    struct diag *d = diag_add(s->diags, E0545, slot->span, "there is no %s capture number %lld",
                              what, (long long)slot->number);
    diag_note(s->diags, d, "slots are made by 'capture %s header' and 'declare capture %s', from 0",
              what, what);
    return false;
}

/* ---- constants as fetches ---- */

static bool fit_bool(struct sema *s, struct m_arg *a)
{
    static const struct {
        const char *text;
        bool value;
    } words[] = {{"true", true}, {"false", false}, {"1", true}, {"0", false}};
    for (unsigned i = 0; i < COUNT(words); i++)
        if (str_is(a->text, words[i].text)) {
            a->number = words[i].value;
            return true;
        }
    diag_add(s->diags, E0445, a->span, "'" STR_FMT "' is neither true nor false", STR_ARG(a->text));
    return false;
}

static bool fit_bin(struct sema *s, struct m_arg *a)
{
    struct str bytes;
    bool good = hex_bytes(s->arena, a->text, &bytes);
    if (good)
        a->text = bytes;
    else
        diag_add(s->diags, E0524, a->span,
                 "'" STR_FMT "' is not an even number of hexadecimal digits", STR_ARG(a->text));
    return good;
}

static bool fit_ipv4(struct sema *s, struct m_arg *a)
{
    uint8_t ip[4];
    if (value_ipv4(a->text, ip))
        return true;
    diag_add(s->diags, E0523, a->span, "'" STR_FMT "' is not an IPv4 address", STR_ARG(a->text));
    return false;
}

static bool fit_ipv6(struct sema *s, struct m_arg *a)
{
    uint8_t ip[16];
    if (value_ipv6(a->text, ip))
        return true;
    diag_add(s->diags, E0523, a->span, "'" STR_FMT "' is not an IPv6 address", STR_ARG(a->text));
    return false;
}

static const struct {
    const char *fetch;
    bool (*fits)(struct sema *s, struct m_arg *a);
} constants[] = {{"bool", fit_bool}, {"bin", fit_bin}, {"ipv4", fit_ipv4}, {"ipv6", fit_ipv6}};

bool fetch_args_fit(struct sema *s, struct m_expr *e)
{
    for (unsigned i = 0; i < COUNT(constants); i++)
        if (!strcmp(e->fetch->name, constants[i].fetch))
            return constants[i].fits(s, &e->args[0]);
    return true;
}
