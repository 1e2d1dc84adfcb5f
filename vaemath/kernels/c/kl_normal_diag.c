/*
 * kl_normal_diag(loc_p, scale_p, loc_q, scale_q): KL(N(loc_p, diag(scale_p^2)) || N(loc_q, diag(scale_q^2)))
 *     in nats.
 *
 * value     theorem kl-normal-diag, certificate
 *           48bbea7355f3648b0035d4805ea602ad6065935ad751e91612f5b1208d827813
 * gradient  the derivative of its sum by every argument
 * proved    value and gradients, for events of every size: by running the functions for each entry of this
 *           file on terms; the special functions: their error of approximation, by ball arithmetic
 * measured  worst errors of samples, ULP: value 1, gradients 1 (float32); value 4, gradients 4 (float64);
 *           d_scale_q of the largest term; each summand; sums of more than 64 in float64
 * assumes   scale_p finite and > 0, not checked here; scale_q finite and > 0, not checked here; loc_p, loc_q
 *           finite: anything else propagates as NaN
 * shapes    rows samples of length d, one after the other; one value a sample; nothing overlaps
 * compile   with -O3 -march=native -ffp-contract=fast -fno-math-errno -fno-trapping-math -fopenmp
 * self-test cc -O2 -DSELF_TEST FILE.c -lm && ./a.out
 * made by   vaemath emit kl-normal-diag --target c  (do not edit)
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

static const double ATANH_TAIL_f64[11] = {
    0.3333333333333333,
    0.19999999999999762,
    0.1428571428580005,
    0.11111111099118386,
    0.09090909948981357,
    0.07692271982430275,
    0.06667589315724629,
    0.05867139530651599,
    0.05422589197440007,
    0.03746071897775383,
    0.07815288900461426,
};
static const double EXPONENT_ONE_f64 = 4503599627371519.0;
static const double SMALLEST_NORMAL_f64 = 2.2250738585072014e-308;
static const double TWO_TO_64_f64 = 1.8446744073709552e+19;
static const double TWO_TO_400_f64 = 2.5822498780869086e+120;
static const double LN2_HIGH_f64 = 0.6931471803691238;
static const double LN2_LOW_f64 = 1.9082149292705877e-10;
static const uint64_t FRACTION_BITS_f64 = 0x34;
static const uint64_t FRACTION_MASK_f64 = 0xfffffffffffff;
static const uint64_t LEADING_MASK_f64 = 0xfffffffff8000000;
static const uint64_t BITS_OF_ONE_f64 = 0x3ff0000000000000;
static const uint64_t EXPONENT_FRAME_f64 = 0x4330000000000000;

/* The polynomial with coefficients ATANH_TAIL_f64. */
INLINE double atanh_tail_f64(const double x)
{
    const double p1_0 = ATANH_TAIL_f64[1] * x + ATANH_TAIL_f64[0];
    const double p1_1 = ATANH_TAIL_f64[3] * x + ATANH_TAIL_f64[2];
    const double p1_2 = ATANH_TAIL_f64[5] * x + ATANH_TAIL_f64[4];
    const double p1_3 = ATANH_TAIL_f64[7] * x + ATANH_TAIL_f64[6];
    const double p1_4 = ATANH_TAIL_f64[9] * x + ATANH_TAIL_f64[8];
    const double x2 = x * x;
    const double p2_0 = p1_1 * x2 + p1_0;
    const double p2_1 = p1_3 * x2 + p1_2;
    const double p2_2 = ATANH_TAIL_f64[10] * x2 + p1_4;
    const double x4 = x2 * x2;
    const double p4_0 = p2_1 * x4 + p2_0;
    const double x8 = x4 * x4;
    const double sum = p2_2 * x8 + p4_0;
    return sum;
}

