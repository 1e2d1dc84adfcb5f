/* The special functions of the C kernels, each with its contract. Written once for `real`: the emitter
   puts float or double there and gives every function and constant the suffix _f32 or _f64. */

/* 2^n / 2 for an integer n: adding EXPONENT_ZERO leaves n in the low bits, the shift makes it an exponent. */
INLINE real half_power_of_two(const real n)
{
    const real shifted = n + EXPONENT_ZERO;
    word bits;
    real power;
    memcpy(&bits, &shifted, sizeof bits);
    bits <<= FRACTION_BITS;
    memcpy(&power, &bits, sizeof power);
    return power;
}

/* k for x = 2^k m with 1 <= m < 2: the exponent's bits as the low bits of a number EXPONENT_ONE - bias. */
INLINE real exponent_of(const real x)
{
    const real tiny = x < SMALLEST_NORMAL ? (real)1 : (real)0;
    const real normal = tiny > 0 ? x * TWO_TO_64 : x;
    word bits;
    real shifted;
    memcpy(&bits, &normal, sizeof bits);
    bits = (bits >> FRACTION_BITS) | EXPONENT_FRAME;
    memcpy(&shifted, &bits, sizeof shifted);
    return shifted - EXPONENT_ONE - 64 * tiny;
}

/* m for x = 2^k m with 1 <= m < 2. */
INLINE real mantissa_of(const real x)
{
    const real normal = x < SMALLEST_NORMAL ? x * TWO_TO_64 : x;
    word bits;
    real mantissa;
    memcpy(&bits, &normal, sizeof bits);
    bits = (bits & FRACTION_MASK) | BITS_OF_ONE;
    memcpy(&mantissa, &bits, sizeof mantissa);
    return mantissa;
}

/* e^r - 1 - r for |r| <= 45/64. */
INLINE real expm1_gap(const real r)
{
    const real square = r * r;
    return square * (r * HORNER(EXPM1_REDUCED, r)) + 0.5 * square;
}

/* (e^s - 1 - s)/2 and (e^s - 1)/2, wherever these are finite.
   With s = n log 2 + r, n rounded towards zero, no two terms below have opposite signs. */
INLINE void half_expm1_parts(const real s, real *gap, real *rise)
{
    const real above = LOWEST > s ? LOWEST : s;
    const real x = HIGHEST < above ? HIGHEST : above;
    const real n = trunc(x * LOG2_E);
    const real r = (x - n * LN2_HIGH) - n * LN2_LOW;
    const real g = expm1_gap(r);
    const real power = half_power_of_two(n);
    const real jump = power - 0.5;
    const real offset = (jump - n * HALF_LN2_HIGH) - n * HALF_LN2_LOW;
    const real beyond = LOWEST > s ? 0.5 * (LOWEST - s) : 0;
    *rise = power * (r + g) + jump;
    *gap = power * g + (jump * r + offset) + beyond;
}

/* e^-u for u >= 0; two factors, for a result below the normal numbers. */
INLINE real exp_minus(const real u)
{
    const real x = u > -VANISHING ? VANISHING : -u;
    const real n = trunc(x * LOG2_E - 0.5);
    const real r = (x - n * LN2_HIGH) - n * LN2_LOW;
    const real part = trunc(0.5 * n);
    const real first = half_power_of_two(part);
    const real second = half_power_of_two(n - part);
    return 2 * first * (1 + (r + expm1_gap(r))) * (2 * second);
}

/* log(1 + u) for 0 <= u <= 1, as u less a positive correction. */
INLINE real log1p_unit(const real u)
{
    const real w = u / (2 + u);
    const real v = w * w;
    return u - w * (u - 2 * (v * HORNER(ATANH_TAIL, v)));
}

/* log(1 + e^-|l|), 1/(1 + e^-l) and 1/(1 + e^l). */
INLINE void logistic_parts(const real logits, real *tail, real *high, real *low)
{
    const real rest = exp_minus(fabs(logits));
    const real more = 1 / (1 + rest);
    const real less = rest * more;
    *tail = log1p_unit(rest);
    *high = logits > 0 ? more : less;
    *low = logits > 0 ? less : more;
}

/* t - log(a/b) for t = (a - b)/b and a, b > 0; never negative. */
INLINE real log_gap(const real t, const real a, const real b)
{
    const real m = mantissa_of(a);
    const real o = mantissa_of(b);
    const real k = exponent_of(a) - exponent_of(b);
    const int near = t > -0.5 && t < 1;
    const real w = (near ? t : m - o) / (near ? 2 + t : m + o);
    const real v = w * w;
    const real bend = v * HORNER(ATANH_TAIL, v);
    const real log_ratio = k * LN2_HIGH + (k * LN2_LOW + (2 * w * bend + 2 * w));
    return near ? w * (t - 2 * bend) : t - log_ratio;
}

/* (a - b)/scale for scale > 0, also where a - b overflows and the quotient does not. */
INLINE real standardised(const real a, const real b, const real scale)
{
    const real quarter = scale > 1 ? 0.25 : 1;
    return (a * quarter - b * quarter) / (scale * quarter);
}
