"""How deep a text nests, told without its tree."""

from __future__ import annotations

import pytest

from edlint.frontends.c.lost import runs_out
from edlint.frontends.c.nesting import Nesting, may_nest_deeper, nested_deeper

LIMIT = 60
FLAT = "int f(int a) { if (a) { g(a, h(b[1])); } else if (b) { return -!a; } return a ? b : c->d; }\n"
DEEP = {
    "parentheses": "int f(int a) { return " + "(" * 70 + "a" + ")" * 70 + "; }\n",
    "brackets of all kinds": "int f(int a) { " + "{ a[(" * 30 + "0" + ")]; }" * 30 + " }\n",
    "behind what was closed": "void g(void) {} }}}\nint f(int a) { " + "{" * 70 + "}" * 70 + " }\n",
    "operators": "int f(int a) { return " + "!" * 70 + "a; }\n",
    "signs and members": "int f(int a) { return " + "-*&" * 30 + "a.b->c; }\n",
    "choices": "int f(int a) { return " + "a ? b : " * 40 + "c; }\n",
    "conditions": "int f(int a) { " + "if (a) " * 70 + "g(); }\n",
    "conditions and what else": "int f(int a) { " + "if (a) g(); else " * 70 + "g(); }\n",
    "loops": "int f(int a) { " + "for (;;) " * 70 + "g(); }\n",
    "directives": "int f(int a) { " + "\n#if A" * 70 + "\n g();" + "\n#endif" * 70 + "\n}\n",
}


@pytest.mark.parametrize("name", DEEP)
def test_what_may_be_deep_in_a_function_is_so_in_the_text(name: str) -> None:
    text = FLAT * 3 + DEEP[name] + FLAT * 3
    start, end = len(FLAT) * 3, len(FLAT) * 3 + len(DEEP[name])
    deep = nested_deeper(text, start, end, LIMIT) or may_nest_deeper(text, start, end, LIMIT)
    # An `else if` in a chain ends with a semicolon each, and is followed without going deeper.
    assert deep == (name != "conditions and what else")
    assert not deep or not Nesting(text).is_shallow(LIMIT)
    assert Nesting(text).is_shallow(1_000)


def test_what_is_flat_is_told_so_however_long_it_is() -> None:
    text = FLAT * 40
    assert Nesting(text).is_shallow(LIMIT)
    assert not Nesting(text).is_left_open(4)


@pytest.mark.parametrize("text", ["(" * 20 + "[" * 20 + "{" * 20, "}" * 90 + "f(" * 60, "(" * 70 + "]" * 10])
def test_brackets_that_are_open_at_the_end_are_counted_by_where_they_face(text: str) -> None:
    assert Nesting(text).is_left_open(59)
    assert not Nesting(text).is_left_open(60)


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("int f(void) " + "{" * 40 + "}" * 40 + "\n", False),
        ("int f(void) " + "{" * 40 + "}" * 39 + "\n", True),
        ("}}}\nint f(void) " + "{" * 40 + "}" * 40 + "\n", False),
        ("int f(void) {}", True),
    ],
)
def test_a_definition_reaches_to_the_end_when_a_brace_stays_open(text: str, runs: bool) -> None:
    assert runs_out(text) is runs
