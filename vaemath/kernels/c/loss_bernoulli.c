/*
 * loss_bernoulli(x, logits, loc, logvar): -log Bernoulli(x; logits) + KL(N(loc, exp(logvar)) || N(0, I)) in
 *     nats.
 *
 * value     theorem loss-bernoulli, certificate
 *           b6292104458eb68a955eba0777e4e913cf0947bbb006e1ea6f8ebd58939e4fd2
 * gradient  the derivative of its sum by every argument
 * proved    value and gradients, for events of every size: by running the functions for each entry of this
 *           file on terms; the special functions: their error of approximation, by ball arithmetic
 * measured  worst errors of samples, ULP: value 2, gradients 3 (float32); value 2, gradients 3 (float64);
 *           d_logits of the largest term; one coordinate and one latent; sums of more than 64 in float64
 * assumes   x in [0, 1], not checked here; logits, loc, logvar finite: anything else propagates as NaN
 * shapes    rows samples of length D and d, one after the other; one value a sample; nothing overlaps
 * note      x may lie anywhere in [0, 1]; -log p(x) is then linear in x, as usual.
 * compile   with -O3 -march=native -ffp-contract=fast -fno-math-errno -fno-trapping-math -fopenmp
 * self-test cc -O2 -DSELF_TEST FILE.c -lm && ./a.out
 * made by   vaemath emit loss-bernoulli --target c  (do not edit)
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
static const float ATANH_TAIL_f32[5] = {
    0.33333334f,
    0.19999853f,
    0.14296179f,
    0.108532876f,
    0.11612165f,
};
static const float EXPONENT_ZERO_f32 = 12583038.0f;
static const float LOWEST_f32 = -80.0f;
static const float HIGHEST_f32 = 89.42f;
static const float VANISHING_f32 = -104.0f;
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
static const double EXPONENT_ZERO_f64 = 6755399441056766.0;
static const double LOWEST_f64 = -700.0;
static const double HIGHEST_f64 = 710.48;
static const double VANISHING_f64 = -746.0;
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

/* The polynomial with coefficients ATANH_TAIL_f32. */
INLINE float atanh_tail_f32(const float x)
{
    const float p1_0 = ATANH_TAIL_f32[1] * x + ATANH_TAIL_f32[0];
    const float p1_1 = ATANH_TAIL_f32[3] * x + ATANH_TAIL_f32[2];
    const float x2 = x * x;
    const float p2_0 = p1_1 * x2 + p1_0;
    const float x4 = x2 * x2;
    const float sum = ATANH_TAIL_f32[4] * x4 + p2_0;
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

/* e^-u for u >= 0; two factors, for a result below the normal numbers. */
INLINE float exp_minus_f32(const float u)
{
    const float x = u > -VANISHING_f32 ? VANISHING_f32 : -u;
    const float n = truncf(x * LOG2_E_f32 - 0.5f);
    const float r = (x - n * LN2_HIGH_f32) - n * LN2_LOW_f32;
    const float part = truncf(0.5f * n);
    const float first = half_power_of_two_f32(part);
    const float second = half_power_of_two_f32(n - part);
    return 2 * first * (1 + (r + expm1_gap_f32(r, leading_f32(r)))) * (2 * second);
}

/* log(1 + u) for 0 <= u <= 1, as u less a positive correction. */
INLINE float log1p_unit_f32(const float u)
{
    const float w = u / (2 + u);
    const float v = w * w;
    return u - w * (u - 2 * (v * atanh_tail_f32(v)));
}

/* log(1 + e^-|l|), 1/(1 + e^-l) and 1/(1 + e^l). */
INLINE void logistic_parts_f32(const float logits, float *tail, float *high, float *low)
{
    const float rest = exp_minus_f32(fabsf(logits));
    const float more = 1 / (1 + rest);
    const float less = rest * more;
    *tail = log1p_unit_f32(rest);
    *high = logits > 0 ? more : less;
    *low = logits > 0 ? less : more;
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

/* e^-u for u >= 0; two factors, for a result below the normal numbers. */
INLINE double exp_minus_f64(const double u)
{
    const double x = u > -VANISHING_f64 ? VANISHING_f64 : -u;
    const double n = trunc(x * LOG2_E_f64 - 0.5);
    const double r = (x - n * LN2_HIGH_f64) - n * LN2_LOW_f64;
    const double part = trunc(0.5 * n);
    const double first = half_power_of_two_f64(part);
    const double second = half_power_of_two_f64(n - part);
    return 2 * first * (1 + (r + expm1_gap_f64(r, leading_f64(r)))) * (2 * second);
}

/* log(1 + u) for 0 <= u <= 1, as u less a positive correction. */
INLINE double log1p_unit_f64(const double u)
{
    const double w = u / (2 + u);
    const double v = w * w;
    return u - w * (u - 2 * (v * atanh_tail_f64(v)));
}

/* log(1 + e^-|l|), 1/(1 + e^-l) and 1/(1 + e^l). */
INLINE void logistic_parts_f64(const double logits, double *tail, double *high, double *low)
{
    const double rest = exp_minus_f64(fabs(logits));
    const double more = 1 / (1 + rest);
    const double less = rest * more;
    *tail = log1p_unit_f64(rest);
    *high = logits > 0 ? more : less;
    *low = logits > 0 ? less : more;
}

/* loss_bernoulli for each D: its part of the value, and the gradients by its arguments. */
INLINE void loss_bernoulli_each_D_f32(const float x, const float logits, float *to_value, float *to_d_x, float *to_d_logits)
{
    float tail, high, low;
    logistic_parts_f32(logits, &tail, &high, &low);
    const float against = -logits;
    const float other = 1.0f - x;
    const float loss = other * (0 > logits ? 0 : logits) + x * (0 > against ? 0 : against) + tail;
    const float value = loss;
    const float d_logits = other * high - x * low;
    const float d_x = against;
    *to_value = value;
    *to_d_x = d_x;
    *to_d_logits = d_logits;
}

/* loss_bernoulli for each d: its part of the value, and the gradients by its arguments. */
INLINE void loss_bernoulli_each_d_f32(const float loc, const float logvar, float *to_value, float *to_d_loc, float *to_d_logvar)
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

/* loss_bernoulli for each D: its part of the value, and the gradients by its arguments. */
INLINE void loss_bernoulli_each_D_f64(const double x, const double logits, double *to_value, double *to_d_x, double *to_d_logits)
{
    double tail, high, low;
    logistic_parts_f64(logits, &tail, &high, &low);
    const double against = -logits;
    const double other = 1.0 - x;
    const double loss = other * (0 > logits ? 0 : logits) + x * (0 > against ? 0 : against) + tail;
    const double value = loss;
    const double d_logits = other * high - x * low;
    const double d_x = against;
    *to_value = value;
    *to_d_x = d_x;
    *to_d_logits = d_logits;
}

/* loss_bernoulli for each d: its part of the value, and the gradients by its arguments. */
INLINE void loss_bernoulli_each_d_f64(const double loc, const double logvar, double *to_value, double *to_d_loc, double *to_d_logvar)
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
INLINE void loss_bernoulli_row_f32(
    const int values,
    const int slopes,
    const int data,
    const ptrdiff_t D,
    const ptrdiff_t d,
    const float *x,
    const float *logits,
    const float *loc,
    const float *logvar,
    float *value,
    const float *upstream,
    float *d_x,
    float *d_logits,
    float *d_loc,
    float *d_logvar)
{
    double D_1 = 0, d_1 = 0;
    for (ptrdiff_t start = 0; start < D; start += 64) {
        const ptrdiff_t left = D - start;
        const int count = left < 64 ? (int)left : 64;
        float few_1 = 0;
        #pragma omp simd reduction(+ : few_1)
        for (int i = 0; i < count; i++) {
            float part, slope_x, slope_logits;
            loss_bernoulli_each_D_f32(x[start + i], logits[start + i], &part, &slope_x, &slope_logits);
            if (values)
                few_1 += part;
            if (slopes) {
                const float g = values ? 1 : upstream[0];
                if (data)
                    d_x[start + i] = g * slope_x;
                d_logits[start + i] = g * slope_logits;
            }
        }
        D_1 += few_1;
    }
    for (ptrdiff_t start = 0; start < d; start += 64) {
        const ptrdiff_t left = d - start;
        const int count = left < 64 ? (int)left : 64;
        float few_1 = 0;
        #pragma omp simd reduction(+ : few_1)
        for (int i = 0; i < count; i++) {
            float part, slope_loc, slope_logvar;
            loss_bernoulli_each_d_f32(loc[start + i], logvar[start + i], &part, &slope_loc, &slope_logvar);
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
        const double terms[] = {D_1, d_1};
        *value = (float)total_of(2, terms);
    }
}

/* The value. */
void loss_bernoulli_value_f32(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t D,
    const ptrdiff_t d,
    const float *x,
    const float *logits,
    const float *loc,
    const float *logvar,
    float *value)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (D + d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
            loss_bernoulli_row_f32(
                1, 0, 0, D, d, x + row * D, logits + row * D, loc + row * d, logvar + row * d, value +
                row, NULL, NULL, NULL, NULL, NULL);
    }
}

/* The gradients times `upstream`, one number for all (each = 0) or for each value (1).
   With d_x NULL that gradient is left out. */
void loss_bernoulli_gradients_f32(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t D,
    const ptrdiff_t d,
    const float *x,
    const float *logits,
    const float *loc,
    const float *logvar,
    const float *upstream,
    const ptrdiff_t each,
    float *d_x,
    float *d_logits,
    float *d_loc,
    float *d_logvar)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (D + d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
        if (d_x)
            loss_bernoulli_row_f32(
                0, 1, 1, D, d, x + row * D, logits + row * D, loc + row * d, logvar + row * d, NULL,
                upstream + row * each, d_x + row * D, d_logits + row * D, d_loc + row * d, d_logvar +
                row * d);
        else
            loss_bernoulli_row_f32(
                0, 1, 0, D, d, x + row * D, logits + row * D, loc + row * d, logvar + row * d, NULL,
                upstream + row * each, NULL, d_logits + row * D, d_loc + row * d, d_logvar + row * d);
    }
}

/* The value and its gradients in one pass.
   With d_x NULL that gradient is left out. */
void loss_bernoulli_both_f32(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t D,
    const ptrdiff_t d,
    const float *x,
    const float *logits,
    const float *loc,
    const float *logvar,
    float *value,
    float *d_x,
    float *d_logits,
    float *d_loc,
    float *d_logvar)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (D + d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
        if (d_x)
            loss_bernoulli_row_f32(
                1, 1, 1, D, d, x + row * D, logits + row * D, loc + row * d, logvar + row * d, value +
                row, NULL, d_x + row * D, d_logits + row * D, d_loc + row * d, d_logvar + row * d);
        else
            loss_bernoulli_row_f32(
                1, 1, 0, D, d, x + row * D, logits + row * D, loc + row * d, logvar + row * d, value +
                row, NULL, NULL, d_logits + row * D, d_loc + row * d, d_logvar + row * d);
    }
}

