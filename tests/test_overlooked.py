"""What is lost of a function after it was taken for understood: told in the report, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from edlint.config import Config
from edlint.driver import Request, run
from edlint.finding import Report
from edlint.frontends.c import calls, conditions, files, length, operators, project, read_units, switches, syntax
from edlint.frontends.c.expansion import MAX_NESTING
from edlint.frontends.c.flow import MAX_DEPTH
from edlint.model.unit import ReadState
from edlint.source import Source

EDL = "enclave { trusted { public int put(int a); public int get(int a); }; };"
SPLIT = "int put(int a) {\n#if A\n  if (a) {\n#else\n  if (!a) {\n#endif\n    return N(a);\n  }\n  return 2;\n}\n"
PUT, GET = "int put(int a) { return N(a); }\n", "int get(int a) { return a; }\n"


def checked(folder: Path, code: str) -> Report:
    (folder / "e.edl").write_text(EDL, "utf-8")
    (folder / "e.c").write_text(code, "utf-8")
    return run(Request(paths=(folder,), base=folder, config=Config(folder=folder)))


def told(folder: Path, code: str) -> list[tuple[str, int, str]]:
    report = checked(folder, code)
    assert not [f for f in report.findings if f.rule == "unparsed-function"]
    late = sum(g.kind == "partial-function" for g in report.gaps), sum(g.kind == "lost-function" for g in report.gaps)
    assert (report.counts.get("functions-partial", 0), report.counts.get("functions-lost", 0)) == late
    return [(g.kind, g.span.line if g.span else 0, g.message) for g in report.gaps]


@pytest.mark.parametrize("body", ["!" * 2 * MAX_DEPTH + "(x)", "(" * 2 * MAX_DEPTH + "x" + ")" * 2 * MAX_DEPTH])
@pytest.mark.parametrize(("use", "line"), [(PUT, 2), (SPLIT, 8)])
def test_a_macro_that_nests_too_deeply_is_told_where_it_is_used(body: str, use: str, line: int, tmp_path: Path) -> None:
    code = f"#define N(x) {body}\n{use}{GET}"
    said = told(tmp_path, code)
    assert said == [("partial-function", line, "function 'put' is too long or too deep to be followed in all places")]
    assert told(tmp_path, code.replace(body, "x")) == []


@pytest.mark.parametrize(("count", "deep"), [(MAX_NESTING // 2, False), (MAX_NESTING * 2, True)])
def test_macros_in_too_many_macros_are_told(count: int, deep: bool, tmp_path: Path) -> None:
    inside = "".join(f"#define M{i} (M{i + 1})\n" for i in range(count))
    said = told(tmp_path, f"{inside}#define M{count} get(a)\n{GET}int put(int a) {{ return M0; }}\n")
    assert [(kind, line) for kind, line, _ in said] == ([("partial-function", count + 3)] if deep else [])


def test_a_function_that_cannot_be_read_again_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = f"#define N(x) x\n{PUT}{GET}"
    monkeypatch.setattr(files, "KEPT", 0)
    assert told(tmp_path, code) == []

    def refuse(*given: object) -> syntax.Node:
        return syntax.parse(b"", "c").root_node

    monkeypatch.setattr(files, "_part", refuse)
    monkeypatch.setattr(files, "_whole", refuse)
    assert told(tmp_path, code) == [
        ("lost-function", 2, "function 'put' could not be read again"),
        ("lost-function", 3, "function 'get' could not be read again"),
    ]


LONG = 40
"""Statements that are too many, the limit being half as many."""


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("a += 1;\n" * LONG, 22),
        ("#ifdef A\n" + "a += 1;\n" * LONG + "#endif\n", 20),
        ("if (a) {\n" + "a += 1;\n" * LONG + "}\n", 21),
        ("switch (a) {\n" + "".join(f"case {i}: a++;\n" for i in range(LONG)) + "}\n", 21),
        ("switch (a) { case 1:\n" + "a += 1;\n" * LONG + "}\n", 19),
        ("a = a\n" + "+ a\n" * LONG + ";\n", 21),
        ("if (a\n" + "&& a\n" * LONG + ") a = 2;\n", 20),
        ("a = get(\n" + "a,\n" * LONG + "a);\n", 21),
    ],
)
def test_a_function_that_is_too_long_is_followed_up_to_a_place(
    body: str, line: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = f"int put(int a) {{\n{body}return a;\n}}\n{GET}"
    assert told(tmp_path, code) == []
    monkeypatch.setattr(length, "MAX_STATEMENTS", LONG // 2)
    for module in (calls, conditions, operators, switches):
        monkeypatch.setattr(module, "MANY", 8)
    (said,) = told(tmp_path, code)
    assert said[:2] == ("partial-function", line)
    assert said[2] == "function 'put' is too long or too deep to be followed in all places"


def test_a_function_of_too_many_statements_is_partial_before_anybody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "int put(int a) {\n" + "a += 1;\n" * LONG + "return a;\n}\n"
    (unit,) = read_units([Source("e.c", code)])
    assert unit.functions[0].state is ReadState.CLEAN
    for module in (length, project):
        monkeypatch.setattr(module, "MAX_STATEMENTS", LONG // 2)
    (unit,) = read_units([Source("e.c", code)])
    assert unit.functions[0].state is ReadState.PARTIAL
    assert [(s.line, s.end_line) for s in unit.functions[0].unread] == [(22, LONG + 2)]


def test_a_function_whose_body_is_far_too_long_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "{\n" + "a += 1;\n" * LONG + "return a;\n}"
    monkeypatch.setattr(project, "MAX_BODY", len(body))
    assert told(tmp_path, f"int put(int a) {body}\n{GET}") == []
    (said,) = (g for g in checked(tmp_path, f"int put(int a) {body[:-1]} }}\n{GET}").gaps)
    assert (said.kind, said.span.line if said.span else 0) == ("lost-function", 1)
