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
    lines = [
        "example = [jnp.array(a) for a in values]",
        f"slopes = jax.grad(lambda *a: {name}(*a).sum(), tuple(range(len(example))))(*example)",
        "for k, slope in enumerate(slopes):",
        "    ones = jnp.ones_like(example[k])",
        f"    step = 1e-6 * {along}",
        "    moved = [[a + s * step if i == k else a for i, a in enumerate(example)] for s in (1, -1)]",
        f"    up, down = ({name}(*arguments).sum() for arguments in moved)",
        "    assert abs(float(up - down - 2.0 * (slope * step).sum())) < 1e-12",
    ]
    return (
        'if __name__ == "__main__":\n'
        f"    values = ({values})\n"
        "    with jax.enable_x64(True):\n"
        + "".join(f"        {line}\n" for line in lines)
        + f'    print("{name}: the gradients agree with central differences")\n'
    )
