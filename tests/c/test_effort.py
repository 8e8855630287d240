"""Texts made to stop the reader of C: the work that they cost is counted, not timed."""

from __future__ import annotations

import re
from collections import UserDict
from collections.abc import Iterator
from typing import Any

import pytest

from edlint.frontends.c import (
    capitals,
    directives,
    files,
    index,
    items,
    lost,
    lowering,
    masking,
    pasting,
    project,
    read_units,
    rescue,
    second,
    syntax,
)
from edlint.frontends.c.constants import Constants
from edlint.frontends.c.directives import bare
from edlint.frontends.c.named import Named, values_of
from edlint.frontends.c.second import TOKENS, Budget
from edlint.frontends.c.syntax import Effort, TooHardError, parse
from edlint.model.unit import ReadState, Unit
from edlint.source import Source

SIZE = 400_000
PLAIN = "int f(void) { return 1; }\n"
DENSE = (") FOO_BAR ", "\nstatic\n#if A", "} else {\n")
"""Pieces that cost the parser many times what its steps tell."""


def read(text: str, name: str = "a.c") -> Unit:
    """The unit of a made file, beside a good one that must be there whatever the made one is."""
    units = read_units([Source(name, text), Source("good.c", "int good(int a) { return a; }\n")])
    assert [(f.name, f.state) for f in units[1].functions] == [("good", ReadState.CLEAN)]
    return units[0]


