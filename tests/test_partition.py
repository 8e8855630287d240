"""Several enclaves in one tree: each with its own files, shared ones with each of their neighbours."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from edlint import partition as partition_module
from edlint.__main__ import main
from edlint.files import collect
from edlint.partition import partition

EDL = "enclave { trusted { public int put([in, size=n] const char* p, size_t n); }; };\n"


def parts(
    tmp_path: Path, *names: str, texts: dict[str, str] | None = None, of_sdk: Sequence[str] = ()
) -> list[tuple[list[str], list[str]]]:
    """EDL and code files of each part."""
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((texts or {}).get(name, EDL if name.endswith(".edl") else "int x;\n"))
    return [
        ([p.relative_to(tmp_path).as_posix() for p in f.edls], [p.relative_to(tmp_path).as_posix() for p in f.code])
        for f in partition(collect([tmp_path]), of_sdk)
    ]


def test_one_enclave_has_everything(tmp_path: Path) -> None:
    assert parts(tmp_path, "a/a.edl", "b/b.c", "c/d/e.c") == [(["a/a.edl"], ["b/b.c", "c/d/e.c"])]


def test_samples_side_by_side(tmp_path: Path) -> None:
    names = ("s/one/enc/a.edl", "s/one/enc/a.c", "s/one/host/h.c", "s/two/enc/b.edl", "s/two/host/h.c", "s/common/c.c")
    assert parts(tmp_path, *names) == [
        (["s/one/enc/a.edl"], ["s/common/c.c", "s/one/enc/a.c", "s/one/host/h.c"]),
        (["s/two/enc/b.edl"], ["s/common/c.c", "s/two/host/h.c"]),
    ]


def test_the_host_of_the_outer_project_is_not_the_samples(tmp_path: Path) -> None:
    names = ("Enclave/e.edl", "App/app.cpp", "samples/x/Enclave/e2.edl", "samples/x/App/app.cpp")
    assert parts(tmp_path, *names) == [
        (["Enclave/e.edl"], ["App/app.cpp"]),
        (["samples/x/Enclave/e2.edl"], ["samples/x/App/app.cpp"]),
    ]


def test_two_in_one_folder_stay_together(tmp_path: Path) -> None:
    names = ("edl/a.edl", "edl/b.edl", "src/x.c", "other/c.edl")
    assert parts(tmp_path, *names) == [(["edl/a.edl", "edl/b.edl"], ["src/x.c"]), (["other/c.edl"], ["src/x.c"])]


def test_an_imported_file_is_no_enclave(tmp_path: Path) -> None:
    importer = 'enclave { from "lib/b.edl" import *; };\n'
    assert parts(tmp_path, "a/a.edl", "lib/b.edl", texts={"a/a.edl": importer}) == [(["a/a.edl"], [])]


def test_of_several_files_of_a_name_the_one_in_the_written_folder_is_imported(tmp_path: Path) -> None:
    names = ("a/a.edl", "sdk/edl/sgx/thread.edl", "tests/thread/thread.edl", "tests/thread/enc.c")
    importer = EDL.replace("enclave {", 'enclave { from "edl/sgx/thread.edl" import *;')
    assert [edls for edls, _ in parts(tmp_path, *names, texts={"a/a.edl": importer})] == [
        ["a/a.edl"],
        ["tests/thread/thread.edl"],
    ]
    # Where none is in such a folder, any may be meant.
    importer = importer.replace("edl/sgx", "elsewhere")
    assert [edls for edls, _ in parts(tmp_path, *names, texts={"a/a.edl": importer})] == [["a/a.edl"]]


def test_of_several_files_of_a_name_the_nearest_is_imported(tmp_path: Path) -> None:
    names = ("enclave/enclave.edl", "enclave/e.c", "sdk/sample/common/enclave.edl", "sdk/sample/tls/tls.edl")
    importer = EDL.replace("enclave {", 'enclave { from "enclave.edl" import *;')
    assert [edls for edls, _ in parts(tmp_path, *names, texts={"sdk/sample/tls/tls.edl": importer})] == [
        ["enclave/enclave.edl"],
        ["sdk/sample/tls/tls.edl"],
    ]


def test_of_too_many_files_of_a_name_none_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {"a/a.edl": EDL.replace("enclave {", 'enclave { from "b.edl" import *;')}
    names = ("a/a.edl", "one/b.edl", "two/b.edl")
    assert [edls for edls, _ in parts(tmp_path, *names, texts=texts)] == [["a/a.edl"]]
    monkeypatch.setattr(partition_module, "MAX_NAMESAKES", 1)
    assert [edls for edls, _ in parts(tmp_path, *names, texts=texts)] == [["a/a.edl"], ["one/b.edl"], ["two/b.edl"]]


def test_what_lies_beside_an_imported_file_is_the_importers_too(tmp_path: Path) -> None:
    texts = {
        "common/case/t.edl": EDL,
        "one/enc/one.edl": 'enclave { from "base.edl" import *; };\n',
        "two/enc/two.edl": 'enclave { from "twice.edl" import *; };\n',
    }
    names = (
        *texts,
        "common/enclave/base.edl",
        "common/enclave/base.c",
        "common/other/o.c",
        "a/twice.edl",
        "a/a.c",
        "b/twice.edl",
    )
    assert parts(tmp_path, *names, texts=texts) == [
        (["common/case/t.edl"], ["a/a.c", "common/enclave/base.c", "common/other/o.c"]),
        (["one/enc/one.edl"], ["a/a.c", "common/enclave/base.c"]),
        (["two/enc/two.edl"], ["a/a.c"]),
    ]


def test_an_imported_file_brings_what_is_around_it(tmp_path: Path) -> None:
    importer = 'enclave { from "base.edl" import *; };\n'
    names = ("samples/one/enc/one.edl", "samples/two/enc/two.edl", "lib/enclave/edl/base.edl", "lib/src/b.c", "z.c")
    texts = dict.fromkeys(names[:2], importer)
    assert parts(tmp_path, *names, texts=texts) == [
        (["samples/one/enc/one.edl"], ["lib/src/b.c"]),
        (["samples/two/enc/two.edl"], ["lib/src/b.c"]),
        ([], ["z.c"]),
    ]


def test_what_an_enclave_tests_is_not_its_own(tmp_path: Path) -> None:
    names = ("common/tests/x/enc/t.edl", "common/tests/x/enc/t.c", "common/lib.c", "a/enc/a.edl", "b/enc/b.edl", "m.c")
    assert parts(tmp_path, *names) == [
        (["a/enc/a.edl"], ["m.c", "common/lib.c"]),
        (["b/enc/b.edl"], ["m.c", "common/lib.c"]),
        (["common/tests/x/enc/t.edl"], ["common/lib.c", "common/tests/x/enc/t.c"]),
    ]


def test_a_tree_of_tests_is_a_tree_as_any_other(tmp_path: Path) -> None:
    names = ("tests/one/enc/a.edl", "tests/two/enc/b.edl", "tests/two/host/h.c", "tests/x.c")
    assert parts(tmp_path, *names) == [
        (["tests/one/enc/a.edl"], ["tests/x.c"]),
        (["tests/two/enc/b.edl"], ["tests/x.c", "tests/two/host/h.c"]),
    ]


def test_a_copy_of_the_sdk_is_no_enclave_with_the_code_around_it(tmp_path: Path) -> None:
    names = ("lib/include/sgx/sgx_tstdc.edl", "lib/include/sgx/t.h", "lib/include/x.h", "lib/x.c", "app/enc/a.edl")
    assert parts(tmp_path, *names, of_sdk=("sgx_tstdc.edl",)) == [
        (["app/enc/a.edl"], ["lib/x.c", "lib/include/x.h"]),
        (["lib/include/sgx/sgx_tstdc.edl"], ["lib/include/sgx/t.h"]),
    ]


def test_an_edl_without_ecalls_takes_no_code_of_the_enclave_around_it(tmp_path: Path) -> None:
    names = ("app/enc/a.edl", "app/enc/lib/memory.edl", "app/enc/lib/x.c", "app/host/h.c", "other/b.edl")
    memory = 'enclave {\n  // trusted { int f(); };\n  trusted { include "m.h" };\n  untrusted { int pages(); };\n};\n'
    assert parts(tmp_path, *names, texts={"app/enc/lib/memory.edl": memory}) == [
        (["app/enc/a.edl"], ["app/enc/lib/x.c", "app/host/h.c"]),
        (["other/b.edl"], []),
    ]


def test_files_of_nobody_come_last(tmp_path: Path) -> None:
    names = [f"all/s{n}/e/e{n}.edl" for n in range(25)]
    found = parts(tmp_path, *names, "all/shared.c")
    assert len(found) == 26
    assert found[-1] == ([], ["all/shared.c"])


def test_equal_names_do_not_mix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    other = EDL.replace("const char* p, size_t n", "const char* p, uint32_t flags, size_t n")
    texts = {
        "one/e/e.edl": EDL,
        "one/e/put.c": "int put(const char *p, size_t n) { return p && n ? p[0] : 0; }\n",
        "two/e/e.edl": other,
        "two/e/put.c": "int put(const char *p, uint32_t flags, size_t n) { return p && n && flags ? p[0] : 0; }\n",
    }
    parts(tmp_path, *texts, texts=texts)
    assert main([".", "--sdk", "intel-sgx", "--format", "json", "--select", "agreement"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["counts"]["edl-files"] == 2
    assert report["findings"] == []


def test_an_import_that_is_found_elsewhere_leaves_no_file_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    importer = 'enclave { from "gone/b.edl" import *; trusted { public void f(void); }; };\n'
    bad = "enclave { trusted { public int put([user_check] char* p); }; };\n"
    parts(tmp_path, "a/a.edl", "lib/b.edl", texts={"a/a.edl": importer, "lib/b.edl": bad})
    main([".", "--sdk", "intel-sgx", "--format", "concise", "--select", "user-check-pointer"])
    assert "lib/b.edl:1:" in capsys.readouterr().out


def test_the_host_beside_a_folder_of_enclaves_is_of_them_all(tmp_path: Path) -> None:
    names = (
        *("tc/enclave/kme/k.edl", "tc/enclave/kme/k.c", "tc/enclave/wpe/w.edl", "tc/enclave/base.c"),
        *("tc/bridge/b.c", "common/c.c", "tc/tests/enclave/t.edl", "tc/tests/app/t.c"),
    )
    both = ["common/c.c", "tc/bridge/b.c", "tc/enclave/base.c"]
    assert parts(tmp_path, *names) == [
        (["tc/enclave/kme/k.edl"], [*both, "tc/enclave/kme/k.c"]),
        (["tc/enclave/wpe/w.edl"], both),
        (["tc/tests/enclave/t.edl"], ["tc/bridge/b.c", "tc/tests/app/t.c"]),
    ]


def test_what_lies_beside_a_folder_of_whole_samples_is_not_theirs(tmp_path: Path) -> None:
    names = ("s/one/enc/a.edl", "s/one/host/h.c", "s/two/enc/b.edl", "s/two/host/h.c", "sdk/x.c")
    assert parts(tmp_path, *names)[-1] == ([], ["sdk/x.c"])
