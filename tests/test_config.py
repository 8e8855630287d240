"""`edlint.toml`: strict, with the line of every error; its JSON schema says the same."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

import edlint
from edlint.config import Config, ConfigError, Enclave, find_config, load_config, parse_config
from edlint.files import collect
from edlint.initial import draft
from edlint.project import Task, UsageError, plan, read

SCHEMA = json.loads((Path(edlint.__file__).parent / "edlint.schema.json").read_text(encoding="utf-8"))
WHOLE = """
sdk = "intel-sgx"
profile = "strict"
fail-on = "error"
select = ["taint", "interface"]
extend-select = ["host-errno"]
ignore = "unused-ocall"
baseline = "edlint-baseline.json"
trusted = ["enclave/**"]
untrusted = ["app/**"]
exclude = ["third_party/**"]
search-path = ["sdk/include"]
defines = ["DEBUG=1"]
models = ["models.toml"]

[limits]
ocalls = 12

[[enclave]]
edl = "a/a.edl"
sources = ["a"]

[[enclave]]
edl = ["b/b.edl"]
sources = ["b", "common"]
sdk = "open-enclave"
trusted = ["b/enc/**"]
"""

BAD = [
    ('selct = ["a"]', 1, "unknown key 'selct'; did you mean 'select'?"),
    ('\nsdk = "sgx"', 2, "'sdk' is one of auto, open-enclave, intel-sgx, secgear, vbs, not 'sgx'"),
    ("[limits]\nocals = 3", 2, "unknown key 'ocals'; did you mean 'ocalls'?"),
    ("[limits]\nocalls = -1", 2, "'ocalls' must be a number from 0"),
    ("[limits]\nocalls = true", 2, "'ocalls' must be a number from 0"),
    ('profile = "strikt"', 1, "did you mean 'strict'?"),
    (
        '[[enclave]]\nedl = "a"\n[[enclave]]\nedl = "b"\nsource = ["x"]',
        5,
        "unknown key 'source'; did you mean 'sources'?",
    ),
    ('[[enclave]]\nedl = "a"\n\n[[enclave]]\nsources = ["x"]', 4, "an [[enclave]] names its 'edl'"),
    ('edl = "a"', 1, "unknown key 'edl'"),
    ("select = [1]", 1, "'select' must be a list of texts"),
    ('[enclave]\nedl = "a"', 1, "[[enclave]]"),
    ("baseline = 3", 1, "'baseline' must be text"),
    ("a =", 1, "Invalid value"),
    ("limits = 3", 1, "[limits] is a table"),
    ("profile = [1]", 1, "'profile' must be text"),
]
HOSTILE = [
    "exclude = " + "[" * 5_000 + "]" * 5_000,
    "limits = { ocalls = " + "9" * 5_000 + " }",
    "profile." + "a." * 5_000 + "a = 1",
    "a" * 50_000 + " = 1",
    f"profile = '{'strict' * 10_000}'",
]


@pytest.mark.parametrize(("text", "line", "what"), BAD)
def test_errors_have_their_line(text: str, line: int, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "edlint.toml", Path())
    assert str(caught.value).startswith(f"edlint.toml:{line}: ")
    assert what in str(caught.value)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_files_are_errors_too(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "edlint.toml", Path())
    assert str(caught.value).startswith("edlint.toml:1: ")
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("data", [b"# \xff", "# é".encode("utf-16"), b"\0", None])
def test_no_text_is_an_error(data: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "edlint.toml"
    if data is not None:
        path.write_bytes(data)
    else:
        path.mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(path)


def test_whole() -> None:
    config = parse_config(WHOLE, "edlint.toml", Path("x"))
    assert config.limits == {"ocalls": 12}
    assert config.ignore == ("unused-ocall",)
    assert config.common.defines == ("DEBUG=1",)
    assert [e.edl for e in config.enclaves] == [("a/a.edl",), ("b/b.edl",)]
    assert config.enclaves[1].sdk == "open-enclave"


def test_schema_agrees() -> None:
    kind = jsonschema.validators.validator_for(SCHEMA)
    kind.check_schema(SCHEMA)
    assert list(kind(SCHEMA).iter_errors(tomllib.loads(WHOLE))) == []
    for text, _, what in BAD:
        if what != "Invalid value":
            assert list(kind(SCHEMA).iter_errors(tomllib.loads(text))), text


def test_the_nearest_file_counts(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (tmp_path / "a" / ".edlint.toml").touch()
    (tmp_path / "edlint.toml").touch()
    assert find_config(below) == tmp_path / "a" / ".edlint.toml"
    (below / ".git").mkdir()
    assert find_config(below) is None


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    for name in ("a/a.edl", "a/a.c", "b/b.edl", "b/enc/b.c", "common/x.c", "other/o.c", "other/o.edl"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return parse_config(WHOLE, "edlint.toml", tmp_path)


@pytest.mark.parametrize(
    ("given", "enclaves", "left"),
    [
        ([], ["a/a.edl", "b/b.edl"], 0),
        (["a/a.c"], ["a/a.edl"], 0),
        (["b/b.edl"], ["b/b.edl"], 0),
        (["common/x.c"], ["b/b.edl"], 0),
        (["."], ["a/a.edl", "b/b.edl"], 0),
        (["b"], ["b/b.edl"], 0),
        (["other/o.c"], [], 1),
        (["other/o.edl", "a/a.c"], ["a/a.edl", "other/o.edl"], 0),
    ],
)
def test_a_path_stands_for_its_enclave(project: Config, given: list[str], enclaves: list[str], left: int) -> None:
    tasks, gaps = plan([Path(g) for g in given], Path.cwd(), project, Enclave())
    assert [t.paths[0].as_posix() for t in tasks] == enclaves
    assert [g.kind for g in gaps] == ["no-enclave"] * left
    assert not any(g.fatal for g in gaps)


def test_options_of_the_enclave_win(project: Config) -> None:
    tasks, _ = plan([], Path.cwd(), project, Enclave(defines=("X",)))
    first, second = (t.options for t in tasks)
    assert (first.sdk, second.sdk) == ("intel-sgx", "open-enclave")
    assert second.trusted == ("b/enc/**", "enclave/**")
    assert second.defines == ("X", "DEBUG=1")
    tasks, _ = plan([], Path.cwd(), project, Enclave(sdk="secgear"))
    assert [t.options.sdk for t in tasks] == ["secgear", "secgear"]


def test_globs_follow_the_working_directory(project: Config) -> None:
    inside, _ = plan([], Path.cwd() / "b", project, Enclave())
    above, _ = plan([], Path.cwd().parent, project, Enclave())
    assert "enc/**" in inside[1].options.trusted
    assert f"{Path.cwd().name}/b/enc/**" in above[1].options.trusted


def test_a_path_that_does_not_exist(project: Config) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        plan([Path("nowhere.c")], Path.cwd(), project, Enclave())
    broken = parse_config('[[enclave]]\nedl = "gone.edl"\n', "edlint.toml", Path.cwd())
    with pytest.raises(ConfigError, match=r"'gone\.edl'"):
        plan([], Path.cwd(), broken, Enclave())


def test_a_draft_is_a_configuration(project: Config) -> None:
    Path("b/b.edl").write_text('enclave { from "a.edl" import *; };')
    config = parse_config(draft(Path.cwd()), "edlint.toml", Path.cwd())
    assert [e.edl for e in config.enclaves] == [("b/b.edl",), ("other/o.edl",)]
    tasks, _ = plan([], Path.cwd(), config, Enclave())
    assert len(tasks) == 2


def test_collect_takes_each_file_once(project: Config) -> None:
    for name in ("build/gen.c", ".git/x.c", "node_modules/y.c", "a/a.h", "a/readme.md", "a/enclave.config.xml"):
        path = Path(name)
        path.parent.mkdir(exist_ok=True)
        path.touch()
    files = collect([Path(), Path("a"), Path("a/a.c")], ("common/**",))
    assert [p.as_posix() for p in files.code] == ["a/a.c", "a/a.h", "b/enc/b.c", "other/o.c"]
    assert [p.as_posix() for p in files.settings] == ["a/enclave.config.xml"]
    assert [p.as_posix() for p in files.edls] == ["a/a.edl", "b/b.edl", "other/o.edl"]
    named = collect([Path("b/b.edl"), Path("common/x.c"), Path()], ("common/**",))
    assert [p.as_posix() for p in named.edls] == ["b/b.edl"]
    assert [p.as_posix() for p in named.other_edls] == ["a/a.edl", "other/o.edl"]
    assert Path("common/x.c") in named.code
    assert Path("common/x.c") not in collect([Path("common/x.c")], ("common/**",), force_exclude=True).code


def test_links_out_of_the_project_bring_no_more_than_some(
    project: Config, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = tmp_path_factory.mktemp("beside")
    for number in range(5):
        (beside / f"d{number}").mkdir()
        (beside / f"d{number}" / "x.c").write_text("int x;\n")
    Path("out").symlink_to(beside, target_is_directory=True)
    Path("system").symlink_to("/proc", target_is_directory=True)
    inside = [p for p in collect([Path()]).code if p.parts[0] != "out"]
    files = collect([Path()])
    assert [p.as_posix() for p in files.code if p not in inside] == [f"out/d{n}/x.c" for n in range(5)]
    assert files.closed == (Path("system"),)
    monkeypatch.setattr(edlint.files, "MAX_LINKED", 6)
    files = collect([Path()])
    assert [p.as_posix() for p in files.code if p not in inside] == ["out/d0/x.c", "out/d1/x.c"]
    assert files.closed == (Path("system"), Path("out"))
    assert [p for p in files.code if p.parts[0] != "out"] == inside


def test_a_folder_that_cannot_be_listed_is_told(project: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.scandir

    def refuse(path: str | os.PathLike[str]) -> Iterator[os.DirEntry[str]]:
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    files = collect([Path()])
    assert files.closed == (Path("b"),)
    (read_part,) = read(Task((Path("b"),), Enclave()), Path.cwd(), Config())
    assert [(g.path, g.kind) for g in read_part.gaps] == [("b", "unreadable-folder")]


def test_folders_are_entered_down_to_a_depth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(edlint.files, "MAX_LEVELS", 3)
    Path("p/a/b/c/d/e").mkdir(parents=True)
    for folder in ("p", "p/a/b/c", "p/a/b/c/d", "p/a/b/c/d/e"):
        Path(folder, "f.c").write_text("", "utf-8")
    files = collect((Path("p"),))
    assert files.code == (Path("p/f.c"), Path("p/a/b/c/f.c"))
    assert files.closed == (Path("p/a/b/c/d"),)
