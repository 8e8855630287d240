"""How far ECALLs get before they take a lock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edlint.analysis.entries import Entries
from edlint.analysis.locks import lock_start
from edlint.model.unit import Function


@dataclass(frozen=True)
class Unlocked:
    """By reached function: where it takes its first lock, and what it calls with where the call stands."""

    starts: Mapping[Function, int | None]
    calls: Mapping[Function, tuple[tuple[int, Function], ...]]

    @staticmethod
    def build(entries: Entries) -> Unlocked:
        """Over all that the ECALLs reach."""
        starts = {function: lock_start(function) for function in entries.graph.reached}
        calls = {
            function: tuple((invoke.span.start, target) for invoke, targets in pairs for target in targets)
            for function, pairs in entries.callees.items()
        }
        return Unlocked(starts, calls)

    def reach(self, root: Function) -> tuple[tuple[Function, int | None], ...]:
        """The functions that run without a lock, each with the end of the part that does; None for all of it."""
        found: dict[Function, int | None] = {}
        pending = [root]
        while pending:
            function = pending.pop()
            if function in found or function not in self.starts:
                continue
            end = found[function] = self.starts[function]
            before = [t for start, t in self.calls.get(function, ()) if end is None or start < end]
            pending.extend(reversed(before))
        return tuple(found.items())
