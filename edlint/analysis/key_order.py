"""Keys in global variables: which ECALL fills them and which uses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from edlint.analysis.entries import Entries
from edlint.analysis.globals import Globals, Touch, answers, global_name
from edlint.analysis.rows import rows_of
from edlint.model.ir import Address, Aggregate, Branch, Cast, Invoke, Number, Place, Return, Value, Variable, walk
from edlint.model.program import Program
from edlint.model.unit import Function
from edlint.source import Span


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A key in a global that an ECALL uses although only others fill it."""

    name: str
    root: Function
    """The implementation of the ECALL that uses it."""
    function: Function
    span: Span
    setters: tuple[tuple[Function, Span], ...]
    """Implementations of the ECALLs that fill it, with the place."""


@dataclass(frozen=True)
class KeyOrder:
    """The key uses that rely on an earlier ECALL and ask nothing."""

    uses: tuple[KeyUse, ...]

    @staticmethod
    def build(program: Program, entries: Entries, shared: Globals) -> KeyOrder:
        """Compare what each ECALL fills, asks and uses, over all that it reaches."""
        candidates = {name: v for name, v in shared.variables.items() if _starts_empty(v)}
        used: dict[Function, list[tuple[str, Span]]] = {}
        filled: dict[Function, list[tuple[str, Span]]] = {}
        asked: dict[Function, frozenset[str]] = {}
        for function in entries.graph.reached:
            used[function] = list(_arguments(program, shared, function, candidates, True))
            filled[function] = [
                *_arguments(program, shared, function, candidates, False),
                *((m.name, m.span) for m in shared.mentions[function] if m.touch is Touch.CHANGE),
            ]
            asked[function] = frozenset(_asked(shared, function))
        return KeyOrder(tuple(_found(entries, shared, candidates, used, filled, asked)))


def _found(
    entries: Entries,
    shared: Globals,
    candidates: Mapping[str, Variable],
    used: Mapping[Function, list[tuple[str, Span]]],
    filled: Mapping[Function, list[tuple[str, Span]]],
    asked: Mapping[Function, frozenset[str]],
) -> Iterator[KeyUse]:
    reach = {root: entries.reach(root) for _, root in entries.roots}
    for name in candidates:
        setters = tuple(
            (root, next(span for f in reached for n, span in filled[f] if n == name))
            for root, reached in reach.items()
            if any(n == name for f in reached for n, _ in filled[f])
        )
        companions = {m.name for root, _ in setters for f in reach[root] for m in shared.mentions[f] if m.tells}
        companions = {each for each in companions if shared.may_tell(each)}
        for root, reached in reach.items():
            if not setters or root in (setter for setter, _ in setters):
                continue
            if any(asked[f] & (companions | {name}) for f in reached):
                continue
            for function in reached:
                first = next((span for found, span in used[function] if found == name), None)
                if first is not None:
                    yield KeyUse(name, root, function, first, setters)


def _starts_empty(variable: Variable) -> bool:
    """Whether it is bytes or a struct of C that nothing initialises with a value."""
    used, value = variable.type, variable.initialiser
    if used.pointers or used.reference or used.arguments or "::" in used.base:
        return False
    if isinstance(value, Aggregate):
        return all(isinstance(item, Number) and item.value == 0 for _, item in value.items)
    return value is None


def _arguments(
    program: Program, shared: Globals, function: Function, candidates: Mapping[str, Variable], as_key: bool
) -> Iterator[tuple[str, Span]]:
    """Globals given to calls: where a key is used, or where something is written into them."""
    for invoke in shared.body(function).invokes():
        for position, argument in enumerate(invoke.args):
            place = _place(argument)
            name = global_name(function, place, candidates) if place is not None else ""
            if name and place is not None:
                is_key, fills = _role(program, invoke, position, isinstance(argument, Address))
                if is_key if as_key else fills:
                    yield name, argument.span


def _role(program: Program, invoke: Invoke, position: int, addressed: bool) -> tuple[bool, bool]:
    rows = rows_of(program.sdk, invoke)
    is_key = any(r.word == "sink" and r.kind == "key-use" and r.at.arg == position for r in rows)
    fills = any(
        (r.word in ("source", "clean") and r.at.pointee and r.at.arg == position)
        or (r.to is not None and r.to.pointee and r.to.arg == position)
        for r in rows
    )
    return is_key, fills or (addressed and not rows and not is_key)


def _place(value: Value) -> Place | None:
    while isinstance(value, (Cast, Address)):
        value = value.place if isinstance(value, Address) else value.operand
    return value if isinstance(value, Place) else None


def _asked(shared: Globals, function: Function) -> Iterator[str]:
    body, variables = shared.body(function), shared.variables
    given = answers(function, body, variables)
    for block in body.blocks:
        match block.end:
            case Branch(condition=value):
                pass
            case Return(value=value) if value is not None:
                pass
            case _:
                continue
        for part in walk(value):
            if not isinstance(part, Place):
                continue
            if name := global_name(function, part, variables) or given.get(part.root, ""):
                yield name
