"""From what a part is made of to what is said of it: right, right up to a factor, wrong with its causes,
or not known.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from vaemath.check.core import Mono, Poly, Term, constant, name_of, plus, substitute, times, to_term
from vaemath.check.judge.algebra import evaluate, normal, symbols_of, text
from vaemath.check.judge.conventions import TO_SCALE, misused
from vaemath.check.judge.decompose import Block, generic, split_name
from vaemath.check.judge.laws import Law, law_of
from vaemath.check.judge.match import Match, _variable
from vaemath.check.judge.part import Finding, Piece, constant_of, negative, residue_of, small, value_of
from vaemath.check.reading.names import Reading
from vaemath.check.report.verdict import Cause, Counterexample

__all__ = ["Opinion", "Scene", "decide"]

SIZE_WORDS = {"batch": "B", "latent": "d", "data": "D", "side": "n"}
MINUS = (
    "neg",
    "elbo",
    "lower",
    "bound",
    "loglik",
    "log_lik",
    "objective",
    "minus",
    "reward",
    "log_prob",
    "logprob",
    "ll",
)
KL_WORDS = (
    "kl",
    "divergence",
    "vae",
    "elbo",
    "latent",
    "regular",
    "gauss",
    "loss",
    "prior",
    "post",
    "complexity",
    "rate",
    "nvb",
)


@dataclass
class Scene:
    """What is known beside the formula: the function's name, how names read, what was declared, and the
    same part at other sizes.
    """

    name: str
    readings: Mapping[str, Reading]
    sizes: list[Mapping[str, int]]
    others: list[Finding]
    mean: bool = False
    witness: Mapping[str, str] = field(
        default_factory=dict
    )  # parameter -> convention by which the file samples


@dataclass
class Opinion:
    """What is said of one part."""

    finding: Finding
    status: str = "undecided"
    subject: str = ""
    theorem: str = ""
    causes: list[Cause] = field(default_factory=list)
    effects: list[Cause] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    computes: str = ""
    expected: str = ""
    reduction: str = ""
    counterexample: Counterexample | None = None
    pieces: list[Piece] = field(default_factory=list)
    estimator: bool = False
    spreads: dict[str, str] = field(default_factory=dict)  # of a sample: parameter -> convention

    def codes(self) -> list[str]:
        """Codes of causes."""
        return [c.code for c in self.causes]


def decide(finding: Finding, scene: Scene) -> Opinion:
    """The opinion on one part."""
    out = Opinion(finding, pieces=list(finding.pieces))
    out.computes = _formula_text(finding, scene)
    trouble = finding.reading.trouble
    if trouble.startswith(("broadcasting", "a result of shape")) and _about_kl(finding, scene):
        out.status, out.causes = "wrong", [Cause("wrong-shape", trouble)]
        out.subject = "the KL divergence"
        return out
    if not finding.reading.blocks or trouble:
        return out
    wrong = _nearest(finding, scene)
    beside = bool(finding.left or finding.reading.mixed) and not wrong
    if beside and not _only_data(finding, scene):
        _say_subject(out, scene)
        out.status = "undecided"
        return out
    if wrong:
        one: Poly = {(): Fraction(1)}
        simple = Piece(wrong.block, replace(wrong.match, factor=one))
        if one in wrong.match.ratios.values() and small(residue_of(finding.reading, [*out.pieces, simple])):
            wrong = simple  # the constant says which terms have the right factor
        out.pieces += [wrong]
    _say_subject(out, scene)
    out.estimator = any(p.match.brought and finding.noise for p in out.pieces) or (
        bool(finding.noise) and bool(out.pieces)
    )
    for piece in out.pieces:
        _conventions(piece, scene, out)
        if not piece.match.exact:
            _differences(piece, scene, out)
    _factors(out, scene)
    _constant(out, finding)
    if beside:
        out.subject = f"{out.subject}, plus a term of the data that is not a known one"
        out.notes.append("only the KL was judged")
    if out.estimator and out.causes:
        out.causes.append(Cause("not-equal-in-expectation"))
    out.status = "wrong" if out.causes else "scaled" if out.effects else "correct"
    if out.causes or out.effects:
        out.expected = _expected_text(out, scene)
        if out.expected == out.computes:
            out.expected = ""
        out.counterexample = _smallest(out, scene)
    return out


def _only_data(finding: Finding, scene: Scene) -> bool:
    """Whether what is not known is of the data and its reconstruction alone, beside a KL that is known."""
    left = [p for _, p in finding.left] + [finding.reading.mixed]
    names = {split_name(s)[0].rstrip("~") for p in left for s in symbols_of(p)}
    kl = any(p.quantity.kind == "kl" for p in finding.pieces)
    return kl and all(n in scene.readings and scene.readings[n].role in ("x", "recon") for n in names)


def _about_kl(finding: Finding, scene: Scene) -> bool:
    roles = {r.role for r in scene.readings.values()}
    return {"loc", "spread"} <= roles


def _nearest(finding: Finding, scene: Scene) -> Piece | None:
    """The KL that what is left over was meant to be, if it shares enough with it."""
    if len(finding.left) != 1:
        return None
    options = [p for p in finding.near if p.quantity.kind == "kl" and not p.quantity.words]
    named = any(w in scene.name for w in KL_WORDS)
    for piece in options:
        match = piece.match
        enough = match.agreeing >= 2 and 2 * match.agreeing >= match.groups
        told = [scene.readings[p].role in ("loc", "spread") for p in match.candidate.params]
        if enough and (all(told) or named) and match.candidate.cost < 4:
            covered = set(match.candidate.params)
            used = {name_of(s) for s in symbols_of(finding.left[0][1])}
            if used - covered - {n for n, r in scene.readings.items() if r.role == "weight"} - finding.noise:
                continue
            return piece
    return None


def _say_subject(out: Opinion, scene: Scene) -> None:
    kinds = {p.quantity.kind: p for p in out.pieces}
    if "kl" in kinds and "reconstruction" in kinds:
        decoder = kinds["reconstruction"].quantity.subject
        out.subject = f"the negative ELBO with {decoder} decoder"
        out.theorem = kinds["reconstruction"].quantity.theorem or "loss-gaussian"
    elif "reconstruction" in kinds:
        subject = kinds["reconstruction"].quantity.subject
        out.subject = (
            subject if subject.startswith("minus") else f"the reconstruction term of {subject} decoder"
        )
    elif out.pieces:
        first = max(out.pieces, key=lambda p: p.quantity.kind == "kl")
        out.subject, out.theorem = first.quantity.subject, first.quantity.theorem
        if first.quantity.theorem == "kl-normal" and len(first.block.kept) < len(first.block.shape):
            out.theorem = "kl-normal-diag"


def _conventions(piece: Piece, scene: Scene, out: Opinion) -> None:
    candidate = piece.match.candidate
    if candidate.reversed:
        out.causes.append(Cause("reversed-direction"))
        first, second = candidate.roles.get("loc", ""), candidate.roles.get("loc_q", "")
        if second:
            out.notes.append(f"right if the KL of `{first}` to `{second}` is meant")
    if piece.quantity.kind == "reconstruction" and "probs" in candidate.roles:
        probs, x = candidate.roles["probs"], candidate.roles["x"]
        if scene.readings[probs].role == "x" and scene.readings[x].role == "recon" and "input" not in probs:
            out.causes.append(Cause("wrong-term", f"the cross-entropy has `{probs}` and `{x}` exchanged"))
    for role, used in candidate.conventions:
        param = candidate.roles[role]
        said = scene.readings[param].conventions
        witness = scene.witness.get(param)
        if witness and witness == used and said and used != said[0]:
            out.notes.append(f"`{param}` is {_name_of(used)}, as in the file's own sampler")
        elif witness and witness != used and said:
            codes = misused(witness, used)
            out.causes += [
                Cause(
                    code,
                    f"the file samples with `{param}` as {_name_of(witness)}, "
                    f"and here it is {_name_of(used)}",
                )
                for code in codes
            ]
        elif not witness and any(c == (said[0], used) for c in candidate.contradicted if said):
            out.causes += [Cause(code) for code in misused(said[0], used)]
        elif said and used != said[0]:
            out.notes.append(f"`{param}` is taken for {_name_of(used)}, which its name does not say")
    out.causes = list(dict.fromkeys(out.causes))


def _name_of(convention: str) -> str:
    from vaemath.check.judge.conventions import WORDS

    return WORDS[convention]


def _differences(piece: Piece, scene: Scene, out: Opinion) -> None:
    """A cause for every monomial that is missing, has another sign or factor, or does not belong."""
    match = piece.match
    factor = match.factor
    bases = {_stripped(m): m for m in match.extra}
    missing: list[Mono] = []
    for mono, ratio in match.ratios.items():
        if ratio == factor:
            continue
        words = _mono_words(mono, match)
        if not ratio:
            if mono in bases:
                out.causes.append(Cause("factor-of-term", f"the factor of {words} is wrong"))
                match.extra.pop(bases[mono])
            else:
                missing.append(mono)
        elif ratio == times(constant(-1), factor):
            out.causes.append(Cause("sign-of-term", f"the sign of {words} is wrong"))
        else:
            out.causes.append(
                Cause("factor-of-term", f"the factor of {words} is wrong{_times(ratio, factor)}")
            )
    if match.extra:
        shown = text(_in_letters(match.extra, match))
        instead = f" instead of {', '.join(_mono_words(m, match) for m in missing[:1])}" if missing else ""
        out.causes.append(Cause("wrong-term", f"{shown} does not belong there{instead}"))
    elif missing:
        out.causes += [Cause("missing-term", f"{_mono_words(m, match)} is missing") for m in missing]
    codes = [c.code for c in out.causes]
    out.causes = [c for k, c in enumerate(out.causes) if c.code not in codes[:k]]


def _stripped(mono: Mono) -> Mono:
    return tuple((a, e) for a, e in mono if a.free)


def _times(ratio: Poly, factor: Poly) -> str:
    if len(ratio) == len(factor) == 1 and ratio.keys() == factor.keys():
        q = next(iter(ratio.values())) / next(iter(factor.values()))
        return f": {q} times what it should be"
    return ""


def back(match: Match) -> dict[Term, Term]:
    """The variables of a formula, written in the parameters again."""
    out = {}
    for role, param in match.candidate.roles.items():
        if role == "logits":
            continue
        letter = generic(param)
        if role in match.candidate.used:
            convention = match.candidate.used[role]
            out[_variable(role)] = TO_SCALE[convention](
                generic(param, convention in ("std", "var", "precision"))
            )
        else:
            out[_variable(role)] = letter
    return out


def _in_letters(p: Poly, match: Match) -> Poly:
    return normal(substitute(to_term(p), back(match)))


def _mono_words(mono: Mono, match: Match) -> str:
    return f"the term {text(_in_letters({mono: Fraction(1)}, match))}"


def _laws(out: Opinion, scene: Scene) -> list[Law]:
    """The law of each piece's factor, by the pieces at the other sizes."""
    laws = []
    for piece in out.pieces:
        values, sizes = [piece.number], [scene.sizes[0]]
        for other, at in zip(scene.others, scene.sizes[1:], strict=False):
            twins = [
                p
                for p in [*other.pieces, *other.near]
                if p.match.candidate.params == piece.match.candidate.params and p.quantity is piece.quantity
            ]
            twins = [p for p in twins if p.match.candidate.conventions == piece.match.candidate.conventions]
            if twins:
                values.append(twins[0].number)
                sizes.append(at)
        laws.append(law_of(values, sizes))
    return laws


