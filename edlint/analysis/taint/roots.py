"""The locations of one state by the name that they start with."""

from __future__ import annotations

from edlint.analysis.taint.state import State
from edlint.analysis.taint.symbols import Symbol

_FEW = 64
"""Locations that are looked through each time."""
_OFTEN = 8
"""Questions from which on it pays to put the locations of many in order."""


class Roots:
    """Finds the locations of a name while a state changes.

    A long block without branches asks for each of its statements: looking through all locations each time is most of
    what such a statement costs.
    """

    __slots__ = ("_asked", "_known", "_last", "_state")

    def __init__(self, state: State) -> None:
        self._state = state
        self._known: dict[str, dict[Symbol, None]] = {}
        self._last: Symbol | None = None
        """The one that came last when the locations were last put in order."""
        self._asked = 0

    def inside(self, location: Symbol) -> list[Symbol]:
        """The locations that are part of another one, or lie behind it, in the same order."""
        kind, name, number, path = location
        depth = len(path)
        return [
            other
            for other in self.of(name)
            if other.number == number and other.kind == kind and len(other.path) > depth and other.path[:depth] == path
        ]

    def of(self, name: str) -> list[Symbol]:
        """The locations that start with a name, in the order in which they were written first."""
        memory = self._state.memory
        if len(memory) < _FEW or self._asked < _OFTEN:
            self._asked += 1
            return [s for s in memory if s.name == name]
        self._extend()
        # What was forgotten since is still among those that are known.
        return [s for s in self._known.get(name, ()) if s in memory]

    def dropped(self, location: Symbol | None) -> None:
        """A location was forgotten, or None for several: written again it comes behind others."""
        if location is None or location == self._last:
            self._last = None

    def _extend(self) -> None:
        """Take in what was written since the last time; all of it when the one that was last then was forgotten."""
        added: list[Symbol] = []
        for location in reversed(self._state.memory):
            if location is self._last:
                break
            added.append(location)
        if not added:
            return
        self._last = added[0]
        for location in reversed(added):
            known = self._known.setdefault(location.name, {})
            # What was forgotten and written again comes behind the others, as it does in memory.
            known.pop(location, None)
            known[location] = None
