"""Our kernels behind `torch.distributions.kl_divergence`, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent, MultivariateNormal, Normal
from torch.distributions import kl as registry

# parameters were checked when the distributions were made, or were not to be: they are not checked again
from vaemath.kernels.torch.kl_mvn import _apply as _kl_mvn
from vaemath.kernels.torch.kl_mvn_covariance import _apply as _kl_mvn_covariance
from vaemath.kernels.torch.kl_normal import _apply as _kl_normal
from vaemath.native.torch import unchecked

Pair = tuple[type[Distribution], type[Distribution]]
Function = Callable[[Any, Any], Tensor]

_kl_normal_in_c = unchecked("kl_normal")


def _normal(p: Normal, q: Normal) -> Tensor:
    given = (p.loc, p.scale, q.loc, q.scale)
    # a graph that is recorded has torch's operations alone, and can be fused, saved and exported
    if torch.compiler.is_compiling() or _traced():
        return _kl_normal((), False, *given)
    with _own_dtype(p.loc):
        return _kl_normal_in_c(*given)


def _multivariate(p: MultivariateNormal, q: MultivariateNormal) -> Tensor:
    if not _traced() and p.event_shape != q.event_shape:
        raise ValueError(
            f"kl_divergence: the events have shapes {tuple(p.event_shape)} and {tuple(q.event_shape)}; "
            "expected one shape"
        )
    with _own_dtype(p.loc):
        # a covariance that was given says more about a near pair than the factors computed from it
        if _from_covariance(p) and _from_covariance(q):
            given = (p.loc, _unexpanded(p.covariance_matrix), q.loc, _unexpanded(q.covariance_matrix))
            return _kl_mvn_covariance((), False, *given)
        factors = [torch.tril(d._unbroadcasted_scale_tril) for d in (p, q)]
        return _kl_mvn((), False, p.loc, factors[0], q.loc, factors[1])


def _traced() -> bool:
    """Whether torch.jit.trace is at work, under which shapes are tensors."""
    return not torch.compiler.is_compiling() and torch._C._get_tracing_state() is not None


def _own_dtype(like: Tensor) -> AbstractContextManager[Any]:
    """Autocast on a CPU leaves torch's own formulas in the dtype of their parameters."""
    if like.device.type == "cpu" and torch.is_autocast_enabled("cpu"):
        return torch.autocast("cpu", enabled=False)
    return nullcontext()


def _from_covariance(d: MultivariateNormal) -> bool:
    """Whether a distribution was made from its covariance, rather than that it was read and cached.

    The constructor sets the parameter that it is given before `loc`. What `expand` made has `loc` first;
    there a covariance that stands beside another parametrisation may be a cached one.
    """
    held = [name for name in d.__dict__ if name in ("loc", *_PARAMETRISATIONS)]
    given = held[0] if held[0] != "loc" else held[1] if len(held) == 2 else ""
    return given == "covariance_matrix"


_PARAMETRISATIONS = ("covariance_matrix", "scale_tril", "precision_matrix")


def _unexpanded(matrix: Tensor) -> Tensor:
    """The matrices that torch expanded to the batch shape, before it did."""
    base = None if _traced() else matrix._base
    if base is None:
        return matrix
    batch = matrix.dim() - 2
    own = [n for n, s in zip(matrix.shape[:batch], matrix.stride()[:batch], strict=True) if s != 0]
    if len(own) == batch or base.dim() < 2:
        return matrix
    same = base.shape[-2:] == matrix.shape[-2:] and base.stride()[-2:] == matrix.stride()[-2:]
    whole = base.storage_offset() == matrix.storage_offset() and base.numel() == _product(own) * _product(
        matrix.shape[batch:]
    )
    return base if same and whole else matrix


def _product(sizes: Any) -> int:
    total = 1
    for n in sizes:
        total *= n
    return total


_OURS: dict[Pair, Function] = {
    (Normal, Normal): _normal,
    (MultivariateNormal, MultivariateNormal): _multivariate,
}


class Registration:
    """What one `register_kl` did; `undo()`, or the end of a `with` block, takes it back.

    Registrations may be undone in any order, and what somebody else registered in between stays.
    """

    _active: list[Registration] = []  # noqa: RUF012

    def __init__(self) -> None:
        self._ours = {pair: _named(function) for pair, function in _OURS.items()}
        self._before: dict[Pair, Function] = {pair: registry._KL_REGISTRY[pair] for pair in _OURS}
        registry._KL_REGISTRY.update(self._ours)
        self._active.append(self)
        _look_up_again()

    def undo(self) -> None:
        """Restore what was registered before; a second call does nothing."""
        if self not in self._active:
            return
        self._active.remove(self)
        for pair, ours in self._ours.items():
            before = self._before[pair]
            if registry._KL_REGISTRY.get(pair) is ours:
                registry._KL_REGISTRY[pair] = before
            for other in self._active:
                if other._before[pair] is ours:
                    other._before[pair] = before
        _look_up_again()

    def __enter__(self) -> Registration:
        return self

    def __exit__(self, *_: object) -> None:
        self.undo()


def _named(function: Function) -> Function:
    """A function of its own for one registration, to be recognised by."""

    def kl(p: Any, q: Any) -> Tensor:
        return function(p, q)

    return kl


def _look_up_again() -> None:
    """Fill torch's table of looked-up pairs anew: `torch.compile` can read it, not make it."""
    known = [*registry._KL_MEMOIZE, *_OURS, (Independent, Independent)]
    registry._KL_MEMOIZE.clear()
    for pair in known:
        registry._KL_MEMOIZE[pair] = registry._dispatch_kl(*pair)  # type: ignore[no-untyped-call]


def register_kl() -> Registration:
    """Let `torch.distributions.kl_divergence` use the generated kernels.

    It then holds for Normal, for Independent(Normal), whose coordinates torch sums, and for
    MultivariateNormal in all three parametrisations; broadcasting and batch shapes are torch's own.
    Normals on a CPU go to C where there is a compiler.

    Returns:
        A handle whose `undo()` restores what was there, in whatever order handles are undone.
    """
    return Registration()