def _factors(out: Opinion, scene: Scene) -> None:
    laws = _laws(out, scene)
    by_kind = {p.quantity.kind: (p, law) for p, law in zip(out.pieces, laws, strict=True)}
    kl = by_kind.get("kl") or by_kind.get("other")
    recon = by_kind.get("reconstruction")
    if kl is not None:
        out.reduction = _reduction(kl[0].block, kl[1])
    elif recon is not None:
        out.reduction = _reduction(recon[0].block, recon[1])
    if kl is None:
        if recon is not None and negative(recon[0]):
            out.subject = (
                out.subject.removeprefix("minus ")
                if out.subject.startswith("minus ")
                else f"minus {out.subject}"
            )
        return
    for piece in out.pieces:
        if piece.weighed_by:
            out.notes.append(
                f"{_called(piece)} is weighed by {', '.join(f'`{w}`' for w in piece.weighed_by)}"
            )
    if recon is not None:
        _balance(out, kl, recon, scene)
        return
    piece, law = kl
    if negative(piece):
        if any(w in scene.name for w in MINUS):
            out.subject = f"minus {out.subject}"
        else:
            out.causes.append(Cause("sign"))
    size = abs(law.number)
    _overall(out, law, size, bool(piece.weighed_by), scene)


def _called(piece: Piece) -> str:
    return {"kl": "the KL", "reconstruction": "the reconstruction"}.get(piece.quantity.kind, "it")


