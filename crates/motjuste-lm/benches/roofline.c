// What one core of this machine can do at the most: what speeds of motjuste-lm are to be held against.
//
//     gcc -O3 -march=native -o /tmp/roofline crates/motjuste-lm/benches/roofline.c && /tmp/roofline
//
// Prints billions of operations a second, a multiplication and an addition counted as two: multiply-adds of 32-bit numbers,
// and dot products of bytes, of 16-bit whole numbers and of bfloat16; and gigabytes a second read from 256 MB. Needs AVX-512 with VNNI
// and BF16.

#include <immintrin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHAINS = 16, STEPS = 20000000 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec + 1e-9 * time.tv_nsec;
}

static volatile float kept;

// Independent chains of one instruction, as many as hide its latency. The empty asm keeps them in registers and apart.
#define PEAK(name, type, zero, step, operations)                                               \
    static void name(void) {                                                                   \
        type sums[CHAINS], a = zero, b = zero;                                                 \
        for (int i = 0; i < CHAINS; i++) sums[i] = zero;                                       \
        double start = now();                                                                  \
        for (long n = 0; n < STEPS; n++)                                                       \
            _Pragma("GCC unroll 16") for (int i = 0; i < CHAINS; i++) {                        \
                sums[i] = step;                                                                \
                __asm__ volatile("" : "+v"(sums[i]));                                          \
            }                                                                                  \
        double seconds = now() - start;                                                        \
        memcpy((void *)&kept, &sums[0], sizeof kept);                                          \
        printf("%-28s %7.1f\n", #name, 1e-9 * STEPS * CHAINS * (operations) / seconds);        \
    }

PEAK(multiply_add_f32, __m512, _mm512_setzero_ps(), _mm512_fmadd_ps(a, b, sums[i]), 32)
PEAK(dot_bytes_vpdpbusd, __m512i, _mm512_setzero_si512(), _mm512_dpbusd_epi32(sums[i], a, b), 128)
PEAK(dot_16_bits_vpdpwssd, __m512i, _mm512_setzero_si512(), _mm512_dpwssd_epi32(sums[i], a, b), 64)

static void dot_bfloat16_vdpbf16ps(void) {
    __m512 sums[CHAINS];
    __m512bh a = (__m512bh)_mm512_setzero_si512();
    for (int i = 0; i < CHAINS; i++) sums[i] = _mm512_setzero_ps();
    double start = now();
    for (long n = 0; n < STEPS; n++)
        _Pragma("GCC unroll 16") for (int i = 0; i < CHAINS; i++) {
            sums[i] = _mm512_dpbf16_ps(sums[i], a, a);
            __asm__ volatile("" : "+v"(sums[i]));
        }
    double seconds = now() - start;
    memcpy((void *)&kept, &sums[0], sizeof kept);
    printf("%-28s %7.1f\n", "dot_bfloat16_vdpbf16ps", 1e-9 * STEPS * CHAINS * 64 / seconds);
}

static void read_memory(void) {
    size_t bytes = (size_t)256 << 20;
    char *data = aligned_alloc(64, bytes);
    memset(data, 1, bytes);
    __m512i sums[4] = {0};
    double start = now();
    for (int round = 0; round < 8; round++)
        for (size_t at = 0; at < bytes; at += 256)
            for (int i = 0; i < 4; i++)
                sums[i] = _mm512_xor_si512(sums[i], _mm512_load_si512(data + at + 64 * i));
    double seconds = now() - start;
    sums[0] = _mm512_xor_si512(_mm512_xor_si512(sums[0], sums[1]), _mm512_xor_si512(sums[2], sums[3]));
    memcpy((void *)&kept, &sums[0], sizeof kept);
    printf("%-28s %7.1f GB/s\n", "memory read", 8e-9 * bytes / seconds);
    free(data);
}

int main(void) {
    multiply_add_f32();
    dot_bytes_vpdpbusd();
    dot_16_bits_vpdpwssd();
    dot_bfloat16_vdpbf16ps();
    read_memory();
}
