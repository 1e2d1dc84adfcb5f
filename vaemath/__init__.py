"""Symbolic and numeric verification of the mathematics of variational autoencoders."""

__version__ = "0.1.0"
