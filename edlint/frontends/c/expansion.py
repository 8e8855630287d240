"""Uses of the project's macros: the body is lowered in place of the call."""

from __future__ import annotations

import re
from functools import lru_cache

from edlint.frontends.c.flattened import flattened
from edlint.frontends.c.flow import Flow
from edlint.frontends.c.frames import Frame, bind
from edlint.frontends.c.loops import heading
from edlint.frontends.c.pasting import (
    CACHED,
    STATEMENT_HEAD,
    VALUE_HEAD,
    Expanded,
    Piece,
    active,
    body_of,
    expand,
    split,
)
from edlint.frontends.c.syntax import Node, parse
from edlint.frontends.c.templates import is_empty, template, valued
from edlint.frontends.c.typed_arguments import with_names
from edlint.model.ir import MacroUse, Opaque, Value
from edlint.model.unit import Macro
from edlint.source import Span

MAX_NESTING = 12
MAX_TOTAL = 1_000_000
"""Code points of macro text lowered in one function."""
_HOLDER = re.compile(r"([A-Za-z_]\w*)\s*\Z")
_NEAR = 128
"""Code points in front of a parenthesis in which the name of a macro is looked for."""
_ALIAS = re.compile(r"[A-Za-z_]\w*")


def use(flow: Flow, node: Node, name: str, list_: Node | None, used: bool = True) -> Value | None:
    """Lower the use of a macro at `node`; None when the name is no macro here or its body is no complete code."""
    return _use(flow, node, name, list_, None, used=used)


def loop(flow: Flow, node: Node, name: str, list_: Node, block: Node) -> bool:
    """Lower a macro that heads a block, as `LIST_FOREACH(x, list) { ... }`; False when it is no macro."""
    return _use(flow, node, name, list_, block, used=False) is not None


def held(flow: Flow, node: Node) -> bool:
    """Lower statements that are handed to a macro, a block in the masked copy; False when it is no macro."""
    name = _HOLDER.search(flow.origin.text, max(0, node.start_byte - _NEAR), node.start_byte)
    return name is not None and _use(flow, node, name[1], node, None, used=False) is not None


def _use(flow: Flow, node: Node, name: str, list_: Node | None, block: Node | None, *, used: bool) -> Value | None:
    macro = flow.names.macro(name)
    if macro is None:
        return None
    around = active(flow.origin, node.start_byte)
    if name in around:
        return None
    if macro.params is not None and list_ is None:
        return None
    if macro.params is None and (not macro.body or (list_ is not None and _ALIAS.fullmatch(macro.body))):
        return None
    if flow.nesting >= MAX_NESTING or flow.expanded > MAX_TOTAL:
        flow.deep(node)
        return None
    if block is None and (list_ is not None if macro.params is not None else list_ is None and not _is_braced(macro)):
        frame = _filled(flow, node, macro, list_)
        if frame is not None:
            made = frame.template
            frame.active = (*around, name)
            return _within(flow, frame, macro, made.statements, made.value, braced=False, used=used)
    braced = block is None and _is_braced(macro)
    pasted = _pasted(flow, node, macro, list_, block, braced=braced)
    if pasted is None:
        return None
    text, statements = pasted
    text.active = (*around, name)
    return _within(flow, text, macro, statements, valued(statements), braced=braced, used=used)


def _is_braced(macro: Macro) -> bool:
    """Whether the body is a braced initialiser."""
    return macro.body.startswith("{") and ";" not in macro.body


def _filled(flow: Flow, node: Node, macro: Macro, list_: Node | None) -> Frame | None:
    """The use of a macro whose arguments, if it takes any, can stay nodes; None when they cannot."""
    params, names, span = macro.params or (), flow.names, flow.span(node)
    frame: Frame | None = None
    if list_ is not None:
        body = names.flat.get(macro.name)
        if body is None:
            body = names.flat[macro.name] = flattened(macro, names.language, names.macro)
        made = template(body, params, names.language)
        frame = bind(flow, made, params, list_, span) if made is not None else None
        if frame is None and body is not macro.body:
            # What does not fit the macros inside may still fit this one.
            made = template(macro.body, params, names.language)
            frame = bind(flow, made, params, list_, span) if made is not None else None
    elif (made := template(macro.body, params, names.language)) is not None:
        frame = Frame(made, (), (), span)
    if frame is not None:
        flow.expanded += len(frame.template.text)
    return frame