def _overall(out: Opinion, law: Law, size: Fraction, weighed: bool, scene: Scene) -> None:
    """What is said of one positive factor of the whole."""
    if law.power("latent") < 0 and not scene.mean:
        out.effects.append(
            Cause("mean-over-latent", "it is averaged over the latent dimensions: 1/d of the KL")
        )
    if law.power("data") < 0:
        out.effects.append(
            Cause(
                "divided-by-data-dimension", "it is divided by the number of data dimensions: 1/D of the KL"
            )
        )
    for name, p in law.powers:
        if name not in SIZE_WORDS:
            out.notes.append(f"it is {'divided' if p < 0 else 'multiplied'} by `{name}`")
    if any(p.quantity.id.startswith("kl-symmetric") for p in out.pieces) and size == Fraction(1, 2):
        out.subject = out.subject.replace("both directions added", "the mean of both directions")
    elif size in (2, 4, Fraction(1, 2), Fraction(1, 4)) and not weighed:
        words = {2: "the one-half is missing", Fraction(1, 2): "there is one one-half too many"}.get(
            size, f"it is {size} times the KL"
        )
        out.causes.append(
            Cause("factor", f"it is {size} times the KL: {words}" if size in (2, Fraction(1, 2)) else words)
        )
    elif size != 1:
        whole = 1 / size
        if whole.denominator == 1 and whole >= 8:
            pixels = _pixels(int(whole))
            if pixels:
                out.effects.append(
                    Cause(
                        "divided-by-data-dimension",
                        f"it is divided by {whole}, in which {pixels} looks like a number of pixels",
                    )
                )
            else:
                out.notes.append(f"a division by {whole} is written in: a batch size?")
        else:
            out.effects.append(Cause("factor", f"it is {_decimal(size)} times the KL"))


