"""The state of one lowering: blocks under construction, variables in scope, where the text came from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, TypeAlias

from edlint.frontends.c import length
from edlint.frontends.c.graph import Choosing, Ending, Going, Graph
from edlint.frontends.c.graph import Label as Label
from edlint.frontends.c.named import substituted, words
from edlint.frontends.c.syntax import Node
from edlint.model.ir import (
    Assign,
    Body,
    MacroUse,
    Number,
    Op,
    Opaque,
    Place,
    Return,
    Scope,
    Value,
    Variable,
)
from edlint.model.types import TypeKind, TypeRef
from edlint.model.unit import Macro
from edlint.source import Span

_DECIDED = frozenset({"0", "1", "true", "false"})
MAX_DEPTH = 180
"""Nesting of the syntax that is followed; what is deeper becomes Opaque and the function partial."""

UNKNOWN = TypeRef("", TypeKind.NAMED)


class Origin(Protocol):
    """Where the text that is being lowered stands in a file."""

    text: str

    @property
    def span(self) -> Callable[[int, int], Span]:
        """The place in the file of a range of the text, given its start and end."""


class Direct:
    """The text is the file's own."""

    __slots__ = ("span", "text")

    def __init__(self, span: Span) -> None:
        self.text = span.source.text
        self.span = partial(Span, span.source)


@dataclass(slots=True)
class Exits:
    """Where `break`, `continue`, `return` and `throw` lead."""

    stop: Label | None = None
    again: Label | None = None
    back: Label | None = None
    """For the return of a lambda that is lowered in place."""
    caught: Label | None = None


class Names(Protocol):
    """What the project says about a name."""

    language: str
    owner: str
    bare: dict[str, str]
    """Names that were found to mean nothing but themselves: no constant, macro, member or function pointer."""
    called: dict[str, str]
    """The functions that names were found to mean wherever they are called."""
    numbers: dict[str, int]
    """Names that were found to mean a constant, which is no member."""
    flat: dict[str, str]
    """Bodies of function-like macros, by name, with the macros in them that are statements put in."""

    def constant(self, name: str) -> int | None:
        """The value of an enumerator or a `#define` constant."""

    def evaluate(self, text: str) -> int | None:
        """The value of a constant expression."""

    def dimension(self, text: str) -> str:
        """An array dimension in words that mean the same in every file."""

    def decided(self, condition: str) -> bool | None:
        """Whether the condition of an `#if` holds; None when that cannot be told."""

    def is_type(self, name: str) -> bool:
        """Whether a type of that name is known."""

    def is_member(self, name: str) -> bool:
        """Whether the class whose method is lowered has a data member of that name."""

    def member(self, name: str) -> TypeRef | None:
        """The type of a data member of that class."""

    def is_base(self, name: str) -> bool:
        """Whether that class derives from a class of that name."""

    def is_pointer(self, name: str) -> bool:
        """Whether the file has a global variable of that name that holds a function pointer."""

    def is_plain(self, name: str) -> bool:
        """Whether a type of that name is a struct without constructors."""

    def alias(self, name: str) -> str:
        """The function that an object-like macro stands for, or the name itself."""

    def size(self, name: str) -> int | None:
        """Bytes of the type of that name."""

    def macro(self, name: str) -> Macro | None:
        """The macro that a name means in this file."""


