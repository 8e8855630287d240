"""Keys in global variables: which ECALL fills them and which uses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from edlint.analysis.entries import Entries
from edlint.analysis.globals import Globals, Touch, answers, global_name
from edlint.analysis.keyparams import KeyParams, place_of
from edlint.analysis.rows import rows_of
from edlint.model.ir import Address, Aggregate, Branch, Number, Place, Return, Variable, walk
from edlint.model.program import Program
from edlint.model.unit import Function
from edlint.source import Span

_Known: TypeAlias = tuple[Entries, KeyParams]


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
        known = (entries, KeyParams.of(program, entries) if candidates else KeyParams({}, {}))
        for function in entries.graph.reached:
            given = list(_arguments(program, shared, function, candidates, known))
            used[function] = [(name, span) for name, span, is_key, _ in given if is_key]
            filled[function] = [
                *((name, span) for name, span, _, fills in given if fills),
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
    wanted = {name for given in used.values() for name, _ in given}
    for name in (n for n in candidates if n in wanted):
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
    program: Program, shared: Globals, function: Function, candidates: Mapping[str, Variable], known: _Known
) -> Iterator[tuple[str, Span, bool, bool]]:
    """Globals given to calls: whether a key is used there, and whether something is written into them."""
    entries, params = known
    for invoke in shared.body(function).invokes():
        for position, argument in enumerate(invoke.args):
            place = place_of(argument)
            name = global_name(function, place, candidates) if place is not None else ""
            if name and place is not None:
                targets = entries.graph.callees(invoke, function)
                is_key, fills = params.role(program, invoke, targets, position)
                unseen = not is_key and not targets and not rows_of(program.sdk, invoke)
                yield name, argument.span, is_key, fills or (isinstance(argument, Address) and unseen)


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
