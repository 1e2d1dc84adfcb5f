"""KL between two multivariate normals from covariances: a Bregman divergence and a distance."""

from __future__ import annotations

from vaemath.codegen.errors import Errors
from vaemath.codegen.program import Argument, Program

KL_MVN_COVARIANCE = Program(
    name="kl_mvn_covariance",
    theorem="kl-mvn",
    block="main",
    symbols={
        "mu_1": "loc_p",
        "Sigma_1": "covariance_p",
        "mu_2": "loc_q",
        "Sigma_2": "covariance_q",
    },
    summary="KL(N(loc_p, covariance_p) || N(loc_q, covariance_q)) in nats",
    arguments=(
        Argument(name="loc_p", event="d"),
        Argument(name="covariance_p", event="dd", needs="covariance"),
        Argument(name="loc_q", event="d"),
        Argument(name="covariance_q", event="dd", needs="covariance"),
    ),
    note="Gradients by a covariance are symmetric.",
    errors=Errors(
        float32=(1e-7, None),
        float64=(1e-10, None),
        unit="relative",
        of="condition numbers up to 1e6 (float64) and 1e3 (float32), near pairs included",
    ),
    steps="""
        gap = covariance_gap(covariance_p, covariance_q)
        value = 0.5 * gap + half_mahalanobis(loc_p, loc_q, covariance_q)
    """,
)
