"""Derivation scripts as an enemy, or an accident, would write them: by kind, and what is said of each.

Each tries to have `own / main: 1 = 2` printed as proved, or to hang, to crash or to garble the command.
"""

from __future__ import annotations

from dataclasses import dataclass

HEAD = "from vaemath.derive import *\nimport os, sys, json, time\n"
MARK = '@derivation("own", title="own")\ndef own(d):\n'
FALSE = "    d.start(1)\n    d.to(2, algebra, 'so')\n    d.qed()\n"
TRUE = "    d.start(1)\n    d.to(1, algebra, 'so')\n    d.qed()\n"


@dataclass(frozen=True)
class Hostile:
    """One script: its kind, its source, the exit status that it deserves and words of the one line said.

    `name` is that of its file; `accepted` scripts do nothing false, and their words are in what is printed.
    """

    kind: str
    source: str | bytes
    words: str
    status: int = 1
    name: str = "own.py"
    accepted: bool = False
    seconds: float = 20.0


SCRIPTS: list[Hostile] = []


def whole(kind: str, words: str, source: str | bytes, status: int = 1, **options) -> None:
    SCRIPTS.append(Hostile(kind, source, words, status, **options))


def inside(
    kind: str, words: str, body: str, before: str = "", status: int = 1, then: str = FALSE, **options
) -> None:
    """A script whose derivation starts with `body`, after `before` at the top of the file."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    whole(kind, words, HEAD + before + "\n" + MARK + lines + then, status, **options)


# --- ends in other ways than by returning
whole(
    "an endless loop where it loads", "the script ran longer than 1 s", "while True:\n    pass\n", seconds=1
)
inside("an endless loop", "the script ran longer than 1 s", "while True:\n    pass", seconds=1)
inside("a long sleep", "the script ran longer than 1 s", "time.sleep(1000)", seconds=1)
inside(
    "a deaf loop",
    "ran longer than 1 s",
    "import signal\nsignal.signal(15, lambda *_: 0)\nwhile True: pass",
    seconds=1,
)
inside(
    "an endless thread",
    "line 2 does not follow from line 1",
    "import threading\nthreading.Thread(target=lambda: time.sleep(1000)).start()",
)
inside("endless output", "said more than", "while True: print('x' * 10_000)")
inside("sys.exit(0)", "own: the script exits (0); expected it to return", "sys.exit(0)")
inside("quit()", "own: the script exits (None)", "quit()")
inside("an exit with words", "own: the script exits ('proved')", "raise SystemExit('proved')")
whole("an exit where it loads", "does not load: the script exits (0)", "import sys\nsys.exit(0)\n", 2)
inside("os._exit(0)", "ended its process with status 0 before it was done", "os._exit(0)")
whole("os._exit where it loads", "ended its process with status 0 before", "import os\nos._exit(0)\n")
inside("kills itself", "ended its process with signal 9", "os.kill(os.getpid(), 9)")
inside("kills its group", "ended its process with signal 9", "os.killpg(0, 9)")
inside("crashes the interpreter", "ended its process with signal 11", "import ctypes\nctypes.string_at(0)")
inside("replaces its process", "ended its process with status 0", "os.execv('/bin/true', ['true'])")
inside("KeyboardInterrupt", "own: the script raises KeyboardInterrupt", "raise KeyboardInterrupt")
inside(
    "an exception beside Exception",
    "own: the script raises Odd: odd",
    "raise Odd('odd')",
    "class Odd(BaseException): pass\n",
)
inside(
    "an exception that cannot be shown",
    "own: the script raises Odd",
    "raise Odd",
    "class Odd(Exception):\n    def __str__(self): 1/0\n",
)
inside(
    "an exception with an escape",
    r"raises ValueError: \x1b[2Jproved\nown",
    "raise ValueError('\\x1b[2Jproved\\nown / main: 1 = 2')",
)
inside("unbounded recursion", "own: the script raises RecursionError", "f = lambda: f()\nf()")
inside("too much memory", "own: the script raises MemoryError", "x = bytearray(1 << 36)")
inside("reads the terminal", "own: the script raises EOFError", "input()")
inside("proves nothing", "own: the derivation proves nothing: no `qed`", "return", status=2)
inside(
    "leaves a handler",
    "line 2 does not follow from line 1",
    "import atexit\natexit.register(lambda: print('own / main: 1 = 2'))",
)
inside("forks", "line 2 does not follow from line 1", "os.fork()")
inside("deletes itself", "line 2 does not follow from line 1", "os.unlink(__file__)")
inside("goes elsewhere", "line 2 does not follow from line 1", "os.chdir('/')")

# --- says what is false
inside("prints a theorem", "script: own / main: 1 = 2", "print('own / main: 1 = 2')")
inside("prints a theorem to stderr", "script: vaemath: 1 = 2", "sys.stderr.write('vaemath: 1 = 2')")
inside("prints escapes", r"script: \x1b[2J\x1b]0;title\x07", "print('\\x1b[2J\\x1b]0;title\\x07')")
inside("prints bytes", "script: \ufffd\ufffd", "sys.stdout.buffer.write(b'\\xff\\xfe')")
inside("prints much", "(950 more lines)", "for k in range(1000): print(k)")
FORGED = """
def forged():
    a = json.dumps({'outcomes': {'own': {'certificate': {'id': 'own', 'proved': '1 = 2'}}}})
    os.write(int(sys.argv[1]), a.encode())
    os._exit(0)
