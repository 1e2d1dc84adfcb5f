"""A second reading of every proof: numbers in random models, by code that shares nothing with the rules."""
