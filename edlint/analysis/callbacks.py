"""Host functions that only ever run while an OCALL is under way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edlint.model.interface import Call
from edlint.model.program import Program, Side
from edlint.model.unit import Function


@dataclass(frozen=True, eq=False)
class Callbacks:
    """The host's callers of ECALLs and OCALL implementations."""

    program: Program
    uses: Mapping[str, tuple[Function, ...]]
    """By ECALL: the functions outside the enclave whose text names it."""
    callers: Mapping[str, tuple[Function, ...]]
    """By function name: the functions outside the enclave whose text names it, themselves left out."""
    implemented: Mapping[Function, Call]
    """The OCALL behind a function."""

    @staticmethod
    def build(program: Program) -> Callbacks:
        """Collect by name; no body is lowered."""
        outside = [
            function
            for unit in program.units
            if not unit.generated and program.side(unit.path) is not Side.TRUSTED
            for function in unit.functions
        ]
        ecalls = {call.name for interface in program.interfaces for call in interface.ecalls}
        wanted = ecalls | {function.name for function in outside}
        callers: dict[str, list[Function]] = {}
        for function in outside:
            for name in sorted(function.names & wanted):
                if name != function.name:
                    callers.setdefault(name, []).append(function)
        found = {name: tuple(functions) for name, functions in callers.items()}
        implemented = {i.function: i.call for i in program.implementations if i.call.is_ocall}
        return Callbacks(program, {n: f for n, f in found.items() if n in ecalls}, found, implemented)

    def within(self, function: Function) -> Call | None:
        """The OCALL that is always under way when the function runs (one of them), or None."""
        seen = {function}
        pending = [function]
        first: Call | None = None
        while pending:
            at = pending.pop()
            call = self.implemented.get(at)
            if call is not None:
                first = first or call
                continue
            callers = self.callers.get(at.name, ())
            if not callers:
                return None
            fresh = [c for c in callers if c not in seen]
            seen.update(fresh)
            pending += fresh
        return first
