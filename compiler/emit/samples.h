/*
 * Samples, formats and rule arguments as C. Only for files of this folder.
 */
#ifndef SAMPLES_H
#define SAMPLES_H

#include "writer.h"

/* An argument as it stands in a call. */
struct str arg_text(struct emit *e, const struct m_arg *a);
struct str args_text(struct emit *e, const struct m_arg *args, unsigned n);

/* The function of an expression; printed when it is first asked for, so ask before printing what
 * calls it. */
struct str expr_function(struct emit *e, const struct m_expr *x);
/* The same for a fetch that has several values. */
struct str each_function(struct emit *e, const struct m_expr *x);

/* Must a sample of one type be made one of another? Casts as C name the types. */
bool needs_cast(enum px_type from, enum px_type to);
const char *type_symbol(enum px_type type);

/* A function around the one that computes a kept sample, or its values. */
void put_kept(struct emit *e, const struct p_sample *s, struct str compute, struct str name);

/* The function of ACLs that a sample asks for; printed when it is first asked for. */
struct str named_function(struct emit *e, const struct m_named *m);

/* Names of objects. Names and formats are printed when they are first asked for. */
struct str name_symbol(struct emit *e, const struct m_name *n);
struct str fmt_symbol(struct emit *e, const struct m_fmt *f);
/* Of a format that is not constant, only the function that appends it. */
struct str fmt_function(struct emit *e, const struct m_fmt *f);
struct str proxy_symbol(const struct emit *e, const struct m_proxy *p);
struct str server_symbol(struct emit *e, const struct m_server *s);
struct str list_symbol(const struct emit *e, const struct m_list *l);
struct str map_symbol(const struct emit *e, const struct m_map *m);
/* Of the table's place among tables[]. */
struct str table_symbol(struct emit *e, const struct m_table *t);
struct str var_symbol(struct emit *e, const struct m_var *v);

#endif
