"""Which side files are on where folders, users, tests and conditions speak for different ones."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from edlint.frontends.c import read_units
from edlint.frontends.edl import EdlOptions, read_interface
from edlint.link import link, shared
from edlint.model.interface import Dialect
from edlint.model.program import Placement
from edlint.sdk import load_sdk
from edlint.source import Source

EDL = """enclave {
    trusted { public int put([in, size=n] const uint8_t* data, size_t n); public void reset(void); };
    untrusted { int host_log([in, string] const char* text); void host_ping(void); };
};
"""
INSIDE = '#include "kms_t.h"\nvoid reset(void) {}\n'
OUTSIDE = '#include "kms_u.h"\nvoid host_ping(void) {}\n'
MAIN = "int main(void) { return 0; }\n"


def placed(files: Mapping[str, str]) -> Mapping[str, Placement]:
    interfaces = [
        read_interface(Source(p, t), EdlOptions(dialect=Dialect.INTEL)) for p, t in files.items() if "edl" in p
    ]
    units = read_units([Source(p, t) for p, t in files.items() if "edl" not in p])
    return link(interfaces, units, (), load_sdk(), (), ()).placements


def sides(files: Mapping[str, str]) -> dict[str, str]:
    return {p: str(placement.side) for p, placement in placed(files).items() if p not in ("in/a.c", "out/b.c")}


def test_users_that_are_placed_late_count_as_well() -> None:
    found = placed(
        {
            "kms.edl": EDL,
            "in/a.c": '#include "box.h"\n' + INSIDE,
            "out/b.c": '#include "../lib/pack.h"\n#include "../lib/wire.h"\n' + OUTSIDE,
            "lib/box.h": "int box(void);\n",
            "lib/box.c": '#include "box.h"\n#include "wire.h"\nint box(void) { return 0; }\n',
            "lib/pack.h": "int pack(void);\n",
            "lib/pack.c": '#include "pack.h"\n#include "inner.h"\nint pack(void) { return inner(); }\n',
            "lib/inner.h": "int inner(void);\n",
            "lib/inner.c": '#include "inner.h"\n#include "last.h"\nint inner(void) { return 0; }\n',
            "lib/wire.h": "int wire(void);\n",
            "lib/last.h": "int last(void);\n",
        }
    )
    assert {p: str(placement.side) for p, placement in found.items() if p.startswith("lib/")} == {
        "lib/box.h": "trusted",
        "lib/box.c": "trusted",
        "lib/wire.h": "both",
        "lib/pack.h": "untrusted",
        "lib/pack.c": "untrusted",
        "lib/inner.h": "untrusted",
        "lib/inner.c": "untrusted",
        "lib/last.h": "untrusted",
    }
    assert found["lib/box.c"].reason == "implements 'box.h', which is included by 'in/a.c'"
    assert found["lib/wire.h"].reason == "is included by files of both sides"


def test_what_tests_use_is_not_theirs() -> None:
    found = sides(
        {
            "kms.edl": EDL,
            "in/a.c": '#include "trie.h"\n' + INSIDE,
            "out/b.c": OUTSIDE,
            "lib/trie.h": "int trie(void);\n",
            "lib/trie.c": '#include "trie.h"\nint trie(void) { return 0; }\n',
            "lib/spare.h": "int spare(void);\n",
            "lib/test/trie/run.c": '#include "trie.h"\n#include "spare.h"\n#include "double.h"\n' + MAIN,
            "lib/test/mock/double.h": "#include <sgx_trts.h>\nint host_double(void);\n",
            "lib/test/mock/double.c": '#include "kms_t.h"\n#include "double.h"\nvoid reset(void) {}\n',
        }
    )
    assert found == {
        "lib/trie.h": "trusted",
        "lib/trie.c": "trusted",
        "lib/spare.h": "untrusted",
        "lib/test/trie/run.c": "untrusted",
        "lib/test/mock/double.h": "untrusted",
        "lib/test/mock/double.c": "untrusted",
    }


def test_tests_with_an_interface_or_an_ecall_of_their_own_are_enclaves() -> None:
    assert sides({"tests/kms.edl": EDL, "tests/in.c": INSIDE, "tests/main.c": MAIN})["tests/in.c"] == "trusted"
    inside = "int put(const unsigned char* data, unsigned long n) { return 0; }\n"
    files = {"kms.edl": EDL, "in/a.c": INSIDE, "in/tests/put.c": inside, "in/tests/main.c": MAIN}
    assert sides(files) == {"in/tests/put.c": "trusted", "in/tests/main.c": "untrusted"}


def test_a_stand_in_is_nobodys_header_but_the_tests() -> None:
    found = sides(
        {
            "kms.edl": EDL,
            "in/a.c": '#include "store.h"\n' + INSIDE,
            "out/b.c": '#include "mocks/spare.h"\n' + OUTSIDE,
            "out/mocks/store.h": "int store(void);\n",
            "out/mocks/spare.h": "int spare(void);\n",
        }
    )
    assert found == {"out/mocks/store.h": "untrusted", "out/mocks/spare.h": "untrusted"}


def test_a_macro_for_one_side_means_both() -> None:
    found = placed(
        {
            "kms.edl": EDL,
            "in/a.c": '#include "log.h"\n' + INSIDE,
            "in/log.h": "#include <sgx_trts.h>\n",
            "lib/hash.c": "#ifndef _UNTRUSTED_\n#include <sgx_trts.h>\n#else\n#include <stdio.h>\n#endif\nint h;\n",
            "lib/talk.c": '#ifdef KMS_ENCLAVE\n#include "kms_t.h"\n#endif\nint t;\n',
            "lib/note.c": '#if defined(KMS_ENCLAVE)\n#include "../in/log.h"\n#endif\nint n;\n',
            "lib/port.c": "#if defined(__linux__)\n#include <sgx_urts.h>\n#endif\nint p;\n",
            "in/port.c": "#if defined(__linux__)\n#include <sgx_urts.h>\n#endif\nint p;\n",
            "in/kept.c": "#if KMS_ENCLAVE\n#include <sgx_trts.h>\n#endif\nint k;\n",
            "in/enclave/kept.c": "#if KMS_ENCLAVE\n#include <sgx_trts.h>\n#endif\nint k;\n",
            "in/enclave/port.c": "#if defined(__linux__)\n#include <sgx_urts.h>\n#endif\nint p;\n",
            "lib/guard.h": "#ifndef GUARD_ENCLAVE_H\n#define GUARD_ENCLAVE_H\n#include <sgx_trts.h>\n#endif\n",
            "lib/user.c": '#include "guard.h"\nint u;\n',
        }
    )
    assert {p: str(placement.side) for p, placement in found.items()} == {
        "in/a.c": "trusted",
        "in/log.h": "trusted",
        "lib/hash.c": "both",
        "lib/talk.c": "both",
        "lib/note.c": "both",
        "lib/port.c": "untrusted",
        "in/port.c": "untrusted",
        "in/kept.c": "both",
        "in/enclave/kept.c": "trusted",
        "in/enclave/port.c": "trusted",
        "lib/guard.h": "trusted",
        "lib/user.c": "trusted",
    }
    assert found["lib/hash.c"].reason == "includes 'sgx_trts.h' where '_UNTRUSTED_' says so"


def test_a_client_inside_an_enclave_is_inside() -> None:
    found = sides(
        {
            "src/kms.edl": EDL,
            "src/enclave/client/https.c": "int https(void) { return 0; }\n",
            "src/enclave/ca/chain.c": "int chain(void) { return 0; }\n",
            "src/enclave/host/ask.c": "int ask(void) { return 0; }\n",
            "src/client/main.c": "int run(void) { return 0; }\n",
            "src/hello_ca/run.c": "int hello(void) { return 0; }\n",
            "src/ca_bundle.c": "int bundle(void) { return 0; }\n",
        }
    )
    assert found == {
        "src/enclave/client/https.c": "trusted",
        "src/enclave/ca/chain.c": "trusted",
        "src/enclave/host/ask.c": "untrusted",
        "src/client/main.c": "untrusted",
        "src/hello_ca/run.c": "untrusted",
        "src/ca_bundle.c": "undecided",
    }
    alone = {"enclave/kms.edl": EDL, "enclave/x.c": INSIDE, "enclave/client/a.c": "int a(void) { return 0; }\n"}
    assert sides(alone)["enclave/client/a.c"] == "trusted"


def test_a_folder_of_the_other_side_speaks_for_that() -> None:
    found = placed(
        {
            "lib/kms_enclave/kms.edl": EDL,
            "lib/kms_enclave/a.c": INSIDE,
            "service/enclave/b.c": OUTSIDE,
            "service/enclave/info.c": "int info(void) { return 0; }\n",
            "mixed/enclave/c.c": '#include "kms_u.h"\nint outer;\n',
            "mixed/enclave/d.c": '#include "kms_t.h"\nint inner;\n',
            "mixed/enclave/e.c": "int e(void) { return 0; }\n",
        }
    )
    assert str(found["service/enclave/info.c"].side) == "untrusted"
    assert found["service/enclave/info.c"].reason == "is in a folder of untrusted files"
    assert str(found["mixed/enclave/e.c"].side) == "undecided"


def test_headers_of_both_sides_mean_what_the_folder_says() -> None:
    both = "#include <sgx_trts.h>\n#include <sgx_urts.h>\nint t(void) { return 0; }\n"
    found = sides({"kms.edl": EDL, "enclave/t.c": both, "lib/t2.c": both})
    assert found == {"enclave/t.c": "trusted", "lib/t2.c": "both"}


def test_more_shared_code_than_the_enclave_can_be_followed_through_is_left_outside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = "".join(f"int run{at}(int n) {{ return n; }}\n" for at in range(20))
    files = {
        "kms.edl": EDL,
        "enclave/a.c": '#include "kms_t.h"\n#include "vm.h"\nvoid reset(void) { run1(2); }\n',
        "host/b.c": '#include "kms_u.h"\n#include "vm.h"\nvoid go(void) { run2(3); host_ping(); }\n',
        "vm/vm.h": "int run1(int n);\nint run2(int n);\n",
        "vm/vm.c": f'#include "vm.h"\n{many}',
    }
    assert sides(files)["vm/vm.c"] == "both"
    monkeypatch.setattr(shared, "MAX_SHARED", 10)
    assert sides(files)["vm/vm.c"] == "untrusted"
    assert sides(files)["vm/vm.h"] == "both"
    units = read_units([Source(path, text) for path, text in files.items() if not path.endswith(".edl")])
    interface = read_interface(Source("kms.edl", EDL), EdlOptions(dialect=Dialect.INTEL))
    (gap,) = link([interface], units, (), load_sdk()).gaps
    assert (gap.kind, gap.path) == ("unfollowed-code", "vm/vm.c")
    assert "A file with 20 functions is used" in gap.message
    named = link([interface], units, (), load_sdk(), trusted=["vm/*"])
    assert str(named.side("vm/vm.c")) == "trusted"
    assert not named.gaps


def test_untrusted_in_a_name_is_meant() -> None:
    files = {
        "kms.edl": EDL,
        "enclave_untrusted/bridge.c": "int bridge;\n",
        "enclave_untrusted/enclave_wrapper/w.c": "int w;\n",
        "enclave_untrusted/enclave/inner.c": "int inner;\n",
        "enclave/trusted_host/x.c": "int x;\n",
        "enclave/in.c": "int in;\n",
    }
    assert sides(files) == {
        "enclave_untrusted/bridge.c": "untrusted",
        "enclave_untrusted/enclave_wrapper/w.c": "untrusted",
        "enclave_untrusted/enclave/inner.c": "trusted",
        "enclave/trusted_host/x.c": "trusted",
        "enclave/in.c": "trusted",
    }


def test_each_side_has_a_header_of_one_name() -> None:
    files = {
        "kms.edl": EDL.replace("trusted {", 'include "types.h"\ntrusted {', 1),
        "in/a.c": '#include "log.h"\n#include "types.h"\n' + INSIDE,
        "out/b.c": '#include "log.h"\n#include "types.h"\n' + OUTSIDE,
        "log/trusted/log.h": "int log_in(int n);\n",
        "log/untrusted/log.h": "int log_out(int n);\n",
        "enclave/types.h": "typedef int size;\n",
        "host/types.h": "typedef int size;\n",
    }
    assert sides(files) == {
        "log/trusted/log.h": "trusted",
        "log/untrusted/log.h": "untrusted",
        "enclave/types.h": "trusted",
        "host/types.h": "untrusted",
    }


def test_what_a_block_of_the_edl_includes_is_of_its_side() -> None:
    edl = """enclave {
        // trusted {
        include "shared.h"
        trusted { include "inner.h" include "twice.h" /* } */ include "last.h" public void reset(void); };
        untrusted { include "twice.h" void host_ping(void); };
    };"""
    files = {
        "kms.edl": edl,
        "in/a.c": '#include "inner.h"\n#include "last.h"\n' + INSIDE,
        "out/b.c": OUTSIDE,
        "inc/shared.h": "int a;\n",
        "inc/inner.h": "int b;\n",
        "inc/twice.h": "int c;\n",
        "inc/last.h": "int d;\n",
    }
    assert sides(files) == {
        "inc/shared.h": "both",
        "inc/inner.h": "trusted",
        "inc/twice.h": "both",
        "inc/last.h": "trusted",
    }


def test_a_header_that_nobody_includes_is_not_placed_by_other_headers() -> None:
    files = {
        "kms.edl": EDL,
        "in/a.c": '#include "used.h"\n' + INSIDE,
        "out/b.c": OUTSIDE,
        "inc/used.h": "int used(void);\n",
        "inc/unused.h": "int unused(void);\n",
        "in/beside.h": "int beside(void);\n",
    }
    assert sides(files) == {"inc/used.h": "trusted", "inc/unused.h": "undecided", "in/beside.h": "trusted"}


def test_only_code_that_runs_somewhere_is_told_as_undecided() -> None:
    files = {"inc/unused.h": "inline int unused(void) { return 0; }\n", "lib/x.c": "int x(void) { return 0; }\n"}
    units = read_units([Source(path, text) for path, text in files.items()])
    assert [(g.kind, g.path) for g in link((), units, (), load_sdk()).gaps] == [("undecided-side", "lib/x.c")]


def test_a_header_of_the_sdk_that_is_there_by_mistake() -> None:
    found = sides(
        {
            "kms.edl": EDL,
            "in/a.c": '#include "util.h"\n' + INSIDE,
            "out/b.c": OUTSIDE,
            "in/util.h": "#include <sgx_urts.h>\nint util(int n);\n",
        }
    )
    assert found["in/util.h"] == "trusted"


def test_what_a_shared_header_includes_for_one_side_is_not_shared() -> None:
    found = sides(
        {
            "kms.edl": EDL,
            "in/a.c": '#include "wrap.h"\n#include "../lib/debug.h"\n' + INSIDE,
            "out/b.c": '#include "../lib/debug.h"\n' + OUTSIDE,
            "in/wrap.h": '#include "kms_t.h"\nint wrap(int n);\n',
            "lib/debug.h": '#ifndef UNTRUSTED\n#include "wrap.h"\n#endif\nint debug(int n);\n',
        }
    )
    assert found == {"in/wrap.h": "trusted", "lib/debug.h": "both"}


@pytest.mark.parametrize("header", ["<jni.h>", "<Python.h>", "<pybind11/pybind11.h>"])
def test_code_for_a_machine_of_another_language(header: str) -> None:
    files = {"kms.edl": EDL, "in/a.c": INSIDE, "out/b.c": OUTSIDE, "bind/m.cpp": f"#include {header}\nint m;\n"}
    assert sides(files) == {"bind/m.cpp": "untrusted"}


def test_a_macro_for_what_a_build_has_does_not_tell_the_sides() -> None:
    found = sides(
        {
            "kms.edl": EDL,
            "in/a.c": '#include "../lib/foo.h"\n' + INSIDE,
            "out/b.c": '#include "../lib/foo.h"\n#include "../lib/proxy.h"\n' + OUTSIDE,
            "lib/foo.h": '#ifdef BUILD_ENCLAVE\n#include "proxy.h"\n#endif\nint foo(int n);\n',
            "lib/proxy.h": "int proxy(int n);\n",
        }
    )
    assert found == {"lib/foo.h": "both", "lib/proxy.h": "both"}


def test_users_that_are_placed_by_their_neighbours_count_as_well() -> None:
    found = sides(
        {
            "kms.edl": EDL,
            "in/a.c": '#include "types.h"\n' + INSIDE,
            "out/b.c": OUTSIDE,
            "out/runtime.c": '#include "types.h"\nint run(int n) { return n; }\n',
            "inc/types.h": "int types;\n",
        }
    )
    assert found["inc/types.h"] == "both"


def test_folders_named_inside_and_outside() -> None:
    code = {"tee/inside/x.c": "int x(int n) { return n; }\n", "tee/outside/y.c": "int y(int n) { return n; }\n"}
    found = sides({"kms.edl": EDL, "in/a.c": INSIDE, "out/b.c": OUTSIDE} | code)
    assert found == {"tee/inside/x.c": "trusted", "tee/outside/y.c": "untrusted"}


@pytest.mark.parametrize(
    ("folder", "side"),
    [
        ("non_enclave_version", "untrusted"),
        ("NoEnclave", "untrusted"),
        ("without-tee", "untrusted"),
        ("nonce_enclave", "trusted"),
    ],
)
def test_folders_of_what_has_no_enclave(folder: str, side: str) -> None:
    code = {f"src/{folder}/x.c": "int x(int n) { return n; }\n"}
    found = sides({"kms.edl": EDL, "in/a.c": INSIDE, "out/b.c": OUTSIDE} | code)
    assert found == {f"src/{folder}/x.c": side}
