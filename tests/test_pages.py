"""Every section of every rule page is a project: it is written out, linted, and compared with its marks.

A mark ends a line in a comment: `// expect` (this rule's finding has its primary place here), `// from` (its path
starts here), `// expect: other-rule`, `// missed` (a known false negative), `// false-alarm` (a known false
positive). Both ways exact: an unmarked finding fails, an unmet mark fails, and a cured `missed` or `false-alarm`
fails until the page says so. Sections without marks are quiet under every rule of the profiles default and strict.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edlint.catalog import RUN_FAMILY, Catalog, load_catalog, without_marks
from edlint.config import Config, parse_config
from edlint.driver import Request, run
from edlint.finding import Finding, Report
from edlint.rule import Example, Rule

CATALOG = load_catalog()
WORD = re.compile(r"(expect|from|missed|false-alarm)(?:: ([a-z0-9-]+))?")
TODAY = datetime.date(2026, 1, 1)

Place = tuple[str, str, int]
"""Rule, file, line."""


@dataclass
class Marks:
    """The marks of one section, by word."""

    expect: set[Place] = field(default_factory=set)
    start: set[Place] = field(default_factory=set)
    missed: set[Place] = field(default_factory=set)
    false_alarm: set[Place] = field(default_factory=set)

    @property
    def rules(self) -> set[str]:
        return {rule for places in (self.expect, self.start, self.missed, self.false_alarm) for rule, _, _ in places}


def marks_of(example: Example, rule: str) -> Marks:
    """What the section's comments say."""
    marks = Marks()
    words = {"expect": marks.expect, "from": marks.start, "missed": marks.missed, "false-alarm": marks.false_alarm}
    for name, text in example.files.items():
        bare = without_marks(text).split("\n")
        for number, (line, kept) in enumerate(zip(text.split("\n"), bare, strict=True), 1):
            if line == kept:
                continue
            removed = line[len(kept) :] if line.startswith(kept) else " ".join(re.findall(r"/\*.*?\*/", line))
            for word, other in WORD.findall(removed):
                words[word].add((other or rule, name, number))
    return marks


def sections() -> Iterator[object]:
    for rule in CATALOG.rules.values():
        for example in rule.examples:
            yield pytest.param(rule, example, id=f"{rule.info.family}/{rule.name}: {example.title}")


def lint(example: Example, folder: Path, select: tuple[str, ...], extend: tuple[str, ...]) -> Report:
    """Write the section out and lint it as a project; `folder` is the working directory."""
    for name, text in example.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(without_marks(text), encoding="utf-8")
    config = Config(folder=folder)
    if "edlint.toml" in example.files:
        config = parse_config(example.files["edlint.toml"], "edlint.toml", folder)
    profile = "" if select or config.profile == "audit" else "strict"
    request = Request(
        paths=(Path(),),
        base=folder,
        config=config,
        select=select,
        extend_select=extend,
        profile=profile,
        today=TODAY,
    )
    return run(request, Catalog(CATALOG.rules))


def place(finding: Finding) -> Place:
    return finding.rule, finding.primary.span.path, finding.primary.span.line


def lines(places: set[Place]) -> str:
    return "".join(f"\n  {file}:{line}: {rule}" for rule, file, line in sorted(places))


@pytest.mark.parametrize(("rule", "example"), list(sections()))
def test_section(rule: Rule, example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    marks = marks_of(example, rule.name)
    loud = bool(marks.rules)
    wanted = {rule.name, *marks.rules}
    unknown = sorted(wanted - set(CATALOG.rules))
    assert not unknown, f"{rule.path}:{example.line}: marks name rules that do not exist: {unknown}"
    # Findings of the family about the run speak of other rules, so these must run too.
    alone = loud and rule.info.family != RUN_FAMILY
    report = lint(example, tmp_path, tuple(sorted(wanted)) if alone else (), () if alone else (rule.name,))
    failures = [g.message for g in report.gaps if g.kind == "internal-error"]
    assert not failures, f"{rule.path}:{example.line}: {failures}"
    findings = [f for f in report.findings if f.rule in wanted or not loud]
    found = {place(f) for f in findings}
    problems = ""
    if extra := found - marks.expect - marks.false_alarm - marks.missed:
        told = "".join(f"\n  {f.primary.span!r}: {f.rule}: {f.message}" for f in findings if place(f) in extra)
        problems += f"\nfound, but not marked:{told}"
    if unmet := marks.expect - found:
        problems += f"\nmarked, but not found:{lines(unmet)}"
    if cured := marks.missed & found:
        problems += f"\nmarked 'missed', but found; say 'expect':{lines(cured)}"
    if cured := marks.false_alarm - found:
        problems += f"\nmarked 'false-alarm', but quiet now; remove the mark:{lines(cured)}"
    if marks.start:
        starts = {(f.rule, f.path[0].span.path, f.path[0].span.line) for f in findings if f.path}
        if starts != marks.start:
            problems += f"\npaths start at:{lines(starts)}\nbut 'from' stands at:{lines(marks.start)}"
    assert not problems, f"{rule.path}:{example.line}: {example.title}{problems}"
