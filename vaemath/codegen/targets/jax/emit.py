"""Writes what a JAX file computes: constants, special functions, `_program`."""

from __future__ import annotations

from pathlib import Path

from vaemath.codegen.program import Program
from vaemath.codegen.targets.python import one_function

_WORDS = {
    "half_expm1_parts": "_half_expm1_parts(_0)",
    "difference_parts": "_difference_parts(_0, _1)",
    "standardised": "_standardised(_0, _1, _2)",
    "standardised_parts": "_standardised_parts(_0, _1, _2)",
    "log_gap": "_log_gap(_0, _1, _2, _3)",
    "logistic_parts": "_logistic_parts(_0)",
    "half_square_plus": "0.5 * _0 * _0 + _1",
    "product_plus": "_0 * _1 + _2",
    "positive_part": "jnp.maximum(_0, 0.0)",
    "log": "jnp.log(_0)",
    "length": "_0.shape[-1]",
    "where": "jnp.where(_0, _1, _2)",
    "below": "jnp.less(_0, _1)",
    "sum_event": "_0.sum(axis=-1)",
    "sum_matrix": "_0.sum(axis=(-2, -1))",
    "expand": "jnp.broadcast_to(_0, _1.shape)",
    "column": "_0[..., None]",
    "flat": "_0[..., 0]",
    "tril": "jnp.tril(_0)",
    "strict_tril": "jnp.tril(_0, -1)",
    "transpose": "_0.mT",
    "diagonal": "_diagonal(_0)",
    "diagonal_matrix": "_diagonal_matrix(_0)",
    "identity_like": "jnp.eye(_0.shape[-1])",
    "solve_lower": "_solve_lower(_0, _1)",
    "solve_lower_refined": "_solve_lower_refined(_0, _1)",
    "solve_lower_transposed": "_solve_lower_transposed(_0, _1)",
    "cholesky": "_cholesky(_0)",
}


def computed(program: Program) -> str:
    """What the frame is around."""
    return one_function(program, _WORDS, Path(__file__).with_name("special.py"), {})
