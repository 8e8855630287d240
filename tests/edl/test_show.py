"""`edlint show interface`: the table and the JSON."""

from __future__ import annotations

import json

from reading import read

from edlint.analysis.facts import Facts
from edlint.link import link
from edlint.model.sdk import Sdk
from edlint.show.interface import show

TEXT = """enclave {
    trusted {
        public int put([in, size=n] const uint8_t* data, size_t n);
        public void raw([user_check] void* host);
        void again(int token);
    };
    untrusted { void wait([in, string] const char* text) allow(again) propagate_errno; };
};"""


def shown(dialect: str, style: str) -> str:
    program = link((read(TEXT, dialect),), (), (), Sdk())
    return show(program, Facts(program), style)


def test_table() -> None:
    lines = shown("intel-sgx", "text").splitlines()
    assert lines[0] == "enclave.edl: intel-sgx (it was chosen)"
    assert any(line.startswith("ECALL put: int; public") for line in lines)
    assert any(line.startswith("ECALL again: void; private") for line in lines)
    assert any("allows again; errno of the host" in line for line in lines)
    assert any(line.split()[:2] == ["data", "const"] and "n bytes" in line and "fence" in line for line in lines)
    assert any(line.split()[0] == "host" and "RAW" in line and "range check, copy" in line for line in lines if line)


def test_document() -> None:
    (document,) = json.loads(shown("secgear", "json"))
    assert document["dialect"] == "secgear"
    assert [c["name"] for c in document["calls"]] == ["put", "raw", "again", "wait"]
    data = document["calls"][0]["params"][0]
    assert data["transfer"] == "in"
    assert data["size"] == "n"
    assert data["extent_trusted"] is False
