"""Which global pointers an ECALL follows before anything in it has tested or set them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from edlint.analysis.entries import Entries
from edlint.analysis.globals import Globals, Touch, answers, global_name, values_of
from edlint.analysis.rows import rows_of
from edlint.model.ir import (
    Address,
    Assign,
    Binary,
    Body,
    Branch,
    Cast,
    Invoke,
    Jump,
    Number,
    Op,
    Place,
    Return,
    Scope,
    Terminator,
    Value,
    walk,
)
from edlint.model.program import Program
from edlint.model.unit import Function
from edlint.source import Span

TOLERANT = re.compile(r"free|close|release|destroy|delete|clear|cleanup|reset|dump|print", re.IGNORECASE)
"""Library functions of such names take NULL by custom."""

ASKS = re.compile(r"null|check|assert|verify|valid|ensure|require|expect|throw_?if", re.IGNORECASE)
"""Functions of such names, of which no body is given, are taken to stop when a pointer that they get is NULL."""

TOLD = "told:"
"""Before the name of a variable that was set here, or of which a variable that is written with it was asked."""

MOST = 8
"""Uses of one variable that a function's summary keeps."""


@dataclass(frozen=True, slots=True)
class Use:
    """A place where a pointer is followed, or freed, although nothing before it in the function vouches for it."""

    function: Function
    span: Span
    freed: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """What a function does with global pointers and with its own pointer parameters (`arg:0`, ...)."""

    exposed: Mapping[str, tuple[Use, ...]] = field(default_factory=dict)
    settled: frozenset[str] = frozenset()
    """Variables that it sets or tests somewhere: its callers are taken to have asked."""


@dataclass(frozen=True)
class Order:
    """The exposed uses of every ECALL, and who sets what."""

    exposed: Mapping[Function, Mapping[str, tuple[Use, ...]]]
    """By implementation of an ECALL."""
    setters: Mapping[str, tuple[tuple[Function, Span], ...]]
    """By global pointer that starts as NULL: implementations of ECALLs that set it, with the place."""

    @staticmethod
    def build(program: Program, entries: Entries, shared: Globals) -> Order:
        """Summaries bottom-up over the call graph."""
        setters: dict[str, tuple[tuple[Function, Span], ...]] = {}
        companions: dict[str, set[str]] = {}
        for _, root in entries.roots:
            touched = [m for f in entries.reach(root) for m in shared.mentions[f]]
            for mention in touched:
                name = mention.name
                if mention.touch is Touch.SET and name in shared.pointers and shared.starts_null(name):
                    if root not in (r for r, _ in setters.get(name, ())):
                        setters[name] = (*setters.get(name, ()), (root, mention.span))
                    companions.setdefault(name, set()).update(
                        m.name for m in touched if m.tells and shared.may_tell(m.name)
                    )
        summaries: dict[Function, Summary] = {}
        for function in entries.graph.reached:
            summaries[function] = _Reader(program, entries, shared, companions, summaries, function).summary()
        return Order({root: summaries[root].exposed for _, root in entries.roots}, setters)