def _pixels(n: int) -> int:
    return next((p for p in (784, 3072, 1024, 4096, 12288, 49152, 16384) if n % p == 0), 0)


def _decimal(x: Fraction) -> str:
    return str(x) if x.denominator < 1000 else f"{float(x):.6g}"


def _balance(out: Opinion, kl: tuple[Piece, Law], recon: tuple[Piece, Law], scene: Scene) -> None:
    """The weight of the KL beside the reconstruction, and the sign of both."""
    minus = [negative(p) for p, _ in (kl, recon)]
    if minus[0] != minus[1]:
        which = "the KL" if minus[0] else "the reconstruction"
        out.causes.append(Cause("sign-of-term", f"the sign of {which} is wrong"))
    elif minus[0]:
        out.subject = out.subject.replace("the negative ELBO", "the ELBO")
    ratio = kl[1].over(recon[1])
    off = {s: p for s, p in ratio.powers if s in ("data", "latent", "side")}
    if off:
        shown = Law(Fraction(1), tuple(off.items())).text(SIZE_WORDS)
        code = "divided-by-data-dimension" if "data" in off else "mean-over-latent"
        out.effects.append(
            Cause(code, f"the KL weighs {shown} times what the ELBO says, beside the reconstruction")
        )
    if ratio.power("batch"):
        out.effects.append(
            Cause(
                "factor-of-term",
                "the KL is averaged over the batch and the reconstruction is not, or the other way round",
            )
        )
    size = abs(ratio.number)
    weighed = bool(kl[0].weighed_by or recon[0].weighed_by)
    if recon[0].quantity.free:
        if size != 1 and not weighed:
            out.notes.append(f"with a decoder of variance {_decimal(size)}")
    elif size == 2 and not weighed:
        out.causes.append(Cause("factor-of-term", "the KL counts twice: its one-half is missing"))
    elif size != 1:
        out.notes.append(f"the KL is weighed by {_decimal(size)}")


def _reduction(block: Block, law: Law) -> str:
    if len(block.kept) == len(block.shape):
        return "none: one number per element"
    over = {0: "summed", -1: "averaged"}
    latent = over.get(law.power("latent") + law.power("data"), "summed")
    if block.kept == (0,):
        return f"{latent} over the latent dimensions, one number per sample"
    batch = over.get(law.power("batch"), "summed")
    if block.kept and 0 not in block.kept:
        return f"{batch} over the batch, one number per latent dimension"
    if block.kept:
        return f"{latent}, one number for each index of axes {list(block.kept)}"
    return f"{latent} over the latent dimensions, {batch} over the batch"


