"""Which dialect an EDL file is taken for, and the reason that is given."""

from __future__ import annotations

import pytest

from edlint.frontends.edl import EdlOptions, read_interface
from edlint.model.interface import Dialect
from edlint.source import Source


@pytest.mark.parametrize(
    ("text", "hints", "dialect", "reason"),
    [
        ('enclave { from "openenclave/edl/syscall.edl" import *; };', (), Dialect.OPEN_ENCLAVE, "openenclave/edl"),
        ('enclave { from "sgx_tstdc.edl" import *; };', (), Dialect.INTEL, "sgx_tstdc.edl"),
        ('enclave { include "secgear_urts.h" from "secgear_tstdc.edl" import *; };', (), Dialect.SECGEAR, "secgear_"),
        ("enclave { trusted { int32_t F(vector<uint8_t> d); }; };", (), Dialect.VBS, "vector"),
        ('enclave { import "a.edl"; };', (), Dialect.VBS, "import"),
        ("enclave { trusted { public void f(int* p); }; };", (), Dialect.OPEN_ENCLAVE, "no attributes"),
        ("enclave { trusted { public void f(int p); }; };", (), Dialect.INTEL, "nothing in it is peculiar"),
        ("enclave { trusted { public void f(int p); }; };", ("openenclave/enclave.h",), Dialect.OPEN_ENCLAVE, "code"),
        ("enclave { trusted { public void f(int p); }; };", ("sgx_trts.h",), Dialect.INTEL, "sgx_trts.h"),
        ("enclave { trusted { public void f(int p, ); }; };", (), Dialect.OPEN_ENCLAVE, "only open-enclave"),
        ("// openenclave/edl\nenclave { enum e { A, }; };", (), Dialect.OPEN_ENCLAVE, "read it"),
    ],
)
def test_detection(text: str, hints: tuple[str, ...], dialect: Dialect, reason: str) -> None:
    interface = read_interface(Source("enclave.edl", text), EdlOptions(hints=hints))
    assert interface.dialect is dialect
    assert reason in interface.dialect_reason
