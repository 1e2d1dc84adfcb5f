"""Diagnosis of somebody's own KL divergence, VAE loss or reparameterisation.

from vaemath.check.diagnose import check
print(check("my_vae.py:kl_loss").text())
"""