/* One sample. */
INLINE void loss_bernoulli_row_f64(
    const int values,
    const int slopes,
    const int data,
    const ptrdiff_t D,
    const ptrdiff_t d,
    const double *x,
    const double *logits,
    const double *loc,
    const double *logvar,
    double *value,
    const double *upstream,
    double *d_x,
    double *d_logits,
    double *d_loc,
    double *d_logvar)
{
    double D_1 = 0, d_1 = 0;
    #pragma omp simd reduction(+ : D_1)
    for (ptrdiff_t i = 0; i < D; i++) {
        double part, slope_x, slope_logits;
        loss_bernoulli_each_D_f64(x[i], logits[i], &part, &slope_x, &slope_logits);
        if (values)
            D_1 += part;
        if (slopes) {
            const double g = values ? 1 : upstream[0];
            if (data)
                d_x[i] = g * slope_x;
            d_logits[i] = g * slope_logits;
        }
    }
    #pragma omp simd reduction(+ : d_1)
    for (ptrdiff_t i = 0; i < d; i++) {
        double part, slope_loc, slope_logvar;
        loss_bernoulli_each_d_f64(loc[i], logvar[i], &part, &slope_loc, &slope_logvar);
        if (values)
            d_1 += part;
        if (slopes) {
            const double g = values ? 1 : upstream[0];
            d_loc[i] = g * slope_loc;
            d_logvar[i] = g * slope_logvar;
        }
    }
    if (values) {
        const double terms[] = {D_1, d_1};
        *value = (double)total_of(2, terms);
    }
}