def _constant(out: Opinion, finding: Finding) -> None:
    residue = residue_of(finding.reading, out.pieces)
    if small(residue) or not out.pieces:
        return
    free = [p for p in out.pieces if p.quantity.free]
    rest = plus(residue, *(constant_of(p) for p in free))
    if small(rest):
        return
    kl = [p for p in out.pieces if p.quantity.kind in ("kl", "other")]
    if not kl:
        return
    own = plus(*(constant_of(p) for p in kl))
    absent = any(small(plus(r, own)) for r in (residue, rest))
    if free and not absent:
        out.notes.append(f"with a constant of {value_of(rest):.6g}, which a decoder of fixed width may have")
        return
    if _only_density(out):
        return
    causes = [Cause("constant")]
    if absent:
        causes.append(Cause("missing-term", "the constant is missing"))
    out.causes += causes
    if len(out.causes) == len(causes):
        out.notes.append("gradients are those of the KL: training is not affected")


def _only_density(out: Opinion) -> bool:
    return all(p.quantity.kind == "density" for p in out.pieces)


def _lead(block: Block, law: Law) -> str:
    if len(block.kept) == len(block.shape):
        return ""
    names = {0: "sum", -1: "mean"}
    inner = names.get(law.power("latent") + law.power("data"), "sum")
    if block.kept:
        return inner
    outer = names.get(law.power("batch"), "sum")
    return inner if inner == outer else f"{outer} over batch of {inner}"


def _block_law(finding: Finding, scene: Scene, block: Block) -> Law:
    """What all coefficients of a block follow."""
    if not scene.others:
        return Law(Fraction(1))
    laws = []
    for other, at in zip(scene.others, scene.sizes[1:], strict=False):
        for twin in other.reading.blocks:
            if (
                len(twin.shape) == len(block.shape)
                and twin.formula.keys() == block.formula.keys()
                and twin.kept == block.kept
            ):
                laws.append(
                    law_of(
                        [1 / next(iter(block.formula.values())) * 1, 1 / next(iter(twin.formula.values()))],
                        [_inverse(scene.sizes[0]), _inverse(at)],
                    )
                )
    if not laws:
        return Law(Fraction(1))
    return Law(Fraction(1), tuple((s, p) for s, p in laws[0].powers if s in SIZE_WORDS))


def _inverse(at: Mapping[str, int]) -> Mapping[str, int]:
    return at


def _scaled_by(law: Law, at: Mapping[str, int]) -> Fraction:
    out = Fraction(1)
    for s, p in law.powers:
        out *= Fraction(at[s]) ** p
    return out


def _formula_text(finding: Finding, scene: Scene) -> str:
    """The formula that was read, reduced as it is."""
    parts = []
    rest = finding.reading.constant
    for block in sorted(finding.reading.blocks, key=lambda b: not _is_data(b, finding)):
        law = _inverted(_block_law(finding, scene, block))
        formula = times(block.formula, constant(1 / _scaled_by(law, scene.sizes[0])))
        share = times(rest, constant(Fraction(1, block.count) / _scaled_by(law, scene.sizes[0])))
        if not _is_data(block, finding) and rest and _simple(share):
            formula, rest = plus(formula, share), {}
        parts.append(text(formula, lead=_lead(block, law)))
    if finding.reading.mixed:
        shown = text(finding.reading.mixed)
        parts.append(shown if len(shown) < 200 else shown[:197] + "...")
    if rest:
        parts.append(text(rest))
    return " + ".join(parts).replace("+ -", "- ")


def _inverted(law: Law) -> Law:
    return Law(law.number, tuple((s, -p) for s, p in law.powers))


def _simple(p: Poly) -> bool:
    return all(c.denominator in (1, 2, 4, 8) for c in p.values())


def _is_data(block: Block, finding: Finding) -> bool:
    return any(p.block is block and p.quantity.kind == "reconstruction" for p in finding.pieces) and not any(
        p.block is block and p.quantity.kind == "kl" for p in finding.pieces
    )


def _expected_text(out: Opinion, scene: Scene) -> str:
    """The formula as it should be, in the same letters and with the same reduction."""
    parts: list[tuple[bool, str]] = []
    by_block: dict[int, list[Piece]] = {}
    for piece in out.pieces:
        by_block.setdefault(id(piece.block), []).append(piece)
    free = any(p.quantity.free for p in out.pieces)
    for pieces in by_block.values():
        block = pieces[0].block
        whole: Poly = {}
        law = Law(Fraction(1))
        for piece in pieces:
            law = _inverted(_block_law(out.finding, scene, block)).without("latent", "data", "side")
            whole = plus(whole, _should_be(piece, scene, free))
        parts.append((_is_data(block, out.finding), text(whole, lead=_lead(block, law))))
    parts.sort(key=lambda p: not p[0])
    return " + ".join(t for _, t in parts).replace("+ -", "- ")


