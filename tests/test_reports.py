"""Output formats, on a made report."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from samples import CODE, EDL, GAPS, WHOLE, at, finding, report

from edlint.finding import Label
from edlint.report import FORMATS, Style, render
from edlint.source import Gap, Source

FULL = """\
warning[user-check-pointer]: Parameter 'out' of ECALL 'seal' is 'user_check': the bridge neither copies nor checks it.
 --> enclave dir/seal.cpp:7:12
  |
1 | int seal(const uint8_t *pt, size_t len, uint8_t *out)
  |                                         ------------ the host's address
...
7 |     memcpy(out, tmp, len);
  |            ^^^       --- length
  |            |
  |            may point into the enclave
 ::: kms.edl:4:4
  |
4 |         [user_check] uint8_t* out);
  |          ----------  ------------ declared
  |          |
  |          neither copied nor checked [sic]
  |
  = path: 3 steps
     1. kms.edl:4:16: 'out' comes from the host
        [user_check] uint8_t* out);
     2. enclave dir/seal.cpp:1:41: parameter 'out'
        int seal(const uint8_t *pt, size_t len, uint8_t *out)
     3. enclave dir/seal.cpp:7:12: written through
        memcpy(out, tmp, len);
  = note: There is no check on the way
  = help: edlint explain user-check-pointer
  = suggestion: let the bridge copy the buffer
4 | -         [user_check] uint8_t* out);
4 | +         [out, size=len] uint8_t* out);

1 finding: 1 warning; 1 with a suggested change
  analysed: kms.edl: Open Enclave EDL (--sdk), 1 ECALL, 0 OCALLs
  not analysed, or only in part: 2 places
    enclave dir/lost.c: unreadable-file: not analysed: a binary file
    kms.edl:2:5: unresolved-import: import not found
