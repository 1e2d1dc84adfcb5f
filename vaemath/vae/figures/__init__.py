"""Pictures of a run and of the experiments."""
