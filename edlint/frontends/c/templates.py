"""Bodies of macros that are parsed once: the arguments of a use stay nodes of their own tree."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache
from sys import maxsize
from typing import TypeVar

from edlint.frontends.c.flow import Direct, Flow, Origin
from edlint.frontends.c.pasting import STATEMENT_HEAD, Expanded, Piece, body_of, pieces, stringified
from edlint.frontends.c.syntax import Node, parse
from edlint.record import record
from edlint.source import Span

Result = TypeVar("Result")

MAX_BODY = 8_000
"""Code points of a body; of a larger one each use is expanded as text."""
_HOLE = "edlint_"
_LITERALS = re.compile(r"""(?:\s*(?:L|u8|u|U)?"(?:[^"\\\n]|\\.)*")+\s*""")
"""Adjacent string literals and nothing else."""
_SIMPLE = frozenset(
    {
        "identifier",
        "number_literal",
        "char_literal",
        "string_literal",
        "true",
        "false",
        "null",
        "field_expression",
        "subscript_expression",
    }
)
_OPERAND = _SIMPLE | {"call_expression"}
"""What means the same beside any operator, and is no call whose result is dropped by a cast."""
_WHOLE = _OPERAND | {
    "binary_expression",
    "unary_expression",
    "pointer_expression",
    "assignment_expression",
    "conditional_expression",
    "cast_expression",
    "update_expression",
    "parenthesized_expression",
    "sizeof_expression",
    "concatenated_string",
}
_STATEMENT = frozenset({"call_expression", "assignment_expression", "update_expression"})
_STRINGS = frozenset({"string_literal", "concatenated_string"})
_DEMANDS = {
    "parenthesized_expression": _WHOLE,
    "condition_clause": _WHOLE,
    "argument_list": _WHOLE,
    "return_statement": _WHOLE,
    "init_declarator": _WHOLE,
    "subscript_argument_list": _WHOLE,
    "binary_expression": _OPERAND,
    "unary_expression": _OPERAND,
    "pointer_expression": _OPERAND,
    "conditional_expression": _OPERAND,
    "comma_expression": _OPERAND,
    "field_expression": _OPERAND,
    "update_expression": _OPERAND,
    "subscript_expression": _OPERAND,
    "assignment_expression": _OPERAND,
    "cast_expression": _SIMPLE,
    "expression_statement": _STATEMENT,
    "concatenated_string": _STRINGS,
}
"""Kinds of arguments that mean the same in a place as they do where they are written, by what holds the place."""
_CALLED = frozenset({"identifier", "field_expression", "qualified_identifier"})
_HOLDERS = _DEMANDS.keys() | {
    "call_expression",
    "compound_statement",
    "if_statement",
    "else_clause",
    "while_statement",
    "do_statement",
    "for_statement",
    "switch_statement",
    "case_statement",
    "labeled_statement",
    "declaration",
}
"""What may lie around such a place: all that is made of values alone, and never of their text."""


@record(frozen=True, slots=True)
class Hole:
    """Where an argument goes."""

    start: int
    end: int
    param: int
    text: bool = False
    """As a string literal: `#x`."""
    rest: bool = False
    """All arguments from there on."""
    pasted: bool = False
    """`, ##__VA_ARGS__`: without arguments the comma goes too."""


@record(frozen=True, slots=True)
class Template:
    """The body of a macro in a made function, parsed with names in the place of arguments."""

    text: str
    statements: list[Node]
    holes: dict[int, Hole]
    """By where they start."""
    fitting: dict[int, frozenset[str]]
    """Kinds of nodes that each parameter may stand for."""
    needs_rest: bool
    """The arguments behind the last parameter must not be none."""


@record(frozen=True, slots=True)
class Bound:
    """An argument: a node, and where its text came from."""

    node: Node
    origin: Origin


