"""The frame of every torch kernel: check, broadcast, run in blocks, differentiate."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

KERNEL = "kernel"
EVENTS: dict[str, str] = {}
BLOCK = 32768


def _program(*inputs: Any) -> tuple[Tensor, tuple[Tensor, ...]]:
    raise NotImplementedError


def _validate(*inputs: Tensor) -> None:
    raise NotImplementedError


def _arguments(*values: Any) -> list[Tensor]:
    """The arguments in one dtype and with one common batch shape.

    EVENTS gives the event axes of each argument by letter: axes of one letter have one length.
    """
    tensors = [v if isinstance(v, Tensor) else torch.as_tensor(v) for v in values]
    sizes: dict[str, int] = {}
    batches: list[torch.Size] = []
    kind = tensors[0].dtype
    for (name, event), tensor in zip(EVENTS.items(), tensors, strict=True):
        if tensor.is_complex() or tensor.dtype == torch.bool:
            raise TypeError(f"{KERNEL}: {name} has dtype {tensor.dtype}; expected real numbers")
        kind = torch.promote_types(kind, tensor.dtype)
        shape = tuple(tensor.shape)
        form = f"(..., {', '.join(event)})"
        if len(shape) < len(event):
            raise ValueError(f"{KERNEL}: {name} has shape {shape}; expected {form}")
        for letter, length in zip(event, shape[len(shape) - len(event) :], strict=True):
            if sizes.setdefault(letter, length) != length:
                raise ValueError(
                    f"{KERNEL}: {name} has shape {shape}; "
                    f"expected {form} with {letter} = {sizes[letter]}"
                )
        batches.append(tensor.shape[: len(shape) - len(event)])
    if any(b != batches[0] for b in batches):
        try:
            batch = torch.broadcast_shapes(*batches)
        except RuntimeError:
            shapes = ", ".join(
                f"{n} {tuple(t.shape)}" for n, t in zip(EVENTS, tensors, strict=True)
            )
            raise ValueError(f"{KERNEL}: the batch shapes do not broadcast: {shapes}") from None
        tensors = [
            t.expand(batch + t.shape[t.dim() - len(e) :])
            for t, e in zip(tensors, EVENTS.values(), strict=True)
        ]
    if not kind.is_floating_point:
        kind = torch.get_default_dtype()
    return [t if t.dtype == kind else t.to(kind) for t in tensors]


def _require(name: str, ok: Tensor, values: Tensor, expected: str) -> None:
    """Raise for the first entry that is not ok."""
    if not bool(ok.all()):
        where = tuple((~ok).nonzero()[0].tolist())
        raise ValueError(
            f"{KERNEL}: {name} is {float(values[where]):g} at {where}; expected {expected}"
        )


def _require_positive(name: str, values: Tensor) -> None:
    if values.numel():
        low, high = values.detach().aminmax()
        if not (float(low) > 0.0 and float(high) < float("inf")):
            ok = (values > 0.0) & (values < float("inf"))
            _require(name, ok, values, "a finite number > 0")


def _require_unit(name: str, values: Tensor) -> None:
    if values.numel():
        low, high = values.detach().aminmax()
        if float(low) < 0.0 or float(high) > 1.0 or float(low) != float(low):
            ok = ~((values < 0.0) | (values > 1.0))
            _require(name, ok, values, "a number from 0 to 1")


def _require_factor(name: str, values: Tensor) -> None:
    """A Cholesky factor: lower triangular with a positive diagonal."""
    ok = values.tril() == values
    _require(name, ok | values.isnan(), values, "a lower triangular matrix")
    diagonal = values.diagonal(dim1=-2, dim2=-1)
    positive = (diagonal > 0.0) & (diagonal < float("inf"))
    ok = torch.diag_embed(~positive).logical_not()
    _require(name, ok, values, "a Cholesky factor, positive on its diagonal")


def _require_covariance(name: str, values: Tensor) -> None:
    """A symmetric positive definite matrix."""
    if values.numel():
        size = values.abs().amax(dim=(-2, -1), keepdim=True)
        even = (values - values.mT).abs() <= 1e-5 * size
        _require(name, even, values, "a symmetric matrix")
        failed = torch.linalg.cholesky_ex(values.to(torch.float64)).info != 0
        if bool(failed.any()):
            where = tuple(failed.nonzero()[0].tolist())
            raise ValueError(
                f"{KERNEL}: {name} is not positive definite at batch {where}; "
                f"expected a {values.shape[-1]} x {values.shape[-1]} covariance matrix"
            )


def _evaluate(
    inputs: tuple[Tensor, ...], options: tuple[float, ...], gradients: bool
) -> list[Tensor]:
    """The value and, if asked, the gradients; in cache-sized blocks where the input is large."""
    kind = inputs[0].dtype
    fine = kind == torch.float64
    events = [len(e) for e in EVENTS.values()]
    batch = inputs[0].shape[: inputs[0].dim() - events[0]]
    rows = batch.numel()
    widest = max(t.numel() for t in inputs) // max(rows, 1)
    step = max(1, BLOCK // max(widest, 1))
    if rows <= step or torch.compiler.is_compiling():
        wide = [t.to(torch.float64) for t in inputs]
        value, slopes = _program(*wide, *options, fine, gradients)
        return [t.to(kind, copy=fine) for t in (value, *slopes)]
    flat = [t.reshape(rows, *t.shape[t.dim() - e :]) for t, e in zip(inputs, events, strict=True)]
    results = [inputs[0].new_empty(rows)]
    if gradients:
        results += [torch.empty_like(t, memory_format=torch.contiguous_format) for t in flat]
    for start in range(0, rows, step):
        part = slice(start, start + step)
        value, slopes = _program(
            *(t[part].to(torch.float64) for t in flat), *options, fine, gradients
        )
        for result, block in zip(results, (value, *slopes), strict=True):
            result[part] = block
    shapes = [batch, *(t.shape for t in inputs)]
    return [r.reshape(s) for r, s in zip(results, shapes, strict=False)]


class _Kernel(torch.autograd.Function):
    """The kernel with its symbolic gradient."""

    @staticmethod
    def forward(gradients: bool, options: tuple[float, ...], *inputs: Tensor) -> Any:
        if not torch.compiler.is_compiling():
            _validate(*inputs)
        return tuple(_evaluate(inputs, options, gradients))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        _, ctx.options, *tensors = inputs
        ctx.set_materialize_grads(False)
        ctx.mark_non_differentiable(*output[1:])
        ctx.save_for_backward(*tensors, *output[1:])

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> Any:
        grad = grads[0]
        saved = ctx.saved_tensors
        inputs, slopes = saved[: len(EVENTS)], saved[len(EVENTS) :]
        if grad is None:
            return None, None, *(None for _ in inputs)
        if torch.is_grad_enabled() or not slopes:
            # for derivatives of the gradient: the same formulas, recorded
            kind = inputs[0].dtype
            wide = [t.to(torch.float64) for t in inputs]
            fine = kind == torch.float64
            slopes = [g.to(kind) for g in _program(*wide, *ctx.options, fine, True)[1]]
        weights = [grad[(..., *[None] * len(event))] for event in EVENTS.values()]
        return None, None, *(w * s for w, s in zip(weights, slopes, strict=True))


def _apply(options: tuple[float, ...], *values: Any) -> Tensor:
    inputs = _arguments(*values)
    gradients = torch.is_grad_enabled() and any(t.requires_grad for t in inputs)
    result: Tensor = _Kernel.apply(gradients, options, *inputs)[0]  # type: ignore[no-untyped-call]
    return result
