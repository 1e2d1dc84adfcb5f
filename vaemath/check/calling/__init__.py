"""Somebody's function, called in a process of its own, with a time limit; what it did beside returning."""
