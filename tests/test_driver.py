"""The driver's own part: merging, facts that fail, several enclaves that share a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from samples import CODE, EDL, WHOLE, at, finding

from edlint.analysis.facts import CircularFactError, Facts
from edlint.analysis.taint import runner
from edlint.config import Config, parse_config
from edlint.driver import Request, run
from edlint.finding import Label
from edlint.link import link
from edlint.merging import merged
from edlint.model.program import Program
from edlint.sdk import load_sdk


def empty() -> Program:
    return link((), (), (), load_sdk())


def test_findings_of_one_rule_at_one_place_are_one() -> None:
    span = at(CODE, "out")
    one = finding("user-check-pointer", span, "First.")
    two = finding("user-check-pointer", span, "Second.")
    other = finding("unsized-buffer", span, "First.")
    elsewhere = finding("user-check-pointer", at(EDL, "trusted"), "First.")
    found = merged([elsewhere, two, one, other, one])
    assert [(f.rule, f.message, f.notes) for f in found] == [
        ("unsized-buffer", "First.", ()),
        ("user-check-pointer", "First.", ("Second.",)),
        ("user-check-pointer", "First.", ()),
    ]


def test_merging_keeps_each_label_once() -> None:
    again = type(CODE)(CODE.path, CODE.text)
    span = WHOLE.primary.span
    copy = finding(WHOLE.rule, again.span(span.start, span.end), WHOLE.message)
    (found,) = merged([WHOLE, copy])
    assert found.labels == WHOLE.labels
    assert Label(span, "may point into the enclave") == found.primary


class Broken:
    """A fact that cannot be computed."""

    tries = 0

    @staticmethod
    def build(program: Program) -> Broken:
        Broken.tries += 1
        raise ValueError("boom")


class Snake:
    """A fact that needs itself."""

    @staticmethod
    def build(snake: Snake) -> Snake:
        return snake


def test_a_fact_that_fails_is_tried_once() -> None:
    facts = Facts(empty())
    for _ in range(3):
        with pytest.raises(ValueError, match="boom"):
            facts.get(Broken)
    assert Broken.tries == 1


def test_a_fact_that_needs_itself() -> None:
    with pytest.raises(CircularFactError, match="Snake -> Snake"):
        Facts(empty()).get(Snake)


def test_enclaves_that_share_a_file_share_its_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    bad = "enclave { trusted { public int %s([user_check] char* p); }; };\n"
    settings = "<EnclaveConfiguration>\n<DisableDebug>0</DisableDebug>\n</EnclaveConfiguration>\n"
    for name in ("a", "b"):
        (tmp_path / f"{name}.edl").write_text(bad % name)
    (tmp_path / "enclave").mkdir()
    (tmp_path / "enclave" / "e.config.xml").write_text(settings)
    text = "".join(f'[[enclave]]\nedl = "{n}.edl"\nsources = ["enclave"]\nsdk = "intel-sgx"\n' for n in ("a", "b"))
    config: Config = parse_config(text, "edlint.toml", tmp_path)
    report = run(Request((), tmp_path, config, select=("debug-enclave", "user-check-pointer")))
    assert [(f.primary.span.path, f.rule) for f in report.findings] == [
        ("a.edl", "user-check-pointer"),
        ("b.edl", "user-check-pointer"),
        ("enclave/e.config.xml", "debug-enclave"),
    ]
    assert report.counts["edl-files"] == 2


def test_a_function_that_is_not_followed_to_its_end_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(runner, "MAX_STEPS", 1_000)
    steps = "    at = at + data[n];\n" * 1_001
    code = f"int sum(int *data, int n)\n{{\n    int at = 0;\n{steps}    return at;\n}}\n"
    (tmp_path / "sum.edl").write_text("enclave { trusted { public int sum([in, count=2500] int* data, int n); }; };\n")
    (tmp_path / "sum.c").write_text('#include "sum_t.h"\n' + code)
    report = run(Request(paths=(Path(),), base=tmp_path, config=Config(folder=tmp_path)))
    (gap,) = (g for g in report.gaps if g.kind == "partial-analysis")
    assert (gap.path, gap.span.line if gap.span else 0, gap.fatal) == ("sum.c", 2, False)
    assert gap.message.startswith("function 'sum' is too large")
    assert report.exit_code != 4


def test_calls_whose_name_says_too_little_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    classes = "".join(f"struct C{i} {{ int get(int n) {{ return n; }} }};\n" for i in range(9))
    (tmp_path / "kv.edl").write_text("enclave { trusted { public int put(int n); }; };", encoding="utf-8")
    code = f'#include "kv_t.h"\n{classes}int put(int n) {{ auto s = somewhere(); return s.get(n); }}\n'
    (tmp_path / "kv.cpp").write_text(code, encoding="utf-8")
    report = run(Request((Path(),), tmp_path))
    (gap,) = (g for g in report.gaps if g.kind == "partial-analysis")
    assert gap.message == "calls that many definitions fit are followed into a few of them or none: 'get'"
