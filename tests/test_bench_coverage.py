"""What the benchmark of the readers takes for the truth, and what it counts as found."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.coverage import Tag, compare, conditions, corrected, real, row
from edlint.model.ir import Body
from edlint.model.types import TypeRef
from edlint.model.unit import Function, ReadState, Signature, Unit
from edlint.source import Source

HEADS = """\
int before(void) { return 0; }
#ifdef TESTED
int inside(void) { return 1; }
int mocked(int n) {
#else
int put(int n) {
#endif
    return n;
}
int behind(void) { return 2; }
"""
PARTED = """\
int
#ifdef TESTED
mocked(int n) {
#else
put(int n) {
#endif
    return n;
}
"""
NESTED = """\
#ifdef HOST
#ifdef WIN
int one(int n) {
#else
int two(int n) {
#endif
#else
int three(int n) {
#endif
    return n;
}
"""
APART = """\
#ifdef HOST
#ifdef WIN
int one(int n) {
#else
int two(int n) {
#endif
    return n;
}
int three(int n) {
#else
int four(int n) {
#endif
    return n;
}
"""


def signature() -> Signature:
    return Signature(TypeRef("int"))


def never() -> Body:
    raise AssertionError("no body is needed to count a function")


def unit(text: str, *functions: tuple[str, int, int, ReadState]) -> Unit:
    """A file of which the reader found functions by these names, in these lines."""
    source = Source("a.c", text)
    starts = source.line_starts
    made = []
    for name, first, last, state in functions:
        begin = starts[first - 1]
        at = text.index(name, begin)
        extent = source.span(begin, starts[last] - 1)
        made.append(Function(name, name, source.span(at, at + len(name)), extent, "c", state, signature, never))
    return Unit(source, "c", tuple(made))


def counted(read: Unit, *tags: Tag, macros: frozenset[str] = frozenset()) -> tuple[int, int, int]:
    """How many functions there are, are found, and are read whole."""
    counts, notes = compare(read, list(tags), macros)
    assert len(notes) == counts["all"] - counts["whole"]
    return counts["all"], counts["found"], counts["whole"]


@pytest.mark.parametrize(
    ("text", "found", "missed"),
    [
        (HEADS, ("put", 6, 9), ("mocked", 4, 9)),
        (HEADS, ("mocked", 4, 9), ("put", 6, 9)),
        # The head that is found may begin in front of the condition.
        (PARTED, ("put", 1, 8), ("mocked", 3, 8)),
        (NESTED, ("two", 5, 11), ("one", 3, 11)),
        (NESTED, ("three", 8, 11), ("one", 3, 11)),
        (NESTED, ("one", 3, 11), ("three", 8, 11)),
        (APART, ("four", 11, 14), ("three", 9, 14)),
    ],
)
def test_of_several_heads_of_one_body_one_is_enough(text: str, found: tuple[str, int, int], missed: Tag) -> None:
    read = unit(text, (*found, ReadState.CLEAN))
    assert counted(read, found, missed) == (1, 1, 1)


@pytest.mark.parametrize(
    ("text", "functions", "missed"),
    [
        (HEADS, (), ("mocked", 4, 9)),
        # What ends in front of the body, or stands elsewhere, is no other head of it.
        (HEADS, (("before", 1, 1), ("inside", 3, 3), ("behind", 10, 10)), ("mocked", 4, 9)),
        # What runs over both heads from in front of them is another function that was read too far.
        (HEADS, (("before", 1, 9),), ("mocked", 4, 9)),
        (APART, (("four", 11, 14),), ("one", 3, 8)),
    ],
)
def test_a_head_of_a_body_that_is_not_found_is_missed(
    text: str, functions: tuple[tuple[str, int, int], ...], missed: Tag
) -> None:
    read = unit(text, *((*f, ReadState.CLEAN) for f in functions))
    assert counted(read, missed) == (1, 0, 0)


def test_each_head_of_a_lost_body_is_missed() -> None:
    read = unit(HEADS, ("put", 6, 9, ReadState.LOST))
    counts, notes = compare(read, [("mocked", 4, 9), ("put", 6, 9)], frozenset())
    assert counts == Counter(all=2)
    assert notes == ["a.c:4: mocked not found", "a.c:6: put not found (lost)"]


def test_what_is_found_in_part_is_not_whole() -> None:
    read = unit(HEADS, ("before", 1, 1, ReadState.PARTIAL), ("behind", 10, 10, ReadState.SECOND))
    counts, notes = compare(read, [("before", 1, 1), ("behind", 10, 10)], frozenset())
    assert counts == Counter(all=2, found=2, whole=1)
    assert notes == ["a.c:1: before partial"]


def test_a_function_of_the_same_name_elsewhere_is_another() -> None:
    read = unit("int f(void) { return 0; }\n" + "\n" * 8 + "int f(void) { return 1; }\n", ("f", 1, 1, ReadState.CLEAN))
    assert counted(read, ("f", 1, 1), ("f", 10, 10)) == (2, 1, 1)


def test_what_is_never_compiled_is_no_function() -> None:
    read = unit("#if 0\nint f(void) { return 0; }\n#endif\nint g(void) { return 0; }\n")
    assert counted(read, ("f", 2, 2), ("g", 4, 4)) == (1, 0, 0)


@pytest.mark.parametrize(("macros", "found"), [(frozenset({"HANDLER"}), 1), (frozenset[str](), 0)])
def test_a_function_that_a_macro_heads_may_have_the_name_that_it_gives(macros: frozenset[str], found: int) -> None:
    text = "HANDLER(open) {\n    return 0;\n}\n"
    read = unit(text, ("open", 1, 3, ReadState.CLEAN))
    assert counted(read, ("HANDLER", 1, 3), macros=macros) == (1, found, found)


def test_conditions_are_told_from_the_inside_out() -> None:
    assert conditions(NESTED) == [(2, 6), (1, 9)]
    # An end without a beginning, and a beginning without an end, are none.
    assert conditions("#endif\n  # if A\n#elif B\n# endif\n#ifndef C\n") == [(2, 4)]


@pytest.mark.parametrize(
    ("text", "tag", "truth"),
    [
        ("OF(int) *make(int n) {\n}\n", ("OF", 1, 2), [("make", 1, 2)]),
        ("OF(int)\nmake(int n)\n{\n}\n", ("OF", 1, 4), [("make", 2, 4)]),
        ("EXPORT(A) // of all\n#pragma once\nint make(int n) {\n}\n", ("EXPORT", 1, 4), [("make", 3, 4)]),
        ("int make(int n) {\n}\n", ("make", 1, 2), [("make", 1, 2)]),
        ("#define MAKE(n) \\\n    int make_##n(void) { }\n", ("make_", 2, 2), []),
        ("CLASS(at) {\npublic:\n    int x;\n};\n", ("CLASS", 1, 4), []),
        ("TABLE(n) int m;\n", ("TABLE", 1, 1), []),
        ("__declspec(align(16)) struct at {\n    int x;\n};\n", ("align", 1, 3), []),
    ],
)
def test_the_truth_is_the_function_behind_a_macro(text: str, tag: Tag, truth: list[Tag]) -> None:
    assert corrected(text, [tag]) == truth


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("f(int n) {", "f", ("f", 0)),
        ("HANDLER(open) {", "HANDLER", ("HANDLER", 0)),
        ("f(int n) noexcept(true) {", "f", ("f", 0)),
        ("f(int n) __attribute__((cold)) {", "f", ("f", 0)),
        ("f(int n) GUARDED(lock) {", "f", ("f", 0)),
        ("OF(int) list::make(int n) {", "OF", ("make", 14)),
        ("A(1) B(2) int make(int n) {", "A", ("make", 14)),
        ("Store(int n) : n(n) {", "Store", ("Store", 0)),
        # Parameters declared behind the list are those of a function; anything else behind a list is none.
        ("f(n) int n; {", "f", ("f", 0)),
        ("TABLE(n) int m; {", "TABLE", None),
        ("f(int n", "f", ("f", 0)),
    ],
)
def test_the_function_that_a_text_starts_with(text: str, name: str, found: tuple[str, int] | None) -> None:
    assert real(text, name) == found


def test_a_row_has_shares_of_all_functions() -> None:
    assert row("kms", "c", Counter(all=8, found=6, whole=4)).split() == ["kms", "c", "8", "75.00%", "50.00%"]
