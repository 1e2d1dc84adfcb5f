"""The command line: `vaemath ...`. Exit status 0 good, 1 something is false or stale, 2 bad usage."""

from vaemath.cli.app import main

__all__ = ["main"]
