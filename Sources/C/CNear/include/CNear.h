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
