"""The torch kernels in C, as custom operators `torch.ops.vaemath.NAME` with their gradients.

Plain CPU tensors of float32 and float64 go to the operators, which know autograd, fake tensors and
torch.compile. Everything else goes to `vaemath.kernels.torch`: other devices and types, autocast,
torch.func, forward mode, torch.jit.trace, tensor subclasses, and invalid values, which are refused there
by name.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from functools import cache, wraps
from typing import Any

import torch
from torch import Tensor

import vaemath.kernels.torch as kernels
from vaemath.codegen.program import LARGEST_OPTION, LEAST_OPTION, Program
from vaemath.native.calls import NATIVE, Calls, calls, lengths

_LIBRARY: Any = torch.library.Library("vaemath", "DEF")  # type: ignore[no-untyped-call]
_NAMES = {torch.float32: "float32", torch.float64: "float64"}
_PLAIN = (Tensor, torch.nn.Parameter)


class _Operator:
    """The operators of one kernel: its value, and its gradients times those by the value."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.names = [a.name for a in program.arguments]
        self.slow: Callable[..., Tensor] = getattr(kernels, program.name)
        tensors = [f"Tensor {name}" for name in self.names]
        options = [f"float {name}" for name, _ in program.options]
        self.value = self._define("", [*tensors, *options], "Tensor", self._value, self._fake_value)
        self.gradients = self._define(
            "_gradients",
            [*tensors, *options, "Tensor upstream", "bool data"],
            "Tensor[]",
            self._gradients,
            self._fake_gradients,
        )
        self._differentiate()

    def _define(
        self,
        ending: str,
        parameters: list[str],
        result: str,
        run: Callable[..., Any],
        fake: Callable[..., Any],
    ) -> Any:
        name = f"{self.program.name}{ending}"
        _LIBRARY.define(f"{name}({', '.join(parameters)}) -> {result}", tags=(torch.Tag.pt2_compliant_tag,))
        _LIBRARY.impl(name, run, "CPU")
        torch.library.register_fake(f"vaemath::{name}", fake, lib=_LIBRARY)
        return getattr(getattr(torch.ops.vaemath, name), "default")  # noqa: B009

    def _split(self, given: Sequence[Any]) -> tuple[list[Tensor], list[float]]:
        count = len(self.names)
        return list(given[:count]), list(given[count : count + len(self.program.options)])

    def _functions(self, like: Tensor) -> Calls:
        found = calls(self.program.name, _NAMES.get(like.dtype, ""))
        if found is None:
            raise NotImplementedError(
                f"torch.ops.vaemath.{self.program.name}: {like.dtype} or no C compiler; "
                f"vaemath.native.torch.{self.program.name} takes these"
            )
        return found

    def _fake_value(self, *given: Any) -> Tensor:
        first = self._laid_out(self._split(given)[0])[0]
        return _like(first) if self.program.elementwise else first.new_empty(first.shape[:-1])

    def _fake_gradients(self, *given: Any) -> list[Tensor]:
        tensors, data = self._laid_out(self._split(given)[0]), given[-1]
        return [_like(t) for a, t in zip(self.program.arguments, tensors, strict=True) if data or not a.data]

    def _laid_out(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """The arguments in one order in memory without gaps: that of the first, if entries stand alone."""
        if self.program.elementwise and tensors[0].is_contiguous(memory_format=torch.channels_last):
            return [t.contiguous(memory_format=torch.channels_last) for t in tensors]
        return [t.contiguous() for t in tensors]

    def _value(self, *given: Any) -> Tensor:
        tensors, options = self._split(given)
        tensors = self._laid_out(tensors)
        out = self._fake_value(*tensors)
        self._functions(out).value(
            torch.get_num_threads(),
            *lengths(self.program, [t.shape for t in tensors]),
            *(t.data_ptr() for t in tensors),
            *options,
            out.data_ptr(),
        )
        return out

    def _gradients(self, *given: Any) -> list[Tensor]:
        (tensors, options), upstream, data = self._split(given), given[-2], given[-1]
        tensors = self._laid_out(tensors)
        out = self._fake_gradients(*tensors, *options, upstream, data)
        same = upstream.numel() <= 1 or not any(upstream.stride())  # one number, expanded
        if not same:
            alike = self.program.elementwise and not tensors[0].is_contiguous()
            upstream = upstream.contiguous(
                memory_format=torch.channels_last if alike else torch.contiguous_format
            )
        waiting = iter(out)
        self._functions(tensors[0]).gradients(
            torch.get_num_threads(),
            *lengths(self.program, [t.shape for t in tensors]),
            *(t.data_ptr() for t in tensors),
            *options,
            upstream.data_ptr(),
            int(not same),
            *(next(waiting).data_ptr() if data or not a.data else None for a in self.program.arguments),
        )
        return out

    def _differentiate(self) -> None:
        """The autograd of both operators; second derivatives are those of the torch kernel."""
        operator = self

        class Value(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, *given: Any) -> Tensor:
                tensors, ctx.options = operator._split(given)
                ctx.save_for_backward(*tensors)
                result: Tensor = operator._below_autograd(operator.value, operator._value, given)
                return result

            @staticmethod
            def backward(ctx: Any, *grads: Any) -> Any:
                data = any(
                    needed
                    for a, needed in zip(operator.program.arguments, ctx.needs_input_grad, strict=False)
                    if a.data
                )
                given = (*ctx.saved_tensors, *ctx.options, grads[0], data)
                if torch.is_grad_enabled():  # to be differentiated again
                    found = iter(operator.gradients(*given))
                else:
                    found = iter(operator._below_autograd(operator.gradients, operator._gradients, given))
                slopes = [next(found) if data or not a.data else None for a in operator.program.arguments]
                return *slopes, *(None for _ in ctx.options)

        class Gradients(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, *given: Any) -> Any:
                tensors, ctx.options = operator._split(given)
                ctx.data = given[-1]
                ctx.save_for_backward(*tensors, given[-2])
                return tuple(operator._below_autograd(operator.gradients, operator._gradients, given))

            @staticmethod
            def backward(ctx: Any, *grads: Any) -> Any:
                again = operator._second(ctx.saved_tensors, ctx.options, ctx.data, grads)
                return *again[:-1], *(None for _ in ctx.options), again[-1], None

        def gradients(*given: Any) -> list[Tensor]:
            return list(Gradients.apply(*given))  # type: ignore[no-untyped-call]

        self.differentiable: Callable[..., Tensor] = Value.apply
        _LIBRARY.impl(self.program.name, Value.apply, "Autograd")
        _LIBRARY.impl(f"{self.program.name}_gradients", gradients, "Autograd")

    @staticmethod
    def _below_autograd(operator: Any, direct: Callable[..., Any], given: Sequence[Any]) -> Any:
        """The operator without its gradients."""
        if _unheard() and all(type(t) in _PLAIN and t.is_cpu for t in given if isinstance(t, Tensor)):
            return direct(*given)
        with torch._C._AutoDispatchBelowAutograd():
            return operator(*given)

    def _second(
        self, saved: Sequence[Tensor], options: Sequence[float], data: bool, grads: Sequence[Tensor]
    ) -> list[Tensor | None]:
        """The gradients of the gradients, by the arguments and by `upstream`."""
        named = {name: o for (name, _), o in zip(self.program.options, options, strict=True)}
        with torch.enable_grad():
            leaves = [t.detach().requires_grad_() if not t.requires_grad else t for t in saved]
            *tensors, upstream = leaves
            value = self.slow(*tensors, **named)
            kept = [t for a, t in zip(self.program.arguments, tensors, strict=True) if data or not a.data]
            slopes = torch.autograd.grad(value, kept, upstream, create_graph=True)
            return list(torch.autograd.grad(slopes, leaves, grads, allow_unused=True, create_graph=True))


def _like(t: Tensor) -> Tensor:
    return torch.empty_like(t, memory_format=torch.preserve_format)


def _plain(program: Program, tensors: Sequence[Any]) -> list[Tensor] | None:
    """The arguments as the operator takes them, or None: CPU tensors of one type, nothing special."""
    kind, batches = getattr(tensors[0], "dtype", None), []
    compiling = torch.compiler.is_compiling()
    for argument, t in zip(program.arguments, tensors, strict=True):
        if (type(t) not in _PLAIN and not compiling) or t.is_meta:
            return None
        if t.dtype is not kind or not t.is_cpu or t.dim() < len(argument.event):
            return None
        batches.append(t.shape[:-1] if argument.event else t.shape)
    if kind not in _NAMES or _transformed() or torch.is_autocast_enabled("cpu"):
        return None
    if all(b == batches[0] for b in batches):
        return list(tensors)
    try:
        batch = torch.broadcast_shapes(*batches)  # type: ignore[no-untyped-call]
    except RuntimeError:
        return None
    events = [t.shape[t.dim() - len(a.event) :] for a, t in zip(program.arguments, tensors, strict=True)]
    return [t.expand(batch + event) for t, event in zip(tensors, events, strict=True)]


def _unheard() -> bool:
    """Whether nobody records operators, so that the dispatcher, which costs time, can be left out."""
    if torch.compiler.is_compiling():
        return False
    return not torch._C._len_torch_dispatch_stack() and torch._C._get_tracing_state() is None


def _transformed() -> bool:
    """Whether torch.func, forward-mode differentiation or torch.jit.trace is at work."""
    if torch.compiler.is_compiling():
        return False
    return (
        torch._C._get_tracing_state() is not None
        or torch._C._functorch.peek_interpreter_stack() is not None
        or torch.autograd.forward_ad._current_level >= 0
    )


def _fits(program: Program, tensors: Sequence[Tensor]) -> bool:
    """Whether the axes of one letter agree."""
    axes: dict[str, int] = {}
    return all(
        not argument.event or axes.setdefault(argument.event, t.shape[-1]) == t.shape[-1]
        for argument, t in zip(program.arguments, tensors, strict=True)
    )


def _unseen() -> bool:
    """Whether a graph is recorded: nothing may depend on values then."""
    return torch.compiler.is_compiling() or torch._C._len_torch_dispatch_stack() > 0


def _valid(program: Program, tensors: Sequence[Tensor]) -> bool:
    """Whether the values are what the kernel assumes."""
    for argument, t in zip(program.arguments, tensors, strict=True):
        if argument.needs and t.numel():
            low, high = (float(x) for x in t.detach().aminmax())
            if argument.needs == "unit" and not (low >= 0.0 and high <= 1.0):
                return False
            if argument.needs == "positive" and not (low > 0.0 and high < float("inf")):
                return False
    return True


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def _compiled(name: str, dtype: str) -> bool:
    return calls(name, dtype) is not None


_operator = cache(lambda name: _Operator(NATIVE[name]))


def unchecked(name: str) -> Callable[..., Tensor]:
    """A kernel that takes its values for valid, as torch does with `validate_args=False`."""
    module = importlib.import_module(f"vaemath.kernels.torch.{name}")
    return _kernel(name, lambda *inputs, **options: module._apply(tuple(options.values()), False, *inputs))


def _kernel(name: str, unchecked: Callable[..., Tensor] | None = None) -> Callable[..., Tensor]:
    operator: _Operator = _operator(name)
    program = operator.program
    count, defaults = len(operator.names), dict(program.options)
    slow = unchecked or operator.slow

    @wraps(operator.slow)
    def kernel(*inputs: Any, **options: Any) -> Tensor:
        filled = {**defaults, **options} if defaults or options else {}
        known = len(inputs) == count and filled.keys() == defaults.keys()
        found = _plain(program, inputs) if known else None
        if (
            found is not None
            and all(LEAST_OPTION <= o <= LARGEST_OPTION for o in filled.values())
            and (unchecked or _unseen() or _valid(program, found))
            and _fits(program, found)
            and _compiled(name, _NAMES[found[0].dtype])
        ):
            run = operator.differentiable if _unheard() else operator.value
            result: Tensor = run(*found, *filled.values())
            return result
        return slow(*inputs, **options)

    return kernel


kl_normal = _kernel("kl_normal")
kl_normal_diag = _kernel("kl_normal_diag")
kl_normal_diag_standard = _kernel("kl_normal_diag_standard")
kl_normal_standard = _kernel("kl_normal_standard")
loss_bernoulli = _kernel("loss_bernoulli")
loss_gaussian = _kernel("loss_gaussian")
