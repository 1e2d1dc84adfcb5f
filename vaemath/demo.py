"""The main job in five steps, each of which can fail; what `vaemath demo` runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vaemath import library
from vaemath.errors import FalseError

Say = Callable[[str], None]


def run(out: Path, *, epochs: int, say: Say) -> None:
    """Do all of it; `say` gets a line for each thing done.

    Raises:
        VaemathError: a step fails; the message names what.
    """
    steps = (("derive", _derive), ("verify", _verify), ("generate", _generate), ("test the kernels", _test))
    for k, (name, step) in enumerate(steps, 1):
        say(f"[{k}/5] {name}")
        started = time.perf_counter()
        step(say)
        say(f"      {time.perf_counter() - started:.1f} s")
    say(f"[5/5] train a VAE on the digits with the generated loss, {epochs} epochs")
    _train(out, epochs, say)


def _derive(say: Say) -> None:
    from vaemath.apart.derive import derive_library

    found = derive_library()
    for d in found:
        d.text()  # or the reason why there is no certificate
    lines = sum(len(b["lines"]) for d in found for b in d.proved)
    say(f"      {len(found)} derivations, {lines} lines, every one justified by a rule")


def _verify(say: Say) -> None:
    from vaemath.verify import verify

    reports = list(verify())
    for r in reports:
        for failure in r.failures:
            say(f"      {r.id}: {failure}")
    if not all(r.good for r in reports):
        raise FalseError("verify: the chain is broken; see the lines above")
    say(
        f"      {len(reports)} theorems: {sum(r.audited for r in reports)} steps hold in random models, "
        f"{sum(r.false_goals for r in reports)} false goals refused, "
        f"{sum(r.kernels for r in reports)} kernel outputs proved equal to their theorems"
    )


def _generate(say: Say) -> None:
    if not library.in_checkout():
        say("      the installed kernels are fixed; a checkout can generate them anew")
        return
    from vaemath import regenerate

    changed = regenerate.run(check=False)
    say(f"      {len(changed)} files written" if changed else "      certificates and kernels are up to date")


KL_KERNELS = {
    "kl_normal_standard": "kl-normal-standard",
    "kl_normal": "kl-normal",
    "kl_normal_diag": "kl-normal-diag",
    "kl_mvn": "kl-mvn",
}


def _test(say: Say) -> None:
    import vaemath.kernels.numpy as numpy_kernels
    import vaemath.kernels.torch as torch_kernels
    from vaemath.testing import (
        assert_gradients,
        assert_kl_identities,
        assert_matches_monte_carlo,
        assert_matches_oracle,
    )

    ran = 0
    libraries: tuple[tuple[Any, Any], ...] = ((numpy_kernels, "numpy"), (torch_kernels, "torch"))
    for module, kind in libraries:
        for name, against in KL_KERNELS.items():
            kernel = getattr(module, name)
            assert_matches_oracle(kernel, against=against, library=kind)
            assert_kl_identities(kernel, against=against, library=kind)
            assert_matches_monte_carlo(kernel, against=against, library=kind, false_alarm=1e-9, miss=1e-6)
            both = getattr(numpy_kernels, f"{name}_and_grad")
            slopes = (lambda *a, both=both: both(*a)[1:]) if kind == "numpy" else None
            assert_gradients(kernel, against=against, gradients=slopes)
            ran += 4
    say(f"      {ran} batteries: high precision, identities, Monte Carlo (alpha 1e-9, beta 1e-6), gradients")


def _train(out: Path, epochs: int, say: Say) -> None:
    from vaemath.vae.command import train_command
    from vaemath.vae.data import load
    from vaemath.vae.options import ModelOptions, TrainOptions

    data = load("digits", binarisation="dynamic")
    finished = train_command(data, ModelOptions(), TrainOptions(epochs=epochs), out)
    if finished is None or finished.interrupted:
        raise FalseError(f"train: stopped before the last epoch; the checkpoint is in {out}")
    for name, value in finished.numbers.items():
        if isinstance(value, float):
            say(f"      {name}: {value:.3f}")
    say("pictures:")
    for path in finished.pictures:
        say(f"  {path}")
