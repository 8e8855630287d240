"""The models: what the loader refuses, and that what is shipped fits together."""

from __future__ import annotations

from pathlib import Path

import pytest

from edlint.files import rules_folder
from edlint.frontends.edl import EdlOptions, read_interface
from edlint.model.interface import Dialect
from edlint.model.sdk import Module, Row, Spot
from edlint.sdk import ModelError, load_sdk
from edlint.sdk.catalogue import read_catalogue
from edlint.sdk.models import check_used, read_kinds, read_model
from edlint.sdk.spots import read_spot
from edlint.source import Source

SDK = load_sdk()
HEAD = 'read-from = "our own helpers"\n[header."helpers.h"]\n'
ARITIES = {
    name: (int(count.rstrip("+")), count.endswith("+"))
    for name, count in (
        line.split()
        for line in (Path(__file__).parent / "arities.txt").read_text().splitlines()
        if not line.startswith("#")
    )
}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('read-from = "x"\ncolour = 1\n', 2, "unknown key 'colour' in the file."),
        ('[header."x.h"]\n', 1, "'read-from' is missing"),
        ('read-from = "x"\n[header."x.h"\n', 2, "not TOML"),
        (HEAD + "sinks = []\n", 3, "unknown key 'sinks' in helpers.h."),
        (
            HEAD + 'sink = [\n  { function = "put", kind = "copy-length", at = "arg[1]", size = "arg[0]" },\n]\n',
            4,
            "unknown key 'size' in the sink row of 'put'.",
        ),
        (
            HEAD + 'sink = [\n  { function = "get", kind = "copy-length", at = "arg[1]" },\n'
            '  { function = "put", kind = "copy-size", at = "arg[1]" },\n]\n',
            5,
            "the sink row of 'put' names the kind 'copy-size', which is not declared.",
        ),
        (
            HEAD + 'sink = [\n  { function = "put", kind = "plaintext", at = "arg[1]" },\n]\n',
            4,
            "the sink row of 'put' names the kind 'plaintext', which is a source.",
        ),
        (
            HEAD + 'source = [\n  { function = "get", kind = "plaintext", at = "arg[one]" },\n]\n',
            4,
            "'at' of the source row of 'get' is no place of a call: 'arg[one]'.",
        ),
        (
            HEAD + 'clean = [\n  { function = "wipe", kind = "wipe", at = "arg[*0]", written = "(" },\n]\n',
            4,
            "'written' of the clean row of 'wipe' is no regular expression: '('.",
        ),
        (HEAD + 'flow = [\n  { function = "move", from = "arg[1]" },\n]\n', 4, "the flow row of 'move' has no 'to'."),
        (HEAD + 'flow = [\n  { from = "arg[1]", to = "return" },\n]\n', 1, "has no 'function'."),
        (
            HEAD + 'guard = [\n  { function = "ok", kind = "outside-enclave", at = "arg[0]", when = "yes" },\n]\n',
            4,
            "'when' of the guard row of 'ok' is none of true, false, zero, nonzero, nonnull.",
        ),
        (HEAD + "noreturn = [1]\n", 3, "'noreturn' of helpers.h is no text and no list of texts."),
        ('read-from = "x"\nlibrary = "yes"\n', 2, "'library' is neither true nor false."),
        (HEAD + 'sink = "memcpy"\n', 3, "'sink' of helpers.h is no list."),
    ],
)
def test_a_bad_model_is_refused_with_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ModelError) as error:
        read_model(path, SDK.kinds)
    assert message in error.value.message
    assert error.value.line == line
    assert str(error.value).startswith(f"{path.as_posix()}:{line}: ")


def test_a_missing_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        load_sdk((tmp_path / "nowhere.toml",))


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('[a]\nrole = "origin"\ntitle = "A thing that is."\n', 2, "role of kind 'a' is none of"),
        ('[a]\nrole = "source"\ntitle = "thing"\n', 3, "title of kind 'a' is no sentence."),
        ('[a]\nrole = "clean"\ntitle = "A thing that is."\nclears = ["b"]\n', 4, "clears 'b', which is not declared."),
        ('[a]\nrole = "source"\nfamily = "x"\ntitle = "A thing that is."\n', 3, "unknown key 'family'"),
    ],
)
def test_a_bad_kind_is_refused_with_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    path = tmp_path / "kinds.toml"
    path.write_text(text)
    with pytest.raises(ModelError, match=message) as error:
        read_kinds(path)
    assert error.value.line == line


def test_a_kind_that_no_row_names_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kinds.toml"
    path.write_text('[a]\nrole = "source"\ntitle = "The first thing."\n\n[b]\nrole = "source"\ntitle = "The second."\n')
    rows = [Row("f", "source", "a", Spot(-1), header="f.h")]
    with pytest.raises(ModelError, match="'b' is declared but no row names it") as error:
        check_used(read_kinds(path), rows, path)
    assert error.value.line == 5


