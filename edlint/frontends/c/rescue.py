"""Functions of a C file that the first reader could not read whole, read again.

First with one alternative of each `#if`, then, macros expanded, by the second reader.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Protocol, cast

from edlint.frontends.c import lowering
from edlint.frontends.c.alternatives import Alternatives, definition
from edlint.frontends.c.declarators import head, parameters, take
from edlint.frontends.c.flow import Direct, Names
from edlint.frontends.c.items import Item, scan
from edlint.frontends.c.mentions import Stretch
from edlint.frontends.c.second import Budget, Reading, expanded, read_function
from edlint.frontends.c.shapes import Rendered, Shape
from edlint.frontends.c.signatures import named, passed_result, signature
from edlint.frontends.c.syntax import Effort, Node, TooHardError, parse
from edlint.frontends.c.tokens import deep
from edlint.model.ir import Block, Body, Branch, MacroUse, Op, Return, Terminator, Variable
from edlint.model.types import TypeRef
from edlint.model.unit import Function, Macro, ReadState, Signature
from edlint.source import Source, Span

_NAME = re.compile(r"([A-Za-z_]\w*)\s*\(")
MAX_ITEM = 16_000
"""Code points of a function that the second reader is given."""
_NO_NAMES = frozenset(
    ("__attribute__", "__attribute", "__declspec", "if", "while", "for", "switch", "return", "sizeof")
)


class FileNames(Names, Protocol):
    """What the project says about a name, seen from one file."""

    def macro(self, name: str) -> Macro | None:
        """The macro that a name means in the file."""


def read_again(
    functions: Sequence[Function], source: Source, clean: str, data: bytes, names: FileNames, effort: Effort
) -> list[Function]:
    """The functions of the file: those in pieces replaced by their second reading, those missed added.

    `clean` is the text without comments and literals, `data` what the first reader read, `effort` what was done for the
    file so far. What neither reader could
    read is there with state lost.
    """
    budget = Budget(effort)
    alternatives: Alternatives | None = None
    kept = {id(f): f for f in functions}
    ordered = sorted(functions, key=lambda f: f.span.start)
    starts = [f.span.start for f in ordered]
    found: list[Function] = []
    for item in scan(source).items:
        if not _is_function(clean, item):
            continue
        inside = ordered[bisect_left(starts, item.start) : bisect_left(starts, item.end)]
        first = next((f for f in inside if f.span.start < item.body), None)
        if first is not None and not first.unread:
            continue
        alternatives = alternatives or Alternatives(data, names.decided, effort)
        try:
            again = None if effort.is_too_much else _read(source, clean, item, alternatives, names, budget)
        except TooHardError:
            again = None
        if again is None:
            if not inside:
                lost = _lost(source, clean, item)
                found += [lost] if lost is not None else []
            continue
        for function in inside:
            kept.pop(id(function), None)
        found.append(again)
    return sorted([*kept.values(), *found], key=lambda f: f.span.start)


def _read(
    source: Source, clean: str, item: Item, alternatives: Alternatives, names: FileNames, budget: Budget
) -> Function | None:
    node = alternatives.definition(item)
    found = _chosen(source, clean, item, node, names) if node is not None else None
    if found is not None or item.end - item.start > MAX_ITEM:
        return found
    reading = _expanded(source, item, names, budget) or read_function(source, item, names, budget)
    return _function(source, clean, item, reading, names) if reading is not None else None


def _expanded(source: Source, item: Item, names: FileNames, budget: Budget) -> Reading | None:
    """The reading of an item by the first reader's grammar once macros are expanded."""
    if "#" in source.text[item.start : item.body]:
        # Of several heads the second reader knows to take one.
        return None
    readings = (_rendered(made, budget.effort) for made in expanded(source, item, names, budget))
    return next((r for r in readings if r is not None), None)


def _rendered(made: Rendered, effort: Effort) -> Reading | None:
    """The reading of a rendered text by the first reader's grammar."""
    node = definition(parse(made.text.encode("ascii", "replace"), "c", effort).root_node)
    place, function = head(node.child_by_field_name("declarator")) if node is not None else (None, None)
    if node is None or place is None or function is None:
        return None
    return Reading(made.text[place.start_byte : place.end_byte], node, made)


def _chosen(source: Source, clean: str, item: Item, node: Node, names: FileNames) -> Function | None:
    """The function whose definition is a node over the file's own text."""
    place, function = head(node.child_by_field_name("declarator"))
    found = named(place, function, source.text)
    if found is None or not found.name or function is None:
        return None
    span = source.span(found.node.start_byte, found.node.end_byte)
    read = cache(partial(signature, node, source.text, span))
    return Function(
        found.name,
        found.name,
        span,
        source.span(item.start, item.end),
        "c",
        ReadState.SECOND,
        read,
        lambda: lowering.lower(node, read().params, names, Direct(span)),
        static="static" in clean[item.start : found.node.start_byte].split(),
        extern_c=item.inside > 0,
        words=Stretch(clean, item.start, item.body, item.end),
    )


