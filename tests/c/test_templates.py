"""Macros whose bodies are parsed once for all their uses."""

from __future__ import annotations

from edlint.frontends.c import read_units
from edlint.frontends.c.templates import template
from edlint.model.ir import Assign, Binary, Branch, Cast, Invoke, Place, SizeOf, Text
from edlint.model.unit import Function
from edlint.source import Source


def function(text: str) -> Function:
    """The last function of a made file."""
    return read_units([Source("a.c", text)])[0].functions[-1]


def call(found: Function, name: str) -> Invoke:
    """The one call of that name."""
    (invoke,) = (i for i in found.body.invokes() if i.name == name)
    return invoke


def test_an_argument_is_lowered_as_what_it_is_in_its_place() -> None:
    found = function(
        "#define RUN(x) do { x; } while (0)\n#define CHECK(c) do { if (!(c)) return -1; } while (0)\n"
        "int f(int a, int b) { RUN(go(a)); CHECK(a && check(b)); return 0; }\n"
    )
    assert template("do { x; } while (0)", ("x",), "c") is not None
    assert call(found, "go").target is None
    assert call(found, "check").target is not None
    tests = [b.end for b in found.body.blocks if isinstance(b.end, Branch) and not b.end.loop]
    assert [t.span.text for t in tests] == ["a", "check(b)"]
    assert all(t.macro is not None and t.macro.span.text == "CHECK(a && check(b))" for t in tests)


def test_an_argument_is_handed_on_with_its_text() -> None:
    found = function(
        "#define OUTER(e) INNER(e, log_it)\n#define INNER(e, out) do { if (!(e)) { out(#e); } } while (0)\n"
        "void f(int *p) { OUTER(*p == 3); }\n"
    )
    (text,) = call(found, "log_it").args
    assert isinstance(text, Text)
    assert text.value == "*p == 3"
    (test,) = (b.end for b in found.body.blocks if isinstance(b.end, Branch) and not b.end.loop)
    assert test.span.text == "*p == 3"


def test_the_last_arguments_are_none_or_several() -> None:
    macros = '#define OUT(fmt, ...) out(1, fmt "!", ##__VA_ARGS__, 9)\n#define LOG(...) OUT(__VA_ARGS__)\n'
    found = function(macros + 'void f(int a, int b) { LOG("x"); LOG("y %d %d", a, g(b)); }\n')
    first, second = (i for i in found.body.invokes() if i.name == "out")
    assert [a.value for a in first.args if isinstance(a, Text)] == ["x!"]
    assert (len(first.args), len(second.args)) == (3, 5)
    assert [a.span.text for a in second.args[2:4]] == ["a", "g(b)"]


def test_a_macro_that_needs_the_text_is_expanded_inside_one_that_does_not() -> None:
    found = function(
        "#define OUTER(x) use(COUNT(x), x)\n#define COUNT(y) (sizeof(y) / sizeof((y)[0]))\n"
        "char table[4];\nvoid f(void) { OUTER(table); }\n"
    )
    size, given = call(found, "use").args
    assert isinstance(size, Binary)
    assert isinstance(size.left, SizeOf)
    assert isinstance(size.left.operand, Place)
    assert size.left.operand.root == "table"
    assert size.left.operand.span == given.span


def test_what_an_argument_makes_of_the_body_is_told_by_the_argument() -> None:
    found = function("#define WIDE(v) use((long)(v))\nvoid f(int a, int b) { WIDE(a + b); }\n")
    (value,) = call(found, "use").args
    assert isinstance(value, Cast)
    assert isinstance(value.operand, Binary)
    found = function("#define TWICE(v) use(v * 2)\nvoid f(int a, int b) { TWICE(a + b); }\n")
    (value,) = call(found, "use").args
    assert isinstance(value, Binary)
    assert value.op == "+"


def test_an_argument_names_the_variable_outside_of_the_body() -> None:
    found = function("#define TRY(e) do { int r = (e); use(r); } while (0)\nvoid f(void) { int r = 1; TRY(r + 1); }\n")
    values = [op.value for op in found.body.ops() if isinstance(op, Assign) and isinstance(op.value, Binary)]
    assert [v.left.root for v in values if isinstance(v.left, Place)] == ["r"]


def test_a_macro_without_parameters_is_parsed_once_too() -> None:
    found = function(
        "#define LEAVE goto out\n#define CURRENT (*current())\n"
        "int f(int a) { if (a) LEAVE; g(CURRENT); out: return 0; }\n"
    )
    (test,) = (b.end for b in found.body.blocks if isinstance(b.end, Branch))
    assert test.span.text == "a"
    assert call(found, "current").span.text == "CURRENT"
    (value,) = call(found, "g").args
    assert isinstance(value, Place) and value.span.text == "CURRENT"


def test_the_last_arguments_are_one_text() -> None:
    macro = "#define SHOW(x, ...) do { show(x, #__VA_ARGS__); } while (0)\n"
    assert template("do { show(x, #__VA_ARGS__); } while (0)", ("x", "..."), "c") is not None
    for given, text in (("a", ""), ("a, NULL", "NULL"), ("a, g( b ),\n  c+1", "g( b ), c+1")):
        shown = call(function(f"{macro}void f(int a, int b, int c) {{ SHOW({given}); }}\n"), "show").args[1]
        assert isinstance(shown, Text)
        assert shown.value == text


def test_the_text_of_the_last_arguments_is_the_same_where_the_body_is_expanded() -> None:
    macros = "#define OUTER(x, ...) keep(COUNT(x), #__VA_ARGS__)\n#define COUNT(y) (sizeof(y) / sizeof((y)[0]))\n"
    found = function(macros + "char table[4];\nvoid f(int a) { OUTER(table, a, 2); }\n")
    counted, shown = call(found, "keep").args
    assert isinstance(counted, Binary) and isinstance(shown, Text)
    assert shown.value == "a, 2"


def test_what_looks_like_a_call_of_a_type_takes_any_argument() -> None:
    body = "check((word)(x), #x)"
    assert template(body, ("x",), "c") is not None
    found = function(f"#define CHECK(x) {body}\nvoid f(int a, int b) {{ CHECK(a + 1 == b); }}\n")
    assert [i.name for i in found.body.invokes()] == ["word", "check"]
    (value,) = call(found, "word").args
    assert isinstance(value, Binary) and value.span.text == "a + 1 == b"


def test_strings_that_are_handed_on_are_joined() -> None:
    outer = '#define LOG(fmt, ...) OUT(1, fmt " [%d]\\n", ##__VA_ARGS__, 7)\n'
    inner = "#define OUT(level, ...) out(level, __VA_ARGS__)\n"
    found = function(outer + inner + 'void f(int a) { LOG("a %d" " b", a); }\n')
    text = call(found, "out").args[1]
    assert isinstance(text, Text)
    assert text.value == "a %d b [%d]\n"


def test_a_loop_that_never_repeats_is_left_and_gone_on_with_in_one_place() -> None:
    found = function("void f(int a) { do { if (a) continue; g(); if (a > 1) break; h(); } while (0); last(); }\n")
    assert not [b for b in found.body.blocks if isinstance(b.end, Branch) and b.end.loop]
    (end,) = (
        n for n, b in enumerate(found.body.blocks) if any(isinstance(o, Invoke) and o.name == "last" for o in b.ops)
    )
    assert len([b for b in found.body.blocks if end in b.successors]) == 3
