"""The command line: commands, options, exit codes, what is imported and when."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from shell import BAD, CODE, GOOD, Run, write

import edlint
from edlint.cli import VIEWS, cli


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
