"""The frame of every torch kernel: check, broadcast, run in blocks, differentiate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

KERNEL = "kernel"
EVENTS: dict[str, str] = {}
BLOCK = 30720
SINGLE = True


def _program(
    inputs: Sequence[Tensor], options: tuple[float, ...], fine: bool, needs: tuple[bool, ...]
) -> tuple[Tensor, tuple[Tensor | None, ...]]:
    raise NotImplementedError


def _validate(inputs: Sequence[Tensor]) -> None:
    raise NotImplementedError


def _alike(values: tuple[Any, ...]) -> bool:
    """Whether these are tensors of one floating dtype and one batch shape, with events that fit."""
    kind, batch = torch.float32, torch.Size()
    sizes: dict[str, int] = {}
    for event, v in zip(EVENTS.values(), values, strict=True):
        if not isinstance(v, Tensor):
            return False
        shape, cut = v.shape, v.dim() - len(event)
        if v is values[0]:
            kind, batch = v.dtype, shape[:cut]
        if cut < 0 or v.dtype != kind or (shape[:cut] if event else shape) != batch:
            return False
        for letter, length in zip(event, shape[cut:], strict=True):
            if sizes.setdefault(letter, length) != length:
                return False
    return kind in (torch.float32, torch.float64)


def _regular(inputs: Sequence[Tensor]) -> Sequence[Tensor]:
    """The arguments as they are read: a gradient by a matrix is lower triangular, or symmetric."""
    return inputs


def _kind(values: Sequence[Any], tensors: Sequence[Tensor]) -> torch.dtype:
    """The dtype of the result, as `torch.result_type`: tensors with axes count before those without."""
    found: torch.dtype | None = None
    for rank in range(3):
        own: torch.dtype | None = None
        for v, t in zip(values, tensors, strict=True):
            if rank == (2 if not isinstance(v, Tensor) else int(v.dim() == 0)):
                own = torch.promote_types(own or t.dtype, t.dtype)
        if own and (found is None or own.is_floating_point > found.is_floating_point):
            found = torch.promote_types(found or own, own)
    return found if found and found.is_floating_point else torch.get_default_dtype()


def _arguments(*values: Any) -> tuple[Sequence[Tensor], bool]:
    """The arguments in one dtype and with one common batch shape; whether matrices are shared by it.

    EVENTS gives the event axes of each argument by letter: axes of one letter have one length. Where a
    batch shares a matrix, nothing is expanded.
    """
    if _alike(values):
        return values, False
    # a Python number takes the dtype and device of the tensors beside it
    like = next((v for v in values if isinstance(v, Tensor) and v.is_floating_point()), None)
    kinds: dict[str, Any] = {} if like is None else {"dtype": like.dtype, "device": like.device}
    tensors = [v if isinstance(v, Tensor) else torch.as_tensor(v, **kinds) for v in values]
    sizes: dict[str, int] = {}
    batches: list[torch.Size] = []
    shared = False
    for (name, event), tensor in zip(EVENTS.items(), tensors, strict=True):
        if tensor.is_complex() or tensor.dtype == torch.bool:
            raise TypeError(f"{KERNEL}: {name} has dtype {tensor.dtype}; expected real numbers")
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
        shared = any(len(e) == 2 and b != batch for e, b in zip(EVENTS.values(), batches, strict=True))
        if not shared:
            tensors = [
                t.expand(batch + t.shape[t.dim() - len(e) :])
                for t, e in zip(tensors, EVENTS.values(), strict=True)
            ]
    kind = _kind(values, tensors)
    if not tensors[0].is_meta and torch.is_autocast_enabled(tensors[0].device.type):
        kind = torch.promote_types(kind, torch.float32)  # as for torch's own losses
    return [t if t.dtype == kind else t.to(kind) for t in tensors], shared


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
    values = values.detach()
    diagonal = values.diagonal(dim1=-2, dim2=-1)
    if not bool(torch.triu(values, 1).any()):
        low, high = diagonal.aminmax() if diagonal.numel() else (1.0, 1.0)
        if float(low) > 0.0 and float(high) < float("inf"):
            return
    ok = values.tril() == values
    _require(name, ok | values.isnan(), values, "a lower triangular matrix")
    positive = (diagonal > 0.0) & (diagonal < float("inf"))
    ok = torch.diag_embed(~positive).logical_not()
    _require(name, ok, values, "a Cholesky factor, positive on its diagonal")


def _require_covariance(name: str, values: Tensor) -> None:
    """A symmetric positive definite matrix."""
    if values.numel():
        values = values.detach()
        if not torch.equal(values, values.mT):
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


def _unseen(inputs: Sequence[Tensor]) -> bool:
    """Whether a graph is recorded, or there are no values: nothing may depend on these then."""
    if torch.compiler.is_compiling() or torch._C._len_torch_dispatch_stack() > 0:
        return True
    return any(t.is_meta or getattr(t, "fake_mode", None) is not None for t in inputs)


def _traced() -> bool:
    """Whether torch.jit.trace is at work: what it saves has operations alone."""
    return not torch.compiler.is_compiling() and torch._C._get_tracing_state() is not None


def _transforms() -> bool:
    """Whether torch.func or forward-mode differentiation is at work."""
    active: bool = torch._C._are_functorch_transforms_active()
    return active or torch.autograd.forward_ad._current_level >= 0


def _length(x: Tensor) -> Any:
    """How many entries the last axis has; for a graph that is saved as a tensor of the type of x."""
    return torch.sum(torch.ones_like(x), -1) if _traced() else x.shape[-1]


def _solve(factor: Tensor, right: Tensor, upper: bool) -> Tensor:
    """factor^-1 right; where a batch shares a factor, its columns are solved together."""
    lead, axes = right.dim() - factor.dim(), right.dim() - 2
    shared: list[int] = []
    if lead >= 0 and not _traced():
        shared = [i for i in range(axes) if right.shape[i] != 1 and (i < lead or factor.shape[i - lead] == 1)]
    if shared:
        kept = [i for i in range(axes) if i not in shared]
        order = [*kept, axes, *shared, axes + 1]
        factor = factor.squeeze(tuple(i - lead for i in shared if i >= lead))
        columns = right.permute(order)
        sizes = columns.shape[len(kept) + 1 :]
        right = columns.flatten(len(kept) + 1)
    solution: Tensor = torch.linalg.solve_triangular(factor, right, upper=upper)
    if shared:
        solution = solution.reshape(solution.shape[:-1] + sizes).permute(
            [order.index(i) for i in range(axes + 2)]
        )
    return solution


def _wide(inputs: Sequence[Tensor]) -> list[Tensor]:
    """The arguments in the precision that is computed in."""
    fine = inputs[0].dtype == torch.float64
    return [t.to(torch.float32 if SINGLE and not fine else torch.float64) for t in inputs]


def _evaluate(
    inputs: Sequence[Tensor], options: tuple[float, ...], needs: tuple[bool, ...]
) -> tuple[Tensor | None, ...]:
    """The value and the gradients; None for one that is not needed or is the input itself."""
    kind = inputs[0].dtype
    fine = kind == torch.float64
    events = [len(e) for e in EVENTS.values()]
    batch = inputs[0].shape[: inputs[0].dim() - events[0]]
    step = 0 if _unseen(inputs) else _rows(inputs, batch)
    rows = batch.numel() if step else 0
    if rows <= step:
        wide = _wide(inputs)
        value, slopes = _program(wide, options, fine, needs)
        kept = [None if s is None or s is w else s.to(kind) for s, w in zip(slopes, wide, strict=True)]
        return value.to(kind), *kept
    # in blocks that stay in the cache: intermediates never reach memory
    order = list(range(inputs[0].dim()))
    if not any(events):  # the results lie in memory as the arguments do
        like = next((t for t in inputs if 0 not in t.stride()), inputs[0].new_empty(batch))
        strides = like.stride()
        order.sort(key=lambda i: -strides[i])
        inputs = [t.permute(order) for t in inputs]
        batch = inputs[0].shape
    flat = [t.reshape(rows, *t.shape[t.dim() - e :]) for t, e in zip(inputs, events, strict=True)]
    results: list[Tensor | None] = []
    blocks: list[Any] = []
    for part in zip(*(torch.split(t, step) for t in flat), strict=True):
        wide = _wide(part)
        value, slopes = _program(wide, options, fine, needs)
        if not results:
            results = [value.new_empty(rows, dtype=kind)]
            for s, w, t in zip(slopes, wide, flat, strict=True):
                results.append(None if s is None or s is w else s.new_empty(t.shape, dtype=kind))
            blocks = [None if r is None else iter(torch.split(r, step)) for r in results]
        for target, found in zip(blocks, (value, *slopes), strict=True):
            if target is not None:
                next(target).copy_(found)
    shapes = [batch, *(t.shape for t in inputs)]
    shaped = [None if r is None else r.view(s) for r, s in zip(results, shapes, strict=True)]
    if not any(events):
        back = [order.index(i) for i in range(len(order))]
        shaped = [None if r is None else r.permute(back) for r in shaped]
    return tuple(shaped)


def _rows(inputs: Sequence[Tensor], batch: torch.Size) -> int:
    """How many rows make a block."""
    widest = max(t.numel() for t in inputs) // max(batch.numel(), 1)
    return max(1, BLOCK // max(widest, 1))


def _plainly(options: tuple[float, ...], inputs: Sequence[Tensor]) -> Tensor:
    """The value by operations that torch differentiates: for shared matrices and graphs that are saved."""
    kind = inputs[0].dtype
    wide = _wide(_regular(inputs))
    return _program(wide, options, kind == torch.float64, (False,) * len(wide))[0].to(kind)


class _Kernel(torch.autograd.Function):
    """The kernel with its symbolic gradient."""

    @staticmethod
    def forward(ctx: Any, needs: tuple[bool, ...], options: tuple[float, ...], *inputs: Tensor) -> Any:
        value, *slopes = _evaluate(inputs, options, needs)
        _keep(ctx, needs, options, inputs, slopes)
        return value

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> Any:
        if grads[0] is None:
            return None, None, *(None for _ in EVENTS)
        return None, None, *_products(ctx, grads[0], ctx.needs_input_grad[2:])


class _ForwardMode(_Kernel):
    """The same with directional derivatives, which torch.compile cannot trace yet."""

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Any:
        return _along(ctx, tangents[2:])


class _Transformed(torch.autograd.Function):
    """The same for torch.func, which asks for the gradients as results and takes longer."""

    @staticmethod
    def forward(check: bool, needs: tuple[bool, ...], options: tuple[float, ...], *inputs: Tensor) -> Any:
        if check and not _unseen(inputs):
            _validate(inputs)
        return _evaluate(inputs, options, needs)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Any, ...]) -> None:
        _, needs, options, *tensors = inputs
        ctx.mark_non_differentiable(*(s for s in output[1:] if s is not None))
        _keep(ctx, needs, options, tensors, output[1:])

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> Any:
        if grads[0] is None:
            return None, None, None, *(None for _ in EVENTS)
        return None, None, None, *_products(ctx, grads[0], ctx.needs_input_grad[3:])

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Any:
        with torch.autograd.forward_ad._set_fwd_grad_enabled(
            True
        ):  # a transform outside may differentiate it
            return _along(ctx, tangents[3:]), *(None for _ in EVENTS)

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], *arguments: Any) -> Any:
        inputs = [
            t.expand(info.batch_size, *t.shape) if dim is None else t.movedim(dim, 0)
            for t, dim in zip(arguments[3:], in_dims[3:], strict=True)
        ]
        output: Any = _Transformed.apply(*arguments[:3], *inputs)  # type: ignore[no-untyped-call]
        return output, tuple(None if o is None else 0 for o in output)


def _keep(ctx: Any, needs: Any, options: Any, inputs: Sequence[Tensor], slopes: Sequence[Any]) -> None:
    """Keep what the derivatives are made of."""
    ctx.needs, ctx.options = needs, options
    ctx.set_materialize_grads(False)
    ctx.save_for_backward(*inputs, *slopes)
    ctx.save_for_forward(*inputs, *slopes)


def _slopes(ctx: Any, wanted: tuple[bool, ...], forward: bool) -> list[Tensor | None]:
    """The gradient by each wanted argument; made again where it is differentiated again."""
    saved = ctx.saved_tensors
    inputs, slopes = saved[: len(EVENTS)], saved[len(EVENTS) :]
    if forward:  # the derivative is linear in the tangents given; those of an outer transform remain
        unpack: Any = torch.autograd.forward_ad.unpack_dual
        inputs = tuple(unpack(t).primal for t in inputs)
    again = torch.is_grad_enabled() or (not torch.compiler.is_compiling() and _transforms())
    if again or any(w and not n for w, n in zip(wanted, ctx.needs, strict=True)):
        exact = _program([t.to(torch.float64) for t in inputs], ctx.options, True, wanted)[1]
        slopes = tuple(None if s is None else s.to(t.dtype) for s, t in zip(exact, inputs, strict=True))
    filled = [i if s is None else s for s, i in zip(slopes, inputs, strict=True)]
    return [s if w else None for s, w in zip(filled, wanted, strict=True)]


def _products(ctx: Any, grad: Tensor, wanted: tuple[bool, ...]) -> list[Tensor | None]:
    """The gradient by each wanted argument times that by the value."""
    found: list[Tensor | None] = []
    for event, slope in zip(EVENTS.values(), _slopes(ctx, wanted, False), strict=True):
        over = grad[(..., *[None] * len(event))] if event else grad
        found.append(None if slope is None else slope * over)
    return found


def _along(ctx: Any, tangents: tuple[Any, ...]) -> Any:
    """The derivative of the value along the tangents."""
    total: Any = None
    slopes = _slopes(ctx, tuple(t is not None for t in tangents), True)
    for event, slope, tangent in zip(EVENTS.values(), slopes, tangents, strict=True):
        if slope is not None:
            along = slope * tangent
            along = along.sum(tuple(range(-len(event), 0))) if event else along
            total = along if total is None else total + along
    return total


def _apply(options: tuple[float, ...], check: bool, *values: Any) -> Tensor:
    if _traced():  # what is saved has operations only, and reads neither shapes nor values
        like = next((v.dtype for v in values if isinstance(v, Tensor)), None)
        tensors = [v if isinstance(v, Tensor) else torch.scalar_tensor(v, dtype=like) for v in values]
        kind = _kind(values, tensors)
        return _plainly(options, [t.to(kind) for t in tensors])
    inputs, shared = _arguments(*values)
    transforms = not torch.compiler.is_compiling() and _transforms()
    if check and not transforms and not _unseen(inputs):
        _validate(inputs)
    if shared:
        return _plainly(options, inputs)
    graph = torch.is_grad_enabled()
    needs = tuple(graph and t.requires_grad for t in inputs)
    function: Any = _Kernel if torch.compiler.is_compiling() else _ForwardMode
    found: Any
    if transforms and torch._C._are_functorch_transforms_active():
        function = _Transformed
        found = function.apply(check, needs, options, *inputs)
    elif transforms or any(needs):
        found = function.apply(needs, options, *inputs)
    else:
        found = _evaluate(inputs, options, needs)
    value: Tensor = found[0] if isinstance(found, tuple) else found
    return value
