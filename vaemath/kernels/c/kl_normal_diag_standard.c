/*
 * kl_normal_diag_standard(loc, logvar): KL(N(loc, diag(exp(logvar))) || N(0, I)) in nats.
 *
 * value     theorem kl-normal-diag-standard, certificate
 *           922bf2b07f392a0c0de05f35051117fa347fd0b0bf14445c7f4d6a59747f231f
 * gradient  the derivative of its sum by every argument
 * proved    value and gradients: by running the functions for each entry of this file on terms, sums and
 *           matrices at sizes 1 to 3; the special functions: their error of approximation, by ball arithmetic
 * measured  worst errors of samples, ULP: value 2, gradients 2 (float32); value 2, gradients 2 (float64); each
 *           summand; sums of more than 64 in float64
 * assumes   loc, logvar finite: anything else propagates as NaN
 * shapes    rows samples of length d, one after the other; one value a sample; nothing overlaps
 * compile   with -O3 -march=native -ffp-contract=fast -fno-math-errno -fno-trapping-math -fopenmp
 * self-test cc -O2 -DSELF_TEST FILE.c -lm && ./a.out
 * made by   vaemath emit kl-normal-diag-standard --target c  (do not edit)
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
static const float HIGHEST_f32 = 89.5f;
static const float LOG2_E_f32 = 1.4426947f;
static const float LN2_HIGH_f32 = 0.69140625f;
static const float LN2_LOW_f32 = 0.0017409306f;
static const float HALF_LN2_HIGH_f32 = 0.34570312f;
static const float HALF_LN2_LOW_f32 = 0.0008704653f;
static const uint32_t FRACTION_BITS_f32 = 0x17;
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
static const double HIGHEST_f64 = 710.6;
static const double LOG2_E_f64 = 1.4426950408889627;
static const double LN2_HIGH_f64 = 0.6931471803691238;
static const double LN2_LOW_f64 = 1.9082149292705877e-10;
static const double HALF_LN2_HIGH_f64 = 0.3465735901845619;
static const double HALF_LN2_LOW_f64 = 9.541074646352939e-11;
static const uint64_t FRACTION_BITS_f64 = 0x34;

/* The polynomial with coefficients EXPM1_REDUCED_f32, by Horner's rule. */
INLINE float expm1_reduced_f32(const float x)
{
    float sum = EXPM1_REDUCED_f32[6];
    sum = sum * x + EXPM1_REDUCED_f32[5];
    sum = sum * x + EXPM1_REDUCED_f32[4];
    sum = sum * x + EXPM1_REDUCED_f32[3];
    sum = sum * x + EXPM1_REDUCED_f32[2];
    sum = sum * x + EXPM1_REDUCED_f32[1];
    sum = sum * x + EXPM1_REDUCED_f32[0];
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

/* e^r - 1 - r for |r| <= 45/64. */
INLINE float expm1_gap_f32(const float r)
{
    const float square = r * r;
    return square * (r * expm1_reduced_f32(r)) + 0.5f * square;
}

/* (e^s - 1 - s)/2 and (e^s - 1)/2, wherever these are finite.
   With s = n log 2 + r, n rounded towards zero, no two terms below have opposite signs. */
INLINE void half_expm1_parts_f32(const float s, float *gap, float *rise)
{
    const float above = LOWEST_f32 > s ? LOWEST_f32 : s;
    const float x = HIGHEST_f32 < above ? HIGHEST_f32 : above;
    const float n = truncf(x * LOG2_E_f32);
    const float r = (x - n * LN2_HIGH_f32) - n * LN2_LOW_f32;
    const float g = expm1_gap_f32(r);
    const float power = half_power_of_two_f32(n);
    const float jump = power - 0.5f;
    const float offset = (jump - n * HALF_LN2_HIGH_f32) - n * HALF_LN2_LOW_f32;
    const float beyond = LOWEST_f32 > s ? 0.5f * (LOWEST_f32 - s) : 0;
    *rise = power * (r + g) + jump;
    *gap = power * g + (jump * r + offset) + beyond;
}

/* The polynomial with coefficients EXPM1_REDUCED_f64, by Horner's rule. */
INLINE double expm1_reduced_f64(const double x)
{
    double sum = EXPM1_REDUCED_f64[11];
    sum = sum * x + EXPM1_REDUCED_f64[10];
    sum = sum * x + EXPM1_REDUCED_f64[9];
    sum = sum * x + EXPM1_REDUCED_f64[8];
    sum = sum * x + EXPM1_REDUCED_f64[7];
    sum = sum * x + EXPM1_REDUCED_f64[6];
    sum = sum * x + EXPM1_REDUCED_f64[5];
    sum = sum * x + EXPM1_REDUCED_f64[4];
    sum = sum * x + EXPM1_REDUCED_f64[3];
    sum = sum * x + EXPM1_REDUCED_f64[2];
    sum = sum * x + EXPM1_REDUCED_f64[1];
    sum = sum * x + EXPM1_REDUCED_f64[0];
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

/* e^r - 1 - r for |r| <= 45/64. */
INLINE double expm1_gap_f64(const double r)
{
    const double square = r * r;
    return square * (r * expm1_reduced_f64(r)) + 0.5 * square;
}

/* (e^s - 1 - s)/2 and (e^s - 1)/2, wherever these are finite.
   With s = n log 2 + r, n rounded towards zero, no two terms below have opposite signs. */
INLINE void half_expm1_parts_f64(const double s, double *gap, double *rise)
{
    const double above = LOWEST_f64 > s ? LOWEST_f64 : s;
    const double x = HIGHEST_f64 < above ? HIGHEST_f64 : above;
    const double n = trunc(x * LOG2_E_f64);
    const double r = (x - n * LN2_HIGH_f64) - n * LN2_LOW_f64;
    const double g = expm1_gap_f64(r);
    const double power = half_power_of_two_f64(n);
    const double jump = power - 0.5;
    const double offset = (jump - n * HALF_LN2_HIGH_f64) - n * HALF_LN2_LOW_f64;
    const double beyond = LOWEST_f64 > s ? 0.5 * (LOWEST_f64 - s) : 0;
    *rise = power * (r + g) + jump;
    *gap = power * g + (jump * r + offset) + beyond;
}

/* kl_normal_diag_standard for each d: its part of the value, and the gradients by its arguments. */
INLINE void kl_normal_diag_standard_each_d_f32(const float loc, const float logvar, float *to_value, float *to_d_loc, float *to_d_logvar)
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

/* kl_normal_diag_standard for each d: its part of the value, and the gradients by its arguments. */
INLINE void kl_normal_diag_standard_each_d_f64(const double loc, const double logvar, double *to_value, double *to_d_loc, double *to_d_logvar)
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

/* One sample. */
INLINE void kl_normal_diag_standard_row_f32(
    const int values,
    const int slopes,
    const ptrdiff_t d,
    const float *loc,
    const float *logvar,
    float *value,
    const float *upstream,
    float *d_loc,
    float *d_logvar)
{
    double total = 0;
    for (ptrdiff_t start = 0; start < d; start += 64) {
        const ptrdiff_t left = d - start;
        const int count = left < 64 ? (int)left : 64;
        float sum = 0;
        #pragma omp simd reduction(+ : sum)
        for (int i = 0; i < count; i++) {
            float part, slope_loc, slope_logvar;
            kl_normal_diag_standard_each_d_f32(loc[start + i], logvar[start + i], &part, &slope_loc, &slope_logvar);
            if (values)
                sum += part;
            if (slopes) {
                const float g = upstream[0];
                d_loc[start + i] = g * slope_loc;
                d_logvar[start + i] = g * slope_logvar;
            }
        }
        total += sum;
    }
    if (values)
        *value = (float)total;
}

/* The value. */
void kl_normal_diag_standard_value_f32(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t d,
    const float *loc,
    const float *logvar,
    float *value)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
            kl_normal_diag_standard_row_f32(
                1, 0, d, loc + row * d, logvar + row * d, value + row, NULL, NULL, NULL);
    }
}

