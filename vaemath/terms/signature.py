"""The closed list of heads, and the sort of a term from the sorts of its arguments.

Scalars     num sym bv pi add mul pow exp log app sum prod int intab diff E
Defined     pdf KL H CE expm1 log1p expm1_minus log1p_minus sigmoid softplus   (see definitions.py)
Densities   normal indep mvn density bernoulli categorical
Matrices    matmul T inv chol eye scale diagm vec tr scalar logdet
Statements  eq le lt ne def forall integrable exchange ae spd invertible
Binder      lam
"""

from __future__ import annotations

from collections.abc import Callable
from math import gcd

from vaemath.terms.term import NAT, POSITIVE, PROP, REAL, Sort, Term, TermError, fits

SPECIAL = ("expm1", "log1p", "expm1_minus", "log1p_minus", "sigmoid", "softplus")


def _need(ok: bool, term: Term, what: str) -> None:
    if not ok:
        sorts = ", ".join(str(a.sort) for a in term.args)
        raise TermError(f"`{term.head}` expects {what}; got arguments of sort {sorts or 'none'}")


def is_real(t: Term) -> bool:
    return fits(t.sort, REAL)


def is_matrix(t: Term) -> bool:
    return t.sort[0] in ("mat", "spd")


def shape(t: Term) -> tuple[Term, Term]:
    """Rows and columns of a matrix term."""
    return (t.sort[1], t.sort[1]) if t.sort[0] == "spd" else (t.sort[1], t.sort[2])


def _all_real(t: Term) -> Sort:
    _need(bool(t.args) and all(is_real(a) for a in t.args), t, "real arguments")
    return REAL


def _same_matrix(t: Term) -> Sort:
    first = shape(t.args[0])
    _need(all(is_matrix(a) and shape(a) == first for a in t.args), t, "matrices of one shape")
    return ("mat", *first)


def _add(t: Term) -> Sort:
    _need(len(t.args) >= 1, t, "summands")
    return _same_matrix(t) if is_matrix(t.args[0]) else _all_real(t)


def _binder(t: Term, over: Callable[[Sort], bool], result: Callable[[Term], bool] = is_real) -> Term:
    lam = t.args[-1]
    _need(lam.head == "lam" and over(lam.data[1]) and result(lam.args[0]), t, "an abstraction")
    return lam


def _range(t: Term) -> Sort:
    ok = len(t.args) == 3 and fits(t.args[0].sort, NAT) and is_real(t.args[1])
    _need(ok, t, "a lower bound >= 1, an upper bound, a summand")
    _binder(t, lambda s: bool(s == NAT))
    return REAL


def _interval(t: Term) -> Sort:
    _need(len(t.args) == 3 and all(is_real(a) for a in t.args[:2]), t, "lower, upper, integrand")
    _binder(t, lambda s: bool(s == REAL))
    return REAL


def _expectation(t: Term) -> Sort:
    _need(len(t.args) == 2 and t.args[0].sort[0] == "dist", t, "a density and a function")
    space = t.args[0].sort[1]
    lam = _binder(t, lambda s: bool(s == space), lambda b: is_real(b) or is_matrix(b))
    return ("mat", *shape(lam.args[0])) if is_matrix(lam.args[0]) else REAL


def _diff(t: Term) -> Sort:
    _need(len(t.args) == 2, t, "a function and a point")
    lam = t.args[0]
    _need(lam.head == "lam" and is_real(lam.args[0]), t, "a real function")
    var = lam.data[1]
    _need(fits(t.args[1].sort, var) and (fits(var, REAL) or var[0] in ("mat", "spd")), t, "a point")
    if fits(var, REAL):
        return REAL
    return ("mat", *shape(t.args[1]))


def _app(t: Term) -> Sort:
    f, *args = t.args
    result = f.sort
    for a in args:
        _need(result[0] == "fun" and fits(a.sort, result[1]), t, "a function and its arguments")
        result = result[2]
    return result


def _matmul(t: Term) -> Sort:
    _need(len(t.args) >= 1 and all(is_matrix(a) for a in t.args), t, "matrices")
    for a, b in zip(t.args, t.args[1:], strict=False):
        _need(shape(a)[1] == shape(b)[0], t, "inner dimensions that agree")
    return ("mat", shape(t.args[0])[0], shape(t.args[-1])[1])


def _scale(t: Term) -> Sort:
    _need(len(t.args) == 2 and is_real(t.args[0]) and is_matrix(t.args[1]), t, "a scalar and a matrix")
    return ("mat", *shape(t.args[1]))