def effort(piece: str, language: str = "c") -> int:
    """What the parser does for a text of a piece over and over."""
    spent = Effort()
    parse((piece * (SIZE // len(piece))).encode("ascii"), language, spent)
    return spent.spent


@pytest.mark.parametrize("piece", DENSE)
def test_errors_are_counted_as_work(piece: str) -> None:
    assert effort(piece) > 5 * effort(PLAIN)


@pytest.mark.parametrize("language", ["c", "c++"])
def test_well_formed_text_costs_its_steps_alone(language: str) -> None:
    assert effort(PLAIN, language) < 8_000


@pytest.mark.parametrize("language", ["c", "c++"])
def test_a_text_of_errors_is_given_up_early(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "BUDGET", 20_000)
    text = (DENSE[0] * (8 * SIZE // len(DENSE[0]))).encode("ascii")
    spent = Effort()
    with pytest.raises(TooHardError):
        parse(text, language, spent)
    assert spent.spent < 60_000
    # The parser is as good as new.
    assert not parse(PLAIN.encode("ascii"), language).root_node.has_error


@pytest.mark.parametrize("size", [2_000, 60_000])
def test_errors_of_small_texts_are_counted_where_there_are_many(size: int) -> None:
    spent, plain = Effort(), Effort()
    for _ in range(syntax._UNHEARD // size + 1):
        parse((DENSE[0] * (size // len(DENSE[0]) + 1)).encode("ascii"), "c", spent)
        parse((PLAIN * (size // len(PLAIN) + 1)).encode("ascii"), "c", plain)
    before, plainly = spent.spent, plain.spent
    parse((DENSE[0] * (size // len(DENSE[0]))).encode("ascii"), "c", spent)
    parse((PLAIN * (size // len(PLAIN))).encode("ascii"), "c", plain)
    assert spent.spent - before > 5 * (plain.spent - plainly) > 0


def test_a_short_text_may_cost_less_than_a_long_one() -> None:
    # The end of a comment, over and over, costs the parser the square of its number.
    spent = Effort()
    with pytest.raises(TooHardError):
        parse(b"*/\n" * 15_000, "c", spent)
    assert spent.spent < syntax.BUDGET // 2


def test_what_is_not_counted_counts_as_well_formed() -> None:
    spent, counted = Effort(), Effort()
    counted.is_counted(syntax._UNHEARD)
    text = (PLAIN * 2_000).encode("ascii")
    before = counted.spent
    parse(text, "c", spent)
    parse(text, "c", counted)
    assert 0.3 < spent.spent / (counted.spent - before) < 3


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.c", "{ .a = "), ("a.c", "}{"), ("a.cpp", "a<b,"), ("a.cpp", "x<y,\n")],
)
def test_what_is_left_open_by_the_thousand_is_not_parsed(name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_OPEN", 50)
    after = "int late(int a) { return a; }\n"
    few, many = text * 40, "}" * 100 + text.removeprefix("}") * 60 + ";"
    assert [g.kind for g in read(many + after, name).gaps][:1] == ["unreadable-file"]
    assert [g.kind for g in read(few + ";" + after, name).gaps][:1] != ["unreadable-file"]


def test_marks_by_the_million_are_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "_MAX_MARKS", 2_000)
    monkeypatch.setattr(syntax, "_UNHEARD", 0)
    assert [g.kind for g in read("f(a, b);\n" * 300 + PLAIN).gaps][:1] != ["unreadable-file"]
    assert [g.kind for g in read("f(a, b);\n" * 600 + PLAIN).gaps][:1] == ["unreadable-file"]


@pytest.mark.parametrize("sign", ["*", "!", "~", "&", "+", "-", "= ", "a ? "])
def test_signs_by_the_million_are_not_parsed(sign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_SIGNS", 2_000)
    text = "int f(int a) { return g(a); }\n" + "/" + "*" * 4_000 + "/\n" + '"!!!"' * 900
    assert [g.kind for g in read(text).gaps][:1] != ["unreadable-file"]
    assert [g.kind for g in read(text + sign * 2_001).gaps][:1] == ["unreadable-file"]


def test_reading_again_is_part_of_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(
        f"int f{i}(int a) {{\n#if A\n  if (a) {{\n#else\n  if (!a) {{\n#endif\n  return g(a) @ 1; }} return FOO a; }}\n"
        for i in range(30)
    )
    states = [f.state for f in read(text).functions]
    assert len(states) == 30
    looked: list[int] = []

    def look(*given: object) -> None:
        looked.append(1)
        budget = given[-1]
        assert isinstance(budget, Budget)
        budget.take(len(looked) // 5 * syntax.BUDGET * TOKENS + TOKENS)

    monkeypatch.setattr(rescue, "read_function", look)
    unit = read(text)
    assert len(looked) == 5
    assert len(unit.functions) == 30
    assert all(f.state in (ReadState.PARTIAL, ReadState.LOST) for f in unit.functions)
    assert {g.span.line for g in unit.gaps if g.span} >= {f.span.line for f in unit.functions}


def test_all_readings_of_a_file_share_one_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "BUDGET", effort(PLAIN) + 1_000)
    text = (PLAIN * (SIZE // len(PLAIN))).encode("ascii")
    spent = Effort()
    parse(text, "c", spent)
    with pytest.raises(TooHardError):
        parse(text, "c", spent)


@pytest.mark.parametrize("name", ["a.c", "a.cpp"])
def test_a_file_that_is_given_up_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "BUDGET", 5_000)
    unit = read(DENSE[0] * (SIZE // len(DENSE[0])) + "int late(int a) {\n  return a;\n}\n", name)
    assert [g.kind for g in unit.gaps][:1] == ["unreadable-file"]
    assert [(f.name, f.state) for f in unit.functions] == [("late", ReadState.LOST)]


@pytest.mark.parametrize("sign", ["#", "??="])
def test_a_file_of_too_many_directives_is_named(sign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_DIRECTIVES", 20)
    text = "int f(int a) { return a; }\n"
    piece = f"{sign}if A\n{sign}endif\n"
    assert [f.state for f in read(piece * 10 + text).functions] == [ReadState.CLEAN]
    unit = read(piece * 11 + text)
    assert [f.state for f in unit.functions] == [ReadState.LOST]
    assert [g.kind for g in unit.gaps] == ["unreadable-file", "lost-function"]


@pytest.mark.parametrize("word", ["API", "__cdecl"])
def test_words_by_the_thousand_are_looked_at_up_to_a_number(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capitals, "MAX_WORDS", 20)
    monkeypatch.setattr(masking, "MAX_WORDS", 20)
    few, many = (f"int @;\n{word} int f(int a) {{ return a; }}\n" + f"{word} {word};\n" * n for n in (2, 40))
    assert [f.name for f in read(few).functions] == ["f"]
    seen: list[int] = []
    blank = masking._blank_all

    def counted(mask: masking.Mask, ranges: Iterator[tuple[int, int]]) -> bool:
        known = list(ranges)
        seen.append(len(known))
        return blank(mask, iter(known))

    monkeypatch.setattr(masking, "_blank_all", counted)
    read(many)
    assert max(seen) <= 20


@pytest.mark.parametrize("broken", ["", "int b(int a) { return a @ 1; }\n"])
def test_a_file_of_too_many_declarations_is_read_up_to_a_place(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "MAX_ITEMS", 20)
    lines = [f"int v{i};\nint f{i}(int a) {{ return a; }}\n" for i in range(10)]
    assert not [g for g in read("".join(lines)).gaps if g.kind == "partial-file"]
    unit = read("".join([broken, *lines, "int last(int a) { return a; }\nstruct s { int a; };\n"]))
    (gap,) = (g for g in unit.gaps if g.kind == "partial-file")
    assert gap.span is not None
    assert gap.span.source.text.startswith("int f9(" if broken else "int last(", gap.span.start)
    states = {f.name: f.state for f in unit.functions}
    assert states["f8"] is ReadState.CLEAN
    assert states["last"] is ReadState.LOST
    assert len(states) == (12 if broken else 11)
    assert not unit.types


def test_a_file_of_too_many_functions_is_read_up_to_a_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "MAX_FUNCTIONS", 5)
    monkeypatch.setattr(project, "MAX_FUNCTIONS", 5)
    lines = [f"int v{i};\nint f{i}(int a) {{ return a; }}\n" for i in range(7)]
    assert not [g for g in read("".join(lines[:5])).gaps if g.kind == "partial-file"]
    unit = read("".join(lines))
    (gap,) = (g for g in unit.gaps if g.kind == "partial-file")
    assert gap.message.startswith("more than 5 functions")
    assert gap.span is not None
    assert gap.span.source.text.startswith("int v5;", gap.span.start)
    assert [f.state for f in unit.functions] == [ReadState.CLEAN] * 5 + [ReadState.LOST] * 2


@pytest.mark.parametrize("broken", ["", "int b(int a) { return a @ 1; }\n"])
def test_of_many_definitions_of_one_name_the_first_are_read(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "MAX_SAME", 3)
    lines = [f"int same(int a) {{ return a + {i}; }}\nint other{i}(int a) {{ return a; }}\n" for i in range(5)]
    unit = read("".join([broken, *lines[:3]]))
    assert [f.name for f in unit.functions].count("same") == 3
    assert not [g for g in unit.gaps if g.kind == "partial-file"]
    unit = read("".join([broken, *lines]))
    names = [f.name for f in unit.functions]
    assert names.count("same") == 3
    assert len(names) == (9 if broken else 8)
    (gap,) = (g for g in unit.gaps if g.kind == "partial-file")
    assert gap.span is not None
    assert gap.span.source.text.startswith("same(int a) { return a + 3;", gap.span.start)
    assert gap.message.startswith("5 definitions of 'same'")


def test_constants_are_put_into_each_other_without_a_copy_for_each() -> None:
    copies: list[int] = []

    class Known(UserDict[str, int]):
        def __iter__(self) -> Iterator[str]:
            copies.append(1)
            return super().__iter__()

    constants = [Named(f"C{i}", "", f"C{i - 1} + 1" if i else "START") for i in range(50)]
    values = values_of(constants, Constants({}).evaluate, Known(START=5))
    assert (values["C0"], values["C49"], len(values)) == (5, 54, 50)
    assert len(copies) == 1


@pytest.mark.parametrize("text", ["0", "07", "08", "0x1fUL", "12l", "1 + 2", "-1", "1.5", "1'000", "N", "5_km"])
def test_a_number_is_an_initialiser_that_needs_no_tree(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def values() -> list[str]:
        units = [read(f"#define N 4\nint a = {text};\n", name) for name in ("a.c", "a.cpp")]
        return [repr(u.globals[0].initialiser) for u in units]

    looked: list[int] = []
    lower = lowering.constant_value

    def count(*given: Any) -> Any:
        looked.append(1)
        return lower(*given)

    monkeypatch.setattr(lowering, "constant_value", count)
    plain = values()
    assert bool(looked) is (text in ("1 + 2", "-1", "1.5", "1'000", "N", "5_km"))
    monkeypatch.setattr(project, "_MAX_LITERAL", 0)
    assert values() == plain


def test_damage_among_too_many_statements_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "int f(int a) {\n  if (a) {\n#if A\n  } else {\n#else\n  }\n#endif\n    @;\n  }\n" + "int x;\n" * 20
    monkeypatch.setattr(project, "MAX_ENDS", 10)
    unit = read(text)
    assert unit.gaps
    assert all(f.state in (ReadState.PARTIAL, ReadState.LOST) for f in unit.functions)


@pytest.mark.parametrize("delimiters", [[""] * 50, [f"d{i}" for i in range(50)], [f"d{i}" for i in range(500)]])
def test_raw_strings_without_an_end_are_not_looked_through_one_by_one(
    delimiters: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "".join(f'R"{d}(' for d in delimiters)
    monkeypatch.setattr(directives, "_TOKENS", None)
    assert len(bare(text)) == len(text)


def test_raw_strings_hide_what_is_in_them() -> None:
    text = 'char *a = R"x(int f(void) { " )" )x"; char *b = R"(}"; char *c = R"(;\n'
    assert "{" not in bare(text)
    assert "}" not in bare(text)
    assert bare(text).endswith("(;\n")


def test_a_raw_string_of_several_lines_hides_what_is_in_it() -> None:
    text = 'char *a = R"x(\nint f(void) { call(); }\n)x"; int b;\n'
    assert bare(text) == "char *a =" + " " * 5 + "\n" + " " * 23 + "\n" + " " * 3 + "; int b;\n"


def test_empty_literals_in_a_row_are_one_piece_of_work(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    blank = directives._blank

    def count(token: str) -> str:
        seen.append(token)
        return blank(token)

    monkeypatch.setattr(directives, "_blank", count)
    for quote in "\"'":
        text = quote * 51 + f"ab{quote} {quote}c{quote} {quote * 2}{quote}\n"
        assert bare(text) == quote * 51 + f"  {quote} {quote} {quote} {quote * 3}\n"
    assert [len(s) for s in seen] == [50, 4, 3, 2] * 2


PATTERNS = (directives._TOKENS, directives._COMMENTS, items._MARK, items._DIRECTIVE, pasting._PIECES, pasting._SPLIT)


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_is_escaped_starts_no_literal(pattern: re.Pattern[str], quote: str) -> None:
    text = f"\\{quote}a\\{quote} {quote}b\\{quote}{quote} "
    literals = [m[0] for m in pattern.finditer(text) if m[0].startswith(quote) and len(m[0]) > 1]
    assert literals == [f"{quote}b\\{quote}{quote}"]


def test_braces_that_head_no_function_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    named = lost._named

    def look(code: str, start: int, end: int) -> re.Match[str] | None:
        looked.append(end)
        return named(code, start, end)

    monkeypatch.setattr(lost, "_named", look)
    text = "{" * 1_000 + "; int f(int a) { if (a) { g(); } }" + "}" * 1_000 + ")" * 1_000 + " int g(void) {"
    assert [(f.name, text[f.body : f.end]) for f in lost.definitions(text)] == [
        ("f", "{ if (a) { g(); } }"),
        ("g", "{"),
    ]
    assert len(looked) == 2


def test_lists_that_head_nothing_with_a_name_are_not_looked_at_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost, "_MAX_HEADS", 20)
    text = "int f(int a) { g(); } "
    assert [f.name for f in lost.definitions("[](){ } " * 19 + text)] == ["f"]
    assert [f.name for f in lost.definitions("[](){ } " * 20 + text)] == []


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("int ::f(int a)", "f"),
        ("int a :: b :: f (int a)", "f"),
        ("public:f(int a)", "f"),
        ("A::~A()", "~A"),
        ("bool A::operator ==(int a)", "operator=="),
        ("int " + "a::" * 20 + "f(int a)", ""),
        ("f(int a) class x", ""),
        ("X(class) f(int a)", "X"),
    ],
)
def test_names_of_what_braces_betray(head: str, name: str) -> None:
    assert [f.name for f in lost.definitions(f"; {head} {{ g(); }}")] == ([name] if name else [])


@pytest.mark.parametrize("name", ["a.c", "a.cpp"])
def test_a_file_in_which_nothing_could_be_read_is_named(name: str) -> None:
    (unit,) = read_units([Source(name, "for (;;) " * 500)])
    assert not unit.functions
    assert [(g.path, g.kind) for g in unit.gaps] == [(name, "unreadable-file")]
    for text in ("", "// nothing here\n", "#define N 4\n)", "0x1f, 0x2e,\n#include <stdint.h>\n"):
        assert read_units([Source(name, text)])[0].gaps == ()


def test_what_is_done_for_each_function_that_is_read_again_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "".join(f"char *f{i}(a) int a;\n{{ return 0; }}\n" for i in range(10))
    assert {f.state for f in read(code).functions} == {ReadState.SECOND}
    monkeypatch.setattr(second, "PER_ITEM", second.TOKENS * syntax.BUDGET // 4)
    states = [f.state for f in read(code).functions]
    assert states.count(ReadState.SECOND) in range(1, 5)
    assert states.count(ReadState.LOST) == 10 - states.count(ReadState.SECOND)