/* The gradients times `upstream`, one number for all (each = 0) or for each value (1). */
void kl_normal_diag_standard_gradients_f32(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t d,
    const float *loc,
    const float *logvar,
    const float *upstream,
    const ptrdiff_t each,
    float *d_loc,
    float *d_logvar)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
            kl_normal_diag_standard_row_f32(
                0, 1, d, loc + row * d, logvar + row * d, NULL, upstream + row * each, d_loc + row * d,
                d_logvar + row * d);
    }
}

/* The value and its gradients in one pass. */
void kl_normal_diag_standard_both_f32(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t d,
    const float *loc,
    const float *logvar,
    float *value,
    float *d_loc,
    float *d_logvar)
{
    (void)threads; /* not used without OpenMP */
    const float one = 1;
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
            kl_normal_diag_standard_row_f32(
                1, 1, d, loc + row * d, logvar + row * d, value + row, &one, d_loc + row * d, d_logvar +
                row * d);
    }
}

/* One sample. */
INLINE void kl_normal_diag_standard_row_f64(
    const int values,
    const int slopes,
    const ptrdiff_t d,
    const double *loc,
    const double *logvar,
    double *value,
    const double *upstream,
    double *d_loc,
    double *d_logvar)
{
    double total = 0;
    #pragma omp simd reduction(+ : total)
    for (ptrdiff_t i = 0; i < d; i++) {
        double part, slope_loc, slope_logvar;
        kl_normal_diag_standard_each_d_f64(loc[i], logvar[i], &part, &slope_loc, &slope_logvar);
        if (values)
            total += part;
        if (slopes) {
            const double g = upstream[0];
            d_loc[i] = g * slope_loc;
            d_logvar[i] = g * slope_logvar;
        }
    }
    if (values)
        *value = (double)total;
}

