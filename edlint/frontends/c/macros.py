"""Which definition a macro's name means in a file: macros are a table shared by the whole project."""

from __future__ import annotations

import re
from collections.abc import Sequence

from edlint.frontends.c.directives import Directives
from edlint.model.unit import Macro

_NOTHING = re.compile(
    r"[\s;{}()]*|\(?\s*\(?\s*void\s*\)?\s*\(?\s*(?:0|\w+)?\s*\)?\s*\)?\s*;?|do\s*\{?[\s;]*\}?\s*while\s*\(\s*(?:0|false)\s*\)\s*;?",
)

SOURCES = (".c", ".cc", ".cpp", ".cxx", ".c++")


def does_nothing(macro: Macro) -> bool:
    """Whether a function-like macro expands to no effect, as a log macro of a release build."""
    return macro.params is not None and _NOTHING.fullmatch(macro.body) is not None


class Macros:
    """The macros of a project by name."""

    def __init__(self, files: Sequence[tuple[str, Directives]], given: Sequence[Macro]) -> None:
        self._given = {m.name: m for m in given}
        self._by_name: dict[str, list[tuple[str, Macro]]] = {}
        self._includes: dict[str, tuple[str, ...]] = {}
        self._by_base: dict[str, list[str]] = {}
        self._reached: dict[str, dict[str, int]] = {}
        self._known: dict[tuple[str, str], Macro | None] = {}
        self._unsettled: set[str] = set()
        self._resolved: dict[str, list[str]] = {}
        self._direct: dict[str, tuple[str, ...]] = {}
        self._idle: dict[int, bool] = {}
        """Whether definitions, by their identity, do nothing."""
        for path, found in files:
            for macro in found.macros:
                self._by_name.setdefault(macro.name, []).append((path, macro))
            self._unsettled |= found.unsettled
            self._includes[path] = tuple(i.path for i in found.includes)
            self._by_base.setdefault(path.rsplit("/", 1)[-1], []).append(path)

    def find(self, name: str, path: str) -> Macro | None:
        """The definition: of the command line, the same file, an included header, then any file."""
        if name not in self._by_name:
            return self._given.get(name)
        if name in self._given:
            return self._given[name]
        key = (name, path)
        if key not in self._known:
            self._known[key] = self._choose(name, path)
        return self._known[key]

    def settled(self, name: str, path: str) -> Macro | None:
        """The definition when `path` certainly sees it, and no other: what `#if` asks of it can be told."""
        if name in self._given:
            return self._given[name]
        candidates = self._by_name.get(name, [])
        if not candidates or name in self._unsettled or len({m.body for _, m in candidates}) > 1:
            return None
        distances = self._distances(path)
        return next((m for p, m in candidates if p in distances), None)

    def _choose(self, name: str, path: str) -> Macro | None:
        # What another source file defines for itself means nothing here, unless this one includes it.
        seen = [c for c in self._by_name[name] if c[0] == path or not c[0].endswith(SOURCES)]
        if len(seen) < len(self._by_name[name]):
            seen = [c for c in self._by_name[name] if c in seen or c[0] in self._distances(path)]
        # `#define X X` only tells `#ifdef` that X is there.
        candidates = [c for c in seen if c[1].body.strip() != name] or seen
        if not candidates:
            return None
        if len(candidates) == 1:
            return candidates[0][1]
        own = [m for p, m in candidates if p == path]
        if not own:
            distance = self._distances(path)
            near = min((distance[p] for p, _ in candidates if p in distance), default=None)
            own = [m for p, m in candidates if near is not None and distance.get(p) == near]
        own = own or [m for _, m in candidates]
        return own[0] if len(own) == 1 else next((m for m in own if not self._does_nothing(m)), own[0])

    def _does_nothing(self, macro: Macro) -> bool:
        """As `does_nothing`; many files choose among the same definitions."""
        known = self._idle.get(id(macro))
        if known is None:
            known = self._idle[id(macro)] = does_nothing(macro)
        return known

    def _distances(self, path: str) -> dict[str, int]:
        """The files that `path` includes, with how many steps away they are."""
        known = self._reached.get(path)
        if known is not None:
            return known
        found = {path: 0}
        pending = [path]
        for at in pending:
            steps = found[at] + 1
            for target in self._included(at):
                if target not in found:
                    found[target] = steps
                    pending.append(target)
        self._reached[path] = found
        return found

    def _included(self, path: str) -> tuple[str, ...]:
        """The files that the directives of a file may mean, in their order."""
        known = self._direct.get(path)
        if known is None:
            known = tuple(dict.fromkeys(t for i in self._includes.get(path, ()) for t in self._resolve(i)))
            self._direct[path] = known
        return known

    def _resolve(self, include: str) -> list[str]:
        known = self._resolved.get(include)
        if known is None:
            candidates = self._by_base.get(include.rsplit("/", 1)[-1], [])
            tail = include.lstrip("./")
            exact = [c for c in candidates if c == tail or c.endswith("/" + tail)]
            known = self._resolved[include] = exact or candidates
        return known
