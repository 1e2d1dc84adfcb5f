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

/* x without the lower half of its digits: the square of that is exact. */
INLINE real leading(const real x)
{
    word bits;
    real high;
    memcpy(&bits, &x, sizeof bits);
    bits &= LEADING_MASK;
    memcpy(&high, &bits, sizeof high);
    return high;
}

/* e^r - 1 - r for |r| <= 45/64, where h is r without its last digits. */
INLINE real expm1_gap(const real r, const real h)
{
    return 0.5 * h * h + ((r - h) * (0.5 * (r + h)) + r * r * (r * POLYNOMIAL(EXPM1_REDUCED, r)));
}

/* (e^s - 1 - s)/2 and (e^s - 1)/2, wherever these are finite.
   With s = n log 2 + r, n rounded towards zero, no two large terms below have opposite signs; the largest,
   `head` and `leap`, are exact, and what their sum loses is added to the small ones. None is
   infinite before their sum is. */
INLINE void half_expm1_parts(const real s, real *gap, real *rise)
{
    const real above = LOWEST > s ? LOWEST : s;
    const real x = HIGHEST < above ? HIGHEST : above;
    const real n = trunc(x * LOG2_E);
    const real y = x - n * LN2_HIGH;
    const real c = n * LN2_LOW;
    const real r = y - c;
    const real h = leading(y);
    const real g = expm1_gap(r, h);
    const real power = half_power_of_two(n);
    const real jump = power - 0.5;
    const real head = jump - n * HALF_LN2_HIGH;
    const real leap = jump * h;
    const real body = head + leap;
    const real lost = leap - (body - head);
    *rise = power * (r + g) + jump;
    *gap = body + (power * g + (jump * (y - h) + (lost - power * c))) + 0.5 * (x - s);
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
    return 2 * first * (1 + (r + expm1_gap(r, leading(r)))) * (2 * second);
}

/* log(1 + u) for 0 <= u <= 1, as u less a positive correction. */
INLINE real log1p_unit(const real u)
{
    const real w = u / (2 + u);
    const real v = w * w;
    return u - w * (u - 2 * (v * POLYNOMIAL(ATANH_TAIL, v)));
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

/* a - b, and what rounding took from it. */
INLINE void difference_parts(const real a, const real b, real *rounded, real *slip)
{
    const real difference = a - b;
    const real back = a - difference;
    *rounded = difference;
    *slip = (a - (difference + back)) + (back - b);
}

/* (a - b)/scale for scale > 0, rounded once, and what that took from it where it matters to a square.
   All are first multiplied by a power of two, so that nothing overflows, or falls below the normal
   numbers, unless the quotient does. */
INLINE void standardised_parts(const real a, const real b, const real scale, real *rounded, real *slip)
{
    const real small = fabs(a) < 1e-150 ? (fabs(b) < 1e-150 ? TWO_TO_400 : 1) : 1;
    const real factor = scale > 1 ? 0.25 : small;
    real above, below;
    difference_parts(a * factor, b * factor, &above, &below);
    const real unit = scale * factor;
    const real z = above / unit;
    const real high = leading(z);
    const real front = leading(unit);
    const real rest = ((above - high * front) - high * (unit - front)) - (z - high) * unit;
    const real size = fabs(z);
    const real part = size < 1e150 ? (size < 1e-200 ? 0 : (rest + below) / unit) : 0;
    const real nearest = z + part;
    *rounded = nearest;
    *slip = (z - nearest) + part;
}

/* (a - b)/scale for scale > 0, rounded once. */
INLINE real standardised(const real a, const real b, const real scale)
{
    real nearest, slip;
    standardised_parts(a, b, scale, &nearest, &slip);
    return nearest;
}

/* t + slip - log(a/b) for t + slip = (a - b)/b and a, b > 0, where t is its rounding; never negative. */
INLINE real log_gap(const real t, const real slip, const real a, const real b)
{
    const real m = mantissa_of(a);
    const real o = mantissa_of(b);
    const real k = exponent_of(a) - exponent_of(b);
    const int near = t > -0.5 && t < 1;
    const real w = (near ? t : m - o) / (near ? 2 + t : m + o);
    const real v = w * w;
    const real bend = v * POLYNOMIAL(ATANH_TAIL, v);
    const real base = k * LN2_HIGH;
    const real leap = 2 * w;
    const real log_ratio = base + leap;
    const real lost = leap - (log_ratio - base);
    const real far = (t - log_ratio) - (k * LN2_LOW + (leap * bend + lost));
    return (near ? w * (t - 2 * bend) : far) + slip * (near ? t / (1 + t) : 1);
}
