"""Whole projects: what a user sees, line by line.

`fixtures/projects/NAME/` is linted under the default profile and its concise report compared with
`tests/snapshots/NAME.txt`. `UPDATE=1 pytest tests/test_fixtures.py` rewrites the snapshots: read the difference
before committing it. The projects `NAME-fixed` are their twins without the mistakes.
"""

from __future__ import annotations

import datetime
import functools
import os
import shutil
from pathlib import Path

import pytest

from edlint.catalog import Catalog, load_catalog
from edlint.config import find_config, load_config
from edlint.driver import Request, run
from edlint.finding import Report
from edlint.report import Style, render

ROOT = Path(__file__).parent.parent
PROJECTS = sorted(p.name for p in (ROOT / "fixtures" / "projects").iterdir() if p.is_dir())
FIXED = [name for name in PROJECTS if name.endswith("-fixed")]
FILES = sorted(
    p.relative_to(ROOT / "fixtures" / "projects").as_posix()
    for p in (ROOT / "fixtures" / "projects").rglob("*")
    if p.suffix in (".edl", ".c", ".cpp", ".h", ".conf", ".xml")
)
CUTS = 20
TODAY = datetime.date(2026, 1, 1)


@functools.cache
def catalog() -> Catalog:
    return load_catalog()


def lint(folder: Path, paths: tuple[Path, ...] = (Path(),), profile: str = "") -> Report:
    found = find_config(folder)
    request = Request(paths=paths, base=folder, profile=profile, today=TODAY)
    if found is not None:
        request = Request(paths=paths, base=folder, profile=profile, today=TODAY, config=load_config(found))
    return run(request, catalog())


@pytest.mark.parametrize("name", PROJECTS)
def test_report(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = ROOT / "fixtures" / "projects" / name
    monkeypatch.chdir(folder)
    text = render("concise", lint(folder), Style(False, 100))
    snapshot = ROOT / "tests" / "snapshots" / f"{name}.txt"
    if os.environ.get("UPDATE"):
        snapshot.parent.mkdir(exist_ok=True)
        snapshot.write_text(text, encoding="utf-8")
    assert text == snapshot.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FIXED)
def test_fixed_project_is_silent(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = ROOT / "fixtures" / "projects" / name
    monkeypatch.chdir(folder)
    report = lint(folder)
    assert [f"{f.primary.span!r}: {f.rule}: {f.message}" for f in report.findings] == []
    assert report.exit_code == 0


@pytest.mark.parametrize("name", FIXED)
def test_fixed_project_was_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence counts only when every function was read."""
    folder = ROOT / "fixtures" / "projects" / name
    monkeypatch.chdir(folder)
    report = lint(folder)
    assert report.counts["functions"] > 10
    assert report.counts["functions-clean"] == report.counts["functions"]


@pytest.mark.parametrize("name", [n for n in PROJECTS if n not in FIXED])
def test_fixed_project_is_the_same_enclave(name: str) -> None:
    """The twin keeps the files of the project, so that what it shows is the correction."""
    first, twin = (ROOT / "fixtures" / "projects" / n for n in (name, f"{name}-fixed"))
    sources = {p.relative_to(first) for p in first.rglob("*.c*") if p.suffix in (".c", ".cpp")}
    assert sources
    assert sources <= {p.relative_to(twin) for p in twin.rglob("*.c*")}


@pytest.mark.parametrize("file", FILES)
def test_cut_off_files_are_told_not_crashed_on(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that ends anywhere is analysed as far as it goes."""
    project, _, rest = file.partition("/")
    origin = ROOT / "fixtures" / "projects" / project
    text = (origin / rest).read_text(encoding="utf-8")
    folder = tmp_path / project
    (folder / rest).parent.mkdir(parents=True)
    for edl in origin.glob("**/*.edl"):
        target = folder / edl.relative_to(origin)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(edl, target)
    monkeypatch.chdir(folder)
    for cut in range(CUTS):
        (folder / rest).write_text(text[: len(text) * cut // CUTS], encoding="utf-8")
        report = lint(folder, profile="audit")
        assert [g.message for g in report.gaps if g.kind == "internal-error"] == []
        for format_ in ("full", "sarif"):
            assert render(format_, report, Style(False, 100))
