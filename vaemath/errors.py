"""The one family of exceptions that the toolkit raises on purpose."""


class VaemathError(Exception):
    """Something that was asked for cannot be done; the message is one line for the person who asked.

    It names the argument or the place, what came, and what was expected. At the command line it is
    printed alone, and `exit_status` becomes the status of the process: 2 for bad usage, 1 where
    something that should hold does not.
    """

    exit_status = 2


class FalseError(VaemathError):
    """Something that should hold does not: a proof, a certificate, a kernel or a stored number."""

    exit_status = 1