class Frame:
    """A use of a template. What the body spells stands at the use."""

    __slots__ = ("_anchors", "_expanded", "_given", "_rest", "template", "text", "use")

    def __init__(self, template: Template, given: Sequence[Bound], rest: Sequence[Bound], use: Span) -> None:
        self.template, self.text, self.use = template, template.text, use
        self._given, self._rest = given, rest
        self._expanded: Expanded | None = None
        self._anchors: list[tuple[int, int]] = []

    def span(self, start: int, end: int) -> Span:
        """The place of an argument, or the use for all that the body spells."""
        hole = self.template.holes.get(start)
        if hole is None or hole.end != end or hole.text or hole.rest:
            return self.use
        given = self._given[hole.param]
        return given.origin.span(given.node.start_byte, given.node.end_byte)

    def bound(self, node: Node) -> Bound | None:
        """The argument that goes where `node` is."""
        hole = self.template.holes.get(node.start_byte)
        if hole is None or hole.text or hole.end != node.end_byte:
            return None
        return self._given[hole.param] if not hole.rest else None

    def rest(self, node: Node) -> Sequence[Bound] | None:
        """The arguments that go where `node` is, when these are all from one on."""
        hole = self.template.holes.get(node.start_byte)
        return self._rest if hole is not None and hole.rest and hole.end == node.end_byte else None

    def literal(self, node: Node) -> str | None:
        """The string literal that an argument becomes where `node` is."""
        hole = self.template.holes.get(node.start_byte)
        return stringified(_written(self._given[hole.param])) if hole is not None and hole.text else None

    @property
    def expanded(self) -> Expanded:
        """The body with the text of the arguments put in."""
        if self._expanded is None:
            self._expanded = self._expand()
        return self._expanded

    def at(self, offset: int) -> int:
        """Where an offset of the template is in the expanded text."""
        _ = self.expanded
        before = bisect_right(self._anchors, (offset, maxsize)) - 1
        if before < 0:
            return offset
        here, there = self._anchors[before]
        return offset - here + there

    def _expand(self) -> Expanded:
        out: list[str] = []
        found: list[Piece] = []
        done = size = 0
        for hole in sorted(self.template.holes.values(), key=lambda h: h.start):
            before = self.text[done : hole.start]
            bounds = self._rest if hole.rest else (self._given[hole.param],)
            if hole.pasted and not bounds:
                before = before.rstrip().removesuffix(",")
            out.append(before)
            size += len(before)
            for count, bound in enumerate(bounds):
                origin, start, end = _located(bound)
                text = stringified(origin.text[start:end]) if hole.text else origin.text[start:end]
                if count:
                    out.append(", ")
                    size += 2
                if not hole.text:
                    found.append(Piece(size, size + len(text), start, origin))
                out.append(text)
                size += len(text)
            done = hole.end
            self._anchors.append((done, size))
        out.append(self.text[done:])
        # Each piece tells its own origin; the frame itself would be held in a circle.
        return Expanded("".join(out), found, self.use, Direct(self.use))


def _located(bound: Bound) -> tuple[Origin, int, int]:
    """The text that an argument is written in, and its range in it."""
    origin, start, end = bound.origin, bound.node.start_byte, bound.node.end_byte
    return (origin.expanded, origin.at(start), origin.at(end)) if isinstance(origin, Frame) else (origin, start, end)


def _written(bound: Bound) -> str:
    origin, start, end = _located(bound)
    return origin.text[start:end]


def written(flow: Flow, node: Node) -> str:
    """The text of a node with that of the arguments in it."""
    return _written(Bound(node, flow.origin))


@lru_cache(1024)
def template(body: str, params: tuple[str, ...], language: str) -> Template | None:
    """The template of a macro; None where it needs the text of its arguments, or is no complete code without it."""
    if len(body) > MAX_BODY or any("..." in p for p in params[:-1]):
        return None
    made = _made(body, params)
    if made is None:
        return None
    text, holes = made
    root = parse((text + ";}").encode("ascii", "replace"), language).root_node
    block = body_of(root) if not root.has_error else None
    if block is None or block.end_byte < len(text):
        return None
    fitting: dict[int, frozenset[str]] = {}
    for hole in holes:
        fits = _fitting(root, hole, text)
        if fits is None:
            return None
        fitting[hole.param] = fitting.get(hole.param, _WHOLE) & fits
    statements = [c for c in block.named_children if c.type != "comment" and not is_empty(c)]
    needs_rest = any(h.rest and not h.pasted for h in holes)
    return Template(text + ";}", statements, {h.start: h for h in holes}, fitting, needs_rest)


def is_empty(node: Node) -> bool:
    """Whether a statement is a semicolon alone."""
    return node.type == "expression_statement" and node.named_child_count == 0


def _made(body: str, params: tuple[str, ...]) -> tuple[str, list[Hole]] | None:
    """The body with names in the place of arguments; None when it pastes what cannot be told in advance."""
    names = {name: at for at, name in enumerate(params)}
    variadic = -1
    if params and params[-1].endswith("..."):
        variadic = len(params) - 1
        names[params[-1].removesuffix("...").strip() or "__VA_ARGS__"] = names["__VA_ARGS__"] = variadic
    out = [STATEMENT_HEAD]
    size = len(STATEMENT_HEAD)
    holes: list[Hole] = []
    tokens = pieces(body)
    text = pasted = False
    for token in tokens:
        stripped = token.strip()
        param = names.get(token)
        if stripped == "##":
            if not out[-1].rstrip().endswith(","):
                return None
            pasted = True
            continue
        if stripped == "#":
            text = True
            continue
        if token == "__VA_OPT__" or (text and (param is None or param == variadic)):
            return None
        if pasted and param != variadic:
            return None
        if param is not None:
            token = f'"{_HOLE}"' if text else f"{_HOLE}{param}"
            holes.append(Hole(size, size + len(token), param, text, param == variadic, pasted))
        out.append(token)
        size += len(token)
        text = pasted = False
    return ("".join(out), holes) if not text and not pasted else None


