/*
 * kl_normal_standard(loc, logvar): KL(N(loc, exp(logvar)) || N(0, 1)) in nats, elementwise.
 *
 * value     theorem kl-normal-standard, certificate
 *           0392578b580fa3d02b65b40495dc8fa6abfa8718956202f36d25406a38cda6fe
 * gradient  the derivative of its sum by every argument
 * proved    value and gradients: by running the functions for each entry of this file on terms; the special
 *           functions: their error of approximation, by ball arithmetic
 * measured  worst errors of samples, ULP: value 2, gradients 2 (float32); value 2, gradients 2 (float64)
 * assumes   loc, logvar finite: anything else propagates as NaN
 * shapes    n entries one after the other; nothing overlaps
 * compile   with -O3 -march=native -ffp-contract=fast -fno-math-errno -fno-trapping-math -fopenmp
 * self-test cc -O2 -DSELF_TEST FILE.c -lm && ./a.out
 * made by   vaemath emit kl-normal-standard --target c  (do not edit)
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if FLT_EVAL_METHOD != 0
#error "float and double must be rounded to their own precision"
#endif
#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif

static const float EXPM1_REDUCED_f32[7] = {
    0.16666667f,
    0.04166667f,
    0.008333334f,
    0.0013888296f,
    0.00019840732f,
    2.5041125e-05f,
    2.7774925e-06f,
};
static const float EXPONENT_ZERO_f32 = 12583038.0f;
static const float LOWEST_f32 = -80.0f;
static const float HIGHEST_f32 = 89.42f;
static const float LOG2_E_f32 = 1.442607f;
static const float LN2_HIGH_f32 = 0.69140625f;
static const float LN2_LOW_f32 = 0.0017409306f;
static const float HALF_LN2_HIGH_f32 = 0.34570312f;
static const uint32_t FRACTION_BITS_f32 = 0x17;
static const uint32_t LEADING_MASK_f32 = 0xfffff000;
static const double EXPM1_REDUCED_f64[12] = {
    0.16666666666666666,
    0.041666666666666664,
    0.008333333333334131,
    0.0013888888888889388,
    0.00019841269839386146,
    2.4801587300410685e-05,
    2.7557320849223745e-06,
    2.755732023919242e-07,
    2.505147471493177e-08,
    2.0876361142252405e-09,
    1.61728504508308e-10,
    1.1541847783295081e-11,
};
static const double EXPONENT_ZERO_f64 = 6755399441056766.0;
static const double LOWEST_f64 = -700.0;
static const double HIGHEST_f64 = 710.48;
static const double LOG2_E_f64 = 1.4426840339993081;
static const double LN2_HIGH_f64 = 0.6931471803691238;
static const double LN2_LOW_f64 = 1.9082149292705877e-10;
static const double HALF_LN2_HIGH_f64 = 0.3465735901845619;
static const uint64_t FRACTION_BITS_f64 = 0x34;
static const uint64_t LEADING_MASK_f64 = 0xfffffffff8000000;

/* The polynomial with coefficients EXPM1_REDUCED_f32. */
INLINE float expm1_reduced_f32(const float x)
{
    const float p1_0 = EXPM1_REDUCED_f32[1] * x + EXPM1_REDUCED_f32[0];
    const float p1_1 = EXPM1_REDUCED_f32[3] * x + EXPM1_REDUCED_f32[2];
    const float p1_2 = EXPM1_REDUCED_f32[5] * x + EXPM1_REDUCED_f32[4];
    const float x2 = x * x;
    const float p2_0 = p1_1 * x2 + p1_0;
    const float p2_1 = EXPM1_REDUCED_f32[6] * x2 + p1_2;
    const float x4 = x2 * x2;
    const float sum = p2_1 * x4 + p2_0;
    return sum;
}

/* 2^n / 2 for an integer n: adding EXPONENT_ZERO leaves n in the low bits, the shift makes it an exponent. */
INLINE float half_power_of_two_f32(const float n)
{
    const float shifted = n + EXPONENT_ZERO_f32;
    uint32_t bits;
    float power;
    memcpy(&bits, &shifted, sizeof bits);
    bits <<= FRACTION_BITS_f32;
    memcpy(&power, &bits, sizeof power);
    return power;
}

