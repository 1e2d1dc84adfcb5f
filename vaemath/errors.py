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


def one_line(text: str, letters: int = 2000) -> str:
    """Text for a terminal: what could move the cursor or turn it around is written out.

    Of a longer text the start and the end are kept.
    """
    if len(text) > letters:
        text = f"{text[: letters - 200]} ... {text[-200:]}"
    plain = (x if x.isprintable() else x.encode("unicode_escape", "surrogatepass").decode() for x in text)
    return "".join(plain)
