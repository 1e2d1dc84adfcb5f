"""The Python that generated kernels are put together from, as real functions."""