"""
inside(
    "hands back what it likes",
    "own: the certificate is refused: expected a certificate of format 1, got None",
    "forged()",
    FORGED,
)
for kind, answer in {
    "no JSON": b"proved",
    "half an answer": b'{"outcomes": {"own',
    "deep JSON": b"[" * 100_000,
    "not UTF-8": b"\xff\xfe\xfd",
}.items():
    inside(
        f"hands back {kind}",
        "ended its process with status 0 before",
        f"os.write(int(sys.argv[1]), {answer!r})\nos._exit(0)",
    )
for kind, answer in {
    "a list": "[]",
    "other outcomes": '{"outcomes": 1}',
    "no outcomes": "{}",
}.items():
    inside(
        f"hands back {kind}",
        "what is no answer",
        f"os.write(int(sys.argv[1]), {answer.encode()!r})\nos._exit(0)",
    )
inside("hands back too much", "said more than", "while True: os.write(int(sys.argv[1]), b' ' * 10_000)")
inside(
    "hands back another id",
    "expected lower-case words",
    'os.write(int(sys.argv[1]), b\'{"outcomes": {"../own": {"certificate": {}}}}\')\nos._exit(0)',
)
inside(
    "hands back an error with an escape",
    r"\x1b[2Jown",
    'os.write(int(sys.argv[1]), b\'{"error": "\\\\u001b[2Jown / main: 1 = 2"}\')\nos._exit(0)',
    status=2,
)
inside("closes all files", "before it was done", "os.closerange(0, 100)")

# --- changes the rules
MADE = """
from vaemath.proof import certificate
th, tm = sys.modules[Theorem.__module__], sys.modules[Term.__module__]
maker = next(name for name in ('_conclude', 'conclude') if hasattr(th, name))
"""
BARE = """
t = rules.assume(statement=eq(1, 2))
object.__setattr__(t, 'hypotheses', frozenset())
d.record('main', t)
return
"""
REFUSED = "own: the certificate is refused: "
inside(
    "forges a theorem",
    REFUSED,
    BARE,
    MADE,
)
inside(
    "uses the private key",
    REFUSED + "step 0: unknown rule `faith`",
    "d.record('main', th.Theorem(th._KEY, eq(1, 2), frozenset(), frozenset(), 'faith', (), {}))\nreturn",
    MADE,
)
inside(
    "replaces a rule",
    REFUSED + "step 0: ",
    "th.RULES['algebra'] = lambda *, left, right: th.Step(eq(left, right))",
    MADE,
)
inside(
    "replaces the maker of theorems",
    REFUSED + "step 0: ",
    """