/* x without the lower half of its digits: the square of that is exact. */
INLINE float leading_f32(const float x)
{
    uint32_t bits;
    float high;
    memcpy(&bits, &x, sizeof bits);
    bits &= LEADING_MASK_f32;
    memcpy(&high, &bits, sizeof high);
    return high;
}

/* e^r - 1 - r for |r| <= 45/64, where h is r without its last digits. */
INLINE float expm1_gap_f32(const float r, const float h)
{
    return 0.5f * h * h + ((r - h) * (0.5f * (r + h)) + r * r * (r * expm1_reduced_f32(r)));
}

/* (e^s - 1 - s)/2 and (e^s - 1)/2, wherever these are finite.
   With s = n log 2 + r, n rounded towards zero, no two large terms below have opposite signs; the largest,
   `head` and `leap`, are exact, and what their sum loses is added to the small ones. None is
   infinite before their sum is. */
INLINE void half_expm1_parts_f32(const float s, float *gap, float *rise)
{
    const float above = LOWEST_f32 > s ? LOWEST_f32 : s;
    const float x = HIGHEST_f32 < above ? HIGHEST_f32 : above;
    const float n = truncf(x * LOG2_E_f32);
    const float y = x - n * LN2_HIGH_f32;
    const float c = n * LN2_LOW_f32;
    const float r = y - c;
    const float h = leading_f32(y);
    const float g = expm1_gap_f32(r, h);
    const float power = half_power_of_two_f32(n);
    const float jump = power - 0.5f;
    const float head = jump - n * HALF_LN2_HIGH_f32;
    const float leap = jump * h;
    const float body = head + leap;
    const float lost = leap - (body - head);
    *rise = power * (r + g) + jump;
    *gap = body + (power * g + (jump * (y - h) + (lost - power * c))) + 0.5f * (x - s);
}

/* The polynomial with coefficients EXPM1_REDUCED_f64. */
INLINE double expm1_reduced_f64(const double x)
{
    const double p1_0 = EXPM1_REDUCED_f64[1] * x + EXPM1_REDUCED_f64[0];
    const double p1_1 = EXPM1_REDUCED_f64[3] * x + EXPM1_REDUCED_f64[2];
    const double p1_2 = EXPM1_REDUCED_f64[5] * x + EXPM1_REDUCED_f64[4];
    const double p1_3 = EXPM1_REDUCED_f64[7] * x + EXPM1_REDUCED_f64[6];
    const double p1_4 = EXPM1_REDUCED_f64[9] * x + EXPM1_REDUCED_f64[8];
    const double p1_5 = EXPM1_REDUCED_f64[11] * x + EXPM1_REDUCED_f64[10];
    const double x2 = x * x;
    const double p2_0 = p1_1 * x2 + p1_0;
    const double p2_1 = p1_3 * x2 + p1_2;
    const double p2_2 = p1_5 * x2 + p1_4;
    const double x4 = x2 * x2;
    const double p4_0 = p2_1 * x4 + p2_0;
    const double x8 = x4 * x4;
    const double sum = p2_2 * x8 + p4_0;
    return sum;
}

/* 2^n / 2 for an integer n: adding EXPONENT_ZERO leaves n in the low bits, the shift makes it an exponent. */
INLINE double half_power_of_two_f64(const double n)
{
    const double shifted = n + EXPONENT_ZERO_f64;
    uint64_t bits;
    double power;
    memcpy(&bits, &shifted, sizeof bits);
    bits <<= FRACTION_BITS_f64;
    memcpy(&power, &bits, sizeof power);
    return power;
}

/* x without the lower half of its digits: the square of that is exact. */
INLINE double leading_f64(const double x)
{
    uint64_t bits;
    double high;
    memcpy(&bits, &x, sizeof bits);
    bits &= LEADING_MASK_f64;
    memcpy(&high, &bits, sizeof high);
    return high;
}

/* e^r - 1 - r for |r| <= 45/64, where h is r without its last digits. */
INLINE double expm1_gap_f64(const double r, const double h)
{
    return 0.5 * h * h + ((r - h) * (0.5 * (r + h)) + r * r * (r * expm1_reduced_f64(r)));
}

/* (e^s - 1 - s)/2 and (e^s - 1)/2, wherever these are finite.
   With s = n log 2 + r, n rounded towards zero, no two large terms below have opposite signs; the largest,
   `head` and `leap`, are exact, and what their sum loses is added to the small ones. None is
   infinite before their sum is. */
