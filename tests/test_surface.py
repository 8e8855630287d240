"""What the rules about the surface say beyond yes or no: counts, reasons, suggested changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from edlint.catalog import load_catalog
from edlint.config import Config
from edlint.driver import Request, run
from edlint.finding import Finding

SERVER = """\
#include <sys/socket.h>
#include <openenclave/enclave.h>
#include "srv_t.h"

#define TRACE(...) printf(__VA_ARGS__)

int serve(int port)
{
    if (oe_load_module_host_socket_interface() != OE_OK)
        return -1;
    TRACE("port %d\\n", port);
    return socket(AF_INET, SOCK_STREAM, 0);
}
"""


def lint(folder: Path, rule: str, files: dict[str, str]) -> list[Finding]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    request = Request(paths=(Path(),), base=folder, config=Config(folder=folder), select=(rule,))
    return list(run(request, load_catalog()).findings)


def changed(finding: Finding, text: str) -> str:
    """The text with the suggested change applied."""
    assert finding.fix is not None
    for edit in sorted(finding.fix.edits, key=lambda e: -e.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_suggested_list_holds_what_is_reached_and_what_the_loaded_module_links(tmp_path: Path) -> None:
    edl = 'enclave {\n  from "openenclave/edl/syscall.edl" import *;\n  trusted { public int serve(int port); };\n};\n'
    files = {"srv.edl": edl, "enclave/srv.c": SERVER}
    (finding,) = lint(tmp_path, "wildcard-import", files)
    assert "brings 73 calls, of which the code reaches 3: " in finding.message
    for name in ("oe_syscall_writev_ocall", "oe_syscall_socket_ocall", "oe_syscall_close_socket_ocall"):
        assert f"'{name}'" in finding.message
    assert finding.notes == (
        "'oe_load_module_host_socket_interface' does not link without 18 calls more, which the suggested list keeps.",
    )
    listed = changed(finding, edl).split(" import ")[1].split(";")[0].split(", ")
    assert len(listed) == 21
    assert "oe_syscall_accept_ocall" in listed
    assert "oe_syscall_open_ocall" not in listed
    files["srv.edl"] = changed(finding, edl)
    assert lint(tmp_path, "wildcard-import", files) == []
    assert lint(tmp_path, "invalid-interface", files) == []


def test_a_function_that_is_handed_on_by_name_is_reached(tmp_path: Path) -> None:
    edl = 'enclave {\n  from "openenclave/edl/socket.edl" import *;\n  trusted { public int serve(int port); };\n};\n'
    code = """#include <mbedtls/ssl.h>
#include <openenclave/enclave.h>
#include "srv_t.h"
int serve(int port)
{
    int send = port;
    mbedtls_ssl_set_bio(&session, &line, mbedtls_net_send, mbedtls_net_recv, NULL);
    return send;
}
"""
    (finding,) = lint(tmp_path, "wildcard-import", {"srv.edl": edl, "enclave/srv.c": code})
    assert "of which the code reaches 2: 'oe_syscall_recv_ocall', 'oe_syscall_send_ocall'." in finding.message


def test_another_way_to_open_a_protected_file_reaches_what_all_need(tmp_path: Path) -> None:
    edl = 'enclave {\n  from "sgx_tprotected_fs.edl" import *;\n  trusted { public int store(int key); };\n};\n'
    code = """#include "sgx_tprotected_fs.h"
