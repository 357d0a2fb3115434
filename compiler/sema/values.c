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

bool capture_exists(struct sema *s, const struct m_proxy *p, const struct m_arg *slot,
                    bool response)
{
    const char *what = response ? "response" : "request";
    if (!(p->caps & PX_FRONTEND)) /* those of whatever frontend the request came from */
        return true;
    if (slot->number < (response ? p->captures_res.n : p->captures_req.n))
        return true;
    struct diag *d = diag_add(s->diags, E0545, slot->span, "there is no %s capture number %lld",
                              what, (long long)slot->number);
    diag_note(s->diags, d, "slots are made by 'capture %s header' and 'declare capture %s', from 0",
              what, what);
    return false;
}