def _pasted(
    flow: Flow, node: Node, macro: Macro, list_: Node | None, block: Node | None, *, braced: bool
) -> tuple[Expanded, list[Node]] | None:
    """The use of a macro with its arguments put in as text, and its statements; None when it is no complete code."""
    origin, tails = flow.origin, [t for t in (list_, block) if t is not None]
    ranges = [(t.start_byte, t.end_byte) for t in tails]
    if isinstance(origin, Frame):
        ranges = [(origin.at(start), origin.at(end)) for start, end in ranges]
        origin = origin.expanded
    text = origin.text
    args: list[tuple[int, int]] = []
    if list_ is not None:
        start, end = ranges[0]
        # Statements that are handed to a macro may be read as a block that ends behind the semicolon of the call.
        args = split(text, start + 1, end - 2 if text[end - 1] == ";" else end - 1)
    if macro.params is not None and len(args) > len(macro.params) and not any("..." in p for p in macro.params):
        return None
    made = expand(macro, text, args if macro.params is not None else [], VALUE_HEAD if braced else STATEMENT_HEAD)
    if made is None:
        return None
    body, pieces = made
    for start, end in ranges if macro.params is None or list_ is None else ranges[1:]:
        pieces.append(Piece(len(body), len(body) + end - start, start))
        body += text[start:end]
    masked = body
    if block is not None and not isinstance(flow.origin, Frame):
        masked = body[: len(body) + block.start_byte - block.end_byte] + _masked(flow, block)
    statements = _statements(flow, masked, grown=len(body))
    return (Expanded(body + ";}", pieces, flow.span(node), origin), statements) if statements is not None else None


def _masked(flow: Flow, block: Node) -> str:
    """The text of a block, with `if` or `while` for each macro in it that heads a block of its own."""
    text = list(flow.text(block))
    pending = [block]
    while pending:
        node = pending.pop()
        word = _HEADING.get(node.type, "")
        name = heading(flow.origin.text, node) if word else ""
        if len(name) >= len(word) > 0:
            start = node.start_byte - block.start_byte
            text[start : start + len(name)] = word.ljust(len(name))
        pending.extend(node.named_children)
    return "".join(text)


_HEADING = {"if_statement": "if", "while_statement": "while"}


def _within(
    flow: Flow,
    inner: Expanded | Frame,
    macro: Macro,
    statements: list[Node],
    value: Node | None,
    *,
    braced: bool,
    used: bool,
) -> Value:
    """Lower the statements of an expansion."""
    outer = flow.origin, flow.macro
    flow.origin = inner
    flow.macro = flow.macro or MacroUse(macro.name, inner.use, macro.span)
    flow.nesting += 1
    try:
        return _lowered(flow, statements, value, inner.use, braced=braced, used=used)
    finally:
        flow.origin, flow.macro = outer
        flow.nesting -= 1


def _statements(flow: Flow, body: str, grown: int) -> list[Node] | None:
    """The statements of a made function whose text, but for its end, is `body`; None when it does not parse."""
    flow.expanded += grown
    return _parsed(body, flow.names.language)


@lru_cache(CACHED)
def _parsed(body: str, language: str) -> list[Node] | None:
    root = parse((body + ";}").encode("ascii", "replace"), language).root_node
    if root.has_error:
        masked = with_names(body)
        if masked == body:
            return None
        root = parse((masked + ";}").encode("ascii", "replace"), language).root_node
    block = body_of(root) if not root.has_error else None
    if block is None or block.end_byte < len(body):
        return None
    return [c for c in block.named_children if c.type != "comment" and not is_empty(c)]


def reread(flow: Flow, list_: Node) -> tuple[Value, ...] | None:
    """Lower the text of a parameter list as the arguments of a call; None when it is no such thing."""
    text = flow.origin.text
    head = STATEMENT_HEAD + "f"
    body = head + text[list_.start_byte : list_.end_byte]
    statements = _statements(flow, body, grown=len(body))
    if statements is None or len(statements) != 1 or not statements[0].named_children:
        return None
    call = statements[0].named_children[0]
    arguments = call.child_by_field_name("arguments") if call.type == "call_expression" else None
    if arguments is None:
        return None
    outer = flow.origin
    flow.origin = Expanded(body + ";}", [Piece(len(head), len(body), list_.start_byte)], flow.span(list_), outer)
    try:
        return tuple(flow.value(c) for c in arguments.named_children if c.type != "comment")
    finally:
        flow.origin = outer


def _lowered(flow: Flow, statements: list[Node], last: Node | None, span: Span, *, braced: bool, used: bool) -> Value:
    if braced and statements:
        declarator = statements[0].child_by_field_name("declarator")
        value = declarator.child_by_field_name("value") if declarator is not None else None
        return flow.value(value) if value is not None else Opaque("macro", (), span)
    for statement in statements[:-1]:
        flow.statement(statement)
    if not statements:
        return Opaque("nothing", (), span)
    if last is None:
        flow.statement(statements[-1])
    elif used:
        return flow.value(last)
    else:
        flow.effect(last)
    return Opaque("statement", (), span)
