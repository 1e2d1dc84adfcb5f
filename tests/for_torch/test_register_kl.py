"""`register_kl`: same results and shapes as torch where torch is right, better ones where it is not."""

from __future__ import annotations

import itertools
import warnings
from contextlib import nullcontext

import pytest
import torch
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence
from torch.distributions import kl as registry
from torch.utils._python_dispatch import TorchDispatchMode

from vaemath.kernels.torch import kl_normal
from vaemath.native import available
from vaemath.torch import register_kl


def normal(*batch: int) -> Normal:
    return Normal(torch.randn(batch, dtype=torch.float64), torch.rand(batch, dtype=torch.float64) + 0.1)


def multivariate(keyword: str, *batch: int, d: int = 3) -> MultivariateNormal:
    a = torch.randn((*batch, d, d), dtype=torch.float64)
    s = a @ a.mT + torch.eye(d, dtype=a.dtype)
    value = torch.linalg.cholesky(s) if keyword == "scale_tril" else s
    return MultivariateNormal(torch.randn((*batch, d), dtype=a.dtype), **{keyword: value})


def both(p: torch.distributions.Distribution, q: torch.distributions.Distribution) -> list[torch.Tensor]:
    plain = kl_divergence(p, q)
    with register_kl():
        ours = kl_divergence(p, q)
    return [plain, ours]


