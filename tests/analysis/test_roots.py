"""The locations of a state by name: the same as looking through all of them, whatever happened in between."""

from __future__ import annotations

import random

import pytest

from edlint.analysis.taint import roots
from edlint.analysis.taint.roots import Roots
from edlint.analysis.taint.state import State
from edlint.analysis.taint.symbols import Symbol
from edlint.analysis.taint.values import UNKNOWN

NAMES = "abc"


def looked_through(state: State, name: str) -> list[Symbol]:
    return [s for s in state.memory if s.name == name]


@pytest.mark.parametrize("seed", range(20))
def test_what_is_kept_in_order_is_what_is_there(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(roots, "_FEW", 2)
    monkeypatch.setattr(roots, "_OFTEN", 3)
    chance = random.Random(seed)
    all_ = [Symbol("local", name, -1, path) for name in NAMES for path in ((), ("x",), ("y",), ("x", "y"))]
    state = State()
    found = Roots(state)
    lengths = set()
    for _ in range(400):
        location = chance.choice(all_)
        if chance.random() < 0.6:
            state.memory[location] = UNKNOWN
        elif state.memory.pop(location, None) is not None:
            found.dropped(location)
        if chance.random() < 0.05:
            for old in list(state.memory)[:3]:
                del state.memory[old]
            found.dropped(None)
        if chance.random() < 0.5:
            name = chance.choice(NAMES)
            assert found.of(name) == looked_through(state, name)
            lengths.add(len(found.of(name)))
    assert len(lengths) > 2


def test_what_was_last_and_is_written_again_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roots, "_FEW", 0)
    monkeypatch.setattr(roots, "_OFTEN", 0)
    first, second, third = (Symbol("local", "a", -1, (step,)) for step in "xyz")
    state = State()
    found = Roots(state)
    state.memory.update({first: UNKNOWN, second: UNKNOWN})
    assert found.of("a") == [first, second]
    state.memory[third] = state.memory.pop(second)
    found.dropped(second)
    state.memory[second] = UNKNOWN
    assert found.of("a") == [first, third, second]
