"""Comments that allow findings, the baseline, and findings on changed lines."""

from __future__ import annotations

import datetime
import json
import subprocess
from pathlib import Path

import pytest

from edlint import baseline, suppress
from edlint.__main__ import main
from edlint.baseline import BaselineError
from edlint.finding import Finding, Label, Level
from edlint.source import Source

TODAY = datetime.date(2026, 5, 17)
KNOWN = {"one-rule", "other-rule", "idle-rule"}


def found(source: Source, line: int, rule: str = "one-rule") -> Finding:
    start = source.line_starts[line - 1]
    return Finding(rule, Level.ERROR, "Said.", Label(source.span(start, start + 1), ""))


def outcome(text: str, *lines: int, rule: str = "one-rule") -> tuple[list[int], list[str], list[tuple[str, str]]]:
    """Lines of the findings that stay, reasons of those that do not, complaints with their text."""
    source = Source("x.c", text)
    kept, silenced, complaints = suppress.suppress(
        [found(source, n, rule) for n in lines], [source], KNOWN, {"one-rule", "other-rule"}, TODAY
    )
    return (
        [f.primary.span.line for f in kept],
        [reason for _, reason in silenced],
        [(c.rule, c.allowed.span.text) for c in complaints],
    )


@pytest.mark.parametrize(
    "text",
    [
        "bad(); // edlint: allow(one-rule) -- because\n",
        "bad(); /* edlint: allow(one-rule) -- because */\n",
        "bad(); //edlint:allow( one-rule )--because\n",
        "Key=1 # edlint: allow(one-rule) -- because\n",
        "<Debug/> <!-- edlint: allow(one-rule) -- because -->\n",
        "bad(); // edlint: allow(one-rule) until 2026-05-17 -- because\n",
    ],
)
def test_on_the_line(text: str) -> None:
    assert outcome(text, 1) == ([], ["because"], [])


def test_on_the_line_above() -> None:
    text = "// edlint: allow(one-rule) -- because\nbad();\nbad();\n"
    assert outcome(text, 2, 3) == ([3], ["because"], [])


def test_behind_code_it_covers_that_line_only() -> None:
    text = "good(); // edlint: allow(one-rule) -- because\nbad();\n"
    assert outcome(text, 2) == ([2], [], [("unused-suppression", "one-rule")])


def test_several_above_each_other_and_several_names() -> None:
    text = "// edlint: allow(one-rule) -- a\n// edlint: allow(other-rule) -- b\nbad();\n"
    assert outcome(text, 3) == ([], ["a"], [("unused-suppression", "other-rule")])
    text = "// edlint: allow(one-rule, other-rule) -- both\nbad();\n"
    assert outcome(text, 2) == ([], ["both"], [("unused-suppression", "other-rule")])


@pytest.mark.parametrize("tail", ["", " --", " -- ", " because", " -- */"])
def test_without_reason_nothing_is_allowed(tail: str) -> None:
    assert outcome(f"/* edlint: allow(one-rule){tail}\nbad();\n", 2) == ([2], [], [("missing-reason", "one-rule")])


def test_unknown_rule() -> None:
    text = "// edlint: allow(no-rule) -- because\nbad();\n"
    assert outcome(text, 2) == ([2], [], [("unknown-rule-in-suppression", "no-rule")])


@pytest.mark.parametrize("day", ["2026-05-16", "2026-13-01", "tomorrow"])
def test_expired(day: str) -> None:
    text = f"// edlint: allow(one-rule) until {day} -- because\nbad();\n"
    assert outcome(text, 2) == ([2], [], [("expired-suppression", "one-rule")])


def test_a_rule_that_did_not_run_is_not_unused() -> None:
    assert outcome("// edlint: allow(idle-rule) -- because\n") == ([], [], [])


def test_the_last_line_of_a_file() -> None:
    assert outcome("// edlint: allow(one-rule) -- because")[2] == [("unused-suppression", "one-rule")]