/* The value. */
void loss_bernoulli_value_f64(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t D,
    const ptrdiff_t d,
    const double *x,
    const double *logits,
    const double *loc,
    const double *logvar,
    double *value)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (D + d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
            loss_bernoulli_row_f64(
                1, 0, 0, D, d, x + row * D, logits + row * D, loc + row * d, logvar + row * d, value +
                row, NULL, NULL, NULL, NULL, NULL);
    }
}

/* The gradients times `upstream`, one number for all (each = 0) or for each value (1).
   With d_x NULL that gradient is left out. */
void loss_bernoulli_gradients_f64(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t D,
    const ptrdiff_t d,
    const double *x,
    const double *logits,
    const double *loc,
    const double *logvar,
    const double *upstream,
    const ptrdiff_t each,
    double *d_x,
    double *d_logits,
    double *d_loc,
    double *d_logvar)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (D + d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
        if (d_x)
            loss_bernoulli_row_f64(
                0, 1, 1, D, d, x + row * D, logits + row * D, loc + row * d, logvar + row * d, NULL,
                upstream + row * each, d_x + row * D, d_logits + row * D, d_loc + row * d, d_logvar +
                row * d);
        else
            loss_bernoulli_row_f64(
                0, 1, 0, D, d, x + row * D, logits + row * D, loc + row * d, logvar + row * d, NULL,
                upstream + row * each, NULL, d_logits + row * D, d_loc + row * d, d_logvar + row * d);
    }
}

