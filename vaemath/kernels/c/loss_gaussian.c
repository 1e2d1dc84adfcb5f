/*
 * loss_gaussian(x, mean, loc, logvar, *, scale=1.0): -log N(x; mean, scale^2 I) + KL(N(loc, exp(logvar)) ||
 *     N(0, I)) in nats.
 *
 * value     theorem loss-gaussian, certificate
 *           387cc3e90dcd39f3218968e369fe6a61c4cdb2fffed538f4daced7881ce41665
 * gradient  the derivative of its sum by every argument
 * proved    value and gradients, for events of every size: by running the functions for each entry of this
 *           file on terms; the special functions: their error of approximation, by ball arithmetic
 * measured  worst errors of samples, ULP: value 2, gradients 2 (float32); value 2, gradients 2 (float64); one
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
static const double HALF_LOG_TWO_PI = 0.9189385332046727;

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

/* a - b, and what rounding took from it. */
INLINE void difference_parts_f64(const double a, const double b, double *rounded, double *slip)
{
    const double difference = a - b;
    const double back = a - difference;
    *rounded = difference;
    *slip = (a - (difference + back)) + (back - b);
}

/* loss_gaussian for each d: its part of the value, and the gradients by its arguments. */
INLINE void loss_gaussian_each_d_f32(const float loc, const float logvar, float *to_value, float *to_d_loc, float *to_d_logvar)
{
    float gap, rise;
    half_expm1_parts_f32(logvar, &gap, &rise);
    const float divergence = 0.5f * loc * loc + gap;
    const float value = divergence;
    const float d_loc = loc;
    const float d_logvar = rise;
    *to_value = value;
    *to_d_loc = d_loc;
    *to_d_logvar = d_logvar;
}

/* loss_gaussian for each D: its part of the value, and the gradients by its arguments. */
INLINE void loss_gaussian_each_D_f64(const double x, const double mean, const double scale, double *to_value, double *to_d_x, double *to_d_mean)
{
    const double precision = 1.0 / (scale * scale);
    double residual, slip;
    difference_parts_f64(mean, x, &residual, &slip);
    const double half_square = 0.5 * residual * residual + residual * slip;
    const double value = precision * half_square;
    const double d_mean = precision * residual;
    const double d_x = -d_mean;
    *to_value = value;
    *to_d_x = d_x;
    *to_d_mean = d_mean;
}

/* loss_gaussian for each d: its part of the value, and the gradients by its arguments. */
INLINE void loss_gaussian_each_d_f64(const double loc, const double logvar, double *to_value, double *to_d_loc, double *to_d_logvar)
{
    double gap, rise;
    half_expm1_parts_f64(logvar, &gap, &rise);
    const double divergence = 0.5 * loc * loc + gap;
    const double value = divergence;
    const double d_loc = loc;
    const double d_logvar = rise;
    *to_value = value;
    *to_d_loc = d_loc;
    *to_d_logvar = d_logvar;
}

/* loss_gaussian: what is added once to the value of a sample. */
INLINE double loss_gaussian_constant_f64(const double D, const double scale)
{
    const double log_norm = D * (log(scale) + HALF_LOG_TWO_PI);
    const double value = log_norm;
    return value;
}

/* The sum of n numbers, rounded once. */
INLINE double total_of(const int n, const double *terms)
{
    double total = 0, lost = 0;
    for (int k = 0; k < n; k++) {
        const double sum = total + terms[k];
        const double back = sum - total;
        lost += (total - (sum - back)) + (terms[k] - back);
        total = sum;
    }
    return total - total == 0 ? total + lost : total;
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
    double D_1 = 0, d_1 = 0;
    #pragma omp simd reduction(+ : D_1)
    for (ptrdiff_t i = 0; i < D; i++) {
        double part, slope_x, slope_mean;
        loss_gaussian_each_D_f64(x[i], mean[i], scale, &part, &slope_x, &slope_mean);
        if (values)
            D_1 += part;
        if (slopes) {
            const double g = values ? 1 : upstream[0];
            if (data)
                d_x[i] = (float)(g * slope_x);
            d_mean[i] = (float)(g * slope_mean);
        }
    }
    for (ptrdiff_t start = 0; start < d; start += 64) {
        const ptrdiff_t left = d - start;
        const int count = left < 64 ? (int)left : 64;
        float few_1 = 0;
        #pragma omp simd reduction(+ : few_1)
        for (int i = 0; i < count; i++) {
            float part, slope_loc, slope_logvar;
            loss_gaussian_each_d_f32(loc[start + i], logvar[start + i], &part, &slope_loc, &slope_logvar);
            if (values)
                few_1 += part;
            if (slopes) {
                const float g = values ? 1 : upstream[0];
                d_loc[start + i] = g * slope_loc;
                d_logvar[start + i] = g * slope_logvar;
            }
        }
        d_1 += few_1;
    }
    if (values) {
        const double terms[] = {D_1, d_1, loss_gaussian_constant_f64(D, scale)};
        *value = (float)total_of(3, terms);
    }
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
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (D + d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
        if (d_x)
            loss_gaussian_row_f32(
                1, 1, 1, D, d, x + row * D, mean + row * D, loc + row * d, logvar + row * d, scale,
                value + row, NULL, d_x + row * D, d_mean + row * D, d_loc + row * d, d_logvar + row * d);
        else
            loss_gaussian_row_f32(
                1, 1, 0, D, d, x + row * D, mean + row * D, loc + row * d, logvar + row * d, scale,
                value + row, NULL, NULL, d_mean + row * D, d_loc + row * d, d_logvar + row * d);
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
    double D_1 = 0, d_1 = 0;
    #pragma omp simd reduction(+ : D_1)
    for (ptrdiff_t i = 0; i < D; i++) {
        double part, slope_x, slope_mean;
        loss_gaussian_each_D_f64(x[i], mean[i], scale, &part, &slope_x, &slope_mean);
        if (values)
            D_1 += part;
        if (slopes) {
            const double g = values ? 1 : upstream[0];
            if (data)
                d_x[i] = g * slope_x;
            d_mean[i] = g * slope_mean;
        }
    }
    #pragma omp simd reduction(+ : d_1)
    for (ptrdiff_t i = 0; i < d; i++) {
        double part, slope_loc, slope_logvar;
        loss_gaussian_each_d_f64(loc[i], logvar[i], &part, &slope_loc, &slope_logvar);
        if (values)
            d_1 += part;
        if (slopes) {
            const double g = values ? 1 : upstream[0];
            d_loc[i] = g * slope_loc;
            d_logvar[i] = g * slope_logvar;
        }
    }
    if (values) {
        const double terms[] = {D_1, d_1, loss_gaussian_constant_f64(D, scale)};
        *value = (double)total_of(3, terms);
    }
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
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (D + d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
        if (d_x)
            loss_gaussian_row_f64(
                1, 1, 1, D, d, x + row * D, mean + row * D, loc + row * d, logvar + row * d, scale,
                value + row, NULL, d_x + row * D, d_mean + row * D, d_loc + row * d, d_logvar + row * d);
        else
            loss_gaussian_row_f64(
                1, 1, 0, D, d, x + row * D, mean + row * D, loc + row * d, logvar + row * d, scale,
                value + row, NULL, NULL, d_mean + row * D, d_loc + row * d, d_logvar + row * d);
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
