"""The application, and how errors become one line."""

from __future__ import annotations

import os
import sys

import typer

from vaemath import __version__
from vaemath.cli import check, demo, ledger, measure, prove, read, vae
from vaemath.errors import VaemathError

app = typer.Typer(
    name="vaemath",
    help="Derive, verify and generate the mathematics of variational autoencoders.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(show: bool) -> None:
    if show:
        typer.echo(f"vaemath {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, help="Print the version."),
) -> None:
    """Derive, verify and generate the mathematics of variational autoencoders."""


for group in (read, prove, check, ledger, measure, vae, demo):
    group.register(app)


def main() -> None:
    """Run the command line; every failure is one line on standard error and an exit status."""
    try:
        app()
    except VaemathError as e:
        print(f"vaemath: {e}", file=sys.stderr)
        sys.exit(e.exit_status)
    except KeyboardInterrupt:
        print("vaemath: interrupted", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except ImportError as e:
        print(
            f"vaemath: needs a package that is not installed: {e.name}; try: pip install 'vaemath[vae]'",
            file=sys.stderr,
        )
        sys.exit(2)
    except Exception as e:  # nobody at a command line is helped by a traceback; the variable is for reports
        if os.environ.get("VAEMATH_TRACEBACK"):
            raise
        print(
            f"vaemath: internal error: {type(e).__name__}: {e} (set VAEMATH_TRACEBACK=1 for the traceback)",
            file=sys.stderr,
        )
        sys.exit(1)
