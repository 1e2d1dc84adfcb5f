"""C kernels: value and gradients in one pass, in float and double, vectorised by the compiler.

elements     a program taken apart: what is done to each entry of an axis
template     the special functions (`primitives.c`), filled in for each type
numbers      the constants of both types
frame        the loops around the elements
emit         one file, which stands alone
"""
