"""``python -m vaemath.apart.script FD derive|explain|library WHAT...`` runs scripts and hands back data.

This process runs other people's programs, so nothing that it says is believed: the certificates that it
writes to the pipe FD are replayed elsewhere, and the rest is words for the person who wrote the script.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from vaemath import library
from vaemath.apart.process import MEMORY, hold_to
from vaemath.errors import VaemathError


def outcome(shop: library.Workshop, id: str) -> dict[str, Any]:
    """What became of one derivation: its certificate, or why there is none."""
    from vaemath.proof.certificate import to_json
    from vaemath.proof.chain import Refused

    try:
        return {"certificate": to_json(shop.derive(id))}
    except Refused as e:
        from vaemath.explain.watch import refusal

        return {"error": refusal(e), "status": 1, "lines": True}
    except VaemathError as e:
        return {"error": str(e), "status": e.exit_status}
    except BaseException as e:
        return {"error": f"{id}: {library.broken(e)}", "status": 1}


def _derive(path: Path) -> dict[str, Any]:
    shop, mine = library.workshop_for(path)
    return {"outcomes": {id: outcome(shop, id) for id in mine}}


def _explain(path: Path) -> dict[str, Any]:
    from vaemath.explain.watch import watched

    return watched(path)


def _library(*wanted: str) -> dict[str, Any]:
    shop = library.Workshop(library.scripts())
    return {"outcomes": {id: outcome(shop, id) for id in wanted or sorted(shop.known)}}


def main(descriptor: str, mode: str, *what: str) -> None:
    """Run what is asked for; the answer goes to the pipe."""
    hold_to(MEMORY, writing=False)
    process = os.getpid()
    try:
        if mode == "library":
            answer = _library(*what)
        else:
            path = Path(what[0])
            sys.path.append(str(path.absolute().parent))  # last: a script may be called random.py
            answer = (_derive if mode == "derive" else _explain)(path)
    except VaemathError as e:
        answer = {"error": str(e), "status": e.exit_status}
    except BaseException as e:
        answer = {"error": library.broken(e), "status": 1}
    if os.getpid() != process:  # a fork of the script's that came to its end
        os._exit(0)
    with open(int(descriptor), "wb", closefd=False) as pipe:
        pipe.write(json.dumps(answer).encode())
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)  # whatever threads and handlers the script has left


if __name__ == "__main__":
    main(*sys.argv[1:])
