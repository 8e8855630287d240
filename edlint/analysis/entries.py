"""The ECALLs as ways in: the functions behind them, and what each of them reaches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edlint.analysis.callgraph import CallGraph
from edlint.model.interface import Call
from edlint.model.ir import Invoke
from edlint.model.program import Program
from edlint.model.unit import Function


@dataclass(frozen=True)
class Entries:
    """The public ECALLs with their implementations, over the graph of calls."""

    roots: tuple[tuple[Call, Function], ...]
    """Each ECALL that the host can make at any time, with the trusted function behind it."""
    graph: CallGraph
    callees: Mapping[Function, tuple[tuple[Invoke, tuple[Function, ...]], ...]]
    """By reached function: its calls in the order of the text, with the definitions that they may mean."""

    @staticmethod
    def build(program: Program, graph: CallGraph) -> Entries:
        """Pair the calls of every reached function with their targets."""
        roots = tuple(
            (i.call, i.function)
            for i in program.implementations
            if i.call.is_ecall and i.call.public and i.function in graph.calls and program.is_trusted(i.function)
        )
        callees = {
            function: tuple(
                (invoke, tuple(t for t in graph.callees(invoke, function) if t in graph.calls))
                for invoke in function.body.invokes()
            )
            for function in graph.reached
        }
        return Entries(roots, graph, callees)

    def reach(self, function: Function, enter: Callable[[Function], bool] = lambda _: True) -> tuple[Function, ...]:
        """The function and all that it calls, in the order of a walk; functions that `enter` refuses are left out."""
        found: dict[Function, None] = {}
        pending = [function]
        while pending:
            top = pending.pop()
            if top in found or top not in self.graph.calls or not enter(top):
                continue
            found[top] = None
            pending.extend(reversed(self.graph.calls[top]))
        return tuple(found)
