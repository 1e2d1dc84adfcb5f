"""The reference VAE: trained by the generated loss kernels, and by nothing else."""

from vaemath.vae.aggregate import Aggregate, compare_with_prior
from vaemath.vae.data import Dataset, load
from vaemath.vae.evaluation import Evaluation, evaluate
from vaemath.vae.generate import interpolate, reconstruct, sample
from vaemath.vae.importance import importance_bound
from vaemath.vae.model import VAE
from vaemath.vae.options import ModelOptions, TrainOptions
from vaemath.vae.run import Run, open_run, report
from vaemath.vae.training import Trained, train

__all__ = [
    "VAE",
    "Aggregate",
    "Dataset",
    "Evaluation",
    "ModelOptions",
    "Run",
    "TrainOptions",
    "Trained",
    "compare_with_prior",
    "evaluate",
    "importance_bound",
    "interpolate",
    "load",
    "open_run",
    "reconstruct",
    "report",
    "sample",
    "train",
]
