"""What a call does: a boundary proxy, a function of the project, a model, or nothing that anybody knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from edlint.analysis.proxies import Proxies
from edlint.analysis.resolve import MAX_OVERLOADS
from edlint.analysis.rows import rows_of
from edlint.analysis.taint.boundary import Crossing
from edlint.analysis.taint.conversions import copied, taken_as_text
from edlint.analysis.taint.elements import container
from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.events import Event, Summary
from edlint.analysis.taint.filling import fill
from edlint.analysis.taint.formats import prints, shows
from edlint.analysis.taint.instance import Instance
from edlint.analysis.taint.kept import note_guarded, note_kept
from edlint.analysis.taint.keymaking import is_key, is_told, make
from edlint.analysis.taint.lookups import COMPARES, LOOKUPS, compared, looked_up
from edlint.analysis.taint.models import Modelled
from edlint.analysis.taint.objects import FILLING, made, method, put, with_members
from edlint.analysis.taint.places import Lvalue, element_of
from edlint.analysis.taint.raw import note_raw
from edlint.analysis.taint.sealing import Shown, mark, shown
from edlint.analysis.taint.spots import text_of
from edlint.analysis.taint.state import Bound, Check, Holds
from edlint.analysis.taint.symbols import REST, Symbol, atom, constant, is_secret
from edlint.analysis.taint.taken import of_block
from edlint.analysis.taint.texts import assigned_text, format_position, is_text, printed
from edlint.analysis.taint.values import STORED, UNKNOWN, Value, limited, merged_targets, of_symbol
from edlint.analysis.threads import started
from edlint.model.ir import Binary, Deref, Index, Invoke, Place
from edlint.model.ir import Value as Expression
from edlint.model.sdk import Row, Sdk
from edlint.model.types import TypeRef
from edlint.model.unit import Function, ReadState

MAX_UNMENTIONED = 2
"""Arguments of a library's function that its rows say nothing of."""

_HIDES = re.compile(r"enc(?!lave)|seal|hash|sha\d|mac|sign|wrap|cipher|digest|hkdf|kdf", re.IGNORECASE)
_CHECKS = re.compile(
    r"(out|in)side|within|(valid|check|verify|assert|sanit)\w*(addr|ptr|pointer|buf|mem|range|region|bound|outside)",
    re.IGNORECASE,
)
_VARIADIC = frozenset(("va_start", "__builtin_va_start", "va_copy", "__builtin_va_copy"))
_ALLOCATORS = frozenset(("operator new",))


