"""Counterexamples, gradients, the rest of the range and behaviour at the edges."""
