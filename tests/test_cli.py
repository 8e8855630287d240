"""The command line at its door: commands, options, exit codes, and input that is not what it should be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import edlint
from edlint.__main__ import main
from edlint.cli import VIEWS, cli

BAD = """enclave {
    trusted {
        public int put([user_check] uint8_t* p);
    };
};
"""
GOOD = """enclave {
    trusted {
        public int put([in, size=n] const uint8_t* p, size_t n);
    };
};
"""
CODE = """#include "enclave_t.h"
int put(const uint8_t *p, size_t n)
{
    if (p == NULL || n == 0)
        return 1;
    return p[0];
}
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs edlint in an empty folder; gives exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "EDLINT_FORMAT"):
        monkeypatch.delenv(name, raising=False)

    def go(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments))
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return go


def write(name: str, text: str | bytes) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def test_findings_end_with_one(run: Run) -> None:
    write("enclave.edl", BAD)
    code, out, _ = run("enclave.edl", "--sdk", "intel-sgx")
    assert code == 1
    assert "warning[user-check-pointer]: " in out
    assert "--> enclave.edl:3:" in out
    assert "1 finding: 1 warning" in out


def test_quiet_ends_with_zero(run: Run) -> None:
    write("enclave.edl", GOOD)
    code, out, _ = run("enclave.edl", "--sdk", "open-enclave")
    assert code == 0
    assert out.startswith("0 findings")
    assert "Open Enclave EDL" in out


@pytest.mark.parametrize(("level", "code"), [("error", 0), ("warning", 1), ("note", 1), ("never", 0)])
def test_fail_on(run: Run, level: str, code: int) -> None:
    write("enclave.edl", BAD)
    assert run("enclave.edl", "--fail-on", level, "--select", "user-check-pointer")[0] == code


@pytest.mark.parametrize("name", ["full", "concise", "json", "jsonl", "sarif", "github", "markdown"])
def test_exit_code_is_the_same_for_every_format(run: Run, name: str) -> None:
    write("enclave.edl", BAD)
    code, out, _ = run("enclave.edl", "--format", name, "--sdk", "intel-sgx")
    assert code == 1
    assert "user-check-pointer" in out


def test_a_missing_path_is_a_usage_error(run: Run) -> None:
    code, out, err = run("nowhere.edl")
    assert (code, out) == (2, "")
    assert err == "edlint: nowhere.edl: no such file or folder\n"


def test_no_path_and_no_configuration(run: Run) -> None:
    code, _, err = run()
    assert code == 2
    assert "no PATH is given" in err


@pytest.mark.parametrize("option", ["--select", "--ignore", "--extend-select"])
def test_unknown_rule(run: Run, option: str) -> None:
    write("enclave.edl", GOOD)
    code, _, err = run("enclave.edl", option, "user-check")
    assert code == 2
    assert "no rule or family is named 'user-check'" in err


def test_unknown_option(run: Run) -> None:
    code, _, err = run("--colour", "x")
    assert code == 2
    assert "--colour" in err


def test_a_family_is_selected_by_its_name(run: Run) -> None:
    write("enclave.edl", BAD)
    assert "user-check-pointer" in run("enclave.edl", "--select", "interface")[1]
    assert run("enclave.edl", "--select", "interface", "--ignore", "user-check-pointer,foreign-pointer")[0] == 0


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
    code, out, _ = run("p", "--sdk", "intel-sgx", "--format", "json")
    assert code == 1
    report = json.loads(out)
    assert [f["file"] for f in report["findings"]] == ["p/enclave.edl"]
    assert {g["file"] for g in report["gaps"]} == {"p/gone.c"}


@pytest.mark.parametrize(
    ("encode", "column"),
    [
        (lambda text: text.replace("\n", "\r\n").encode(), 24),
        (lambda text: text.replace("\n", "\r").encode(), 24),
        (lambda text: text.replace("int put", "int /* \xe9\xff */ put").encode("latin-1"), 33),
        (lambda text: b"\xff\xfe" + text.encode("utf-16-le"), 24),
        (lambda text: b"\xfe\xff" + text.encode("utf-16-be"), 24),
        (lambda text: b"\xef\xbb\xbf" + text.encode(), 24),
        (lambda text: text.replace("int put", "int /* \U0001f600 */ put").encode(), 32),
    ],
    ids=["crlf", "cr", "latin-1", "utf-16-le", "utf-16-be", "utf-8-bom", "astral"],
)
def test_encodings_and_line_ends(run: Run, encode: Callable[[str], bytes], column: int) -> None:
    write("enclave.edl", encode(BAD))
    code, out, _ = run("enclave.edl", "--sdk", "intel-sgx", "--select", "user-check-pointer", "--format", "json")
    assert code == 1
    place = json.loads(out)["findings"][0]
    assert (place["line"], place["column"]) in {(3, column), (3, column + 1), (3, column + 22)}


def test_a_hostile_source_moves_no_cursor(run: Run) -> None:
    write("enclave.edl", BAD.replace("put", "/* \x1b[2J\x9b31m\u202e */ put"))
    for name in ("full", "concise", "markdown"):
        _, out, _ = run("enclave.edl", "--sdk", "intel-sgx", "--format", name)
        assert not {"\x1b", "\x9b", "\u202e"} & set(out)


def test_a_path_wins_over_a_command(run: Run) -> None:
    write("rules/enclave.edl", BAD)
    code, out, _ = run("rules", "--sdk", "intel-sgx")
    assert code == 1
    assert "rules/enclave.edl:3" in out


