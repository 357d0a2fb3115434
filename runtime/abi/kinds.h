/*
 * Kinds of scalar settings and of rule arguments: the C type that each has in the tables and
 * in prototypes. The compiler reads the same names as text, so the two sides cannot differ.
 */
#ifndef PX_ABI_KINDS_H
#define PX_ABI_KINDS_H

#include "types.h"

/* Kinds of scalar settings (global.def, proxy.def, bind.def, server.def). */
#define PX_SETTING_FLAG bool      /* present or not; "no"/"default" prefixes undo it */
#define PX_SETTING_UINT int32_t   /* 0 .. 2^31-1 */
#define PX_SETTING_INT int32_t
#define PX_SETTING_U32 uint32_t    /* 0 .. 2^32-1 */
#define PX_SETTING_TIME int32_t   /* milliseconds, rounded up; 0: none; default unit ms */
#define PX_SETTING_TIME_S int32_t /* milliseconds, default unit s */
#define PX_SETTING_SIZE int64_t   /* bytes, with suffixes k m g */
#define PX_SETTING_TEXT const char *
#define PX_SETTING_LINE const char * /* all words to the end of the line, joined by spaces */
#define PX_SETTING_ONOFF bool
#define PX_SETTING_MODE int32_t   /* file mode, octal */
#define PX_SETTING_THREADS uint64_t /* bit n-1: thread n may; 0: all may */
#define PX_SETTING_SHARDS int32_t /* sockets for one address; 0: one for each thread */
#define PX_SETTING_VECTORS const struct px_vectors * /* what PROXY headers say in addition */
#define PX_SETTING_REDIRECT const struct px_redirect *
#define PX_SETTING_ENDPOINT const struct px_endpoint * /* NULL: none */
#define PX_SETTING_HOST const struct px_endpoint * /* name or address, no port; NULL: none */
#define PX_SETTING_SOURCE const struct px_source * /* where connections come from */

struct px_source;
struct px_vectors;
struct px_regex;
struct px_map;
struct px_list;
struct px_stick_table;
struct px_userlist;
struct px_reply;
struct px_redirect;
struct px_bwlim;
struct px_resolvers;

/* An integer, or a variable that holds one (HAProxy manual, "add"). */
struct px_operand {
    int64_t value;
    int var; /* -1: value counts */
};

/* A text, or a variable that holds it (HAProxy manual, "hmac" and "jwt_verify"). */
struct px_value {
    struct px_str text;
    int var; /* -1: text counts */
};

/* When a variable is set (HAProxy manual, "set-var"): all of them have to hold. */
#define PX_VAR_CONDS(X)                                                                            \
    X(EXISTS, "ifexists")                                                                          \
    X(NOT_EXISTS, "ifnotexists")                                                                   \
    X(EMPTY, "ifempty")                                                                            \
    X(NOT_EMPTY, "ifnotempty")                                                                     \
    X(SET, "ifset")                                                                                \
    X(NOT_SET, "ifnotset")                                                                         \
    X(GREATER, "ifgt")                                                                             \
    X(LESS, "iflt")
#define PX_VAR_COND_NUMBER(name, word) PX_VAR_IF_##name##_AT,
enum { PX_VAR_CONDS(PX_VAR_COND_NUMBER) PX_NVAR_CONDS };
#define PX_VAR_COND_BIT(name, word) PX_VAR_IF_##name = 1 << PX_VAR_IF_##name##_AT,
enum px_var_cond { PX_VAR_CONDS(PX_VAR_COND_BIT) PX_VAR_ALWAYS = 0 };

struct px_mask6 {
    uint8_t bytes[16];
};

/* Kinds of arguments of fetches, converters and actions. An O in front: optional. */
#define PX_ARG_STR struct px_str
#define PX_ARG_OSTR struct px_str         /* not given: p == NULL */
#define PX_ARG_INT int64_t
#define PX_ARG_OINT int64_t               /* not given: 0 */
#define PX_ARG_TIME int64_t               /* milliseconds */
#define PX_ARG_NAME const struct px_name * /* header name */
#define PX_ARG_ONAME const struct px_name * /* not given: NULL */
#define PX_ARG_VAR unsigned               /* number of a variable */
#define PX_ARG_OVAR int                   /* not given: -1 */
#define PX_ARG_CONDS unsigned /* enum px_var_cond, joined; takes all arguments that are left */
#define PX_ARG_ACLS px_cond /* ACLs that all have to hold; takes all arguments that are left */
#define PX_ARG_OPERAND const struct px_operand * /* integer or variable */
#define PX_ARG_VALUE const struct px_value * /* text or variable */
#define PX_ARG_SECRET const struct px_value * /* the same, in base64 */
#define PX_ARG_FMT const struct px_fmt *
#define PX_ARG_EXPR px_expr
#define PX_ARG_OEXPR px_expr /* not given: NULL */
#define PX_ARG_BWLIM const struct px_bwlim * /* a limit of the proxy, by its name */
#define PX_ARG_RESOLVERS const struct px_resolvers *
#define PX_ARG_REGEX const struct px_regex *
#define PX_ARG_MASK4 uint32_t             /* IPv4 netmask, host order */
#define PX_ARG_OMASK6 const struct px_mask6 *
#define PX_ARG_OFRONTEND const struct px_proxy * /* not given: NULL, the current one */
#define PX_ARG_OBACKEND const struct px_proxy *
#define PX_ARG_SERVER const struct px_server *
#define PX_ARG_MAP const struct px_map *
#define PX_ARG_LIST const struct px_list * /* a file of patterns */
#define PX_ARG_TABLE const struct px_stick_table *
#define PX_ARG_OTABLE const struct px_stick_table * /* not given: that of the own proxy */
#define PX_ARG_USERLIST const struct px_userlist *
#define PX_ARG_REPLY const struct px_reply *
#define PX_ARG_REDIRECT const struct px_redirect *
#define PX_ARG_WORD int                   /* one of a fixed list of words, by number */

/* Argument lists. As C parameters behind a leading one ... */
#define PX_PARAMS0
#define PX_PARAMS1(a) , PX_ARG_##a
#define PX_PARAMS2(a, b) , PX_ARG_##a, PX_ARG_##b
#define PX_PARAMS3(a, b, c) , PX_ARG_##a, PX_ARG_##b, PX_ARG_##c
#define PX_PARAMS4(a, b, c, d) , PX_ARG_##a, PX_ARG_##b, PX_ARG_##c, PX_ARG_##d

/* ... and as text for the compiler: kinds separated by spaces. */
#define PX_KINDS0 ""
#define PX_KINDS1(a) #a
#define PX_KINDS2(a, b) #a " " #b
#define PX_KINDS3(a, b, c) #a " " #b " " #c
#define PX_KINDS4(a, b, c, d) #a " " #b " " #c " " #d

#endif
