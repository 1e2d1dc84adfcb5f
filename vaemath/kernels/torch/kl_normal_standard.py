# kl_normal_standard(loc, logvar): KL(N(loc, exp(logvar)) || N(0, 1)) in nats, elementwise.
#
# value     theorem kl-normal-standard, certificate not made yet
# gradient  its symbolic derivative by every argument, of the summed value
# assumes   loc, logvar finite: anything else propagates as NaN
# shapes    any that broadcast; the result has the common shape
# made by   vaemath emit kl_normal_standard --target torch  (do not edit)

from typing import Any

import torch
from torch import Tensor

KERNEL = "kl_normal_standard"
EVENTS = {"loc": "", "logvar": ""}
BLOCK = 32768
EXPM1_TAIL = (
    0.16666666666666666,
    0.041666666666666664,
    0.00833333333333333,
    0.001388888888888909,
    0.00019841269841272872,
    2.480158730146094e-05,
    2.755731922294622e-06,
    2.755731925951021e-07,
    2.5052108537963257e-08,
    2.087675175472531e-09,
    1.6059035403111489e-10,
    1.147116654332259e-11,
    7.647025504417523e-13,
    4.761861359138095e-14,
    2.8421548424037986e-15,
    1.8696185070075443e-16,
)
EXPM1_TAIL_NARROW = (
    0.16666673024496598,
    0.0416666772630494,
)
HALF_E = 1.3591409142295225


def _polynomial(coefficients: tuple[float, ...], x: Tensor) -> Tensor:
    """sum_k coefficients[k] x^k by Horner's rule."""
    total = x * coefficients[-1] + coefficients[-2]
    for c in reversed(coefficients[:-2]):
        total = total * x + c
    return total


def _half_expm1_parts(s: Tensor, fine: bool) -> tuple[Tensor, Tensor]:
    """(e^s - 1 - s)/2 and (e^s - 1)/2, wherever these are finite."""
    if not fine:
        far = torch.nn.functional.hardshrink(s, 0.00390625)  # 0 where |s| <= 1/256
        x = s - far  # 0 elsewhere
        rise = torch.exp(far) - 1.0
        gap = x * x * (0.5 + x * _polynomial(EXPM1_TAIL_NARROW, x))
        return 0.5 * (rise - far + gap), 0.5 * (rise + x + gap)
    near = (s > -1.25) & (s < 1.625)
    x = torch.where(near, s, 0.0)
    square = x * x
    gap = 0.25 * square + 0.5 * square * (x * _polynomial(EXPM1_TAIL, x))
    # e^s overflows before e^s / 2 does: there, e^(s - 1) (e / 2)
    rise = torch.where(s > 709.0, torch.exp(s - 1.0) * HALF_E, 0.5 * torch.expm1(s))
    return torch.where(near, gap, rise - 0.5 * s), rise


def _program(
    loc: Tensor, logvar: Tensor, fine: bool, gradients: bool
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """The value and, if asked, the gradients of its sum, in float64."""
    gap, rise = _half_expm1_parts(logvar, fine)
    value = 0.5 * loc * loc + gap
    if not gradients:
        return value, ()
    d_loc = loc
    d_logvar = rise
    return value, (d_loc, d_logvar)


def _validate(loc: Tensor, logvar: Tensor) -> None:
    """Raise for values outside the assumptions."""


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


def kl_normal_standard(loc: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(loc, exp(logvar)) || N(0, 1)) in nats, elementwise."""
    return _apply((), loc, logvar)
