"""Where files belong because of who uses them: who includes them, who calls what they define."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence

from edlint.link.headers import Headers, is_apart
from edlint.model.program import Placement, Side
from edlint.model.unit import Unit

ENTRIES = ("main", "wmain", "_tmain")
"""Where a program begins."""

_SIDES = {Side.BOTH: frozenset({Side.TRUSTED, Side.UNTRUSTED}), Side.UNDECIDED: frozenset[Side]()}

Callers = Mapping[str, set[str]]
"""By source file: the other files that call a function which it alone defines."""


class Usage:
    """The uses that are looked at, and the sides that they give; a file that both sides use is of both.

    More uses come in for the files that those known so far say nothing of: the weaker a use, the later.
    """

    def __init__(self, units: Iterable[Unit], headers: Headers, folders: Mapping[str, Placement]) -> None:
        self._paths = [u.path for u in units]
        self._headers = headers
        self._folders = folders
        """What the folder of a file says: it contradicts users of the other side."""
        self._includers: dict[str, list[str]] = {}
        self._own: dict[str, list[str]] = {}
        self._callers: dict[str, list[str]] = {}
        for path in self._paths:
            self._includers[path] = [p for p in headers.included_by[path] if not self._is_weak(p, path)]

    def waiting(self, known: Mapping[str, Placement]) -> list[str]:
        """The files that the uses say nothing of so far, given the sides of others."""
        placed = self.placements(known)
        return [p for p in self._paths if p not in known and p not in placed]

    def add_weak(self, paths: Iterable[str]) -> None:
        """Look at includes by tests, and at those that a macro for one side decides on, for these files."""
        for path in paths:
            self._includers[path] = list(self._headers.included_by[path])

    def add_own(self, paths: Iterable[str]) -> None:
        """Look at who uses the header of these files' own names."""
        for path in paths:
            stem = _stem(path)
            self._own[path] = [p for p in self._headers.includes[path] if _stem(p) == stem]

    def add_calls(self, paths: Iterable[str], callers: Callers) -> None:
        """Look at who calls what these files define."""
        for path in paths:
            self._callers[path] = sorted(callers.get(path, ()))

    def placements(self, known: Mapping[str, Placement]) -> dict[str, Placement]:
        """The sides that these uses come to, given the sides of others."""
        sides = self._sides(known)
        found: dict[str, Placement] = {}
        for path in self._paths:
            if path in sides and path not in known:
                # What implements a header is on a side because of the header, if anybody else includes it.
                others = [p for p in self._includers[path] if path not in self._own.get(p, ())]
                included = _by_users(others, sides, "is included")
                if included is None or included.side is not _side(sides[path]):
                    included = _by_users(self._includers[path], sides, "is included")
                if included is not None and path in self._folders and included.side is not _side(sides[path]):
                    included = Placement(Side.BOTH, f"{self._folders[path].reason}, and {included.reason}")
                if included is not None:
                    found[path] = included
        for path in self._paths:
            if path in sides and path not in known and path not in found:
                reason = self._reason(path, sides, {**known, **found})
                found[path] = Placement(_side(sides[path]), reason)
        return found

    def _reason(self, path: str, sides: Mapping[str, frozenset[Side]], placed: Mapping[str, Placement]) -> str:
        for header in self._own.get(path, ()):
            if sides.get(header) == sides[path]:
                return f"implements '{posixpath.basename(header)}', which {placed[header].reason}"
        called = _by_users(self._callers.get(path, ()), sides, "is called")
        if called is not None and called.side is _side(sides[path]):
            return called.reason
        return "is used by files of both sides"

    def _is_weak(self, user: str, path: str) -> bool:
        return path in self._headers.chosen.get(user, ()) or is_apart(user, path)

    def _sides(self, known: Mapping[str, Placement]) -> dict[str, frozenset[Side]]:
        """By file: the sides that it is of, from those of its users on, until nothing is added."""
        sides = {p: found for p, placement in known.items() if (found := _sides_of(placement.side))}
        used: dict[str, list[str]] = {}
        for path in self._paths:
            if path not in known:
                for user in self._users(path):
                    used.setdefault(user, []).append(path)
        queue = list(sides)
        for user in queue:
            for path in used.get(user, ()):
                before = sides.get(path, frozenset())
                after = before | sides[user]
                if path in self._folders:
                    after |= _sides_of(self._folders[path].side)
                if after != before:
                    sides[path] = after
                    queue.append(path)
        return sides

    def _users(self, path: str) -> Iterator[str]:
        yield from self._includers[path]
        yield from self._own.get(path, ())
        yield from self._callers.get(path, ())


def callers_of(units: Sequence[Unit]) -> dict[str, set[str]]:
    """By source file: the other files that call a function which it alone defines."""
    owners: dict[str, set[str]] = {}
    for unit in units:
        for function in unit.functions:
            if not function.static and not function.owner and function.name not in ENTRIES:
                owners.setdefault(function.name, set()).add(unit.path)
    unique = {name: next(iter(paths)) for name, paths in owners.items() if len(paths) == 1}
    callers: dict[str, set[str]] = {}
    for unit in units:
        for name in {n for f in unit.functions for n in f.called}:
            target = unique.get(name) or (_main_beside(unit, units) if name in ENTRIES else None)
            if target is not None and target != unit.path:
                callers.setdefault(target, set()).add(unit.path)
    return callers


def has_main(unit: Unit) -> bool:
    """Whether a program begins in a file."""
    return any(f.name in ENTRIES and not f.owner for f in unit.functions)


def _main_beside(caller: Unit, units: Sequence[Unit]) -> str | None:
    """The file in the caller's folder whose `main` it calls: a program that was put into an enclave."""
    if has_main(caller):
        return None
    folder = posixpath.dirname(caller.path)
    found = [u.path for u in units if posixpath.dirname(u.path) == folder and has_main(u)]
    return found[0] if len(found) == 1 else None


def _by_users(users: Iterable[str], sides: Mapping[str, frozenset[Side]], verb: str) -> Placement | None:
    """The side of all who use a file; BOTH when they differ; None when no user's side is known."""
    found = [u for u in users if u in sides]
    if not found:
        return None
    side = _side(frozenset().union(*(sides[u] for u in found)))
    if side is not Side.BOTH:
        only = f"'{found[0]}'" if len(found) == 1 else f"{side} files only"
        return Placement(side, f"{verb} by {only}")
    if all(len(sides[u]) > 1 for u in found):
        return Placement(side, f"{verb} by '{found[0]}', which both sides use")
    return Placement(side, f"{verb} by files of both sides")


def _sides_of(side: Side) -> frozenset[Side]:
    return _SIDES.get(side, frozenset({side}))


def _side(sides: frozenset[Side]) -> Side:
    return Side.BOTH if len(sides) > 1 else next(iter(sides))


def _stem(path: str) -> str:
    return posixpath.splitext(posixpath.basename(path))[0]
