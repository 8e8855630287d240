"""Uses of templates: the arguments are nodes, each of the tree that it was written in."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from sys import maxsize
from typing import TypeVar

from edlint.frontends.c.flow import Direct, Flow, Origin
from edlint.frontends.c.pasting import Expanded, Piece, stringified
from edlint.frontends.c.syntax import Node
from edlint.frontends.c.templates import Template, numbers
from edlint.model.ir import Value
from edlint.record import record
from edlint.source import Span

Result = TypeVar("Result")

_LITERALS = re.compile(r"""(?:\s*(?:L|u8|u|U)?"(?:[^"\\\n]|\\.)*")+\s*""")
"""Adjacent string literals and nothing else."""
_JOINED = frozenset({"concatenated_string"})


@record(frozen=True, slots=True)
class Bound:
    """An argument: a node, and where its text came from."""

    node: Node
    origin: Origin

    @property
    def span(self) -> Span:
        """Its place in the file."""
        return self.origin.span(self.node.start_byte, self.node.end_byte)


class Frame:
    """A use of a template. What the body spells stands at the use."""

    __slots__ = ("_anchors", "_expanded", "_given", "_rest", "active", "template", "text", "use")

    def __init__(self, template: Template, given: Sequence[Bound], rest: Sequence[Bound], use: Span) -> None:
        self.template, self.text, self.use = template, template.text, use
        self._given, self._rest = given, rest
        self._expanded: Expanded | None = None
        self._anchors: list[tuple[int, int]] = []
        self.active: tuple[str, ...] = ()
        """The macros that are being expanded here."""

    def span(self, start: int, end: int) -> Span:
        """The place of an argument, or the use for all that the body spells."""
        hole = self.template.holes.get(start)
        if hole is None or hole.end != end or hole.text or hole.rest:
            return self.use
        return self._given[hole.param].span

    def bound(self, node: Node) -> Bound | None:
        """The argument that goes where `node` is."""
        hole = self.template.holes.get(node.start_byte)
        if hole is None or hole.text or hole.end != node.end_byte:
            return None
        return self._given[hole.param] if not hole.rest else None

    def rest(self, node: Node) -> Sequence[Bound] | None:
        """The arguments that go where `node` is, when these are all from one on."""
        hole = self.template.holes.get(node.start_byte)
        if hole is None or hole.text or hole.end != node.end_byte:
            return None
        return self._rest if hole.rest else None

    def literal(self, node: Node) -> str | None:
        """The string literal that an argument becomes where `node` is."""
        hole = self.template.holes.get(node.start_byte)
        if hole is None or not hole.text:
            return None
        return stringified(_listed(self._rest) if hole.rest else _written(self._given[hole.param]))

    @property
    def expanded(self) -> Expanded:
        """The body with the text of the arguments put in."""
        if self._expanded is None:
            self._expanded = self._expand()
            self._expanded.active = self.active
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
            if hole.text and hole.rest:
                text = stringified(_listed(self._rest))
                out.append(text)
                size += len(text)
                bounds = ()
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


def _listed(bounds: Sequence[Bound]) -> str:
    """The text of several arguments, what is between them as it is written there."""
    out: list[str] = []
    before: tuple[Origin | None, int] = None, 0
    for bound in bounds:
        origin, start, end = _located(bound)
        between = origin.text[before[1] : start] if before[0] is origin else ""
        if out:
            out.append(between if between.strip() == "," else ", ")
        out.append(origin.text[start:end])
        before = origin, end
    return "".join(out)


def written(flow: Flow, node: Node) -> str:
    """The text of a node with that of the arguments in it."""
    return _written(Bound(node, flow.origin))


def bind(flow: Flow, made: Template, params: tuple[str, ...], list_: Node, use: Span) -> Frame | None:
    """The use of a template with a list of arguments; None when these do not fit."""
    if not isinstance(list_, Node) or list_.type != "argument_list" or list_.has_error:
        return None
    parts, origin = list_.named_children, flow.origin
    count = len(parts)
    if list_.child_count != (2 * count + 1 if count else 2):
        return None
    if isinstance(origin, Frame):
        args = spread(flow, parts) if origin.template.has_rest else [Bound(p, origin) for p in parts]
        args = [_resolved(a) for a in args]
        kinds = [a.node.kind_id for a in args]
    else:
        kinds = [p.kind_id for p in parts]
        args = [Bound(p, origin) for p in parts]
    variadic = bool(params) and params[-1].endswith("...")
    fixed, count = len(params) - variadic, len(args)
    if count < fixed or (count > fixed and not variadic) or (made.needs_rest and count == fixed):
        return None
    for param, fits in made.fitting:
        if kinds[param] not in fits if param < fixed else not fits.issuperset(kinds[param:]):
            return None
    joined = numbers(_JOINED, flow.names.language)
    # The tree may be that of a masked copy, which is without the names between strings.
    if not joined.isdisjoint(kinds) and any(a.node.kind_id in joined and not _is_literals(a) for a in args):
        return None
    return Frame(made, args[:fixed], args[fixed:], use)


def _is_literals(bound: Bound) -> bool:
    """Whether adjacent strings are literals all."""
    node, origin = bound.node, bound.origin
    if not isinstance(origin, Frame):
        return _LITERALS.fullmatch(origin.text, node.start_byte, node.end_byte) is not None
    for part in node.named_children:
        inner = origin.bound(part)
        if part.type != "string_literal" and (inner is None or not _is_string(inner)):
            return False
    return True


def _is_string(bound: Bound) -> bool:
    kind = bound.node.type
    return kind == "string_literal" or (kind == "concatenated_string" and _is_literals(bound))


def _resolved(bound: Bound) -> Bound:
    """The argument that an argument stands for which is nothing but a parameter of the macro around it."""
    origin = bound.origin
    inner = origin.bound(bound.node) if isinstance(origin, Frame) else None
    return inner if inner is not None and bound.node.type == "identifier" else bound


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


def value_of(flow: Flow, bound: Bound) -> Value:
    """The value of an argument."""
    origin, node = flow.origin, bound.node
    flow.expanded += node.end_byte - node.start_byte
    flow.origin = bound.origin
    value = flow.values[node.kind_id](flow, node)
    flow.origin = origin
    return value


def within(flow: Flow, bound: Bound, lower: Callable[[Node], Result]) -> Result:
    """Lower an argument where it came from."""
    origin = flow.origin
    flow.expanded += bound.node.end_byte - bound.node.start_byte
    flow.origin = bound.origin
    try:
        return lower(bound.node)
    finally:
        flow.origin = origin
