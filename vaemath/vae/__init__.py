"""The reference VAE: trained by the generated loss kernels, and by nothing else."""
