"""Functions to a fixed point, callees first; each leaves a summary."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from edlint.analysis.callgraph import CallGraph
from edlint.analysis.layout import Layout
from edlint.analysis.proxies import Proxies
from edlint.analysis.taint.events import MAX_EVENTS, Summary
from edlint.analysis.taint.frame import Frame
from edlint.analysis.taint.reach import Reach
from edlint.analysis.taint.registry import Registry
from edlint.analysis.taint.runner import Runner
from edlint.model.program import Program
from edlint.model.unit import Function
from edlint.source import Gap

MAX_ROUNDS = 3
"""Passes over a cycle of functions."""

LARGE = 24
"""Functions of a cycle from which on it gets one pass less: callees come first, and what is left comes around last."""


GIANT = 800
"""Operations of a function of a cycle from which on it gets one pass: a pass over an interpreter takes a second."""


@dataclass(frozen=True, eq=False)
class Analysis:
    """The summaries of all reached functions."""

    summaries: Mapping[Function, Summary]
    registry: Registry
    frames: Mapping[Function, Frame]
    incomplete: tuple[Function, ...]
    """Functions that were too large to be followed to the end."""
    layout: Layout

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was not followed to the end."""
        return tuple(self._gaps())

    def _gaps(self) -> Iterator[Gap]:
        for f in self.incomplete:
            what = f"function '{f.qualified}' is too large to be followed to its end: flows through it may be missing"
            yield Gap(f.path, f.span, what, "partial-analysis")
        full: dict[str, list[Function]] = {}
        for f, frame in self.frames.items():
            if frame.full:
                full.setdefault(f.path, []).append(f)
        for path, functions in full.items():
            first, others = min(functions, key=lambda f: f.span.order), len(functions) - 1
            who = f"function '{first.qualified}'" + (f" and {others} more of the file" if others else "")
            what = f"{who}: of more than {MAX_EVENTS} uses of parameters the last are not told to callers"
            what += ": flows through them may be missing"
            yield Gap(path, first.span, what, "partial-analysis")

    @staticmethod
    def build(program: Program, graph: CallGraph, layout: Layout, proxies: Proxies) -> Analysis:
        """All reached functions, callees first: what each returns and writes, then what happens in it.

        What happens is looked at second, when it is known which parameters may hold something of the boundary.
        """
        registry = Registry()
        summaries: dict[Function, Summary] = {}
        runners: dict[Function, Runner] = {}
        reach = Reach()

        def solve(function: Function) -> bool:
            runner = Runner(program, graph, layout, proxies, registry, summaries, reach, function)
            summary, known = runner.solve(), summaries.get(function)
            runners[function], summaries[function] = runner, summary
            return known is None or _differs(known, summary)

        def record(function: Function) -> bool:
            known = summaries[function]
            events = runners[function].record()
            summaries[function] = replace(known, events=events)
            return len(known.events) != len(events)

        _rounds(graph, solve)
        entries = [i.function for i in program.implementations if i.call.is_ecall]
        for function, (used, decisive) in reach.wanted(entries, runners).items():
            runners[function].frame.used, runners[function].frame.decisive = used, decisive
        _rounds(graph, record)
        frames = {function: runner.frame for function, runner in runners.items()}
        incomplete = tuple(f for f in graph.reached if not summaries[f].complete)
        return Analysis(summaries, registry, frames, incomplete, layout)


def _rounds(graph: CallGraph, step: Callable[[Function], bool]) -> None:
    """Take a step with each function, callees first; in a cycle again where a step with a callee changed something."""
    for component in graph.components:
        callers: dict[Function, list[Function]] = {f: [] for f in component}
        for function in component:
            for callee in graph.calls.get(function, ()):
                if callee in callers:
                    callers[callee].append(function)
        stale = set(component)
        for number in range(MAX_ROUNDS if len(component) < LARGE else MAX_ROUNDS - 1):
            for function in component:
                if function in stale and not (number and _is_giant(function)):
                    stale.discard(function)
                    if step(function):
                        stale.update(callers[function])
            if not stale:
                break


def _is_giant(function: Function) -> bool:
    return sum(len(block.ops) for block in function.body.blocks) > GIANT


def _differs(old: Summary, new: Summary) -> bool:
    return (old.result, old.writes, old.outcome, old.handed) != (new.result, new.writes, new.outcome, new.handed)


__all__ = ["Analysis"]