class Calls:
    """Interprets calls in one frame."""

    def __init__(
        self,
        sdk: Sdk,
        proxies: Proxies,
        callees: Callable[[Invoke], tuple[Function, ...]],
        summaries: Mapping[Function, Summary],
        owner: Function,
    ) -> None:
        self._sdk = sdk
        self._proxies = proxies
        self._callees = callees
        self._known: dict[int, tuple[Function, ...]] = {}
        self._summaries = summaries
        self._owner = owner
        self._said: dict[int, tuple[Row, ...]] = {}
        self._by_reference: dict[int, frozenset[int]] = {}
        self._threads: dict[int, Invoke | None] = {}
        self._shown: Mapping[int, tuple[Shown, ...]] | None = None

    def run(self, evaluator: Evaluator, invoke: Invoke) -> None:
        """The effect of a call on the evaluator's state, its result stored in its target."""
        references = self._references(invoke)
        if self._shown is None:
            self._shown = shown(self._owner.body, self._sdk, lambda given: is_key(evaluator, given))
        if found := self._shown.get(id(invoke)):
            mark(evaluator, invoke, found)
        texts = taken_as_text(evaluator, invoke, self._bodies(invoke, self._rows(invoke)))
        evaluator.frame.showing = shows(invoke)
        args = tuple(
            evaluator.places.address(a)
            if i in references - texts.keys() and isinstance(a, Place)
            else evaluator.value(a)
            for i, a in enumerate(invoke.args)
        )
        evaluator.frame.showing = False
        if texts:
            args = tuple(
                copied(evaluator, texts[i], a, v) if i in texts else v
                for i, (a, v) in enumerate(zip(invoke.args, args, strict=True))
            )
        receiver = self._receiver(evaluator, invoke)
        if receiver is not None and invoke.name in FILLING:
            args = tuple(with_members(evaluator, e, v) for e, v in zip(invoke.args, args, strict=True))
        if invoke.callee is not None:
            evaluator.value(invoke.callee)
        result = self._call(evaluator, invoke, args, receiver)
        self._thread(evaluator, invoke)
        if invoke.name in LOOKUPS:
            result = looked_up(evaluator, invoke, args, result)
        if invoke.target is not None and not evaluator.state.dead:
            store(evaluator, invoke.target, result)

    def _thread(self, evaluator: Evaluator, invoke: Invoke) -> None:
        """What a thread does that the call starts; whether it ends is its own business."""
        key = id(invoke)
        if key not in self._threads:
            self._threads[key] = started(invoke)
        call = self._threads[key]
        if call is None or evaluator.state.dead or not (callees := self._bodies(call, ())):
            return
        self._summarised(evaluator, call, tuple(evaluator.value(a) for a in call.args), None, callees)
        evaluator.state.dead = False

    def _references(self, invoke: Invoke) -> frozenset[int]:
        """Positions of the arguments that the function called takes by reference: their addresses are passed."""
        found = self._by_reference.get(id(invoke))
        if found is None:
            callees = self._bodies(invoke, self._rows(invoke))
            found = frozenset(p.index for f in callees for p in f.params if p.type.reference)
            self._by_reference[id(invoke)] = found
        return found

    def _bodies(self, invoke: Invoke, rows: tuple[Row, ...]) -> tuple[Function, ...]:
        """The definitions that a call is followed into."""
        found = self._known.get(id(invoke))
        if found is None:
            found = self._callees(invoke)[:MAX_OVERLOADS]
            if rows:
                # Of a definition that could not be read nothing is known, and its name may be all that it shares.
                found = tuple(f for f in found if f.state is not ReadState.LOST)
            if rows and invoke.name in self._sdk.library:
                # What a cipher means cannot be seen in its source, so a library's rows win over it.
                found = tuple(f for f in found if f.state is not ReadState.PARTIAL and _is_namesake(f, rows))
            self._known[id(invoke)] = found
        return found

    def _receiver(self, evaluator: Evaluator, invoke: Invoke) -> Value | None:
        if invoke.receiver is None:
            return None
        if isinstance(invoke.receiver, Place):
            if invoke.receiver.steps:
                evaluator.places.locate(invoke.receiver)
            elif invoke.receiver.root.startswith("%"):
                # What a method gave out by reference is asked for more.
                given = evaluator.memory.stored(evaluator.frame.location(invoke.receiver.root))
                if given.targets:
                    return given
            return evaluator.places.address(invoke.receiver)
        return evaluator.value(invoke.receiver)

    def _call(self, evaluator: Evaluator, invoke: Invoke, args: tuple[Value, ...], receiver: Value | None) -> Value:
        use = self._proxies.of(invoke, self._owner)
        if use is not None and use.call.is_ocall:
            ordered = tuple(evaluator.value(a) for a in use.args)
            result = evaluator.value(use.result) if use.result is not None else None
            return Crossing(evaluator, use, invoke).run(ordered, result)
        if invoke.name in _VARIADIC and args:
            return self._started(evaluator, invoke)
        held = evaluator.containers.type_of(invoke.receiver)
        if held is not None and receiver is not None:
            return self._container(evaluator, invoke, args, receiver, held)
        rows = self._rows(invoke)
        callees = self._bodies(invoke, rows)
        printed(evaluator, invoke, args, format_position(rows, callees))
        if callees:
            return self._summarised(evaluator, invoke, args, receiver, callees)
        rows = rows or prints(invoke)
        if rows:
            refuses_null = invoke.name in self._sdk.refuses_null
            result = Modelled(evaluator, rows, invoke, args, receiver, refuses_null=refuses_null).run()
            if result != UNKNOWN:
                return result
            return compared(evaluator, invoke, args) if invoke.name in COMPARES else self._fresh(evaluator, invoke)
        if invoke.name.startswith("operator delete") and args:
            evaluator.touches.released(args[0], invoke, 0)
            return UNKNOWN
        if invoke.name in _ALLOCATORS and args:
            if args[0].taints:
                function = evaluator.frame.function.qualified
                event = Event("alloc", UNKNOWN, invoke.span, function, "allocation-size", invoke.name, args[0])
                evaluator.frame.note(event, evaluator.state)
            term = args[0].term
            if invoke.qualified == "operator new[]" and len(args) == 1 and term is not None and len(term.vector) == 1:
                # What follows is reached with no fewer elements than none: for those it throws.
                ((symbol, weight),) = term.vector
                if weight > 0 and term.constant == 0:
                    evaluator.state.learn(Bound(((symbol, -1),), 0))
            length = invoke.args[0]
            if invoke.qualified == "operator new[]" and len(args) == 1 and isinstance(length, Binary):
                # It looks itself whether the product with the size of an element wraps.
                for fact in of_block(evaluator.value(length.left).term):
                    evaluator.state.learn(fact)
            return Modelled(evaluator, (), invoke, args, receiver).allocated(args[0])
        return self._unknown(evaluator, invoke, args, receiver)

    def _container(
        self, evaluator: Evaluator, invoke: Invoke, args: tuple[Value, ...], receiver: Value, held: TypeRef
    ) -> Value:
        """A method or constructor of a container of the C++ library, whatever classes of the project have one too."""
        written = evaluator.type_of(invoke.receiver)
        constructs = written is not None and invoke.name in (_last(written.base), _last(held.base))
        name = held.base if constructs else invoke.name
        rows = self._sdk.about(_last(name), name if constructs else "", method=True, arguments=len(invoke.args))
        if rows:
            result = Modelled(evaluator, rows, replace(invoke, name=_last(name)), args, receiver).run()
        else:
            result = self._unknown(evaluator, invoke, args, receiver)
        return evaluator.containers.called(invoke, held, receiver, args, result, constructs=constructs)

    def _started(self, evaluator: Evaluator, invoke: Invoke) -> Value:
        """`va_start`: the list stands for all arguments beyond the parameters."""
        place = invoke.args[0]
        if isinstance(place, Place):
            rest = of_symbol(Symbol("param", "...", REST))
            evaluator.memory.store(
                evaluator.places.locate(place, touch=False).targets, Value(None, rest.taints), whole=True
            )
        return UNKNOWN

    def _rows(self, invoke: Invoke) -> tuple[Row, ...]:
        found = self._said.get(id(invoke))
        if found is None:
            found = self._said[id(invoke)] = rows_of(self._sdk, invoke)
        return found

    def _summarised(
        self,
        evaluator: Evaluator,
        invoke: Invoke,
        args: tuple[Value, ...],
        receiver: Value | None,
        callees: tuple[Function, ...],
    ) -> Value:
        results: list[Value] = []
        returns = False
        if not evaluator.frame.recording:
            frame = evaluator.frame
            frame.reach.passed(frame.leads(evaluator.state), callees, self._whole(evaluator, invoke, args), receiver)
        for function in callees:
            summary = self._summaries.get(function)
            if summary is None:
                # A function of the same cycle that has not been seen yet: it neither writes nor returns anything known.
                results.append(self._fresh(evaluator, invoke))
                returns = True
                continue
            instance = Instance(evaluator, summary, invoke, args, receiver)
            instance.events()
            if summary.returns:
                returns = True
                results.append(instance.apply())
        if not returns:
            evaluator.state.dead = True
            return UNKNOWN
        result = results[0]
        for other in results[1:]:
            term = result.term if result.term == other.term else self._fresh(evaluator, invoke).term
            result = Value(
                term,
                limited(result.taints | other.taints),
                merged_targets(result.targets, other.targets),
                result.trail or other.trail,
            )
        return result

    def _whole(self, evaluator: Evaluator, invoke: Invoke, args: tuple[Value, ...]) -> Iterator[Value]:
        """The arguments, a struct by value with the place where its members are."""
        layout = evaluator.frame.layout
        for expression, value in zip(invoke.args, args, strict=True):
            ref = evaluator.type_of(expression) if isinstance(expression, Place) and not value.targets else None
            if isinstance(expression, Place) and ref is not None and layout.definition(ref) is not None:
                at = evaluator.places.locate(expression, touch=False)
                value = Value(value.term, value.taints, at.targets, value.trail)
            yield value

    def _fresh(self, evaluator: Evaluator, invoke: Invoke) -> Value:
        return Value(atom(evaluator.frame.opaque("call", invoke.name or "pointer", invoke.span)))

    def _unknown(self, evaluator: Evaluator, invoke: Invoke, args: tuple[Value, ...], receiver: Value | None) -> Value:
        """The policy for code that nobody sees.

        It may use any address that it is given (noted, so that an unchecked one is found), it may have written to
        local memory that it was pointed to (which then holds nothing known, unless it held something of the
        host's, which stays), and its result derives from nothing. A name that speaks of encryption or hashing
        takes the secret out of the memory it is pointed to.
        """
        if _CHECKS.search(invoke.name) and receiver is None:
            return self._checked(evaluator, invoke, args)
        for position, value in enumerate(args):
            given = invoke.args[position]
            if isinstance(given, Place) and evaluator.containers.type_of(given) is not None:
                for target in evaluator.places.address(given).targets:
                    evaluator.containers.forgotten(target.location, invoke)
            if self._is_address(evaluator, invoke.args[position], value):
                evaluator.touches.access(
                    value,
                    UNKNOWN,
                    invoke.args[position].span,
                    write=True,
                    what=invoke.name or "a function pointer",
                    kind="pass",
                    name=text_of(invoke.args[position]),
                    param=position,
                )
            self._written(evaluator, invoke, value, position)
        if receiver is not None:
            return method(evaluator, invoke, args, receiver)
        put(evaluator, invoke, args)
        return made(evaluator, invoke, args, self._fresh(evaluator, invoke))

    def _is_address(self, evaluator: Evaluator, expression: Expression, value: Value) -> bool:
        """Whether an argument may be an address of the host: not a plain number, not the enclave's own memory."""
        if value.term is None or not value.taints:
            return False
        if isinstance(expression, Binary) and expression.op not in ("+", "-"):
            return False
        return evaluator.may_be_address(expression, value)

    def _checked(self, evaluator: Evaluator, invoke: Invoke, args: tuple[Value, ...]) -> Value:
        """A function that nobody sees and whose name says that it checks addresses is believed, whatever it returns."""
        for value in args:
            base = evaluator.pointing.base(value)
            if base is not None:
                evaluator.state.learn(Holds(base, Check("outside")))
        return self._fresh(evaluator, invoke)

    def _written(self, evaluator: Evaluator, invoke: Invoke, value: Value, position: int) -> None:
        fill(evaluator.frame, value.targets, None, invoke.span)
        for target in value.targets:
            if target.location.kind not in ("local", "heap"):
                continue
            evaluator.frame.escaped.add(target.location.root)
            known = evaluator.memory.content((target,))
            kept = frozenset(t for t in known.taints if t.kind != "uninit")
            if kept and _HIDES.search(invoke.name):
                kept = frozenset(t for t in kept if not is_secret(t))
            fresh = atom(evaluator.frame.opaque("call", invoke.name, invoke.span, position))
            if not kept and is_told(invoke, position):
                make(evaluator, invoke, position, (target,))
            elif not kept:
                evaluator.memory.store((target,), Value(fresh), whole=True)
            elif kept != known.taints:
                evaluator.memory.store((target,), Value(fresh, kept, (), known.trail), whole=True)


