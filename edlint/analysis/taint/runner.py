"""One function: its states to a fixed point, then one pass over them that notes what happens."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import replace

from edlint.analysis.callgraph import CallGraph
from edlint.analysis.layout import Layout
from edlint.analysis.proxies import Proxies
from edlint.analysis.taint import pruning
from edlint.analysis.taint.aggregates import copied, filled
from edlint.analysis.taint.bindings import bind
from edlint.analysis.taint.blocks import in_loops, nesting, reverse_post_order, roots_of, turns
from edlint.analysis.taint.calls import Calls, store
from edlint.analysis.taint.computed import note_computed
from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.events import EMPTY, Event, Summary
from edlint.analysis.taint.forks import forget, fork
from edlint.analysis.taint.frame import Frame
from edlint.analysis.taint.gathered import Gathered
from edlint.analysis.taint.kept import behind, note_behind
from edlint.analysis.taint.liveness import live_after
from edlint.analysis.taint.memory import Memory
from edlint.analysis.taint.pruning import forget_facts, forget_first
from edlint.analysis.taint.reach import Reach
from edlint.analysis.taint.refine import facts_of, refine
from edlint.analysis.taint.registry import Registry
from edlint.analysis.taint.rounds import last_rounds
from edlint.analysis.taint.spots import text_of
from edlint.analysis.taint.state import Merge, State
from edlint.analysis.taint.summary import Summariser
from edlint.analysis.taint.symbols import DEREF, Symbol, atom
from edlint.analysis.taint.told import Share
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
    Return,
    Variable,
)
from edlint.model.program import Program
from edlint.model.types import TypeKind
from edlint.model.unit import Function

MAX_STEPS = 12_000
"""Operations that are interpreted for one function; what is left then is not analysed, and said so."""

MAX_VISITS = 6
"""Visits of one block for each loop that it lies in, from which on nothing new is taken from its predecessors."""

WIDEN_AT = 3
"""Visits after which bounds that still move are dropped; one for a loop around others, so that these come to an end
before it does."""

MAX_JOINED = 500_000
"""Locations and facts that are joined for one function; what is left then is not analysed, and said so."""

_MORE = 200
"""Locations that a block may hold beyond those that outlive it."""


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
        reach: Reach,
        told: Share,
        function: Function,
    ) -> None:
        self._function = function
        self._body: Body = function.body
        self.frame = Frame(program, layout, registry, reach, told, function, self._body)
        self._calls = Calls(program.sdk, proxies, lambda i: graph.callees(i, function), summaries, function)
        self._noreturn = program.sdk.noreturn
        after, taken = live_after(self._body)
        self._lasting = taken.union(k for k, v in self._body.variables.items() if _is_aggregate(v, layout))
        """The variables whose values outlive every block."""
        self._live = [after[number].union(roots_of(block.end)) for number, block in enumerate(self._body.blocks)]
        """By block: the other variables whose values outlive it."""
        self._order = reverse_post_order(self._body) if self._body.blocks else {}
        self._depths, self._outer = nesting(self._body, self._order)
        self._turns = turns(self._body, self._order) if self._order else {}
        gathered = Gathered.build(self._body) if any(self._depths.values()) else None
        self.frame.gathered = gathered if gathered is not None and gathered.summands else None
        self._entry: dict[int, State] = {}
        self._ends: dict[int, tuple[State, Value]] = {}
        """By block that returns: the state and the value there, as the fixed point left them."""
        self._steps = self._facts = 0
        self._complete = True

    def solve(self) -> Summary:
        """The fixed point, and what callers see of it but for the events."""
        if not self._body.blocks:
            return replace(EMPTY, function=self._function.qualified)
        self._entry = self._fixed_point(self._order)
        returns: list[tuple[State, Value]] = []
        for block in self._reached():
            end = self._body.blocks[block].end
            if block in self._ends:
                returns.append(self._ends[block])
            elif isinstance(end, Return):
                evaluator = Evaluator(self.frame, self._entry[block].copy(), facts_of)
                self._ops(evaluator, block)
                if not evaluator.state.dead:
                    returns.append((evaluator.state, evaluator.value(end.value)))
        self._ends.clear()
        for state, _ in returns:
            leads = self.frame.leads(state)
            for place, value in behind(state):
                self.frame.reach.kept(leads, place, value)
        return Summariser(self.frame).summary(returns, complete=self._complete)

    def record(self) -> tuple[Event, ...]:
        """One pass over the fixed point that notes what happens; the events that callers see."""
        frame = self.frame
        rounds = last_rounds(frame, self._body, self._entry)
        frame.start()
        loops = in_loops(self._body, self._order)
        for block in self._reached():
            frame.in_loop, frame.rounds = block in loops, rounds.get(block, {})
            evaluator = Evaluator(frame, self._entry[block].copy(), facts_of)
            self._ops(evaluator, block)
            if evaluator.state.dead:
                continue
            end = self._body.blocks[block].end
            if isinstance(end, Branch):
                refine(evaluator, end)
            elif isinstance(end, Return):
                self._returned(evaluator, end)
                self._left(evaluator, end)
                note_behind(evaluator, end.span)
        frame.end()
        return tuple(frame.events)

    def _reached(self) -> list[int]:
        """The blocks that control can reach, in order."""
        return [b for b in sorted(self._entry, key=lambda b: self._order[b]) if not self._entry[b].dead]

    # ---- the fixed point

    def _fixed_point(self, order: Mapping[int, int]) -> dict[int, State]:
        """The state at the head of each block: the join of what its predecessors left last."""
        entry: dict[int, State] = {0: State()}
        left: dict[int, dict[int, State]] = {}
        visits: dict[int, int] = {}
        queue = [(self._turns[0], 0)]
        queued = {0}
        while queue:
            _, block = heapq.heappop(queue)
            position = order[block]
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
                self._ends.pop(block, None)
                continue
            visits[block] = seen + 1
            self._steps += len(self._body.blocks[block].ops) + 1
            if self._steps > MAX_STEPS or self._facts > MAX_JOINED:
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
                    heapq.heappush(queue, (self._turns[successor], successor))
        return entry

    def _joined(self, block: int, arriving: Mapping[int, State], known: State | None, loops: bool, seen: int) -> State:
        states = [arriving[p] for p in sorted(arriving)]
        if len(states) == 1 and not loops:
            return states[0]
        self._facts += sum(len(s.memory) + len(s.bounds) + len(s.checks) + len(s.outcomes) for s in states)
        merge = Merge(block, self._missing, self.frame.ranges, self.frame.remember, loops)
        joined = states[0]
        for state in states[1:]:
            joined = merge(joined, state)
            if not loops:
                fork(joined, merge.merged)
            elif self.frame.gathered is not None:
                once = len(states) == 2
                self.frame.gathered.merged(self.frame, block, merge.merged if once else ())
        if loops and known is not None:
            before = joined
            joined = merge(known, before, widen=seen >= (1 if block in self._outer else WIDEN_AT))
            forget(joined, known, before)
        return joined

    def _missing(self, state: State, location: Symbol) -> Value:
        """What a location holds on a way on which nobody wrote to it by itself."""
        return Memory(self.frame, state).stored(location)

    def _leave(self, state: State, block: int) -> list[tuple[int, State]]:
        evaluator = Evaluator(self.frame, state, facts_of)
        self._ops(evaluator, block)
        self._ends.pop(block, None)
        if state.dead:
            return []
        end = self._body.blocks[block].end
        if isinstance(end, Return):
            self._ends[block] = (state, evaluator.value(end.value))
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
        live = self._live[block]
        for location in [s for s in state.memory if s.kind == "local" and s.name not in live]:
            if location.name not in self._lasting:
                del state.memory[location]
        forget_first(state)
        forget_facts(self.frame, state)

    def _ops(self, evaluator: Evaluator, block: int) -> None:
        for op in self._body.blocks[block].ops:
            self._op(evaluator, op)
            if evaluator.state.dead:
                return
            if len(evaluator.state.memory) > pruning.MAX_MEMORY + _MORE:
                evaluator.memory.shrink()
                forget_facts(self.frame, evaluator.state)

    def _op(self, evaluator: Evaluator, op: Op) -> None:
        match op:
            case Assign(target=target, value=value):
                if op.compound and self.frame.recording:
                    self._counted(evaluator, op)
                if self.frame.gathered is not None:
                    self.frame.gathered.note(self.frame, evaluator.state, op)
                bind(evaluator, target, value)
                if not filled(evaluator, target, value):
                    known = evaluator.stored(target, value)
                    note_computed(evaluator, op, known.term)
                    store(evaluator, target, known, value)
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
        evaluator.memory.drop(location)
        evaluator.memory.forget(location)
        variable = self.frame.variable(op.variable)
        if variable is not None:
            evaluator.containers.declared(location, variable.type, op.span)
        if not op.extents:
            return
        need = number(1)
        size = None
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

    def _returned(self, evaluator: Evaluator, end: Return) -> None:
        value = evaluator.value(end.value)
        if value.taints or value.targets:
            self.frame.note(
                Event("give", value, end.span, self._function.qualified, type=self._function.result), evaluator.state
            )

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
