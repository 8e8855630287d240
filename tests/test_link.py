"""Sides, implementations and crossings, from small projects read whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from edlint.analysis.facts import Facts
from edlint.analysis.proxies import Proxies, ProxyUse
from edlint.frontends.c import read_units
from edlint.frontends.edl import EdlOptions, read_interface
from edlint.link import link
from edlint.model.interface import Dialect
from edlint.model.ir import Address, Place
from edlint.model.program import Program, Side
from edlint.model.unit import Function
from edlint.sdk import load_sdk
from edlint.source import Source

EDL = """enclave {
    trusted { public int put([in, size=n] const uint8_t* data, size_t n); public void reset(void); };
    untrusted { int host_log([in, string] const char* text); void host_ping(void); };
};
"""


def build(
    files: Mapping[str, str],
    dialect: Dialect = Dialect.INTEL,
    trusted: Sequence[str] = (),
    untrusted: Sequence[str] = (),
) -> Program:
    options = EdlOptions(dialect=dialect)
    interfaces = [read_interface(Source(p, t), options) for p, t in files.items() if p.endswith(".edl")]
    units = read_units([Source(p, t) for p, t in files.items() if not p.endswith(".edl")])
    return link(interfaces, units, (), load_sdk(), trusted, untrusted)


def function(program: Program, name: str, path: str = "") -> Function:
    (found,) = (f for f in program.functions[name] if not path or f.path == path)
    return found


def sides(program: Program) -> dict[str, str]:
    return {p: str(placement.side) for p, placement in program.placements.items()}


def test_a_program_inside_an_enclave() -> None:
    program = build(
        {
            "kms.edl": EDL,
            "inside/enc.c": '#include "kms_t.h"\nint main();\nvoid reset(void) { main(); }\n',
            "inside/main.c": "int main(void) { return 0; }\n",
            "tool/main.c": "int main(void) { return 0; }\n",
            "app/main.c": '#include "kms_u.h"\nint main(void) { return 0; }\n',
        }
    )
    assert sides(program) == {
        "inside/enc.c": "trusted",
        "inside/main.c": "trusted",
        "tool/main.c": "untrusted",
        "app/main.c": "untrusted",
    }
    assert program.placements["inside/main.c"].reason == "is called by 'inside/enc.c'"


def test_evidence_in_a_flat_folder() -> None:
    program = build(
        {
            "kms.edl": EDL,
            "a.c": "int put(const unsigned char* data, unsigned long n) { return n != 0; }\nvoid reset(void) {}\n",
            "b.c": "int host_log(const char* text) { return text != 0; }\n",
            "c.c": '#include "kms_t.h"\nvoid quiet(void) {}\n',
            "d.c": '#include "kms_u.h"\nvoid loud(void) {}\n',
            "e.c": 'void start(void) { sgx_create_enclave("x", 0, 0, 0, 0, 0); }\n',
            "f.c": 'void say(void) { host_log(0, "x"); }\n',
            "g.c": "int main(void) { return 0; }\n",
            "h.c": "int helper(void) { return 0; }\n",
        }
    )
    assert sides(program) == {
        "a.c": "trusted",
        "b.c": "untrusted",
        "c.c": "trusted",
        "d.c": "untrusted",
        "e.c": "untrusted",
        "f.c": "trusted",
        "g.c": "untrusted",
        "h.c": "undecided",
    }
    assert program.placements["a.c"].reason == "defines ECALL 'put'"
    (gap,) = (g for g in program.gaps if g.kind == "undecided-side")
    assert gap.path == "h.c"


def test_headers_go_where_they_are_used() -> None:
    program = build(
        {
            "kms.edl": EDL,
            "enclave/a.c": '#include "inner.h"\n#include "../common/shared.h"\n#include "kms_t.h"\n',
            "host/b.c": '#include "../common/shared.h"\n#include "kms_u.h"\n',
            "enclave/inner.h": "int inner(void);\n",
            "common/shared.h": "#define LIMIT 4\n",
            "common/shared.c": '#include "shared.h"\nint limit(void) { return LIMIT; }\n',
            "lib/wrap.h": '#include "kms_t.h"\n',
            "lib/deep.h": '#include "wrap.h"\n',
            "lib/user.c": '#include "deep.h"\nint user(void) { return 0; }\n',
        }
    )
    assert sides(program) == {
        "common/shared.c": "both",
        "common/shared.h": "both",
        "enclave/a.c": "trusted",
        "enclave/inner.h": "trusted",
        "host/b.c": "untrusted",
        "lib/deep.h": "trusted",
        "lib/user.c": "trusted",
        "lib/wrap.h": "trusted",
    }
    assert program.placements["lib/user.c"].reason == "includes 'deep.h', which includes 'kms_t.h'"


def test_a_header_written_by_hand_is_no_proxy_header() -> None:
    program = build(
        {
            "kms.edl": EDL,
            "core/a.c": '#include "kms_t.h"\n#include "net_t.h"\nvoid reset(void) {}\n',
            "net_t.h": "struct net { int port; };\n",
            "apart/b.c": '#include "../net_t.h"\n#include "kms_u.h"\n',
            "apart/c.c": '#include "../net_t.h"\nint helper(void) { return 0; }\n',
            "apart/d.c": '#include "other_t.h"\nint helper(void) { return 0; }\n',
        }
    )
    assert sides(program) == {
        "core/a.c": "trusted",
        "net_t.h": "both",
        "apart/b.c": "untrusted",
        "apart/c.c": "undecided",
        "apart/d.c": "trusted",
    }


def test_what_a_header_of_both_sides_includes_says_nothing() -> None:
    program = build(
        {
            "kms.edl": EDL,
            "enclave/a.c": '#include "kms_t.h"\n#include "../wire.h"\nvoid reset(void) {}\n',
            "enclave/c.c": '#include "../wire.h"\nint inner(void) { return 0; }\n',
            "wire.h": '#ifndef INSIDE\n#include "kms_u.h"\n#endif\n',
            "tools/b.c": '#include "../wire.h"\nint outer(void) { return 0; }\n',
        }
    )
    assert sides(program) == {
        "enclave/a.c": "trusted",
        "enclave/c.c": "trusted",
        "tools/b.c": "untrusted",
        "wire.h": "both",
    }
    assert program.placements["tools/b.c"].reason == "includes 'wire.h', which includes 'kms_u.h'"


def test_a_self_test_makes_no_program_of_a_library() -> None:
    program = build(
        {
            "kms.edl": EDL,
            "kms/a.c": '#include "kms_t.h"\nvoid reset(void) { digest(); }\n',
            "kms/digest.c": "int digest(void) { return 0; }\n#ifdef SELF_TEST\nint main(void) { return 0; }\n#endif\n",
            "kms/tool.c": "static int digest_file(void) { return 0; }\nint main(void) { return digest_file(); }\n",
            "kms/mock.c": "int main(void) { return host_log(0); }\n",
            "kms/test_a.c": "int digest_mock(void) { return 0; }\nint main(void) { return 0; }\n",
            "kms/b.c": '#include "kms_t.h"\nint inside(void) { return digest_mock(); }\n',
        }
    )
    assert sides(program) == {
        "kms/a.c": "trusted",
        "kms/b.c": "trusted",
        "kms/digest.c": "trusted",
        "kms/mock.c": "untrusted",
        "kms/test_a.c": "untrusted",
        "kms/tool.c": "untrusted",
    }


def test_users_of_a_file_speak_louder_than_its_name() -> None:
    program = build(
        {
            "kms.edl": EDL,
            "a.c": '#include "kms_u.h"\n#include "enclave_verify.h"\nvoid host_ping(void) {}\n',
            "enclave_verify.h": "int verify(void);\n",
            "enclave_verify.c": '#include "enclave_verify.h"\nint verify(void) { return 0; }\n',
            "trusted_loop.c": "int loop(void) { return 0; }\n",
            "b.c": '#include "kms_t.h"\nvoid reset(void) {}\n',
        }
    )
    assert sides(program) == {
        "a.c": "untrusted",
        "b.c": "trusted",
        "enclave_verify.c": "untrusted",
        "enclave_verify.h": "untrusted",
        "trusted_loop.c": "trusted",
    }


def test_a_header_of_the_edl_is_on_both_sides() -> None:
    edl = EDL.replace("enclave {", 'enclave { include "types.h"', 1)
    program = build({"kms.edl": edl, "enclave/types.h": "typedef int id_t;\n", "enclave/a.c": '#include "kms_t.h"\n'})
    assert program.side("enclave/types.h") is Side.BOTH


def test_folder_names_decide_last_and_the_parent_of_both_is_neutral() -> None:
    program = build(
        {
            "SampleEnclave/Enclave/kms.edl": EDL,
            "SampleEnclave/Enclave/a.c": "int a(void) { return 0; }\n",
            "SampleEnclave/App/b.c": "int b(void) { return 0; }\n",
            "SampleEnclave/App/c.c": "#include <sgx_tseal.h>\nint c(void) { return 0; }\n",
            "SampleEnclave/Include/d.c": "int d(void) { return 0; }\n",
        }
    )
    assert sides(program) == {
        "SampleEnclave/App/b.c": "untrusted",
        "SampleEnclave/App/c.c": "untrusted",
        "SampleEnclave/Enclave/a.c": "trusted",
        "SampleEnclave/Include/d.c": "undecided",
    }


def test_files_below_and_above_the_working_directory() -> None:
    program = build(
        {
            "kms.edl": EDL,
            "a.c": "int a(void) { return 0; }\n",
            "/src/kms/common/b.c": "int b(void) { return 0; }\n",
            "/src/kms/host/c.c": "int c(void) { return 0; }\n",
        }
    )
    assert sides(program) == {
        "/src/kms/common/b.c": "undecided",
        "/src/kms/host/c.c": "untrusted",
        "a.c": "undecided",
    }


def test_globs_beat_evidence() -> None:
    files = {"kms.edl": EDL, "src/a.c": "void reset(void) {}\n", "src/b.c": "int b(void) { return 0; }\n"}
    program = build(files, trusted=["src/b.c"], untrusted=["src/a*"])
    assert sides(program) == {"src/a.c": "untrusted", "src/b.c": "trusted"}
    assert program.implementation(program.interfaces[0].calls[1]) is None


def test_implementations_by_enclave() -> None:
    """Two enclaves declare the same name; each gets the function that is nearest or includes its header."""
    program = build(
        {
            "one/one.edl": EDL,
            "two/two.edl": EDL,
            "one/enclave/a.c": "void reset(void) {}\n",
            "two/enclave/a.c": "void reset(void) {}\n",
            "shared/host.c": '#include "two_u.h"\nvoid host_ping(void) {}\n',
        }
    )
    behind = {(i.interface.path, i.call.name): i.function.path for i in program.implementations}
    assert behind == {
        ("one/one.edl", "reset"): "one/enclave/a.c",
        ("two/two.edl", "reset"): "two/enclave/a.c",
        ("two/two.edl", "host_ping"): "shared/host.c",
    }


def test_implementations_of_all_kinds() -> None:
    program = build(
        {
            "kms.edl": EDL,
            "enclave/a.cpp": '#include "kms_t.h"\n'
            "#define reset reset_impl\n"
            "struct Store { int put(const unsigned char* data, unsigned long n); };\n"
            "int Store::put(const unsigned char* data, unsigned long n) { return 1; }\n"
            "int put(int only) { return only; }\n"
            'extern "C" int put(const unsigned char* data, unsigned long n) { return 0; }\n'
            "void reset_impl(void) {}\n",
            "host/b.cpp": '#include "kms_u.h"\n'
            "sgx_status_t put(sgx_enclave_id_t id, int* r, const unsigned char* data, unsigned long n) { return 0; }\n"
            "namespace app { static void host_ping(void) {} }\n",
        }
    )
    behind = {i.call.name: i.function for i in program.implementations}
    assert sorted(behind) == ["host_ping", "put", "reset"]
    assert behind["put"].span.line == 6
    assert behind["reset"].name == "reset_impl"
    assert program.side("host/b.cpp") is Side.UNTRUSTED


def test_generated_proxies_implement_nothing() -> None:
    proxy = '#include "kms_t.h"\nsgx_status_t host_log(int* r, const char* text) { return sgx_ocall(0, 0); }\n'
    program = build({"kms.edl": EDL, "kms_t.c": proxy + "int g_ecall_table[1];\n", "a.c": "void reset(void) {}\n"})
    assert program.side("kms_t.c") is Side.TRUSTED
    assert [i.call.name for i in program.implementations] == ["reset"]


def test_uses_look_through_macros() -> None:
    program = build(
        {
            "kms.edl": EDL,
            "enclave/a.c": '#include "kms_t.h"\n#define LOG(t) host_log(0, t)\nvoid reset(void) { LOG("x"); }\n',
            "host/b.c": '#include "kms_u.h"\nvoid go(int id) { reset(id); host_ping(); }\nvoid host_ping(void) {}\n',
        }
    )
    assert [(u.call.name, u.caller.name) for u in program.uses] == [("host_log", "reset"), ("reset", "go")]


def test_a_header_of_macros_that_stand_for_each_other_is_looked_through_to_its_end() -> None:
    # As many as this, and a walk from each of them to the end would never come back.
    count = 50_000
    chain = "".join(f"#define M{at}(t) M{at + 1}(t)\n" for at in range(count)) + f"#define M{count}(t) host_log(0, t)\n"
    program = build({"kms.edl": EDL, "enclave/a.c": f'#include "kms_t.h"\n{chain}void reset(void) {{ M0("x"); }}\n'})
    assert [(u.call.name, u.caller.name) for u in program.uses] == [("host_log", "reset")]


def crossings(program: Program, name: str) -> list[ProxyUse]:
    caller = function(program, name)
    proxies = Facts(program).get(Proxies)
    return [use for invoke in caller.body.invokes() if (use := proxies.of(invoke, caller)) is not None]


@pytest.mark.parametrize("dialect", [Dialect.INTEL, Dialect.OPEN_ENCLAVE, Dialect.SECGEAR])
def test_arguments_of_proxies(dialect: Dialect) -> None:
    program = build(
        {
            "kms.edl": EDL,
            "enclave/a.c": "void reset(void) {}\n"
            "int put(const unsigned char* data, unsigned long n) { return 0; }\n"
            'int inside(void) { int r; host_log(&r, "x"); host_ping(); put(0, 0); return r; }\n',
            "host/b.c": "int host_log(const char* text) { return 0; }\n"
            "int outside(int id, unsigned char* d) { int r; put(id, &r, d, 4); reset(id); host_log(0); return r; }\n",
        },
        dialect,
    )
    log, ping = crossings(program, "inside")
    assert (log.call.name, log.is_ecall, log.enclave, len(log.args)) == ("host_log", False, None, 1)
    assert isinstance(log.result, Address)
    assert (ping.call.name, ping.result, ping.args) == ("host_ping", None, ())
    put, reset = crossings(program, "outside")
    assert put.is_ecall
    assert isinstance(put.enclave, Place)
    data = put.argument("data")
    assert isinstance(data, Place)
    assert (data.root, reset.args) == ("d", ())


def test_a_wrong_shape_is_no_crossing() -> None:
    program = build({"kms.edl": EDL, "host/b.c": "void outside(int id) { reset(id, 1, 2); put(id); }\n"})
    assert crossings(program, "outside") == []


def test_vbs_stubs_are_called_directly() -> None:
    edl = "enclave { trusted { uint32_t Sum(uint32_t a, uint32_t b); }; untrusted { uint32_t Ask(uint32_t a); }; };\n"
    program = build(
        {
            "kms.edl": edl,
            "Enclave/a.cpp": "namespace kms { namespace Trusted { namespace Implementation {\n"
            "uint32_t Sum(uint32_t a, uint32_t b) { return kms::Untrusted::Stubs::Ask(a) + b; }\n}}}\n",
            "HostApp/b.cpp": "uint32_t kms::Untrusted::Implementation::Ask(uint32_t a) { return a; }\n"
            "uint32_t outside(Stub& stub) { return stub.Sum(1, 2); }\n",
        },
        Dialect.VBS,
    )
    assert [i.call.name for i in program.implementations] == ["Sum", "Ask"]
    (ask,) = crossings(program, "Sum")
    (total,) = crossings(program, "outside")
    assert ask.direct
    assert (total.call.name, len(total.args)) == ("Sum", 2)


def test_a_wrapper_of_an_ocall_is_inside() -> None:
    edl = "enclave { trusted { uint32_t Sum(uint32_t a); }; untrusted { uint32_t Ask(uint32_t a); }; };\n"
    program = build(
        {
            "kms.edl": edl,
            "lib/ask.vtl1.cpp": "uint32_t lib::Ask(uint32_t a) { return kms::Untrusted::Stubs::Ask(a); }\n",
            "host/b.cpp": "uint32_t kms::Untrusted::Implementation::Ask(uint32_t a) { return a; }\n",
        },
        Dialect.VBS,
    )
    assert sides(program) == {"host/b.cpp": "untrusted", "lib/ask.vtl1.cpp": "trusted"}


def test_a_copy_far_from_the_declaration_is_no_evidence() -> None:
    program = build(
        {
            "secure/enclave/kms.edl": EDL,
            "secure/enclave/a.c": "void reset(void) {}\n",
            "plain/copy.c": "void reset(void) {}\n",
            "plain/main.c": "int main(void) { reset(); return 0; }\n",
        }
    )
    assert sides(program) == {"plain/copy.c": "untrusted", "plain/main.c": "untrusted", "secure/enclave/a.c": "trusted"}
