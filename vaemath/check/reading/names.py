"""What a parameter's name suggests: what it may be, and whose. A suggestion orders what is tried; it
proves nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["SPREADS_OF", "Reading", "read_name"]


@dataclass(frozen=True)
class Reading:
    """A role (loc, spread, matrix, x, recon, z, eps, weight, count, mask, dist, object, text, unknown),
    the conventions that the name suggests, and a mark such as 1, p, prior, x.

    `sure` says that the name leaves no doubt about the convention.
    """

    role: str
    conventions: tuple[str, ...] = ()
    group: str = ""
    sure: bool = False


ANY = ("logvar", "std", "var", "logstd", "precision", "softplus")
SPREADS_OF = ANY
_MARKS = [
    "prior",
    "posterior",
    "post",
    "target",
    "tgt",
    "ref",
    "p",
    "q",
    "0",
    "1",
    "2",
    "a",
    "b",
    "x",
    "dec",
    "decoder",
    "recon",
    "gen",
    "old",
    "new",
    "t",
    "s",
    "i",
    "j",
    "src",
]
_NOISE = [
    "z",
    "latent",
    "enc",
    "encoder",
    "encoded",
    "weight",
    "weights",
    "w",
    "bias",
    "qz",
    "pz",
    "h",
    "net",
    "batch",
    "all",
    "hat",
    "cur",
    "current",
]

#: pattern on the name without its marks and separators -> role, conventions, sure
_PATTERNS: list[tuple[str, str, tuple[str, ...], bool]] = [
    (r"(log|ln)(sigma|sig|s|std)(2|sq|squared|square)s?", "spread", ("logvar",), True),
    (r"(log|ln)(variance|vars?|cov|v)s?|lv|lvar", "spread", ("logvar",), True),
    (r"(log|ln)(standarddeviation|stddevs?|stdevs?|stds?|sds?|scales?)|lsd", "spread", ("logstd",), True),
    (r"(log|ln)(sigmas?|sigs?|s)|lsigma|ls", "spread", ("logstd", "logvar"), False),
    (r"(log|ln)(precision|prec|tau)", "spread", ("precision",), False),
    (r"(sigmas?|sig|std|s)(2|sq|squared|square)|variances?|vars?", "spread", ("var",), True),
    (r"stds?|stddevs?|standarddeviation|sds?|scales?|stdevs?", "spread", ("std",), True),
    (r"sigmas?|sigs?|s", "spread", ("std", "var", "logvar", "logstd"), False),
    (r"precisions?|prec|invvar|tau", "spread", ("precision", "std", "var"), False),
    (r"rhos?", "spread", ("softplus", "logstd", "logvar"), False),
    (r"v|spread", "spread", ANY, False),
    (r"(covariance|cov|covar)(matrix|mat|s)?|sigmamatrix", "matrix", ("covariance",), True),
    (r"(scale)?tril|chol(esky)?(factor)?", "matrix", ("scale_tril",), False),
    (r"precisionmatrix", "matrix", ("precision_matrix",), True),
    (r"mus?|means?|locs?|m|average|avg|cent(er|re)", "loc", (), True),
    (
        r"(x|data|img|image|y)?(recon(s|x|struction|structions|structed)?|rec|out|outputs?|decoded|preds?|predictions?"
        r"|tilde|prime|hat|logits?|probs?|generated|fake)(x|mean|mu|batch|data|images?|imgs?|logits?|probs?)?|xmu|mux|meanx|xmean|px",
        "recon",
        (),
        True,
    ),
    (
        r"x|xs|targets?|data|y|inputs?|images?|imgs?|true|xtrue|ytrue|orig(inal)?|labels?|xin|real|gt|truth|features?",
        "x",
        (),
        True,
    ),
    (r"zs?|samples?|latents?|zsamples?|codes?", "z", (), True),
    (r"eps|epsilon|noise", "eps", (), True),
    (r"masks?|pads?|valid|paddingmask", "mask", (), True),
    (
        r"(kl|kld|recon|rec)?(beta|weight|lam|lambda|lambd|alpha|gamma|coeff?|coef|factor|anneal|annealing|scaling)"
        r"(kl|kld|t)?|betakl|minw|mn|temperature|temp|capacity|freebits|klweight|kldweight|annealweight|annealfactor",
        "weight",
        (),
        True,
    ),
    (
        r".*(size|dim|dims|num|len|length|count|total|bs|steps|epoch|iter|nodes|pixels|channels|particles)|n|d|nx|nz|k|num.*|n(samples|data)",
        "count",
        (),
        True,
    ),
    (
        r"device|reduction|mode|type|name|loss(type|fn|function)?|likelihood|distribution|norm",
        "text",
        (),
        True,
    ),
    (
        r"args?|opts?|options?|config|cfg|hparams?|hps|flags|params?|parameters|self|model|conf|settings",
        "object",
        (),
        False,
    ),
]


def read_name(name: str) -> Reading:
    """Read one parameter name, such as `z_log_var`, `mu1`, `scale_tril_q`, `weight_logvar`, `recon_x`."""
    if re.fullmatch(r"(S|Sigma|K|C|P|Cov)_?[0-9pq]?", name):
        return Reading(
            "matrix",
            ("covariance", "scale_tril", "precision_matrix"),
            name[-1] if name[-1] in "0123pq" else "",
        )
    if re.fullmatch(r"L_?[0-9pq]?", name):
        return Reading("matrix", ("scale_tril",), name[-1] if name[-1] in "0123pq" else "")
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()
    parts = [p for p in re.split(r"[_.\[\]'\"\s:|]+", words) if p]
    for rest, group in _strippings(parts):
        text = "".join(rest)
        for pattern, role, conventions, sure in _PATTERNS:
            if re.fullmatch(pattern, text):
                return Reading(role, conventions, group, sure)
    if set(parts) & {"prior", "posterior", "dist", "distribution", "q", "p", "qz", "pz", "qzx"}:
        return Reading("dist", (), next((p for p in parts if p in _MARKS), ""))
    return Reading("unknown", ANY, next((p for p in reversed(parts) if p in _MARKS), ""))


def _strippings(parts: list[str]) -> list[tuple[list[str], str]]:
    """The name itself, then without its mark, then without words that say nothing."""
    out = [(parts, "")] if len(parts) < 2 or parts[-1] not in ("p", "q", "0", "1", "2") else []
    marks = [p for p in parts if p in _MARKS]
    bare = [p for p in parts if p not in _MARKS]
    group = next((m for m in marks if m in ("prior", "posterior", "post")), marks[-1] if marks else "")
    if bare and marks:
        out.append((bare, group))
    core = [p for p in bare if p not in _NOISE]
    if core and core != bare:
        out.append((core, group))
    out += [(parts, "")]
    for rest in (bare, core):
        text = "".join(rest)
        tail = re.fullmatch(r"(.*?)([0-9pqx]|prior|post)", text)
        if tail and tail.group(1):
            out.append(([tail.group(1)], tail.group(2)))
        head = re.fullmatch(r"(q|p|z)(.+)", text)
        if head:
            out.append(([head.group(2)], head.group(1) if head.group(1) != "z" else group))
    return out
