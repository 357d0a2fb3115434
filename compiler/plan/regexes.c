/*
 * What is said about the regular expressions that are left to PCRE2.
 */
#include "backtrack.h"
#include "parts.h"

#include "../../runtime/abi/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

static bool is_printable(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] < ' ' || s.p[i] > '~')
            return false;
    return true;
}

/* Of an expression that is written as it is, the repetition. */
static struct span loop_span(const struct m_regex *re, const struct trap *trap)
{
    struct span at = re->span;
    if (at.end - at.start != re->pattern.len || !trap->loop.len)
        return at;
    at.start += (uint32_t)(trap->loop.p - re->pattern.p);
    at.end = at.start + (uint32_t)trap->loop.len;
    return at;
}

static void warn(struct diags *diags, const struct m_regex *re, const struct trap *trap)
{
    struct diag *d = diag_add(diags, W0508, loop_span(re, trap),
                              "this regular expression can take exponential time");
    diag_label(diags, d, "reads the same text in many ways");
    struct str pump = trap->pump;
    if (is_printable(trap->lead) && is_printable(pump) && is_printable(trap->end))
        diag_note(diags, d,
                  "in '" STR_FMT STR_FMT STR_FMT STR_FMT STR_FMT "', every further '" STR_FMT
                  "' doubles the work",
                  STR_ARG(trap->lead), STR_ARG(pump), STR_ARG(pump), STR_ARG(pump),
                  STR_ARG(trap->end), STR_ARG(pump));
    diag_note(diags, d, "a match is given up after %d steps, and then there is none",
              PX_REGEX_STEPS);
    diag_help(diags, d,
              "let each round of the repetition begin or end with something that nothing else "
              "in it matches, or write '++' for the inner '+' if it never has to give back");
}

void regexes_warn(const struct model *m, struct diags *diags)
{
    for (unsigned i = 0; i < m->regexes.entries.n; i++) {
        const struct m_regex *re = m->regexes.entries.v[i].value;
        struct trap trap;
        if (re->needed && regex_has_trap(m->arena, re->pattern, re->fold, &trap))
            warn(diags, re, &trap);
    }
}

static bool has_machine_code(const struct m_regex *re)
{
    int error;
    PCRE2_SIZE at;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)re->pattern.p, re->pattern.len,
                                     re->fold ? PCRE2_CASELESS : 0, &error, &at, NULL);
    size_t size = 0;
    if (code && !pcre2_jit_compile(code, PCRE2_JIT_COMPLETE))
        pcre2_pattern_info(code, PCRE2_INFO_JITSIZE, &size);
    pcre2_code_free(code);
    return size;
}

void regexes_explain(const struct model *m, struct text *out)
{
    bool any = false;
    for (unsigned i = 0; i < m->regexes.entries.n; i++) {
        const struct m_regex *re = m->regexes.entries.v[i].value;
        if (!re->needed)
            continue;
        text_printf(out, "%s  " STR_FMT "%s\n      %s: %s\n",
                    any ? "" : "regular expressions by PCRE2\n", STR_ARG(re->pattern),
                    re->fold ? " -i" : "", has_machine_code(re) ? "as machine code" : "interpreted",
                    re->needed);
        any = true;
    }
}
