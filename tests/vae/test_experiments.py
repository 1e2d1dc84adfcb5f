"""The claim of every experiment, on a small run with a fixed seed."""

import json

import pytest
import torch

from vaemath.vae.experiments import (
    EXPERIMENTS,
    autoencoder,
    batchwise,
    digits,
    gradients,
    interpolation,
    jensen,
    linear_gaussian,
    mixture,
    prior_hole,
    regimes,
    run_experiments,
)


def drawn(outcome, path):
    from vaemath.vae.figures.style import save

    save(outcome.draw(), path)
    assert path.read_bytes().startswith(b"\x89PNG")
    return outcome.numbers


def test_digits_learn(tmp_path):
    numbers = drawn(digits.run(epochs=40), tmp_path / "p.png")
    # One independent probability per pixel gives -27.6 nats.
    assert numbers["elbo"] > -25
    assert numbers["importance_500"] > numbers["elbo"]


def test_linear_gaussian_reaches_the_maximum(tmp_path):
    numbers = drawn(linear_gaussian.run(epochs=60), tmp_path / "p.png")
    assert 0 < numbers["maximum_train"] - numbers["elbo_train"] < 0.05
    assert numbers["mean_error"] < 0.05
    assert abs(numbers["scale"] / numbers["scale_best"] - 1) < 0.02


def test_a_latent_makes_the_mixture_simple(tmp_path):
    numbers = drawn(mixture.run(rows=500, epochs=40), tmp_path / "p.png")
    assert numbers["three_normals"] > numbers["one_normal"] + 0.3
    assert abs(numbers["three_normals"] - numbers["truth"]) < 0.05
    assert numbers["vae_bound"] > numbers["one_normal"]


def test_weights_close_the_gap_of_jensen(tmp_path):
    numbers = drawn(jensen.run(rows=100, counts=(1, 10, 100, 1000)), tmp_path / "p.png")
    assert numbers["prior_gap_first"] > 5
    assert abs(numbers["prior_gap_last"]) < 0.1
    assert 0.5 < numbers["wide_gap_first"] < 4
    assert abs(numbers["wide_gap_last"]) < 0.02
    assert abs(numbers["posterior_gap_first"]) < 1e-9


def test_three_regimes(tmp_path):
    numbers = drawn(regimes.run(epochs=40), tmp_path / "p.png")
    kl = {name: numbers[f"{name}_kl"] for name in ("fidelity", "regularisation", "both")}
    assert kl["fidelity"] > 3 * kl["both"] > 1
    assert kl["regularisation"] < 0.01
    assert numbers["fidelity_reconstruction"] < numbers["both_reconstruction"]
    assert numbers["both_reconstruction"] < numbers["regularisation_reconstruction"] - 1
    assert numbers["fidelity_posterior_sd"] < 0.2 < numbers["both_posterior_sd"]
    assert abs(numbers["regularisation_posterior_sd"] - 1) < 0.02


def test_the_prior_has_a_hole(tmp_path):
    numbers = drawn(prior_hole.run(epochs=100, draws=1000), tmp_path / "p.png")
    assert 0.005 < numbers["hole"] < 0.3
    assert numbers["confidence_hole"] < numbers["confidence_dense"]
    assert numbers["distance_hole"] > numbers["distance_dense"]


def test_a_batchwise_code_still_tells_everything(tmp_path):
    numbers = drawn(batchwise.run(epochs=60), tmp_path / "p.png")
    assert numbers["batch_batch_kl"] < 0.3
    assert numbers["batch_element_kl"] > 5 * numbers["element_element_kl"]
    assert numbers["batch_information"] > numbers["element_information"] + 1
    assert numbers["batch_accuracy"] > numbers["element_accuracy"]


def test_the_latent_path_stays_nearer_to_digits(tmp_path):
    numbers = drawn(interpolation.run(epochs=60, pairs=150), tmp_path / "p.png")
    assert numbers["latent_distance"] < numbers["pixel_distance"]
    assert numbers["nearer"] > 0.6


def test_an_autoencoder_rebuilds_better_and_samples_worse(tmp_path):
    numbers = drawn(autoencoder.run(epochs=80, draws=500), tmp_path / "p.png")
    assert numbers["autoencoder_reconstruction"] < numbers["vae_reconstruction"]
    assert numbers["autoencoder_divergence"] > 1.5 * numbers["vae_divergence"]
    assert numbers["autoencoder_distance"] > numbers["vae_distance"]


def test_the_pathwise_gradient_is_the_quieter(tmp_path):
    numbers = drawn(gradients.run(epochs=10, draws=20_000, images=10), tmp_path / "p.png")
    assert numbers["toy_pathwise_at_1"] == pytest.approx(4, rel=0.1)
    assert numbers["toy_score_at_1"] == pytest.approx(30, rel=0.2)
    assert numbers["vae_score"] > 10 * numbers["vae_pathwise"]
    assert numbers["vae_pathwise"] < numbers["vae_baseline"] < numbers["vae_score"]
    # A mean of 80 squared standard errors: 1 +- 0.16 if both gradients have one mean.
    assert 0.4 < numbers["vae_means_apart"] < 1.8


def test_batchwise_and_elementwise_agree_on_identical_posteriors():
    loc, logvar = torch.full((5, 2), 0.3), torch.full((5, 2), -0.2)
    element, batch = batchwise.element_wise(loc, logvar), batchwise.batch_wise(loc, logvar)
    torch.testing.assert_close(element, batch)


def test_figures_are_written_with_caption_and_numbers(tmp_path, monkeypatch):
    assert len(EXPERIMENTS) == 10
    whole = gradients.run
    monkeypatch.setattr(gradients, "run", lambda *, seed: whole(seed=seed, epochs=2, draws=2000, images=3))
    (result,) = run_experiments(["gradients"], out=tmp_path)
    assert result.picture == tmp_path / "gradients.png"
    assert (tmp_path / "gradients.md").read_text().strip() == result.caption
    assert result.caption in (tmp_path / "index.md").read_text()
    assert json.loads((tmp_path / "gradients.json").read_text()) == result.numbers
    assert f"{result.numbers['toy_score_at_1']:.2f}" in result.caption


def test_experiments_side_by_side_give_the_numbers_of_one_alone(tmp_path):
    both = {
        drawn.name: drawn for drawn in run_experiments(["jensen", "mixture"], out=tmp_path / "both", seed=3)
    }
    (alone,) = run_experiments(["jensen"], out=tmp_path / "alone", seed=3)
    assert both.keys() == {"jensen", "mixture"}
    assert both["jensen"].numbers == alone.numbers
    index = (tmp_path / "both" / "index.md").read_text()
    assert all(drawn.caption in index for drawn in both.values())
