"""One C or C++ file: functions, globals, macros, types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from edlint.model.ir import Body, Variable
from edlint.model.types import TypeDef, TypeRef
from edlint.record import record
from edlint.source import Gap, Source, Span

SOURCE_SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".c++")
"""How the names of files end that are compiled by themselves."""


class ReadState(StrEnum):
    """How much of a function was understood."""

    CLEAN = "clean"
    PARTIAL = "partial"
    SECOND = "second-read"
    LOST = "lost"


@record(frozen=True, slots=True)
class Mention:
    """A name in a function's text, seen before and without lowering."""

    name: str
    start: int
    """Where the name stands."""


@record(frozen=True, slots=True)
class Signature:
    """What a function takes and gives."""

    result: TypeRef
    params: tuple[Variable, ...] = ()
    variadic: bool = False


@record(slots=True)
class _Kept:
    """What was asked of a function so far."""

    signature: Signature | None = None
    called: frozenset[str] | None = None
    names: frozenset[str] | None = None
    body: Body | None = None


class Words(Protocol):
    """The words of a function's text, which take no tree to be found."""

    def called(self) -> frozenset[str]:
        """The names in front of a parenthesis, macros among them."""
        ...

    def calls(self) -> tuple[Mention, ...]:
        """The same one by one, with their places."""
        ...

    def names(self) -> frozenset[str]:
        """All identifiers."""
        ...


@record(frozen=True, slots=True, eq=False)
class Function:
    """A function definition. Its signature and body are read when first asked for and kept."""

    name: str
    """Unqualified: `seal`, `operator()`, `~Store`."""
    qualified: str
    """With namespaces and class: `kms::Store::seal`."""
    span: Span
    """The name."""
    extent: Span
    """The whole definition."""
    language: str
    """`c` or `c++`."""
    state: ReadState
    find_signature: Callable[[], Signature] = field(repr=False)
    lower: Callable[[], Body] = field(repr=False)
    unread: tuple[Span, ...] = ()
    """The places that were not understood (state partial or lost)."""
    owner: str = ""
    """Class of a method."""
    static: bool = False
    extern_c: bool = False
    words: Words | None = field(default=None, repr=False)

    _kept: _Kept = field(default_factory=_Kept, init=False, repr=False)

    @property
    def signature(self) -> Signature:
        """What it takes and gives; looked for when first asked for, as is all that follows."""
        kept = self._kept
        if kept.signature is None:
            kept.signature = self.find_signature()
        return kept.signature

    @property
    def result(self) -> TypeRef:
        """The type of what it gives."""
        return self.signature.result

    @property
    def params(self) -> tuple[Variable, ...]:
        """The parameters."""
        return self.signature.params

    @property
    def variadic(self) -> bool:
        """Whether more arguments may follow."""
        return self.signature.variadic

    @property
    def called(self) -> frozenset[str]:
        """Called names, macros among them."""
        kept = self._kept
        if kept.called is None:
            kept.called = self.words.called() if self.words is not None else frozenset()
        return kept.called

    @property
    def calls(self) -> tuple[Mention, ...]:
        """The same one by one, with their places; looked for each time."""
        return self.words.calls() if self.words is not None else ()

    @property
    def names(self) -> frozenset[str]:
        """All identifiers in the definition."""
        kept = self._kept
        if kept.names is None:
            kept.names = self.words.names() if self.words is not None else frozenset()
        return kept.names

    @property
    def body(self) -> Body:
        """The control-flow graph."""
        kept = self._kept
        if kept.body is None:
            kept.body = self.lower()
        return kept.body

    @property
    def overlooked(self) -> tuple[Span, ...]:
        """What was not understood when the body was read, of a function that was taken for understood until then."""
        body = self._kept.body
        return body.unread if body is not None and not self.unread else ()

    @property
    def path(self) -> str:
        """Path of the file."""
        return self.span.path

    @property
    def is_copied(self) -> bool:
        """Whether it is a static function of a header: each file that includes the header has one of its own."""
        return self.static and not self.path.lower().endswith(SOURCE_SUFFIXES)


@record(frozen=True, slots=True)
class Prototype:
    """A function declaration without a body."""

    name: str
    span: Span


@record(frozen=True, slots=True)
class Macro:
    """A `#define`."""

    name: str
    params: tuple[str, ...] | None
    """None for an object-like macro; `...` for a variadic tail."""
    body: str
    span: Span
    """The name."""
    literal: int | None = None
    """The constant that the body spells, where it is one literal."""
    evaluate: Callable[[str], int | None] | None = field(default=None, compare=False, repr=False)
    """The value of an expression where the macro is defined."""

    @property
    def value(self) -> int | None:
        """The constant that the body stands for: of literals, other constants, operators, casts and sizes of types."""
        if self.literal is not None or self.params is not None or not self.body or self.evaluate is None:
            return self.literal
        return self.evaluate(self.body)


@record(frozen=True, slots=True)
class Include:
    """An `#include`."""

    path: str
    system: bool
    span: Span
    condition: str = ""
    """The conditions that it stands under, include guards aside, innermost last; those of `#else` as their `#if`."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What the files of a project say together; each entry is worked out when it is asked for."""

    types: Mapping[str, TypeDef]
    """With sizes, alignments and offsets where they can be told; types of SDK headers among them."""
    constants: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Unit:
    """One C or C++ file."""

    source: Source
    language: str
    functions: tuple[Function, ...]
    globals: tuple[Variable, ...] = ()
    prototypes: tuple[Prototype, ...] = ()
    macros: tuple[Macro, ...] = ()
    includes: tuple[Include, ...] = ()
    types: tuple[TypeDef, ...] = ()
    constants: Mapping[str, int] = field(default_factory=dict)
    """Enumerators and `#define` constants with their values."""
    gaps: tuple[Gap, ...] = ()
    generated: bool = False
    """A proxy that an EDL compiler wrote: read for its facts, not linted."""
    shared: Shared | None = None
    """The same for all files that were read together."""
    externs: tuple[Variable, ...] = ()
    """Variables that the file declares and another one defines."""

    @property
    def path(self) -> str:
        """Path of the file, as reports print it."""
        return self.source.path
