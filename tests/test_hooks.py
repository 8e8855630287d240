"""The hooks for pre-commit: the manifest is valid and its patterns match what they should.

`.ci/hooks.py` runs them for real, in a repository of their own.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from edlint.__main__ import main
from edlint.files import BUILD_SUFFIXES, CODE_SUFFIXES

MANIFEST = Path(__file__).parent.parent / ".pre-commit-hooks.yaml"
HOOKS: dict[str, dict[str, Any]] = {h["id"]: h for h in yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))}


def test_the_manifest_is_valid() -> None:
    subprocess.run([sys.executable, "-m", "pre_commit", "validate-manifest", str(MANIFEST)], check=True)


@pytest.mark.parametrize("hook", HOOKS.values(), ids=lambda h: h["id"])
def test_one_process_sees_all_files(hook: dict[str, Any]) -> None:
    assert hook["require_serial"] is True
    assert "types_or" not in hook, "pre-commit has no type for EDL"
    assert "args" not in hook, "a user's args replace those of the manifest"


def test_the_project_hook_reads_the_configuration() -> None:
    assert HOOKS["edlint"]["pass_filenames"] is False
    assert HOOKS["edlint-edl"].get("pass_filenames", True) is True


@pytest.mark.parametrize(
    "name",
    [
        *("a.edl", "src/a.c", "a.cpp", "a.hpp", "kms.conf", "e/Enclave.config.xml"),
        *("edlint.toml", "x/.edlint.toml", "edlint-baseline.json"),
    ],
)
def test_files_that_start_the_project_hook(name: str) -> None:
    assert re.search(HOOKS["edlint"]["files"], name)


@pytest.mark.parametrize("name", ["README.md", "my-edlint.toml", "a.cs", "x.edl.txt", "pom.xml", "a.json"])
def test_files_that_do_not(name: str) -> None:
    assert not re.search(HOOKS["edlint"]["files"], name)


def test_every_kind_of_code_starts_the_project_hook() -> None:
    for suffix in CODE_SUFFIXES:
        assert re.search(HOOKS["edlint"]["files"], f"a{suffix}"), suffix


def test_build_files_start_the_project_hook_for_they_tell_sides() -> None:
    suffixed = [f"a{suffix}" for suffix in BUILD_SUFFIXES]
    for name in ("Makefile", "x/GNUmakefile", "makefile", "Makefile.am", "sub/CMakeLists.txt", *suffixed):
        assert re.search(HOOKS["edlint"]["files"], name), name


@pytest.mark.parametrize("hook", HOOKS.values(), ids=lambda h: h["id"])
def test_the_entry_is_a_command_that_exists(
    hook: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.edl").write_text("enclave { trusted { public void f(void); }; };\n")
    program, *arguments = hook["entry"].split()
    assert program == "edlint"
    assert main([*arguments, "a.edl"]) == 0