def _transpose(t: Term) -> Sort:
    _need(len(t.args) == 1 and is_matrix(t.args[0]), t, "a matrix")
    r, c = shape(t.args[0])
    return ("mat", c, r)


def _square(t: Term) -> tuple[Term, Term]:
    ok = len(t.args) == 1 and is_matrix(t.args[0]) and shape(t.args[0])[0] == shape(t.args[0])[1]
    _need(ok, t, "a square matrix")
    return shape(t.args[0])


def _inverse(t: Term) -> Sort:
    r, _ = _square(t)
    return ("spd", r) if t.args[0].sort[0] == "spd" else ("mat", r, r)


def _cholesky(t: Term) -> Sort:
    r, _ = _square(t)
    return ("mat", r, r)


def _trace(t: Term) -> Sort:
    _square(t)
    return REAL


def _scalar(t: Term) -> Sort:
    r, _ = _square(t)
    _need(r.head == "num" and r.data == (1, 1), t, "a 1 x 1 matrix")
    return REAL


def _eye(t: Term) -> Sort:
    _need(len(t.args) == 1 and fits(t.args[0].sort, NAT), t, "a dimension")
    return ("spd", t.args[0])


def _family(t: Term) -> Term:
    _need(len(t.args) == 2 and fits(t.args[0].sort, NAT), t, "a dimension and entries")
    return _binder(t, lambda s: bool(s == NAT))


def _diagm(t: Term) -> Sort:
    _family(t)
    return ("mat", t.args[0], t.args[0])


def _vec(t: Term) -> Sort:
    from vaemath.terms.term import number

    _family(t)
    return ("mat", t.args[0], number(1))


def _normal(t: Term) -> Sort:
    _need(len(t.args) == 2 and all(is_real(a) for a in t.args), t, "a location and a scale")
    return ("dist", REAL)


def _indep(t: Term) -> Sort:
    lam = t.args[-1]
    ok = len(t.args) == 2 and lam.head == "lam" and lam.data[1] == NAT
    _need(ok and lam.args[0].sort[0] == "dist", t, "a dimension and a density for each coordinate")
    return ("dist", ("fun", NAT, lam.args[0].sort[1]))


def _mvn(t: Term) -> Sort:
    from vaemath.terms.term import number

    _need(len(t.args) == 2 and all(is_matrix(a) for a in t.args), t, "a mean and a covariance")
    mean, cov = shape(t.args[0]), shape(t.args[1])
    _need(mean == (cov[0], number(1)) and cov[0] == cov[1], t, "shapes (n, 1) and (n, n)")
    return ("dist", ("mat", *mean))


def _density(t: Term) -> Sort:
    lam = t.args[0]
    _need(len(t.args) == 1 and lam.head == "lam" and is_real(lam.args[0]), t, "a real function")
    return ("dist", lam.data[1])


def _bernoulli(t: Term) -> Sort:
    _need(len(t.args) == 1 and is_real(t.args[0]), t, "a probability")
    return ("dist", ("bit",))


def _categorical(t: Term) -> Sort:
    _need(len(t.args) == 2 and fits(t.args[0].sort, NAT), t, "a size and probabilities")
    _binder(t, lambda s: bool(s == NAT))
    return ("dist", NAT)


def _pdf(t: Term) -> Sort:
    ok = len(t.args) == 2 and t.args[0].sort[0] == "dist"
    _need(ok and fits(t.args[1].sort, t.args[0].sort[1]), t, "a density and a point of its space")
    return REAL


def _two_dists(t: Term) -> Sort:
    ok = len(t.args) == 2 and all(a.sort[0] == "dist" for a in t.args)
    _need(ok and t.args[0].sort == t.args[1].sort, t, "two densities over one space")
    return REAL


def _one_dist(t: Term) -> Sort:
    _need(len(t.args) == 1 and t.args[0].sort[0] == "dist", t, "a density")
    return REAL


def _relation(t: Term) -> Sort:
    _need(len(t.args) == 2, t, "two sides")
    a, b = t.args
    if is_matrix(a) and t.head in ("eq", "ne"):
        _need(is_matrix(b) and shape(a) == shape(b), t, "matrices of one shape")
    elif a.sort[0] == "dist":
        _need(a.sort == b.sort and t.head == "eq", t, "densities over one space")
    else:
        _need(is_real(a) and is_real(b), t, "real sides")
    return PROP


