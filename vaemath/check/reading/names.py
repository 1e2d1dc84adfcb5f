"""What a parameter's name says about it: its role, and the conventions that the name leaves open."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Reading", "read_name"]

ANY = ("logvar", "std", "var", "logstd", "precision", "softplus")
MATRIX = ("covariance", "scale_tril", "precision_matrix")


@dataclass(frozen=True)
class Reading:
    """A role (loc, spread, matrix, x, recon, z, eps, weight, unknown), open conventions, and whose
    it is.

    `group` is "" or a mark such as "1", "2", "p", "q", "prior". `sure` says that the name leaves no
    doubt.
    """

    role: str
    conventions: tuple[str, ...] = ()
    group: str = ""
    sure: bool = False


_EXACT: dict[str, tuple[str, tuple[str, ...], bool]] = {}


def _add(role: str, conventions: tuple[str, ...], sure: bool, words: str) -> None:
    for word in words.split():
        _EXACT[word] = (role, conventions, sure)


_add("loc", (), True, "mu mean loc means mus m average avg center centre mn")
_add(
    "spread",
    ("logvar",),
    True,
    "logvar logvariance lv logv lnvar logsigma2 logsigmasq logsigmasquared",
)
_add("spread", ("logvar",), True, "lnsigma2 logvars logcov logs2 logsig2")
_add(
    "spread",
    ("logstd",),
    True,
    "logstd logstddev logsd logscale lnstd lsd logstdev logstandarddeviation",
)
_add("spread", ("logstd", "logvar"), False, "logsigma lnsigma logsig logs lsigma ls")
_add("spread", ("var",), True, "var variance sigma2 sigmasq sigmasquared s2 vars variances std2 sig2")
_add("spread", ("std",), True, "std stddev sd scale stdev standarddeviation stds stddevs scales")
_add("spread", ("std", "var"), False, "sigma sig s sigmas")
_add("spread", ("precision",), True, "precision prec invvar")
_add("spread", ("precision", "std", "var"), False, "tau")
_add("spread", ("softplus", "logstd", "logvar"), False, "rho")
_add("spread", ANY, False, "v spread")
_add("matrix", ("covariance",), True, "cov covariance covar covariancematrix covmatrix covmat covs")
_add("matrix", ("scale_tril",), True, "tril scaletril chol cholesky cholfactor choleskyfactor")
_add("matrix", ("scale_tril", "covariance"), False, "l factor")
_add("matrix", ("precision_matrix",), True, "precisionmatrix")
_add(
    "x",
    (),
    True,
    "x target data y inputs input image images xtrue true original orig batch xin img xt",
)
_add(
    "recon",
    (),
    True,
    "recon reconx xrecon xhat reconstruction decoded output outputs xrec rec pred",
)
_add("recon", (), True, "ypred mux xmu xmean recons preds predictions reconstructed xprime xout yhat")
_add(
    "recon",
    (),
    True,
    "xdecoded decodedmean decodermean xtilde meanx reconstructions xpred xdecodedmean",
)
_add("logits", (), True, "logits xlogits reconlogits declogits xlogit logit logitsx")
_add("probs", (), True, "probs px reconprobs xprobs probabilities")
_add("z", (), True, "z sample zsample samples latent")
_add("eps", (), True, "eps epsilon noise")
_add("weight", (), True, "beta klweight kldweight weight lam lambda alpha klcoef klbeta lmbda kldw")

_GROUPS = r"(?:^|_)(prior|posterior|post|target|ref|p|q|0|1|2|a|b)(?=_|$)"


def read_name(name: str) -> Reading:
    """Read one parameter name, such as `z_log_var`, `mu1`, `scale_tril_q`, `recon_x`."""
    capital = name.rstrip("0123456789_pq") in ("S", "Sigma", "K", "C", "P")
    if capital:
        return Reading("matrix", ("covariance", "scale_tril", "precision_matrix"), _group(name), False)
    if name.rstrip("0123456789_pq") == "L":
        return Reading("matrix", ("scale_tril",), _group(name), True)
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower().strip("_")
    for candidate, group in _strippings(words):
        key = candidate.replace("_", "")
        if key in _EXACT:
            role, conventions, sure = _EXACT[key]
            return Reading(role, conventions, group, sure)
    return Reading("unknown", ANY, _group(name), False)


def _strippings(words: str) -> list[tuple[str, str]]:
    """The name itself, then without a mark of its group, then without a z_, q_, enc_ in front."""
    found = [(words, "")]
    bare = re.sub(r"^(z|latent|enc|encoder|h|fc)_|_(z|latent|enc|encoder)$", "", words)
    if bare != words:
        found.append((bare, ""))
    for text in (words, bare):
        match = re.search(_GROUPS, text)
        if match:
            without = (text[: match.start()] + text[match.end() :]).strip("_")
            found.append((without, match.group(1)))
            again = re.sub(r"^(z|latent|enc|encoder)_|_(z|latent|enc|encoder)$", "", without)
            found.append((again, match.group(1)))
        tail = re.match(r"^(.*?)_?([012pq])$", text)
        if tail and tail.group(1):
            found.append((tail.group(1).strip("_"), tail.group(2)))
    return found


def _group(name: str) -> str:
    match = re.search(r"(prior|posterior|[012pq])_?$|^(prior|posterior|[pq])_", name)
    return (match.group(1) or match.group(2)) if match else ""
