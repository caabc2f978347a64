// CRC-32 (IEEE 802.3, as zlib and MySQL's binlog use it) and CRC-32C (Castagnoli, as our entry headers use it).
//
// Carry-less multiplication does the work where the processor has it; tables do elsewhere. The choice is made once, at load.
#ifndef KINGBUS_CCHECKSUMS_H
#define KINGBUS_CCHECKSUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Continues `crc` (0 to begin) over `length` bytes. Same values as zlib's crc32().
uint32_t kingbus_crc32(uint32_t crc, const void *bytes, size_t length);

// Continues `crc` (0 to begin) over `length` bytes. CRC-32C of "123456789" is 0xE3069283.
uint32_t kingbus_crc32c(uint32_t crc, const void *bytes, size_t length);

// The same by tables alone: what the fast paths are compared with.
uint32_t kingbus_crc32_portable(uint32_t crc, const void *bytes, size_t length);
uint32_t kingbus_crc32c_portable(uint32_t crc, const void *bytes, size_t length);

// Whether this processor takes the fast paths.
bool kingbus_crc_is_accelerated(void);

#endif
