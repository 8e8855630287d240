"""Imports run downhill only, and the five nevers."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

import edlint
from edlint.model.program import Program

PACKAGE = Path(edlint.__file__).parent
LAYERS = (
    {"errors", "record", "wording"},
    {"source"},
    {"model", "finding"},
    {"fingerprint", "files", "workers"},
    {"frontends", "sdk", "report", "config"},
    {"link", "analysis", "suppress", "baseline", "merging"},
    {"rule"},
    {"checks"},
    {"catalog", "show"},
    {"outside", "partition"},
    {"project"},
    {"driver", "doctor", "initial"},
    {"options", "terminal"},
    {"cli"},
    {"__main__"},
)
"""From the floor up. A module imports from its own part and from parts further down."""

RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
PARSERS = {
    "lark": "frontends/edl",
    "pycparser": "frontends/c",
    "pcpp": "frontends/c",
    "tree_sitter": "frontends/c",
    "tree_sitter_c": "frontends/c",
    "tree_sitter_cpp": "frontends/c",
}
FILES = sorted(PACKAGE.rglob("*.py"))


def part(path: Path) -> str:
    """`checks` for edlint/checks/x.py, `driver` for edlint/driver.py."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def own_imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and part of edlint's own modules that a file imports."""
    for line, name in imports(path):
        words = name.split(".")
        if words[0] == "edlint" and words[1:2] not in ([], ["__version__"]):
            yield line, words[1]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_run_downhill(path: Path) -> None:
    own = part(path)
    if own == "__init__":
        return
    assert own in RANK, f"{path}: {own} has no layer"
    for line, other in own_imports(path):
        assert other in RANK, f"{path}:{line}: {other} has no layer"
        assert other == own or RANK[other] < RANK[own], f"{path}:{line}: {own} imports {other}"


def test_model_knows_no_frontend_analysis_or_check() -> None:
    for path in (PACKAGE / "model").rglob("*.py"):
        assert {other for _, other in own_imports(path)} <= {"model", "record", "source"}, path


def test_analysis_and_checks_know_no_frontend() -> None:
    for name in ("analysis", "checks", "link", "show"):
        for path in (PACKAGE / name).rglob("*.py"):
            assert "frontends" not in {other for _, other in own_imports(path)}, path


def test_parsers_are_named_in_one_folder_each() -> None:
    for path in FILES:
        for line, name in imports(path):
            if home := PARSERS.get(name.split(".")[0]):
                assert path.is_relative_to(PACKAGE / home), f"{path}:{line}: {name}"


def test_report_gets_a_report_only() -> None:
    for path in (PACKAGE / "report").rglob("*.py"):
        assert {other for _, other in own_imports(path)} <= {"report", "finding", "fingerprint", "source", "wording"}, (
            path
        )


def test_a_check_never_imports_another_check() -> None:
    for path in (PACKAGE / "checks").glob("*.py"):
        assert "checks" not in {other for _, other in own_imports(path)}, path


def test_nothing_writes_to_a_program() -> None:
    parameters = Program.__dataclass_params__  # type: ignore[attr-defined]
    assert dataclasses.is_dataclass(Program) and parameters.frozen
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "__setattr__":
                raise AssertionError(f"{path}:{node.lineno}: __setattr__ goes round a frozen dataclass")
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            for target in targets:
                if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                    assert target.value.id != "program", f"{path}:{target.lineno}: writes to a program"
