"""The separate process in which somebody's function runs: it loads the function, runs it on symbols and
calls it on numbers, as it is told.

It reads one JSON object per line from standard input and answers with one per line; whatever the
function prints goes to standard error. Run as ``python -m vaemath.check.calling.worker``;
`vaemath.check.calling.process` is the other end.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import os
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from vaemath.check.calling import load
from vaemath.check.calling.inspection import libraries, packages_of, parameters_of
from vaemath.check.calling.manners import changed, generators, seed_all
from vaemath.check.calling.supply import Auto, Kind, Supply, adapt, first_kinds
from vaemath.check.calling.wire import pack
from vaemath.check.core import REAL, symbol, zero
from vaemath.check.lift.arrays import LOG, Sym, Unliftable
from vaemath.check.lift.constants import constant_term

ATTEMPTS = 24
LARGEST_PART = 4096


class Session:
    """One loaded function, and the edited versions of it."""

    def __init__(self) -> None:
        self.function: Callable[..., Any] | None = None
        self.original: Callable[..., Any] | None = None
        self.owner: type | None = None
        self.module: Any = None
        self.files: dict[str, Any] = {}

    def load(
        self, place: str, name: str, is_file: bool, call: str | None, make: str | None
    ) -> dict[str, Any]:
        """Import the module and find the function in it."""
        sys.argv = [place]
        if place not in self.files:
            self.files[place] = load.load_file(place) if is_file else load.load_module(place)
        self.module = self.files[place]
        space = self.module.__dict__
        if call is not None:
            return self.describe(_expression(call, space))
        found: Any = self.module
        self.owner = None
        for part in name.split("."):
            if isinstance(found, type):
                self.owner = found
            if not hasattr(found, part):
                left_out = "; ".join(space.get("__vaemath_left_out__", [])[:1])
                raise AttributeError(
                    f"there is no {name!r} in {place}" + (f" ({left_out})" if left_out else "")
                )
            found = inspect.getattr_static(found, part) if isinstance(found, type) else getattr(found, part)
        if isinstance(found, staticmethod | classmethod):
            found = found.__func__
        if isinstance(found, type):
            self.owner, found = found, getattr(found, "forward", None) or found.__call__
        if not callable(found):
            raise TypeError(f"{name} is not a function")
        if make is not None and self.owner is not None:
            found = getattr(eval(compile(make, "<make>", "eval"), space), found.__name__)
            self.owner = None
        return self.describe(found)

    def describe(self, found: Any) -> dict[str, Any]:
        """Take this function; what its code says of itself."""
        self.original = self.function = found
        parameters = parameters_of(found)
        if self.owner is not None and (not parameters or parameters[0].name not in ("self", "cls")):
            self.owner = None
        if self.owner is not None:
            parameters = parameters[1:]
        used = libraries(found, self.module)
        source, line = "", 0
        try:
            lines, line = inspect.getsourcelines(inspect.unwrap(found))
            source = "".join(lines)
        except (OSError, TypeError):
            pass
        self.parameters = parameters
        return {
            "name": getattr(found, "__name__", ""),
            "parameters": [p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)],
            "variadic": next((p.name for p in parameters if p.kind == p.VAR_POSITIONAL), ""),
            "defaults": {p.name: repr(p.default) for p in parameters if p.default is not p.empty},
            "source": source,
            "line": line,
            "file": getattr(self.module, "__file__", "") or "",
            "torch": "torch" in (used or packages_of(vars(self.module).values())),
            "neutral": not used,
            "doc": inspect.getdoc(found) or "",
        }

    def variant(self, source: str | None, name: str) -> dict[str, Any]:
        """Use the function as edited: its source compiled anew, in the namespace of its module."""
        if source is None:
            self.function = self.original
            return {}
        plain = inspect.unwrap(self.original)  # type: ignore[arg-type]
        if not isinstance(plain, types.FunctionType) or plain.__closure__:
            raise TypeError("not a plain function")
        code = compile(source, "<edited>", "exec")
        inner = [c for c in code.co_consts if isinstance(c, types.CodeType) and c.co_name == name]
        if not inner:
            raise SyntaxError("no function in the edited source")
        edited = types.FunctionType(inner[0], plain.__globals__, name, plain.__defaults__)
        edited.__kwdefaults__ = plain.__kwdefaults__
        self.function = edited
        return {}

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        """One call: on symbols, or on numbers alone (`plain`); arguments as `kinds` says, or found out."""
        kinds = {n: Kind(w, tuple(p), k) for n, (w, p, k) in request.get("kinds", {}).items()}
        sizes = dict(request["sizes"])
        learn = not kinds
        if learn:
            kinds = first_kinds(self.parameters, request.get("fixed", {}), self.function)
            if any(k.word in ("matrix", "tril") for k in kinds.values()):
                sizes["latent"] = 2
        variadic = {p.kind.name: p.name for p in self.parameters if p.kind.name.startswith("VAR_")}
        positional = (
            _positional(self.parameters, self.function, request.get("fixed", {}))
            if "VAR_POSITIONAL" in variadic
            else []
        )
        for n in positional:
            if learn:
                fixed, kind = request.get("fixed", {}), _guessed(n)
                kinds[n] = Kind(fixed.get(n, "latent" if kind.word == "object" else kind.word))
        last: BaseException | None = None
        first: BaseException | None = None
        for _ in range(ATTEMPTS if learn else 1):
            try:
                return self._once(kinds, sizes, positional, request)
            except KeyboardInterrupt:
                raise
            except Unliftable as error:
                return {"unliftable": f"{error}", **_chosen(kinds, sizes, positional)}
            except BaseException as error:
                last, first = error, first or error
                if not adapt(error, kinds, sizes, self.function, variadic):
                    break
        assert last is not None
        return {
            "error": f"{type(last).__name__}: {last}".splitlines()[0][:300],
            **_chosen(kinds, sizes, positional),
        }

    def _once(
        self, kinds: dict[str, Kind], sizes: dict[str, int], positional: list[str], request: dict[str, Any]
    ) -> dict[str, Any]:
        plain, seed = request.get("plain", False), request.get("seed", 0)
        if seed is not None:
            seed_all(seed)
        LOG.__init__()  # type: ignore[misc]
        LOG.whole_abs = bool(request.get("whole_abs"))
        library = Torch if request["library"] == "torch" else Numpy
        runner = library(request, np.random.default_rng(request.get("point", 1)), plain)
        supply = Supply(sizes, runner.array, runner.dist)
        before = generators()
        with runner.active():
            arguments = {n: supply.of(n, k) for n, k in kinds.items()}
            copies = runner.copies(arguments)
            function = self._bound(supply)
            first = [copies.pop(n) for n in positional]
            order = [p for p in self.parameters if p.name in copies and p.kind in (p.POSITIONAL_ONLY,)]
            ordered = [copies.pop(p.name) for p in order]
            result = function(*ordered, *first, **copies) if not positional else function(*first, **copies)
            parts = _parts(result)
            if not parts:
                raise TypeError(f"it returned {type(result).__name__}, not numbers")
            answer = runner.answer(parts, request.get("gradients", False))
        answer["drawn"] = changed(before)
        answer["given"] = [dataclasses.asdict(g) for g in supply.given.values()]
        answer["counts"] = supply.counts
        answer["inputs"] = runner.inputs()
        answer |= {
            "notes": list(LOG.notes),
            "draws": LOG.draws,
            "seeded": LOG.seeded,
            "form": type(result).__name__,
        }
        return answer | _chosen(kinds, sizes, positional)

    def _bound(self, supply: Supply) -> Callable[..., Any]:
        assert self.function is not None
        if self.owner is None:
            return self.function
        auto = Auto(supply, "self")
        me = load.stand_in(self.owner, lambda key: getattr(auto, key), None)
        function = self.function
        return lambda *a, **k: function(me, *a, **k)


def _chosen(kinds: dict[str, Kind], sizes: dict[str, int], positional: list[str]) -> dict[str, Any]:
    return {
        "kinds": {n: [k.word, list(k.parts), k.width] for n, k in kinds.items()},
        "sizes": sizes,
        "positional": positional,
    }


def _guessed(name: str) -> Kind:
    from vaemath.check.calling.supply import guess

    return guess(name)


def _positional(parameters: list[Any], function: Any, fixed: dict[str, str]) -> list[str]:
    """The names that a function with *args gives to its arguments: `mu = args[2]`, `mu, logvar = args`."""
    import re

    try:
        source = inspect.getsource(inspect.unwrap(function))
    except (OSError, TypeError):
        source = ""
    star = next(p.name for p in parameters if p.kind == p.VAR_POSITIONAL)
    named = {int(k): n for n, k in re.findall(rf"(\w+)\s*=\s*{star}\[(\d+)\]", source)}
    unpacked = re.search(rf"([\w ,]+?)\s*=\s*{star}\s*$", source, re.M)
    if unpacked:
        named = {k: n.strip() for k, n in enumerate(unpacked.group(1).split(","))}
    used = [int(k) for k in re.findall(rf"{star}\[(\d+)\]", source)]
    count = max([len(fixed), *(k + 1 for k in [*named, *used])], default=2)
    words = list(fixed)
    return [named.get(k, words[k] if k < len(words) else f"{star}[{k}]") for k in range(count)]


def _expression(text: str, space: dict[str, Any]) -> Any:
    """A function of the names in an expression that the module does not have."""
    code = compile(text, "<call>", "eval")
    names = [
        n
        for n in dict.fromkeys(code.co_names)
        if n not in space and not hasattr(__builtins__, n) and not _attribute(text, n)
    ]
    if "__builtins__" in space and isinstance(space["__builtins__"], dict):
        names = [n for n in names if n not in space["__builtins__"]]
    for library in ("torch", "np", "math", "F"):
        if library in names:
            names.remove(library)
    import math

    space = {"np": np, "math": math} | space
    if "torch" in text or "F." in text:
        import torch

        space = {"torch": torch, "F": torch.nn.functional} | space

    def call(**given: Any) -> Any:
        return eval(code, space, given)

    parameters = [inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY) for n in names]
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__name__ = "call"
    used = {
        packages_of([v]).pop() for n in code.co_names if (v := space.get(n)) is not None and packages_of([v])
    }
    used |= set().union(
        *(
            libraries(space[n], types.SimpleNamespace(**{}))
            for n in code.co_names
            if inspect.isfunction(space.get(n))
        ),
        set(),
    )
    call.__vaemath_libraries__ = used  # type: ignore[attr-defined]
    return call


def _attribute(text: str, name: str) -> bool:
    """Whether a name occurs only after a dot or as a keyword."""
    import ast

    return not any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(ast.parse(text, mode="eval")))


def _parts(result: Any, prefix: str = "", depth: int = 0) -> dict[str, Any]:
    """Every array in a result, by the name under which it is found there."""
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        result = {f.name: getattr(result, f.name) for f in dataclasses.fields(result)}
    if hasattr(result, "_asdict"):
        result = result._asdict()
    if isinstance(result, types.SimpleNamespace):
        result = vars(result)
    if isinstance(result, dict) and depth < 4:
        pairs = [(str(k), v) for k, v in result.items()]
    elif isinstance(result, tuple | list) and depth < 4:
        if result and all(isinstance(v, int | float) for v in result):
            return {prefix: np.asarray(result, dtype=np.float64)}
        pairs = [(str(k), v) for k, v in enumerate(result)]
    elif hasattr(result, "detach") or hasattr(result, "sym") or isinstance(result, np.ndarray | np.floating):
        return {prefix: result}
    elif isinstance(result, int | float) and not isinstance(result, bool):
        return {prefix: np.asarray(float(result))}
    else:
        return {}
    out: dict[str, Any] = {}
    for key, value in pairs:
        out |= _parts(value, f"{prefix}.{key}" if prefix else key, depth + 1)
    return out


class Runner:
    """What is common to the libraries: values at a point, and what was given."""

    def __init__(self, request: dict[str, Any], rng: np.random.Generator, plain: bool) -> None:
        self.request, self.rng, self.plain = request, rng, plain
        self.leaves: dict[str, Any] = {}

    def value(self, name: str, shape: tuple[int, ...], kind: str) -> Any:
        """Numbers for an argument: in the range asked for, else where every convention is defined."""
        if kind == "labels":
            return self.rng.integers(0, 2, shape)
        low, high = self.request.get("ranges", {}).get(name, (0.25, 0.85))
        if kind in ("matrix", "tril"):
            n = shape[-1]
            off = 0.0 if self.request.get("diagonal") else 1.0
            factor = off * np.tril(self.rng.uniform(0.1, 0.4, shape), -1) + self.rng.uniform(
                0.6, 1.4, shape[:-1]
            )[..., None] * np.eye(n)
            return factor if kind == "tril" else factor @ np.swapaxes(factor, -1, -2)
        return self.rng.uniform(low, high, shape)

    def terms(self, name: str, shape: tuple[int, ...], kind: str) -> Any:
        """The symbols of an argument: one for each entry; those of a matrix as its kind has them."""
        out = np.empty(shape, dtype=object)
        for i in np.ndindex(shape):
            place = i
            if kind == "matrix" and i[-1] > i[-2]:
                place = (*i[:-2], i[-1], i[-2])
            if kind == "tril" and i[-1] > i[-2]:
                out[i] = zero
                continue
            out[i] = symbol(f"{name}|{','.join(map(str, place))}", REAL)
        return out

    def inputs(self) -> dict[str, Any]:
        """The numbers that were given."""
        return {n: [list(np.shape(v)), np.ravel(v).tolist()] for n, v in self.leaves.items()}

    def pack(self, parts: dict[str, Sym], conditions: list[tuple[str, Any]]) -> dict[str, Any]:
        """Terms and values for the wire."""
        shapes = {n: list(s.shape) for n, s in parts.items()}
        values = {n: [float(x) for x in np.ravel(s.v)] for n, s in parts.items()}
        terms = [t for s in parts.values() for t in np.ravel(s.t)]
        rows, heads = pack([*terms, *(t for _, t in conditions)])
        return {
            "shapes": shapes,
            "values": values,
            "rows": rows,
            "heads": heads,
            "conditions": [k for k, _ in conditions],
        }


class Numpy(Runner):
    """Calls with NumPy arrays."""

    dist = None

    def active(self) -> Any:
        from contextlib import nullcontext

        from vaemath.check.lift.on_numpy import patched

        return nullcontext() if self.plain else patched()

    def array(self, name: str, shape: tuple[int, ...], kind: str) -> Any:
        value = self.value(name, shape, kind)
        self.leaves[name] = value
        if kind == "labels" or self.plain:
            return value if value.shape else float(value)
        from vaemath.check.lift.on_numpy import Array

        return Array(Sym(self.terms(name, shape, kind), np.array(value)))

    def copies(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self.kept = {n: np.array(v) for n, v in self.leaves.items()}
        return dict(arguments)

    def inputs(self) -> dict[str, Any]:
        changed_ones = [n for n, v in self.leaves.items() if not np.array_equal(v, self.kept.get(n, v))]
        for n in changed_ones:
            LOG.notes[f"it changes its input `{n}` in place"] = None
        self.leaves |= self.kept
        return super().inputs()

    def answer(self, parts: dict[str, Any], gradients: bool) -> dict[str, Any]:
        syms = {}
        for n, x in parts.items():
            value = getattr(x, "sym", x)
            if np.size(getattr(value, "v", value)) > LARGEST_PART:
                continue
            array = value if isinstance(value, Sym) else np.asarray(value)
            if not isinstance(array, Sym) and array.dtype.kind not in "fiub":
                raise TypeError(f"it returned an array of {array.dtype}, not real numbers")
            syms[n] = array if isinstance(array, Sym) else _finite_constant(array)
        return self.pack(syms, list(LOG.conditions))


class Torch(Runner):
    """Calls with torch tensors."""

    def __init__(self, *a: Any) -> None:
        super().__init__(*a)
        import torch

        from vaemath.check.lift.on_torch import Mode

        self.torch = torch
        torch.set_default_dtype(torch.float64)
        torch.distributions.Distribution.set_default_validate_args(False)
        self.mode = Mode()

    def active(self) -> Any:
        from contextlib import nullcontext

        return nullcontext() if self.plain else self._lifting()

    @contextmanager
    def _lifting(self) -> Iterator[None]:
        original = self.torch.manual_seed

        def seeded(seed: int) -> Any:
            LOG.seeded = True
            return original(seed)

        from vaemath.check.lift.on_numpy import patched

        tensor: Any = self.torch.Tensor
        item, numpy = tensor.item, tensor.numpy

        def same(self_: Any, *a: Any, **k: Any) -> Any:  # a number taken out of a tensor stays a symbol
            return self_.detach() if self.mode.has(self_) else item(self_, *a, **k)

        self.torch.manual_seed, tensor.item = seeded, same
        try:
            with patched(), self.mode:
                yield
        finally:
            self.torch.manual_seed, tensor.item, tensor.numpy = original, item, numpy

    def dist(self, loc: Any, scale: Any) -> Any:
        return self.torch.distributions.Normal(loc, scale)

    def array(self, name: str, shape: tuple[int, ...], kind: str) -> Any:
        value = self.value(name, shape, kind)
        if kind == "labels":
            return self.torch.from_numpy(value)
        tensor = self.torch.from_numpy(np.array(value))
        if not self.plain:
            self.mode.give(tensor, self.terms(name, shape, kind))
        if self.request.get("gradients"):
            tensor.requires_grad_()
        self.leaves[name] = tensor
        return tensor.clone()  # as a network gives it: what it returns may be changed in place

    def copies(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self.first = {
            n: (x, x.detach().clone()) for n, x in arguments.items() if isinstance(x, self.torch.Tensor)
        }
        return dict(arguments)

    def inputs(self) -> dict[str, Any]:
        for n, (x, was) in self.first.items():
            if not self.torch.equal(x.detach(), was):
                LOG.notes[f"it changes its input `{n}` in place"] = None
        return {n: [list(t.shape), t.detach().reshape(-1).tolist()] for n, t in self.leaves.items()}

    def answer(self, parts: dict[str, Any], gradients: bool) -> dict[str, Any]:
        torch, syms = self.torch, {}
        flows: dict[str, bool | None] = {}
        tensors = {
            n: x
            for n, x in parts.items()
            if (x.numel() if isinstance(x, torch.Tensor) else np.size(x)) <= LARGEST_PART
        }
        for n, x in tensors.items():
            if isinstance(x, torch.Tensor):
                if x.is_complex():
                    raise TypeError(f"it returned an array of {x.dtype}, not real numbers")
                syms[n] = self.mode.read(x) if not self.plain else _finite_constant(x.detach().numpy())
            else:
                syms[n] = _finite_constant(np.asarray(x))
        conditions = list(LOG.conditions)
        if gradients:
            for n, x in tensors.items():
                if not isinstance(x, torch.Tensor) or not x.is_floating_point():
                    continue
                flows[n] = x.requires_grad
                if not x.requires_grad:
                    continue
                try:
                    grads = torch.autograd.grad(
                        x.sum(), list(self.leaves.values()), allow_unused=True, retain_graph=True
                    )
                except Unliftable:
                    flows[n] = None  # the gradient is not examined
                    continue
                for leaf, g in zip(self.leaves, grads, strict=True):
                    zeros = np.zeros(tuple(self.leaves[leaf].shape))
                    got = (
                        _finite_constant(zeros)
                        if g is None
                        else self.mode.read(g)
                        if not self.plain
                        else _finite_constant(g.numpy())
                    )
                    syms[f"{n}'{leaf}"] = got
        return self.pack(syms, conditions) | {"flows": flows}


def _finite_constant(values: Any) -> Sym:
    v = np.asarray(values, dtype=np.float64)
    t = np.empty(v.shape, dtype=object)
    for i in np.ndindex(v.shape):
        t[i] = constant_term(float(v[i])) if np.isfinite(v[i]) else zero
    return Sym(t, v)


def confine() -> None:
    """Limits on what a function may do here: no file beyond 64 kB, no GPU, at most 8 GB, one thread."""
    import resource
    import signal

    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))
    soft = 8 << 30
    resource.setrlimit(resource.RLIMIT_AS, (soft, soft))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.dont_write_bytecode = True


def settle_torch() -> None:
    """torch on one thread, and every call for a GPU answered on the CPU."""
    torch = sys.modules.get("torch")
    if torch is None or getattr(torch, "_vaemath_settled", False):
        return
    torch.set_num_threads(1)
    torch._vaemath_settled = True  # type: ignore[attr-defined]
    original = torch.Tensor.to

    def to(self: Any, *a: Any, **k: Any) -> Any:
        a = tuple(x for x in a if not isinstance(x, str | torch.device))
        k = {n: v for n, v in k.items() if n != "device"}
        return original(self, *a, **k) if a or k else self

    torch.Tensor.to = to
    torch.Tensor.cuda = lambda self, *a, **k: self
    torch.cuda._lazy_init = lambda: None


@contextmanager
def kept_settings() -> Iterator[None]:
    """The global settings of torch are put back afterwards."""
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    kept = torch.get_default_dtype(), torch.distributions.Distribution._validate_args
    try:
        yield
    finally:
        torch.set_default_dtype(kept[0])
        torch.distributions.Distribution.set_default_validate_args(kept[1])


def answer(session: Session, request: dict[str, Any]) -> dict[str, Any]:
    """The reply to one request."""
    do = request.pop("do")
    try:
        if do == "load":
            reply = session.load(**request)
            settle_torch()
            return reply
        return session.variant(**request) if do == "variant" else session.run(request)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return {"failed": f"{type(error).__name__}: {error}".splitlines()[0][:300]}


def main() -> None:
    """Serve requests until standard input closes."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    lines = sys.stdin
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115
    confine()
    session = Session()
    for line in lines:
        try:
            reply = answer(session, json.loads(line))
        except KeyboardInterrupt:
            return
        out.write(json.dumps(reply) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
