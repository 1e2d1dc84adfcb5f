"""torch on symbols: a dispatch mode that runs every aten operation as it is, and on terms beside it.

Terms belong to *storages*, so views, slices and writes in place need no rule of their own; autograd's
backward pass goes through the same mode, so gradients are lifted as the function has them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from vaemath.check.core import zero
from vaemath.check.lift import arrays as A  # noqa: N812
from vaemath.check.lift.arrays import LOG, Sym, Unliftable

__all__ = ["Mode"]

Rule = Callable[..., Any]


def _reduced(loss: Sym, reduction: int = 1) -> Sym:
    return loss if reduction == 0 else A.mean(loss) if reduction == 1 else A.total(loss)


def _mse(a: Any, b: Any, reduction: int = 1) -> Sym:
    d = A.minus(a, b)
    return _reduced(A.times(d, d), reduction)


def _smooth(a: Any, b: Any, reduction: int = 1, beta: float = 1.0) -> Sym:
    d = A.absolute(A.minus(a, b))
    inside = A.over(A.times(d, d), 2 * beta)
    return _reduced(A.chosen("abs", d.v < beta, inside, A.minus(d, beta / 2), A.minus(beta, d)), reduction)


def _bits(p: Any, x: Any, weight: Any = None, reduction: int = 1) -> Sym:
    loss = A.entropy_of_bits(p, x)
    return _reduced(loss if weight is None else A.times(loss, weight), reduction)


def _logits(p: Any, x: Any, weight: Any = None, pos_weight: Any = None, reduction: int = 1) -> Sym:
    loss = A.entropy_of_logits(p, x, pos_weight)
    return _reduced(loss if weight is None else A.times(loss, weight), reduction)


def _picked(logp: Any, target: Any, weight: Any = None, reduction: int = 1, ignore: int = -100) -> Any:
    if weight is not None:
        raise Unliftable("class weights")
    x, k = A.lifted(logp), np.asarray(target.v if isinstance(target, Sym) else target).astype(int)
    index = np.expand_dims(k, 1 if x.t.ndim > 1 else 0)
    axis = 1 if x.t.ndim > 1 else 0
    chosen = x.each(lambda y: np.take_along_axis(y, index, axis).squeeze(axis))
    return _reduced(A.unary("neg", chosen), reduction), A.lifted(1.0)


def _where(c: Any, a: Any, b: Any) -> Sym:
    return A.chosen("where", c.v if isinstance(c, Sym) else c, a, b)


def _stacked(f: Callable[..., Any]) -> Rule:
    def run(xs: list[Any], dim: int = 0) -> Sym:
        parts = [A.lifted(x) for x in xs]
        parts = [p for p in parts if p.shape != (0,)]
        return Sym(f([p.t for p in parts], axis=dim), f([p.v for p in parts], axis=dim))

    return run


def _scaled_add(x: Any, a: Any, b: Any, value: float = 1.0, over: bool = False) -> Sym:
    return A.plus(x, A.times(A.over(a, b) if over else A.times(a, b), value))


def _triangular(lower: Any, b: Any, *, upper: bool, left: bool = True, unitriangular: bool = False) -> Sym:
    part = np.triu if upper else np.tril
    a = A.lifted(lower)
    kept = part(np.ones(a.shape[-2:], dtype=bool))
    a = A.masked(a, kept)
    if left:
        return A.solve(a, b)
    turned = A.solve(
        a.each(lambda m: np.swapaxes(m, -1, -2)), A.lifted(b).each(lambda m: np.swapaxes(m, -1, -2))
    )
    return turned.each(lambda m: np.swapaxes(m, -1, -2))


def _kept(part: Callable[..., Any]) -> Rule:
    def run(x: Any, diagonal: int = 0) -> Sym:
        kept = np.broadcast_to(part(np.ones(x.shape[-2:], dtype=bool), diagonal), x.shape)
        return A.masked(x, kept)

    return run


def _diagonal_matrix(x: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Sym:
    n = x.shape[-1]
    return A.masked(x.each(lambda y: y[..., None]), np.eye(n, dtype=bool))


def _normal(loc: Any, scale: Any, value: Any) -> Sym:
    loc, scale = A.lifted(loc), A.lifted(scale)
    shape = np.shape(value)
    with np.errstate(all="ignore"):
        noise = A.draw("normal", shape, (np.asarray(value) - loc.v) / scale.v)
    return A.plus(loc, A.times(scale, noise))


def _positive(x: Any) -> Any:
    return np.asarray(x.v > 0)


#: aten name -> the operation on terms; arguments as aten has them, tensors as `Sym`
RULES: dict[str, Rule] = {
    "add": lambda a, b, alpha=1: A.plus(a, b if alpha == 1 else A.times(b, alpha)),
    "sub": lambda a, b, alpha=1: A.minus(a, b if alpha == 1 else A.times(b, alpha)),
    "rsub": lambda a, b, alpha=1: A.minus(b, a if alpha == 1 else A.times(a, alpha)),
    "mul": A.times,
    "div": lambda a, b, rounding_mode=None: A.over(a, b),
    "pow": A.raised,
    "abs": A.absolute,
    "addcmul": lambda x, a, b, value=1: _scaled_add(x, a, b, value),
    "addcdiv": lambda x, a, b, value=1: _scaled_add(x, a, b, value, over=True),
    "lerp": lambda a, b, w: A.plus(a, A.times(w, A.minus(b, a))),
    "sum": lambda x, dim=None, keep=False, dtype=None: A.total(x, dim, keep),
    "mean": lambda x, dim=None, keep=False, dtype=None: A.mean(x, dim, keep),
    "prod": lambda x, dim=None, keep=False, dtype=None: A.product(x, dim, keep),
    "var": lambda x, dim=None, correction=1, keepdim=False: A.variance(x, dim, correction or 0, keepdim),
    "std": lambda x, dim=None, correction=1, keepdim=False: A.unary(
        "sqrt", A.variance(x, dim, correction or 0, keepdim)
    ),
    "cumsum": lambda x, dim, dtype=None: x.each(lambda y: np.cumsum(y, axis=dim)),
    "logsumexp": A.logsumexp,
    "_log_softmax": lambda x, dim, half=False: A.log_softmax(x, dim),
    "_softmax": lambda x, dim, half=False: A.unary("exp", A.log_softmax(x, dim)),
    "linalg_vector_norm": lambda x, order=2, dim=None, keep=False, dtype=None: A.norm(x, order, dim, keep),
    "softplus": lambda x, beta=1, threshold=20: A.over(A.unary("softplus", A.times(x, beta)), beta),
    "log_sigmoid_forward": lambda x: (A.unary("log_sigmoid", x), A.lifted(np.zeros(x.shape))),
    "relu": lambda x: A.larger(x, 0.0),
    "leaky_relu": lambda x, slope=0.01: A.chosen("where", _positive(x), x, A.times(x, slope), x),
    "elu": lambda x, alpha=1, scale=1, inner=1: A.chosen(
        "where", _positive(x), x, A.times(alpha, A.unary("expm1", x)), x
    ),
    "hardtanh": lambda x, low=-1.0, high=1.0: A.clamp(x, low, high),
    "silu": lambda x: A.times(x, A.unary("sigmoid", x)),
    "clamp": A.clamp,
    "clamp_min": lambda x, low: A.clamp(x, low),
    "clamp_max": lambda x, high: A.clamp(x, None, high),
    "maximum": A.larger,
    "minimum": A.smaller,
    "fmax": A.larger,
    "fmin": A.smaller,
    "amax": lambda x, dim=None, keep=False: A.extreme(x, dim, keep),
    "amin": lambda x, dim=None, keep=False: A.extreme(x, dim, keep, False),
    "where": _where,
    "masked_fill": lambda x, mask, value: _where(mask, value, x),
    "nan_to_num": lambda x, nan=None, posinf=None, neginf=None: x,
    "sign": lambda x: A.lifted(np.sign(x.v)),
    "sgn": lambda x: A.lifted(np.sign(x.v)),
    "copy": lambda a, b, non_blocking=False: A.plus(A.lifted(np.zeros(a.shape)), b),
    "fill": lambda a, b: A.plus(A.lifted(np.zeros(a.shape)), b),
    "zero": lambda a: A.lifted(np.zeros(a.shape)),
    "stack": _stacked(np.stack),
    "cat": _stacked(np.concatenate),
    "repeat": lambda x, n: x.each(lambda y: np.tile(y, n)),
    "flip": lambda x, dims: x.each(lambda y: np.flip(y, dims)),
    "gather": lambda x, dim, index, sparse_grad=False: x.each(
        lambda y: np.take_along_axis(y, np.asarray(index.v).astype(int), dim)
    ),
    "index_select": lambda x, dim, index: x.each(lambda y: np.take(y, np.asarray(index.v).astype(int), dim)),
    "tril": _kept(np.tril),
    "triu": _kept(np.triu),
    "diag_embed": _diagonal_matrix,
    "trace": lambda x: A.total(x.each(lambda y: np.diagonal(y, axis1=-2, axis2=-1)), -1),
    "mm": A.matmul,
    "bmm": A.matmul,
    "mv": A.matmul,
    "dot": A.matmul,
    "addmm": lambda x, a, b, beta=1, alpha=1: A.plus(A.times(x, beta), A.times(A.matmul(a, b), alpha)),
    "baddbmm": lambda x, a, b, beta=1, alpha=1: A.plus(A.times(x, beta), A.times(A.matmul(a, b), alpha)),
    "linalg_inv_ex": lambda x, check_errors=False: (A.inverse(x), None),
    "_linalg_det": lambda x: (A.determinant(x), None, None),
    "_linalg_slogdet": lambda x: (*A.slogdet(x), None, None),
    "linalg_cholesky_ex": lambda x, upper=False, check_errors=False: (A.cholesky(x), None),
    "cholesky": lambda x, upper=False: A.cholesky(x),
    "_linalg_solve_ex": lambda a, b, left=True, check_errors=False: (A.solve(a, b), None, None, None),
    "linalg_solve_triangular": _triangular,
    "triangular_solve": lambda b, a, upper=True, transpose=False, unitriangular=False: (
        _triangular(a, b, upper=upper, left=True),
        None,
    ),
    "cholesky_solve": lambda b, low, upper=False: A.solve(
        A.matmul(low, A.lifted(low).each(lambda m: np.swapaxes(m, -1, -2))), b
    ),
    "cholesky_inverse": lambda low, upper=False: A.inverse(
        A.matmul(low, A.lifted(low).each(lambda m: np.swapaxes(m, -1, -2)))
    ),
    "mse_loss": _mse,
    "smooth_l1_loss": _smooth,
    "huber_loss": lambda a, b, reduction=1, delta=1.0: A.times(_smooth(a, b, reduction, delta), delta),
    "l1_loss": lambda a, b, reduction=1: _reduced(A.absolute(A.minus(a, b)), reduction),
    "binary_cross_entropy": _bits,
    "binary_cross_entropy_with_logits": _logits,
    "nll_loss_forward": _picked,
    "nll_loss2d_forward": _picked,
    "xlogy": A.xlogy,
    "special_xlog1py": lambda x, y: A.times(x, A.unary("log1p", y)),
    "logit": lambda x, eps=None: A.minus(A.unary("log", x), A.unary("log", A.minus(1.0, x))),
    "logaddexp": lambda a, b: A.unary("log", A.plus(A.unary("exp", a), A.unary("exp", b))),
    "isfinite": lambda x: np.isfinite(x.v),
    # backward passes
    "sigmoid_backward": lambda g, y: A.times(g, A.times(y, A.minus(1.0, y))),
    "tanh_backward": lambda g, y: A.times(g, A.minus(1.0, A.times(y, y))),
    "softplus_backward": lambda g, x, beta, threshold: A.times(g, A.unary("sigmoid", A.times(x, beta))),
    "log_sigmoid_backward": lambda g, x, buffer: A.times(g, A.unary("sigmoid", A.unary("neg", x))),
    "threshold_backward": lambda g, x, t: A.chosen("where", x.v > t, g, 0.0),
    "mse_loss_backward": lambda g, a, b, reduction: _shared(
        A.times(A.times(g, 2.0), A.minus(a, b)), a, reduction
    ),
    "binary_cross_entropy_backward": lambda g, p, x, w=None, reduction=1: _shared(
        A.times(g, A.over(A.minus(p, x), A.times(p, A.minus(1.0, p)))), p, reduction
    ),
    "_log_softmax_backward_data": lambda g, y, dim, dtype: A.minus(
        g, A.times(A.unary("exp", y), A.total(g, dim, True))
    ),
    "_softmax_backward_data": lambda g, y, dim, dtype: A.times(
        y, A.minus(g, A.total(A.times(g, y), dim, True))
    ),
}
_SAME = (
    "clone _to_copy _unsafe_view lift_fresh_copy view_copy contiguous _reshape_copy detach_copy conj alias"
)
_SAME += " lift positive view_as_real dropout nan_to_num"
RULES |= dict.fromkeys(_SAME.split(), lambda x, *a, **k: x)
_RENAMED = {"special_expit": "sigmoid", "special_log_ndtr": "log_ndtr", "special_erf": "erf"}
_RENAMED |= {
    "special_i0e": "i0e",
    "special_i1e": "i1e",
    "special_gammaln": "lgamma",
    "special_digamma": "digamma",
}
_COMPARE = ("gt", "ge", "lt", "le", "eq", "ne")
_TRUTH = "isnan isinf logical_and logical_or logical_not bitwise_and bitwise_or bitwise_not any all equal"
_TRUTH += " _is_all_true argmax argmin _linalg_check_errors bernoulli multinomial round floor ceil ones_like"
_TRUTH += " zeros_like full_like empty_like new_zeros new_ones new_empty new_full nonzero is_nonzero"
_TRUTH += " new_empty_strided count_nonzero"
_TRUTH += " allclose isclose empty_strided sym_size ones zeros is_same_size set_data isin"
_PLAIN = frozenset(_TRUTH.split())


def _shared(g: Sym, like: Any, reduction: int) -> Sym:
    return A.over(g, float(A.lifted(like).t.size)) if reduction == 1 else g


class Mode(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While it is active, operations on tensors that `give` made are lifted."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._terms: dict[int, tuple[Any, Any]] = {}  # storage -> (the storage, kept alive; its terms)

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else torch imports its compiler, for seconds, to keep out of here

    def give(self, tensor: torch.Tensor, terms: Any) -> torch.Tensor:
        """Let a tensor stand for terms."""
        storage = tensor.untyped_storage()
        flat = np.full(max(storage.nbytes() // tensor.element_size(), 1), None, dtype=object)
        self._terms[storage._cdata] = (storage, flat)
        self._view(tensor)[...] = terms
        return tensor

    def _view(self, tensor: torch.Tensor) -> Any:
        flat = self._terms[tensor.untyped_storage()._cdata][1]
        strides = [s * flat.itemsize for s in tensor.stride()]
        start = flat[tensor.storage_offset() :]
        return np.lib.stride_tricks.as_strided(start, tuple(tensor.shape), strides)

    def has(self, x: Any) -> bool:
        """Whether terms belong to this tensor."""
        return isinstance(x, torch.Tensor) and x.untyped_storage()._cdata in self._terms

    def read(self, x: torch.Tensor) -> Sym:
        """The terms and values of a tensor."""
        values = x.detach().cpu().numpy()
        values = np.array(values if values.dtype == bool else values.astype(np.float64))
        return Sym(np.array(self._view(x)), values) if self.has(x) else _constant(values)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if kwargs.get("device") not in (None, torch.device("cpu")):
            LOG.notes[f"it asks for the device {kwargs['device']}; it was run on the CPU"] = None
            kwargs = {**kwargs, "device": torch.device("cpu")}
        name = func._schema.name.split("::")[1]
        flat = [*args, *kwargs.values()]
        nested = [y for x in flat for y in (x if isinstance(x, list | tuple) else [x])]
        touched = any(self.has(x) for x in nested)
        base = name.rstrip("_") if not name.startswith("_") else name
        if base in (
            "randn",
            "randn_like",
            "normal",
            "rand",
            "rand_like",
            "uniform",
            "exponential",
            "normal_functional",
        ):
            return self._drawn(func, base, args, kwargs)
        if not touched or func.is_view or name in _PLAIN:
            return func(*args, **kwargs)
        if name in ("_local_scalar_dense", "item"):
            if args[0].dtype != torch.bool:
                raise Unliftable("a number is taken out of a tensor (.item(), float())")
            return func(*args, **kwargs)
        return self._lift(func, name, base, args, kwargs)

    def _lift(self, func: Any, name: str, base: str, args: Any, kwargs: Any) -> Any:
        given = [self._sym(x) for x in args]
        named = {
            k: self._sym(v) for k, v in kwargs.items() if k not in ("out", "device", "layout", "pin_memory")
        }
        result = func(*args, **kwargs)
        if base == "_to_copy" and kwargs.get("dtype") not in (None, torch.float64):
            if not result.is_floating_point():
                if result.dtype != torch.bool:
                    LOG.notes["it turns numbers into integers"] = None
                return result
            LOG.notes["single precision"] = None
            named = {}
        base = _RENAMED.get(base, base)
        if base in _COMPARE:
            A.compared(base, given[0], given[1])
            return result
        if base in ("max", "min"):
            terms: Any = self._extreme(base, given, named)
        elif base in (
            "index",
            "index_put",
            "scatter",
            "slice_scatter",
            "select_scatter",
            "masked_select",
            "sort",
            "topk",
        ):
            terms = self._indexed(base, given, args, result)
        elif base in ("slice_backward", "select_backward", "embedding_dense_backward", "diagonal_backward"):
            terms = self._padded(base, given)
        elif A.is_unary(base):
            terms = A.unary(base, given[0])
        elif base in RULES:
            if base == "_to_copy" or base == "clone":
                named = {}
            named = {
                k.replace("keepdim", "keep") if base not in ("var", "std") else k: v for k, v in named.items()
            }
            named = {k: v for k, v in named.items() if k not in ("memory_format",)}
            terms = RULES[base](*given, **named)
        else:
            raise Unliftable(f"torch's `{name}` on symbols")
        self._store(terms, result, args, kwargs, inplace=name.endswith("_") and not name.startswith("_"))
        return result

    def _store(self, terms: Any, result: Any, args: Any, kwargs: Any, *, inplace: bool) -> None:
        if inplace:
            target = args[0]
            if not self.has(target):
                whole = torch.empty(0, dtype=target.dtype).set_(target.untyped_storage())
                self.give(target, None)
                self._terms[target.untyped_storage()._cdata][1][:] = A.lifted(whole.numpy()).t
            self._view(target)[...] = np.broadcast_to(terms.t, tuple(target.shape))
            return
        outs = result if isinstance(result, tuple | list) else (result,)
        many = terms if isinstance(terms, tuple | list) else (terms,)
        for tensor, term in zip(outs, many, strict=False):
            if isinstance(term, Sym) and isinstance(tensor, torch.Tensor) and tensor.is_floating_point():
                shape = tuple(tensor.shape)
                same = np.size(term.t) == tensor.numel()
                self.give(tensor, np.reshape(term.t, shape) if same else np.broadcast_to(term.t, shape))

    def _sym(self, x: Any) -> Any:
        if isinstance(x, torch.Tensor):
            return self.read(x)
        if isinstance(x, list | tuple) and any(isinstance(y, torch.Tensor) for y in x):
            return [self._sym(y) for y in x]
        return x

    def _drawn(self, func: Any, base: str, args: Any, kwargs: Any) -> Any:
        result = func(*args, **kwargs)
        if base == "exponential" or not result.is_floating_point():
            raise Unliftable("draws from another distribution than a normal or uniform one")
        values = result.detach().numpy().astype(np.float64)
        tensors = [a for a in args if isinstance(a, torch.Tensor)]
        inplace = func._schema.name.endswith("_")
        if base in ("randn", "randn_like"):
            terms = A.draw("normal", result.shape, values)
        elif base.startswith("normal"):
            rest = args[1:] if inplace or base == "normal_functional" else args
            loc, scale = [
                *(self._sym(a) for a in rest),
                *[kwargs.get(k) for k in ("mean", "std") if k in kwargs],
            ][:2] or (0, 1)
            loc, scale = (0.0 if loc is None else loc), (1.0 if scale is None else scale)
            terms = _normal(loc, scale, values)
        else:
            terms = A.draw("uniform", result.shape, values)
            bounds = [a for a in args[1:] if isinstance(a, int | float)]
            if base == "uniform" and len(bounds) == 2 and bounds != [0, 1]:
                width = A.times(terms, bounds[1] - bounds[0])
                terms = A.plus(width, float(bounds[0]))
        if inplace and tensors:
            self._store(terms, result, args, kwargs, inplace=True)
        else:
            self.give(result, terms.t)
        return result

    def _extreme(self, base: str, given: Any, named: Any) -> Any:
        if len(given) > 1 and isinstance(given[1], Sym):
            return A.larger(*given) if base == "max" else A.smaller(*given)
        dim = given[1] if len(given) > 1 else named.get("dim")
        keep = given[2] if len(given) > 2 else named.get("keep", False)
        out = A.extreme(given[0], dim, keep, base == "max")
        return out if dim is None else (out, None)

    def _indexed(self, base: str, given: Any, args: Any, result: Any) -> Any:
        """Whatever only moves entries about: the same operation on their numbers."""
        x = given[0]
        if base in ("index", "masked_select"):
            places = given[1] if isinstance(given[1], list) else [given[1]]
            where = tuple(slice(None) if p is None else _places(p) for p in places)
            return x.each(lambda y: y[where])
        if base == "index_put":
            where = tuple(slice(None) if p is None else _places(p) for p in given[1])
            out = np.array(x.t)
            out[where] = (
                given[2].t
                if not (len(given) > 3 and given[3])
                else A.plus(x.each(lambda y: y[where]), given[2]).t
            )
            return Sym(out, x.v)
        if base == "sort":
            order = np.argsort(x.v, axis=given[1] if len(given) > 1 else -1)
            return x.each(lambda y: np.take_along_axis(y, order, given[1] if len(given) > 1 else -1)), None
        raise Unliftable(f"torch's `{base}` on symbols")

    def _padded(self, base: str, given: Any) -> Sym:
        g, sizes = given[0], [int(n) for n in given[1]]
        out = np.empty(sizes, dtype=object)
        out[...] = zero
        if base == "slice_backward":
            dim, start, end, step = given[2:6]
            where = [slice(None)] * len(sizes)
            where[dim] = slice(start, min(end, sizes[dim]), step)
            out[tuple(where)] = g.t
        elif base == "select_backward":
            place: list[Any] = [slice(None)] * len(sizes)
            place[given[2]] = given[3]
            out[tuple(place)] = g.t
        else:
            raise Unliftable(f"torch's `{base}` on symbols")
        return Sym(out, np.zeros(sizes))


def _places(p: Any) -> Any:
    v = np.asarray(p.v if isinstance(p, Sym) else p)
    return v if v.dtype == bool else v.astype(int)


def _constant(values: Any) -> Sym:
    if values.dtype == bool:
        return A.lifted(values.astype(np.float64))
    if not np.all(np.isfinite(values)):
        return _unusual(values)
    return A.lifted(values)


def _unusual(values: Any) -> Sym:
    raise Unliftable("an infinite number or NaN as a constant")