def _should_be(piece: Piece, scene: Scene, free: bool) -> Poly:
    candidate = piece.match.candidate
    quantity = piece.quantity
    if quantity.id == "kl-standard-reversed":
        from vaemath.check.judge.quantities import QUANTITIES

        quantity = QUANTITIES[0]
    formula = quantity.formula()
    letters: dict[Term, Term] = {}
    roles = dict(candidate.roles)
    if candidate.reversed and "loc_q" in roles:
        for r in ("loc", "scale"):
            if f"{r}_q" in roles and r in roles:
                roles[r], roles[f"{r}_q"] = roles[f"{r}_q"], roles[r]
    for role, param in roles.items():
        if role == "logits":
            return {
                m: c
                for m, c in piece.block.formula.items()
                if any(a.free & {generic(param), generic(roles["x"])} for a, _ in m)
            }
        if role in candidate.used or role in ("scale", "scale_q", "scale_x"):
            used = candidate.used.get(role, "std")
            said = scene.readings[param].conventions
            clash = [c for c in candidate.contradicted if said and c[0] == said[0]]
            convention = scene.witness.get(param) or (said[0] if clash else used)
            letters[_variable(role)] = TO_SCALE[convention](
                generic(param, convention in ("std", "var", "precision"))
            )
        else:
            letters[_variable(role)] = generic(param)
    out = normal(substitute(formula, letters))
    if quantity.free:
        out = {m: c for m, c in out.items() if any(a.free for a, _ in m)}
        return (
            times(out, piece.weight) if not negative(piece) else times(out, times(constant(-1), piece.weight))
        )
    weights: Poly = {m: Fraction(1) for m in piece.weight} if piece.weighed_by else {(): Fraction(1)}
    return times(out, weights)


def _smallest(out: Opinion, scene: Scene) -> Counterexample | None:
    """The simplest element at which the formula of a KL is not what it should be."""
    pieces = [p for p in out.pieces if p.quantity.kind == "kl"]
    if not pieces or not out.causes:
        return None
    piece = pieces[0]
    finding, block = out.finding, piece.block
    mine = {generic(p) for p in piece.match.candidate.params}
    law = _inverted(_block_law(finding, scene, block))
    at = scene.sizes[0]
    share = {m: c for m, c in block.formula.items() if any(a.free & mine for a, _ in m)}
    if finding.noise or any(a.free - mine for m in share for a, _ in m):
        return None
    constant_share = times(finding.reading.constant, constant(Fraction(1, block.count)))
    got = to_term(
        times(plus(share, constant_share if _alone(out) else {}), constant(1 / _scaled_by(law, at)))
    )
    want = to_term(_should_be(piece, scene, False))
    if not _alone(out):
        own = constant_of(Piece(block, piece.match))
        got = to_term(plus(normal(got), times(own, constant(Fraction(1, block.count) / _scaled_by(law, at)))))
    params = list(piece.match.candidate.params)
    values = []
    for role, param in piece.match.candidate.roles.items():
        positive = role.startswith("scale") and not set(scene.readings[param].conventions[:1]) & {
            "logvar",
            "logstd",
            "softplus",
        }
        positive = (positive and piece.match.candidate.used.get(role) in ("std", "var", "precision")) or (
            role.startswith("scale") and piece.match.candidate.used.get(role) in ("std", "var", "precision")
        )
        values.append((1.0, 2.0, 0.5, 3.0) if positive else (0.0, 1.0, -1.0, 2.0))
    grid = sorted(itertools.product(*values), key=lambda v: sum(abs(x) for x in v))
    for point in grid:
        where = dict(zip(params, point, strict=True))
        a, b = (float(evaluate(t, where)) for t in (want, got))
        if a == a and b == b and abs(a) < 1e6 and abs(b) < 1e6 and abs(a - b) > 1e-9 * max(1.0, abs(a)):
            return Counterexample(where, a, b, "" if _alone(out) else "the KL")
    return None


def _alone(out: Opinion) -> bool:
    return len(out.pieces) == 1
