/*
 * Numbers of several bytes as they stand in messages: the highest byte first.
 */
#ifndef PX_BYTES_H
#define PX_BYTES_H

#include <stdint.h>

static inline unsigned px_u8_at(const char *p)
{
    return (unsigned char)*p;
}

static inline unsigned px_u16_at(const char *p)
{
    return px_u8_at(p) << 8 | px_u8_at(p + 1);
}

static inline uint32_t px_u32_at(const char *p)
{
    return (uint32_t)px_u16_at(p) << 16 | px_u16_at(p + 2);
}

#endif
