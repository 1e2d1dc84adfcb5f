"""Functions that draw random numbers: estimators, reparameterised samples, and their noise."""
