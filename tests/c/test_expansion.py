"""Macros inside each other and around statements: what is passed to one is expanded as it is written."""

from __future__ import annotations

from edlint.frontends.c import read_units
from edlint.model.ir import Assign, Branch, Declare, Return
from edlint.model.unit import Function, ReadState
from edlint.source import Source

EACH = "#define EACH(i, n) for (i = 0; i < n; ++i)\n"
CHECK = "#define CHECK(failed) if (!ready && !prepare()) {failed}\n"


def function(text: str, name: str = "a.c") -> Function:
    """The last function of a made file."""
    found = read_units([Source(name, text)])[0].functions[-1]
    assert found.state is ReadState.CLEAN
    return found


def set_(found: Function) -> list[str]:
    """Roots of what is assigned."""
    return [o.target.root for o in found.body.ops() if isinstance(o, Assign)]


def test_a_macro_in_its_own_argument() -> None:
    found = function(
        "#define MIN(a, b) ((a) < (b) ? (a) : (b))\nint f(int a, int b, int c)\n{\n    return MIN(MIN(a, b), c);\n}\n"
    )
    assert not list(found.body.invokes())
    assert len([b for b in found.body.blocks if isinstance(b.end, Branch)]) == 3


def test_a_macro_in_its_own_body_stays() -> None:
    found = function("#define g(x) (g(x) + 1)\nint f(int a)\n{\n    return g(g(a));\n}\n")
    assert [i.name for i in found.body.invokes()] == ["g", "g"]


def test_loops_that_macros_head_inside_each_other() -> None:
    for text in ("EACH (i, 4) EACH (j, 4) t[i] += j;", "EACH (i, 4) {\n        EACH (j, 4) t[i] += j;\n    }"):
        found = function(f"{EACH}void f(int *t, int i, int j)\n{{\n    {text}\n}}\n")
        assert set_(found) == ["i", "j", "t", "j", "i"]
        assert len([b for b in found.body.blocks if isinstance(b.end, Branch) and b.end.loop]) == 2


def test_statements_that_are_handed_to_a_macro_run_where_it_puts_them() -> None:
    found = function(f"{CHECK}int f(void)\n{{\n    CHECK(return -1;)\n    work();\n    return 0;\n}}\n")
    assert [i.name for i in found.body.invokes()] == ["prepare", "work"]
    ends = [b.end for b in found.body.blocks if isinstance(b.end, Return)]
    assert [e.value.span.text for e in ends if e.value is not None] == ["-1", "0"]
    assert [e.macro.name if e.macro is not None else "" for e in ends] == ["CHECK", ""]


def test_a_macro_is_given_a_type_by_another() -> None:
    macros = (
        "#define OFFSET(type, member) ((size_t)&((type *)0)->member)\n"
        "#define HOLDER(p, type, member) (type *)((char *)p - OFFSET(type, member))\n"
    )
    found = function(
        f"{macros}void *f(int *p)\n{{\n    struct node *n = HOLDER(p, struct node, a);\n    return n;\n}}\n"
    )
    assert not list(found.body.invokes())
    (variable,) = (o.variable for o in found.body.ops() if isinstance(o, Declare))
    assert str(found.body.variables[variable].type) == "struct node*"
