"""Calls of OCALL proxies: what leaves the enclave, and what the host gives back."""

from __future__ import annotations

from edlint.analysis.proxies import ProxyUse
from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.events import Event, SourceInfo
from edlint.analysis.taint.filling import fill, sent
from edlint.analysis.taint.state import Check, Holds
from edlint.analysis.taint.symbols import DEREF, ZERO, Linear, Symbol, add, atom, constant, scale
from edlint.analysis.taint.values import UNKNOWN, Target, Trail, Value, limited, number, of_symbol, step
from edlint.model.interface import Param
from edlint.model.ir import Invoke


class Crossing:
    """One OCALL in one state."""

    def __init__(self, evaluator: Evaluator, use: ProxyUse, invoke: Invoke) -> None:
        self._evaluator = evaluator
        self._use = use
        self._invoke = invoke
        self._frame = evaluator.frame

    def run(self, args: tuple[Value, ...], result: Value | None) -> Value:
        """What leaves, then what comes back; the value is that of the call expression."""
        call = self._use.call
        for position, (param, arg) in enumerate(zip(call.params, args, strict=True)):
            self._leaves(position, param, arg)
        for position, (param, arg) in enumerate(zip(call.params, args, strict=True)):
            self._comes(position, param, arg)
        returned = of_symbol(self._source(-1, "ocall-result"), self._trail("what the OCALL returned"))
        if self._use.direct:
            return returned if not call.result.is_void else UNKNOWN
        if result is not None:
            self._evaluator.memory.store(self._evaluator.pointing.targets(result), returned, whole=True)
        status = self._frame.opaque("call", call.name, self._invoke.span, "status")
        return Value(atom(status))

    def _trail(self, what: str) -> Trail:
        return step(None, self._invoke.span, f"{what}: the host decides")

    def _source(self, position: int, kind: str) -> Symbol:
        info = SourceInfo(
            kind, self._invoke.span, self._frame.function.qualified, self._use.call.name, self._use, position
        )
        return self._frame.registry.symbol(info)

    def _leaves(self, position: int, param: Param, arg: Value) -> None:
        bridge = param.bridge
        content = bridge.copies_in and param.type.is_pointer
        name = self._use.call.name
        if content:
            targets = self._evaluator.pointing.targets(arg)
            value = self._evaluator.memory.content(targets)
            length = self._moved(param)
            value = sent(self._frame, self._evaluator.state, value, targets, length, self._invoke.span)
            subject = Value(value.term, value.taints, targets, value.trail or arg.trail)
        else:
            subject, length = arg, None
        event = Event(
            "sink",
            subject,
            self._invoke.span,
            self._frame.function.qualified,
            "host-sink",
            name,
            Value(length),
            use=self._use,
            param=position,
            type=param.type,
        )
        self._frame.note(event, self._evaluator.state)
        extent = bridge.extent
        if (bridge.copies_in or bridge.copies_out) and extent is not None and extent.operands:
            self._evaluator.touches.access(
                arg,
                self._length(param),
                self._invoke.span,
                write=bridge.copies_out,
                what=name,
                kind="access",
                param=position,
            )

    def _moved(self, param: Param) -> Linear | None:
        """Bytes that cross for a parameter, where that is no string."""
        extent = param.bridge.extent
        if extent is not None and extent.string:
            return None
        if extent is not None and extent.operands:
            return self._length(param).term
        ref = self._frame.layout.resolve(param.type)
        size = self._frame.layout.size(ref) if ref.dims else self._frame.layout.pointee_size(ref)
        return constant(size) if size is not None else None

    def _length(self, param: Param) -> Value:
        """Bytes that the proxy moves for a parameter, as the caller gave them."""
        extent = param.bridge.extent
        if extent is None:
            return UNKNOWN
        layout = self._frame.layout
        values: list[Value] = []
        for operand in extent.operands:
            if operand.value is not None:
                values.append(number(operand.value))
                continue
            expression = self._use.argument(operand.text)
            values.append(self._evaluator.value(expression) if expression is not None else UNKNOWN)
        if extent.size is None:
            values.append(number(layout.pointee_size(param.type) or 1))
        return product(values)

    def _comes(self, position: int, param: Param, arg: Value) -> None:
        bridge = param.bridge
        if not param.type.is_pointer or not (bridge.copies_out or bridge.is_raw):
            return
        targets = self._evaluator.pointing.targets(arg)
        if not targets or bridge.is_raw:
            fill(self._frame, targets, None, self._invoke.span)
            return
        fill(self._frame, targets, self._length(param).term, self._invoke.span)
        name = param.name
        source = self._source(position, "ocall-result")
        value = of_symbol(source.step(DEREF), self._trail(f"the OCALL wrote '{name}'"))
        self._evaluator.memory.store(targets, value, whole=True)
        self._ends(param, targets)

    def _ends(self, param: Param, targets: tuple[Target, ...]) -> None:
        """Whether the host filled an object to its last byte, so that no terminator need be left behind its bytes."""
        filled, state = self._moved(param), self._evaluator.state
        for target in targets:
            known = state.checks.get(target.location, frozenset())
            state.checks[target.location] = frozenset(c for c in known if c.kind != "unterminated")
            if filled is None:
                continue
            if target.extent is not None and target.offset == ZERO and add(target.extent, filled, -1) == ZERO:
                state.learn(Holds(target.location, Check("unterminated")))


def product(values: list[Value]) -> Value:
    """The product of lengths where it stays linear; else only what it derives from."""
    result = number(1)
    for value in values:
        taints = limited(result.taints | value.taints)
        trail = result.trail or value.trail
        if result.term is not None and value.term is not None and (result.term.is_constant or value.term.is_constant):
            if value.number is not None:
                term = scale(result.term, value.number)
            else:
                term = scale(value.term, result.term.constant)
            result = Value(term, taints, (), trail)
        else:
            result = Value(None, taints, (), trail)
    return result
