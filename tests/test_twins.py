"""The labelled set: pairs of small projects, one with a mistake and one that does the same right.

`fixtures/twins/CLASS/NAME/loud` has the mistake, marked on its line; every finding of level error, and every one of a
rule that a mark names, is marked there under the profile strict, and nothing else is. `.../quiet` is its twin: the
rules about what the code does are silent on it under the profiles default and strict. What edlint gets wrong is marked
`missed` or `false-alarm` on its line.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest
from marks import Marks, difference, marks_of

from edlint.catalog import Catalog, load_catalog
from edlint.config import Config, load_config
from edlint.driver import Request, run
from edlint.finding import Report

TWINS = Path(__file__).parent.parent / "fixtures" / "twins"
FAMILIES = frozenset({"taint", "leak", "state", "trusted", "agreement"})
"""What must be silent on correct code; the other families judge the interface and the configuration alone."""
TODAY = datetime.date(2026, 1, 1)


def projects(side: str) -> Iterator[object]:
    for folder in sorted(TWINS.glob(f"*/*/{side}")):
        yield pytest.param(folder, id=folder.parent.relative_to(TWINS).as_posix())


@functools.cache
def catalog() -> Catalog:
    return load_catalog()


def files(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in folder.rglob("*") if p.is_file()}


def lint(folder: Path, profile: str) -> Report:
    """The project's report; `folder` is the working directory. Everything in it has to be readable."""
    path = folder / "edlint.toml"
    config = load_config(path) if path.exists() else Config(folder=folder)
    report = run(Request(paths=(Path(),), base=folder, config=config, profile=profile, today=TODAY), catalog())
    assert report.counts["functions"] > 0
    assert report.counts["functions-clean"] == report.counts["functions"], report.gaps
    assert [g.message for g in report.gaps if g.kind == "internal-error"] == []
    return report


def known(marks: Marks) -> None:
    unknown = sorted(marks.rules - set(catalog().rules))
    assert not unknown, f"marks name rules that do not exist: {unknown}"


@pytest.mark.parametrize("folder", list(projects("loud")))
def test_loud(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    marks = marks_of(files(folder))
    known(marks)
    assert marks.expect or marks.missed
    findings = lint(folder, "strict").findings
    assert not (problems := difference((f for f in findings if f.level == "error" or f.rule in marks.rules), marks)), (
        problems
    )


@pytest.mark.parametrize("folder", list(projects("quiet")))
@pytest.mark.parametrize("profile", ["default", "strict"])
def test_quiet(folder: Path, profile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    marks = marks_of(files(folder))
    known(marks)
    assert not marks.expect | marks.missed, "a quiet twin has nothing to find"
    in_profile = Marks(false_alarm={p for p in marks.false_alarm if profile in _profiles(p[0])})
    findings = lint(folder, profile).findings
    judged = (f for f in findings if catalog().rules[f.rule].info.family in FAMILIES)
    assert not (problems := difference(judged, in_profile)), problems


def _profiles(rule: str) -> tuple[str, ...]:
    """Where a rule runs; one of the profile audit runs wherever a project's configuration asks for it."""
    return ("strict",) if catalog().rules[rule].info.profile == "strict" else ("default", "strict")


def test_every_twin_has_its_pair() -> None:
    loud, quiet = ({p.parent for p in TWINS.glob(f"*/*/{side}")} for side in ("loud", "quiet"))
    assert loud == quiet
    assert len(loud) >= 50
