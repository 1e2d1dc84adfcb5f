"""A reparameterised sample: mean + standard deviation * noise, the noise standard normal and
independent.

With the seed held, location and scale are read off exactly; the noise is tested on 40000 numbers,
every test with a false alarm rate below 1e-8.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vaemath.check.expected.attempt import Attempt
from vaemath.check.expected.models import WORDS
from vaemath.check.reading.options import Options
from vaemath.check.report.formula_text import scale_text
from vaemath.check.report.verdict import Cause, Counterexample, Verdict
from vaemath.check.sampling.noise import CALLS, SIDE, Probe, examine_noise
from vaemath.testing.conventions import SPREADS

__all__ = ["examine_reparameterization"]

Array = NDArray[np.float64]
GRID = (0.5, 1.5, 2.0, 2.5)


def examine_reparameterization(a: Attempt, options: Options, *, seeded: bool) -> Verdict:
    """The verdict on a sampling function."""
    subject = "a reparameterised sample, mean + standard deviation * noise"
    verdict = Verdict(options.target, "correct", subject, "reparameterization", notes=list(a.plan.notes))
    if a.main is not None and a.main.kind != "elementwise":
        verdict.causes.append(
            Cause("wrong-shape", "a sample has the shape of its mean; it returned a reduction")
        )
        return _closed(verdict)
    if a.plan.matrix:
        verdict.status, verdict.missing = "undecided", "samples with full covariances are not examined"
        return verdict
    probe = Probe(a, seeded)
    allowed = a.plan.conventions["spread"]
    name = a.plan.name_of("spread")
    verdict.expected = f"mu + {scale_text(allowed[0], name)} * eps, eps standard normal"
    if seeded and not _location(probe, verdict):
        return _closed(verdict)
    used = _scale(probe, allowed, name, verdict)
    if used is None:
        return _closed(verdict)
    examine_noise(probe, used, verdict)
    if a.caller.library == "torch" and not verdict.causes and seeded:
        _gradient(probe, used, verdict)
    words = SPREADS[used].words
    verdict.conventions = {a.plan.name_of("loc"): "the mean", name: words}
    verdict.computes = f"mu + {scale_text(used, name)} * eps"
    return _closed(verdict)


def _closed(verdict: Verdict) -> Verdict:
    if verdict.causes:
        verdict.status = "wrong"
    else:
        verdict.expected = ""
        verdict.evidence.append(
            f"location and scale read off at {len(GRID)} spreads; mean, variance, shape and independence of "
            f"{SIDE[0] * SIDE[1] * CALLS} draws (false alarm below 1e-8 each)"
        )
    return verdict


def _location(probe: Probe, verdict: Verdict) -> bool:
    for loc in (1.0, -2.0):
        here, there = (probe.noise((3, 4), m, 1.0, 7) for m in (0.0, loc))
        if not np.allclose(here, there, rtol=1e-4, atol=1e-5):
            moved = float((there - here).ravel()[0]) + loc
            verdict.causes.append(
                Cause("wrong-location", f"moving the mean by {loc:g} moves the sample by {moved:.4g}")
            )
            return False
    return True


def _scale(probe: Probe, allowed: tuple[str, ...], name: str, verdict: Verdict) -> str | None:
    """The convention under which the noise is scaled; causes if it is not an allowed one."""
    shape = (4, 5) if probe.seeded else SIDE
    base = probe.noise(shape, 0.0, 1.0, 7)
    if not np.any(base):
        verdict.causes.append(Cause("noise-scale", "no noise is added"))
        verdict.computes = probe.a.plan.name_of("loc")
        return None
    ratios = []
    for s in GRID:
        other = probe.noise(shape, 0.0, s, 7)
        if probe.seeded:
            ratios.append(float(np.median(other / np.where(base == 0, np.nan, base))))
        else:
            ratios.append(float(np.std(other) / np.std(base)))
    tolerance = 1e-3 if probe.seeded else 0.06
    order = [*allowed, *(c for c in SPREADS if c not in allowed)]
    for convention in order:
        to_scale = SPREADS[convention].to_scale
        wanted = [float(to_scale(np.float64(s), np) / to_scale(np.float64(1.0), np)) for s in GRID]
        if np.allclose(ratios, wanted, rtol=tolerance):
            if convention not in allowed:
                _misread(allowed[0], convention, name, probe, verdict)
            elif not SPREADS[convention].positive:
                _negative(probe, convention, base, name, verdict)
            return convention
    for power, code in ((2.0, "variance-as-std"), (0.5, "std-as-variance")):
        to_scale = SPREADS[allowed[0]].to_scale
        wanted = [float((to_scale(np.float64(s), np) / to_scale(np.float64(1.0), np)) ** power) for s in GRID]
        if np.allclose(ratios, wanted, rtol=tolerance):
            words = "squared" if power == 2 else "under a root"
            verdict.causes.append(Cause("noise-scale", f"the noise is multiplied by the scale {words}"))
            verdict.causes.append(Cause(code))
            _example(probe, allowed[0], name, verdict)
            return None
    verdict.causes.append(
        Cause("noise-scale", f"the noise does not grow with `{name}` as a standard deviation does")
    )
    _example(probe, allowed[0], name, verdict)
    return None


def _negative(probe: Probe, convention: str, base: Array, name: str, verdict: Verdict) -> None:
    to_scale = SPREADS[convention].to_scale
    other = probe.noise(base.shape, 0.0, -1.0, 7)
    got = float(np.std(other) / np.std(base))
    wanted = float(to_scale(np.float64(-1.0), np) / to_scale(np.float64(1.0), np))
    if not math.isclose(got, wanted, rel_tol=1e-3 if probe.seeded else 0.06):
        code = "noise-scale" if math.isfinite(got) else "not-finite"
        verdict.causes.append(
            Cause(code, f"at {name} = -1 the noise is {got / wanted:.4g} times what it should be")
        )


def _misread(declared: str, used: str, name: str, probe: Probe, verdict: Verdict) -> None:
    words = [WORDS.get(c, c) for c in (declared, used)]
    verdict.causes.append(
        Cause(
            "noise-scale",
            f"the noise is multiplied by {scale_text(used, name)}, not by {scale_text(declared, name)}",
        )
    )
    verdict.causes.append(Cause(f"{words[0]}-as-{words[1]}"))
    if (declared, used) == ("logvar", "logstd"):
        verdict.causes.append(Cause("variance-as-std"))
    if (declared, used) == ("logstd", "logvar"):
        verdict.causes.append(Cause("std-as-variance"))
    _example(probe, declared, name, verdict)


def _example(probe: Probe, declared: str, name: str, verdict: Verdict) -> None:
    for s in (0.0, 1.0, 2.0):
        if s <= 0 and SPREADS[declared].positive:
            continue
        got = float(np.std(probe.noise(SIDE, 0.0, s, 7)))
        wanted = float(SPREADS[declared].to_scale(np.float64(s), np))
        if abs(got - wanted) > 0.1 * wanted:
            inputs = {probe.a.plan.name_of("loc"): 0.0, name: s}
            of = f"the standard deviation of {SIDE[0] * SIDE[1]} samples"
            verdict.counterexample = Counterexample(inputs, wanted, round(got, 2), of)
            return


def _gradient(probe: Probe, used: str, verdict: Verdict) -> None:
    plan, spread = probe.a.plan, SPREADS[used]
    shape = (3, 4)
    point = {r: np.full(shape, {"loc": 0.3, "spread": 0.8}.get(r, 0.7)) for r in plan.roles}
    answer = probe.a.caller.one(point, seed=9, gradients=True)
    if answer.value is None or not answer.graph or answer.gradients is None:
        verdict.causes.append(
            Cause("gradient", "no gradient flows through the sample: it is drawn, not reparameterised")
        )
        return
    scale = spread.to_scale(point["spread"], np)
    slope = spread.slope(scale, np)
    expected = {"loc": np.ones(shape), "spread": (answer.value - 0.3) / scale * slope}
    for role, want in expected.items():
        got = answer.gradients[plan.roles.index(role)]
        if got is None or not np.allclose(got, want, rtol=1e-3, atol=1e-5):
            verdict.causes.append(
                Cause("gradient", f"the gradient of the sample by `{plan.name_of(role)}` is wrong")
            )
            return
    verdict.evidence.append("gradients of the sample equal to the pathwise ones")
