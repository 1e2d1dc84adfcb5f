"""NumPy on symbols: an array that answers NumPy's protocols, and stand-ins for what they do not reach."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from scipy import special as sp

from vaemath.check.lift import arrays as A  # noqa: N812
from vaemath.check.lift.arrays import LOG, Sym, Unliftable

__all__ = ["Array", "of", "patched"]


def _sym(x: Any) -> Any:
    if isinstance(x, Array):
        return x.sym
    if isinstance(x, list | tuple) and any(isinstance(y, Array) for y in x):
        parts = [A.lifted(_sym(y)) for y in x]
        return Sym(np.stack([p.t for p in parts]), np.stack([p.v for p in parts]))
    return x


def of(x: Any) -> Any:
    """Wrap what an operation gave."""
    if isinstance(x, Sym):
        return Array(x)
    return tuple(of(y) for y in x) if isinstance(x, tuple) else x


class Array(NDArrayOperatorsMixin):
    """An array of terms that behaves like a NumPy array."""

    __array_priority__ = 1000

    def __init__(self, sym: Sym) -> None:
        self.sym = sym

    shape = property(lambda self: self.sym.shape)
    ndim = property(lambda self: len(self.sym.shape))
    size = property(lambda self: int(np.prod(self.sym.shape)))
    dtype = property(lambda self: np.dtype(np.float64))
    T = property(lambda self: self._view(np.transpose))
    real = property(lambda self: self)

    def _view(self, f: Callable[[Any], Any]) -> Array:
        return Array(self.sym.each(f))

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return int(self.shape[0])

    def __iter__(self) -> Iterator[Array]:
        return iter([self[k] for k in range(len(self))])

    def __getitem__(self, key: Any) -> Array:
        key = tuple(map(_index, key)) if isinstance(key, tuple) else _index(key)
        t = np.empty(self.shape, dtype=object)
        t[...] = self.sym.t
        got = t[key]
        if not isinstance(got, np.ndarray):
            cell = np.empty((), dtype=object)
            cell[()] = got
            got = cell
        return Array(Sym(got, np.asarray(self.sym.v)[key]))

    def __setitem__(self, key: Any, value: Any) -> None:
        key = tuple(map(_index, key)) if isinstance(key, tuple) else _index(key)
        new = A.lifted(_sym(value))
        self.sym.t[key] = new.t if new.t.ndim else new.t.item()
        self.sym.v[key] = new.v

    def __array__(self, *a: Any, **k: Any) -> Any:
        raise Unliftable("an array is turned into plain numbers")

    def __float__(self) -> float:
        raise Unliftable("an array is turned into a plain number")

    __int__ = __index__ = __float__

    def __bool__(self) -> bool:
        raise Unliftable("a branch on an array itself")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        given = [_sym(x) for x in inputs]
        name = ufunc.__name__
        if method == "reduce":
            f = {"add": A.total, "multiply": A.product}.get(name)
            if f is None:
                raise Unliftable(f"numpy's `{name}.reduce` on symbols")
            return of(f(given[0], kwargs.get("axis", 0), kwargs.get("keepdims", False)))
        if method != "__call__":
            raise Unliftable(f"numpy's `{name}.{method}` on symbols")
        name = _UFUNCS.get(name, name)
        if name in ("gt", "ge", "lt", "le", "eq", "ne"):
            return A.compared(name, *given)
        if name in _BINARY:
            out = _BINARY[name](*given)
        elif A.is_unary(name):
            out = A.unary(name, given[0])
        elif name in ("isnan", "isfinite", "isinf"):
            return getattr(np, name)(given[0].v)
        else:
            raise Unliftable(f"numpy's `{name}` on symbols")
        target = (kwargs.get("out") or (None,))[0]
        if isinstance(target, Array):
            target.sym.t[...], target.sym.v[...] = out.t, out.v
            return target
        return of(out)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        f = _FUNCTIONS.get(func.__module__.replace("numpy.", "") + "." + func.__name__) or _FUNCTIONS.get(
            func.__name__
        )
        kwargs = {
            k: v
            for k, v in kwargs.items()
            if k not in ("out", "dtype", "where", "initial", "like", "optimize")
        }
        if f is None:
            raise Unliftable(f"numpy's `{func.__name__}` on symbols")
        if func.__name__ in ("stack", "concatenate", "hstack", "vstack", "column_stack"):
            return of(f([A.lifted(_sym(x)) for x in args[0]], *args[1:], **kwargs))
        return of(f(*[_sym(a) for a in args], **{k: _sym(v) for k, v in kwargs.items()}))

    def astype(self, dtype: Any, *a: Any, **k: Any) -> Array:
        if np.dtype(dtype).kind != "f":
            raise Unliftable(f"a cast to {np.dtype(dtype)}")
        if np.dtype(dtype) != np.float64:
            LOG.notes["single precision"] = None
        return self

    def reshape(self, *shape: Any, **k: Any) -> Array:
        new = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape
        return self._view(lambda y: np.reshape(y, new))

    def transpose(self, *axes: Any) -> Array:
        return self._view(lambda y: np.transpose(y, *axes) if len(axes) < 2 else np.transpose(y, axes))

    def item(self, *a: Any) -> Array:
        return self

    def copy(self) -> Array:
        return self._view(np.array)

    def __getattr__(self, name: str) -> Any:
        if name in _METHODS:
            return lambda *a, **k: of(_FUNCTIONS[name](self.sym, *[_sym(x) for x in a], **k))
        raise AttributeError(f"'numpy.ndarray' object has no attribute '{name}'")


def _index(k: Any) -> Any:
    return np.asarray(k.sym.v, dtype=int) if isinstance(k, Array) else k


_METHODS = [
    "sum",
    "mean",
    "prod",
    "var",
    "std",
    "min",
    "max",
    "clip",
    "flatten",
    "ravel",
    "squeeze",
    "swapaxes",
    "trace",
    "diagonal",
    "dot",
    "round",
    "cumsum",
    "repeat",
]
_UFUNCS = {
    "absolute": "abs",
    "negative": "neg",
    "power": "pow",
    "float_power": "pow",
    "subtract": "sub",
    "multiply": "mul",
    "true_divide": "div",
    "divide": "div",
    "expit": "sigmoid",
    "gammaln": "lgamma",
    "psi": "digamma",
    "greater": "gt",
    "greater_equal": "ge",
    "less": "lt",
    "less_equal": "le",
    "equal": "eq",
    "not_equal": "ne",
    "log_expit": "log_sigmoid",
    "arctan": "atan",
    "fabs": "abs",
    "fmax": "maximum",
    "fmin": "minimum",
}
_BINARY: dict[str, Any] = {
    "add": A.plus,
    "sub": A.minus,
    "mul": A.times,
    "div": A.over,
    "pow": A.raised,
    "maximum": A.larger,
    "minimum": A.smaller,
    "matmul": A.matmul,
    "xlogy": A.xlogy,
    "abs": A.absolute,
    "xlog1py": lambda x, y: A.times(x, A.unary("log1p", y)),
    "logaddexp": lambda a, b: A.unary("log", A.plus(A.unary("exp", a), A.unary("exp", b))),
    "rel_entr": lambda a, b: A.times(a, A.minus(A.unary("log", a), A.unary("log", b))),
    "conjugate": lambda x: x,
    "positive": lambda x: x,
    "sign": lambda x: A.lifted(np.sign(x.v)),
    "logit": lambda x: A.minus(A.unary("log", x), A.unary("log", A.minus(1.0, x))),
}


def _std(x: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Sym:
    return A.unary("sqrt", A.variance(x, axis, ddof, keepdims))


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Sym:
    return A.norm(x, 2 if ord is None else ord, axis, keepdims)


def _moved(name: str) -> Callable[..., Any]:
    return lambda x, *a, **k: A.lifted(x).each(lambda y: getattr(np, name)(y, *a, **k))


def _diag(x: Any, k: int = 0) -> Any:
    if len(x.shape) == 2:
        return x.each(np.diag)
    return A.masked(x.each(lambda y: y[..., None]), np.eye(x.shape[0], dtype=bool))


def _joined(f: Any) -> Callable[..., Any]:
    def run(parts: list[Sym], *a: Any, **k: Any) -> Sym:
        return Sym(f([p.t for p in parts], *a, **k), f([p.v for p in parts], *a, **k))

    return run


def _summed_product(spec: str, *xs: Any) -> Any:
    ins, out = spec.replace(" ", "").split("->") if "->" in spec else (spec, "")
    parts = [A.lifted(x) for x in xs]
    letters = sorted(set(ins) - {","})
    total = None
    for part, names in zip(parts, ins.split(","), strict=True):
        order = [names.index(c) for c in letters if c in names]
        spread = part.each(
            lambda y, o=order, n=names: np.transpose(y, o)[
                tuple(slice(None) if c in n else None for c in letters)
            ]  # type: ignore[misc]
        )
        total = spread if total is None else A.times(total, spread)
    summed = (
        A.total(total, [k for k, c in enumerate(letters) if c not in out])
        if set(letters) - set(out)
        else total
    )
    kept = [c for c in letters if c in out]
    assert summed is not None
    return summed.each(lambda y: np.transpose(y, [kept.index(c) for c in out]))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sum": lambda x, axis=None, keepdims=False: A.total(x, axis, keepdims),
    "mean": lambda x, axis=None, keepdims=False: A.mean(x, axis, keepdims),
    "average": lambda x, axis=None, keepdims=False: A.mean(x, axis, keepdims),
    "prod": lambda x, axis=None, keepdims=False: A.product(x, axis, keepdims),
    "var": lambda x, axis=None, ddof=0, keepdims=False: A.variance(x, axis, ddof, keepdims),
    "std": _std,
    "max": lambda x, axis=None, keepdims=False: A.extreme(x, axis, keepdims),
    "amax": lambda x, axis=None, keepdims=False: A.extreme(x, axis, keepdims),
    "min": lambda x, axis=None, keepdims=False: A.extreme(x, axis, keepdims, False),
    "amin": lambda x, axis=None, keepdims=False: A.extreme(x, axis, keepdims, False),
    "clip": lambda x, a_min=None, a_max=None, min=None, max=None: A.clamp(
        x, min if a_min is None else a_min, max if a_max is None else a_max
    ),
    "where": lambda c, a, b: A.chosen("where", c, a, b),
    "dot": A.matmul,
    "inner": lambda a, b: A.total(A.times(a, b), -1),
    "outer": lambda a, b: A.times(
        A.lifted(a).each(lambda y: np.ravel(y)[:, None]), A.lifted(b).each(np.ravel)
    ),
    "einsum": _summed_product,
    "trace": lambda x, offset=0, axis1=0, axis2=1: A.total(
        x.each(lambda y: np.diagonal(y, axis1=axis1, axis2=axis2)), -1
    ),
    "diag": _diag,
    "linalg.inv": A.inverse,
    "linalg.det": A.determinant,
    "linalg.slogdet": A.slogdet,
    "linalg.cholesky": A.cholesky,
    "linalg.solve": A.solve,
    "linalg.norm": _norm,
    "norm": _norm,
    "inv": A.inverse,
    "det": A.determinant,
    "slogdet": A.slogdet,
    "cholesky": A.cholesky,
    "solve": A.solve,
    "zeros_like": lambda x: A.lifted(np.zeros(x.shape)),
    "ones_like": lambda x: A.lifted(np.ones(x.shape)),
    "empty_like": lambda x: A.lifted(np.zeros(x.shape)),
    "full_like": lambda x, value: A.plus(A.lifted(np.zeros(x.shape)), value),
    "shape": lambda x: x.shape,
    "size": lambda x: int(np.prod(x.shape)),
    "ndim": lambda x: len(x.shape),
    "nan_to_num": lambda x, **k: x,
    "real": lambda x: x,
    "copy": lambda x: x.each(np.array),
    "flatten": lambda x: x.each(np.ravel),
    "round": lambda x, *a: _refuse("round"),
    "stack": _joined(np.stack),
    "concatenate": _joined(np.concatenate),
    "hstack": _joined(np.hstack),
    "vstack": _joined(np.vstack),
    "column_stack": _joined(np.column_stack),
}
_FUNCTIONS |= {
    n: _moved(n)
    for n in [
        "reshape",
        "transpose",
        "ravel",
        "squeeze",
        "expand_dims",
        "broadcast_to",
        "swapaxes",
        "moveaxis",
        "diagonal",
    ]
}
_FUNCTIONS |= {
    n: _moved(n)
    for n in [
        "tile",
        "repeat",
        "split",
        "array_split",
        "atleast_1d",
        "atleast_2d",
        "cumsum",
        "flip",
        "roll",
        "take",
        "tril",
        "triu",
    ]
}


def _refuse(what: str) -> Any:
    raise Unliftable(f"numpy's `{what}` on symbols")


def _logsumexp(x: Any, axis: Any = None, b: Any = None, keepdims: bool = False) -> Any:
    return (
        of(A.logsumexp(_sym(x), axis, keepdims))
        if isinstance(x, Array)
        else _ORIGINAL["logsumexp"](x, axis, b, keepdims)
    )


_ORIGINAL: dict[str, Any] = {"logsumexp": sp.logsumexp, "softmax": sp.softmax, "log_softmax": sp.log_softmax}


def _drawn(kind: str, original: Any, sized: bool) -> Any:
    """A stand-in for a function that draws: fresh symbols."""

    def run(*a: Any, **k: Any) -> Any:
        if kind == "normal" and not sized and original.__name__ == "normal":
            loc, scale, size = [*a, *[None] * 3][:3]
            loc, scale = (
                k.get("loc", 0.0 if loc is None else loc),
                k.get("scale", 1.0 if scale is None else scale),
            )
            size = k.get("size", size)
            shape = np.broadcast_shapes(np.shape(loc), np.shape(scale)) if size is None else size
        else:
            loc, scale = 0.0, 1.0
            shape = a if sized else k.get("size", a[0] if a else ())
        shape = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
        with _untouched():
            value = np.random.default_rng(7).uniform(0.2, 0.8, shape)
        noise = of(A.draw(kind, shape, value))
        return loc + noise * scale

    return run


_RANDOM = {"randn": ("normal", True), "standard_normal": ("normal", False), "normal": ("normal", False)}
_RANDOM |= {"rand": ("uniform", True), "random": ("uniform", False), "random_sample": ("uniform", False)}
_RESTORE: dict[str, Any] = {n: getattr(np.random, n) for n in (*_RANDOM, "default_rng", "seed")}


@contextmanager
def _untouched() -> Iterator[None]:
    now = np.random.default_rng
    np.random.default_rng = _RESTORE["default_rng"]
    try:
        yield
    finally:
        np.random.default_rng = now


class _Generator:
    """What `default_rng` gives while a function is lifted."""

    def __init__(self, *seed: Any) -> None:
        LOG.seeded = LOG.seeded or bool(seed)

    def __getattr__(self, name: str) -> Any:
        if name not in _RANDOM:
            raise Unliftable(f"draws by `Generator.{name}`")
        kind, _ = _RANDOM[name]
        return _drawn(kind, _RESTORE[name], False)


def _seeded(*a: Any, **k: Any) -> None:
    LOG.seeded = True


def _math(name: str) -> Any:
    original = getattr(math, name)

    def run(x: Any, *rest: Any) -> Any:
        if isinstance(x, Array):
            return getattr(np, name)(x)
        if hasattr(x, "detach"):
            return getattr(x, name)()
        return original(x, *rest)

    return run


@contextmanager
def patched() -> Iterator[None]:
    """While it is entered, draws are symbols, and `math` takes symbols."""
    names = ("exp", "log", "sqrt", "log1p", "expm1")
    kept = {n: getattr(math, n) for n in names}
    try:
        for n in names:
            setattr(math, n, _math(n))
        for n, (kind, sized) in _RANDOM.items():
            setattr(np.random, n, _drawn(kind, _RESTORE[n], sized))
        np.random.default_rng = _Generator  # type: ignore[assignment]
        np.random.seed = _seeded
        sp.logsumexp = _logsumexp
        yield
    finally:
        for n, f in kept.items():
            setattr(math, n, f)
        for n, f in _RESTORE.items():
            setattr(np.random, n, f)
        sp.logsumexp = _ORIGINAL["logsumexp"]