INLINE void half_expm1_parts_f64(const double s, double *gap, double *rise)
{
    const double above = LOWEST_f64 > s ? LOWEST_f64 : s;
    const double x = HIGHEST_f64 < above ? HIGHEST_f64 : above;
    const double n = trunc(x * LOG2_E_f64);
    const double y = x - n * LN2_HIGH_f64;
    const double c = n * LN2_LOW_f64;
    const double r = y - c;
    const double h = leading_f64(y);
    const double g = expm1_gap_f64(r, h);
    const double power = half_power_of_two_f64(n);
    const double jump = power - 0.5;
    const double head = jump - n * HALF_LN2_HIGH_f64;
    const double leap = jump * h;
    const double body = head + leap;
    const double lost = leap - (body - head);
    *rise = power * (r + g) + jump;
    *gap = body + (power * g + (jump * (y - h) + (lost - power * c))) + 0.5 * (x - s);
}

/* kl_normal_standard for each entry: its part of the value, and the gradients by its arguments. */
INLINE void kl_normal_standard_each_f32(const float loc, const float logvar, float *to_value, float *to_d_loc, float *to_d_logvar)
{
    float gap, rise;
    half_expm1_parts_f32(logvar, &gap, &rise);
    const float value = 0.5f * loc * loc + gap;
    const float d_loc = loc;
    const float d_logvar = rise;
    *to_value = value;
    *to_d_loc = d_loc;
    *to_d_logvar = d_logvar;
}

/* kl_normal_standard for each entry: its part of the value, and the gradients by its arguments. */
INLINE void kl_normal_standard_each_f64(const double loc, const double logvar, double *to_value, double *to_d_loc, double *to_d_logvar)
{
    double gap, rise;
    half_expm1_parts_f64(logvar, &gap, &rise);
    const double value = 0.5 * loc * loc + gap;
    const double d_loc = loc;
    const double d_logvar = rise;
    *to_value = value;
    *to_d_loc = d_loc;
    *to_d_logvar = d_logvar;
}

/* One block of entries. */
INLINE void kl_normal_standard_block_f32(
    const int values,
    const int slopes,
    const int each,
    const ptrdiff_t n,
    const float *loc,
    const float *logvar,
    float *value,
    const float *upstream,
    float *d_loc,
    float *d_logvar)
{
    #pragma omp simd
    for (ptrdiff_t i = 0; i < n; i++) {
        float part, slope_loc, slope_logvar;
        kl_normal_standard_each_f32(loc[i], logvar[i], &part, &slope_loc, &slope_logvar);
        if (values)
            value[i] = part;
        if (slopes) {
            const float g = values ? 1 : each ? upstream[i] : upstream[0];
            d_loc[i] = g * slope_loc;
            d_logvar[i] = g * slope_logvar;
        }
    }
}

/* The value. */
void kl_normal_standard_value_f32(
    const int threads,
    const ptrdiff_t n,
    const float *loc,
    const float *logvar,
    float *value)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && n > 32768)
    for (ptrdiff_t start = 0; start < n; start += 2048) {
        const ptrdiff_t count = n - start < 2048 ? n - start : 2048;
            kl_normal_standard_block_f32(
                1, 0, 0, count, loc + start, logvar + start, value + start, NULL, NULL, NULL);
    }
}

/* The gradients times `upstream`, one number for all (each = 0) or for each value (1). */
void kl_normal_standard_gradients_f32(
    const int threads,
    const ptrdiff_t n,
    const float *loc,
    const float *logvar,
    const float *upstream,
    const ptrdiff_t each,
    float *d_loc,
    float *d_logvar)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && n > 32768)
    for (ptrdiff_t start = 0; start < n; start += 2048) {
        const ptrdiff_t count = n - start < 2048 ? n - start : 2048;
        if (each)
            kl_normal_standard_block_f32(
                0, 1, 1, count, loc + start, logvar + start, NULL, upstream + start, d_loc + start,
                d_logvar + start);
        else
            kl_normal_standard_block_f32(
                0, 1, 0, count, loc + start, logvar + start, NULL, upstream, d_loc + start, d_logvar +
                start);
    }
}

