/*
 * loss_gaussian(x, mean, loc, logvar, *, scale=1.0): -log N(x; mean, scale^2 I) + KL(N(loc, exp(logvar)) ||
 *     N(0, I)) in nats.
 *
 * value     theorem loss-gaussian, certificate
 *           2da75dcc9e193648898b1087e5c090563b69b0a73507092d2e46856d44a907bf
 * gradient  the derivative of its sum by every argument
 * proved    value and gradients: by running the functions for each entry of this file on terms, sums and
 *           matrices at sizes 1 to 3; the special functions: their error of approximation, by ball arithmetic
 * measured  worst errors of samples, ULP: value 3, gradients 2 (float32); value 3, gradients 2 (float64); one
 *           coordinate and one latent; sums of more than 64 in float64
 * assumes   x, mean, loc, logvar finite: anything else propagates as NaN
 * shapes    rows samples of length D and d, one after the other; one value a sample; nothing overlaps
 * note      Constants are included, so the loss of perfect reconstructions may be negative.
 * compile   with -O3 -march=native -ffp-contract=fast -fno-math-errno -fno-trapping-math -fopenmp
 * self-test cc -O2 -DSELF_TEST FILE.c -lm && ./a.out
 * made by   vaemath emit loss-gaussian --target c  (do not edit)
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
static const double HALF_LOG_TWO_PI = 0.9189385332046727;

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

/* loss_gaussian for each d: its part of the value, and the gradients by its arguments. */
INLINE void loss_gaussian_each_d_f32(const float loc, const float logvar, float *to_value, float *to_d_loc, float *to_d_logvar)
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

/* loss_gaussian for each D: its part of the value, and the gradients by its arguments. */
INLINE void loss_gaussian_each_D_f64(const double x, const double mean, const double scale, double *to_value, double *to_d_x, double *to_d_mean)
{
    const double z = (x - mean) / scale;
    const double log_norm = log(scale) + HALF_LOG_TWO_PI;
    const double value = 0.5 * z * z + log_norm;
    const double d_x = z / scale;
    const double d_mean = -d_x;
    *to_value = value;
    *to_d_x = d_x;
    *to_d_mean = d_mean;
}