/* k for x = 2^k m with 1 <= m < 2: the exponent's bits as the low bits of a number EXPONENT_ONE - bias. */
INLINE double exponent_of_f64(const double x)
{
    const double tiny = x < SMALLEST_NORMAL_f64 ? (double)1 : (double)0;
    const double normal = tiny > 0 ? x * TWO_TO_64_f64 : x;
    uint64_t bits;
    double shifted;
    memcpy(&bits, &normal, sizeof bits);
    bits = (bits >> FRACTION_BITS_f64) | EXPONENT_FRAME_f64;
    memcpy(&shifted, &bits, sizeof shifted);
    return shifted - EXPONENT_ONE_f64 - 64 * tiny;
}

/* m for x = 2^k m with 1 <= m < 2. */
INLINE double mantissa_of_f64(const double x)
{
    const double normal = x < SMALLEST_NORMAL_f64 ? x * TWO_TO_64_f64 : x;
    uint64_t bits;
    double mantissa;
    memcpy(&bits, &normal, sizeof bits);
    bits = (bits & FRACTION_MASK_f64) | BITS_OF_ONE_f64;
    memcpy(&mantissa, &bits, sizeof mantissa);
    return mantissa;
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

/* a - b, and what rounding took from it. */
INLINE void difference_parts_f64(const double a, const double b, double *rounded, double *slip)
{
    const double difference = a - b;
    const double back = a - difference;
    *rounded = difference;
    *slip = (a - (difference + back)) + (back - b);
}

/* (a - b)/scale for scale > 0, rounded once, and what that took from it where it matters to a square.
   All are first multiplied by a power of two, so that nothing overflows, or falls below the normal
   numbers, unless the quotient does. */
INLINE void standardised_parts_f64(const double a, const double b, const double scale, double *rounded, double *slip)
{
    const double small = fabs(a) < 1e-150 ? (fabs(b) < 1e-150 ? TWO_TO_400_f64 : 1) : 1;
    const double factor = scale > 1 ? 0.25 : small;
    double above, below;
    difference_parts_f64(a * factor, b * factor, &above, &below);
    const double unit = scale * factor;
    const double z = above / unit;
    const double high = leading_f64(z);
    const double front = leading_f64(unit);
    const double rest = ((above - high * front) - high * (unit - front)) - (z - high) * unit;
    const double size = fabs(z);
    const double part = size < 1e150 ? (size < 1e-200 ? 0 : (rest + below) / unit) : 0;
    const double nearest = z + part;
    *rounded = nearest;
    *slip = (z - nearest) + part;
}

/* (a - b)/scale for scale > 0, rounded once. */
INLINE double standardised_f64(const double a, const double b, const double scale)
{
    double nearest, slip;
    standardised_parts_f64(a, b, scale, &nearest, &slip);
    return nearest;
}

/* t + slip - log(a/b) for t + slip = (a - b)/b and a, b > 0, where t is its rounding; never negative. */
INLINE double log_gap_f64(const double t, const double slip, const double a, const double b)
{
    const double m = mantissa_of_f64(a);
    const double o = mantissa_of_f64(b);
    const double k = exponent_of_f64(a) - exponent_of_f64(b);
    const int near = t > -0.5 && t < 1;
    const double w = (near ? t : m - o) / (near ? 2 + t : m + o);
    const double v = w * w;
    const double bend = v * atanh_tail_f64(v);
    const double base = k * LN2_HIGH_f64;
    const double leap = 2 * w;
    const double log_ratio = base + leap;
    const double lost = leap - (log_ratio - base);
    const double far = (t - log_ratio) - (k * LN2_LOW_f64 + (leap * bend + lost));
    return (near ? w * (t - 2 * bend) : far) + slip * (near ? t / (1 + t) : 1);
}

/* kl_normal_diag for each d: its part of the value, and the gradients by its arguments. */
INLINE void kl_normal_diag_each_d_f64(const double loc_p, const double scale_p, const double loc_q, const double scale_q, double *to_value, double *to_d_loc_p, double *to_d_scale_p, double *to_d_loc_q, double *to_d_scale_q)
{
    const double z = standardised_f64(loc_p, loc_q, scale_q);
    double t, slip;
    standardised_parts_f64(scale_p, scale_q, scale_q, &t, &slip);
    const double part_1 = 0.5 * z * z + 0.5 * t * t + log_gap_f64(t, slip, scale_p, scale_q);
    const double value = part_1;
    const double sum_over_b = t + 2.0;
    const double d_scale_p = t / scale_p * sum_over_b;
    const double d_loc_p = z / scale_q;
    const double d_loc_q = -d_loc_p;
    const double d_scale_q = -(t / scale_q * sum_over_b + d_loc_p * z);
    *to_value = value;
    *to_d_loc_p = d_loc_p;
    *to_d_scale_p = d_scale_p;
    *to_d_loc_q = d_loc_q;
    *to_d_scale_q = d_scale_q;
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
INLINE void kl_normal_diag_row_f32(
    const int values,
    const int slopes,
    const ptrdiff_t d,
    const float *loc_p,
    const float *scale_p,
    const float *loc_q,
    const float *scale_q,
    float *value,
    const float *upstream,
    float *d_loc_p,
    float *d_scale_p,
    float *d_loc_q,
    float *d_scale_q)
{
    double d_1 = 0;
    #pragma omp simd reduction(+ : d_1)
    for (ptrdiff_t i = 0; i < d; i++) {
        double part, slope_loc_p, slope_scale_p, slope_loc_q, slope_scale_q;
        kl_normal_diag_each_d_f64(loc_p[i], scale_p[i], loc_q[i], scale_q[i], &part, &slope_loc_p, &slope_scale_p, &slope_loc_q, &slope_scale_q);
        if (values)
            d_1 += part;
        if (slopes) {
            const double g = values ? 1 : upstream[0];
            d_loc_p[i] = (float)(g * slope_loc_p);
            d_scale_p[i] = (float)(g * slope_scale_p);
            d_loc_q[i] = (float)(g * slope_loc_q);
            d_scale_q[i] = (float)(g * slope_scale_q);
        }
    }
    if (values) {
        const double terms[] = {d_1};
        *value = (float)total_of(1, terms);
    }
}

/* The value. */
void kl_normal_diag_value_f32(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t d,
    const float *loc_p,
    const float *scale_p,
    const float *loc_q,
    const float *scale_q,
    float *value)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
            kl_normal_diag_row_f32(
                1, 0, d, loc_p + row * d, scale_p + row * d, loc_q + row * d, scale_q + row * d, value +
                row, NULL, NULL, NULL, NULL, NULL);
    }
}

