"""`edlint show interface`: the table and the JSON."""

from __future__ import annotations

import json
from pathlib import Path

from reading import read

from edlint.analysis.facts import Facts
from edlint.frontends.edl import EdlOptions, read_interface
from edlint.link import link
from edlint.model.interface import Dialect
from edlint.model.sdk import Sdk
from edlint.show.interface import show
from edlint.source import Source

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
    assert (
        shown("intel-sgx", "text")
        == """enclave.edl: intel-sgx (it was chosen)
  3 ECALLs and 1 OCALL of its own, 0 ECALLs and 0 OCALLs imported

ECALLs
  in every copied parameter, unless it says otherwise: range-checked, fence, length tied to the
    copy, NULL passes

  put -> int; public  (line 3)
    data   const uint8_t*  in       n bytes
    n      size_t          value

  raw -> void; public  (line 4)
    host   void*           RAW               NOT CHECKED, NOT COPIED

  again -> void; private  (line 5)
    token  int             value

OCALLs
  in every copied parameter, unless it says otherwise: range-checked, no fence, length tied to the
    copy, NULL passes

  wait -> void; allows again; errno of the host  (line 7)
    text  const char*  in       string  first NUL is the last byte
"""
    )


def test_lines_fit_a_terminal() -> None:
    long = "a_name_that_is_much_longer_than_any_that_people_write"
    text = f"enclave {{ trusted {{ public void {long}([user_check] struct {long}* {long}, int b); }}; }};"
    program = link((read(text, "intel-sgx"),), (), (), Sdk())
    lines = show(program, Facts(program), "text").splitlines()
    assert any(line.split()[:1] == ["b"] for line in lines)
    assert all(len(line) <= 100 or long in line for line in lines)


def test_imports_are_listed_by_name(tmp_path: Path) -> None:
    (tmp_path / "lib.edl").write_text(TEXT, encoding="utf-8")
    source = Source("main.edl", 'enclave { from "lib.edl" import *; trusted { public void own(void); }; };')
    interface = read_interface(source, EdlOptions(dialect=Dialect.INTEL, search_path=(tmp_path,)))
    program = link((interface,), (), (), Sdk())
    text = show(program, Facts(program), "text")
    assert "1 ECALL and 0 OCALLs of its own, 3 ECALLs and 1 OCALL imported" in text
    assert "  3 ECALLs: put, raw (RAW), again\n" in text


def test_document() -> None:
    (document,) = json.loads(shown("secgear", "json"))
    assert document["dialect"] == "secgear"
    assert [c["name"] for c in document["calls"]] == ["put", "raw", "again", "wait"]
    data = document["calls"][0]["params"][0]
    assert data["transfer"] == "in"
    assert data["size"] == "n"
    assert data["extent_trusted"] is False


MEMBERS = """enclave {
    struct part { uint8_t* bytes; };
    struct whole { [count=1] struct part* first; size_t n; [size=n] uint8_t* data; };
    trusted {
        public char* name(struct part p);
        public void put([in] struct whole* w);
        public void raw([user_check] struct part* p);
    };
};"""


def test_raw_members_are_named() -> None:
    program = link((read(MEMBERS, "intel-sgx"),), (), (), Sdk())
    table = show(program, Facts(program), "text")
    assert "name -> char* (RAW); public" in table
    assert "RAW bytes" in table
    assert "members copied, 1 level, RAW first->bytes" in table
    (document,) = json.loads(show(program, Facts(program), "json"))
    members = [p["raw_members"] for c in document["calls"] for p in c["params"]]
    assert members == [["bytes"], ["first->bytes"], []]
