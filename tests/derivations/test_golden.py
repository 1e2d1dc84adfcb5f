"""What every theorem rests on, as a golden file: a new hypothesis or oracle shows up as a diff."""

from vaemath import library


def test_statements_hypotheses_and_oracles(golden):
    lines = []
    for id in library.ids():
        for block in library.proof(id).blocks:
            lines.append(f"{id} / {block.name}: {block.theorem.statement}")
            lines += [f"    given   {h}" for h in sorted(map(str, block.theorem.hypotheses))]
            lines += [f"    oracle  {o}" for o in sorted(block.theorem.oracles)]
    golden("assumptions.txt", "\n".join(lines) + "\n")


def test_every_oracle_is_explained_in_the_readme():
    readme = (library.CERTIFICATES.parent.parent / "README.md").read_text()
    oracles = {o for id in library.ids() for b in library.proof(id).blocks for o in b.theorem.oracles}
    assert oracles
    for oracle in oracles:
        assert f"`{oracle}`" in readme


def test_the_spine_is_there():
    spine = """gaussian-moments normal-entropy normal-cross-entropy kl-normal kl-normal-standard
    kl-normal-diag kl-normal-diag-standard gaussian-quadratic kl-mvn kl-mvn-standard gibbs jensen-log
    elbo-decomposition elbo-bound reparameterization loss-gaussian loss-bernoulli"""
    assert set(spine.split()) <= set(library.ids())
