/*
 * Prototypes of everything that rules and formats may call, made from the vocabulary tables.
 *
 * Fetches answer PX_FOUND and fill *out, or PX_ABSENT, or PX_LATER when data is still to come.
 * Bytes of a sample stay valid until the current rule set ends.
 * Converters change *smp in place and answer false when there is no result.
 * Actions answer what becomes of the rule set.
 */
#ifndef PX_ABI_POLICY_H
#define PX_ABI_POLICY_H

#include "match.h"
#include "out.h"
#include "regex.h"
#include "tables.h"

/* Where an "each" fetch stands between two values; all zero before the first. */
struct px_iter {
    uint32_t line, pos;
    bool last; /* the value is known to be the last one */
};

#define ARGS0 PX_PARAMS0
#define ARGS1(a) PX_PARAMS1(a)
#define ARGS2(a, b) PX_PARAMS2(a, b)
#define ARGS3(a, b, c) PX_PARAMS3(a, b, c)
#define ARGS4(a, b, c, d) PX_PARAMS4(a, b, c, d)

#define PX_FETCH(name, sym, type, args, at, reads, example, doc)                                   \
    enum px_found px_fetch_##sym(struct px_txn *t, struct px_sample *out args);
/* A fetch that has several values: conditions try each, expressions take px_fetch_. */
#define PX_FETCH_EACH(name, sym, type, args, at, reads, example, doc)                              \
    enum px_found px_fetch_##sym(struct px_txn *t, struct px_sample *out args);                    \
    enum px_found px_each_##sym(struct px_txn *t, struct px_sample *out, struct px_iter *it args);
#include "fetches.def"
#undef PX_FETCH
#undef PX_FETCH_EACH

#define PX_CONV(name, sym, in, out, args, example, doc)                                            \
    bool px_conv_##sym(struct px_txn *t, struct px_sample *smp args);
#include "converters.def"
#undef PX_CONV

#define PX_ACTION(name, sym, args, at, final, writes, example, doc)                                \
    enum px_verdict px_act_##sym(struct px_txn *t, enum px_phase at_phase args);
#include "actions.def"
#undef PX_ACTION

/* Log-format aliases append themselves. PX_LOG_BARE: no "-" for what is not known. */
enum px_log_flag { PX_LOG_QUOTE = 1, PX_LOG_HEX = 2, PX_LOG_ESCAPE = 4, PX_LOG_BARE = 8 };
#define PX_ALIAS(name, sym, mode, needs, doc)                                                      \
    void px_log_##sym(struct px_txn *t, struct px_out *out, unsigned flags);
#include "logformat.def"
#undef PX_ALIAS

#undef ARGS0
#undef ARGS1
#undef ARGS2
#undef ARGS3
#undef ARGS4

/* Appends the text of a sample; control characters but the tab become %XX, as in HAProxy. */
void px_put_sample(struct px_out *out, const struct px_sample *smp);
/* The same with flags: PX_LOG_ESCAPE counts; what goes into messages is never quoted. */
void px_put_flagged(struct px_out *out, const struct px_sample *smp, unsigned flags);
/* The text of a sample, byte by byte as it is. */
void px_put_plain(struct px_out *out, const struct px_sample *smp);
/* The same, quoted and escaped as flags say. */
void px_put_plain_flagged(struct px_out *out, const struct px_sample *smp, bool found,
                          unsigned flags);
/* For log lines: the sample, or "-" when found is false; bytes outside 32..126 are escaped. */
void px_log_sample(struct px_out *out, const struct px_sample *smp, bool found, unsigned flags);

/* The value of a Forwarded field about t; nothing, if there is nothing to say. */
void px_put_forwarded(struct px_txn *t, const struct px_forwarded *f, struct px_out *out);

/* Changes the type of *smp (HAProxy manual 7.1, "casts"); false when the value does not allow it. */
bool px_cast(struct px_sample *smp, enum px_type to);

/* The backend, or usable server of t's backend, whose name the format gives; NULL: there is none. */
const struct px_proxy *px_backend_named(struct px_txn *t, const struct px_fmt *name);
const struct px_server *px_server_named(struct px_txn *t, const struct px_fmt *name);
/* The same for a name that is a sample. */
const struct px_proxy *px_backend_found(struct px_txn *t, px_expr name);
/* Is the server neither in maintenance nor down? NULL: no. */
bool px_server_running(const struct px_server *srv);
/* Or does t insist on it even then? */
bool px_server_accepts(const struct px_txn *t, const struct px_server *srv);

/* Actions that wait: the rule set goes on at this rule, whose condition is not asked again. */
/* Remembers the rule when v is final. Answers v. */
enum px_verdict px_note_rule(struct px_txn *t, const char *file, uint32_t line, enum px_verdict v);
enum px_verdict px_pause(struct px_txn *t, unsigned rule, enum px_verdict v);
bool px_resumes(struct px_txn *t, unsigned rule);

/* Rules with "early-hint" go on to others: what they have said is sent. */
void px_hints_end(struct px_txn *t);

/* Answers a whole "wait for more" question: true when no more data will come. */
bool px_is_final(const struct px_txn *t);

#endif
