"""One function under analysis: its variables and types, what its opaque symbols derive from, and what was noted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from edlint.analysis.layout import Layout
from edlint.analysis.taint.events import MAX_COPIED, MAX_EVENTS, Event, Origin
from edlint.analysis.taint.gathered import Gathered
from edlint.analysis.taint.indexed import Index
from edlint.analysis.taint.noted import counted, facts_told, head_of, is_wider, knows_less, roots_of, terms_of
from edlint.analysis.taint.numbers import Range, relevant, tighten
from edlint.analysis.taint.ranges import WIDE_UNSIGNED, range_of_type
from edlint.analysis.taint.reach import NOTHING, Leads, Reach, Wanted
from edlint.analysis.taint.registry import Registry
from edlint.analysis.taint.state import Computed, State
from edlint.analysis.taint.symbols import (
    DEREF,
    ELEMENT,
    LENGTH,
    ROOM,
    THIS,
    ZERO,
    Linear,
    Symbol,
    atom,
    constant,
    plain,
    plain_kind,
)
from edlint.analysis.taint.told import Share
from edlint.analysis.taint.typed import root_type
from edlint.analysis.taint.values import NO_TAINT, Target, Trail, Value, limited, of_symbol
from edlint.model.ir import Body, Place, Scope, Variable
from edlint.model.ir import Value as Expression
from edlint.model.program import Program
from edlint.model.types import TypeKind, TypeRef
from edlint.model.unit import Function
from edlint.source import Span

MAX_WIDER = 8
"""Events of one cause that are kept apart because the wider ones were checked further."""

MAX_SETTLED = 640
"""Events of one function that callers do not see."""

POINTER_SIZE = 8
ABSOLUTE = frozenset(("global", "source"))
"""Kinds of symbols that mean the same in every function."""

_USES = frozenset(("access", "padded", "pass", "fetch", "null", "string"))
"""Kinds of events that say nothing unless an address or a length of the boundary takes part."""

_TESTS = frozenset(("test", "loop"))
"""Kinds of events that say nothing unless those or the host's time take part."""


