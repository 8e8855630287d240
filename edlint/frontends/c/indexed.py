"""What the index of a file holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from edlint.frontends.c.named import Named as Constant
from edlint.model.ir import Variable
from edlint.model.types import TypeDef
from edlint.model.unit import Prototype
from edlint.record import record
from edlint.source import Span

MAX_ITEMS = 150_000
"""Declarations and what holds them, of a file and of its classes; what comes behind so many is not read."""
MAX_FUNCTIONS = 5_000
"""The same of functions, which cost more: the rules follow them. The most that were met in one file are 2,600."""

_OLD_STYLE = re.compile(r"\s*+\((\s*+\w++(?:\s*+,\s*+\w++)*+\s*+)\)\s*+[A-Za-z_]")
"""The parameters of a function of the old style, and where their declarations start."""
_MAX_LIST = 500


@record(frozen=True, slots=True)
class Where:
    """What encloses a declaration."""

    scope: str = ""
    """Namespaces and classes, joined by `::`."""
    owner: str = ""
    extern_c: bool = False


@record(frozen=True, slots=True)
class Found:
    """A function definition in the tree."""

    name: str
    qualified: str
    owner: str
    span: Span
    extent: Span
    body: int
    """Where the body starts, member initialisers included."""
    static: bool
    extern_c: bool
    unread: tuple[Span, ...]
    kind: str = "function_definition"
    """Type of its node: the grammar takes `void f(T& x) {};` for a declaration with an empty initialiser."""


@record(frozen=True, slots=True)
class Initialised:
    """A global variable with an initialiser."""

    variable: int
    """Its position among the globals."""
    start: int
    end: int
    """The initialiser."""
    declaration: tuple[int, int]


@dataclass(slots=True)
class Index:
    """All that the walk over one file collects."""

    functions: list[Found] = field(default_factory=list)
    globals: list[Variable] = field(default_factory=list)
    initialised: list[Initialised] = field(default_factory=list)
    prototypes: list[Prototype] = field(default_factory=list)
    types: list[TypeDef] = field(default_factory=list)
    enumerators: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    """Name, value as written, name of the enumerator before it."""
    named: list[Constant] = field(default_factory=list)
    """Constants that are variables."""
    bases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    constructed: set[str] = field(default_factory=set)
    """Classes with a constructor."""
    externs: list[Variable] = field(default_factory=list)
    """Variables that are declared and not defined."""
    cut: int | None = None
    """Where it ends, although the file goes on."""
    headless: bool = False
    """Something that the grammar takes for a function has no parameter list, `HANDLER(name) { ... }` or `class A {}`,
    or a body has no head."""

    def forget_old_style(self, text: str) -> None:
        """What was read last is the head of a function, not a prototype and variables, if it is of the old style.

        The grammar of C has none of these that gives a pointer: `char *f(a) int a; {`.
        """
        found = self.prototypes[-1].span if self.prototypes else None
        given = _OLD_STYLE.match(text, found.end, found.end + _MAX_LIST) if found is not None else None
        if found is None or given is None:
            return
        self.prototypes.pop()
        names = frozenset(given[1].replace(",", " ").split())
        kept = self.initialised[-1].variable + 1 if self.initialised else 0
        while len(self.globals) > kept and self.globals[-1].span.start > found.start and self.globals[-1].name in names:
            self.globals.pop()