def _is_namesake(function: Function, rows: tuple[Row, ...]) -> bool:
    """Whether a definition shares no more than the name with a library's function: it takes other arguments, and its
    file does not include the library's header."""
    spots = (s for r in rows for s in (r.at, r.to, r.extent, r.times, r.capacity) if s is not None)
    known = max((s.arg + 1 for s in spots), default=0)
    if known <= len(function.params) <= known + MAX_UNMENTIONED:
        return False
    header = rows[0].header.rsplit("/", 1)[-1]
    return not header or header not in function.span.source.text


def _last(name: str) -> str:
    return name.rsplit("::", 1)[-1]


def store(evaluator: Evaluator, place: Place, value: Value, given: Expression | None = None) -> None:
    """Write a value to a place of the IR, noting the touch and the way it took; `given` is the expression for it."""
    at = evaluator.places.locate(place, touch=False)
    held = container(at.type, evaluator.frame.layout)
    if held is not None and len(at.targets) == 1:
        source = evaluator.places.address(given).targets if isinstance(given, Place) else ()
        only = source[0].location if len(source) == 1 else None
        evaluator.containers.assigned(at.targets[0].location, held, given or place, only)
    evaluator.places.touch(at, place.span, write=True)
    name = text_of(place)
    if isinstance(given, Place) and (at.type is None or evaluator.frame.layout.definition(at.type) is None):
        value = with_members(evaluator, given, value)
    kind = at.type or evaluator.type_of(place)
    if is_text(evaluator, kind):
        value = assigned_text(evaluator, place, value, given)
    if value.taints and name and not place.root.startswith("%"):
        value = value.via(place.span, f"{STORED}'{name}'")
    if isinstance(given, Place) and at.type is not None and not at.type.is_pointer:
        source, size = evaluator.places.address(given).targets, evaluator.frame.layout.size(at.type)
        note_raw(evaluator, at.targets, source, constant(size) if size is not None else None, place.span, whole=False)
    evaluator.memory.store(at.targets, value)
    element = element_of(at)
    if element is not None:
        # Of the others nobody knows which is which, but this one is read again as it was written.
        evaluator.memory.latest = (*element, value)
    _filled(evaluator, place, at, value)
    if value.number == 0 and place.steps and isinstance(place.steps[-1], Index | Deref) and at.pending is not None:
        for target in at.targets:
            known = evaluator.state.checks.get(target.location, frozenset())
            evaluator.state.checks[target.location] = frozenset(c for c in known if c.kind != "unterminated")
        base = evaluator.pointing.base(at.pending)
        if base is not None:
            evaluator.state.learn(Holds(base, Check("terminated")))
    note_kept(evaluator, at.targets, value, place.span, name)
    note_guarded(evaluator, value, place.span)


def _filled(evaluator: Evaluator, place: Place, at: Lvalue, value: Value) -> None:
    """Write down which bytes of a local a store writes; one whose address goes beyond a variable is written anyhow."""
    frame = evaluator.frame
    size = frame.layout.size(at.type) if at.type is not None else None
    fill(frame, at.targets, constant(size) if size is not None else None, place.span)
    if value.targets and (place.steps or any(t.location.kind != "local" for t in at.targets)):
        fill(frame, value.targets, None, place.span)
