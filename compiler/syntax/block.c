/*
 * Lines that begin with a dot (HAProxy manual 2.4): conditional blocks and messages.
 *
 * Not for: what a condition means (condition.c).
 * Idea: a stack of open blocks. Lines are read when the innermost branch is; a block that opens
 * inside a skipped branch can never be read, whatever it says, so its words are not even cut.
 */
#include "reader.h"

enum { DEEPEST = 100 };

bool block_skips(const struct reader *r)
{
    return r->blocks.n && r->blocks.v[r->blocks.n - 1].branch != BRANCH_READ;
}

/* A line with a dot. */
struct dot {
    const struct source *source;
    struct span name;
    struct words words;
    struct block *block; /* the innermost; NULL: none is open */
};

static enum branch condition_branch(struct reader *r, const struct dot *dot)
{
    if (dot->words.n < 2)
        return dot->words.n ? BRANCH_WAITING : BRANCH_OVER;
    struct arena *a = r->config->arena;
    struct word w = words_join(a, dot->words.v + 1, dot->words.n - 1);
    int truth = condition_eval(a, r->diags, r->config->env, r->options, &w);
    return truth > 0 ? BRANCH_READ : truth < 0 ? BRANCH_OVER : BRANCH_WAITING;
}

static void do_if(struct reader *r, struct dot *dot)
{
    bool skipped = block_skips(r);
    if (r->blocks.n == DEEPEST) {
        struct diag *d = diag_add(r->diags, E0123, dot->name, "more than 100 nested '.if'");
        diag_other(r->diags, d, r->blocks.v[0].opened, "the outermost");
    }
    struct block b = {.branch = BRANCH_OVER, .opened = dot->name};
    if (!skipped && r->blocks.n < DEEPEST)
        b.branch = condition_branch(r, dot);
    VEC_ADD(r->config->arena, &r->blocks, b);
}

/* Words where none may be. */
static void expect_end(struct reader *r, const struct dot *dot)
{
    if (dot->words.n < 2)
        return;
    struct span rest = span_join(dot->words.v[1].span, dot->words.v[dot->words.n - 1].span);
    diag_add(r->diags, E0124, rest, "unexpected words after '" STR_FMT "'",
             STR_ARG(dot->words.v[0].text));
}

/* Is there a block for .elif or .else, and is it still to have one? */
static bool may_branch(struct reader *r, const struct dot *dot)
{
    struct str name = str_cut(dot->source->text, dot->name.start, dot->name.end);
    if (!dot->block) {
        diag_add(r->diags, E0120, dot->name, "'" STR_FMT "' without '.if'", STR_ARG(name));
        return false;
    }
    if (dot->block->otherwise.source) {
        struct diag *d =
            diag_add(r->diags, E0121, dot->name, "'" STR_FMT "' after '.else'", STR_ARG(name));
        diag_other(r->diags, d, dot->block->otherwise, "the block has its '.else' here");
        dot->block->branch = BRANCH_OVER;
        return false;
    }
    return true;
}

static void do_elif(struct reader *r, struct dot *dot)
{
    if (!may_branch(r, dot))
        return;
    bool waiting = dot->block->branch == BRANCH_WAITING;
    dot->block->branch = waiting ? condition_branch(r, dot) : BRANCH_OVER;
}

static void do_else(struct reader *r, struct dot *dot)
{
    expect_end(r, dot);
    if (!may_branch(r, dot))
        return;
    bool waiting = dot->block->branch == BRANCH_WAITING;
    dot->block->branch = waiting ? BRANCH_READ : BRANCH_OVER;
    dot->block->otherwise = dot->name;
}

static void do_endif(struct reader *r, struct dot *dot)
{
    expect_end(r, dot);
    if (dot->block)
        r->blocks.n--;
    else
        diag_add(r->diags, E0120, dot->name, "'.endif' without '.if'");
}

void block_end_all(struct reader *r)
{
    for (unsigned i = 0; i < r->blocks.n; i++) {
        struct diag *d = diag_add(r->diags, E0122, r->blocks.v[i].opened, "'.if' without '.endif'");
        diag_label(r->diags, d, "the file ends before this is closed");
    }
    r->blocks.n = 0;
}

static void say(struct reader *r, const struct dot *dot, enum diag_id id)
{
    const struct words *words = &dot->words;
    if (!words->n || !reader_words_are_full(r, words))
        return;
    if (words->n == 2) {
        diag_add(r->diags, id, words->v[1].span, STR_FMT, STR_ARG(words->v[1].text));
        return;
    }
    struct diag *d = diag_add(r->diags, E0130, words->span, "'" STR_FMT "' takes one message",
                              STR_ARG(words->v[0].text));
    if (words->n > 2)
        diag_help(r->diags, d, "quote a message that has spaces in it");
}

static void do_alert(struct reader *r, struct dot *dot)
{
    say(r, dot, E0132);
}

static void do_warning(struct reader *r, struct dot *dot)
{
    say(r, dot, W0101);
}

static void do_notice(struct reader *r, struct dot *dot)
{
    say(r, dot, W0102);
}

static void do_diag(struct reader *r, struct dot *dot)
{
    if (r->options->diag_messages)
        say(r, dot, W0103);
}

struct dot_row {
    struct str name;
    void (*act)(struct reader *r, struct dot *dot);
    bool when_skipped; /* acts in skipped lines as well */
};

static const struct dot_row rows[] = {
    {{".if", 3}, do_if, true},          {{".elif", 5}, do_elif, true},
    {{".else", 5}, do_else, true},      {{".endif", 6}, do_endif, true},
    {{".alert", 6}, do_alert, false},   {{".warning", 8}, do_warning, false},
    {{".notice", 7}, do_notice, false}, {{".diag", 5}, do_diag, false},
};

static void unknown(struct reader *r, const struct dot *dot, struct str name)
{
    struct str names[COUNT(rows)];
    for (unsigned i = 0; i < COUNT(rows); i++)
        names[i] = rows[i].name;
    struct diag *d =
        diag_add(r->diags, E0125, dot->name, "unknown keyword '" STR_FMT "'", STR_ARG(name));
    diag_suggest(r->diags, d, name, names, COUNT(names));
}

/* Are the words of this line needed? Not inside a branch that is skipped from outside. */
static bool is_live(const struct reader *r, const struct dot_row *row)
{
    if (!block_skips(r))
        return true;
    bool outer_read = r->blocks.n < 2 || r->blocks.v[r->blocks.n - 2].branch == BRANCH_READ;
    bool waiting = r->blocks.v[r->blocks.n - 1].branch == BRANCH_WAITING;
    return outer_read && row->act != do_if && (row->act != do_elif || waiting);
}

void block_line(struct reader *r, const struct source *s, uint32_t at)
{
    struct dot dot = {.source = s, .name = reader_first_word(s, at)};
    struct str name = str_cut(s->text, dot.name.start, dot.name.end);
    unsigned i = 0;
    while (i < COUNT(rows) && !str_eq(name, rows[i].name))
        i++;
    if (block_skips(r) && (i == COUNT(rows) || !rows[i].when_skipped))
        return;
    if (i == COUNT(rows)) {
        unknown(r, &dot, name);
        return;
    }
    if (is_live(r, &rows[i]))
        words_cut(&r->ctx, s, at, &dot.words);
    dot.block = r->blocks.n ? &r->blocks.v[r->blocks.n - 1] : NULL;
    rows[i].act(r, &dot);
}
