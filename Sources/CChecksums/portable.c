// Slicing by eight: eight table look-ups advance the register by eight bytes. For any processor.
#include <string.h>

#include "internal.h"

slicing_tables kingbus_ieee_tables, kingbus_castagnoli_tables;

void kingbus_fill_slicing_tables(slicing_tables *tables, uint32_t polynomial) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t state = byte;
        for (int bit = 0; bit < 8; bit++) state = (state >> 1) ^ (state & 1 ? polynomial : 0);
        tables->tables[0][byte] = state;
    }
    for (int slice = 1; slice < 8; slice++) {
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint32_t before = tables->tables[slice - 1][byte];
            tables->tables[slice][byte] = (before >> 8) ^ tables->tables[0][before & 0xff];
        }
    }
}

uint32_t kingbus_slice(const slicing_tables *tables, uint32_t state, const uint8_t *bytes, size_t length) {
    const uint32_t(*table)[256] = tables->tables;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    for (; length >= 8; bytes += 8, length -= 8) {
        uint32_t low, high;
        memcpy(&low, bytes, 4);
        memcpy(&high, bytes + 4, 4);
        low ^= state;
        state = table[7][low & 0xff] ^ table[6][low >> 8 & 0xff] ^ table[5][low >> 16 & 0xff] ^ table[4][low >> 24]
            ^ table[3][high & 0xff] ^ table[2][high >> 8 & 0xff] ^ table[1][high >> 16 & 0xff] ^ table[0][high >> 24];
    }
#endif
    for (; length > 0; bytes++, length--) state = (state >> 8) ^ table[0][(state ^ *bytes) & 0xff];
    return state;
}

uint32_t kingbus_crc32_portable(uint32_t crc, const void *bytes, size_t length) {
    return ~kingbus_slice(&kingbus_ieee_tables, ~crc, bytes, length);
}

uint32_t kingbus_crc32c_portable(uint32_t crc, const void *bytes, size_t length) {
    return ~kingbus_slice(&kingbus_castagnoli_tables, ~crc, bytes, length);
}
