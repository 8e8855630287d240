"""Uses of the project's macros: the body is lowered in place of the call, with the arguments put in as text."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache

from edlint.frontends.c.flow import Flow, Origin
from edlint.frontends.c.syntax import Node, parse
from edlint.model.ir import MacroUse, Opaque, Value
from edlint.model.unit import Macro
from edlint.record import record
from edlint.source import Span

MAX_NESTING = 12
MAX_TEXT = 32_000
"""Code points that one use may grow to."""
MAX_TOTAL = 1_000_000
"""Code points of macro text lowered in one function."""

_PIECES = re.compile(
    r"""[A-Za-z_$][\w$]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\s*\#\#\s*|\#\s*(?=[A-Za-z_])|[^\w"'#$]+|.""",
    re.DOTALL,
)
_SPLIT = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[()\[\]{},]""", re.DOTALL)
_ALIAS = re.compile(r"[A-Za-z_]\w*")
_CACHED = 1024
"""Macro bodies in pieces, and expansions in trees, that are kept: most uses of a macro repeat an earlier one."""
_STATEMENT_HEAD = "void f(void){"
_VALUE_HEAD = "void f(void){T x="


@record(frozen=True, slots=True)
class _Piece:
    """A part of an expansion that was copied from the text of the use."""

    start: int
    end: int
    origin: int


class Expanded:
    """Text made by a macro; what came from the arguments keeps its place, all else stands at the use."""

    __slots__ = ("outer", "pieces", "starts", "text", "use")

    def __init__(self, text: str, pieces: list[_Piece], use: Span, outer: Origin) -> None:
        self.text = text
        self.pieces = pieces
        self.starts = [p.start for p in pieces]
        self.use = use
        self.outer = outer

    def span(self, start: int, end: int) -> Span:
        """The place in the file of a range of the expansion."""
        at = bisect_right(self.starts, start) - 1
        if at >= 0 and end <= self.pieces[at].end:
            shift = self.pieces[at].origin - self.pieces[at].start
            return self.outer.span(start + shift, end + shift)
        return self.use


def split(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The arguments in text[start:end], which lies between the parentheses of a call."""
    if not text[start:end].strip():
        return []
    found: list[tuple[int, int]] = []
    depth, begin = 0, start
    for token in _SPLIT.finditer(text, start, end):
        char = token[0]
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and depth == 0:
            found.append((begin, token.start()))
            begin = token.end()
    found.append((begin, end))
    return found


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _stringified(text: str) -> str:
    words = " ".join(text.split())
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


@lru_cache(_CACHED)
def _pieces(body: str) -> list[str]:
    return _PIECES.findall(body)


@lru_cache(_CACHED)
def _template(body: str, params: tuple[str, ...]) -> tuple[str | int, ...] | None:
    """The body of a macro as text and positions of parameters; None when it does more than put arguments in."""
    if "#" in body or "__VA_OPT__" in body or any("..." in p for p in params[:-1]):
        return None
    names = {name: at for at, name in enumerate(params)}
    if params and params[-1].endswith("..."):
        last = len(params) - 1
        names[params[-1].removesuffix("...").strip() or "__VA_ARGS__"] = names["__VA_ARGS__"] = ~last
    parts: list[str | int] = [""]
    for token in _pieces(body):
        at = names.get(token)
        if at is not None:
            parts += [at, ""]
        else:
            parts[-1] = f"{parts[-1]}{token}"
    return tuple(parts)


def _filled(
    parts: tuple[str | int, ...], text: str, ranges: list[tuple[int, int]], head: str
) -> tuple[str, list[_Piece]] | None:
    """A template with its arguments, ranges of `text`; what a negative position asks for are all from there on."""
    out: list[str] = [head]
    size = len(head)
    pieces: list[_Piece] = []
    for part in parts:
        if isinstance(part, str):
            token = part
        else:
            first = part if part >= 0 else ~part
            start, end = ranges[first] if first < len(ranges) else (0, 0)
            end = ranges[-1][1] if part < 0 and first < len(ranges) else end
            token = text[start:end]
            pieces.append(_Piece(size, size + len(token), start))
        out.append(token)
        size += len(token)
        if size > MAX_TEXT:
            return None
    return "".join(out), pieces


def expand(macro: Macro, text: str, args: list[tuple[int, int]], head: str) -> tuple[str, list[_Piece]] | None:
    """The body of `macro` with the arguments, ranges of `text`, put in; None when it grows too large."""
    params = macro.params or ()
    ranges = [_trim(text, a, b) for a, b in args]
    parts = _template(macro.body, params)
    if parts is not None:
        return _filled(parts, text, ranges, head)
    bound: dict[str, tuple[int, int]] = {}
    for position, name in enumerate(params):
        if name.endswith("..."):
            rest = ranges[position:]
            whole = (rest[0][0], rest[-1][1]) if rest else (0, 0)
            bound[name.removesuffix("...").strip() or "__VA_ARGS__"] = whole
            bound["__VA_ARGS__"] = whole
        else:
            bound[name] = ranges[position] if position < len(ranges) else (0, 0)
    out: list[str] = [head]
    size = len(head)
    pieces: list[_Piece] = []
    tokens = _pieces(macro.body)
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        stripped = token.strip()
        if stripped == "##":
            while out and out[-1].isspace() and len(out) > 1:
                size -= len(out.pop())
            continue
        if stripped == "#" and at < len(tokens) and tokens[at] in bound:
            start, end = bound[tokens[at]]
            token = _stringified(text[start:end])
            at += 1
        elif token in bound:
            start, end = bound[token]
            pasted = (at < len(tokens) and tokens[at].strip() == "##") or (at > 1 and tokens[at - 2].strip() == "##")
            if start == end and pasted and out[-1].rstrip().endswith(","):
                # `, ##__VA_ARGS__` with nothing there takes the comma away.
                trimmed = out[-1].rstrip()[:-1]
                size -= len(out[-1]) - len(trimmed)
                out[-1] = trimmed
            token = text[start:end]
            pieces.append(_Piece(size, size + len(token), start))
        elif token == "__VA_OPT__":
            token = ""
        out.append(token)
        size += len(token)
        if size > MAX_TEXT:
            return None
    return "".join(out), pieces


