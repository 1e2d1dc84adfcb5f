"""The self-test at the end of an emitted file: its gradients against central differences."""

from __future__ import annotations

from vaemath.codegen.program import Argument, Program

_VECTORS = ("[0.3, -0.7]", "[0.5, 1.2]", "[-0.2, 0.4]", "[0.9, 0.6]")
_MATRICES = {
    "factor": ("[[1.0, 0.0], [0.4, 0.8]]", "[[0.9, 0.0], [-0.2, 1.1]]"),
    "covariance": ("[[1.2, 0.3], [0.3, 0.7]]", "[[0.8, -0.1], [-0.1, 1.5]]"),
}


def self_test(program: Program, target: str) -> str:
    """The lines under `if __name__ == "__main__"`."""
    name = program.name
    values = ", ".join(example(k, a) for k, a in enumerate(program.arguments))
    library = "np" if target == "numpy" else "torch"
    if target == "numpy":
        made = "    example = [np.array(a) for a in values]\n"
        made += f"    _, *slopes = {name}_and_grad(*example)\n"
    else:
        made = "    leaves = [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in values]\n"
        made += f"    slopes = torch.autograd.grad({name}(*leaves).sum(), leaves)\n"
        made += "    example = [leaf.detach() for leaf in leaves]\n"
    factors = tuple(k for k, a in enumerate(program.arguments) if a.needs == "factor")
    along = f"({library}.tril(ones) if k in {factors} else ones)" if factors else "ones"
    return (
        'if __name__ == "__main__":\n'
        f"    values = ({values})\n"
        f"{made}"
        "    for k, slope in enumerate(slopes):\n"
        f"        ones = {library}.ones_like(example[k])\n"
        f"        step = 1e-6 * {along}\n"
        "        moved = [[a + s * step if i == k else a for i, a in enumerate(example)] for s in (1, -1)]\n"
        f"        up, down = ({name}(*arguments).sum() for arguments in moved)\n"
        "        assert abs(float(up - down - 2.0 * (slope * step).sum())) < 1e-12\n"
        f'    print("{name}: the gradients agree with central differences")\n'
    )


def example(k: int, argument: Argument) -> str:
    """Values for an argument, as nested lists in brackets."""
    if argument.needs in _MATRICES:
        return _MATRICES[argument.needs][k // 2]
    if argument.needs == "unit":
        return "[0.2, 0.9]"
    return _VECTORS[k]