def _definition(t: Term) -> Sort:
    _need(len(t.args) == 2 and fits(t.args[1].sort, t.args[0].sort), t, "a name and its meaning")
    return PROP


def _forall(t: Term) -> Sort:
    lam = t.args[0]
    _need(len(t.args) == 1 and lam.head == "lam" and lam.args[0].sort == PROP, t, "a statement")
    return PROP


def _almost(t: Term) -> Sort:
    _need(len(t.args) == 2 and t.args[0].sort[0] == "dist", t, "a density and a statement")
    space = t.args[0].sort[1]
    _binder(t, lambda s: bool(s == space), lambda b: bool(b.sort == PROP))
    return PROP


def _integrable(t: Term) -> Sort:
    _expectation(t)
    return PROP


def _exchange(t: Term) -> Sort:
    _need(len(t.args) == 1 and t.args[0].head == "diff", t, "a derivative of an expectation")
    return PROP


def _matrix_prop(t: Term) -> Sort:
    _square(t)
    return PROP


def _integral(t: Term) -> Sort:
    _need(len(t.args) == 1, t, "an integrand")
    _binder(t, lambda s: True)
    return REAL


def _sym(t: Term) -> Sort:
    name, sort = t.data
    if not (isinstance(name, str) and name):
        raise TermError(f"a symbol needs a name, got {name!r}")
    return sort


def _num(t: Term) -> Sort:
    p, q = t.data
    _need_fraction(t)
    if p > 0:
        return NAT if q == 1 else POSITIVE
    return REAL


def _lam(t: Term) -> Sort:
    _need(len(t.args) == 1, t, "a body")
    return ("fun", t.data[1], t.args[0].sort)


def _bv(t: Term) -> Sort:
    index, sort = t.data
    if type(index) is not int or index < 0:
        raise TermError(f"a bound variable is a number of binders, got {index!r}")
    return sort


def _need_fraction(t: Term) -> None:
    p, q = t.data
    whole = type(p) is int and type(q) is int
    if not (whole and q > 0 and gcd(p, q) == 1):
        raise TermError(f"`{t.head}` expects a fraction in lowest terms, got {t.data!r}")


def _pow(t: Term) -> Sort:
    _need_fraction(t)
    _need(len(t.args) == 1 and is_real(t.args[0]), t, "a real base")
    return REAL


def _one_real(t: Term) -> Sort:
    _need(len(t.args) == 1 and is_real(t.args[0]), t, "one real argument")
    return REAL


SIGNATURE: dict[str, Callable[[Term], Sort]] = {
    "sym": _sym,
    "bv": _bv,
    "num": _num,
    "pi": lambda t: POSITIVE,
    "lam": _lam,
    "add": _add,
    "mul": _all_real,
    "pow": _pow,
    "exp": _one_real,
    "log": _one_real,
    "app": _app,
    "sum": _range,
    "prod": _range,
    "int": _integral,
    "intab": _interval,
    "diff": _diff,
    "E": _expectation,
    "pdf": _pdf,
    "KL": _two_dists,
    "CE": _two_dists,
    "H": _one_dist,
    "normal": _normal,
    "indep": _indep,
    "mvn": _mvn,
    "density": _density,
    "bernoulli": _bernoulli,
    "categorical": _categorical,
    "matmul": _matmul,
    "scale": _scale,
    "T": _transpose,
    "inv": _inverse,
    "chol": _cholesky,
    "eye": _eye,
    "diagm": _diagm,
    "vec": _vec,
    "tr": _trace,
    "scalar": _scalar,
    "logdet": _trace,
    "eq": _relation,
    "le": _relation,
    "lt": _relation,
    "ne": _relation,
    "def": _definition,
    "forall": _forall,
    "ae": _almost,
    "integrable": _integrable,
    "exchange": _exchange,
    "spd": _matrix_prop,
    "invertible": _matrix_prop,
    **dict.fromkeys(SPECIAL, _one_real),
}

_DATA = {"sym": 2, "bv": 2, "num": 2, "lam": 2, "pow": 2}


def sort_of(term: Term) -> Sort:
    """The sort of a node, from its head and the sorts of its arguments.

    Raises:
        TermError: the head is not in the list, or an argument does not fit.
    """
    rule = SIGNATURE.get(term.head)
    if rule is None:
        raise TermError(f"unknown node type `{term.head}`")
    if len(term.data) != _DATA.get(term.head, 0):
        raise TermError(f"`{term.head}` carries {_DATA.get(term.head, 0)} data, got {term.data!r}")
    return rule(term)
