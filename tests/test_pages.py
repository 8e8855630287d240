"""Every section of every rule page is a project: it is written out, linted, and compared with its marks.

A mark ends a line in a comment: `// expect` (this rule's finding has its primary place here), `// from` (its path
starts here), `// expect: other-rule`, `// missed` (a known false negative), `// false-alarm` (a known false
positive). Both ways exact: an unmarked finding fails, an unmet mark fails, and a cured `missed` or `false-alarm`
fails until the page says so. Sections without marks are quiet under every rule of the profiles default and strict.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from marks import difference, lines, marks_of

from edlint.catalog import RUN_FAMILY, Catalog, load_catalog, without_marks
from edlint.config import Config, parse_config
from edlint.driver import Request, run
from edlint.finding import Report
from edlint.rule import Example, Rule

CATALOG = load_catalog()
TODAY = datetime.date(2026, 1, 1)


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


@pytest.mark.parametrize(("rule", "example"), list(sections()))
def test_section(rule: Rule, example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    marks = marks_of(example.files, rule.name)
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
    problems = difference(findings, marks)
    if marks.start:
        starts = {(f.rule, f.path[0].span.path, f.path[0].span.line) for f in findings if f.path}
        if starts != marks.start:
            problems += f"\npaths start at:{lines(starts)}\nbut 'from' stands at:{lines(marks.start)}"
    assert not problems, f"{rule.path}:{example.line}: {example.title}{problems}"
