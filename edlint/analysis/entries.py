"""What the host can reach: the functions behind the ECALLs, and what each of them calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from edlint.model.interface import Call
from edlint.model.ir import Invoke
from edlint.model.program import Program
from edlint.model.unit import Function


@dataclass(frozen=True)
class Entries:
    """The ECALLs with their implementations, and the calls between the functions that they reach."""

    program: Program
    implemented: tuple[tuple[Call, Function], ...]
    """Each ECALL with the trusted function behind it, in the order of the interfaces."""
    callees: Mapping[Function, tuple[tuple[Invoke, tuple[Function, ...]], ...]]
    """By reached function: its calls in the order of the text, with the definitions that they may mean."""

    @staticmethod
    def build(program: Program) -> Entries:
        """Follow the calls from every ECALL; bodies of other functions are not lowered."""
        implemented = tuple(
            (i.call, i.function) for i in program.implementations if i.call.is_ecall and program.is_trusted(i.function)
        )
        callees: dict[Function, tuple[tuple[Invoke, tuple[Function, ...]], ...]] = {}
        pending = [function for _, function in reversed(implemented)]
        while pending:
            function = pending.pop()
            if function in callees:
                continue
            calls = tuple((invoke, _trusted(program, invoke, function)) for invoke in function.body.invokes())
            callees[function] = calls
            pending.extend(target for _, targets in reversed(calls) for target in reversed(targets))
        return Entries(program, implemented, callees)

    @property
    def roots(self) -> tuple[tuple[Call, Function], ...]:
        """The public ECALLs: those that the host can make at any time."""
        return tuple((call, function) for call, function in self.implemented if call.public)

    @cached_property
    def bottom_up(self) -> tuple[Function, ...]:
        """Every reached function, callees before their callers except within cycles."""
        order: list[Function] = []
        seen: set[Function] = set()
        for _, root in self.implemented:
            stack: list[tuple[Function, Iterator[Function]]] = []
            if root not in seen:
                seen.add(root)
                stack.append((root, self._targets(root)))
            while stack:
                function, targets = stack[-1]
                following = next((t for t in targets if t not in seen), None)
                if following is None:
                    order.append(function)
                    stack.pop()
                else:
                    seen.add(following)
                    stack.append((following, self._targets(following)))
        return tuple(order)

    def reach(self, function: Function, enter: Callable[[Function], bool] = lambda _: True) -> tuple[Function, ...]:
        """The function and all that it calls, in the order of a walk; functions that `enter` refuses are left out."""
        found: dict[Function, None] = {}
        pending = [function]
        while pending:
            top = pending.pop()
            if top in found or not enter(top):
                continue
            found[top] = None
            pending.extend(reversed(list(self._targets(top))))
        return tuple(found)

    def _targets(self, function: Function) -> Iterator[Function]:
        return (target for _, targets in self.callees.get(function, ()) for target in targets)


def _trusted(program: Program, invoke: Invoke, caller: Function) -> tuple[Function, ...]:
    call = program.boundary(invoke.name) if invoke.receiver is None else None
    if not invoke.name or (call is not None and call.is_ocall):
        return ()
    return tuple(f for f in program.resolve(invoke, caller) if program.is_trusted(f) and f is not caller)
