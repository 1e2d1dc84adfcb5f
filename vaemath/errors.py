"""The one family of exceptions that the toolkit raises on purpose."""


class VaemathError(Exception):
    """Something that was asked for cannot be done; the message is one line for the person who asked.

    It names the argument or the place, what came, and what was expected.
    """
