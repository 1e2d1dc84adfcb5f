"""The self-test at the end of a JAX file: its gradients against central differences, in float64."""

from __future__ import annotations

from vaemath.codegen.program import Program
from vaemath.codegen.self_test import example


def jax_self_test(program: Program) -> str:
    """The lines under `if __name__ == "__main__"`."""
    name = program.name
    values = ", ".join(example(k, a) for k, a in enumerate(program.arguments))
    factors = tuple(k for k, a in enumerate(program.arguments) if a.needs == "factor")
    along = f"(jnp.tril(ones) if k in {factors} else ones)" if factors else "ones"
    return (
        'if __name__ == "__main__":\n'
        '    jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]\n'
        f"    values = ({values})\n"
        "    example = [jnp.array(a) for a in values]\n"
        f"    slopes = jax.grad(lambda *a: {name}(*a).sum(), tuple(range(len(example))))(*example)\n"
        "    for k, slope in enumerate(slopes):\n"
        "        ones = jnp.ones_like(example[k])\n"
        f"        step = 1e-6 * {along}\n"
        "        moved = [[a + s * step if i == k else a for i, a in enumerate(example)] for s in (1, -1)]\n"
        f"        up, down = ({name}(*arguments).sum() for arguments in moved)\n"
        "        assert abs(float(up - down - 2.0 * (slope * step).sum())) < 1e-12\n"
        f'    print("{name}: the gradients agree with central differences")\n'
    )
