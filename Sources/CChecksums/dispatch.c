// Chooses the code path once, when the program is loaded.
#include "internal.h"

static bool accelerated;

__attribute__((constructor)) static void prepare(void) {
    kingbus_fill_slicing_tables(&kingbus_ieee_tables, KINGBUS_IEEE);
    kingbus_fill_slicing_tables(&kingbus_castagnoli_tables, KINGBUS_CASTAGNOLI);
#if defined(__x86_64__)
    accelerated = kingbus_x86_prepare();
#endif
}

bool kingbus_crc_is_accelerated(void) { return accelerated; }

uint32_t kingbus_crc32(uint32_t crc, const void *bytes, size_t length) {
#if defined(__x86_64__)
    if (accelerated) return ~kingbus_x86_ieee(~crc, bytes, length);
#endif
    return kingbus_crc32_portable(crc, bytes, length);
}

uint32_t kingbus_crc32c(uint32_t crc, const void *bytes, size_t length) {
#if defined(__x86_64__)
    if (accelerated) return ~kingbus_x86_castagnoli(~crc, bytes, length);
#endif
    return kingbus_crc32c_portable(crc, bytes, length);
}
