"""What may hold something of the boundary: which parameters of which functions, and which globals.

What only other parameters and globals decide is worth no note: nothing that the host chose takes part, and no secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from edlint.analysis.taint.state import State
from edlint.analysis.taint.symbols import REST, SECRETS, THIS, Symbol, plain_kind
from edlint.analysis.taint.values import Value
from edlint.model.unit import Function

Slot = tuple[Function | None, int | str]
"""A parameter of a function by its position, or a global by its name."""

TIME = "host-time"
"""The kind of sources that matters to decisions only."""

IDLE = frozenset((*SECRETS, "host-entropy", "weak-random", "padding-cipher", TIME))
"""Kinds of sources that nobody takes for an address or a length."""

_Root = tuple[str, str, int]
"""A symbol without its path."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What may hold something of the boundary: positions of parameters of one function, and names of globals."""

    params: frozenset[int]
    globals: frozenset[str]
    idle: frozenset[str] = IDLE
    """Kinds of sources that do not count."""

    def has(self, symbol: Symbol) -> bool:
        """Whether a symbol may be, or derive from, something of the boundary."""
        match plain_kind(symbol):
            case "param":
                return symbol.number in self.params
            case "global":
                return symbol.name in self.globals
            case kind:
                return kind == "source" and symbol.name not in self.idle


NOTHING = Wanted(frozenset(), frozenset())


class Reach:
    """Collects at every call and at every store to a global what was given, or could be found from it in memory."""

    def __init__(self) -> None:
        self._used: set[Slot] = set()
        """Given something that came in and may be an address or a length."""
        self._timed: set[Slot] = set()
        """Given the host's time."""
        self._from: dict[Slot, set[Slot]] = {}
        """By parameter or global: the parameters and globals out of which it was given something."""

    def passed(self, leads: Leads, callees: Iterable[Function], args: Iterable[Value], receiver: Value | None) -> None:
        """Note a call."""
        values = tuple(args)
        for callee in callees:
            for position, value in _given(callee, values, receiver):
                self._note((callee, position), value, leads)

    def kept(self, leads: Leads, location: Symbol, value: Value) -> None:
        """Note a store to a global."""
        slot = (None, location.name)
        term = value.term
        if term is not None and term.constant > 0 and term.vector == ((location, 1),):
            # A counter: the host decides how often it calls.
            self._used.add(slot)
        self._note(slot, value, leads)

    def _note(self, slot: Slot, value: Value, leads: Leads) -> None:
        if slot in self._used:
            return
        found, used, timed = leads.of(value)
        if used:
            self._used.add(slot)
            return
        if timed:
            self._timed.add(slot)
        if found:
            self._from.setdefault(slot, set()).update(found)

    def wanted(
        self, entries: Iterable[Function], functions: Iterable[Function]
    ) -> dict[Function, tuple[Wanted, Wanted]]:
        """By function: what addresses and lengths of the boundary may get into, and what decisions may depend on.

        That is all that entries are given.
        """
        onward: dict[Slot, list[Slot]] = {}
        for slot, givers in self._from.items():
            for giver in givers:
                onward.setdefault(giver, []).append(slot)
        used = {*self._used, *((f, position) for f in entries for position in (THIS, REST, *range(len(f.params))))}
        first = _spread(used, onward)
        second = _spread(used | self._timed, onward)
        names = [frozenset(str(name) for function, name in found if function is None) for found in (first, second)]
        params: list[dict[Function | None, set[int]]] = [{}, {}]
        for known, found in zip(params, (first, second), strict=True):
            for function, position in found:
                if isinstance(position, int):
                    known.setdefault(function, set()).add(position)
        return {
            f: (
                Wanted(frozenset(params[0].get(f, ())), names[0]),
                Wanted(frozenset(params[1].get(f, ())), names[1], IDLE - {TIME}),
            )
            for f in functions
        }


def _spread(start: Iterable[Slot], onward: Mapping[Slot, Iterable[Slot]]) -> set[Slot]:
    found: set[Slot] = set()
    pending = [*start]
    while pending:
        slot = pending.pop()
        if slot not in found:
            found.add(slot)
            pending.extend(onward.get(slot, ()))
    return found


def _given(callee: Function, args: tuple[Value, ...], receiver: Value | None) -> Iterator[tuple[int, Value]]:
    if receiver is not None:
        yield THIS, receiver
    count = len(callee.params)
    for position, value in enumerate(args):
        yield (position if position < count else REST), value


class Leads:
    """What can be found from values in one state."""

    def __init__(self, function: Function, origin: Callable[[Symbol], Iterable[Symbol]], state: State) -> None:
        self._function = function
        self._origin = origin
        self._state = state
        self._memory: dict[_Root, list[Value]] | None = None
        self._known: dict[_Root, list[Symbol]] = {}

    def of(self, value: Value) -> tuple[set[Slot], bool, bool]:
        """The parameters and globals that lead there; whether addresses and lengths of the boundary do, or its time."""
        found: set[Slot] = set()
        timed = False
        seen: set[_Root] = set()
        pending = _symbols(value)
        while pending:
            symbol = pending.pop()
            kind = symbol.kind
            root = symbol[:3]
            if "-" in kind:
                kind = plain_kind(symbol)
                root = (kind, symbol.name, symbol.number)
            if root in seen:
                continue
            seen.add(root)
            match kind:
                case "source" if symbol.name in IDLE:
                    timed = timed or symbol.name == TIME
                case "source":
                    return found, True, timed
                case "param":
                    found.add((self._function, symbol.number))
                case "global":
                    found.add((None, symbol.name))
                case "addr":
                    place, _, name = symbol.name.partition(".")
                    pending.append(Symbol(place, name, symbol.number))
                case _ if symbol.is_opaque:
                    pending.extend(self._origin(symbol))
            pending += self._inside(root)
        return found, False, timed

    def _inside(self, root: _Root) -> list[Symbol]:
        """The symbols of what is stored in memory of a root."""
        inside = self._known.get(root)
        if inside is None:
            inside = self._known[root] = [s for value in self._stored().get(root, ()) for s in _symbols(value)]
        return inside

    def _stored(self) -> dict[_Root, list[Value]]:
        if self._memory is None:
            self._memory = {}
            for location, value in self._state.memory.items():
                if value.taints or value.targets or (value.term is not None and value.term.vector):
                    self._memory.setdefault(location[:3], []).append(value)
        return self._memory


def _symbols(value: Value) -> list[Symbol]:
    found = [*value.taints]
    if value.term is not None:
        found += [s for s, _ in value.term.vector]
    for target in value.targets:
        found.append(target.location)
        for term in (target.offset, target.extent):
            if term is not None:
                found += [s for s, _ in term.vector]
    return found
