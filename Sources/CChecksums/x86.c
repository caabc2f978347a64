// CRCs by carry-less multiplication (PCLMULQDQ), and CRC-32C of short runs by its own instruction (SSE4.2).
//
// A CRC is the message, read as a polynomial over GF(2), modulo the generator P. So sixteen bytes A at the front of a message may
// be replaced by A * x^n mod P, added to the sixteen bytes that stand n bits further on: "folding". Four such registers fold 512
// bits ahead side by side, which hides the multiplication's latency; in the end they fold into one, and that one is the message's
// equivalent in sixteen bytes, whose CRC the ordinary way finishes.
//
// Bits are reflected: bit i of a loaded register is the coefficient of x^(127-i), so its low half L and its high half H make
// A = L * x^64 + H, and A * x^n = L * x^(n+64) + H * x^n. A product of two reflected 64-bit values, read as a reflected register,
// is one power of x too high; the constants are therefore x^(n+63) and x^(n-1), modulo P.
#include "internal.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>
#include <string.h>

#define HARDWARE __attribute__((target("pclmul,sse4.2")))

typedef struct {
    // Low half: what multiplies L; high half: what multiplies H.
    uint64_t by_128[2], by_512[2];
} folding_constants;

static folding_constants ieee, castagnoli;

// x^exponent modulo the polynomial, reflected into 64 bits: x^d is bit 63 - d.
static uint64_t power_of_x(uint32_t polynomial, int exponent) {
    uint32_t power = 0x80000000u;  // x^0 in 32 reflected bits
    for (int i = 0; i < exponent; i++) power = (power >> 1) ^ (power & 1 ? polynomial : 0);
    return (uint64_t)power << 32;
}

static void fill(folding_constants *constants, uint32_t polynomial) {
    constants->by_128[0] = power_of_x(polynomial, 128 + 63);
    constants->by_128[1] = power_of_x(polynomial, 128 - 1);
    constants->by_512[0] = power_of_x(polynomial, 512 + 63);
    constants->by_512[1] = power_of_x(polynomial, 512 - 1);
}

bool kingbus_x86_prepare(void) {
    unsigned int eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) return false;
    if (!(ecx & bit_PCLMUL) || !(ecx & bit_SSE4_2)) return false;
    fill(&ieee, KINGBUS_IEEE);
    fill(&castagnoli, KINGBUS_CASTAGNOLI);
    return true;
}

HARDWARE static inline __m128i load(const uint8_t *bytes) { return _mm_loadu_si128((const __m128i *)bytes); }

HARDWARE static inline __m128i fold(__m128i ahead, __m128i constants, __m128i onto) {
    __m128i low = _mm_clmulepi64_si128(ahead, constants, 0x00);
    __m128i high = _mm_clmulepi64_si128(ahead, constants, 0x11);
    return _mm_xor_si128(onto, _mm_xor_si128(low, high));
}

// Replaces the largest multiple of sixteen bytes in `length` (at least sixteen) by the sixteen bytes of the answer.
HARDWARE static inline __m128i fold_all(
    const folding_constants *constants, uint32_t state, const uint8_t *bytes, size_t length
) {
    const __m128i by_128 = load((const uint8_t *)constants->by_128);
    __m128i folded = _mm_xor_si128(load(bytes), _mm_cvtsi32_si128((int)state));
    bytes += 16, length -= 16;
    if (length >= 112) {  // four registers pay from 128 bytes on
        const __m128i by_512 = load((const uint8_t *)constants->by_512);
        __m128i a = folded, b = load(bytes), c = load(bytes + 16), d = load(bytes + 32);
        bytes += 48, length -= 48;
        for (; length >= 64; bytes += 64, length -= 64) {
            a = fold(a, by_512, load(bytes));
            b = fold(b, by_512, load(bytes + 16));
            c = fold(c, by_512, load(bytes + 32));
            d = fold(d, by_512, load(bytes + 48));
        }
        folded = fold(fold(fold(a, by_128, b), by_128, c), by_128, d);
    }
    for (; length >= 16; bytes += 16, length -= 16) folded = fold(folded, by_128, load(bytes));
    return folded;
}

HARDWARE uint32_t kingbus_x86_ieee(uint32_t state, const uint8_t *bytes, size_t length) {
    if (length >= 32) {
        uint8_t folded[16];
        _mm_storeu_si128((__m128i *)folded, fold_all(&ieee, state, bytes, length));
        state = kingbus_slice(&kingbus_ieee_tables, 0, folded, sizeof folded);
        bytes += length & ~(size_t)15, length &= 15;
    }
    return kingbus_slice(&kingbus_ieee_tables, state, bytes, length);
}

HARDWARE uint32_t kingbus_x86_castagnoli(uint32_t state, const uint8_t *bytes, size_t length) {
    uint64_t word, wide = state;
    if (length >= 128) {
        __m128i folded = fold_all(&castagnoli, state, bytes, length);
        wide = _mm_crc32_u64(0, (uint64_t)_mm_extract_epi64(folded, 0));
        wide = _mm_crc32_u64(wide, (uint64_t)_mm_extract_epi64(folded, 1));
        bytes += length & ~(size_t)15, length &= 15;
    }
    for (; length >= 8; bytes += 8, length -= 8) {
        memcpy(&word, bytes, 8);
        wide = _mm_crc32_u64(wide, word);
    }
    state = (uint32_t)wide;
    for (; length > 0; bytes++, length--) state = _mm_crc32_u8(state, *bytes);
    return state;
}

#endif