@pytest.mark.parametrize("batches", [((), ()), ((4,), (4,)), ((5, 1), (3,)), ((0,), ())])
def test_normals_agree_with_torch(batches: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    torch.manual_seed(0)
    plain, ours = both(normal(*batches[0]), normal(*batches[1]))
    torch.testing.assert_close(ours, plain, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("first", ["scale_tril", "covariance_matrix", "precision_matrix"])
@pytest.mark.parametrize("second", ["scale_tril", "covariance_matrix", "precision_matrix"])
def test_multivariate_normals_agree_with_torch(first: str, second: str) -> None:
    torch.manual_seed(1)
    for left, right in (((2,), (2,)), ((4, 1), (2,)), ((), ())):
        plain, ours = both(multivariate(first, *left), multivariate(second, *right))
        torch.testing.assert_close(ours, plain, rtol=1e-9, atol=1e-12)


def test_independent_normals_use_the_kernel() -> None:
    torch.manual_seed(2)
    plain, ours = both(Independent(normal(4, 3), 1), Independent(normal(4, 3), 1))
    assert ours.shape == (4,)
    torch.testing.assert_close(ours, plain, rtol=1e-10, atol=1e-12)
    p = Independent(Normal(torch.zeros(1), torch.full((1,), 1.0 + 1e-6)), 1)
    q = Independent(Normal(torch.zeros(1), torch.ones(1)), 1)
    t = float(p.base_dist.scale.double() - 1.0)
    with register_kl():
        assert float(kl_divergence(p, q)) == pytest.approx(t * t * (1.0 - t / 3.0), rel=1e-6)


def test_gradients_pass_through() -> None:
    scale = torch.tensor([0.5, 2.0], dtype=torch.float64, requires_grad=True)
    with register_kl():
        kl_divergence(Normal(0.0, scale), Normal(0.0, 1.0)).sum().backward()
    assert scale.grad is not None
    torch.testing.assert_close(scale.grad, scale.detach() - 1.0 / scale.detach())


def test_the_handle_restores_what_was_there() -> None:
    before = dict(registry._KL_REGISTRY)
    handle = register_kl()
    assert dict(registry._KL_REGISTRY) != before
    handle.undo()
    handle.undo()
    assert dict(registry._KL_REGISTRY) == before


def test_events_of_different_size_are_refused() -> None:
    with register_kl(), pytest.raises(ValueError, match=r"shapes \(3,\) and \(2,\)"):
        kl_divergence(multivariate("scale_tril", d=3), multivariate("scale_tril", d=2))


def test_reading_a_cached_property_changes_nothing() -> None:
    torch.manual_seed(3)
    for keyword in ("scale_tril", "covariance_matrix", "precision_matrix"):
        for read in ("scale_tril", "covariance_matrix", "precision_matrix"):
            p, q = multivariate(keyword, 2), multivariate(keyword, 2)
            with register_kl():
                before = kl_divergence(p, q)
                for d in (p, q):
                    getattr(d, read)
                assert torch.equal(kl_divergence(p, q), before)
    p, q = (MultivariateNormal(torch.zeros(2), scale_tril=1e-30 * torch.eye(2)) for _ in range(2))
    assert float(p.covariance_matrix.abs().max()) == float(q.covariance_matrix.abs().max()) == 0.0
    with register_kl():
        assert float(kl_divergence(p, q)) == 0.0


def test_a_covariance_that_was_given_is_used_after_expand_too() -> None:
    s = torch.eye(2) * (1.0 + 2.0**-20)  # its factor is rounded, so its KL is another
    p = MultivariateNormal(torch.zeros(2), s)
    q = MultivariateNormal(torch.zeros(2), torch.eye(2))
    t = 2.0**-20
    exact = t * t / 2 - t**3 / 3
    with register_kl():
        for p_, q_ in ((p, q), (p.expand((3,)), q.expand((3,)))):
            torch.testing.assert_close(
                kl_divergence(p_, q_).double(),
                torch.full(p_.batch_shape, exact).double(),
                rtol=1e-6,
                atol=0.0,
            )


@pytest.mark.parametrize("keyword", ["scale_tril", "covariance_matrix"])
def test_matrices_shared_by_a_batch_stay_shared(keyword: str) -> None:
    largest = 0

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, f, types, args=(), kwargs=None):
            nonlocal largest
            found = f(*args, **(kwargs or {}))
            for t in found if isinstance(found, list | tuple) else [found]:
                if isinstance(t, torch.Tensor):
                    largest = max(largest, t.untyped_storage().nbytes())
            return found

    leaves = [torch.randn(5000, 3).requires_grad_() for _ in range(2)]
    matrices = [(torch.eye(3) * s).requires_grad_() for s in (0.5, 2.0)]
    results = []
    for registered in (False, True):
        p, q = (MultivariateNormal(a, **{keyword: m}) for a, m in zip(leaves, matrices, strict=True))
        with register_kl() if registered else nullcontext(), Watch() if registered else nullcontext():
            value = kl_divergence(p, q)
            results.append((value, torch.autograd.grad(value.sum(), [*leaves, *matrices])))
    assert largest <= 5000 * 3 * 8
    torch.testing.assert_close(*results, rtol=1e-4, atol=1e-4)


def test_unchecked_distributions_are_not_checked() -> None:
    bad = Normal(torch.zeros(2), torch.tensor([1.0, -1.0]), validate_args=False)
    factor = torch.tensor([[1.0, 0.0], [0.3, -1.0]])
    worse = MultivariateNormal(torch.zeros(2), scale_tril=factor, validate_args=False)
    with register_kl():
        assert float(kl_divergence(bad, Normal(0.0, 2.0))[0]) == pytest.approx(0.3181472)
        assert kl_divergence(worse, MultivariateNormal(torch.zeros(2), torch.eye(2))).shape == ()


def test_handles_are_undone_in_any_order_and_leave_what_came_later() -> None:
    plain, pair = dict(registry._KL_REGISTRY), (Normal, Normal)
    first, second = register_kl(), register_kl()
    first.undo()
    assert registry._KL_REGISTRY[pair] is not plain[pair]
    second.undo()
    assert plain == registry._KL_REGISTRY

    first = register_kl()
    theirs = torch.distributions.register_kl(Normal, Normal)(lambda p, q: torch.tensor(7.0))
    second = register_kl()
    first.undo()
    second.undo()
    try:
        assert registry._KL_REGISTRY[pair] is theirs
        assert float(kl_divergence(Normal(0.0, 1.0), Normal(0.0, 1.0))) == 7.0
    finally:
        torch.distributions.register_kl(Normal, Normal)(plain[pair])
    assert plain == registry._KL_REGISTRY


@pytest.mark.parametrize("warm", [False, True])
def test_compiles_as_one_graph(warm: bool) -> None:
    def divergence(loc: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        p = Independent(Normal(loc, scale), 1)
        return kl_divergence(p, Independent(Normal(torch.zeros_like(loc), torch.ones_like(scale)), 1))

    loc, scale = torch.randn(4, 3), torch.rand(4, 3) + 0.1
    registry._KL_MEMOIZE.clear()
    if warm:
        divergence(loc, scale)
    torch._dynamo.reset()
    with register_kl():
        compiled = torch.compile(divergence, fullgraph=True, backend="aot_eager")
        torch.testing.assert_close(compiled(loc, scale), divergence(loc, scale))


@pytest.mark.parametrize(
    "make",
    [lambda: normal(4), *(lambda k=k: multivariate(k, 4) for k in ("scale_tril", "covariance_matrix"))],
)
def test_traces_without_a_warning_and_exports(make) -> None:
    torch.manual_seed(4)
    p, q = make(), make()
    spread = next(n for n in ("scale", "scale_tril", "covariance_matrix") if n in p.__dict__)
    names = ("loc", spread)
    given = [getattr(d, n) for d in (p, q) for n in names]

    class Module(torch.nn.Module):
        def forward(self, a, b, c, d):
            left, right = (type(p)(m, **{names[1]: s}, validate_args=False) for m, s in ((a, b), (c, d)))
            return kl_divergence(left, right)

    with register_kl(), warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        expected = kl_divergence(p, q)
        traced = torch.jit.trace(Module(), tuple(given))
        torch.testing.assert_close(traced(*given), expected, rtol=1e-12, atol=0.0)
        exported = torch.export.export(Module(), tuple(given))
        torch.testing.assert_close(exported.module()(*given), expected, rtol=1e-12, atol=0.0)


def test_normals_go_to_c_and_keep_the_dtype_of_torch() -> None:
    p = Normal(torch.zeros(3, requires_grad=True), torch.ones(3))
    with register_kl():
        plain, c = type(kl_normal(p.loc, p.scale, p.loc, p.scale).grad_fn), type(kl_divergence(p, p).grad_fn)
    assert (c is not plain) == available()
    kinds = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
    for a, b in itertools.product(kinds, kinds):
        p, q = (Normal(torch.zeros(3, dtype=k), torch.ones(3, dtype=k)) for k in (a, b))
        for context in (nullcontext(), torch.autocast("cpu", dtype=torch.bfloat16)):
            with context:
                plain, ours = both(p, q)
            assert ours.dtype == plain.dtype
