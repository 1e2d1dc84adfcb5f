"""The forms in which a Python kernel may use its library, and what each means.

A form is matched whole: a keyword more, another axis or another dtype is another form, and refused; some are
functions of the frame. _0, _1 stand for expressions. What a form means is written in the words of
`vaemath.codegen.lift.library`, so that no name of the library is left to be rebound.
"""

from __future__ import annotations

import ast
from functools import cache

_NUMPY = {
    "np.where(_0, _1, _2)": "W_where(_0, _1, _2)",
    "np.exp(_0)": "W_exp(_0)",
    "np.log(_0)": "W_log(_0)",
    "np.log1p(_0)": "W_log1p(_0)",
    "np.abs(_0)": "W_abs(_0)",
    "np.trunc(_0)": "W_trunc(_0)",
    "np.maximum(_0, _1)": "W_maximum(_0, _1)",
    "np.minimum(_0, _1)": "W_minimum(_0, _1)",
    "np.isfinite(_0)": "W_isfinite(_0)",
    "np.less(_0, _1)": "W_less(_0, _1)",
    "np.full_like(_0, _1)": "W_full_like(_0, _1)",
    "np.eye(_0.shape[-1])": "W_eye(_0)",
    "np.tril(_0)": "W_tril(_0)",
    "np.tril(_0, -1)": "W_tril(_0, -1)",
    "np.swapaxes(_0, -1, -2)": "W_transpose(_0)",
    "np.diagonal(_0, axis1=-2, axis2=-1)": "W_diagonal(_0)",
    "np.linalg.cholesky(_0)": "W_cholesky(_0)",
    "_cholesky(_0, _1)": "W_cholesky(_1)",
    "_0.sum(axis=-1)": "W_sum(_0, -1)",
    "_0.sum(axis=(-2, -1))": "W_sum(_0, (-2, -1))",
}
_TORCH = {
    "torch.where(_0, _1, _2)": "W_where(_0, _1, _2)",
    "torch.exp(_0)": "W_exp(_0)",
    "torch.log(_0)": "W_log(_0)",
    "torch.log1p(_0)": "W_log1p(_0)",
    "torch.abs(_0)": "W_abs(_0)",
    "torch.sign(_0)": "W_sign(_0)",
    "torch.trunc(_0)": "W_trunc(_0)",
    "torch.maximum(_0, _1)": "W_maximum(_0, _1)",
    "torch.isfinite(_0)": "W_isfinite(_0)",
    "torch.lt(_0, _1)": "W_less(_0, _1)",
    "torch.clamp(_0, min=_1)": "W_maximum(_0, _1)",
    "torch.clamp(_0, min=_1, max=_2)": "W_minimum(W_maximum(_0, _1), _2)",
    "torch.sub(_0, _1, alpha=_2)": "_0 - _1 * _2",
    "torch.rsub(_0, _1, alpha=_2)": "_1 - _0 * _2",
    "torch.addcmul(_0, _1, _2)": "_0 + _1 * _2",
    "torch.addcmul(_0, _1, _2, value=_3)": "_0 + _1 * _2 * _3",
    "torch.sum(_0, -1, dtype=torch.float64)": "W_sum(_0, -1)",
    "torch.linalg.vector_norm(_0, dim=-1, dtype=torch.float64)": "W_norm(_0)",
    "_solve(_0, _1, False)": "W_solve(_0, _1)",
    "_solve(_0, _1, True)": "W_solve_upper(_0, _1)",
    "_length(_0)": "W_size(_0)",
    "torch.linalg.cholesky_ex(_0).L": "W_cholesky(_0)",
    "torch.eye(_0.shape[-1], dtype=_0.dtype, device=_0.device)": "W_eye(_0)",
    "torch.tril(_0)": "W_tril(_0)",
    "torch.tril(_0, -1)": "W_tril(_0, -1)",
    "torch.diagonal(_0, dim1=-2, dim2=-1)": "W_diagonal(_0)",
    "torch.diag_embed(_0)": "W_diagonal_matrix(_0)",
    "math.log(_0)": "W_log(_0)",
    "_0.to(torch.float64)": "W_typed(_0)",
    "_0.to(_1.dtype)": "W_typed(_0, _1)",
    "_0.mT": "W_transpose(_0)",
    "_0.sum((-2, -1))": "W_sum(_0, (-2, -1))",
}
_JAX = {
    form.replace("np.", "jnp."): meaning for form, meaning in _NUMPY.items() if "np." in form or "sum" in form
}
_JAX |= {
    "lax.linalg.triangular_solve(_0, _1, left_side=True, lower=True)": "W_solve(_0, _1)",
    "lax.linalg.triangular_solve(_0, _1, left_side=True, lower=True, transpose_a=True)": (
        "W_solve_upper(W_transpose(_0), _1)"
    ),
    "_0.mT": "W_transpose(_0)",
}
_BOTH = {
    "_0.shape[-1]": "W_size(_0)",
    "_0[..., None]": "_0[..., None]",
    "_0[..., 0]": "_0[..., 0]",
}
# how each target writes what is read back; C is brought to these words by `c_reading`
FORMS = {
    "numpy": _NUMPY | _BOTH,
    "torch": _TORCH | _BOTH,
    "jax": _JAX | _BOTH,
    "c": {f"{word}(_0)": f"W_{word}(_0)" for word in ("trunc", "fabs", "log")}
    | {"where(_0, _1, _2)": "W_where(_0, _1, _2)"},
}


@cache
def _parsed(target: str) -> tuple[tuple[ast.expr, ast.expr], ...]:
    return tuple(
        (ast.parse(form, mode="eval").body, ast.parse(meaning, mode="eval").body)
        for form, meaning in FORMS[target].items()
    )


def matched(node: ast.expr, target: str) -> tuple[ast.expr, dict[str, ast.expr]] | None:
    """What an expression means and what its _0, _1, ... are, if it has one of the forms of the target."""
    for form, meaning in _parsed(target):
        found: dict[str, ast.expr] = {}
        if type(form) is type(node) and _fits(form, node, found):
            return meaning, found
    return None


def _fits(form: object, node: object, found: dict[str, ast.expr]) -> bool:
    if isinstance(form, ast.Name) and form.id[1:].isdigit():
        if not isinstance(node, ast.expr):
            return False
        known = found.setdefault(form.id, node)
        return known is node or ast.dump(known) == ast.dump(node)
    if isinstance(form, ast.AST):
        if type(form) is not type(node):
            return False
        return all(
            _fits(getattr(form, name), getattr(node, name), found) for name in form._fields if name != "ctx"
        )
    if isinstance(form, list):
        return (
            isinstance(node, list)
            and len(form) == len(node)
            and all(_fits(a, b, found) for a, b in zip(form, node, strict=True))
        )
    return type(form) is type(node) and form == node


def filled(meaning: ast.expr, parts: dict[str, ast.expr]) -> ast.expr:
    """The meaning with these parts."""

    class Filler(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return parts.get(node.id, node)

    fresh = ast.parse(ast.unparse(meaning), mode="eval").body
    done: ast.expr = Filler().visit(fresh)
    return done
