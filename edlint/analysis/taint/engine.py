"""Functions to a fixed point, callees first; each leaves a summary."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, replace

from edlint.analysis.callgraph import CallGraph
from edlint.analysis.layout import Layout
from edlint.analysis.proxies import Proxies
from edlint.analysis.taint.aggregates import copied, filled
from edlint.analysis.taint.blocks import in_loops, nesting, reverse_post_order
from edlint.analysis.taint.calls import Calls, store
from edlint.analysis.taint.computed import note_computed
from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.events import EMPTY, Event, Summary
from edlint.analysis.taint.frame import Frame, Registry
from edlint.analysis.taint.liveness import live_after
from edlint.analysis.taint.memory import Memory
from edlint.analysis.taint.refine import facts_of, refine
from edlint.analysis.taint.spots import text_of
from edlint.analysis.taint.state import Bound, Merge, State
from edlint.analysis.taint.summary import Summariser
from edlint.analysis.taint.symbols import DEREF, Symbol, atom
from edlint.analysis.taint.values import UNKNOWN, Value, limited, number
from edlint.model.ir import (
    Assign,
    Binary,
    Body,
    Branch,
    Declare,
    Evaluate,
    Invoke,
    Jump,
    Op,
    Place,
    Return,
    Terminator,
    Variable,
    walk,
)
from edlint.model.program import Program
from edlint.model.types import TypeKind
from edlint.model.unit import Function
from edlint.source import Gap

MAX_STEPS = 12_000
"""Operations that are interpreted for one function; what is left then is not analysed, and said so."""

MAX_VISITS = 6
"""Visits of one block for each loop that it lies in, from which on nothing new is taken from its predecessors."""

WIDEN_AT = 3
"""Visits after which bounds that still move are dropped; one for a loop around others, so that these come to an end
before it does."""

MAX_MEMORY = 600
"""Locations of one state; a function with more keeps the ones it touched last."""

MAX_ROUNDS = 3
"""Passes over a cycle of functions."""


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
        return tuple(
            Gap(
                f.path,
                f.span,
                f"function '{f.qualified}' is too large to be followed to its end: flows through it may be missing",
                "partial-analysis",
            )
            for f in self.incomplete
        )

    @staticmethod
    def build(program: Program, graph: CallGraph, layout: Layout, proxies: Proxies) -> Analysis:
        """All reached functions, callees first."""
        registry = Registry()
        summaries: dict[Function, Summary] = {}
        frames: dict[Function, Frame] = {}
        incomplete: list[Function] = []
        for component in graph.components:
            cyclic = len(component) > 1 or component[0] in graph.calls.get(component[0], ())
            for _ in range(MAX_ROUNDS if cyclic else 1):
                changed = False
                for function in component:
                    runner = Runner(program, graph, layout, proxies, registry, summaries, function)
                    summary = runner.run()
                    changed = changed or _differs(summaries.get(function), summary)
                    summaries[function] = summary
                    frames[function] = runner.frame
                if not changed:
                    break
            incomplete.extend(f for f in component if not summaries[f].complete)
        return Analysis(summaries, registry, frames, tuple(incomplete), layout)


def _differs(old: Summary | None, new: Summary) -> bool:
    if old is None:
        return True
    return (
        old.result != new.result
        or old.writes != new.writes
        or len(old.events) != len(new.events)
        or old.outcome != new.outcome
    )


class Runner:
    """One function."""

    def __init__(
        self,
        program: Program,
        graph: CallGraph,
        layout: Layout,
        proxies: Proxies,
        registry: Registry,
        summaries: Mapping[Function, Summary],
        function: Function,
    ) -> None:
        self._function = function
        self._body: Body = function.body
        self.frame = Frame(program, layout, registry, function, self._body)
        self._calls = Calls(program.sdk, proxies, lambda i: graph.callees(i, function), summaries, function)
        self._noreturn = program.sdk.noreturn
        self._after, self._taken = live_after(self._body)
        self._arrays = frozenset(k for k, v in self._body.variables.items() if _is_aggregate(v, layout))
        self._depths: Mapping[int, int] = {}
        self._outer: frozenset[int] = frozenset()
        self._steps = 0
        self._complete = True

    def run(self) -> Summary:
        """The fixed point, then one pass over it that notes what happens."""
        blocks = self._body.blocks
        if not blocks:
            return replace(EMPTY, function=self._function.qualified)
        order = reverse_post_order(self._body)
        self._depths, self._outer = nesting(self._body, order)
        entry = self._fixed_point(order)
        self.frame.recording = True
        returns: list[tuple[State, Value]] = []
        loops = in_loops(self._body, order)
        for block in sorted(entry, key=lambda b: order[b]):
            state = entry[block].copy()
            if state.dead:
                continue
            self.frame.in_loop = block in loops
            evaluator = Evaluator(self.frame, state, facts_of)
            self._ops(evaluator, block)
            if state.dead:
                continue
            end = blocks[block].end
            if isinstance(end, Branch):
                refine(evaluator, end)
            elif isinstance(end, Return):
                returns.append((state, self._returned(evaluator, end)))
                self._left(evaluator, end)
        self.frame.recording = False
        return Summariser(self.frame).summary(returns, complete=self._complete)

    # ---- the fixed point

    def _fixed_point(self, order: Mapping[int, int]) -> dict[int, State]:
        """The state at the head of each block: the join of what its predecessors left last."""
        entry: dict[int, State] = {0: State()}
        left: dict[int, dict[int, State]] = {}
        visits: dict[int, int] = {}
        queue: list[tuple[int, int]] = [(0, 0)]
        queued = {0}
        while queue:
            position, block = heapq.heappop(queue)
            queued.discard(block)
            seen = visits.get(block, 0)
            arriving = left.get(block)
            if arriving:
                loops = any(order[p] >= position for p in arriving)
                joined = self._joined(block, arriving, entry.get(block), loops, seen)
                known = entry.get(block)
                if known is not None and _same(joined, known):
                    continue
                entry[block] = joined
            elif block != 0:
                # What led here turned out to be impossible.
                continue
            if seen >= MAX_VISITS * max(self._depths[block], 1):
                continue
            visits[block] = seen + 1
            self._steps += len(self._body.blocks[block].ops) + 1
            if self._steps > MAX_STEPS:
                self._complete = False
                break
            for successor, state in self._leave(entry[block].copy(), block):
                before = left.setdefault(successor, {})
                if state.dead:
                    if before.pop(block, None) is None:
                        continue
                else:
                    before[block] = state
                if before and successor not in queued:
                    queued.add(successor)
                    heapq.heappush(queue, (order[successor], successor))
        return entry

    def _joined(self, block: int, arriving: Mapping[int, State], known: State | None, loops: bool, seen: int) -> State:
        states = [arriving[p] for p in sorted(arriving)]
        if len(states) == 1 and not loops:
            return states[0]
        merge = Merge(block, self._missing, self.frame.ranges, self.frame.remember, loops)
        joined = states[0]
        for state in states[1:]:
            joined = merge(joined, state)
        if loops and known is not None:
            joined = merge(known, joined, widen=seen >= (1 if block in self._outer else WIDEN_AT))
        return joined

    def _missing(self, state: State, location: Symbol) -> Value:
        """What a location holds on a way on which nobody wrote to it by itself."""
        return Memory(self.frame, state).stored(location)

    def _leave(self, state: State, block: int) -> list[tuple[int, State]]:
        evaluator = Evaluator(self.frame, state, facts_of)
        self._ops(evaluator, block)
        if state.dead:
            return []
        self._prune(state, block)
        match self._body.blocks[block].end:
            case Jump(to=to):
                return [(to, state)]
            case Branch(yes=yes, no=no) as branch:
                first, second = refine(evaluator, branch)
                return [(yes, first), (no, second)]
            case _:
                return []

    def _prune(self, state: State, block: int) -> None:
        """Forget variables that nobody reads any more, and facts about values that nobody holds any more."""
        live = self._after[block]
        end = self._body.blocks[block].end
        used = live | _roots_of(end)
        dead = [
            s
            for s in state.memory
            if s.kind == "local" and s.name not in used and s.name not in self._taken and s.name not in self._arrays
        ]
        for location in dead:
            del state.memory[location]
        if len(state.memory) > MAX_MEMORY:
            for location in list(state.memory)[: len(state.memory) - MAX_MEMORY]:
                del state.memory[location]
        if not (state.bounds or state.checks or state.outcomes):
            return
        held = _held(state)
        held.update(p for p, whole in self.frame.parts.items() if whole in state.memory)
        for known in (state.bounds, state.hopes):
            for vector in [v for v in known if any(s.is_opaque and s not in held for s, _ in v)]:
                del known[vector]
        for symbol in [s for s in state.checks if s.is_opaque and s not in held]:
            del state.checks[symbol]
        for symbol in [s for s in state.outcomes if s not in held]:
            del state.outcomes[symbol]

    def _ops(self, evaluator: Evaluator, block: int) -> None:
        for op in self._body.blocks[block].ops:
            self._op(evaluator, op)
            if evaluator.state.dead:
                return

    def _op(self, evaluator: Evaluator, op: Op) -> None:
        match op:
            case Assign(target=target, value=value):
                if op.compound and self.frame.recording:
                    self._counted(evaluator, op)
                if not filled(evaluator, target, value):
                    known = evaluator.stored(target, value)
                    note_computed(evaluator, op, known.term)
                    store(evaluator, target, known)
                    copied(evaluator, target, value)
            case Invoke(name=name):
                self._calls.run(evaluator, op)
                if name in self._noreturn:
                    evaluator.state.dead = True
            case Declare():
                self._declare(evaluator, op)
            case Evaluate(value=value):
                evaluator.value(value)

    def _counted(self, evaluator: Evaluator, op: Assign) -> None:
        """`left -= n` and `done += n`: what n derives from decides how far things go."""
        if isinstance(op.value, Binary) and op.value.op in ("+", "-"):
            by = evaluator.value(op.value.right)
            if by.symbol is not None and any(t.kind == "source" for t in by.taints):
                name = text_of(op.target)
                self.frame.note(
                    Event("count", by, op.span, self._function.qualified, op.value.op, name), evaluator.state
                )

    def _declare(self, evaluator: Evaluator, op: Declare) -> None:
        if op.static:
            return
        location = self.frame.location(op.variable)
        evaluator.state.memory.pop(location, None)
        evaluator.memory.forget(location)
        if not op.extents:
            return
        need = number(1)
        size = None
        variable = self.frame.variable(op.variable)
        if variable is not None:
            size = self.frame.layout.size(replace(variable.type, dims=()))
        for extent in op.extents:
            value = evaluator.value(extent)
            taints = limited(need.taints | value.taints)
            term = None
            if need.number is not None and value.term is not None:
                term = atom(value.symbol) if value.symbol and need.number == 1 else value.term
            need = Value(term, taints, (), need.trail or value.trail)
        if need.taints and need.number is None:
            self.frame.note(
                Event(
                    "stack",
                    UNKNOWN,
                    op.span,
                    self._function.qualified,
                    "array",
                    variable.name if variable is not None else op.variable,
                    need,
                    param=size or 1,
                ),
                evaluator.state,
            )

    def _returned(self, evaluator: Evaluator, end: Return) -> Value:
        value = evaluator.value(end.value)
        if value.taints or value.targets:
            self.frame.note(
                Event("give", value, end.span, self._function.qualified, type=self._function.result), evaluator.state
            )
        return value

    def _left(self, evaluator: Evaluator, end: Return) -> None:
        """Secrets that stay in locals when the function ends."""
        for location, value in evaluator.state.memory.items():
            if location.kind != "local" or not location.path or DEREF in location.path:
                continue
            if any(t.kind == "source" and t.name == "secret-key" for t in value.taints):
                variable = self._body.variables.get(location.name)
                if variable is not None:
                    event = Event("left", value, variable.span, self._function.qualified, name=variable.name)
                    self.frame.note(event, evaluator.state)


def _held(state: State) -> set[Symbol]:
    """The symbols that values in memory are made of."""
    held: set[Symbol] = set()
    for value in state.memory.values():
        if value.term is not None:
            held.update(s for s, _ in value.term.vector)
        for target in value.targets:
            if target.offset is not None:
                held.update(s for s, _ in target.offset.vector)
            if target.extent is not None:
                held.update(s for s, _ in target.extent.vector)
    for symbol in list(held):
        outcome = state.outcomes.get(symbol)
        if outcome is not None:
            for facts in outcome:
                for fact in facts or ():
                    if isinstance(fact, Bound):
                        held.update(s for s, _ in fact.vector)
                    else:
                        held.add(fact.symbol)
    return held


def _roots_of(end: Terminator) -> set[str]:
    match end:
        case Branch(condition=value) | Return(value=value) if value is not None:
            return {v.root for v in walk(value) if isinstance(v, Place)}
        case _:
            return set()


def _is_aggregate(variable: Variable, layout: Layout) -> bool:
    """Arrays, structs and objects: they may be reached through pointers that decay from them."""
    ref = layout.resolve(variable.type)
    return bool(ref.dims) or (not ref.pointers and ref.kind not in (TypeKind.BUILTIN, TypeKind.ENUM))


def _same(one: State, two: State) -> bool:
    return (
        one.memory == two.memory
        and one.bounds == two.bounds
        and one.hopes == two.hopes
        and one.checks == two.checks
        and one.outcomes == two.outcomes
    )


__all__ = ["Analysis", "Runner"]
