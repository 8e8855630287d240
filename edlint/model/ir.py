"""What a function does: a control-flow graph over a closed set of values and operations.

Both readers lower to these classes; analyses and rules know nothing else of C.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from enum import StrEnum
from typing import TypeAlias

from edlint.model.types import TypeRef
from edlint.record import record
from edlint.source import Span


@record(frozen=True, slots=True)
class Deref:
    """`*p`, and the first half of `p->f`."""


@record(frozen=True, slots=True)
class Field:
    """`.f`, and the second half of `p->f`."""

    name: str


@record(frozen=True, slots=True)
class Index:
    """`a[i]`, whether `a` is an array or a pointer."""

    value: Value


Step: TypeAlias = Deref | Field | Index


@record(frozen=True, slots=True)
class Place:
    """An access path: a variable and the steps taken from it. As a Value it is what is stored there.

    `root` is a key of `Body.variables`, or the name of a global, a function or an unknown identifier.
    """

    root: str
    steps: tuple[Step, ...]
    span: Span

    @property
    def is_variable(self) -> bool:
        """Whether it names a variable and nothing behind it."""
        return not self.steps

    def then(self, *steps: Step, span: Span | None = None) -> Place:
        """The place that further steps lead to."""
        return Place(self.root, self.steps + steps, span or self.span)


@record(frozen=True, slots=True)
class Number:
    """A constant: literal, enumerator, `#define` constant, sizeof of a known type."""

    value: int | float | None
    text: str
    """As written, so that `MAX_LEN` stays visible."""
    span: Span


@record(frozen=True, slots=True)
class Text:
    """A string literal; adjacent literals are joined; escapes are decoded where that is possible."""

    value: str
    span: Span


@record(frozen=True, slots=True)
class Address:
    """`&place`, and an array that decays to a pointer is left as its Place."""

    place: Place
    span: Span


@record(frozen=True, slots=True)
class Unary:
    """`-` `~` `!`; increments are lowered to assignments."""

    op: str
    operand: Value
    span: Span


@record(frozen=True, slots=True)
class Binary:
    """Arithmetic, bitwise, comparison; `&&` and `||` of conditions are lowered to branches."""

    op: str
    left: Value
    right: Value
    span: Span


@record(frozen=True, slots=True)
class Cast:
    """Any cast, C or C++."""

    type: TypeRef
    operand: Value
    span: Span


@record(frozen=True, slots=True)
class SizeOf:
    """`sizeof` with what it measures."""

    type: TypeRef | None
    operand: Value | None
    value: int | None
    """Bytes, where the reader could work it out."""
    span: Span


@record(frozen=True, slots=True)
class Aggregate:
    """A braced initialiser: designators (None where there is none) with values."""

    items: tuple[tuple[str | None, Value], ...]
    span: Span


@record(frozen=True, slots=True)
class Opaque:
    """An expression outside this set (lambda, statement expression, ...), with the values that it uses."""

    kind: str
    parts: tuple[Value, ...]
    span: Span


Value: TypeAlias = Place | Number | Text | Address | Unary | Binary | Cast | SizeOf | Aggregate | Opaque


def parts_of(value: Value) -> tuple[Value, ...]:
    """The values directly inside a value, index expressions included."""
    match value:
        case Place(steps=steps):
            return tuple(s.value for s in steps if isinstance(s, Index))
        case Address(place=place):
            return (place,)
        case Unary(operand=operand) | Cast(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Aggregate(items=items):
            return tuple(v for _, v in items)
        case Opaque(parts=parts):
            return parts
        case _:
            # The operand of sizeof is not evaluated.
            return ()


def walk(value: Value) -> Iterator[Value]:
    """The value and every value inside it, outermost first."""
    stack = [value]
    while stack:
        top = stack.pop()
        yield top
        stack.extend(reversed(parts_of(top)))


@record(frozen=True, slots=True)
class MacroUse:
    """The project macro through whose body an operation was reached."""

    name: str
    span: Span
    """The use, in the function."""
    definition: Span


@record(frozen=True, slots=True)
class Declare:
    """A local variable comes to life, uninitialised unless an Assign follows."""

    variable: str
    span: Span
    extents: tuple[Value, ...] = ()
    """Array dimensions as values, so that a variable-length array shows what decides its size."""
    static: bool = False
    macro: MacroUse | None = None


@record(frozen=True, slots=True)
class Assign:
    """`target = value`; `x += y` arrives as `x = x + y` with `compound` set."""

    target: Place
    value: Value
    span: Span
    compound: bool = False
    initial: bool = False
    """The initialiser of a declaration."""
    macro: MacroUse | None = None


@record(frozen=True, slots=True)
class Invoke:
    """A call. Calls never hide inside a Value: their results go to a place, maybe a temporary."""

    target: Place | None
    """Where the result goes; None when it is dropped."""
    name: str
    """The called name: `memcpy`, `std::move`, `push_back` for a method; empty when called through a pointer."""
    callee: Value | None
    """What is called when it is no plain name: a function pointer, a member pointer."""
    receiver: Value | None
    """`x` of `x.f()` and of `x->f()` (then dereferenced); the object of a constructor."""
    args: tuple[Value, ...]
    span: Span
    """The whole call expression."""
    name_span: Span
    qualified: str = ""
    """With its scope as written: `ns::f`, `Class::f`; equal to name for plain calls."""
    macro: MacroUse | None = None
    discarded: bool = False
    """The result is cast to void."""


@record(frozen=True, slots=True)
class Evaluate:
    """A value computed for nothing but being evaluated."""

    value: Value
    span: Span
    macro: MacroUse | None = None


Op: TypeAlias = Declare | Assign | Invoke | Evaluate


@record(frozen=True, slots=True)
class Jump:
    """Control goes on in one block."""

    to: int
    span: Span


@record(frozen=True, slots=True)
class Branch:
    """Control goes to `yes` when the condition holds, else to `no`.

    The condition is atomic: no `&&`, `||`, `!` on top. An Opaque condition (of kind `preprocessor`, `catch`,
    `range`) may go either way.
    """

    condition: Value
    yes: int
    no: int
    span: Span
    macro: MacroUse | None = None
    asserted: bool = False
    """The test is that of an `assert`, which a release build may drop."""
    loop: bool = False
    """The condition of a loop; `yes` is its body."""


@record(frozen=True, slots=True)
class Return:
    """The function ends and gives a value back."""

    value: Value | None
    span: Span
    macro: MacroUse | None = None


@record(frozen=True, slots=True)
class Stop:
    """Control does not come back: abort, exit, throw out of the function."""

    span: Span
    thrown: bool = False


Terminator: TypeAlias = Jump | Branch | Return | Stop


@record(frozen=True, slots=True)
class Block:
    """Operations in order, then one terminator."""

    ops: tuple[Op, ...]
    end: Terminator

    @property
    def successors(self) -> tuple[int, ...]:
        """Blocks that may run next."""
        match self.end:
            case Jump(to=to):
                return (to,)
            case Branch(yes=yes, no=no):
                return (yes, no) if yes != no else (yes,)
            case _:
                return ()


class Scope(StrEnum):
    """Where a variable lives."""

    PARAM = "param"
    LOCAL = "local"
    STATIC = "static"
    GLOBAL = "global"
    TEMP = "temp"


@record(frozen=True, slots=True)
class Variable:
    """A parameter, local, temporary or global."""

    key: str
    """Unique in its body: the name, `name#2` for a second one of that name, `%3` for a temporary."""
    name: str
    type: TypeRef
    span: Span
    scope: Scope
    index: int = -1
    """Position of a parameter, from 0."""
    declared: Span | None = None
    """The whole declarator."""
    find_initialiser: Callable[[], Value | None] | None = field(default=None, compare=False, repr=False)
    thread_local: bool = False
    internal: bool = False
    """A global that other files cannot name: `static`."""

    @property
    def initialiser(self) -> Value | None:
        """Of a global, and only when it has one; lowered when first asked for."""
        return self.find_initialiser() if self.find_initialiser is not None else None


@record(frozen=True, slots=True)
class Body:
    """What a function does. Block 0 is the entry; blocks are in the order of the text."""

    blocks: tuple[Block, ...]
    variables: Mapping[str, Variable]
    """Parameters, locals and temporaries by key."""
    unread: tuple[Span, ...] = ()
    """The places that could not be followed when it was made: nested too deeply, or all of it."""

    def ops(self) -> Iterator[Op]:
        """All operations, in the order of the text."""
        for block in self.blocks:
            yield from block.ops

    def invokes(self) -> Iterator[Invoke]:
        """All calls, in the order of the text."""
        for op in self.ops():
            if isinstance(op, Invoke):
                yield op
