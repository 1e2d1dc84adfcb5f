"""The C kernels: value and gradients in one pass, compiled on this machine when first used.

`vaemath.native.numpy` and `vaemath.native.torch` have the functions of `vaemath.kernels.numpy` and
`vaemath.kernels.torch` under the same names. Plain arrays and CPU tensors of float32 and float64 go to
C; everything else, and everything where there is no C compiler, goes to those kernels.

build    the system compiler, and a cache of what it made
calls    the functions of a compiled kernel
numpy    for arrays
torch    for tensors, as custom operators
"""

from __future__ import annotations

from vaemath.native.build import available

__all__ = ["available"]