BAD = """enclave {
    trusted {
        public int put([user_check] uint8_t* p);
        public int get([user_check] uint8_t* q);
    };
};
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "enclave.edl").write_text(BAD)
    return tmp_path


CHECK = ("enclave.edl", "--sdk", "intel-sgx", "--select", "user-check-pointer,stale-baseline-entry", "--format", "json")


def lint(capsys: pytest.CaptureFixture[str], *options: str) -> list[tuple[str, int]]:
    main([*CHECK, *options])
    return [(f["rule"], f["line"]) for f in json.loads(capsys.readouterr().out)["findings"]]


def test_baseline(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["baseline", "enclave.edl", "--sdk", "intel-sgx", "--select", "user-check-pointer"]) == 0
    assert "2 findings accepted" in capsys.readouterr().out
    accepted = ("--baseline", "edlint-baseline.json")
    assert lint(capsys, *accepted) == []
    moved = BAD.replace("enclave {", "// moved\n\nenclave {").replace(
        "q);", "q);\n   public int new([user_check] int* r);"
    )
    (project / "enclave.edl").write_text(moved)
    assert lint(capsys, *accepted) == [("user-check-pointer", 7)]
    (project / "enclave.edl").write_text(BAD.replace("[user_check] uint8_t* q", "int q"))
    assert [rule for rule, _ in lint(capsys, *accepted)] == ["stale-baseline-entry"]


BAD_BASELINES = [
    *("", "[]", "{", '{"version": 2, "findings": []}', '{"version": 1, "findings": [{}]}'),
    *("[" * 100_000, '{"version": ' + "1" * 5_000 + "}"),
]


@pytest.mark.parametrize("text", BAD_BASELINES, ids=range(len(BAD_BASELINES)))
def test_bad_baseline(project: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    (project / "b.json").write_text(text)
    assert main([*CHECK, "--baseline", "b.json"]) == 2
    assert "b.json" in capsys.readouterr().err


def test_a_key_is_found_where_it_stands(tmp_path: Path) -> None:
    rows = [{"rule": "r", "path": "p", "key": k, "message": 'says "key": "b"'} for k in ("a", "b", "\x1b")]
    path = tmp_path / "b.json"
    path.write_text(json.dumps({"version": 1, "findings": rows}))
    _, entries = baseline.load(path, "b.json")
    assert [e.span.text for e in entries[:2]] == ['"a"', '"b"']
    assert entries[1].span.start < path.read_text().index("u001b")


def test_what_an_error_repeats_moves_no_cursor(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "edlint.toml").write_text('"\\u001b[31m" = 1\n')
    assert main(["check", "enclave.edl"]) == 2
    assert "unknown key '\\x1b[31m'" in capsys.readouterr().err


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_new_since(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "start")
    assert lint(capsys, "--new-since", "HEAD") == []
    (project / "enclave.edl").write_text(BAD.replace("* q", "* renamed") + "++ not the name of a file\n")
    assert lint(capsys, "--new-since", "HEAD") == [("user-check-pointer", 4)]
    (project / "ü fresh.edl").write_text(BAD)
    changed = baseline.changed_lines("HEAD", project)
    assert changed == {"enclave.edl": frozenset({4, 7}), "ü fresh.edl": None}


def test_bad_revision(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*CHECK, "--new-since", "HEAD"]) == 2, "no work tree"
    git(project, "init", "-q")
    assert main([*CHECK, "--new-since", "nowhere"]) == 2
    assert "edlint: git: " in capsys.readouterr().err
    with pytest.raises(BaselineError):
        baseline.changed_lines("--output=x", project)


def test_only_given(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "other.edl").write_text(BAD)
    (project / "edlint.toml").write_text('[[enclave]]\nedl = ["enclave.edl", "other.edl"]\nsdk = "intel-sgx"\n')
    assert len(lint(capsys)) == 4
    assert lint(capsys, "--only-given") == [("user-check-pointer", 3), ("user-check-pointer", 4)]
