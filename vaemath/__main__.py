"""``python -m vaemath``: the command line."""

from vaemath.cli import main

main()