"""


def test_full() -> None:
    assert render("full", report(WHOLE, gaps=GAPS)) == FULL


def test_colour_adds_nothing_but_colour() -> None:
    text = render("full", report(WHOLE, gaps=GAPS), Style(color=True))
    assert "\x1b[1;33mwarning[user-check-pointer]\x1b[0m" in text
    assert re.sub(r"\x1b\[[0-9;]*m", "", text) == FULL


def under(text: str, word: str, width: int = 60) -> tuple[str, str]:
    """The source line of the full report and what is below its marks."""
    source = Source("x.c", text)
    rows = render("full", report(finding("user-check-pointer", at(source, word), label="here")), Style(width=width))
    lines = rows.splitlines()
    code, marks = lines[3].split(" | ", 1)[1], lines[4].split(" | ", 1)[1]
    at_column = marks.index("^")
    return code, code[at_column : at_column + marks.count("^")]


def test_marks_stand_below_their_text() -> None:
    assert under("\tif (\tbad)\n", "bad") == ("    if (    bad)", "bad")
    assert under("x \x07 \x1b bad\n", "bad") == ("x \\x07 \\x1b bad", "bad")


def test_wide_characters_are_two_columns() -> None:
    source = Source("x.c", "/* 漢字 */ bad();\n")
    text = render("full", report(finding("user-check-pointer", at(source, "bad"))))
    assert "\n1 | /* 漢字 */ bad();\n  |            ^^^\n" in text


def test_long_lines_are_cut_around_the_span() -> None:
    code, marked = under("a" * 500 + " bad " + "b" * 500 + "\n", "bad")
    assert marked == "bad"
    assert len(code) <= 60
    assert code.startswith("...a") and code.endswith("b...")


def test_a_line_of_megabytes_is_quick() -> None:
    code, marked = under("a" * 5_000_000 + " bad " + "b" * 5_000_000, "bad")
    assert marked == "bad"
    assert len(code) <= 60


def test_a_span_of_several_lines_is_marked_on_its_first() -> None:
    text = render("full", report(finding("user-check-pointer", CODE.span(0, len(CODE.text)))))
    assert f"  | {'^' * 53}\n" in text


def test_a_span_at_the_end_of_the_file() -> None:
    end = len(EDL.text)
    text = render("full", report(finding("user-check-pointer", EDL.span(end, end))))
    assert "kms.edl:7:1" in text


def test_many_gaps_of_a_kind_are_counted() -> None:
    text = render("full", report(gaps=GAPS + GAPS[1:] * 30))
    assert "... and 26 more of kind unresolved-import" in text
    assert "32 places" in text


def test_concise() -> None:
    lines = render("concise", report(WHOLE, gaps=GAPS)).splitlines()
    assert lines == [
        "enclave dir/seal.cpp:7:12: warning user-check-pointer " + WHOLE.message,
        "enclave dir/lost.c: failure unreadable-file not analysed: a binary file",
        "kms.edl:2:5: gap unresolved-import import not found",
    ]


def test_functions_of_one_file_that_were_not_read_share_a_line_where_people_read_them() -> None:
    said = [("a.h", "f"), ("a.h", "g"), ("a.h", "h"), ("b.h", "f")]
    gaps = tuple(Gap(path, None, f"function '{name}' could not be read", "lost-function") for path, name in said)
    assert render("concise", report(gaps=gaps)).splitlines() == [
        "a.h: gap lost-function function 'f' could not be read (and 2 more of the file)",
        "b.h: gap lost-function function 'f' could not be read",
    ]
    named = json.loads(render("json", report(gaps=gaps)))["gaps"]
    assert [g["message"] for g in named] == [g.message for g in gaps]


def test_json() -> None:
    data = json.loads(render("json", report(WHOLE, gaps=GAPS)))
    assert list(data) == ["schema", "tool", "exitCode", "findings", "gaps", "analysed", "counts", "rules"]
    first = data["findings"][0]
    assert (first["file"], first["line"], first["column"], first["endColumn"]) == ("enclave dir/seal.cpp", 7, 12, 15)
    assert [step["label"] for step in first["path"]] == [step.text for step in WHOLE.path]
    assert first["fix"]["edits"][0]["text"] == "out, size=len"
    assert [g["fatal"] for g in data["gaps"]] == [True, False]


def test_jsonl() -> None:
    rows = [json.loads(line) for line in render("jsonl", report(WHOLE, gaps=GAPS)).splitlines()]
    assert [r["type"] for r in rows] == ["finding", "gap", "gap", "summary"]
    assert rows[-1]["exitCode"] == 1


def test_github_escapes_and_limits() -> None:
    loud = [finding("user-check-pointer", at(CODE, "out"), f"{n}% of a,b:c\nd.") for n in range(12)]
    error = finding("invalid-interface", at(EDL, "trusted"))
    lines = render("github", report(*loud, error, gaps=GAPS)).splitlines()
    assert lines[0].startswith("::error file=kms.edl,line=2,col=5,endColumn=12,title=edlint%3A invalid-interface::")
    assert lines[1].endswith("::0%25 of a,b:c%0Ad.")
    assert sum(line.startswith("::warning ") for line in lines) == 10
    assert lines[-1].startswith("::notice title=edlint::2 more findings")


def test_github_paths_start_at_the_top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    made = replace(report(finding("user-check-pointer", at(EDL, "trusted"))), root=str(tmp_path))
    assert render("github", made).startswith("::warning file=sub/kms.edl,line=2,")


def test_markdown_escapes() -> None:
    text = render("markdown", report(finding("user-check-pointer", at(CODE, "out"), "A | b <script> `x` [y](z).")))
    assert "A \\| b \\<script\\> \\`x\\` \\[y\\]\\(z\\)." in text


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_found(name: str) -> None:
    text = render(name, report())
    assert text == "" or text.endswith("\n")


@pytest.mark.parametrize("name", ["full", "concise", "markdown"])
def test_no_text_of_a_source_reaches_the_terminal_raw(name: str) -> None:
    evil = "\x1b]0;title\x07\x9b2J\u202e\u2066\r"
    source = Source(f"a{evil}.c", f"int {evil} bad;\n")
    span = at(source, "bad")
    found = finding("user-check-pointer", span, f"Says {evil}.", evil)
    noisy = report(
        type(found)(
            **{**{n: getattr(found, n) for n in found.__slots__}, "notes": (evil,), "path": (Label(span, evil),)}
        )
    )
    assert not set("\x1b\x07\x9b\u202e\u2066\r") & set(render(name, noisy))