/* The value and its gradients in one pass.
   With d_x NULL that gradient is left out. */
void loss_bernoulli_both_f64(
    const int threads,
    const ptrdiff_t rows,
    const ptrdiff_t D,
    const ptrdiff_t d,
    const double *x,
    const double *logits,
    const double *loc,
    const double *logvar,
    double *value,
    double *d_x,
    double *d_logits,
    double *d_loc,
    double *d_logvar)
{
    (void)threads; /* not used without OpenMP */
    #pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && rows * (D + d) > 32768)
    for (ptrdiff_t row = 0; row < rows; row++) {
        if (d_x)
            loss_bernoulli_row_f64(
                1, 1, 1, D, d, x + row * D, logits + row * D, loc + row * d, logvar + row * d, value +
                row, NULL, d_x + row * D, d_logits + row * D, d_loc + row * d, d_logvar + row * d);
        else
            loss_bernoulli_row_f64(
                1, 1, 0, D, d, x + row * D, logits + row * D, loc + row * d, logvar + row * d, value +
                row, NULL, NULL, d_logits + row * D, d_loc + row * d, d_logvar + row * d);
    }
}

#ifdef SELF_TEST
#include <stdio.h>

int main(void)
{
    double example[4][2] = {
        {0.2, 0.9},
        {0.5, 1.2},
        {-0.2, 0.4},
        {0.9, 0.6},
    };
    double value[2], slope[4][2];
    loss_bernoulli_both_f64(1, 1, 2, 2, example[0], example[1], example[2], example[3], value, slope[0], slope[1], slope[2], slope[3]);
    for (int k = 0; k < 4; k++)
        for (int i = 0; i < 2; i++) {
            const double before = example[k][i];
            double difference = 0;
            for (int sign = -1; sign <= 1; sign += 2) {
                example[k][i] = before + sign * 1e-6;
                loss_bernoulli_value_f64(1, 1, 2, 2, example[0], example[1], example[2], example[3], value);
                difference += sign * (value[0]);
            }
            example[k][i] = before;
            if (!(fabs(difference - 2e-6 * slope[k][i]) < 1e-12)) {
                printf("loss_bernoulli: gradient %d, entry %d is wrong\n", k, i);
                return 1;
            }
        }
    printf("loss_bernoulli: the gradients agree with central differences\n");
    return 0;
}
#endif
