"""What is lost of a function after it was taken for understood: told in the report, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from edlint.config import Config
from edlint.driver import Request, run
from edlint.frontends.c import files, syntax
from edlint.frontends.c.expansion import MAX_NESTING
from edlint.frontends.c.flow import MAX_DEPTH

EDL = "enclave { trusted { public int put(int a); public int get(int a); }; };"
SPLIT = "int put(int a) {\n#if A\n  if (a) {\n#else\n  if (!a) {\n#endif\n    return N(a);\n  }\n  return 2;\n}\n"
PUT, GET = "int put(int a) { return N(a); }\n", "int get(int a) { return a; }\n"


def told(folder: Path, code: str) -> list[tuple[str, int, str]]:
    (folder / "e.edl").write_text(EDL, "utf-8")
    (folder / "e.c").write_text(code, "utf-8")
    report = run(Request(paths=(folder,), base=folder, config=Config(folder=folder)))
    assert not [f for f in report.findings if f.rule == "unparsed-function"]
    return [(g.kind, g.span.line if g.span else 0, g.message) for g in report.gaps]


@pytest.mark.parametrize("body", ["!" * 2 * MAX_DEPTH + "(x)", "(" * 2 * MAX_DEPTH + "x" + ")" * 2 * MAX_DEPTH])
@pytest.mark.parametrize(("use", "line"), [(PUT, 2), (SPLIT, 8)])
def test_a_macro_that_nests_too_deeply_is_told_where_it_is_used(body: str, use: str, line: int, tmp_path: Path) -> None:
    code = f"#define N(x) {body}\n{use}{GET}"
    said = told(tmp_path, code)
    assert said == [("partial-function", line, "function 'put' nests too deeply to be followed in all places")]
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