/* The gradients times `upstream`, one number for all (each = 0) or for each value (1). */
void kl_normal_diag_gradients_f32(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t d,
    const float *loc_p,
    const float *scale_p,
    const float *loc_q,
    const float *scale_q,
    const float *upstream,
    const ptrdiff_t each,
    float *d_loc_p,
    float *d_scale_p,
    float *d_loc_q,
    float *d_scale_q)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
            kl_normal_diag_row_f32(
                0, 1, d, loc_p + row * d, scale_p + row * d, loc_q + row * d, scale_q + row * d, NULL,
                upstream + row * each, d_loc_p + row * d, d_scale_p + row * d, d_loc_q + row * d,
                d_scale_q + row * d);
    }
}

/* The value and its gradients in one pass. */
void kl_normal_diag_both_f32(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t d,
    const float *loc_p,
    const float *scale_p,
    const float *loc_q,
    const float *scale_q,
    float *value,
    float *d_loc_p,
    float *d_scale_p,
    float *d_loc_q,
    float *d_scale_q)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
            kl_normal_diag_row_f32(
                1, 1, d, loc_p + row * d, scale_p + row * d, loc_q + row * d, scale_q + row * d, value +
                row, NULL, d_loc_p + row * d, d_scale_p + row * d, d_loc_q + row * d, d_scale_q + row *
                d);
    }
}