@dataclass(frozen=True, slots=True)
class Reread:
    """The second reading of a function, and what the first reader makes of what the second was given."""

    second: Function
    chosen: tuple[Function, ...]
    """Of the alternatives of `#if` that the second took, in the copy that the first reader was given and in the file
    itself: in the copy some may be chosen already."""
    same: Function | None
    """Of the very text that the second read."""


def compared(function: Function, source: Source, clean: str, data: bytes, names: FileNames) -> Reread | None:
    """The second reading of one function of a C file with what it is compared to; None when there is none."""
    item = scan(source).at(function.span.start)
    if item is None or not _is_function(clean, item):
        return None
    reading = read_function(source, item, names)
    if reading is None:
        return None
    second = _function(source, clean, item, reading, names)
    texts = dict.fromkeys((data, source.text.encode("ascii", "replace")))
    nodes = (Alternatives(text, names.decided, Effort()).reading(item, holds=reading.holds) for text in texts)
    found = (_chosen(source, clean, item, node, names) for node in nodes if node is not None)
    chosen = tuple(f for f in found if f is not None)
    again = _rendered(Rendered(source, reading.origin.tokens), Effort())
    return Reread(second, chosen, _function(source, clean, item, again, names) if again is not None else None)


def _is_function(clean: str, item: Item) -> bool:
    if item.body < 0 or clean[item.end - 1] != "}":
        return False
    front = clean[item.start : item.body].strip()
    return "(" in front and front[-1] not in "(,=" and not front.startswith("typedef")


def _function(source: Source, clean: str, item: Item, reading: Reading, names: FileNames) -> Function:
    node, origin = reading.node, reading.origin
    declarator = cast("Node | None", node.child_by_field_name("declarator"))
    declared = take(cast(Node, node), declarator, origin.text)
    params: tuple[Variable, ...] = ()
    variadic = False
    if declared.function is not None:
        made, variadic = parameters(declared.function, origin.text, source.span(0, 0))
        params = tuple(_placed(v, origin) for v in made)
    storage = [c for c in node.children if c.type == "storage_class_specifier"]
    name = declared.name
    place = origin.span(name.start_byte, name.end_byte) if name is not None else source.span(item.start, item.body)
    result = passed_result(cast(Node, node), declarator, origin.text) or declared.type
    signature = Signature(result, params, variadic)
    return Function(
        reading.name,
        reading.name,
        place,
        source.span(item.start, item.end),
        "c",
        ReadState.SECOND,
        lambda: signature,
        partial(_lower, node, params, origin, names),
        static=any(origin.text[c.start_byte : c.end_byte] == "static" for c in storage),
        extern_c=item.inside > 0,
        words=Stretch(clean, item.start, item.body, item.end),
    )


def _placed(variable: Variable, origin: Rendered) -> Variable:
    """The variable with the places of the file instead of those of the rendered text."""
    span, declared = variable.span, variable.declared
    return replace(
        variable,
        span=origin.span(span.start, span.end),
        declared=origin.span(declared.start, declared.end) if declared is not None else None,
    )


def _lower(node: Shape | Node, params: tuple[Variable, ...], origin: Rendered, names: FileNames) -> Body:
    with deep():
        body = lowering.lower(cast(Node, node), params, names, origin)
    return _marked(body, origin, names)


def _marked(body: Body, origin: Rendered, names: FileNames) -> Body:
    """The body with the macros told through which its operations came."""
    uses: dict[tuple[int, int], MacroUse] = {}
    for piece in origin.tokens:
        if piece.macro and (piece.start, piece.end) not in uses:
            macro = names.macro(piece.macro)
            span = origin.source.span(piece.start, piece.end)
            if macro is not None:
                uses[piece.start, piece.end] = MacroUse(piece.macro, span, macro.span)
    if not uses:
        return body
    blocks = tuple(Block(tuple(_mark(op, uses) for op in b.ops), _mark_end(b.end, uses)) for b in body.blocks)
    return Body(blocks, body.variables, body.unread)


def _mark(op: Op, uses: dict[tuple[int, int], MacroUse]) -> Op:
    use = uses.get((op.span.start, op.span.end))
    return replace(op, macro=use) if use is not None and op.macro is None else op


def _mark_end(end: Terminator, uses: dict[tuple[int, int], MacroUse]) -> Terminator:
    use = uses.get((end.span.start, end.span.end))
    if use is None or not isinstance(end, Branch | Return) or end.macro is not None:
        return end
    return replace(end, macro=use)


def _lost(source: Source, clean: str, item: Item) -> Function | None:
    """A function of which only the name is known."""
    named = [m for m in _NAME.finditer(clean, item.start, item.body) if m[1] not in _NO_NAMES]
    if not named:
        return None
    extent = source.span(item.start, item.end)
    return Function(
        named[0][1],
        named[0][1],
        source.span(named[0].start(1), named[0].end(1)),
        extent,
        "c",
        ReadState.LOST,
        lambda: Signature(TypeRef("int")),
        partial(_nothing, extent),
        unread=(extent,),
        words=Stretch(clean, item.start, item.body, item.end),
    )


def _nothing(span: Span) -> Body:
    return lowering.empty(span, ())