@dataclass(slots=True)
class Flow:
    """One function on its way to a Body.

    What is asked of a node goes through `values`, `statements`, `effects`, `conditions` and `stores`; the methods of
    these names in the singular do the same where time does not matter.
    """

    origin: Origin
    names: Names
    handlers: Handlers
    values: Mapping[int, ValueHandler] = field(init=False)
    statements: Mapping[int, StatementHandler] = field(init=False)
    effects: Mapping[int, StatementHandler] = field(init=False)
    conditions: Mapping[int, ConditionHandler] = field(init=False)
    stores: Mapping[int, StoreHandler] = field(init=False)
    blocks: list[list[Op]] = field(default_factory=list)
    ends: list[Ending | None] = field(default_factory=list)
    variables: dict[str, Variable] = field(default_factory=dict)
    again: Counter[str] = field(default_factory=Counter)
    visible: dict[str, str] = field(default_factory=dict)
    """Keys of the local variables that names mean here."""
    fixed: dict[str | None, int] = field(default_factory=dict)
    """Values of the local variables that are constants, by their keys."""
    scopes: list[list[tuple[str, str | None]]] = field(default_factory=lambda: [[]])
    """What the declarations of each open scope hid."""
    arms: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """For each open `#if`: how deep its scope is, and the keys that its earlier alternatives declared there."""
    labels: dict[str, Label] = field(default_factory=dict)
    cases: list[dict[int, Label]] = field(default_factory=list)
    exits: Exits = field(default_factory=Exits)
    macro: MacroUse | None = None
    nesting: int = 0
    """Uses of macros that are being lowered inside each other, those in arguments among them."""
    expanded: int = 0
    """Code points of macro text lowered so far."""
    depth: int = 0
    left: int = field(init=False)
    """Statements that there is room for."""
    temps: int = 0
    too_deep: list[Span] = field(default_factory=list)
    closing: Span | None = None
    """The brace at the end of the function."""

    def __post_init__(self) -> None:
        handlers = self.handlers
        self.values, self.statements, self.effects = handlers.values, handlers.statements, handlers.effects
        self.conditions, self.stores = handlers.conditions, handlers.stores
        self.left = length.MAX_STATEMENTS

    # Text

    def text(self, node: Node) -> str:
        """The text of a node."""
        return self.origin.text[node.start_byte : node.end_byte]

    def span(self, node: Node) -> Span:
        """The place of a node in the file."""
        return self.origin.span(node.start_byte, node.end_byte)

    # Blocks

    def place(self, label: Label) -> None:
        """Start the block of `label` here; control that arrives from above falls into it."""
        blocks, ends = self.blocks, self.ends
        count = len(ends)
        if count and ends[-1] is None:
            ops = blocks[-1]
            if count > 1 and not ops:
                # There is nothing in the block yet, and it is not the entry.
                label.block = count - 1
                return
            ends[-1] = Going(label, ops[-1].span if ops else self.origin.span(0, 0))
        label.block = count
        blocks.append([])
        ends.append(None)

    def _last_span(self) -> Span:
        ops = self.blocks[-1]
        return ops[-1].span if ops else self.origin.span(0, 0)

    def emit(self, op: Op) -> None:
        """Append an operation."""
        if self.ends[-1] is not None:
            self.place(Label())
        self.blocks[-1].append(op)

    def end(self, end: Ending) -> None:
        """Close the block; what follows is unreachable until a label is placed."""
        if self.ends[-1] is not None:
            self.place(Label())
        self.ends[-1] = end

    def jump(self, to: Label, span: Span) -> None:
        """Go to `to`."""
        if self.ends[-1] is None:
            self.ends[-1] = Going(to, span)

    def branch(
        self, condition: Value, yes: Label, no: Label, span: Span, *, asserted: bool = False, loop: bool = False
    ) -> None:
        """Go to `yes` or `no`."""
        if isinstance(condition, Number) and condition.value in (0, 1) and condition.text in _DECIDED:
            self.jump(yes if condition.value else no, span)
        elif self.ends[-1] is None:
            self.ends[-1] = Choosing(condition, yes, no, span, self.macro, asserted, loop)

    def mark_asserted(self, start: int) -> None:
        """The branches of all blocks from number `start` on are those of an assertion."""
        for end in self.ends[start:]:
            if isinstance(end, Choosing):
                end.asserted = True

    def either(self, kind: str, span: Span, yes: Label, no: Label, parts: tuple[Value, ...] = ()) -> None:
        """Go either way, for a reason that the program does not decide."""
        self.branch(Opaque(kind, parts, span), yes, no, span)

    @property
    def alive(self) -> bool:
        """Whether control can be here."""
        return self.ends[-1] is None

    # Variables

    def declare(self, name: str, type_: TypeRef, span: Span, scope: Scope, declared: Span | None = None) -> Variable:
        """A new local variable of the innermost scope; alternatives of an `#if` that declare alike declare one."""
        if self.arms and self.arms[-1][0] == len(self.scopes):
            known = self.variables.get(self.arms[-1][1].get(name, ""))
            if known is not None and known.type == type_ and known.scope is scope:
                self.visible[name] = known.key
                return known
        key = name
        while key in self.variables:
            self.again[name] += 1
            key = f"{name}#{self.again[name] + 1}"
        variable = self.variables[key] = Variable(key, name, type_, span, scope, -1, declared)
        self.scopes[-1].append((name, self.visible.get(name)))
        self.visible[name] = key
        return variable

    def open(self) -> None:
        """A scope begins."""
        self.scopes.append([])

    def close(self) -> None:
        """The innermost scope ends: names mean again what they meant before it."""
        for name, key in reversed(self.scopes.pop()):
            if key is None:
                self.visible.pop(name, None)
            else:
                self.visible[name] = key

    def forget(self, name: str) -> None:
        """A declaration says that a name is a global's here."""
        self.scopes[-1].append((name, self.visible.pop(name, None)))

    def lookup(self, name: str) -> str | None:
        """The key of the local variable that a name means here."""
        return self.visible.get(name)

    def evaluate(self, text: str) -> int | None:
        """The value of a constant expression here."""
        plain = self._plain(text)
        return self.names.evaluate(plain) if plain is not None else None

    def dimension(self, text: str) -> str:
        """An array dimension in words that mean the same everywhere."""
        plain = self._plain(text)
        return text if plain is None else self.names.dimension(plain)

    def _plain(self, text: str) -> str | None:
        """An expression without the names of local constants; None when it names a variable."""
        known: dict[str, int] = {}
        for name in words(text):
            key = self.visible.get(name)
            if key is not None:
                if key not in self.fixed:
                    return None
                known[name] = self.fixed[key]
        return substituted(text, known) if known else text

    def temp(self, span: Span, type_: TypeRef = UNKNOWN) -> Place:
        """A new temporary."""
        self.temps += 1
        key = f"%{self.temps}"
        self.variables[key] = Variable(key, "", type_, span, Scope.TEMP)
        return Place(key, (), span)

    # Syntax

    def value(self, node: Node) -> Value:
        """Lower an expression; its effects are appended, its value returned."""
        return self.values[node.kind_id](self, node)

    def statement(self, node: Node) -> None:
        """Lower a statement."""
        self.statements[node.kind_id](self, node)

    def effect(self, node: Node) -> None:
        """Lower an expression whose value nobody takes."""
        self.effects[node.kind_id](self, node)

    def condition(self, node: Node, yes: Label, no: Label, *, loop: bool = False) -> None:
        """Lower an expression as a condition: control goes to `yes` or `no`."""
        depth = self.depth
        if depth > MAX_DEPTH:
            self.branch(self.deep(node), yes, no, self.span(node), loop=loop)
            return
        self.depth = depth + 1
        self.conditions[node.kind_id](self, node, yes, no, loop)
        self.depth = depth

    def store(self, target: Place, node: Node, span: Span, *, initial: bool = False) -> None:
        """Lower an expression into a place."""
        depth = self.depth
        if depth > MAX_DEPTH:
            self.emit(Assign(target, self.deep(node), span, False, initial, self.macro))
            return
        self.depth = depth + 1
        self.stores[node.kind_id](self, target, node, span, initial)
        self.depth = depth

    def deep(self, node: Node) -> Value:
        """What is nested too deeply to be followed."""
        span = self.span(node)
        if not self.too_deep or self.too_deep[-1] != span:
            # Many places of one use of a macro are one place of the file.
            self.too_deep.append(span)
        return Opaque("deep", (), span)

    # Result

    def finish(self) -> Body:
        """The graph: empty blocks and blocks that nothing leads to are left out, blocks are in text order."""
        if self.ends[-1] is None:
            self.ends[-1] = Return(None, self.closing or self._last_span())
        return Body(Graph(self.blocks, self.ends, self._last_span()).made(), self.variables, tuple(self.too_deep))