def test_a_users_model_adds_to_the_shipped_ones(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        HEAD + 'sink = [{ function = ["fill", "memcpy"], kind = "copy-length", at = "arg[2]", capacity = "arg[0]" }]\n'
        'noreturn = ["die"]\n'
    )
    sdk = load_sdk((path,))
    assert [str(row.capacity) for row in sdk.of("fill", "sink")] == ["arg[0]"]
    assert set(SDK.rows["memcpy"]) < set(sdk.rows["memcpy"])
    assert "die" in sdk.noreturn
    assert "die" not in SDK.noreturn
    assert "mbedtls_gcm_auth_decrypt" in sdk.library
    assert "fill" not in sdk.library
    assert "memcpy" in sdk.library, "its header says so, the rest of its file does not"
    assert "snprintf" not in sdk.library


@pytest.mark.parametrize(
    "text",
    ["arg[0]", "arg[*1]", "arg[2..]", "arg[*3..]", "arg[0].len", "arg[*1].len", "return", "*return", "receiver"],
)
def test_a_place_reads_back_as_written(text: str) -> None:
    assert str(read_spot(text)) == text


@pytest.mark.parametrize("text", ["arg", "arg[]", "arg[-1]", "arg[0", "arg[0].", "result", "arg[*]", "**return", ""])
def test_what_is_no_place_is_none(text: str) -> None:
    assert read_spot(text) is None


def test_rows_of_a_call() -> None:
    assert SDK.about("memcpy", "std::memcpy") == SDK.rows["memcpy"]
    assert SDK.about("string", "string", method=True, arguments=1)
    assert all(row.arguments in (-1, 2) for row in SDK.about("string", "std::string", method=True, arguments=2))
    assert SDK.about("read", "read", method=True) == ()
    assert SDK.about("c_str", "c_str", method=True) == SDK.rows[".c_str"]


def test_every_row_says_where_it_was_read() -> None:
    assert [row.function for rows in SDK.rows.values() for row in rows if not row.header] == []


def test_places_are_within_the_parameters_of_the_function() -> None:
    wrong = [
        f"{row.function} {row.word} {spot}"
        for name, rows in SDK.rows.items()
        if name in ARITIES
        for row in rows
        for spot in (row.at, row.to, row.extent, row.times, row.capacity)
        if spot is not None and spot.arg >= ARITIES[name][0] and not ARITIES[name][1]
    ]
    assert wrong == []
    assert sum(name in ARITIES for name in SDK.rows) > 600


def test_lengths_have_something_that_is_that_long() -> None:
    lengths = ("copy-length", "crypto-length", "unbounded-copy")
    assert [
        row.function for rows in SDK.rows.values() for row in rows if row.kind in lengths and row.capacity is None
    ] == []


def test_every_status_type_has_a_spelling_of_success() -> None:
    assert {s for s in SDK.statuses.values() if s != "int"} <= set(SDK.success)


def test_kinds_that_flow_pages_name_are_declared() -> None:
    import tomllib

    for page in sorted(rules_folder().glob("*/*.md")):
        flow = tomllib.loads(page.read_text("utf-8").split("+++")[1]).get("flow", {})
        assert {*flow.get("from", ()), *flow.get("to", ())} <= set(SDK.kinds), page.name


def read(module: Module, dialect: Dialect | None = None) -> tuple[list[str], set[str]]:
    options = EdlOptions(
        dialect=dialect or Dialect(module.sdk),
        library=True,
        modules=SDK.modules,
        defines=frozenset({"OE_SGX_ENTROPY"}),
    )
    interface = read_interface(Source(module.path, module.text), options)
    problems = [f"{p.span!r}: {p.message}" for p in interface.problems + interface.notes]
    return problems, {call.name for call in interface.calls}


@pytest.mark.parametrize("module", SDK.modules, ids=lambda module: module.path)
def test_a_system_edl_is_read_without_problems(module: Module) -> None:
    problems, names = read(module)
    assert problems == []
    assert {*module.needs, *module.links, *module.required} <= names


def test_the_umbrella_files_bring_what_they_gather() -> None:
    by_path = {module.path: module for module in SDK.modules}
    assert read(by_path["platform.edl"])[1] == read(by_path["openenclave/edl/sgx/platform.edl"])[1]
    _, names = read(by_path["openenclave/edl/syscall.edl"])
    assert len(names) == 73
    assert "oe_syscall_recv_ocall" in names


def test_every_ocall_of_a_system_edl_says_who_needs_it() -> None:
    silent = {"oe_sgx_log_backtrace_ocall", "oe_sgx_get_additional_host_entropy_ocall", "u_sgxssl_getpid"}
    # A VBS import cannot name calls, so nothing depends on who needs them.
    for module in (m for m in SDK.modules if m.sdk != "vbs"):
        text = module.text.split("untrusted", 1)
        declared = {*module.needs, *module.links, *module.required}
        if len(text) == 2:
            called = {line.split("(")[0].split()[-1] for line in text[1].splitlines() if "(" in line}
            assert called - declared - silent <= {"oe_syscall_shutdown_sockets_device_ocall"}, module.path


def test_a_bad_catalogue_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'sdk = "intel-sgx"\nversion = "1"\nread-from = "x"\n[module."a.edl"]\nocalls = [\n'
        '  { name = "f", result = "void" },\n  { name = "g", result = "void", needed = ["h"] },\n]\n'
    )
    with pytest.raises(ModelError, match="unknown key 'needed' in call 'g'") as error:
        read_catalogue(path)
    assert error.value.line == 7
