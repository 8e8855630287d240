"""What becomes of a call's result, on the idioms of real code."""

from __future__ import annotations

import pytest

from edlint.analysis.outcomes import Fate, fate, invokes_with_place, kept_in
from edlint.frontends.c import read_units
from edlint.source import Source

PRELUDE = "#define CHECK(c) do { if ((c) != 0) return -1; } while (0)\nint f(int); extern int last;\n"

CASES = [
    ("f(1);", Fate.DROPPED),
    ("(void)f(1);", Fate.VOIDED),
    ("int s = f(1);", Fate.UNREAD),
    ("int s; s = f(1); s = 0; return s;", Fate.OVERWRITTEN),
    ("int s = f(1); if (s != 0) return 1;", Fate.READ),
    ("if (f(1) != 0) return 1;", Fate.READ),
    ("if (!f(1)) return 1;", Fate.READ),
    ("while (f(1)) {}", Fate.READ),
    ("return f(1);", Fate.READ),
    ("g(f(1));", Fate.READ),
    ("CHECK(f(1));", Fate.READ),
    ("int s = 0; s |= f(1); return s;", Fate.READ),
    ("p->status = f(1);", Fate.READ),
    ("last = f(1);", Fate.READ),
    ("int s = f(1), t = s; return t;", Fate.READ),
    ("int s = f(1); int t = (int)s;", Fate.UNREAD),
    ("int s = f(1); switch (s) { case 0: return 1; default: break; }", Fate.READ),
    ("int s = a ? f(1) : 0; return s;", Fate.READ),
    ("int s = f(1); if (a) s = 2; return s;", Fate.READ),
    ("int s; do { s = f(1); } while (s != 0);", Fate.READ),
    ("int s = f(1); goto out; out: return s;", Fate.READ),
]


@pytest.mark.parametrize(("code", "expected"), CASES, ids=[c for c, _ in CASES])
def test_fate(code: str, expected: Fate) -> None:
    text = f"{PRELUDE}int caller(struct state *p, int a)\n{{\n    {code}\n    return 0;\n}}\n"
    (unit,) = read_units([Source("a.c", text)])
    (caller,) = unit.functions
    (place,) = (at for at, invoke in invokes_with_place(caller.body) if invoke.name == "f")
    assert fate(caller.body, place) is expected


def test_the_variable_that_keeps_a_result() -> None:
    (unit,) = read_units([Source("a.c", "int c(void) { int r; r = (int)f(1); return r; }\n")])
    body = unit.functions[0].body
    (place,) = (at for at, invoke in invokes_with_place(body) if invoke.name == "f")
    assert kept_in(body, place) == "r"
