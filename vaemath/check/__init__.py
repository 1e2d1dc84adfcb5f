"""Diagnosis of somebody's own KL divergence, VAE loss or reparameterisation.

from vaemath.check.diagnose import check
from vaemath.check.report.text import report

print(report(check("my_vae.py:kl_loss")))

calling      the function, in a process of its own
reading      what its parameters may be
expected     what a right function would give
recognition  what it computes instead
sampling     where it draws random numbers
evidence     counterexamples, gradients, edges
repairs      the line to change
report       causes, verdict, text
"""
