/*
 * When a request is sent again: "retry-on".
 *
 * Not here: how often ("retries") and where to ("option redispatch").
 */
#include "context.h"
#include "proxy.h"

#define STATUS_TEXT(n) #n,
static const char *const statuses[] = {PX_RETRY_STATUSES(STATUS_TEXT)};

static const struct {
    const char *word;
    uint32_t bits; /* enum px_retry */
} words[] = {
    {"none", 0},
    {"conn-failure", 0},
    {"empty-response", PX_RETRY_EMPTY},
    {"junk-response", PX_RETRY_JUNK},
    {"response-timeout", PX_RETRY_TIMEOUT},
    {"0rtt-rejected", 0},
    {"all-retryable-errors", PX_RETRY_EMPTY | PX_RETRY_JUNK | PX_RETRY_TIMEOUT},
};

static uint32_t status_bit(struct str text)
{
    for (unsigned i = 0; i < COUNT(statuses); i++)
        if (str_is(text, statuses[i]))
            return (uint32_t)PX_RETRY_FIRST_STATUS << i;
    return 0;
}

/* Does the word stand for other words, too? */
static uint32_t implied(struct str text)
{
    if (!str_is(text, "all-retryable-errors"))
        return 0;
    return status_bit(STR("500")) | status_bit(STR("502")) | status_bit(STR("503")) |
           status_bit(STR("504"));
}

static void refuse_word(struct sema *s, const struct word *w)
{
    struct str names[COUNT(words)];
    for (unsigned i = 0; i < COUNT(words); i++)
        names[i] = str_of(words[i].word);
    struct diag *d =
        diag_add(s->diags, E0386, w->span, "unexpected '" STR_FMT "'", STR_ARG(w->text));
    diag_suggest(s->diags, d, w->text, names, COUNT(names));
    diag_note(s->diags, d,
              "'retry-on' takes none, or any of conn-failure, empty-response, junk-response, "
              "response-timeout, all-retryable-errors, and the statuses 401, 403, 404, 408, 425, "
              "429, 500, 501, 502, 503 and 504");
}

/* Adds what one word asks for. false: it is refused. */
static bool add_word(struct sema *s, const struct word *w, uint32_t *bits)
{
    uint32_t status = status_bit(w->text);
    *bits |= status;
    if (status)
        return true;
    unsigned i = 0;
    while (i < COUNT(words) && !str_is(w->text, words[i].word))
        i++;
    if (i == COUNT(words)) {
        refuse_word(s, w);
        return false;
    }
    if (str_is(w->text, "0rtt-rejected")) {
        diag_add(s->diags, E0301, w->span, "early data of TLS is not supported yet");
        return false;
    }
    *bits |= words[i].bits | implied(w->text);
    return true;
}

void retry_on_parse(struct sema *s, struct line *l)
{
    uint32_t bits = 0;
    bool conn = false, good = true, any = false;
    const struct word *w = line_expect(s, l, "'none', or conditions such as conn-failure"),
                      *none = NULL;
    for (; w; w = line_next(l)) {
        good &= add_word(s, w, &bits);
        if (str_is(w->text, "none"))
            none = w;
        else
            any = true;
        conn |= str_is(w->text, "conn-failure") || str_is(w->text, "all-retryable-errors");
    }
    if (none && any) {
        diag_add(s->diags, E0387, none->span, "'none' stands alone");
        good = false;
    }
    if (good && (none || any))
        s->in->retry_on = bits | (conn ? 0 : PX_RETRY_NO_CONN);
}
