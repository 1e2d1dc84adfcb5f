"""Generated kernels: NumPy and torch, one file each, every file standing alone."""
