"""Diagnosis of somebody's own KL divergence, VAE loss or reparameterisation.

from vaemath.check.diagnose import check
from vaemath.check.text import report

print(report(check("my_vae.py:kl_loss")))
"""
