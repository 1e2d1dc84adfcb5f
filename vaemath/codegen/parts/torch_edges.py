"""The frame of every torch kernel: check, broadcast, run in blocks, differentiate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

KERNEL = "kernel"
EVENTS: dict[str, str] = {}
BLOCK = 32768


def _program(
    inputs: Sequence[Tensor], options: tuple[float, ...], fine: bool, gradients: bool
) -> tuple[Tensor, tuple[Tensor, ...]]:
    raise NotImplementedError


def _validate(inputs: Sequence[Tensor]) -> None:
    raise NotImplementedError


def _arguments(*values: Any) -> list[Tensor]:
    """The arguments in one dtype and with one common batch shape.

    EVENTS gives the event axes of each argument by letter: axes of one letter have one length.
    """
    # a Python number takes the dtype and device of the tensors beside it
    like = next((v for v in values if isinstance(v, Tensor) and v.is_floating_point()), None)
    kinds: dict[str, Any] = {} if like is None else {"dtype": like.dtype, "device": like.device}
    tensors = [v if isinstance(v, Tensor) else torch.as_tensor(v, **kinds) for v in values]
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
                    f"{KERNEL}: {name} has shape {shape}; expected {form} with {letter} = {sizes[letter]}"
                )
        batches.append(tensor.shape[: len(shape) - len(event)])
    if any(b != batches[0] for b in batches):
        try:
            batch = torch.broadcast_shapes(*batches)  # type: ignore[no-untyped-call]
        except RuntimeError:
            shapes = ", ".join(f"{n} {tuple(t.shape)}" for n, t in zip(EVENTS, tensors, strict=True))
            raise ValueError(f"{KERNEL}: the batch shapes do not broadcast: {shapes}") from None
        tensors = [
            t.expand(batch + t.shape[t.dim() - len(e) :])
            for t, e in zip(tensors, EVENTS.values(), strict=True)
        ]
    if not kind.is_floating_point:
        kind = torch.get_default_dtype()
    if torch.is_autocast_enabled(tensors[0].device.type):
        kind = torch.promote_types(kind, torch.float32)  # as for torch's own losses
    return [t if t.dtype == kind else t.to(kind) for t in tensors]


def _require(name: str, ok: Tensor, values: Tensor, expected: str) -> None:
    """Raise for the first entry that is not ok."""
    if not bool(ok.all()):
        where = tuple((~ok).nonzero()[0].tolist())
        raise ValueError(f"{KERNEL}: {name} is {float(values[where]):g} at {where}; expected {expected}")


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


def _wide(inputs: Sequence[Tensor]) -> list[Tensor]:
    return [t.to(torch.float64) for t in inputs]


def _evaluate(
    inputs: Sequence[Tensor], options: tuple[float, ...], gradients: bool
) -> tuple[Tensor | None, ...]:
    """The value and, if asked, the gradients; None for a gradient that is the input itself."""
    kind = inputs[0].dtype
    fine = kind == torch.float64
    events = [len(e) for e in EVENTS.values()]
    batch = inputs[0].shape[: inputs[0].dim() - events[0]]
    rows = batch.numel()
    widest = max(t.numel() for t in inputs) // max(rows, 1)
    step = max(1, BLOCK // max(widest, 1))
    if torch.compiler.is_compiling() or rows <= step:
        wide = _wide(inputs)
        value, slopes = _program(wide, options, fine, gradients)
        kept = [None if s is w else s.to(kind) for s, w in zip(slopes, wide, strict=False)]
        return value.to(kind), *kept
    # in blocks that stay in the cache: float64 intermediates never reach memory
    flat = [t.reshape(rows, *t.shape[t.dim() - e :]) for t, e in zip(inputs, events, strict=True)]
    results: list[Tensor | None] = [inputs[0].new_empty(rows)]
    for start in range(0, rows, step):
        part = slice(start, start + step)
        wide = _wide([t[part] for t in flat])
        value, slopes = _program(wide, options, fine, gradients)
        if start == 0:
            own = [s is w for s, w in zip(slopes, wide, strict=False)]
            results += [None if o else torch.empty_like(t) for o, t in zip(own, flat, strict=False)]
        for result, block in zip(results, (value, *slopes), strict=True):
            if result is not None:
                result[part] = block
    shapes = [batch, *(t.shape for t in inputs)]
    return tuple(None if r is None else r.reshape(s) for r, s in zip(results, shapes, strict=False))


class _Kernel(torch.autograd.Function):
    """The kernel with its symbolic gradient."""

    @staticmethod
    def forward(gradients: bool, options: tuple[float, ...], *inputs: Tensor) -> Any:
        if not torch.compiler.is_compiling():
            _validate(inputs)
        return _evaluate(inputs, options, gradients)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Any, ...]) -> None:
        _, ctx.options, *tensors = inputs
        ctx.set_materialize_grads(False)
        ctx.mark_non_differentiable(*(s for s in output[1:] if s is not None))
        ctx.save_for_backward(*tensors, *output[1:])
        ctx.save_for_forward(*tensors, *output[1:])

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> Any:
        grad = grads[0]
        if grad is None:
            return None, None, *(None for _ in EVENTS)
        return None, None, *(_spread(grad, e) * s for e, s in _slopes(ctx))

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], *arguments: Any) -> Any:
        inputs = [
            t.expand(info.batch_size, *t.shape) if dim is None else t.movedim(dim, 0)
            for t, dim in zip(arguments[2:], in_dims[2:], strict=True)
        ]
        output = _apply_to(inputs, *arguments[:2])
        return output, tuple(None if o is None else 0 for o in output)


class _ForwardMode(_Kernel):
    """The same with directional derivatives, which torch.compile cannot trace yet."""

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Any:
        total: Any = None
        for (event, slope), tangent in zip(_slopes(ctx), tangents[2:], strict=True):
            if tangent is not None:
                axes = tuple(range(-len(event), 0))
                along = (slope * tangent).sum(axes) if event else slope * tangent
                total = along if total is None else total + along
        return total, *(None for _ in range(len(ctx.saved_tensors) - len(EVENTS)))


def _spread(grad: Tensor, event: str) -> Tensor:
    """The gradient by the value, with an axis of length one for each event axis."""
    return grad[(..., *[None] * len(event))]


def _slopes(ctx: Any) -> list[tuple[str, Tensor]]:
    """The event and the gradient of each argument; recomputed where it is differentiated again."""
    saved = ctx.saved_tensors
    inputs, slopes = saved[: len(EVENTS)], saved[len(EVENTS) :]
    if torch.is_grad_enabled() or not slopes:
        kind = inputs[0].dtype
        _, exact = _program(_wide(inputs), ctx.options, kind == torch.float64, True)
        slopes = [s.to(kind) for s in exact]
    filled = [i if s is None else s for s, i in zip(slopes, inputs, strict=True)]
    return list(zip(EVENTS.values(), filled, strict=True))


def _apply_to(inputs: Sequence[Tensor], gradients: bool, options: tuple[float, ...]) -> Any:
    function = _Kernel if torch.compiler.is_compiling() else _ForwardMode
    output = function.apply(gradients, options, *inputs)  # type: ignore[no-untyped-call]
    return output


def _apply(options: tuple[float, ...], *values: Any) -> Tensor:
    inputs = _arguments(*values)
    gradients = torch.is_grad_enabled() and any(t.requires_grad for t in inputs)
    result: Tensor = _apply_to(inputs, gradients, options)[0]
    return result
