"""The application, and how errors become one line."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import typer

from vaemath import __version__
from vaemath.errors import VaemathError, one_line

GROUPS = {
    "read": ("list", "show", "cite", "new-derivation"),
    "grade": ("grade",),
    "prove": ("derive", "verify", "regenerate", "emit"),
    "recheck": ("recheck",),
    "check": ("check",),
    "core": ("core",),
    "ledger": ("ledger",),
    "measure": ("accuracy", "exhaustive", "bench"),
    "vae": ("train", "evaluate", "sample", "reconstruct", "interpolate", "figures"),
    "demo": ("demo",),
}


def _version(show: bool) -> None:
    if show:
        typer.echo(f"vaemath {__version__}")
        raise typer.Exit


# What a wrong option raises; its home is click in some versions of typer, typer itself in others.
_UsageError: Any = typer.BadParameter.__base__


def _options(
    version: bool = typer.Option(False, "--version", callback=_version, help="Print the version."),
) -> None:
    """Derive, verify and generate the mathematics of variational autoencoders."""


def application(words: Sequence[str] = ()) -> typer.Typer:
    """All commands; or, to start fast, only the group of the command that the words name."""
    app = typer.Typer(
        name="vaemath",
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    named = [group for group, commands in GROUPS.items() if words and words[0] in commands]
    for group in named or GROUPS:
        import_module(f"vaemath.cli.{group}").register(app)
    return app


def main() -> None:
    """Run the command line; every failure is one line on standard error and an exit status."""
    words = sys.argv[1:]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot show a letter gets its number
            stream.reconfigure(errors="backslashreplace")
    try:
        status = application(words)(words or ["--help"], prog_name="vaemath", standalone_mode=False)
        sys.exit(status if words else 2)
    except _UsageError as e:
        path = e.ctx.command_path if e.ctx else "vaemath"
        message = " ".join(e.format_message().split()).rstrip(".")
        print(f"{path}: {one_line(message)}; see `{path} --help`", file=sys.stderr)
        sys.exit(2)
    except VaemathError as e:
        print(f"vaemath: {one_line(str(e))}", file=sys.stderr)
        sys.exit(e.exit_status)
    except (KeyboardInterrupt, typer.Abort):
        print("vaemath: interrupted", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as e:  # nobody at a command line is helped by a traceback; the variable is for reports
        if os.environ.get("VAEMATH_TRACEBACK"):
            raise
        if isinstance(e, ModuleNotFoundError) and not (e.name or "").startswith("vaemath"):
            needs = f"needs a package that is not installed: {e.name}; try: pip install 'vaemath[vae]'"
            print(f"vaemath: {needs}", file=sys.stderr)
            sys.exit(2)
        print(
            f"vaemath: internal error: {type(e).__name__}: {one_line(str(e))} "
            "(set VAEMATH_TRACEBACK=1 for the traceback)",
            file=sys.stderr,
        )
        sys.exit(1)
