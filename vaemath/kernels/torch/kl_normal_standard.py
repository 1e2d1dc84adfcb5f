# kl_normal_standard(loc, logvar): KL(N(loc, exp(logvar)) || N(0, 1)) in nats, elementwise.
#
# value     theorem kl-normal-standard, certificate
#           38a05b3e9b0a11990cae7748e0fba54a2b287e5ab284e53e01344e668df02edd
# gradient  the derivative of its sum by every argument
# proved    value and gradients: by running `_program` of this file on terms, sums and matrices at sizes 1 to
#           3; the special functions: their error of approximation, by ball arithmetic
# measured  values and gradients <= 1 ULP (float32), <= 2 ULP (float64); worst of samples
# assumes   loc, logvar finite: anything else propagates as NaN
# shapes    any that broadcast; the result has the common shape
# made by   vaemath emit kl-normal-standard --target torch  (do not edit)
#
# SPDX-License-Identifier: BSD-3-Clause

from collections.abc import Sequence
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
EXPM1_TAIL_NARROW = (0.16666666666666666,)
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
        far = torch.nn.functional.hardshrink(s, 0.000244140625)  # 0 where |s| <= 2^-12
        x = s - far  # 0 elsewhere
        rise = torch.exp(far) - 1.0
        square = x * x
        gap = torch.addcmul(0.5 * square, square, x, value=EXPM1_TAIL_NARROW[0])
        return 0.5 * (rise - far + gap), 0.5 * (rise + x + gap)
    near = (s > -1.25) & (s < 1.625)
    x = torch.where(near, s, 0.0)
    square = x * x
    gap = 0.25 * square + 0.5 * square * (x * _polynomial(EXPM1_TAIL, x))
    # e^s overflows before e^s / 2 does: there, e^(s - 1) (e / 2)
    rise = torch.where(s > 709.0, torch.exp(s - 1.0) * HALF_E, 0.5 * torch.expm1(s))
    return torch.where(near, gap, rise - 0.5 * s), rise


def _half_square_plus(a: Tensor, b: Tensor) -> Tensor:
    """a^2/2 + b, in one pass."""
    return torch.addcmul(b, a, a, value=0.5)


def _program(
    inputs: Sequence[Tensor], options: tuple[float, ...], fine: bool, gradients: bool
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """The value and, if asked, the gradients of its sum, in float64."""
    loc, logvar = inputs
    gap, rise = _half_expm1_parts(logvar, fine)
    value = _half_square_plus(loc, gap)
    if not gradients:
        return value, ()
    d_loc = loc
    d_logvar = rise
    return value, (d_loc, d_logvar)


def _validate(inputs: Sequence[Tensor]) -> None:
    """Raise for values outside the assumptions."""


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


def kl_normal_standard(loc: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(loc, exp(logvar)) || N(0, 1)) in nats, elementwise."""
    return _apply((), loc, logvar)


if __name__ == "__main__":
    values = ([0.3, -0.7], [0.5, 1.2])
    leaves = [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in values]
    slopes = torch.autograd.grad(kl_normal_standard(*leaves).sum(), leaves)
    example = [leaf.detach() for leaf in leaves]
    for k, slope in enumerate(slopes):
        ones = torch.ones_like(example[k])
        step = 1e-6 * ones
        moved = [[a + s * step if i == k else a for i, a in enumerate(example)] for s in (1, -1)]
        up, down = (kl_normal_standard(*arguments).sum() for arguments in moved)
        assert abs(float(up - down - 2.0 * (slope * step).sum())) < 1e-12
    print("kl_normal_standard: the gradients agree with central differences")
