"""Automata that are kept between runs: the same as built ones, and never trusted blindly."""

from __future__ import annotations

from pathlib import Path

import pytest

from edlint.frontends.edl import automaton as module
from edlint.frontends.edl.automaton import automaton, build, load, save

GRAMMARS = Path(module.__file__).parent / "grammars"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    automaton.cache_clear()
    return tmp_path / "edlint"


@pytest.mark.parametrize("name", ["intel", "open_enclave", "vbs"])
def test_a_kept_automaton_is_the_built_one(folder: Path, name: str) -> None:
    made = automaton(name)
    automaton.cache_clear()
    assert len(list(folder.iterdir())) == 1
    assert automaton(name) == made
    built = build((GRAMMARS / f"{name}.lark").read_text("utf-8"))
    assert sorted(r.handler for r in built.rules) == sorted(r.handler for r in made.rules)
    assert len(built.actions) == len(made.actions)


@pytest.mark.parametrize("text", ["", "[]", "{", "[[], [], [], [], 0, 0]", '[[{"A": 9}], [{}], [-1], [], 0, 0]', "7"])
def test_what_is_no_automaton_is_built_anew(folder: Path, text: str) -> None:
    states = len(automaton("vbs").actions)
    (store,) = folder.iterdir()
    store.write_text(text, encoding="utf-8")
    assert load(store) is None
    automaton.cache_clear()
    made = automaton("vbs")
    assert len(made.actions) == states
    assert load(store) == made


def test_a_folder_that_cannot_be_written_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "edlint").write_text("a file", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    automaton.cache_clear()
    assert automaton("vbs").rules
    save(tmp_path / "edlint" / "vbs.json", automaton("vbs"))
    assert not (tmp_path / "edlint").is_dir()
