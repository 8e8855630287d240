"""Types of the EDL against types of C, as far as both are known."""

from __future__ import annotations

import pytest

from edlint.analysis.signatures import differ, shape, visible
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
    types = visible({t.name: t for t in header.types}, "a.c")
    declared = shape(interface.calls[0].params[0].type, types, interface)
    assert differ(declared, shape(unit.functions[0].params[0].type, types, interface)) is expected


def test_types_private_to_another_source_file_are_unknown() -> None:
    (unit,) = read_units([Source("host.c", "typedef int gid_t;\n")])
    types = {t.name: t for t in unit.types}
    assert "gid_t" in visible(types, "host.c")
    assert "gid_t" not in visible(types, "enclave.c")
