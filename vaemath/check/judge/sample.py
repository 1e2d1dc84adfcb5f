"""A reparameterised sample: mean + standard deviation * noise, read off the formula of one element."""

from __future__ import annotations

from fractions import Fraction

from vaemath.check.core import Poly, constant, name_of, power, substitute, times, to_term
from vaemath.check.judge.algebra import normal, symbols_of, text
from vaemath.check.judge.conventions import FROM_SCALE, WORDS, explicit, misused, scale
from vaemath.check.judge.decide import Opinion, Scene
from vaemath.check.judge.decompose import generic
from vaemath.check.judge.part import Finding
from vaemath.check.report.verdict import Cause

__all__ = ["is_sample", "sample_opinion"]

SUBJECT = "a sample of the normal distribution"


def _noise_names(finding: Finding, scene: Scene) -> list[str]:
    used = {name_of(s) for b in finding.reading.blocks for s in symbols_of(b.formula)}
    drawn = [u for u in used if u.split("#")[0].rstrip("~") in finding.noise]
    given = [u for u in used if scene.readings.get(u) is not None and scene.readings[u].role == "eps"]
    return sorted(drawn) or sorted(given)


def is_sample(finding: Finding, scene: Scene) -> bool:
    """Whether a part has the shape of its arguments and is linear in noise (or only a mean, by name)."""
    reading = finding.reading
    if reading.mixed and finding.noise and not finding.pieces and not reading.blocks and reading.shape:
        return True
    if len(reading.blocks) != 1 or finding.pieces:
        return False
    (block,) = reading.blocks
    if len(block.kept) != len(block.shape):
        return False
    noise = _noise_names(finding, scene)
    named = any(w in scene.name for w in ("repar", "sample", "rsample"))
    return bool(noise) or named


def sample_opinion(
    finding: Finding, scene: Scene, kinds: dict[str, str], seeded: bool, flows: bool | None
) -> Opinion:
    """What is said of a sample."""
    out = Opinion(finding, "correct", SUBJECT, "reparameterization")
    reading = finding.reading
    if not reading.blocks:
        out.status = "wrong"
        out.causes = [Cause("shared-noise", "one draw is shared by several samples or dimensions")]
        out.computes = "one draw of noise for several elements"
        return out
    (block,) = reading.blocks
    noise = _noise_names(finding, scene)
    out.computes = text(block.formula)
    with_noise = {
        m: c for m, c in block.formula.items() if any({name_of(s) for s in a.free} & set(noise) for a, _ in m)
    }
    centre = {m: c for m, c in block.formula.items() if m not in with_noise}
    locs = [n for n, r in scene.readings.items() if r.role in ("loc", "unknown", "z") and n not in noise]
    mean = next((n for n in locs if centre == normal(generic(n))), "")
    spreads = [
        n
        for n, r in scene.readings.items()
        if n not in (mean, *noise) and r.role in ("spread", "unknown", "loc", "matrix")
    ]
    if not noise:
        out.causes.append(Cause("noise-scale", "no noise is added"))
        return _closed(out)
    if any(n.endswith("~") for n in noise):
        out.causes.append(
            Cause("shared-noise", "one draw is shared by the samples of a batch, or by its dimensions")
        )
    if not mean:
        if any(centre == times(constant(-1), normal(generic(n))) for n in locs) or centre:
            out.causes.append(Cause("wrong-location"))
        elif locs:
            out.causes.append(Cause("wrong-location", "the mean is not added"))
    kind = {kinds.get(k) for k in kinds if k.split("|")[0] in {n.split("#")[0].rstrip("~") for n in noise}}
    if "uniform" in kind:
        out.causes.append(Cause("not-standard-normal", "the noise is uniform, not normal"))
    if seeded:
        out.causes.append(
            Cause("shared-noise", "the generator is seeded inside: every call draws the same noise")
        )
    factor = _over(with_noise, noise[0])
    if factor is not None:
        _spread(factor, spreads, scene, out)
    if flows is False:
        out.causes.append(Cause("gradient", "no gradient flows through it: .sample() instead of .rsample()"))
    return _closed(out)


def _closed(out: Opinion) -> Opinion:
    out.causes = list({c.code: c for c in reversed(out.causes)}.values())[::-1]
    out.status = "wrong" if out.causes else "correct"
    return out


def _over(with_noise: Poly, noise: str) -> Poly | None:
    out: Poly = {}
    for mono, c in with_noise.items():
        rest = tuple((a, e) for a, e in mono if not (a.head == "sym" and name_of(a) == noise))
        power_ = next((e for a, e in mono if a.head == "sym" and name_of(a) == noise), None)
        if power_ != 1:
            return None
        out[rest] = out.get(rest, Fraction(0)) + c
    return out


def _spread(factor: Poly, spreads: list[str], scene: Scene, out: Opinion) -> None:
    """Under which convention the factor of the noise is the standard deviation."""
    s = scale("s")
    term = to_term(factor)
    fits: list[tuple[str, str, Poly]] = []
    for name in spreads:
        letter = generic(name)
        if letter not in term.free:
            continue
        for convention, make in FROM_SCALE.items():
            found = normal(substitute(term, {letter: make(s)}))
            ratio = normal(to_term(times(found, normal(power(s, -1)))))
            if not symbols_of(ratio):
                fits.append((name, convention, ratio))
    if not fits:
        out.causes.append(Cause("noise-scale", f"the noise is multiplied by {text(factor)}"))
        return
    fits.sort(key=lambda f: (f[2] != {(): Fraction(1)}, _rank(f, scene)))
    name, used, ratio = fits[0]
    said = scene.readings[name].conventions
    if ratio != {(): Fraction(1)}:
        out.causes.append(
            Cause(
                "noise-scale",
                f"the noise is multiplied by {text(factor)}: {text(ratio)} times the standard deviation",
            )
        )
        return
    out.spreads[name] = used
    if said and scene.readings[name].sure and explicit(name, said[0], used) and used not in said:
        out.causes.append(Cause("noise-scale", f"the noise is multiplied by {text(factor)}"))
        out.causes += [Cause(code) for code in misused(said[0], used)]
    elif said and used != said[0]:
        out.notes.append(f"`{name}` is taken for {WORDS[used]}, which its name does not say")
    out.notes.append(f"`{name}` is {WORDS[used]}")
    out.spreads[name] = used


def _rank(fit: tuple[str, str, Poly], scene: Scene) -> int:
    said = scene.readings[fit[0]].conventions
    return said.index(fit[1]) if fit[1] in said else 9
