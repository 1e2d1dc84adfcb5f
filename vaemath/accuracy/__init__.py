"""How many digits the kernels get right, measured against ball arithmetic.

exact      the kernels' formulas in ball arithmetic, with the size of their largest term
screen     the same in long double, to find the worst of very many samples
samples    ordinary, near-equal and extreme arguments, drawn from a seed
backends   our kernels and what others offer, called alike
measure    errors in units in the last place, or relative
table      all of it, as `vaemath accuracy` prints it
"""
