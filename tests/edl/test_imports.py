"""Imports: where each compiler looks, what an import brings, and what is said of one that leads nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from edlint.frontends.edl import EdlOptions, read_interface
from edlint.model.interface import Dialect, Interface
from edlint.model.sdk import Module
from edlint.source import Source, read_source

ONE = "enclave { trusted { public void one(void); }; untrusted { void log(void); void wait(void); }; };"
TWO = 'enclave { from "one.edl" import *; trusted { public void two(void); }; };'


def read(tmp_path: Path, text: str, dialect: Dialect, **options: object) -> Interface:
    root = tmp_path / "root.edl"
    root.write_text(text, "utf-8")
    return read_interface(read_source(root), EdlOptions(dialect=dialect, **options))  # type: ignore[arg-type]


@pytest.fixture
def lib(tmp_path: Path) -> Path:
    folder = tmp_path / "lib"
    folder.mkdir()
    (folder / "one.edl").write_text(ONE, "utf-8")
    (folder / "two.edl").write_text(TWO, "utf-8")
    return folder


@pytest.mark.parametrize("dialect", [Dialect.INTEL, Dialect.OPEN_ENCLAVE, Dialect.SECGEAR])
def test_diamond_and_transitive_calls(tmp_path: Path, lib: Path, dialect: Dialect) -> None:
    text = 'enclave { from "two.edl" import *; from "one.edl" import *; };'
    interface = read(tmp_path, text, dialect, search_path=(lib,))
    assert not interface.problems
    assert sorted(c.name for c in interface.calls) == ["log", "one", "two", "wait"]
    first, second = interface.imports
    assert sorted(first.calls) == ["log", "one", "two", "wait"]
    assert sorted(second.calls) == ["log", "one", "wait"]
    assert [Path(m).name for m in first.modules] == ["two.edl", "one.edl"]
    assert all(c.imported_by is first for c in interface.calls)


@pytest.mark.parametrize("dialect", [Dialect.INTEL, Dialect.OPEN_ENCLAVE])
def test_selective_list(tmp_path: Path, lib: Path, dialect: Dialect) -> None:
    text = 'enclave { from "two.edl" import two, log; trusted { public void own(void); }; };'
    interface = read(tmp_path, text, dialect, search_path=(lib,))
    assert not interface.problems
    assert sorted(c.name for c in interface.calls) == ["log", "own", "two"]
    assert interface.imports[0].names is not None
    assert [n.name for n in interface.imports[0].names] == ["two", "log"]


def test_the_last_search_path_wins_with_intel_and_the_first_elsewhere(tmp_path: Path, lib: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "one.edl").write_text("enclave { trusted { public void changed(void); }; };", "utf-8")
    text = 'enclave { from "one.edl" import *; };'
    intel = read(tmp_path, text, Dialect.INTEL, search_path=(lib, other))
    open_enclave = read(tmp_path, text, Dialect.OPEN_ENCLAVE, search_path=(lib, other))
    assert [c.name for c in intel.calls] == ["changed"]
    assert [c.name for c in open_enclave.ecalls] == ["one"]


def test_beside_the_importer(tmp_path: Path, lib: Path) -> None:
    (tmp_path / "one.edl").write_text(ONE, "utf-8")
    interface = read(tmp_path, 'enclave { from "one.edl" import *; };', Dialect.INTEL)
    assert not interface.problems
    assert [n.error_class for n in interface.notes] == ["import-beside"]
    assert interface.call("one") is not None


def test_the_path_of_an_import_is_shown_without_detours(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "one.edl").write_text(ONE, "utf-8")
    main = tmp_path / "parts" / "main.edl"
    main.write_text('enclave { from "../one.edl" import *; };', "utf-8")
    interface = read_interface(read_source(main), EdlOptions(dialect=Dialect.INTEL))
    call = interface.call("one")
    assert call is not None
    assert call.span.path == (tmp_path / "one.edl").as_posix()
    assert interface.imports[0].resolved == call.span.path


def test_backslashes_lead_there_too(tmp_path: Path, lib: Path) -> None:
    interface = read(tmp_path, r'enclave { from "lib\one.edl" import *; };', Dialect.INTEL)
    assert not interface.problems
    assert [n.error_class for n in interface.notes] == ["import-beside"]
    assert interface.call("one") is not None


def test_not_found_is_a_note_and_what_may_be_there_is_not_refused(tmp_path: Path) -> None:
    text = 'enclave { from "sgx_none.edl" import a; untrusted { void o(void) allow(a); }; };'
    lenient = read(tmp_path, text, Dialect.INTEL)
    strict = read(tmp_path, text, Dialect.INTEL, strict_imports=True)
    assert [n.error_class for n in lenient.notes] == ["unresolved-import"]
    assert not lenient.problems
    assert [p.error_class for p in strict.problems] == ["import.file_missing"]


def test_module_of_the_catalogue(tmp_path: Path, lib: Path) -> None:
    module = Module("sgx/one.edl", "intel-sgx", "1", ONE)
    text = 'enclave { from "sgx/one.edl" import log; trusted { public void own(void); }; };'
    interface = read(tmp_path, text, Dialect.INTEL, modules=(module,))
    assert not interface.problems
    assert not interface.notes
    assert interface.imports[0].resolved == "sdk:sgx/one.edl"
    assert [c.name for c in interface.ocalls] == ["log"]


@pytest.mark.parametrize("dialect", [Dialect.INTEL, Dialect.OPEN_ENCLAVE])
def test_cycle(tmp_path: Path, lib: Path, dialect: Dialect) -> None:
    (lib / "a.edl").write_text('enclave { from "b.edl" import *; trusted { public void a(void); }; };', "utf-8")
    (lib / "b.edl").write_text('enclave { from "a.edl" import *; trusted { public void b(void); }; };', "utf-8")
    interface = read(tmp_path, 'enclave { from "a.edl" import *; };', dialect, search_path=(lib,))
    assert [p.error_class for p in interface.problems] == ["import.cycle"]
    assert interface.problems[0].span.path.endswith("b.edl")


def test_an_error_in_an_imported_file_is_reported_there(tmp_path: Path, lib: Path) -> None:
    (lib / "bad.edl").write_text("enclave { trusted { public void f(int; }; };", "utf-8")
    interface = read(tmp_path, 'enclave { from "bad.edl" import *; };', Dialect.OPEN_ENCLAVE, search_path=(lib,))
    assert [(Path(p.span.path).name, p.error_class) for p in interface.problems] == [("bad.edl", "syntax.expecting")]


def test_a_chain_of_diamonds_ends(tmp_path: Path, lib: Path) -> None:
    for n in range(40):
        text = f'enclave {{ from "d{n + 1}.edl" import *; from "d{n + 1}.edl" import *; }};'
        (lib / f"d{n}.edl").write_text(text, "utf-8")
    (lib / "d40.edl").write_text(ONE, "utf-8")
    interface = read(tmp_path, 'enclave { from "d0.edl" import *; };', Dialect.INTEL, search_path=(lib,))
    assert interface.call("one") is not None
    assert [n.error_class for n in interface.notes] == ["unresolved-import"]
    assert "more than 2000 imports lead on" in interface.notes[0].message


@pytest.mark.parametrize(("dialect", "last"), [(Dialect.INTEL, 199), (Dialect.OPEN_ENCLAVE, 198)])
@pytest.mark.parametrize("length", [150, 260])
def test_a_chain_of_imports_is_told_where_it_is_cut(
    tmp_path: Path, lib: Path, dialect: Dialect, last: int, length: int
) -> None:
    for n in range(length):
        text = f'enclave {{ from "c{n + 1}.edl" import *; trusted {{ public void f{n}(void); }}; }};'
        (lib / f"c{n}.edl").write_text(text, "utf-8")
    (lib / f"c{length}.edl").write_text(ONE, "utf-8")
    interface = read(tmp_path, 'enclave { from "c0.edl" import *; };', dialect, search_path=(lib,))
    notes = [(n.error_class, Path(n.span.path).name) for n in interface.notes]
    whole = length == 150
    assert (interface.call("one") is not None) is whole
    assert notes == ([] if whole else [("unresolved-import", f"c{last}.edl")])
    assert interface.call(f"f{min(last, length - 1)}") is not None
    assert interface.call(f"f{last + 1}") is None


def test_a_header_that_the_build_makes_is_a_note(tmp_path: Path) -> None:
    text = f'#include "config.h"\n{ONE}'
    without = read(tmp_path, text, Dialect.INTEL)
    (tmp_path / "config.h.in").write_text("#undef HAVE_X\n", "utf-8")
    with_template = read(tmp_path, text, Dialect.INTEL)
    assert [p.error_class for p in without.problems] == ["pp.failed"]
    assert not with_template.problems
    assert [n.error_class for n in with_template.notes] == ["generated-include"]
    assert with_template.call("one") is not None


def test_above_the_folder_of_the_importer(tmp_path: Path) -> None:
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "one.edl").write_text(ONE, "utf-8")
    (tmp_path / "a" / "b").mkdir(parents=True)
    interface = read(tmp_path / "a" / "b", 'enclave { from "common/one.edl" import *; };', Dialect.INTEL)
    assert [n.message for n in interface.notes] == [
        "The file 'common/one.edl' was found above the folder of its importer, where the compiler does not look."
    ]
    assert interface.call("one") is not None


def test_a_constant_may_be_in_a_file_that_was_not_found(tmp_path: Path) -> None:
    text = "enclave {{ {} enum {{ A = 1 }}; trusted {{ void f(int32_t a[B]); }}; }};"
    assert read(tmp_path, text.format('import "gone.edl";'), Dialect.VBS).problems == ()
    alone = read(tmp_path, text.format(""), Dialect.VBS)
    assert [p.error_class for p in alone.problems] == ["type.bad_dim"]


@pytest.mark.parametrize(
    ("directive", "refused"),
    [
        ("#line 5", []),
        ('#line 5 "a.c"', []),
        ("#line", ["pp.failed"]),
        ('#line "a.c"', ["pp.failed"]),
        ("#line 5 x", ["pp.failed"]),
    ],
)
def test_line_directive_as_gcc_reads_it(tmp_path: Path, directive: str, refused: list[str]) -> None:
    interface = read(tmp_path, f"{directive}\n{ONE}", Dialect.INTEL)
    assert [p.error_class for p in interface.problems] == refused


def test_the_only_file_of_that_name_among_those_linted(tmp_path: Path, lib: Path) -> None:
    found = (lib / "one.edl", tmp_path / "main.edl")
    interface = read(tmp_path, 'enclave { from "one.edl" import *; };', Dialect.INTEL, nearby=found)
    assert [n.error_class for n in interface.notes] == ["import-beside"]
    assert interface.call("one") is not None
    twice = (*found, tmp_path / "other" / "one.edl")
    unknown = read(tmp_path, 'enclave { from "one.edl" import *; };', Dialect.INTEL, nearby=twice)
    assert [n.error_class for n in unknown.notes] == ["unresolved-import"]


def test_the_nearest_file_of_that_name_among_those_linted(tmp_path: Path, lib: Path) -> None:
    near = tmp_path / "sample" / "common" / "one.edl"
    near.parent.mkdir(parents=True)
    near.write_text(ONE.replace("one", "near"))
    source = Source((tmp_path / "sample/enc/main.edl").as_posix(), 'enclave { from "one.edl" import *; };', "none")
    interface = read_interface(source, EdlOptions(dialect=Dialect.INTEL, nearby=(lib / "one.edl", near)))
    assert interface.call("near") is not None
    assert interface.call("one") is None