def use(flow: Flow, node: Node, name: str, list_: Node | None, used: bool = True) -> Value | None:
    """Lower the use of a macro at `node`; None when the name is no macro here or its body is no complete code."""
    return _use(flow, node, name, list_, None, used=used)


def loop(flow: Flow, node: Node, name: str, list_: Node, block: Node) -> bool:
    """Lower a macro that heads a block, as `LIST_FOREACH(x, list) { ... }`; False when it is no macro."""
    return _use(flow, node, name, list_, block, used=False) is not None


def _use(flow: Flow, node: Node, name: str, list_: Node | None, block: Node | None, *, used: bool) -> Value | None:
    macro = flow.names.macro(name)
    if macro is None:
        return None
    if name in flow.active or len(flow.active) >= MAX_NESTING or flow.expanded > MAX_TOTAL:
        return None
    if macro.params is not None and list_ is None:
        return None
    if macro.params is None and (not macro.body or (list_ is not None and _ALIAS.fullmatch(macro.body))):
        return None
    text = flow.origin.text
    args = split(text, list_.start_byte + 1, list_.end_byte - 1) if list_ is not None else []
    if macro.params is not None and len(args) > len(macro.params) and not any("..." in p for p in macro.params):
        return None
    braced = macro.body.startswith("{") and ";" not in macro.body and block is None
    made = expand(macro, text, args if macro.params is not None else [], _VALUE_HEAD if braced else _STATEMENT_HEAD)
    if made is None:
        return None
    body, pieces = made
    for tail in (list_ if macro.params is None else None, block):
        if tail is not None:
            pieces.append(_Piece(len(body), len(body) + tail.end_byte - tail.start_byte, tail.start_byte))
            body += text[tail.start_byte : tail.end_byte]
    statements = _statements(flow, body, grown=len(body))
    if statements is None:
        return None
    span = flow.span(node)
    outer = flow.origin, flow.macro, flow.active
    flow.origin = Expanded(body + ";}", pieces, span, flow.origin)
    flow.macro = flow.macro or MacroUse(name, span, macro.span)
    flow.active = (*flow.active, name)
    try:
        return _lowered(flow, statements, span, braced=braced, used=used)
    finally:
        flow.origin, flow.macro, flow.active = outer


def _statements(flow: Flow, body: str, grown: int) -> list[Node] | None:
    """The statements of a made function whose text, but for its end, is `body`; None when it does not parse."""
    flow.expanded += grown
    return _parsed(body, flow.names.language)


@lru_cache(_CACHED)
def _parsed(body: str, language: str) -> list[Node] | None:
    root = parse((body + ";}").encode("ascii", "replace"), language).root_node
    if root.has_error:
        return None
    block = _body(root)
    if block is None or block.end_byte < len(body):
        return None
    return [c for c in block.named_children if c.type != "comment" and not _is_empty(c)]


def reread(flow: Flow, list_: Node) -> tuple[Value, ...] | None:
    """Lower the text of a parameter list as the arguments of a call; None when it is no such thing."""
    text = flow.origin.text
    head = _STATEMENT_HEAD + "f"
    body = head + text[list_.start_byte : list_.end_byte]
    statements = _statements(flow, body, grown=len(body))
    if statements is None or len(statements) != 1 or not statements[0].named_children:
        return None
    call = statements[0].named_children[0]
    arguments = call.child_by_field_name("arguments") if call.type == "call_expression" else None
    if arguments is None:
        return None
    outer = flow.origin
    flow.origin = Expanded(body + ";}", [_Piece(len(head), len(body), list_.start_byte)], flow.span(list_), outer)
    try:
        return tuple(flow.value(c) for c in arguments.named_children if c.type != "comment")
    finally:
        flow.origin = outer


def _lowered(flow: Flow, statements: list[Node], span: Span, *, braced: bool, used: bool) -> Value:
    if braced and statements:
        declarator = statements[0].child_by_field_name("declarator")
        value = declarator.child_by_field_name("value") if declarator is not None else None
        return flow.value(value) if value is not None else Opaque("macro", (), span)
    for statement in statements[:-1]:
        flow.statement(statement)
    if not statements:
        return Opaque("nothing", (), span)
    last = statements[-1]
    inner = [c for c in last.named_children if c.type != "comment"]
    if last.type == "expression_statement" and len(inner) == 1:
        if used:
            return flow.value(inner[0])
        flow.effect(inner[0])
    else:
        flow.statement(last)
    return Opaque("statement", (), span)


def _body(root: Node) -> Node | None:
    for child in root.named_children:
        if child.type == "function_definition":
            return child.child_by_field_name("body")
    return None


def _is_empty(node: Node) -> bool:
    return node.type == "expression_statement" and node.named_child_count == 0