/* One sample. */
INLINE void kl_normal_diag_row_f64(
    const int values,
    const int slopes,
    const ptrdiff_t d,
    const double *loc_p,
    const double *scale_p,
    const double *loc_q,
    const double *scale_q,
    double *value,
    const double *upstream,
    double *d_loc_p,
    double *d_scale_p,
    double *d_loc_q,
    double *d_scale_q)
{
    double d_1 = 0;
    #pragma omp simd reduction(+ : d_1)
    for (ptrdiff_t i = 0; i < d; i++) {
        double part, slope_loc_p, slope_scale_p, slope_loc_q, slope_scale_q;
        kl_normal_diag_each_d_f64(loc_p[i], scale_p[i], loc_q[i], scale_q[i], &part, &slope_loc_p, &slope_scale_p, &slope_loc_q, &slope_scale_q);
        if (values)
            d_1 += part;
        if (slopes) {
            const double g = values ? 1 : upstream[0];
            d_loc_p[i] = g * slope_loc_p;
            d_scale_p[i] = g * slope_scale_p;
            d_loc_q[i] = g * slope_loc_q;
            d_scale_q[i] = g * slope_scale_q;
        }
    }
    if (values) {
        const double terms[] = {d_1};
        *value = (double)total_of(1, terms);
    }
}

/* The value. */
void kl_normal_diag_value_f64(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t d,
    const double *loc_p,
    const double *scale_p,
    const double *loc_q,
    const double *scale_q,
    double *value)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
            kl_normal_diag_row_f64(
                1, 0, d, loc_p + row * d, scale_p + row * d, loc_q + row * d, scale_q + row * d, value +
                row, NULL, NULL, NULL, NULL, NULL);
    }
}

/* The gradients times `upstream`, one number for all (each = 0) or for each value (1). */
void kl_normal_diag_gradients_f64(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t d,
    const double *loc_p,
    const double *scale_p,
    const double *loc_q,
    const double *scale_q,
    const double *upstream,
    const ptrdiff_t each,
    double *d_loc_p,
    double *d_scale_p,
    double *d_loc_q,
    double *d_scale_q)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
            kl_normal_diag_row_f64(
                0, 1, d, loc_p + row * d, scale_p + row * d, loc_q + row * d, scale_q + row * d, NULL,
                upstream + row * each, d_loc_p + row * d, d_scale_p + row * d, d_loc_q + row * d,
                d_scale_q + row * d);
    }
}

/* The value and its gradients in one pass. */
void kl_normal_diag_both_f64(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t d,
    const double *loc_p,
    const double *scale_p,
    const double *loc_q,
    const double *scale_q,
    double *value,
    double *d_loc_p,
    double *d_scale_p,
    double *d_loc_q,
    double *d_scale_q)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
            kl_normal_diag_row_f64(
                1, 1, d, loc_p + row * d, scale_p + row * d, loc_q + row * d, scale_q + row * d, value +
                row, NULL, d_loc_p + row * d, d_scale_p + row * d, d_loc_q + row * d, d_scale_q + row *
                d);
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
    kl_normal_diag_both_f64(1, 1, 2, example[0], example[1], example[2], example[3], value, slope[0], slope[1], slope[2], slope[3]);
    for (int k = 0; k < 4; k++)
        for (int i = 0; i < 2; i++) {
            const double before = example[k][i];
            double difference = 0;
            for (int sign = -1; sign <= 1; sign += 2) {
                example[k][i] = before + sign * 1e-6;
                kl_normal_diag_value_f64(1, 1, 2, example[0], example[1], example[2], example[3], value);
                difference += sign * (value[0]);
            }
            example[k][i] = before;
            if (!(fabs(difference - 2e-6 * slope[k][i]) < 1e-12)) {
                printf("kl_normal_diag: gradient %d, entry %d is wrong\n", k, i);
                return 1;
            }
        }
    printf("kl_normal_diag: the gradients agree with central differences\n");
    return 0;
}
#endif
