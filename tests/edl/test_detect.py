"""Which dialect an EDL file is taken for, and the reason that is given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edlint.frontends.edl import EdlOptions, read_interface
from edlint.model.interface import Dialect
from edlint.source import Source, read_source


@pytest.mark.parametrize(
    ("text", "hints", "dialect", "reason"),
    [
        ('enclave { from "openenclave/edl/syscall.edl" import *; };', (), Dialect.OPEN_ENCLAVE, "openenclave/edl"),
        ('enclave { from "sgx_tstdc.edl" import *; };', (), Dialect.INTEL, "sgx_tstdc.edl"),
        ('enclave { include "secgear_urts.h" from "secgear_tstdc.edl" import *; };', (), Dialect.SECGEAR, "secgear_"),
        ("enclave { trusted { int32_t F(vector<uint8_t> d); }; };", (), Dialect.VBS, "vector"),
        ('enclave { import "a.edl"; };', (), Dialect.VBS, "import"),
        ("enclave { import parts\\\\a.edl; };", (), Dialect.VBS, "import"),
        ("enclave { trusted { public void f(int* p); }; };", (), Dialect.OPEN_ENCLAVE, "no attributes"),
        ("enclave { trusted { public void f(int p); }; };", (), Dialect.INTEL, "nothing in it is peculiar"),
        ("enclave { trusted { public void f(int p); }; };", ("openenclave/enclave.h",), Dialect.OPEN_ENCLAVE, "code"),
        ("enclave { trusted { public void f(int p); }; };", ("sgx_trts.h",), Dialect.INTEL, "sgx_trts.h"),
        (
            "enclave { trusted { public void f(int p, ); }; };",
            (),
            Dialect.OPEN_ENCLAVE,
            "intel-sgx refuses it and open-enclave reads it",
        ),
        ("// openenclave/edl\nenclave { enum e { A, }; };", (), Dialect.OPEN_ENCLAVE, "open-enclave reads it"),
    ],
)
def test_detection(text: str, hints: tuple[str, ...], dialect: Dialect, reason: str) -> None:
    interface = read_interface(Source("enclave.edl", text), EdlOptions(hints=hints))
    assert interface.dialect is dialect
    assert reason in interface.dialect_reason


PLAIN = "enclave { trusted { public void f(int p); }; };"


@pytest.mark.parametrize(
    ("file", "text", "dialect"),
    [
        ("enclave/ecalls.c", "#include <openenclave/enclave.h>\n", Dialect.OPEN_ENCLAVE),
        ("host/main.cpp", "sgx_status_t start(void);\n", Dialect.INTEL),
        ("host/main.c", '#include "secgear_urts.h"\n', Dialect.SECGEAR),
        ("enclave/enclave.conf", "Debug=1\nNumHeapPages=1024\n", Dialect.OPEN_ENCLAVE),
        ("other.edl", 'enclave { from "openenclave/edl/fcntl.edl" import *; };', Dialect.OPEN_ENCLAVE),
        ("LICENSE", "none", Dialect.INTEL),
    ],
)
def test_what_lies_around(tmp_path: Path, file: str, text: str, dialect: Dialect) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text, encoding="utf-8")
    (tmp_path / "plain.edl").write_text(PLAIN, encoding="utf-8")
    interface = read_interface(read_source(tmp_path / "plain.edl"))
    assert interface.dialect is dialect
    assert (Path(file).name in interface.dialect_reason) == (file != "LICENSE")


def test_a_header_that_it_includes(tmp_path: Path) -> None:
    (tmp_path / "types.h").write_text("#include <openenclave/bits/types.h>\n", encoding="utf-8")
    (tmp_path / "a.edl").write_text(f'enclave {{ include "types.h" {PLAIN[9:]}', encoding="utf-8")
    interface = read_interface(read_source(tmp_path / "a.edl"))
    assert interface.dialect is Dialect.OPEN_ENCLAVE
    assert "the header 'types.h'" in interface.dialect_reason


def test_a_refusal_of_the_likeliest_dialect_is_believed_when_the_evidence_is_strong() -> None:
    text = "enclave {{ {} trusted {{ public void f([in, size=4, count=n] int* p, size_t n); }}; }};"
    named = read_interface(Source("a.edl", text.format('from "openenclave/edl/fcntl.edl" import *;')))
    assert named.dialect is Dialect.OPEN_ENCLAVE
    assert [p.error_class for p in named.problems] == ["size.size_and_count"]
    assert read_interface(Source("a.edl", text.format(""))).problems == ()


def test_of_dialects_that_all_refuse_the_one_with_fewest_refusals_is_taken() -> None:
    text = "enclave { trusted { public void f(int* p); public void g(int* p) void h([in, sise=4] int* p); }; };"
    interface = read_interface(Source("a.edl", text), EdlOptions(hints=()))
    assert interface.dialect is Dialect.OPEN_ENCLAVE


ONLY_OCALLS = "enclave { untrusted { void o([in, string] const char* s); }; };"


def test_a_library_needs_no_public_ecall() -> None:
    alone = read_interface(Source("a.edl", ONLY_OCALLS), EdlOptions(bare=True))
    assert alone.problems == ()
    assert "no ECALL" in alone.library_reason
    imported = read_interface(Source("a.edl", ONLY_OCALLS), EdlOptions(dialect=Dialect.INTEL, importer="'b.edl'"))
    assert (imported.problems, imported.library_reason) == ((), "'b.edl' imports it")


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (ONLY_OCALLS, EdlOptions()),
        (ONLY_OCALLS, EdlOptions(dialect=Dialect.INTEL, bare=True)),
        ("enclave { };", EdlOptions(bare=True)),
        ("enclave { trusted { void p([in, size=1] char* p); }; };", EdlOptions(bare=True)),
    ],
)
def test_an_enclave_needs_a_public_ecall(text: str, options: EdlOptions) -> None:
    interface = read_interface(Source("a.edl", text), options)
    assert [p.error_class for p in interface.problems] == ["ecall.no_public"]
    assert not interface.library_reason


CONDITIONAL = """#ifdef WHOLE
enclave {
#endif
trusted { public void f(#ifdef COUNTED [in, count=n] int* p, #endif int n); };
};
"""


@pytest.mark.parametrize("build", ["CMakeLists.txt", "../enc/Makefile"])
def test_a_file_that_needs_the_macros_of_its_build(tmp_path: Path, build: str) -> None:
    edl = tmp_path / "edl" / "enclave.edl"
    for folder in (edl.parent, tmp_path / "enc"):
        folder.mkdir()
    edl.write_text(CONDITIONAL)
    options = EdlOptions(dialect=Dialect.OPEN_ENCLAVE)
    assert read_interface(read_source(edl), options).problems
    (edl.parent / build).write_text("oeedger8r --trusted -DWHOLE -D COUNTED -DOTHER enclave.edl\n")
    interface = read_interface(read_source(edl), options)
    assert not interface.problems
    assert [p.name for p in interface.calls[0].params] == ["p", "n"]
    (note,) = interface.notes
    assert note.error_class == "build-defines"
    assert "'COUNTED', 'WHOLE'" in note.message
    main = edl.parent / "main.edl"
    main.write_text('enclave { import "enclave.edl" };')
    importer = read_interface(read_source(main), replace(options, search_path=(edl.parent,)))
    assert not importer.problems
    assert [c.name for c in importer.calls] == ["f"]
    given = EdlOptions(dialect=Dialect.OPEN_ENCLAVE, defines=frozenset({"WHOLE"}))
    assert [p.name for p in read_interface(read_source(edl), given).calls[0].params] == ["n"]
