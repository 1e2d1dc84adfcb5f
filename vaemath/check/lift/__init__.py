"""A function is run on symbols: every number of its result becomes a term, exactly.

constants    written numbers as exact terms: one half, log(2 pi), an epsilon
arrays       arrays of terms beside their values at one point; every operation on them
on_torch     torch: each aten operation under a dispatch mode, views and autograd included
on_numpy     NumPy: an array that answers its protocols
"""
