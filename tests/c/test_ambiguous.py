"""What only the name of a type tells from an expression: casts, and declarations of pointers."""

from __future__ import annotations

import pytest

from edlint.frontends.c import read_units
from edlint.model.ir import Address, Assign, Binary, Cast, Declare, Invoke, Number, Place, Return, Value
from edlint.model.unit import Function
from edlint.source import Source

TYPES = "typedef unsigned char byte;\ntypedef struct node { int a; } node;\n#define WORD unsigned int\n"


def function(text: str, name: str = "a.c") -> Function:
    """The last function of a made file."""
    return read_units([Source(name, text)])[0].functions[-1]


def returned(expression: str, name: str = "a.c") -> Value:
    """What a function with the parameters n and p returns."""
    found = function(f"{TYPES}long f(int n, char *p)\n{{\n    return {expression};\n}}\n", name)
    (value,) = (b.end.value for b in found.body.blocks if isinstance(b.end, Return))
    assert value is not None
    assert not list(found.body.invokes())
    return value


@pytest.mark.parametrize("name", ["a.c", "a.cpp"])
@pytest.mark.parametrize("type_", ["byte", "size_t", "WORD", "other_t"])
def test_a_type_in_front_of_parentheses_is_a_cast(type_: str, name: str) -> None:
    value = returned(f"({type_})(n + 1)", name)
    assert isinstance(value, Cast)
    assert (value.type.base, type(value.operand)) == (type_, Binary)


@pytest.mark.parametrize(
    ("sign", "kind"), [("-1", Number), ("-n", Value), ("*p", Place), ("&n", Address), ("+n", Place)]
)
def test_a_type_in_front_of_a_sign_is_a_cast(sign: str, kind: type) -> None:
    value = returned(f"(byte){sign}")
    assert isinstance(value, Cast)
    assert isinstance(value.operand, kind)
    assert value.operand.span.text.removeprefix("*") == sign.removeprefix("*").removeprefix("+")


def test_a_cast_binds_more_tightly_than_what_is_around_it() -> None:
    value = returned("n + (byte)-1 + 2")
    assert isinstance(value, Binary) and isinstance(value.left, Binary)
    assert isinstance(value.left.right, Cast)
    value = returned("(byte)&n + 8")
    assert isinstance(value, Binary) and isinstance(value.left, Cast)
    assert (value.op, type(value.left.operand)) == ("+", Address)


def test_a_variable_in_parentheses_is_none() -> None:
    found = function(f"{TYPES}int f(int byte, int (*node)(int))\n{{\n    return (byte)-1 + (node)(byte);\n}}\n")
    assert len(list(found.body.invokes())) == 1
    assert not [v for b in found.body.blocks if isinstance(b.end, Return) for v in [b.end.value] if isinstance(v, Cast)]


def test_a_type_that_a_variable_of_the_function_has() -> None:
    found = function("long f(long n)\n{\n    UNSEEN x = n;\n    return (UNSEEN)(x + 1);\n}\n")
    assert not list(found.body.invokes())


def declared(line: str) -> list[tuple[str, str]]:
    """Names and types of the variables that a line declares."""
    found = function(f"{TYPES}int f(int n)\n{{\n    {line}\n    return n;\n}}\n")
    variables = found.body.variables
    assert "%1" not in variables or "= g" in line
    return [
        (variables[o.variable].name, str(variables[o.variable].type))
        for o in found.body.ops()
        if isinstance(o, Declare)
    ]


@pytest.mark.parametrize(
    ("line", "types"),
    [
        ("OF(node) *a;", [("a", "OF(node)*")]),
        ("OF(node) **a, *b = g(n), c;", [("a", "OF(node)**"), ("b", "OF(node)*"), ("c", "OF(node)")]),
        ("OF(node)* a = g(n);", [("a", "OF(node)*")]),
        ("node* (*a)(void) = g(n);", [("a", "node**")]),
        ("node (*a)(void) = g(n);", [("a", "node*")]),
        ("node *(*a)(void);", [("a", "node**")]),
    ],
)
def test_a_declaration_that_looks_like_an_expression(line: str, types: list[tuple[str, str]]) -> None:
    assert declared(line) == types


def test_products_and_calls_stay_what_they_are() -> None:
    found = function(
        f"{TYPES}int f(int n, int (*g)(int))\n{{\n    n * 2;\n    h(n) * n, n++;\n    g(*&n);\n    return n;\n}}\n"
    )
    assert not [o for o in found.body.ops() if isinstance(o, Declare)]
    assert len([o for o in found.body.ops() if isinstance(o, Invoke)]) == 2
    assert len([o for o in found.body.ops() if isinstance(o, Assign) and o.compound]) == 1


def test_a_static_assertion_does_nothing_when_it_runs() -> None:
    found = function('int f(int n)\n{\n    _Static_assert(sizeof(int) == 4, "int");\n    return n;\n}\n')
    assert not list(found.body.ops())


def test_the_type_that_is_passed_to_an_export_macro_is_the_result() -> None:
    for given, result in (
        ("EXPORT(const char *) f", "const char*"),
        ("OF(node) *f", "OF(node)*"),
        ("Of(node) f", "Of(node)"),
    ):
        assert str(function(f"{given}(void)\n{{\n    return g();\n}}\n").result) == result