old = getattr(th, maker)
def conclude(name, premises, params):
    if name != 'algebra':
        return old(name, premises, params)
    said = eq(params['left'], params['right'])
    return th.Theorem(th._KEY, said, frozenset(), frozenset(), name, premises, params)
for module in (th, certificate):
    setattr(module, maker, conclude)
""",
    MADE,
)
inside(
    "makes all terms equal",  # and so proves that 2 = 2
    "own / main: 2 = 2",
    "tm.Term.__eq__ = lambda a, b: True",
    MADE,
    status=0,
    accepted=True,
)
inside(
    "replaces a module",
    "the script raises ImportError",
    "sys.modules['vaemath.proof.certificate'] = sys.modules['json']",
    MADE,
)
inside(
    "replaces the hash",
    REFUSED + "edited or damaged",
    "certificate.content_hash = lambda body: '0' * 64",
    MADE,
    then=TRUE,
)
inside(
    "replaces json",
    "",
    'json.dumps = lambda *a, **k: \'{"outcomes": {"own": {"certificate": {}}}}\'',
    then=TRUE,
)
inside(
    "replaces the library",
    REFUSED,
    "from vaemath import library\nlibrary.theorem = lambda *a, **k: None\nlibrary._proofs['gibbs'] = None"
    + BARE,
    MADE,
)
inside(
    "replaces what checks",
    REFUSED,
    """