/* loss_gaussian for each d: its part of the value, and the gradients by its arguments. */
INLINE void loss_gaussian_each_d_f64(const double loc, const double logvar, double *to_value, double *to_d_loc, double *to_d_logvar)
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
INLINE void loss_gaussian_row_f32(
    const int values,
    const int slopes,
    const int data,
    const ptrdiff_t D,
    const ptrdiff_t d,
    const float *x,
    const float *mean,
    const float *loc,
    const float *logvar,
    const double scale,
    float *value,
    const float *upstream,
    float *d_x,
    float *d_mean,
    float *d_loc,
    float *d_logvar)
{
    double total = 0;
    #pragma omp simd reduction(+ : total)
    for (ptrdiff_t i = 0; i < D; i++) {
        double part, slope_x, slope_mean;
        loss_gaussian_each_D_f64(x[i], mean[i], scale, &part, &slope_x, &slope_mean);
        if (values)
            total += part;
        if (slopes) {
            const double g = upstream[0];
            if (data)
                d_x[i] = (float)(g * slope_x);
            d_mean[i] = (float)(g * slope_mean);
        }
    }
    for (ptrdiff_t start = 0; start < d; start += 64) {
        const ptrdiff_t left = d - start;
        const int count = left < 64 ? (int)left : 64;
        float sum = 0;
        #pragma omp simd reduction(+ : sum)
        for (int i = 0; i < count; i++) {
            float part, slope_loc, slope_logvar;
            loss_gaussian_each_d_f32(loc[start + i], logvar[start + i], &part, &slope_loc, &slope_logvar);
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
void loss_gaussian_value_f32(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t D,
    const ptrdiff_t d,
    const float *x,
    const float *mean,
    const float *loc,
    const float *logvar,
    const double scale,
    float *value)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (D + d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
            loss_gaussian_row_f32(
                1, 0, 0, D, d, x + row * D, mean + row * D, loc + row * d, logvar + row * d, scale,
                value + row, NULL, NULL, NULL, NULL, NULL);
    }
}

/* The gradients times `upstream`, one number for all (each = 0) or for each value (1).
   With d_x NULL that gradient is left out. */
void loss_gaussian_gradients_f32(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t D,
    const ptrdiff_t d,
    const float *x,
    const float *mean,
    const float *loc,
    const float *logvar,
    const double scale,
    const float *upstream,
    const ptrdiff_t each,
    float *d_x,
    float *d_mean,
    float *d_loc,
    float *d_logvar)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (D + d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
        if (d_x)
            loss_gaussian_row_f32(
                0, 1, 1, D, d, x + row * D, mean + row * D, loc + row * d, logvar + row * d, scale,
                NULL, upstream + row * each, d_x + row * D, d_mean + row * D, d_loc + row * d, d_logvar
                + row * d);
        else
            loss_gaussian_row_f32(
                0, 1, 0, D, d, x + row * D, mean + row * D, loc + row * d, logvar + row * d, scale,
                NULL, upstream + row * each, NULL, d_mean + row * D, d_loc + row * d, d_logvar + row * d);
    }
}

/* The value and its gradients in one pass.
   With d_x NULL that gradient is left out. */
void loss_gaussian_both_f32(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t D,
    const ptrdiff_t d,
    const float *x,
    const float *mean,
    const float *loc,
    const float *logvar,
    const double scale,
    float *value,
    float *d_x,
    float *d_mean,
    float *d_loc,
    float *d_logvar)
{
    (void)threads; /* not used without OpenMP */
    const float one = 1;
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (D + d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
        if (d_x)
            loss_gaussian_row_f32(
                1, 1, 1, D, d, x + row * D, mean + row * D, loc + row * d, logvar + row * d, scale,
                value + row, &one, d_x + row * D, d_mean + row * D, d_loc + row * d, d_logvar + row * d);
        else
            loss_gaussian_row_f32(
                1, 1, 0, D, d, x + row * D, mean + row * D, loc + row * d, logvar + row * d, scale,
                value + row, &one, NULL, d_mean + row * D, d_loc + row * d, d_logvar + row * d);
    }
}

/* One sample. */
INLINE void loss_gaussian_row_f64(
    const int values,
    const int slopes,
    const int data,
    const ptrdiff_t D,
    const ptrdiff_t d,
    const double *x,
    const double *mean,
    const double *loc,
    const double *logvar,
    const double scale,
    double *value,
    const double *upstream,
    double *d_x,
    double *d_mean,
    double *d_loc,
    double *d_logvar)
{
    double total = 0;
    #pragma omp simd reduction(+ : total)
    for (ptrdiff_t i = 0; i < D; i++) {
        double part, slope_x, slope_mean;
        loss_gaussian_each_D_f64(x[i], mean[i], scale, &part, &slope_x, &slope_mean);
        if (values)
            total += part;
        if (slopes) {
            const double g = upstream[0];
            if (data)
                d_x[i] = g * slope_x;
            d_mean[i] = g * slope_mean;
        }
    }
    #pragma omp simd reduction(+ : total)
    for (ptrdiff_t i = 0; i < d; i++) {
        double part, slope_loc, slope_logvar;
        loss_gaussian_each_d_f64(loc[i], logvar[i], &part, &slope_loc, &slope_logvar);
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
void loss_gaussian_value_f64(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t D,
    const ptrdiff_t d,
    const double *x,
    const double *mean,
    const double *loc,
    const double *logvar,
    const double scale,
    double *value)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (D + d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
            loss_gaussian_row_f64(
                1, 0, 0, D, d, x + row * D, mean + row * D, loc + row * d, logvar + row * d, scale,
                value + row, NULL, NULL, NULL, NULL, NULL);
    }
}

/* The gradients times `upstream`, one number for all (each = 0) or for each value (1).
   With d_x NULL that gradient is left out. */
void loss_gaussian_gradients_f64(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t D,
    const ptrdiff_t d,
    const double *x,
    const double *mean,
    const double *loc,
    const double *logvar,
    const double scale,
    const double *upstream,
    const ptrdiff_t each,
    double *d_x,
    double *d_mean,
    double *d_loc,
    double *d_logvar)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (D + d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
        if (d_x)
            loss_gaussian_row_f64(
                0, 1, 1, D, d, x + row * D, mean + row * D, loc + row * d, logvar + row * d, scale,
                NULL, upstream + row * each, d_x + row * D, d_mean + row * D, d_loc + row * d, d_logvar
                + row * d);
        else
            loss_gaussian_row_f64(
                0, 1, 0, D, d, x + row * D, mean + row * D, loc + row * d, logvar + row * d, scale,
                NULL, upstream + row * each, NULL, d_mean + row * D, d_loc + row * d, d_logvar + row * d);
    }
}

/* The value and its gradients in one pass.
   With d_x NULL that gradient is left out. */
void loss_gaussian_both_f64(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t D,
    const ptrdiff_t d,
    const double *x,
    const double *mean,
    const double *loc,
    const double *logvar,
    const double scale,
    double *value,
    double *d_x,
    double *d_mean,
    double *d_loc,
    double *d_logvar)
{
    (void)threads; /* not used without OpenMP */
    const double one = 1;
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (D + d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
        if (d_x)
            loss_gaussian_row_f64(
                1, 1, 1, D, d, x + row * D, mean + row * D, loc + row * d, logvar + row * d, scale,
                value + row, &one, d_x + row * D, d_mean + row * D, d_loc + row * d, d_logvar + row * d);
        else
            loss_gaussian_row_f64(
                1, 1, 0, D, d, x + row * D, mean + row * D, loc + row * d, logvar + row * d, scale,
                value + row, &one, NULL, d_mean + row * D, d_loc + row * d, d_logvar + row * d);
    }
}

#ifdef SELF_TEST
#include <stdio.h>

int main(void)
{
    double example[4][2] = {
        {0.3, -0.7},
        {0.5, 1.2},
        {-0.2, 0.4},
        {0.9, 0.6},
    };
    double value[2], slope[4][2];
    loss_gaussian_both_f64(1, 1, 2, 2, example[0], example[1], example[2], example[3], 1.0, value, slope[0], slope[1], slope[2], slope[3]);
    for (int k = 0; k < 4; k++)
        for (int i = 0; i < 2; i++) {
            const double before = example[k][i];
            double difference = 0;
            for (int sign = -1; sign <= 1; sign += 2) {
                example[k][i] = before + sign * 1e-6;
                loss_gaussian_value_f64(1, 1, 2, 2, example[0], example[1], example[2], example[3], 1.0, value);
                difference += sign * (value[0]);
            }
            example[k][i] = before;
            if (!(fabs(difference - 2e-6 * slope[k][i]) < 1e-12)) {
                printf("loss_gaussian: gradient %d, entry %d is wrong\n", k, i);
                return 1;
            }
        }
    printf("loss_gaussian: the gradients agree with central differences\n");
    return 0;
}
#endif
