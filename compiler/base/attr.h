/*
 * The only place where compiler extensions are named.
 */
#ifndef ATTR_H
#define ATTR_H

#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
