"""Generated kernels, one file each, every file standing alone."""