/* The value and its gradients in one pass. */
void kl_normal_standard_both_f32(
    const int threads,
    const ptrdiff_t n,
    const float *loc,
    const float *logvar,
    float *value,
    float *d_loc,
    float *d_logvar)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && n > 32768)
    for (ptrdiff_t start = 0; start < n; start += 2048) {
        const ptrdiff_t count = n - start < 2048 ? n - start : 2048;
            kl_normal_standard_block_f32(
                1, 1, 0, count, loc + start, logvar + start, value + start, NULL, d_loc + start,
                d_logvar + start);
    }
}

/* One block of entries. */
INLINE void kl_normal_standard_block_f64(
    const int values,
    const int slopes,
    const int each,
    const ptrdiff_t n,
    const double *loc,
    const double *logvar,
    double *value,
    const double *upstream,
    double *d_loc,
    double *d_logvar)
{
    #pragma omp simd
    for (ptrdiff_t i = 0; i < n; i++) {
        double part, slope_loc, slope_logvar;
        kl_normal_standard_each_f64(loc[i], logvar[i], &part, &slope_loc, &slope_logvar);
        if (values)
            value[i] = part;
        if (slopes) {
            const double g = values ? 1 : each ? upstream[i] : upstream[0];
            d_loc[i] = g * slope_loc;
            d_logvar[i] = g * slope_logvar;
        }
    }
}

/* The value. */
void kl_normal_standard_value_f64(
    const int threads,
    const ptrdiff_t n,
    const double *loc,
    const double *logvar,
    double *value)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && n > 32768)
    for (ptrdiff_t start = 0; start < n; start += 2048) {
        const ptrdiff_t count = n - start < 2048 ? n - start : 2048;
            kl_normal_standard_block_f64(
                1, 0, 0, count, loc + start, logvar + start, value + start, NULL, NULL, NULL);
    }
}

/* The gradients times `upstream`, one number for all (each = 0) or for each value (1). */
void kl_normal_standard_gradients_f64(
    const int threads,
    const ptrdiff_t n,
    const double *loc,
    const double *logvar,
    const double *upstream,
    const ptrdiff_t each,
    double *d_loc,
    double *d_logvar)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && n > 32768)
    for (ptrdiff_t start = 0; start < n; start += 2048) {
        const ptrdiff_t count = n - start < 2048 ? n - start : 2048;
        if (each)
            kl_normal_standard_block_f64(
                0, 1, 1, count, loc + start, logvar + start, NULL, upstream + start, d_loc + start,
                d_logvar + start);
        else
            kl_normal_standard_block_f64(
                0, 1, 0, count, loc + start, logvar + start, NULL, upstream, d_loc + start, d_logvar +
                start);
    }
}

/* The value and its gradients in one pass. */
void kl_normal_standard_both_f64(
    const int threads,
    const ptrdiff_t n,
    const double *loc,
    const double *logvar,
    double *value,
    double *d_loc,
    double *d_logvar)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && n > 32768)
    for (ptrdiff_t start = 0; start < n; start += 2048) {
        const ptrdiff_t count = n - start < 2048 ? n - start : 2048;
            kl_normal_standard_block_f64(
                1, 1, 0, count, loc + start, logvar + start, value + start, NULL, d_loc + start,
                d_logvar + start);
    }
}

#ifdef SELF_TEST
#include <stdio.h>

int main(void)
{
    double example[2][2] = {
        {0.3, -0.7},
        {0.5, 1.2},
    };
    double value[2], slope[2][2];
    kl_normal_standard_both_f64(1, 2, example[0], example[1], value, slope[0], slope[1]);
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < 2; i++) {
            const double before = example[k][i];
            double difference = 0;
            for (int sign = -1; sign <= 1; sign += 2) {
                example[k][i] = before + sign * 1e-6;
                kl_normal_standard_value_f64(1, 2, example[0], example[1], value);
                difference += sign * (value[0] + value[1]);
            }
            example[k][i] = before;
            if (!(fabs(difference - 2e-6 * slope[k][i]) < 1e-12)) {
                printf("kl_normal_standard: gradient %d, entry %d is wrong\n", k, i);
                return 1;
            }
        }
    printf("kl_normal_standard: the gradients agree with central differences\n");
    return 0;
}
#endif