ValueHandler: TypeAlias = Callable[[Flow, Node], Value]
StatementHandler: TypeAlias = Callable[[Flow, Node], None]
ConditionHandler: TypeAlias = Callable[[Flow, Node, Label, Label, bool], None]
StoreHandler: TypeAlias = Callable[[Flow, Place, Node, Span, bool], None]


def followed_value(handler: ValueHandler) -> ValueHandler:
    """The handler of an expression that holds others, down to MAX_DEPTH."""

    def follow(flow: Flow, node: Node) -> Value:
        depth = flow.depth
        if depth > MAX_DEPTH:
            return flow.deep(node)
        flow.depth = depth + 1
        value = handler(flow, node)
        flow.depth = depth
        return value

    return follow


def followed(handler: StatementHandler) -> StatementHandler:
    """The handler of a statement that holds others, down to MAX_DEPTH."""

    def follow(flow: Flow, node: Node) -> None:
        depth = flow.depth
        if depth > MAX_DEPTH:
            flow.deep(node)
            return
        flow.depth = depth + 1
        handler(flow, node)
        flow.depth = depth

    return follow


@dataclass(frozen=True, slots=True)
class Handlers:
    """How each kind of node is lowered, by the number of its kind."""

    values: Mapping[int, ValueHandler]
    statements: Mapping[int, StatementHandler]
    effects: Mapping[int, StatementHandler]
    """For expressions whose value nobody takes."""
    conditions: Mapping[int, ConditionHandler]
    stores: Mapping[int, StoreHandler]
    skipped: frozenset[int]
    """Kinds that are no part of an expression: comments and errors."""
    call_macro: Callable[[Flow, Node, str, Node | None, bool], Value | None]
    """Lower the use of a macro; None when the name is no macro of the project."""
    bind: Callable[[Flow, Node, Value], None]
    reread: Callable[[Flow, Node], tuple[Value, ...] | None]
    """Lower the text of a parameter list as the arguments of a call; None when it is no such thing."""
    loop_macro: Callable[[Flow, Node, str, Node, Node], bool]
    """Lower a macro that heads a block, given the node, name, arguments and block; False when it is no macro."""
    held_macro: Callable[[Flow, Node], bool]
    """Lower the block of statements that are handed to a macro; False when it is no macro."""
