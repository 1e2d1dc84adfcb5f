"""The Python that generated kernels are put together from: real functions, tested where they stand."""