import vaemath.apart.replay as r, vaemath.proof.stored as s
r.main = lambda w: 0
s.read = lambda *a, **k: {}
"""
    + BARE,
    MADE,
)
inside(
    "replaces a built-in",
    "",
    "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.all = lambda *a: True",
    MADE,
)
inside(
    "writes into the package",
    "raises OSError: [Errno 27] File too large",
    "import vaemath.library as t\nf = open(t.__file__, 'a')\nf.write('#')\nf.flush()",
)
inside(
    "steers the interpreter",
    "line 2 does not follow from line 1",
    "os.environ['PYTHONPATH'] = '/tmp'\nos.environ['PYTHONSTARTUP'] = __file__",
)

# --- ids, titles and reasons
whole("two derivations of an id", "two derivations have the id `own`", HEAD + (MARK + TRUE) * 2, 2)
for id in ("kl-normal", "gibbs"):
    whole(f"the id {id}", f"the id `{id}` is one of the library", HEAD + MARK.replace("own", id, 1) + TRUE, 2)
for kind, id in {
    "that leads out": "'../own'",
    "with an escape": "'o\\x1b[2J'",
    "that is empty": "''",
    "that is a number": "7",
    "that looks alike": "'\u043ewn'",
    "of two lines": "'own\\n'",
}.items():
    whole(
        f"an id {kind}",
        "expected lower-case words joined by hyphens",
        HEAD + MARK.replace('"own"', id, 1) + TRUE,
        2,
    )
whole(
    "no title", "own: title: got '', expected words", HEAD + MARK.replace('title="own"', 'title=""') + TRUE, 2
)
whole(
    "a title with an escape",
    REFUSED + "title: the character U+001B",
    HEAD + MARK.replace('title="own"', 'title="\\x1b[2J"') + TRUE,
)
whole(
    "sources as one text",
    "own: sources: got '004'",
    HEAD + MARK.replace('title="own"', 'title="own", sources="004"') + TRUE,
    2,
)
whole(
    "a reason with an escape",
    REFUSED + "block 0: reason: the character U+001B",
    HEAD + MARK + TRUE.replace("'so'", "'\\x1b[2J'"),
)
whole(
    "a reason that turns the line around",
    REFUSED + "block 0: reason: the character U+202E",
    HEAD + MARK + TRUE.replace("'so'", "'\\u202e'"),
)
whole(
    "a reason that is a number",
    REFUSED + "block 0: reason: expected text",
    HEAD + MARK + TRUE.replace("'so'", "7"),
)
whole(
    "a block named by an escape",
    REFUSED + "block 0: name",
    HEAD + MARK + TRUE.replace("qed()", "qed('\\x1b[2J')"),
)
whole("two blocks of a name", "the name `main` is taken", HEAD + MARK + TRUE * 2)

# --- sizes
SYMBOL = "(x,) = d.reals('x')\n"
inside(
    "a huge power",
    "an exponent beyond",
    SYMBOL + "d.start(x**(10**9))\nd.to(x**(10**9), algebra, 'so')\nd.qed()\nreturn",
)
inside(
    "powers upon powers",
    "own",
    SYMBOL
    + "t = x + 1\nfor _ in range(8): t = t**9\nd.start(t)\nd.to(t + 0, algebra, 'so')\nd.qed()\nreturn",
    seconds=2,
)
inside(
    "a tower of exponentials",
    "own",
    SYMBOL + "t = x\nfor _ in range(400): t = exp(t)\nd.start(t)\nd.to(t, algebra, 'so')\nd.qed()\nreturn",
)
inside(
    "a doubled sum",
    "own",
    SYMBOL + "t = x\nfor _ in range(60): t = exp(t + t)\nd.start(t)\nd.to(t, algebra, 'so')\nd.qed()\nreturn",
    seconds=2,
)
inside("a huge number", "own: ", "d.start(10**5000)\nd.to(10**5000, algebra, 'so')\nd.qed()\nreturn")
inside("a float", "expected a term, an integer or a Fraction, got 0.1", "d.start(exp(0.1))", status=2)
inside(
    "a long reason",
    REFUSED + "block 0: reason: 10000 letters",
    "d.start(1)\nd.to(1, algebra, 'x' * 10_000)\nd.qed()\nreturn",
)
inside(
    "a name that is a number",
    "a name is a letter followed by letters",
    "(x,) = d.reals('-1')\nd.start(x)\nd.to(x + 0, algebra, 'so')\nd.qed()\nreturn",
    status=2,
)

# --- what the file is
whole("an empty file", "defines no derivation", b"", 2)
whole("a syntax error", "does not load: SyntaxError", b"def f(:\n", 2)
whole("zero bytes", "does not load: ", b"\0" * 100, 2)
whole("not UTF-8", "does not load: SyntaxError", b"x = '\xff'\n", 2)
whole("UTF-16", "does not load: ", "x = 1\n".encode("utf-16"), 2)
whole("an unknown encoding", "does not load: SyntaxError", b"# coding: rot13\nx = 1\n", 2)
whole("a huge file", "larger than 1000000 bytes", b"#" * 1_000_001, 2)
whole("a deep expression", "does not load: ", b"x = " + b"(" * 10_000 + b")" * 10_000, 2)
whole("a deep sum", "does not load: ", b"x = " + b"-" * 100_000 + b"1", 2)
whole("bytes of a program", "does not load: ", b"\x7fELF\x02\x01\x01" + bytes(range(256)), 2)

# --- does nothing false
inside(
    "what is assumed",
    "which is assumed: nothing was proved",
    "d.start(1)\nd.to(2, assuming(eq(1, 2)), 'I am told')\nd.qed()\nreturn",
    status=0,
    accepted=True,
)
inside("the name of a module", "own / main: 1 = 1", "", then=TRUE, status=0, accepted=True, name="random.py")
inside(
    "the name of another module", "own / main: 1 = 1", "", then=TRUE, status=0, accepted=True, name="json.py"
)
inside(
    "a name with blanks and signs",
    "own / main: 1 = 1",
    "",
    then=TRUE,
    status=0,
    accepted=True,
    name="my 'own' $(x) é.py",
)
inside(
    "a name with an escape", "own / main: 1 = 1", "", then=TRUE, status=0, accepted=True, name="a\x1b[2J\n.py"
)
LAZY = "from __future__ import annotations\nfrom dataclasses import dataclass\n"
CLASS = "@dataclass\nclass C:\n    x: int\n"
whole("a data class", "own / main: 1 = 1", LAZY + HEAD + CLASS + MARK + TRUE, 0, accepted=True)