def test_rules_and_explain(run: Run) -> None:
    code, out, _ = run("rules", "--format", "json")
    assert code == 0
    for row in json.loads(out):
        code, page, _ = run("explain", row["name"])
        assert code == 0
        assert page.startswith(f"# {row['name']}: {row['title']}\n")
        assert "## Remedy" in page
        assert "// expect" not in page
    assert "interface/" in run("rules")[1]


def test_explain_suggests(run: Run) -> None:
    code, _, err = run("explain", "user-check-poiner")
    assert code == 2
    assert "Did you mean 'user-check-pointer'?" in err


def test_outputs_beside_the_report(run: Run) -> None:
    write("enclave.edl", BAD)
    code, out, _ = run("enclave.edl", "--output", "sarif:a.sarif", "--output", "json:b.json", "--color", "always")
    assert code == 1
    assert "\x1b[1;33m" in out
    assert json.loads(Path("a.sarif").read_text())["version"] == "2.1.0"
    assert "\x1b" not in Path("b.json").read_text()


@pytest.mark.parametrize("word", ["a.sarif", "sarif:", "yaml:x", "sarif:no/where.sarif"])
def test_bad_output(run: Run, word: str) -> None:
    write("enclave.edl", BAD)
    assert run("enclave.edl", "--output", word)[0] == 2


@pytest.mark.parametrize(
    ("environment", "colored"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "0"}, False),
    ],
)
def test_color_switches(run: Run, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], colored: bool) -> None:
    write("enclave.edl", BAD)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in run("enclave.edl")[1]) is colored


def test_a_rule_that_raises_ends_with_four(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import edlint.checks.user_check_pointer as module

    def check() -> None:
        raise ValueError("boom")

    monkeypatch.setattr(module, "check", check)
    write("enclave.edl", BAD.replace("};\n};", "    public int get(char* p[3]);\n    };\n};"))
    code, out, _ = run("enclave.edl", "--sdk", "open-enclave")
    assert code == 4
    assert "rule 'user-check-pointer' failed: ValueError: boom" in out
    assert "unattributed-pointer" in out, "the other rules still run"


def test_an_internal_error_ends_with_four(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import edlint.driver

    def broken(request: object) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(edlint.driver, "run", broken)
    write("enclave.edl", GOOD)
    code, out, err = run("enclave.edl")
    assert (code, out) == (4, "")
    assert "internal error: ZeroDivisionError: boom" in err
    assert "--debug" in err


def test_an_interruption(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import edlint.driver

    def interrupted(request: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(edlint.driver, "run", interrupted)
    write("enclave.edl", GOOD)
    assert run("enclave.edl")[0] == 130


def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    (tmp_path / "enclave.edl").write_text(BAD)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "edlint", "enclave.edl", "--sdk", "intel-sgx"],
        cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": package_root()},
        check=False,
    )  # fmt: skip
    os.close(writing)
    assert done.stderr == b""
    assert done.returncode == 1


def package_root() -> str:
    return str(Path(edlint.__file__).parent.parent)


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, edlint.__main__; print(sorted({m.partition('.')[0] for m in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"lark", "pycparser", "pcpp", "tree_sitter", "sarif_om", "subprocess"} & set(eval(done.stdout))


def test_interface_alone_needs_no_parser_of_c(tmp_path: Path) -> None:
    (tmp_path / "enclave.edl").write_text(GOOD)
    code = (
        "import sys; from edlint.__main__ import main; main(['enclave.edl']); "
        "print(sorted({m.partition('.')[0] for m in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert not {"sarif_om", "pcpp"} & set(eval(done.stderr))


def test_every_option_is_explained() -> None:
    for name, command in cli.commands.items():
        assert command.help, name
        for parameter in command.params:
            if parameter.param_type_name == "option":
                assert getattr(parameter, "help", None) or getattr(parameter, "show_default", None), parameter.name


def test_same_input_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "enclave.edl").write_text(BAD)
    (tmp_path / "enclave").mkdir()
    (tmp_path / "enclave" / "put.c").write_text(CODE)
    seen = set()
    for seed in ("0", "1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "edlint", ".", "--format", "sarif", "--profile", "audit"],
            cwd=tmp_path, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": package_root()},
            check=False,
        )  # fmt: skip
        seen.add(done.stdout)
    assert len(seen) == 1


@pytest.mark.parametrize("view", VIEWS)
def test_views(run: Run, view: str) -> None:
    write("enclave.edl", GOOD)
    write("enclave/put.c", CODE)
    code, text, _ = run("show", view, ".", "--sdk", "intel-sgx")
    assert code == 0
    assert text.endswith("\n")
    code, data, _ = run("show", view, ".", "--sdk", "intel-sgx", "--format", "json")
    assert code == 0
    json.loads(data)
    if view != "taint":
        assert "put" in text and "put" in data


def test_doctor(run: Run) -> None:
    write("enclave.edl", GOOD)
    write("enclave/put.c", CODE)
    code, out, _ = run("doctor", ".", "--sdk", "intel-sgx")
    assert code == 0
    assert "enclave/put.c" in out and "trusted" in out
    assert run("doctor", "enclave.edl", "nothing.c")[0] == 2


def test_init(run: Run) -> None:
    write("kms/enclave.edl", GOOD)
    write("kms/enclave/put.c", CODE)
    code, text, _ = run("init", "--print")
    assert code == 0 and not Path("edlint.toml").exists()
    assert run("init")[0] == 0
    assert Path("edlint.toml").read_text() == text
    assert run("init")[0] == 2, "an existing file is not overwritten"
    code, out, _ = run("--sdk", "intel-sgx")
    assert code == 0
    assert "kms/enclave.edl" in out
