"""How one parameter is used: the roles that rules about declarations build on."""

from __future__ import annotations

import pytest

from edlint.analysis.accesses import Access, Role, accesses
from edlint.frontends.c import read_units
from edlint.source import Source


def roles(code: str, index: int = 0) -> list[Role]:
    return [a.role for a in mentions(code, index)]


def mentions(code: str, index: int = 0) -> tuple[Access, ...]:
    unit = read_units([Source("f.c", code)])[0]
    found = accesses(unit.functions[0], index)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("*p = 1;", [Role.WRITE]),
        ("p[3] = 1;", [Role.WRITE]),
        ("int x = *p; use(x);", [Role.READ]),
        ("*p += 1;", [Role.WRITE, Role.READ]),
        ("fill(p);", [Role.ARGUMENT]),
        ("fill((char *)p);", [Role.ARGUMENT]),
        ("int *q = p; use(q);", [Role.ESCAPE]),
        ("if (p == 0) return; *p = 1;", [Role.TEST, Role.WRITE]),
        ("if (!p) return;", [Role.TEST]),
        ("if (*p > 3) return;", [Role.READ]),
        ("use(&p[2]);", [Role.ARGUMENT]),
        ("int n = sizeof(*p); use(n);", []),
        ("p = 0;", [Role.ESCAPE]),
        ("table[*p] = 1;", [Role.READ]),
    ],
)
def test_roles(body: str, expected: list[Role]) -> None:
    assert roles(f"extern int table[8]; void f(int *p) {{ {body} }}") == expected


@pytest.mark.parametrize(
    ("body", "first"),
    [("*p = 1;", True), ("p[0] = 1;", True), ("p[1] = 1;", False), ("p[n] = 1;", False)],
)
def test_first_element(body: str, first: bool) -> None:
    (access,) = mentions(f"void f(int *p, int n) {{ {body} }}")
    assert access.is_first_element is first


def test_a_loop_condition_is_no_bound() -> None:
    (access,) = (a for a in mentions("void f(int n) { for (int i = 0; i < n; i++) use(i); }") if a.role is Role.TEST)
    assert access.loop


def test_argument_says_which() -> None:
    (access,) = mentions("void f(char *p) { copy(buffer, p, 4); }")
    assert access.call is not None
    assert (access.call.name, access.position) == ("copy", 1)


def test_nothing_is_said_of_a_parameter_that_is_not_there() -> None:
    unit = read_units([Source("f.c", "void f(int *p) { *p = 1; }")])[0]
    assert accesses(unit.functions[0], 1) is None
