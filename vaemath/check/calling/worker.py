"""The separate process in which somebody's function runs: it loads the function and calls it, as it
is told.

It reads one JSON object per line from standard input and answers with one per line; whatever the
function prints goes to standard error. Run as ``python -m vaemath.check.calling.worker``;
`vaemath.check.calling.process` is the other end.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import os
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from vaemath.check.calling.inspection import libraries, packages_of, parameters_of
from vaemath.check.calling.manners import generators, manners, seed_all
from vaemath.check.calling.wire import decode, encode

LOSS_KEYS = ("loss", "total", "total_loss", "elbo", "kl", "kld")


class Session:
    """One loaded function, and the variants of it that were compiled from edited source."""

    def __init__(self) -> None:
        self.function: Callable[..., Any] | None = None
        self.original: Callable[..., Any] | None = None
        self.files: dict[str, Any] = {}

    def load(self, place: str, name: str, is_file: bool) -> dict[str, Any]:
        """Import the module and find the function in it."""
        sys.path.insert(0, os.path.dirname(place) if is_file else os.getcwd())
        sys.argv = [place]
        if is_file and place in self.files:
            module = self.files[place]
        elif is_file:
            spec = importlib.util.spec_from_file_location(os.path.basename(place)[:-3], place)
            if spec is None or spec.loader is None:
                raise ImportError(f"cannot import {place}")
            module = importlib.util.module_from_spec(spec)
            sys.modules[spec.name] = module
            spec.loader.exec_module(module)
            self.files[place] = module
        else:
            module = importlib.import_module(place)
        found: Any = module
        for part in name.split("."):
            if not hasattr(found, part):
                raise AttributeError(f"there is no {name!r} in {place}")
            found = getattr(found, part)
        if not callable(found):
            raise TypeError(f"{name} is not a function")
        self.original = found
        return self._describe(found, module, name)

    def _describe(self, found: Any, module: Any, name: str) -> dict[str, Any]:
        parameters = parameters_of(found)
        bound = "." in name and bool(parameters) and parameters[0].name in ("self", "cls")
        if bound:  # a method: its object is stood for by one that is in training mode
            parameters = parameters[1:]
            stand_in = types.SimpleNamespace(training=True)
            self.function = lambda *a, **k: found(stand_in, *a, **k)
        else:
            self.function = found
        shown = []
        for p in parameters:
            default = None if p.default is p.empty else repr(p.default)
            number = p.default if isinstance(p.default, int | float) else None
            shown.append({"name": p.name, "kind": p.kind.name, "default": default, "number": number})
        used = libraries(found, module)
        source, line = None, 0
        try:
            lines, line = inspect.getsourcelines(inspect.unwrap(found))
            source = "".join(lines)
        except (OSError, TypeError):
            pass
        return {
            "parameters": shown,
            "source": source,
            "line": line,
            "torch": "torch" in (used or packages_of(vars(module).values())),
            "neutral": not used,
            "doc": inspect.getdoc(found) or "",
            "method": bound,
        }

    def variant(self, source: str | None, name: str) -> dict[str, Any]:
        """Use the function as edited: its source compiled anew, in the namespace of its module."""
        if self.original is None:
            raise RuntimeError("nothing is loaded")
        if source is None:
            self.function = self.original
            return {}
        plain = inspect.unwrap(self.original)
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

    def calls(self, request: dict[str, Any]) -> dict[str, Any]:
        """Make a list of calls; each answers with its value (and gradients), or with what it
        raised.
        """
        answers = []
        for k, arguments in enumerate(request["calls"]):
            seed = request["seed"][k] if isinstance(request["seed"], list) else request["seed"]
            try:
                answers.append(self._one([decode(a) for a in arguments], request, seed))
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                answers.append({"error": f"{type(error).__name__}: {error}".splitlines()[0][:300]})
        return {"answers": answers}

    def _one(self, arrays: list[Any], request: dict[str, Any], seed: int | None) -> dict[str, Any]:
        if self.function is None:
            raise RuntimeError("nothing is loaded")
        if seed is not None:
            seed_all(seed)
        before = generators() if request["watch"] else None
        wants = bool(request.get("gradients"))
        dtype = request["dtype"]
        options = request.get("options") or {}
        if request["library"] == "torch":
            return self._tensors(arrays, dtype, options, before, wants)
        given = [np.array(a, dtype=dtype) for a in arrays]
        with np.errstate(all="ignore"):
            result = self.function(*given, **options)
        return _answer(result) | manners(given, arrays, dtype, before)

    def _tensors(
        self,
        arrays: list[Any],
        dtype: str,
        options: dict[str, Any],
        before: list[Any] | None,
        wants: bool,
    ) -> dict[str, Any]:
        import torch

        assert self.function is not None
        given = [torch.from_numpy(np.array(a, dtype=dtype)) for a in arrays]
        leaves = given
        if wants:  # copies, as a network gives: what it returns may be changed in place
            leaves = [t.requires_grad_() for t in given]
            given = [t.clone() for t in leaves]
        result = self.function(*given, **options)
        answer = _answer(result) | manners([t.detach().numpy() for t in given], arrays, dtype, before)
        if wants:
            value = _pick(result)
            graph = isinstance(value, torch.Tensor) and value.requires_grad
            answer["graph"] = graph
            if graph:
                grads = torch.autograd.grad(value.sum(), leaves, allow_unused=True)
                answer["gradients"] = [None if g is None else encode(g.numpy()) for g in grads]
        return answer


def _pick(result: Any) -> Any:
    if isinstance(result, dict):
        for key in LOSS_KEYS:
            if key in result:
                return result[key]
        return next(iter(result.values()))
    return result[0] if isinstance(result, tuple | list) and result else result


def _answer(result: Any) -> dict[str, Any]:
    form = type(result).__name__
    value = _pick(result)
    if hasattr(value, "detach"):
        form = form if form in ("tuple", "list", "dict") else "tensor"
        value = value.detach().cpu().numpy()
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        kind = f"an array of {array.dtype}" if array.ndim and array.dtype != object else type(value).__name__
        raise TypeError(f"it returned {kind}, not real numbers")
    return {"value": encode(array), "form": form, "given": array.dtype.name}


def main() -> None:
    """Serve requests until standard input closes."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    lines = sys.stdin
    session = Session()
    for line in lines:
        request = json.loads(line)
        try:
            if request["do"] == "load":
                reply = session.load(request["place"], request["name"], request["is_file"])
                if "torch" in sys.modules:
                    sys.modules["torch"].set_num_threads(1)
            elif request["do"] == "variant":
                reply = session.variant(request["source"], request["name"])
            else:
                reply = session.calls(request)
        except KeyboardInterrupt:
            return
        except BaseException as error:
            reply = {"failed": f"{type(error).__name__}: {error}".splitlines()[0][:300]}
        out.write(json.dumps(reply) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
