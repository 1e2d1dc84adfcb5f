"""The kernels' formulas in ball arithmetic: for each output its value and the size of its terms.

Where an output is a sum of terms of opposite sign no formula can keep the digits that cancel, so its
error is measured in units of the largest term; else the size is that of the value itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flint import arb, ctx

PRECISION = 1400  # bits: e^s - 1 - s at s = 1e-150 cancels a thousand of them

Output = tuple[arb, arb]
Exact = Callable[..., list[Output]]


def kl_normal_standard(loc: arb, logvar: arb) -> list[Output]:
    rise = logvar.expm1() / 2
    value = (logvar.expm1() - logvar + loc * loc) / 2
    return [_alone(value), _alone(loc), _alone(rise)]


def kl_normal(loc_p: arb, scale_p: arb, loc_q: arb, scale_q: arb) -> list[Output]:
    t = (scale_p - scale_q) / scale_q
    z = (loc_p - loc_q) / scale_q
    value = t * t / 2 + (t - (scale_p / scale_q).log()) + z * z / 2
    by_loc = z / scale_q
    spread, shift = -t * (t + 2) / scale_q, -z * z / scale_q
    return [
        _alone(value),
        _alone(by_loc),
        _alone(t * (t + 2) / scale_p),
        _alone(-by_loc),
        (spread + shift, max(abs(spread), abs(shift), abs(spread + shift), key=lambda b: b.mid())),
    ]


def loss_gaussian(x: arb, mean: arb, loc: arb, logvar: arb) -> list[Output]:
    """One pixel and one latent, without the constant: scale = 1/sqrt(2 pi) is not a float."""
    residual = x - mean
    constant = (2 * arb.pi()).log() / 2
    kl, by_loc, by_logvar = kl_normal_standard(loc, logvar)
    value = residual * residual / 2 + constant + kl[0]
    return [_alone(value), _alone(residual), _alone(-residual), by_loc, by_logvar]


def loss_bernoulli(x: arb, logits: arb, loc: arb, logvar: arb) -> list[Output]:
    zero = arb(0)
    size = abs(logits)
    wrong = (1 - x) * max(logits, zero, key=lambda b: b.mid()) - x * min(logits, zero, key=lambda b: b.mid())
    up, down = (1 - x) / (1 + (-logits).exp()), x / (1 + logits.exp())
    kl, by_loc, by_logvar = kl_normal_standard(loc, logvar)
    value = wrong + (-size).exp().log1p() + kl[0]
    larger = max(up, down, key=lambda b: b.mid())
    return [_alone(value), _alone(-logits), (up - down, larger), by_loc, by_logvar]


def _alone(value: arb) -> Output:
    return value, abs(value)


EXACT: dict[str, Exact] = {
    "kl_normal_standard": kl_normal_standard,
    "kl_normal": kl_normal,
    "kl_normal_diag_standard": kl_normal_standard,  # one coordinate
    "kl_normal_diag": kl_normal,
    "loss_gaussian": loss_gaussian,
    "loss_bernoulli": loss_bernoulli,
}


def evaluate(kernel: str, rows: Sequence[Sequence[float]]) -> list[list[Output]]:
    """The exact outputs for each row of arguments."""
    before = ctx.prec
    ctx.prec = PRECISION
    try:
        return [EXACT[kernel](*map(arb, row)) for row in rows]
    finally:
        ctx.prec = before
