"""`check`: run a function on symbols, say what it is, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from vaemath.check.calling.process import Broken, Process
from vaemath.check.calling.target import Target, parse_target
from vaemath.check.core import ProofError
from vaemath.check.judge import covariance, gradients, ranges
from vaemath.check.judge.conventions import WORDS
from vaemath.check.judge.decide import Opinion, Scene, decide
from vaemath.check.judge.lifting import Lifted, read_reply
from vaemath.check.judge.match import readings_of
from vaemath.check.judge.part import Finding, find
from vaemath.check.judge.quantities import QUANTITIES
from vaemath.check.judge.sample import is_sample, sample_opinion
from vaemath.check.reading.names import Reading
from vaemath.check.report.verdict import Verdict
from vaemath.errors import VaemathError
from vaemath.testing.conventions import parse_takes

__all__ = ["Options", "check", "check_many"]

SIZES = ({"batch": 3, "latent": 5, "data": 7, "side": 2}, {"batch": 4, "latent": 11, "data": 13, "side": 3})
AGAINST = {
    "kl-normal-standard": "kl-standard",
    "kl-normal-diag-standard": "kl-standard",
    "kl-normal": "kl-pair",
    "kl-normal-diag": "kl-pair",
    "kl-mvn": "kl-mvn",
    "kl-mvn-standard": "kl-mvn-standard",
    "loss-gaussian": "gaussian",
    "loss-bernoulli": "bernoulli",
    "reparameterization": "sample",
}


@dataclass
class Options:
    """What was asked for."""

    target: str
    where: Target
    against: str | None = None
    takes: tuple[str, ...] = ()
    mean: bool = False
    seed: int = 0
    pick: str | None = None
    brief: bool = False
    words: dict[str, str] = field(default_factory=dict)  # parameter -> what was said of it


def check(
    target: str | Callable[..., Any],
    *,
    against: str | None = None,
    takes: str | None = None,
    reduction: str | None = None,
    call: str | None = None,
    make: str | None = None,
    pick: str | None = None,
    seed: int = 0,
    time_limit: float = 60.0,
) -> Verdict:
    """Say what a function computes: ``package.module:function``, ``path/to/file.py:function``, or itself.

    `against` is the theorem that it should obey, `takes` what its parameters are ("mu,logvar"), `call`
    an expression that calls it ("f(None, (mu, logvar), n=1)"), `make` one that makes the object of a
    method ("VAE(config)"), `pick` one part of its result; without them all is worked out.
    `reduction="mean"` declares that averaging over all elements is meant. Raises `VaemathError` for a
    target or options that make no sense; everything that the function does wrong is in the verdict.
    """
    if reduction not in (None, "mean", "sum", "none"):
        raise VaemathError(f"reduction: got {reduction!r}; expected mean, sum or none")
    if seed < 0:
        raise VaemathError(f"seed: got {seed}; expected 0 or more")
    if not time_limit > 0:
        raise VaemathError(f"time_limit: got {time_limit:g} s; expected more than 0")
    if against is not None and against not in AGAINST:
        raise VaemathError(f"against: got {against!r}; expected one of {', '.join(AGAINST)}")
    words = parse_takes(takes) if takes else ()
    if not isinstance(target, str):
        from vaemath.check.calling.here import Here

        name = getattr(target, "__qualname__", repr(target))
        options = Options(name, Target("", name, False), against, words, reduction == "mean", seed, pick)
        return _examined(Here(target), options)
    where = parse_target(target, call=call is not None)
    options = Options(target, where, against, words, reduction == "mean", seed, pick)
    try:
        with Process(where, time_limit=time_limit, call=call, make=make) as process:
            return _examined(process, options)
    except Broken as broken:
        return Verdict(target, "undecided", missing=str(broken))


def check_many(cases: Iterable[tuple[str, str | None, str | None]]) -> Iterator[Verdict]:
    """The verdicts on several (target, declared reduction, call), in one process."""
    process: Process | None = None
    try:
        for target, reduction, call in cases:
            options = Options(
                target, parse_target(target, call=call is not None), mean=reduction == "mean", brief=True
            )
            try:
                if process is None:
                    process = Process(options.where, time_limit=1e6, call=call).__enter__()
                else:
                    process.call = call
                    process.switch(options.where)
                verdict = _examined(process, options)
            except Broken as broken:
                verdict = Verdict(target, "undecided", missing=str(broken))
                if process is not None and not process.alive:
                    process.__exit__(None, None, None)
                    process = None
            yield verdict
    finally:
        if process is not None:
            process.__exit__(None, None, None)


def _examined(process: Any, options: Options) -> Verdict:
    described = process.description
    named = list(described["parameters"])
    if options.takes and len(options.takes) > 0:
        required = [n for n in named if n not in described["defaults"]]
        star = described["variadic"]
        if star:
            named = required = [f"{star}[{k}]" for k in range(len(options.takes))]
        if len(options.takes) not in (len(required), len(named)):
            raise VaemathError(
                f"takes: got {len(options.takes)} words; the function has {len(required)} parameters without "
                f"a default: {', '.join(required)}"
            )
        chosen = required if len(options.takes) == len(required) else named
        options.words = dict(zip(chosen, options.takes, strict=False))
    libraries = ["torch"] if described["torch"] else ["numpy"]
    if described["neutral"]:
        libraries = ["numpy", "torch"] if not described["torch"] else ["torch", "numpy"]
    reply: dict[str, Any] = {}
    first: dict[str, Any] = {}
    for library in libraries:
        reply = process.run(
            sizes=SIZES[0],
            library=library,
            gradients=library == "torch",
            seed=options.seed,
            fixed=_fixed(options),
        )
        if "rows" in reply:
            break
        first = first or reply
    if "rows" not in reply:
        reply = first
        from vaemath.check import fallback

        return fallback.examine(process, reply, options, libraries[-1])
    reply["name"] = described["name"]
    return _judged(process, reply, options, library)


def _fixed(options: Options) -> dict[str, str]:
    kinds = {"x": "data", "recon": "data", "logits": "data", "probs": "data"}
    kinds |= {"covariance": "matrix", "precision_matrix": "matrix", "scale_tril": "tril"}
    return {n: kinds.get(w, "latent") for n, w in options.words.items()}


@dataclass
class Run:
    """Everything about the runs of one function."""

    process: Any
    options: Options
    library: str
    lifted: Lifted
    again: Lifted | None
    readings: Mapping[str, Reading]
    scene: Scene

    def other(self, *, sizes: dict[str, int] | None = None, **request: Any) -> Lifted | None:
        """The same call elsewhere; None if it fails there."""
        reply = self.lifted.reply
        answer = self.process.run(
            **{
                "sizes": sizes or reply["sizes"],
                "library": self.library,
                "kinds": reply["kinds"],
                "seed": self.options.seed,
                **request,
            }
        )
        return read_reply(answer) if "rows" in answer else None


def _judged(process: Any, reply: dict[str, Any], options: Options, library: str) -> Verdict:
    lifted = read_reply(reply)
    readings = readings_of(list(lifted.shapes), options.words)
    told = options.where.name.split(".")[-1].lower() if not reply.get("name") else str(reply["name"]).lower()
    sizes = _sizes(reply, SIZES[0])
    scene = Scene(told, readings, [sizes], [], options.mean)
    run = Run(process, options, library, lifted, None, readings, scene)
    second = {**reply["sizes"], **_second(reply["sizes"])}
    run.again = run.other(sizes=second) if lifted.shapes else None
    if run.again is not None:
        scene.sizes.append(_sizes(run.again.reply, second))
    scene.witness = _witness(run)
    verdict = Verdict(options.target, "undecided", proved=True)
    parts = {n: p for n, p in lifted.parts.items() if p.values.size}
    if options.pick is not None:
        if options.pick not in parts:
            raise VaemathError(f"pick: got {options.pick!r}; expected one of {', '.join(parts)}")
        parts = {options.pick: parts[options.pick]}
    opinions = []
    for name, part in parts.items():
        opinions.append(_opinion(run, name, part))
    return _together(run, verdict, opinions)


def _sizes(reply: Mapping[str, Any], asked: Mapping[str, int]) -> dict[str, int]:
    kinds = {g["kind"] for g in reply["given"]}
    used = [
        "batch",
        "latent",
        *(["data"] if "data" in kinds else []),
        *(["side"] if reply["sizes"].get("extra") else []),
    ]
    out = {k: int(reply["sizes"].get(k, asked[k])) for k in used}
    return out | {n: int(v) for n, v in reply.get("counts", {}).items()}


def _second(first: Mapping[str, int]) -> dict[str, int]:
    out = dict(SIZES[1]) | {"shift": 20}
    if first["data"] == first["latent"]:
        out["data"] = out["latent"]
    elif first["data"] != SIZES[0]["data"]:
        out |= {"data": first["data"], "batch": 3}
    if first["latent"] == 2:
        out["latent"] = 2
    return out


def _opinion(run: Run, name: str, part: Any, *, whole: bool = False) -> Opinion:
    scene = run.scene
    chosen = QUANTITIES
    try:
        finding = find(part, run.lifted, run.readings, chosen)
        scene.others = []
        if run.again is not None and name in run.again.parts:
            scene.others = [find(run.again.parts[name], run.again, run.readings, chosen)]
    except ProofError as error:
        from vaemath.check.judge.decompose import Reading as Empty

        return Opinion(Finding(part, Empty(part.shape)), notes=[f"its formula is too large: {error}"])
    if not finding.known and not whole and any(kind == "abs" for kind, _ in run.lifted.conditions):
        other = run.other(whole_abs=True, point=1, gradients=run.library == "torch")
        again = run.again and run.other(sizes=run.again.reply["sizes"], whole_abs=True)
        if other is not None and name in other.parts:
            other.reply |= {"name": run.scene.name, "whole": True}
            if again:
                again.reply["whole"] = True
            return _opinion(replace(run, lifted=other, again=again), name, other.parts[name], whole=True)
    matrices = [n for n, k in run.lifted.kinds.items() if k in ("matrix", "tril")]
    if matrices:
        return covariance.opinion(run, finding)
    if is_sample(finding, scene):
        flows = part.flows if run.library == "torch" else None
        return sample_opinion(finding, scene, run.lifted.draws, bool(run.lifted.reply.get("seeded")), flows)
    opinion = decide(finding, scene)
    if opinion.status in ("correct", "scaled"):
        ranges.check(run, opinion)
        gradients.check(run, opinion)
    elif opinion.status == "undecided":
        ranges.free_bits(run, opinion)
    return opinion


def _witness(run: Run) -> dict[str, str]:
    """By which conventions the file samples: its own reparameterisation, run on symbols like the rest."""
    where = run.options.where
    spreads = {n for n, r in run.readings.items() if r.role == "spread"}
    if (
        not spreads
        or run.options.takes
        or not where.is_file
        or "." in run.process.description.get("call", "")
    ):
        return {}
    out: dict[str, str] = {}
    for name in _samplers(where.place, spreads, where.name)[:2]:
        try:
            run.process.switch(Target(where.place, name, True))
            reply = run.process.run(sizes=SIZES[0], library=run.library, gradients=False, seed=1)
            if "rows" not in reply:
                continue
            lifted = read_reply({**reply, "name": name})
            readings = readings_of(list(lifted.shapes))
            scene = Scene(name.lower(), readings, [SIZES[0]], [])
            for part in lifted.parts.values():
                finding = find(part, lifted, readings)
                if is_sample(finding, scene):
                    said = sample_opinion(finding, scene, lifted.draws, False, None)
                    out |= {n: c for n, c in said.spreads.items() if n in spreads}
        except (Broken, ProofError):
            continue
        finally:
            if run.process.alive:
                run.process.switch(where)
    return out


def _samplers(place: str, spreads: set[str], own: str) -> list[str]:
    """Functions of a file that look like reparameterisations of these parameters."""
    import ast

    try:
        with open(place, encoding="utf-8") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return []
    found = []
    for node in tree.body:
        inside = [(f"{node.name}.", f) for f in node.body] if isinstance(node, ast.ClassDef) else [("", node)]
        for prefix, f in inside:
            if not isinstance(f, ast.FunctionDef) or not any(w in f.name.lower() for w in ("repar", "sampl")):
                continue
            if {a.arg for a in f.args.args} & spreads and prefix + f.name != own:
                found.append(prefix + f.name)
    return found


def _passed(run: Run, opinion: Opinion) -> bool:
    """Whether a part is an argument that is handed back."""
    finding = opinion.finding
    if finding.pieces or len(finding.reading.blocks) != 1:
        return False
    formula = finding.reading.blocks[0].formula
    return len(formula) == 1 and all(
        len(m) == 1 and m[0][0].head == "sym" and c == 1 for m, c in formula.items()
    )


def _together(run: Run, verdict: Verdict, opinions: list[Opinion]) -> Verdict:
    """One verdict for all parts: wrong if one is, else that of the part that says most."""
    rank = {"wrong": 0, "correct": 1, "scaled": 1, "undecided": 3}
    said = [o for o in opinions if not _passed(run, o)] or opinions
    if any(o.status in ("correct", "scaled") and len(o.pieces) > 1 for o in said):
        for o in said:  # beside the loss itself: a number that is reported
            if o.status == "wrong" and set(o.codes()) <= {"sign", "factor", "gradient"}:
                o.status, o.subject = "correct", f"{o.subject} ({', '.join(c.words() for c in o.causes)})"
                o.causes = []
    said.sort(
        key=lambda o: (
            rank[o.status],
            o.status == "correct" and o.subject.startswith("the reconstruction"),
            -len(o.pieces),
        )
    )
    if not said:
        verdict.missing = "a result that depends on its arguments"
        return verdict
    main = said[0]
    verdict.status = main.status  # type: ignore[assignment]
    verdict.subject, verdict.theorem = main.subject, run.options.against or main.theorem
    verdict.causes = [*main.causes, *main.effects]
    verdict.computes, verdict.expected = main.computes, main.expected
    verdict.reduction, verdict.counterexample = main.reduction, main.counterexample
    verdict.estimator = main.estimator
    verdict.notes += main.notes
    verdict.notes += [n for n in run.lifted.reply["notes"] if n not in verdict.notes]
    drawn = run.lifted.reply["drawn"]
    if drawn and not run.lifted.draws:
        verdict.notes.append(f"it draws from the global generator of {', '.join(drawn)}")
    for piece in main.pieces:
        for role, param in piece.match.candidate.roles.items():
            verdict.conventions[param] = _role_words(role, piece.match.candidate.used)
    if len(opinions) > 1:
        name = main.finding.part.name
        verdict.part = name
        for o in said[1:]:
            if o.subject:
                verdict.notes.append(
                    f"`{o.finding.part.name}` is {o.subject}"
                    + (" (its factor is said with --pick)" if o.effects else "")
                )
    if verdict.status == "undecided":
        verdict.missing = _missing(run, main)
    elif main.finding.reading.epsilons:
        sizes = ", ".join(f"{e:g}" for e in main.finding.reading.epsilons)
        verdict.notes.append(f"read with the guard {sizes} at zero: it differs by about that much")
    if verdict.status in ("correct", "scaled"):
        verdict.evidence.insert(0, _proof(run, main))
        verdict.evidence += main.finding.part.__dict__.get("evidence", [])
    pair = next((p for p in main.pieces if {"loc", "loc_q"} <= set(p.match.candidate.roles)), None)
    if pair is not None and verdict.status != "wrong":
        roles = pair.match.candidate.roles
        verdict.direction = (
            f"KL(p || q), p being the distribution of `{roles['loc']}`, q that of `{roles['loc_q']}`"
        )
    return verdict


def _proof(run: Run, main: Opinion) -> str:
    shapes = ", ".join(f"`{n}` {list(s)}" for n, s in run.lifted.shapes.items() if s)
    theorem = (
        f"the theorem {main.theorem}"
        if main.theorem and main.theorem != "reparameterization"
        else "the definition"
    )
    mean = ", in the mean over its noise" if main.estimator else ""
    measured = main.finding.part.__dict__.get("measured")
    if measured:
        return f"measured, not proved: {measured} (a wrong function that agrees there would pass)"
    return f"proved for all inputs at these shapes: run on symbols, it is equal to {theorem}{mean} ({shapes})"


def _missing(run: Run, main: Opinion) -> str:
    reading = main.finding.reading
    if reading.trouble:
        return f"a formula that is known: {reading.trouble}"
    if not main.computes or main.computes == "0":
        return "a result that depends on its arguments"
    return "a formula that is known; what it computes was read exactly"


def _role_words(role: str, used: Mapping[str, str]) -> str:
    words = {
        "loc": "the mean",
        "loc_q": "the mean of the second distribution",
        "x": "the data",
        "mean": "the mean of the decoder",
        "logits": "the logits of the decoder",
        "probs": "the probabilities of the decoder",
        "z": "the point",
        "probs_q": "the probabilities of the second distribution",
        "rate": "the logarithm of the rate of the decoder",
    }
    if role in used:
        return WORDS[used[role]] + (" of the second distribution" if role.endswith("_q") else "")
    return words.get(role, role)
