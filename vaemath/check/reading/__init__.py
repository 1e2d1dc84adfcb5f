"""How a function may be read: what its parameters are, by their names and by what was asked."""
