"""Types of the EDL against types of C, as far as both are known."""

from __future__ import annotations

import pytest

from edlint.analysis.signatures import differ, shape
from edlint.frontends.c import read_units
from edlint.frontends.edl import EdlOptions, read_interface
from edlint.model.interface import Dialect
from edlint.source import Source

HEADER = """typedef unsigned int amount;
typedef unsigned char *bytes;
typedef struct pair pair_t;
struct other { int a; };
"""

CASES = [
    ("uint8_t", "unsigned char", False),
    ("uint32_t", "amount", False),
    ("size_t", "unsigned long", False),
    ("size_t", "unsigned long long", False),
    ("int", "unsigned int", True),
    ("size_t", "int", True),
    ("uint64_t", "uint32_t", True),
    ("double", "float", True),
    ("double", "int", True),
    ("bool", "int", True),
    ("int", "mystery_t", False),
    ("mystery_t", "int", False),
    ("[in] uint8_t*", "bytes", False),
    ("[in] uint8_t*", "const char *", False),
    ("[in] uint8_t*", "void *", False),
    ("[in] uint32_t*", "uint64_t *", True),
    ("[in] uint8_t*", "uint8_t", True),
    ("[in] uint8_t*", "uint8_t **", True),
    ("[in] struct pair*", "pair_t *", False),
    ("[in] struct pair*", "struct other *", True),
    ("long", "int", False),
    ("enum color", "int", False),
]


@pytest.mark.parametrize(("edl", "c", "expected"), CASES, ids=[f"{e} / {c}" for e, c, _ in CASES])
def test_differences(edl: str, c: str, expected: bool) -> None:
    text = f"enclave {{ struct pair {{ int a; }}; enum color {{ RED }}; trusted {{ public void f({edl} p); }}; }};\n"
    interface = read_interface(Source("a.edl", text), EdlOptions(dialect=Dialect.INTEL))
    unit, header = sorted(
        read_units([Source("a.c", f'#include "t.h"\nvoid f({c} p) {{}}\n'), Source("t.h", HEADER)]),
        key=lambda u: u.path,
    )
    types = {t.name: t for t in header.types}
    declared = shape(interface.calls[0].params[0].type, types, interface, "a.c")
    assert differ(declared, shape(unit.functions[0].params[0].type, types, interface, "a.c")) is expected


def test_types_private_to_another_source_file_are_unknown() -> None:
    (unit,) = read_units([Source("host.c", "typedef int group;\nvoid f(group g) {}\n")])
    interface = read_interface(Source("a.edl", "enclave { trusted { public void g(void); }; };\n"))
    types, param = {t.name: t for t in unit.types}, unit.functions[0].params[0].type
    assert shape(param, types, interface, "host.c").family == "integer"
    assert shape(param, types, interface, "enclave.c").family == "unknown"
