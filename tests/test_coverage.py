"""Accounting: what `edlint show coverage` and `edlint doctor` say of a project."""

from __future__ import annotations

import json

from edlint.analysis.facts import Facts
from edlint.doctor import report
from edlint.frontends.c import read_units
from edlint.frontends.edl import EdlOptions, read_interface
from edlint.link import link
from edlint.model.interface import Dialect
from edlint.model.program import Program
from edlint.sdk import load_sdk
from edlint.show import coverage
from edlint.source import Source

FILES = {
    "enclave/a.c": '#include "kms_t.h"\n#include "lost.h"\n\nint start(void)\n{\n    return 0;\n}\n',
    "enclave/b.cpp": '#include "lost.h"\n\nnamespace kms {\nvoid Store::put(int n) { keep(n); }\n}\n',
    "lib/c.c": "int other(void) { return 1; }\n",
}


def program() -> Program:
    edl = "enclave { trusted { public int start(void); public int stop(void); }; };\n"
    interface = read_interface(Source("kms.edl", edl), EdlOptions(dialect=Dialect.INTEL))
    return link([interface], read_units([Source(p, t) for p, t in FILES.items()]), (), load_sdk())


def test_coverage_names_every_file_and_function() -> None:
    built = program()
    document = json.loads(coverage.show(built, Facts(built), "json"))
    assert [(f["path"], f["side"], f["reader"]) for f in document["files"]] == [
        ("enclave/a.c", "trusted", "first"),
        ("enclave/b.cpp", "trusted", "first"),
        ("lib/c.c", "undecided", "first"),
    ]
    functions = [g for f in document["files"] for g in f["functions"]]
    assert [(g["name"], g["first_line"], g["last_line"], g["state"]) for g in functions] == [
        ("start", 4, 7, "clean"),
        ("kms::Store::put", 4, 4, "clean"),
        ("other", 1, 1, "clean"),
    ]
    assert document["functions"]["clean"] == 3


def test_coverage_of_two_enclaves_is_one_document() -> None:
    built = program()
    document = json.loads(coverage.show(built, Facts(built), "json"))
    other = {"files": [{**document["files"][2], "side": "untrusted"}, document["files"][0]], "functions": {}}
    both = coverage.merged([document, other])
    assert [(f["path"], f["side"]) for f in both["files"]] == [
        ("enclave/a.c", "trusted"),
        ("enclave/b.cpp", "trusted"),
        ("lib/c.c", "undecided"),
        ("lib/c.c", "untrusted"),
    ]
    assert both["functions"] == document["functions"]


def test_coverage_as_text() -> None:
    built = program()
    text = coverage.show(built, Facts(built), "text")
    assert "enclave/a.c: trusted (defines ECALL 'start'); c, reader: first\n  start 4-7 clean\n" in text
    assert text.endswith("3 files, 3 functions: 3 clean, 0 partial, 0 second-read, 0 lost\n")


def test_doctor_tells_what_is_missing() -> None:
    text = report(program())
    assert "no implementation of ECALL 'stop'" in text
    assert "lib/c.c: nothing in it, in its name or in its use speaks for a side" in text
    assert "Headers not found: 1\n  lost.h: included by enclave/a.c and 1 more" in text
    assert "kms_t.h" not in text
