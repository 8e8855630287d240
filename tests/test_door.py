"""Input that is not what it should be: a diagnostic with a place, the right exit code, never a traceback."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from shell import BAD, CODE, GOOD, Run, write


def test_five_errors_in_one_file(run: Run) -> None:
    text = """enclave {
    trusted {
        public int a([in, sise=n] uint8_t* p, size_t n);
        public int b([in, in] uint8_t* p);
        public int c([in, size=m] uint8_t* p);
        public int d([out] int x);
        public int e([in, string] int* p);
    };
};
"""
    write("enclave.edl", text)
    code, out, _ = run("enclave.edl", "--select", "invalid-interface", "--format", "concise", "--sdk", "intel-sgx")
    assert code == 1
    assert sorted({int(line.split(":")[1]) for line in out.splitlines()}) == [3, 4, 5, 6, 7]


def test_an_empty_interface(run: Run) -> None:
    write("enclave.edl", "")
    code, out, _ = run("enclave.edl", "--format", "concise", "--sdk", "intel-sgx")
    assert code == 1
    assert out.startswith("enclave.edl:1:1: error invalid-interface ")


def test_a_binary_file(run: Run) -> None:
    write("enclave.edl", GOOD)
    write("enclave/put.c", CODE)
    write("enclave/image.c", b"\x7fELF\0\0\0")
    code, out, _ = run("enclave.edl", "enclave/put.c", "enclave/image.c", "--sdk", "intel-sgx")
    assert code == 3
    assert "enclave/image.c: unreadable-file: not analysed: a binary file" in out
    code, out, _ = run("enclave.edl", "enclave", "--sdk", "intel-sgx")
    assert code == 0, "a folder's file that cannot be read is told, but was not asked for by name"
    assert "enclave/image.c: unreadable-file" in out


def test_unbalanced_braces(run: Run) -> None:
    write("enclave.edl", GOOD)
    write("enclave/put.c", CODE + "int half(int a)\n{\n    if (a) {\n        return 1;\n")
    code, out, _ = run("enclave.edl", "enclave", "--sdk", "intel-sgx", "--format", "json")
    assert code in (0, 1)
    report = json.loads(out)
    assert any(g["file"] == "enclave/put.c" for g in report["gaps"]) or report["counts"]["functions"] == 2
    assert not [f for f in report["findings"] if f["rule"] == "missing-implementation"]


def test_code_without_an_interface(run: Run) -> None:
    write("enclave/put.c", CODE)
    code, out, _ = run("enclave")
    assert code == 0
    assert "no EDL file: what crosses the boundary is not known" in out


def test_an_unreadable_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write("enclave.edl", GOOD)

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    code, out, _ = run("enclave.edl")
    assert code == 3
    assert "not analysed: Permission denied" in out


def test_a_file_of_another_kind(run: Run) -> None:
    write("notes.txt", "hello")
    code, out, _ = run("notes.txt")
    assert code == 3
    assert "notes.txt: unknown-file" in out


def test_a_loop_of_links(run: Run) -> None:
    write("p/enclave.edl", BAD)
    Path("p/again").symlink_to("..", target_is_directory=True)
    Path("p/self").symlink_to("self")
    Path("p/gone.c").symlink_to("nowhere.c")
    Path("p/system.c").symlink_to("/proc/version")
    code, out, _ = run("p", "--sdk", "intel-sgx", "--format", "json")
    assert code == 1
    report = json.loads(out)
    assert [f["file"] for f in report["findings"]] == ["p/enclave.edl"]
    assert {g["file"] for g in report["gaps"]} == {"p/gone.c", "p/system.c"}


def test_pipes_that_nobody_writes_to(run: Run) -> None:
    write("p/enclave.edl", BAD)
    for name in ("waiting.edl", "waiting.c", "waiting.conf"):
        os.mkfifo(f"p/{name}")
    for paths in (("p",), ("p/enclave.edl",)):
        code, out, _ = run(*paths, "--sdk", "intel-sgx", "--format", "json")
        assert code == 1
        assert [f["file"] for f in json.loads(out)["findings"]] == ["p/enclave.edl"]
    code, out, _ = run("p", "--sdk", "intel-sgx", "--format", "full")
    assert out.count("unreadable-file: not analysed: not a regular file") == 3
    assert "imported EDL file" not in out
    code, out, _ = run("init", "--print", "p")
    assert code == 0
    assert "waiting" not in out


@pytest.mark.parametrize(
    ("encode", "column"),
    [
        (lambda text: text.replace("\n", "\r\n").encode(), 46),
        (lambda text: text.replace("\n", "\r").encode(), 46),
        (lambda text: text.replace("int put", "int /* \xe9\xff */ put").encode("latin-1"), 55),
        (lambda text: b"\xff\xfe" + text.encode("utf-16-le"), 46),
        (lambda text: b"\xfe\xff" + text.encode("utf-16-be"), 46),
        (lambda text: b"\xef\xbb\xbf" + text.encode(), 46),
        (lambda text: text.replace("int put", "int /* \U0001f600 */ put").encode(), 54),
    ],
    ids=["crlf", "cr", "latin-1", "utf-16-le", "utf-16-be", "utf-8-bom", "astral"],
)
def test_encodings_and_line_ends(run: Run, encode: Callable[[str], bytes], column: int) -> None:
    write("enclave.edl", encode(BAD))
    code, out, _ = run("enclave.edl", "--sdk", "intel-sgx", "--select", "user-check-pointer", "--format", "json")
    assert code == 1
    place = json.loads(out)["findings"][0]
    assert (place["line"], place["column"]) == (3, column)


def test_a_hostile_source_moves_no_cursor(run: Run) -> None:
    write("enclave.edl", BAD.replace("put", "/* \x1b[2J\x9b31m\u202e */ put"))
    for name in ("full", "concise", "markdown"):
        _, out, _ = run("enclave.edl", "--sdk", "intel-sgx", "--format", name)
        assert not {"\x1b", "\x9b", "\u202e"} & set(out)