def _fitting(root: Node, hole: Hole, text: str) -> frozenset[str] | None:
    """The kinds of arguments that mean the same in a hole as where they are written; None when it takes none."""
    node = root.descendant_for_byte_range(hole.start, hole.end)
    while node is not None and hole.text and node.type != "string_literal":
        node = node.parent
    if node is None or node.type != ("string_literal" if hole.text else "identifier"):
        return None
    if node.start_byte != hole.start or node.end_byte != hole.end:
        return None
    parent = node.parent
    if parent is None or (hole.rest and parent.type != "argument_list"):
        return None
    fits = _DEMANDS.get(parent.type)
    if parent.type == "parenthesized_expression" and parent.parent is not None:
        fits = _SIMPLE if parent.parent.type == "cast_expression" else fits
    while parent is not None and parent.type != "function_definition":
        if parent.type not in _HOLDERS or not _is_value(node, parent, text):
            return None
        node, parent = parent, parent.parent
    return _WHOLE if hole.text else fits


def _is_value(node: Node, parent: Node, text: str) -> bool:
    """Whether what holds a place asks for its value, and not for how that is written."""
    if parent.type == "call_expression":
        # `(T)(x)` may be a call or a cast: that hangs on what is in the place.
        called = parent.child_by_field_name("function")
        return node.type == "argument_list" and called is not None and called.type in _CALLED
    if parent.type == "declaration":
        return node.type == "init_declarator" and "const" not in text[parent.start_byte : node.start_byte]
    if parent.type == "case_statement":
        return parent.child_by_field_name("value") != node
    if parent.type == "init_declarator":
        declarator = parent.child_by_field_name("declarator")
        return declarator is not None and declarator != node and declarator.type in ("identifier", "pointer_declarator")
    return True


def bind(flow: Flow, made: Template, params: tuple[str, ...], list_: Node, use: Span) -> Frame | None:
    """The use of a template with a list of arguments; None when these do not fit."""
    if not isinstance(list_, Node) or list_.type != "argument_list" or list_.has_error:
        return None
    count = list_.named_child_count
    if list_.child_count != (2 * count + 1 if count else 2):
        return None
    args = [_resolved(a) for a in spread(flow, list_.named_children)]
    if any(a.node.type == "concatenated_string" and not _LITERALS.fullmatch(_written(a)) for a in args):
        # The tree may be that of a masked copy, which is without the names between strings.
        return None
    variadic = bool(params) and params[-1].endswith("...")
    fixed = len(params) - variadic
    if len(args) < fixed or (len(args) > fixed and not variadic) or (made.needs_rest and len(args) == fixed):
        return None
    for param, fits in made.fitting.items():
        if any(a.node.type not in fits for a in (args[param:] if param == fixed else args[param : param + 1])):
            return None
    return Frame(made, args[:fixed], args[fixed:], use)


def _resolved(bound: Bound) -> Bound:
    """The argument that an argument stands for which is nothing but a parameter of the macro around it."""
    origin = bound.origin
    inner = origin.bound(bound.node) if isinstance(origin, Frame) and bound.node.type == "identifier" else None
    return inner if inner is not None else bound


def argument(flow: Flow, node: Node) -> Bound | None:
    """The argument that goes where `node` is; None when none does."""
    origin = flow.origin
    return origin.bound(node) if isinstance(origin, Frame) else None


def spread(flow: Flow, nodes: Sequence[Node]) -> Sequence[Bound]:
    """The arguments of a call, `__VA_ARGS__` among them as the arguments that it stands for."""
    origin = flow.origin
    found: list[Bound] = []
    for node in nodes:
        rest = origin.rest(node) if isinstance(origin, Frame) else None
        if rest is not None:
            found.extend(rest)
        else:
            found.append(Bound(node, origin))
    return found


def within(flow: Flow, bound: Bound, lower: Callable[[Node], Result]) -> Result:
    """Lower an argument where it came from."""
    origin = flow.origin
    flow.expanded += bound.node.end_byte - bound.node.start_byte
    flow.origin = bound.origin
    try:
        return lower(bound.node)
    finally:
        flow.origin = origin
