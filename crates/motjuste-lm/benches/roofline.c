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

enum { CHAINS = 12, STEPS = 30000000 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec + 1e-9 * time.tv_nsec;
}

static volatile float kept;

// The instruction on twelve registers in turn, as many as hide its latency.
#define ALL(instruction)                                                                                              \
    instruction " %%zmm30, %%zmm31, %%zmm0\n\t" instruction " %%zmm30, %%zmm31, %%zmm1\n\t"                           \
    instruction " %%zmm30, %%zmm31, %%zmm2\n\t" instruction " %%zmm30, %%zmm31, %%zmm3\n\t"                           \
    instruction " %%zmm30, %%zmm31, %%zmm4\n\t" instruction " %%zmm30, %%zmm31, %%zmm5\n\t"                           \
    instruction " %%zmm30, %%zmm31, %%zmm6\n\t" instruction " %%zmm30, %%zmm31, %%zmm7\n\t"                           \
    instruction " %%zmm30, %%zmm31, %%zmm8\n\t" instruction " %%zmm30, %%zmm31, %%zmm9\n\t"                           \
    instruction " %%zmm30, %%zmm31, %%zmm10\n\t" instruction " %%zmm30, %%zmm31, %%zmm11\n\t"

#define PEAK(name, instruction, operations)                                                                           \
    static void name(void) {                                                                                          \
        __asm__ volatile("vpxord %%zmm30, %%zmm30, %%zmm30\n\tvpxord %%zmm31, %%zmm31, %%zmm31" ::: "xmm30", "xmm31"); \
        double start = now();                                                                                         \
        for (long n = 0; n < STEPS; n++)                                                                              \
            __asm__ volatile(ALL(instruction) ::: "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",     \
                             "xmm8", "xmm9", "xmm10", "xmm11");                                                       \
        printf("%-28s %7.1f\n", #name, 1e-9 * STEPS * CHAINS * (operations) / (now() - start));                       \
    }

PEAK(multiply_add_f32, "vfmadd231ps", 32)
PEAK(dot_bytes_vpdpbusd, "vpdpbusd", 128)
PEAK(dot_16_bits_vpdpwssd, "vpdpwssd", 64)
PEAK(dot_bfloat16_vdpbf16ps, "vdpbf16ps", 64)

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
