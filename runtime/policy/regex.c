/*
 * Regular expressions: PCRE2 with its compiler to machine code. See abi/regex.h and replace.h.
 *
 * A match is bounded in steps and memory, so that no expression can hold the event loop for long. A
 * subject on which a bound is reached does not match.
 */
#include "../base/macros.h"
#include "number.h"
#include "replace.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAP_KB = 16 * 1024, JIT_STACK_FIRST = 32 * 1024, JIT_STACK_MOST = 512 * 1024 };

/* Kept for the life of the thread: a match must not allocate. */
static _Thread_local struct {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
} own;

static PX_NORETURN void give_up(const struct px_regex *re, int error)
{
    char why[128];
    pcre2_get_error_message(error, (PCRE2_UCHAR *)why, sizeof why);
    fprintf(stderr, "regular expression '%.*s': %s\n", (int)re->pattern.len, re->pattern.p, why);
    exit(1);
}

static pcre2_code *compile(const struct px_regex *re, int *error, PCRE2_SIZE *at)
{
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)re->pattern.p, re->pattern.len,
                                     re->fold ? PCRE2_CASELESS : 0, error, at, NULL);
    if (code)
        pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* without it, the interpreter does the same */
    return code;
}

void px_regex_prepare(struct px_regex *re)
{
    int error;
    PCRE2_SIZE at;
    re->code = compile(re, &error, &at);
    if (!re->code)
        give_up(re, error);
}

bool px_regex_compile(struct px_regex *re, char *why, size_t room, size_t *at)
{
    int error;
    re->code = compile(re, &error, at);
    if (!re->code)
        pcre2_get_error_message(error, (PCRE2_UCHAR *)why, room);
    return re->code;
}

void px_regex_free(struct px_regex *re)
{
    pcre2_code_free(re->code);
}

static bool make_own(void)
{
    if (!own.data)
        own.data = pcre2_match_data_create(PX_GROUPS, NULL);
    if (!own.context)
        own.context = pcre2_match_context_create(NULL);
    if (!own.stack)
        own.stack = pcre2_jit_stack_create(JIT_STACK_FIRST, JIT_STACK_MOST, NULL);
    if (!own.data || !own.context || !own.stack)
        return false;
    pcre2_set_match_limit(own.context, PX_REGEX_STEPS);
    pcre2_set_heap_limit(own.context, HEAP_KB); /* of the interpreter */
    pcre2_jit_stack_assign(own.context, NULL, own.stack);
    return true;
}

/* How many groups were set, the whole match included; 0: all that have room; below: none. */
static int run(const struct px_regex *re, struct px_str s, uint32_t options)
{
    if (PX_UNLIKELY(!own.stack) && !make_own())
        return PCRE2_ERROR_NOMEMORY;
    return pcre2_match(re->code, (PCRE2_SPTR)(s.p ? s.p : ""), s.len, 0, options, own.data,
                       own.context);
}

bool px_regex_match(const struct px_regex *re, struct px_str s)
{
    return run(re, s, 0) >= 0;
}

bool px_regex_find(const struct px_regex *re, struct px_str s, bool not_begin, struct px_match *m)
{
    int n = run(re, s, not_begin ? PCRE2_NOTBOL : 0);
    if (n < 0)
        return false;
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(own.data);
    m->subject = s;
    for (int i = 0; i < PX_GROUPS; i++) {
        m->group[i].set = (!n || i < n) && at[2 * i] != PCRE2_UNSET;
        m->group[i].from = m->group[i].set ? at[2 * i] : 0;
        m->group[i].to = m->group[i].set ? at[2 * i + 1] : 0;
    }
    /* \K in a lookahead may put the beginning behind the end. */
    return m->group[0].from <= m->group[0].to;
}

static void put_group(struct px_out *out, const struct px_match *m, int number)
{
    if (m->group[number].set && m->group[number].from < m->group[number].to)
        px_put(out, m->subject.p + m->group[number].from,
               m->group[number].to - m->group[number].from);
}

/* What follows a backslash at p. Answers how many bytes were used, 0: malformed. */
static size_t put_escape(struct px_out *out, const char *p, size_t len, const struct px_match *m)
{
    if (!len)
        return 0;
    if (*p >= '0' && *p <= '9') {
        put_group(out, m, *p - '0');
        return 1;
    }
    if (*p != 'x') {
        px_put(out, p, 1);
        return 1;
    }
    int high = len > 2 ? px_hex_value(p[1]) : -1, low = len > 2 ? px_hex_value(p[2]) : -1;
    if (high < 0 || low < 0)
        return 0;
    px_put(out, (char[]){(char)(high << 4 | low)}, 1);
    return 3;
}

bool px_replace(struct px_out *out, struct px_str text, const struct px_match *m)
{
    for (size_t i = 0; i < text.len;) {
        const char *slash = memchr(text.p + i, '\\', text.len - i);
        size_t to = slash ? (size_t)(slash - text.p) : text.len;
        px_put(out, text.p + i, to - i);
        if (!slash)
            break;
        size_t used = put_escape(out, text.p + to + 1, text.len - to - 1, m);
        if (!used)
            return false;
        i = to + 1 + used;
    }
    return !out->full;
}
