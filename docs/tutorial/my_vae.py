"""A loss with a slip in it, to be found by `vaemath check`."""

import numpy as np


def kl_loss(mu, logvar):
    return 0.5 * np.sum(mu**2 + np.exp(2 * logvar) - 2 * logvar - 1, axis=-1)


def kl_right(mu, logvar):
    return 0.5 * np.sum(mu**2 + np.exp(logvar) - logvar - 1, axis=-1)
