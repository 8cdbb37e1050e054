#pragma once
#include <stddef.h>
#include <stdint.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Asks for what lies at an address before it is read; nothing else happens, whatever the address.
static inline void kechuang_near(const void *place) { __builtin_prefetch(place); }

/// The sum of products of two rows. The count is a multiple of 16, and the sum fits 32 bits.
static inline int32_t kechuang_products(const int16_t *left, const int16_t *right, size_t count) {
#if defined(__SSE2__)
    __m128i even = _mm_setzero_si128(), odd = _mm_setzero_si128();
    for (size_t i = 0; i < count; i += 16) {
        even = _mm_add_epi32(even, _mm_madd_epi16(_mm_loadu_si128((const __m128i *)(left + i)),
                                                  _mm_loadu_si128((const __m128i *)(right + i))));
        odd = _mm_add_epi32(odd, _mm_madd_epi16(_mm_loadu_si128((const __m128i *)(left + i + 8)),
                                                _mm_loadu_si128((const __m128i *)(right + i + 8))));
    }
    even = _mm_add_epi32(even, odd);
    even = _mm_add_epi32(even, _mm_shuffle_epi32(even, 0x4E));
    even = _mm_add_epi32(even, _mm_shuffle_epi32(even, 0xB1));
    return _mm_cvtsi128_si32(even);
#else
    uint32_t sum = 0;
    for (size_t i = 0; i < count; i++) sum += (uint32_t)((int32_t)left[i] * right[i]);
    return (int32_t)sum;
#endif
}

/// The places of values that are at least so much, which is above zero, in their order.
/// @param places room for one more than there are values
/// @return how many there are
static inline size_t kechuang_at_least(const uint32_t *values, size_t count, uint32_t least, uint32_t *places) {
    size_t found = 0, i = 0;
#if defined(__SSE2__)
    // Numbers are compared with a sign, so all are moved down by half of their range.
    const __m128i half = _mm_set1_epi32(INT32_MIN);
    const __m128i below = _mm_xor_si128(_mm_set1_epi32((int32_t)(least - 1)), half);
    for (; i + 16 <= count; i += 16) {
        __m128i is[4];
        for (size_t part = 0; part < 4; part++) {
            __m128i four = _mm_loadu_si128((const __m128i *)(values + i + 4 * part));
            is[part] = _mm_cmpgt_epi32(_mm_xor_si128(four, half), below);
        }
        __m128i all = _mm_packs_epi16(_mm_packs_epi32(is[0], is[1]), _mm_packs_epi32(is[2], is[3]));
        for (uint32_t left = (uint32_t)_mm_movemask_epi8(all); left != 0; left &= left - 1)
            places[found++] = (uint32_t)i + (uint32_t)__builtin_ctz(left);
    }
#endif
    for (; i < count; i++) {
        places[found] = (uint32_t)i;
        found += values[i] >= least;
    }
    return found;
}
