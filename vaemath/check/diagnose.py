"""`check`: load a function in a process of its own, recognise what it computes, and say what is
right or wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from vaemath.check.calling.process import Broken, Process
from vaemath.check.calling.target import parse_target
from vaemath.check.expected.attempt import Attempt, attempt
from vaemath.check.reading.options import Options
from vaemath.check.reading.plan import Parameter, Plan
from vaemath.check.reading.plans import plans_for
from vaemath.check.recognition.recognise import recognise
from vaemath.check.recognition.recognised import Recognised
from vaemath.check.report.verdict import Verdict
from vaemath.check.right import right
from vaemath.check.sampling import random_functions
from vaemath.check.wrong import never_worked, wrong
from vaemath.errors import VaemathError

__all__ = ["check", "check_many"]


def check(
    target: str,
    *,
    against: str | None = None,
    takes: str | None = None,
    reduction: str | None = None,
    seed: int = 0,
    time_limit: float = 60.0,
) -> Verdict:
    """Diagnose ``package.module:function`` or ``path/to/file.py:function``.

    `against` is the theorem that it should obey, `takes` what its parameters are ("mu,logvar");
    without them both are worked out. `reduction="mean"` declares that averaging over all elements
    is meant. Raises `VaemathError` for a target or options that make no sense; everything that the
    function does wrong is in the verdict.
    """
    if reduction not in (None, "mean", "sum", "none"):
        raise VaemathError(f"reduction: got {reduction!r}; expected mean, sum or none")
    if seed < 0:
        raise VaemathError(f"seed: got {seed}; expected 0 or more")
    if not time_limit > 0:
        raise VaemathError(f"time_limit: got {time_limit:g} s; expected more than 0")
    options = Options(target, parse_target(target), against, takes, reduction, seed)
    try:
        with Process(options.where, time_limit=time_limit) as process:
            return _loaded(process, options)
    except Broken as broken:
        return Verdict(target, "undecided", missing=str(broken))


def check_many(cases: Iterable[tuple[str, int, str | None]], *, brief: bool = True) -> Iterator[Verdict]:
    """The verdicts on several (target, seed, declared reduction), one process for all; `brief`
    leaves out edges and changes.
    """
    process: Process | None = None
    try:
        for target, seed, reduction in cases:
            options = Options(target, parse_target(target), None, None, reduction, seed, brief)
            try:
                if process is None:
                    process = Process(options.where, time_limit=1e6).__enter__()
                else:
                    process.switch(options.where)
                verdict = _loaded(process, options)
            except Broken as broken:
                verdict = Verdict(target, "undecided", missing=str(broken))
                if process is not None and not process.alive:
                    process.__exit__(None, None, None)
                    process = None
            yield verdict
    finally:
        if process is not None:
            process.__exit__(None, None, None)


def _loaded(process: Process, options: Options) -> Verdict:
    parameters = [Parameter(**p) for p in process.description["parameters"]]
    plans = plans_for(parameters, against=options.against, takes=options.takes)
    return _examine(process, plans, options) if plans else _unreadable(options, parameters)


def _unreadable(options: Options, parameters: list[Parameter]) -> Verdict:
    names = ", ".join(p.name for p in parameters if p.default is None)
    if not names:
        return Verdict(options.target, "undecided", missing="parameters: it has none without a default")
    fit = f" as {options.against} takes them" if options.against else ""
    missing = (
        f"what the parameters ({names}) are{fit}: say it with --takes, one word for each, such as mu,logvar "
        "(a mean, a log-variance) or x,recon,mu,logvar"
    )
    return Verdict(options.target, "undecided", missing=missing)


def _examine(process: Process, plans: list[Plan], options: Options) -> Verdict:
    attempts: list[Attempt] = []
    found: list[Recognised] = []
    for plan in plans:
        a = attempt(process, plan, options.seed)
        attempts.append(a)
        if a.main is None or a.failure is not None:
            continue
        nature = random_functions.nature(a)
        if (
            nature.kind != "deterministic"
            or plan.family == "reparameterization"
            or {"z", "eps"} & set(plan.roles)
            or random_functions.is_frozen_sample(a, options)
        ):
            return random_functions.examine(a, options, nature)
        rng = np.random.default_rng(options.seed)
        matches = recognise(a, rng, declared_mean=options.mean, name=options.function)
        found += matches
        if matches and not matches[0].explanation.causes:
            return _steady(a, right(matches[0], options), options)
    working = [a for a in attempts if a.main is not None and a.failure is None]
    if not working:
        return never_worked(attempts, options)
    best = min(found, key=lambda r: r.explanation.cost) if found else None
    return _steady(working[0], wrong(best, working, options), options)


def _steady(a: Attempt, verdict: Verdict, options: Options) -> Verdict:
    """The verdict, unless the function by now gives something else for its first input."""
    if a.main is None or not a.caller.process.alive:
        return verdict
    now = a.caller.one(a.main.points[0]).value
    if now is None or random_functions.same(np.ravel(now), a.main.y[: now.size]):
        return verdict
    missing = "a result that is the same for the same input: it changed between two calls; it keeps state"
    return Verdict(options.target, "undecided", missing=missing)
