// Shared by the files of this target. Everything here works on a raw CRC register: the caller inverts it on entry and on exit.
#ifndef KINGBUS_CCHECKSUMS_INTERNAL_H
#define KINGBUS_CCHECKSUMS_INTERNAL_H

#include "CChecksums.h"

// The generator polynomials, bit-reflected, without their x^32 term.
#define KINGBUS_IEEE 0xEDB88320u
#define KINGBUS_CASTAGNOLI 0x82F63B78u

// tables[k][b] is what byte b adds to the register when k more bytes follow it in the same group of eight.
typedef struct {
    uint32_t tables[8][256];
} slicing_tables;

extern slicing_tables kingbus_ieee_tables, kingbus_castagnoli_tables;

void kingbus_fill_slicing_tables(slicing_tables *tables, uint32_t polynomial);
uint32_t kingbus_slice(const slicing_tables *tables, uint32_t state, const uint8_t *bytes, size_t length);

#if defined(__x86_64__)
// Whether the processor has PCLMULQDQ and SSE4.2; prepares their constants.
bool kingbus_x86_prepare(void);
uint32_t kingbus_x86_ieee(uint32_t state, const uint8_t *bytes, size_t length);
uint32_t kingbus_x86_castagnoli(uint32_t state, const uint8_t *bytes, size_t length);
#endif

#endif