/* The value. */
void kl_normal_diag_standard_value_f64(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t d,
    const double *loc,
    const double *logvar,
    double *value)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
            kl_normal_diag_standard_row_f64(
                1, 0, d, loc + row * d, logvar + row * d, value + row, NULL, NULL, NULL);
    }
}

/* The gradients times `upstream`, one number for all (each = 0) or for each value (1). */
void kl_normal_diag_standard_gradients_f64(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t d,
    const double *loc,
    const double *logvar,
    const double *upstream,
    const ptrdiff_t each,
    double *d_loc,
    double *d_logvar)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
            kl_normal_diag_standard_row_f64(
                0, 1, d, loc + row * d, logvar + row * d, NULL, upstream + row * each, d_loc + row * d,
                d_logvar + row * d);
    }
}

/* The value and its gradients in one pass. */
void kl_normal_diag_standard_both_f64(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t d,
    const double *loc,
    const double *logvar,
    double *value,
    double *d_loc,
    double *d_logvar)
{
    (void)threads; /* not used without OpenMP */
    const double one = 1;
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
            kl_normal_diag_standard_row_f64(
                1, 1, d, loc + row * d, logvar + row * d, value + row, &one, d_loc + row * d, d_logvar +
                row * d);
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
    kl_normal_diag_standard_both_f64(1, 1, 2, example[0], example[1], value, slope[0], slope[1]);
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < 2; i++) {
            const double before = example[k][i];
            double difference = 0;
            for (int sign = -1; sign <= 1; sign += 2) {
                example[k][i] = before + sign * 1e-6;
                kl_normal_diag_standard_value_f64(1, 1, 2, example[0], example[1], value);
                difference += sign * (value[0]);
            }
            example[k][i] = before;
            if (!(fabs(difference - 2e-6 * slope[k][i]) < 1e-12)) {
                printf("kl_normal_diag_standard: gradient %d, entry %d is wrong\n", k, i);
                return 1;
            }
        }
    printf("kl_normal_diag_standard: the gradients agree with central differences\n");
    return 0;
}
#endif