class _Reader:
    """One function, read with the summaries of what it calls."""

    def __init__(
        self,
        program: Program,
        entries: Entries,
        shared: Globals,
        companions: Mapping[str, set[str]],
        summaries: Mapping[Function, Summary],
        function: Function,
    ) -> None:
        self.program = program
        self.shared = shared
        self.companions = companions
        self.function = function
        self.body: Body = shared.body(function)
        self.called = {
            id(invoke): [summaries[t] for t in targets if t in summaries]
            for invoke, (_, targets) in zip(self.body.invokes(), entries.callees[function], strict=True)
        }
        self.params = {
            p.key: f"arg:{n}" for n, p in enumerate(function.params) if p.type.pointers and not p.type.reference
        }
        self.aliases = self._aliases()
        self.answers = answers(function, self.body, shared.variables)
        self.exposed: dict[str, dict[int, Use]] = {}
        self.settled: set[str] = set()

    def summary(self) -> Summary:
        """Forward over the blocks until nothing changes; a variable is safe where it is safe on every path."""
        for mention in self.shared.mentions[self.function]:
            if mention.touch is Touch.SET and mention.name in self.companions:
                self.settled.add(mention.name)
        before: dict[int, frozenset[str]] = {0: frozenset()}
        pending = [0]
        while pending:
            at = pending.pop()
            block = self.body.blocks[at]
            safe = set(before[at])
            for op in block.ops:
                self._op(op, safe)
            for target, known in self._leave(block.end, safe):
                after = known if target not in before else before[target] & known
                if target not in before or after != before[target]:
                    before[target] = after
                    pending.append(target)
        return Summary(
            {name: tuple(uses.values())[:MOST] for name, uses in self.exposed.items()}, frozenset(self.settled)
        )

    def _aliases(self) -> dict[str, str]:
        """Locals that are set once, to a tracked pointer."""
        given: dict[str, list[Value]] = {}
        for op in self.body.ops():
            if isinstance(op, (Assign, Invoke)) and op.target is not None and op.target.is_variable:
                given.setdefault(op.target.root, []).append(op.value if isinstance(op, Assign) else op.target)
        found: dict[str, str] = {}
        for key, values in given.items():
            known = self.body.variables.get(key)
            if known is not None and known.scope in (Scope.LOCAL, Scope.TEMP) and len(values) == 1:
                plain = _plain(values[0])
                if isinstance(plain, Place) and plain.is_variable and (name := self._direct(plain)):
                    found[key] = name
        return found

    def _direct(self, place: Place) -> str:
        if place.root in self.params:
            return self.params[place.root]
        name = global_name(self.function, place, self.shared.variables)
        return name if name in self.companions else ""

    def _name(self, place: Place) -> str:
        return self.aliases.get(place.root) or self._direct(place)

    def _expose(self, name: str, use: Use, safe: set[str]) -> None:
        # That a pointer is not NULL does not tell that what it points to is still there.
        if name not in safe or (use.freed and TOLD + name not in safe):
            self.exposed.setdefault(name, {}).setdefault(use.span.start, use)

    def _op(self, op: Op, safe: set[str]) -> None:
        for value in values_of(op):
            for part in walk(value):
                if isinstance(part, Place) and part.steps and (name := self._name(part)):
                    self._expose(name, Use(self.function, part.span), safe)
                    safe.add(name)
        if isinstance(op, Invoke):
            self._invoke(op, safe)
        if isinstance(op, (Assign, Invoke)) and op.target is not None and (name := self._name(op.target)):
            if op.target.steps:
                self._expose(name, Use(self.function, op.target.span), safe)
            if op.target.steps or op.target.root not in self.aliases:
                safe.add(name)
            if not op.target.steps and op.target.root not in self.aliases:
                safe.add(TOLD + name)

    def _invoke(self, op: Invoke, safe: set[str]) -> None:
        summaries = self.called.get(id(op), [])
        released = {row.at.arg for row in rows_of(self.program.sdk, op) if row.kind == "memory-release"}
        for position, argument in enumerate(op.args):
            plain = _plain(argument)
            if isinstance(plain, Address) and plain.place.is_variable and (name := self._name(plain.place)):
                safe.add(name)
            if not (isinstance(plain, Place) and plain.is_variable and (name := self._name(plain))):
                continue
            if summaries:
                inner = [u for s in summaries for u in s.exposed.get(f"arg:{position}", ())]
                if inner:
                    self._expose(name, Use(self.function, plain.span, inner[0].freed), safe)
            elif position in released or op.name == "operator delete":
                self._expose(name, Use(self.function, plain.span, True), safe)
            elif self._follows(op):
                if not ASKS.search(op.name):
                    self._expose(name, Use(self.function, plain.span), safe)
                safe.add(name)
        for summary in summaries:
            for name, uses in summary.exposed.items():
                if not name.startswith("arg:"):
                    for use in uses:
                        self._expose(name, use, safe)
            safe |= summary.settled | {TOLD + n for n in summary.settled}
            self.settled |= summary.settled

    def _follows(self, op: Invoke) -> bool:
        """Whether a function without a body here is taken to follow the pointers that it gets."""
        return bool(op.name) and self.program.boundary(op.name) is None and not TOLERANT.search(op.name)

    def _leave(self, end: Terminator, safe: set[str]) -> Iterator[tuple[int, frozenset[str]]]:
        match end:
            case Branch(condition=condition, yes=yes, no=no):
                for name in self._asked(condition):
                    self.settled.add(name)
                null, other = _null_test(condition)
                held = self._name(null) if null is not None else ""
                others = {n for n in self._asked(condition) if n != held}
                both = safe | others | {TOLD + n for n in others}
                for part in walk(condition):
                    if isinstance(part, Place) and part.steps and (name := self._name(part)):
                        self._expose(name, Use(self.function, part.span), safe)
                        both.add(name)
                with_held = both | {held} if held else both
                yield yes, frozenset(with_held if other else both)
                yield no, frozenset(both if other else with_held)
            case Return(value=value) if value is not None:
                for part in walk(value):
                    if isinstance(part, Place) and part.steps and (name := self._name(part)):
                        self._expose(name, Use(self.function, part.span), safe)
                self.settled.update(self._asked(value))
            case Jump(to=to):
                yield to, frozenset(safe)

    def _asked(self, value: Value) -> set[str]:
        """Pointers of which a condition says something: itself, or a variable that is written with them, or what a
        method of such a variable gave."""
        names: set[str] = set()
        for part in walk(value):
            if isinstance(part, Place):
                name = global_name(self.function, part, self.shared.variables) or self.answers.get(part.root, "")
                names |= {n for n, others in self.companions.items() if name and name != n and name in others}
                if part.is_variable and (own := self._name(part)):
                    names.add(own)
        return names


def _plain(value: Value) -> Value:
    while isinstance(value, Cast):
        value = value.operand
    return value


def _null_test(condition: Value) -> tuple[Place | None, bool]:
    """The place that a condition compares with NULL, and whether it is not NULL where the condition holds."""
    plain = _plain(condition)
    if isinstance(plain, Place) and plain.is_variable:
        return plain, True
    if isinstance(plain, Binary) and plain.op in ("==", "!="):
        for one, other in ((plain.left, plain.right), (plain.right, plain.left)):
            place, number = _plain(one), _plain(other)
            if isinstance(place, Place) and place.is_variable and isinstance(number, Number) and number.value == 0:
                return place, plain.op == "!="
    return None, True
