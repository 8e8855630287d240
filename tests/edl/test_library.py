"""EDL files that are meant to be imported, at the door: linted by themselves they need no public ECALL."""

from __future__ import annotations

from pathlib import Path

import pytest

from edlint.config import Enclave, parse_config
from edlint.driver import Request, run
from edlint.finding import Report

LIBRARY = "enclave { untrusted { void print([in, string] const char* text); }; };"
ENCLAVE = 'enclave { from "lib.edl" import *; trusted { public void start(void); }; };'
NO_WAY_IN = "The enclave has no public ECALL: refused by the intel-sgx compiler (ecall.no_public)."


def report(folder: Path, file: str, options: Enclave | None = None, config: str = "") -> Report:
    request = Request(
        paths=(folder / file,),
        base=folder,
        config=parse_config(config, "edlint.toml", folder),
        options=options or Enclave(),
        select=("invalid-interface",),
    )
    return run(request)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lib.edl").write_text(LIBRARY, encoding="utf-8")
    return tmp_path


def test_alone(folder: Path) -> None:
    found = report(folder, "lib.edl")
    assert not found.findings
    assert "read as a library (it declares no ECALL, and no code is given with it)" in found.facts[0]


def test_compiled_as_an_enclave_of_one_sdk(folder: Path) -> None:
    found = report(folder, "lib.edl", Enclave(sdk="intel-sgx"))
    assert [f.message for f in found.findings] == [NO_WAY_IN]
    assert found.findings[0].notes == (
        "A file that is only meant to be imported is checked with '--library' or 'library = true'.",
    )


@pytest.mark.parametrize("how", ["option", "configuration", "importer"])
def test_said_to_be_a_library(folder: Path, how: str) -> None:
    if how == "importer":
        (folder / "app.edl").write_text(ENCLAVE, encoding="utf-8")
    options = Enclave(sdk="intel-sgx", library=how == "option")
    found = report(folder, "lib.edl", options, "library = true" if how == "configuration" else "")
    assert not found.findings
    why = "'app.edl' beside it imports it" if how == "importer" else "it was chosen"
    assert f"read as a library ({why})" in found.facts[0]


def test_code_beside_makes_an_enclave(folder: Path) -> None:
    (folder / "enclave").mkdir()
    (folder / "enclave" / "enclave.c").write_text("#include <sgx_trts.h>\nvoid start(void) {}\n", encoding="utf-8")
    found = report(folder, ".")
    assert [f.message for f in found.findings] == [NO_WAY_IN]


def test_an_operand_of_an_imported_file_is_still_checked(folder: Path) -> None:
    text = "enclave { trusted { void put([in, size=m] char* p, size_t n); }; };"
    (folder / "lib.edl").write_text(text, encoding="utf-8")
    (folder / "app.edl").write_text(ENCLAVE, encoding="utf-8")
    found = report(folder, "lib.edl", Enclave(sdk="intel-sgx"))
    assert ["size.param_missing" in f.message for f in found.findings] == [True]