@dataclass(slots=True)
class Frame:
    """What the interpretation of one function writes down besides its states."""

    program: Program
    layout: Layout
    registry: Registry
    reach: Reach
    told: Share
    function: Function
    body: Body
    events: list[Event] = field(default_factory=list)
    """What depends on parameters, for callers."""
    settled: list[Event] = field(default_factory=list)
    """What does not."""
    recording: bool = False
    """Whether this is the pass over the fixed point, in which events are noted."""
    in_loop: bool = False
    showing: bool = False
    """Whether the arguments of a print are read."""
    origins: dict[Symbol, Value] = field(default_factory=dict)
    types: dict[Symbol, TypeRef | None] = field(default_factory=dict)
    firsts: dict[str, Expression] = field(default_factory=dict)
    """By variable: what is assigned to it first in the text, once somebody has asked for one."""
    escaped: set[Symbol] = field(default_factory=set)
    """Locals whose address was handed on."""
    handed: dict[Symbol, None] = field(default_factory=dict)
    """Memory of callers whose address code that nobody sees was given."""
    lookups: dict[Symbol, tuple[frozenset[Symbol], str]] = field(default_factory=dict)
    """Results of functions that may answer NULL: what they were asked with, and their names."""
    limits: dict[Symbol, Linear] = field(default_factory=dict)
    """Counts that stop at a limit: `strnlen`."""
    asked: set[Symbol] = field(default_factory=set)
    """Maps that were asked whether they have a key."""
    tested: set[Symbol] = field(default_factory=set)
    rounds: dict[Symbol, int] = field(default_factory=dict)
    bindings: dict[Symbol, Symbol] = field(default_factory=dict)
    """Local references: the location that each was bound to."""
    parts: dict[Symbol, Symbol] = field(default_factory=dict)
    """Values that were read as a part of something written whole: where the whole is."""
    computed: dict[Linear, Computed] = field(default_factory=dict)
    """How sums and products that variables keep were computed."""
    products: dict[Symbol, tuple[Linear, Linear, int]] = field(default_factory=dict)
    """Factors of products, and the bits that they may be too large for; 0 where they are not."""
    blocks: dict[Symbol, tuple[Linear, int]] = field(default_factory=dict)
    """Bytes that a cipher gave out: of how many, and in blocks of how many if it works in blocks."""
    differences: dict[Symbol, Linear] = field(default_factory=dict)
    """What was taken from what, for differences of unsigned numbers that may have been below zero."""
    fills: dict[str, set[tuple[Span, int | None, Linear | None]]] = field(default_factory=dict)
    """What is written of local variables and of blocks of the heap: see filling."""
    raw_blocks: dict[Symbol, str] = field(default_factory=dict)
    """Blocks of the heap that the function gets as they were, with how the text asks for them."""
    used: Wanted = NOTHING
    """What may hold addresses and lengths of the boundary."""
    decisive: Wanted = NOTHING
    """What may hold those, or the host's time."""
    gathered: Gathered | None = None
    """Sums over the elements of arrays; None where nothing is added up."""
    full: bool = False
    """There was more for callers than a summary keeps."""
    cut: bool = False
    """Calls did not tell all that is known of their callees."""
    _locations: dict[str, Symbol] = field(default_factory=dict)
    _objects: dict[str, tuple[Target, TypeRef | None]] = field(default_factory=dict)
    _copied: int = 0
    """How many of the events for callers came through static functions of headers."""
    _keys: dict[tuple[object, ...], int] = field(default_factory=dict)
    _heads: set[tuple[object, ...]] = field(default_factory=set)
    """Of the events for callers: what of their keys is known before anything is looked up for them."""
    typed: dict[int, tuple[Expression, TypeRef | None]] = field(default_factory=dict)
    """Types of expressions by the identity of these, which are kept so that it stays theirs."""
    widths: dict[int, tuple[Expression, int]] = field(default_factory=dict)
    results: dict[str, Place] | None = None
    """Containers by the variables that elements of theirs were given to; None until somebody asks."""
    _index: Index | None = None
    _settled: dict[tuple[object, ...], int] = field(default_factory=dict)
    _opaque: dict[tuple[object, ...], Symbol] = field(default_factory=dict)
    _ranges: dict[Symbol, Range] = field(default_factory=dict)

    # ---- locations

    def location(self, root: str) -> Symbol:
        """The location of a variable of the body, of a global, or of an unknown name."""
        found = self._locations.get(root)
        if found is None:
            found = self._locations[root] = self._location(root)
        return found

    def variable_at(self, root: str) -> tuple[Target, TypeRef | None]:
        """The same with how large it is, and its type."""
        found = self._objects.get(root)
        if found is None:
            location = self.location(root)
            ref = self.type_of(location)
            size = self.layout.size(ref) if ref is not None else None
            target = Target(location, ZERO, constant(size) if size is not None else None)
            found = self._objects[root] = (target, ref)
        return found

    def _location(self, root: str) -> Symbol:
        variable = self.body.variables.get(root)
        if variable is None:
            if root == "this":
                return Symbol("param", "this", THIS)
            program = self.program
            known = root in program.globals or root in program.externs or not (root.isupper() or root.startswith("__"))
            return self._global(root) if known and root not in self.program.functions else Symbol("name", root)
        if variable.scope is Scope.PARAM and variable.index >= 0:
            return Symbol("param", variable.key, variable.index)
        if variable.scope is Scope.STATIC:
            return Symbol("global", f"{self.function.qualified}.{variable.name}")
        if variable.scope is Scope.GLOBAL:
            return self._global(variable.name)
        return Symbol("local", variable.key)

    def _global(self, name: str) -> Symbol:
        """A global; one that is known in its file alone is another one than its namesakes in other files."""
        candidates = self.program.globals.get(name, ())
        if len(candidates) > 1:
            for number, variable in enumerate(candidates, 1):
                if variable.internal and variable.span.path == self.function.path:
                    return Symbol("global", name, number)
        return Symbol("global", name)

    def variable(self, root: str) -> Variable | None:
        """The variable behind a name, globals included."""
        found = self.body.variables.get(root)
        if found is not None:
            return found
        candidates = self.program.globals.get(root) or self.program.externs.get(root, ())
        own = [v for v in candidates if v.span.path == self.function.path]
        return next(iter(own or candidates), None)

    def initial(self, location: Symbol) -> Value:
        """What a location holds that was not written yet."""
        if location.kind == "local":
            variable = self.body.variables.get(location.name)
            plain = variable is None or variable.scope is not Scope.TEMP
            if plain and DEREF not in location.path and self._starts_raw(variable):
                return Value(atom(location), frozenset((Symbol("uninit", location.name),)))
            return Value(atom(location))
        if location.kind in ("param", "global", "source"):
            return of_symbol(location)
        asked = self.raw_blocks.get(location.root) if location.kind == "heap" and DEREF not in location.path else None
        return Value(atom(location), frozenset((Symbol("uninit", asked),)) if asked else NO_TAINT)

    def _starts_raw(self, variable: Variable | None) -> bool:
        if variable is None:
            return False
        ref = self.layout.resolve(variable.type)
        if ref.pointers or ref.kind in (TypeKind.BUILTIN, TypeKind.ENUM):
            return "::" not in ref.base and not ref.arguments
        found = self.layout.definition(ref)
        return found is not None and found.kind in (TypeKind.STRUCT, TypeKind.UNION) and self.function.language == "c"

    # ---- symbols

    def opaque(self, kind: str, name: str, *key: object) -> Symbol:
        """A symbol for a value that has no name; the same key gives the same symbol."""
        whole = (kind, name, *key)
        found = self._opaque.get(whole)
        if found is None:
            found = Symbol(kind, name, len(self._opaque) + 1)
            self._opaque[whole] = found
        return found

    def remember(self, symbol: Symbol, value: Value) -> None:
        """What an opaque symbol derives from."""
        known = self.origins.get(symbol)
        self.origins[symbol] = value if known is None else known.tainted(value.taints, value.trail)

    def origin(self, symbol: Symbol) -> tuple[frozenset[Symbol], Trail | None]:
        """What a symbol derives from, and how it got here."""
        known = self.origins.get(symbol)
        if known is not None:
            return known.taints, known.trail
        return (frozenset((symbol,)), None) if symbol.kind in ("param", "global", "source") else (NO_TAINT, None)

    def taints(self, term: Linear | None) -> tuple[frozenset[Symbol], Trail | None]:
        """What a term derives from."""
        if term is None or not term.vector:
            return NO_TAINT, None
        found: frozenset[Symbol] = NO_TAINT
        trail: Trail | None = None
        for symbol in term.symbols:
            taints, way = self.origin(symbol)
            found |= taints
            trail = trail or way
        return limited(found), trail

    def ranges(self, symbol: Symbol) -> Range:
        """What the type of a symbol says of its range."""
        found = self._ranges.get(symbol)
        if found is None:
            found = WIDE_UNSIGNED if symbol.kind == "addr" else range_of_type(self.layout, self.type_of(symbol))
            self._ranges[symbol] = found
        return found

    def type_of(self, location: Symbol) -> TypeRef | None:
        """The type of what a location holds, or None."""
        if location in self.types:
            return self.types[location]
        ref = root_type(self, location)
        for step in location.path:
            if step in (LENGTH, ROOM):
                ref = TypeRef("size_t")
            if ref is None or step in (LENGTH, ROOM):
                break
            ref = self.layout.pointee(ref) if step in (DEREF, ELEMENT) else self.layout.type_of_member(ref, step)
        self.types[location] = ref
        return ref

    # ---- notes

    def leads(self, state: State) -> Leads:
        """Where values lead in a state."""
        return Leads(self.function, lambda s: self.origin(s)[0], state)

    def hand_on(self, targets: Iterable[Target]) -> None:
        """The address of memory goes to code that nobody sees."""
        self.handed.update(
            (t.location, None) for t in targets if t.location.kind == "param" and DEREF in t.location.path
        )

    def end(self) -> None:
        """End that pass; what only it needs is dropped."""
        self.recording = False
        self._index = None
        self.typed.clear()
        self.widths.clear()

    def start(self) -> None:
        """Begin the pass in which events are noted, with none."""
        self.recording = True
        for notes in (self.events, self.settled, self._keys, self._heads, self._settled):
            notes.clear()
        self._copied = 0

    def is_beyond(self, event: Event, taints: frozenset[Symbol], targets: tuple[Target, ...]) -> bool:
        """Whether an event of such a subject is more than callers are told, and like none that they are told of."""
        if (
            not self.full
            or len(self.events) - self._copied < MAX_EVENTS
            or head_of(event, taints, targets) in self._heads
        ):
            return False
        return any(plain_kind(s) == "param" for s in (*taints, *[t.location for t in targets]))

    def note(self, event: Event, state: State) -> None:
        """Keep an event with what the path knows about its terms, unless one like it is there already.

        What depends on no parameter is settled here: callers can add nothing to it and never see it.
        """
        if not self.recording:
            return
        if self.full and self.is_beyond(event, event.subject.taints, event.subject.targets):
            return
        event = self._explained(event, state)
        symbols = roots_of(event)
        wanted = self.used if event.kind in _USES else self.decisive if event.kind in _TESTS else None
        if wanted is not None and not any(wanted.has(s) for s in symbols):
            return
        roots = {plain(kind) for kind in {s.kind for s in symbols}}
        if "param" in roots:
            events, keys, most = self.events, self._keys, MAX_EVENTS
        elif roots & ABSOLUTE or event.kind in ("sink", "left", "give", "keep"):
            events, keys, most = self.settled, self._settled, MAX_SETTLED + self._copied
        else:
            return
        key = event.key
        at = keys.get((key, 0))
        if at is not None and knows_less(events[at], event):
            key = (*key, "less")
        for number in range(MAX_WIDER):
            at = keys.get((key, number))
            if at is None:
                break
            if number + 1 == MAX_WIDER or not is_wider(event, events[at]):
                if event.span != events[at].span:
                    events[at] = counted(events[at], event)
                return
        copied = events is self.events and any(via.copied for via in event.via)
        if self._copied < MAX_COPIED if copied else len(events) - self._copied < most:
            self._copied += copied
            keys[(key, number)] = len(events)
            events.append(event)
            if events is self.events:
                self._heads.add(head_of(event, event.subject.taints, event.subject.targets))
        else:
            self.full = True

    def _indexed(self, state: State) -> Index:
        """The bounds of a state, which in this pass are only added to."""
        if self._index is None or self._index.bounds is not state.bounds:
            self._index = Index(state.bounds)
        self._index.update()
        return self._index

    def _explained(self, event: Event, state: State) -> Event:
        symbols = set(terms_of(event))
        if event.kind in ("access", "padded", "pass", "keep"):
            symbols |= event.subject.taints
        if event.kind == "fetch":
            symbols |= {s for t in event.subject.targets if (s := t.location.pointer) is not None}
        if event.kind == "access" and event.what != "dereference" and event.need.number is not None:
            # What was measured of a text tells that a fixed number of bytes lies in it.
            symbols |= {t.location.step(ROOM) for t in event.subject.targets if t.location.path == (DEREF,)}
        checks: dict[Symbol, frozenset] = dict(event.checks)  # type: ignore[type-arg]
        if state.checks:
            for symbol in symbols:
                known = state.checks.get(symbol)
                if known:
                    checks[symbol] = checks.get(symbol, frozenset()) | known
        for found in checks.values():
            for check in found:
                if check.extent is not None:
                    symbols.update(check.extent.symbols)
        facts, hopes = dict(event.facts), dict(event.hopes)
        if event.kind != "fetch":
            # Of a read that may come too often it only matters where it reads.
            symbols.update([s for vector in facts for s, _ in vector if s.is_opaque])
            facts = facts_told(event, self._indexed(state), symbols, self.origin)
            if state.hopes:
                tighten(hopes, relevant(frozenset(symbols), state.hopes))
            symbols.update([s for vector in facts for s, _ in vector])
            symbols.update([s for vector in hopes for s, _ in vector])
        origins = {o.symbol: o for o in event.origins}
        for symbol in sorted([s for s in symbols if s.is_opaque and s not in origins]):
            taints, trail = self.origin(symbol)
            origins[symbol] = Origin(symbol, taints, trail)
        return Event(
            event.kind,
            event.subject,
            event.span,
            event.function,
            event.what,
            event.name,
            event.need,
            event.type,
            event.write,
            event.repeated or self.in_loop,
            tuple(facts.items()),
            tuple(hopes.items()),
            tuple(sorted(checks.items())),
            tuple(origins.values()),
            event.via,
            event.count,
            event.use,
            event.param,
            event.others,
            event.refuses_null,
            event.widest,
            event.width,
        )
