"""Functions to a fixed point, callees first; each leaves a summary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from edlint.analysis.callgraph import CallGraph
from edlint.analysis.layout import Layout
from edlint.analysis.proxies import Proxies
from edlint.analysis.taint.events import MAX_EVENTS, Summary
from edlint.analysis.taint.frame import Frame
from edlint.analysis.taint.reach import Reach
from edlint.analysis.taint.registry import Registry
from edlint.analysis.taint.runner import Runner
from edlint.analysis.taint.told import Share, most_told
from edlint.model.program import Program
from edlint.model.unit import Function
from edlint.source import Gap

MAX_ROUNDS = 3
"""Passes over a cycle of functions."""

LARGE = 24
"""Functions of a cycle from which on it gets one pass less: callees come first, and what is left comes around last."""

MAX_AGAIN = 1_000
"""Functions that all cycles of a program get gone through again; what they do not get is said."""

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
    stale: tuple[Function, ...]
    """Functions of cycles of whose callees more became known, and that were not gone through again."""
    layout: Layout

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was not followed to the end."""
        return tuple(self._gaps())

    def _gaps(self) -> Iterator[Gap]:
        for f in self.incomplete:
            what = f"function '{f.qualified}' is too large to be followed to its end: flows through it may be missing"
            yield Gap(f.path, f.span, what, "partial-analysis")
        what = f"of more than {MAX_EVENTS} uses of parameters the last are not told to callers"
        yield from _gaps_of([f for f, frame in self.frames.items() if frame.full], what)
        what = "calls here tell little or nothing of what is called, as those of the whole program tell too much"
        yield from _gaps_of([f for f, frame in self.frames.items() if frame.cut], what)
        what = (
            f"of more than {MAX_AGAIN:,} functions that call each other in circles, what comes around is not followed"
        )
        yield from _gaps_of(self.stale, what)

    @staticmethod
    def build(program: Program, graph: CallGraph, layout: Layout, proxies: Proxies) -> Analysis:
        """All reached functions, callees first: what each returns and writes, then what happens in it.

        What happens is looked at second, when it is known which parameters may hold something of the boundary.
        """
        registry = Registry()
        summaries: dict[Function, Summary] = {}
        runners: dict[Function, Runner] = {}
        reach, most = Reach(), most_told(graph.reached)
        told = Share(most)

        def solve(function: Function) -> bool:
            runner = Runner(program, graph, layout, proxies, registry, summaries, reach, told, function)
            summary, known = runner.solve(), summaries.get(function)
            runners[function], summaries[function] = runner, summary
            return known is None or _differs(known, summary)

        def record(function: Function) -> bool:
            known = summaries[function]
            events = runners[function].record()
            summaries[function] = replace(known, events=events)
            return len(known.events) != len(events)

        stale = _rounds(graph, solve)
        told = Share(most)
        entries = [i.function for i in program.implementations if i.call.is_ecall]
        for function, (used, decisive) in reach.wanted(entries, runners).items():
            frame = runners[function].frame
            frame.used, frame.decisive, frame.told = used, decisive, told
        stale |= _rounds(graph, record)
        frames = {function: runner.frame for function, runner in runners.items()}
        incomplete = tuple(f for f in graph.reached if not summaries[f].complete)
        return Analysis(summaries, registry, frames, incomplete, tuple(f for f in graph.reached if f in stale), layout)


def _gaps_of(functions: Iterable[Function], what: str) -> Iterator[Gap]:
    """By file, what is not known of some functions."""
    by_file: dict[str, list[Function]] = {}
    for function in functions:
        by_file.setdefault(function.path, []).append(function)
    for path, found in by_file.items():
        first, others = min(found, key=lambda f: f.span.order), len(found) - 1
        who = f"function '{first.qualified}'" + (f" and {others} more of the file" if others else "")
        yield Gap(path, first.span, f"{who}: {what}: flows through them may be missing", "partial-analysis")


def _rounds(graph: CallGraph, step: Callable[[Function], bool]) -> set[Function]:
    """Take a step with each function, callees first; in a cycle again where a step with a callee changed something.

    What is given back are functions of cycles that there were too many of to come again.
    """
    left: set[Function] = set()
    again = MAX_AGAIN
    for component in graph.components:
        callers: dict[Function, list[Function]] = {f: [] for f in component}
        for function in component:
            for callee in graph.calls.get(function, ()):
                if callee in callers:
                    callers[callee].append(function)
        stale = set(component)
        for number in range(MAX_ROUNDS if len(component) < LARGE else MAX_ROUNDS - 1):
            if number and len(stale) > again:
                left |= stale
                break
            again -= len(stale) if number else 0
            for function in component:
                if function in stale and not (number and _is_giant(function)):
                    stale.discard(function)
                    if step(function):
                        stale.update(callers[function])
            if not stale:
                break
    return left


def _is_giant(function: Function) -> bool:
    return sum(len(block.ops) for block in function.body.blocks) > GIANT


def _differs(old: Summary, new: Summary) -> bool:
    return (old.result, old.writes, old.outcome, old.handed) != (new.result, new.writes, new.outcome, new.handed)


__all__ = ["Analysis"]
