// Table-driven checksums for processors without the instructions that the fast paths need.
#include "CChecksums.h"

static uint32_t ieee[256], castagnoli[256];

__attribute__((constructor)) static void fill_tables(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t a = i, b = i;
        for (int bit = 0; bit < 8; bit++) {
            a = (a >> 1) ^ (a & 1 ? 0xEDB88320u : 0);
            b = (b >> 1) ^ (b & 1 ? 0x82F63B78u : 0);
        }
        ieee[i] = a;
        castagnoli[i] = b;
    }
}

static uint32_t update(const uint32_t *table, uint32_t crc, const uint8_t *bytes, size_t length) {
    crc = ~crc;
    for (size_t i = 0; i < length; i++) crc = (crc >> 8) ^ table[(crc ^ bytes[i]) & 0xff];
    return ~crc;
}

uint32_t kingbus_crc32(uint32_t crc, const void *bytes, size_t length) {
    return update(ieee, crc, bytes, length);
}

uint32_t kingbus_crc32c(uint32_t crc, const void *bytes, size_t length) {
    return update(castagnoli, crc, bytes, length);
}