#include "store_t.h"
int store(int key)
{
    SGX_FILE* file = sgx_fopen_with_tag("store", "w", key);
    return file == NULL ? -1 : 0;
}
"""
    (finding,) = lint(tmp_path, "wildcard-import", {"store.edl": edl, "enclave/store.c": code})
    assert "'u_sgxprotectedfs_exclusive_file_map'" in finding.message
    assert finding.notes[0].startswith("'sgx_fopen_with_tag' does not link without")


def test_an_import_of_which_nothing_is_reached_is_removed(tmp_path: Path) -> None:
    edl = 'enclave {\n    from "openenclave/edl/fcntl.edl" import *;\n    trusted { public int one(void); };\n};\n'
    code = '#include "one_t.h"\nint one(void) { return 1; }\n'
    (finding,) = lint(tmp_path, "wildcard-import", {"one.edl": edl, "enclave/one.c": code})
    assert (
        finding.message == "The import of 'openenclave/edl/fcntl.edl' brings 28 calls, none of which the code reaches."
    )
    assert "import" not in changed(finding, edl)


def test_an_installed_sdk_counts_as_the_sdk(tmp_path: Path) -> None:
    system = (
        "enclave { untrusted { void oe_log_ocall(uint32_t level); int oe_syscall_kill_ocall(int pid, int signum); "
        "int oe_syscall_poke_ocall(int pid); int oe_syscall_prod_ocall(int pid); }; };\n"
    )
    edl = 'enclave {\n    from "openenclave/edl/signal.edl" import *;\n    trusted { public int one(void); };\n};\n'
    files = {
        "edlint.toml": 'sdk = "open-enclave"\nsearch-path = ["sdk/include"]\nexclude = ["sdk"]\n',
        "sdk/include/openenclave/edl/signal.edl": system,
        "one.edl": edl,
        "enclave/one.c": '#include "one_t.h"\nint one(void) { return kill(1, 2); }\n',
    }
    from edlint.config import parse_config

    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    config = parse_config(files["edlint.toml"], "edlint.toml", tmp_path)
    request = Request(paths=(Path(),), base=tmp_path, config=config, select=("wildcard-import",))
    (finding,) = run(request, load_catalog()).findings
    assert "brings 4 calls, of which the code reaches 2: 'oe_log_ocall', 'oe_syscall_kill_ocall'." in finding.message


def test_a_second_import_is_the_one_to_go(tmp_path: Path) -> None:
    edl = 'enclave {\n    from "sgx_tstdc.edl" import *;\n    from "sgx_tstdc.edl" import *;\n};\n'
    (finding,) = lint(tmp_path, "redundant-import", {"one.edl": edl})
    assert finding.primary.span.line == 3
    assert changed(finding, edl).count("import") == 1


def test_a_dangerous_ocall_shows_the_way_to_the_shell(tmp_path: Path) -> None:
    edl = "enclave {\n    untrusted { void run_it([in, string] const char* text); };\n};\n"
    host = (
        '#include "one_u.h"\nstatic void shell(const char *line) { char all[99]; '
        'snprintf(all, 99, "sh -c %s", line); system(all); }\nvoid run_it(const char *text) { shell(text); }\n'
    )
    (finding,) = lint(tmp_path, "dangerous-ocall", {"one.edl": edl, "host/one.c": host})
    assert [label.span.path for label in finding.path] == ["one.edl", "host/one.c", "host/one.c", "host/one.c"]
    assert finding.path[-1].text == "'system' in 'shell'"


def test_helpers_that_call_each_other_come_to_an_end(tmp_path: Path) -> None:
    edl = "enclave {\n    untrusted { void run_it([in, string] const char* text); };\n};\n"
    host = (
        '#include "one_u.h"\nvoid a(const char *t) { b(t); }\nvoid b(const char *t) { a(t); }\n'
        "void run_it(const char *text) { a(text); }\n"
    )
    assert lint(tmp_path, "dangerous-ocall", {"one.edl": edl, "host/one.c": host}) == []


def test_an_ocall_that_the_sdk_declares_is_not_the_author_s(tmp_path: Path) -> None:
    edl = 'enclave {\n  from "sgx_tsgxssl.edl" import *;\n  trusted { public int serve(int port); };\n};\n'
    host = """#include <stdio.h>
#include <stdint.h>
#include "srv_u.h"
uint64_t* u_sgxssl_fopen(const char* filename, const char* mode)
{
    return (uint64_t*)fopen(filename, mode);
}
"""
    assert lint(tmp_path, "dangerous-ocall", {"srv.edl": edl, "host/file.c": host}) == []
    own = edl.replace("  trusted", "  untrusted { uint64_t open_file([in, string] const char* filename); };\n  trusted")
    more = "uint64_t open_file(const char* filename)\n{\n    return (uint64_t)fopen(filename, 0);\n}\n"
    (finding,) = lint(tmp_path, "dangerous-ocall", {"srv.edl": own, "host/file.c": host + more})
    assert "'open_file'" in finding.message
