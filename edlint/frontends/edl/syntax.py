"""What the parsers make of EDL text: declarations as written, with their tokens, before any meaning."""

from __future__ import annotations

from dataclasses import dataclass, field

from edlint.frontends.edl.tokens import Token
from edlint.model.types import TypeKind


@dataclass(slots=True)
class Attr:
    """One word of an attribute list."""

    name: Token
    value: Token | None = None
    assigned: bool = False
    """Whether `=` is written."""


@dataclass(slots=True)
class Attrs:
    """A list in brackets."""

    items: list[Attr]
    open: Token
    close: Token


@dataclass(slots=True)
class Type:
    """A type without array dimensions."""

    base: str
    kind: TypeKind
    first: Token
    last: Token
    name: Token
    """The word that names it."""
    pointers: int = 0
    const: bool = False
    arguments: tuple[Type, ...] = ()

    @property
    def is_bare_name(self) -> bool:
        """Whether it is one identifier that the language does not know, without a star."""
        return self.kind is TypeKind.NAMED and not self.pointers and not self.const

    def spelt(self) -> str:
        """The type for a message."""
        keyword = f"{self.kind} " if self.kind in (TypeKind.STRUCT, TypeKind.UNION, TypeKind.ENUM) else ""
        inner = f"<{', '.join(a.spelt() for a in self.arguments)}>" if self.arguments else ""
        return f"{'const ' if self.const else ''}{keyword}{self.base}{inner}{'*' * self.pointers}"


@dataclass(slots=True)
class Dim:
    """One array dimension; without a token it is `[]`."""

    value: Token | None
    open: Token
    close: Token


@dataclass(slots=True)
class Decl:
    """A parameter or a member."""

    attrs: Attrs | None
    type: Type
    name: Token
    dims: list[Dim]
    first: Token
    last: Token
    refused: bool = False
    """Already refused, so that later rules have nothing to add."""

    @property
    def is_pointer(self) -> bool:
        """Whether stars are written."""
        return self.type.pointers > 0

    @property
    def is_array(self) -> bool:
        """Whether dimensions are written."""
        return bool(self.dims)

    def attr(self, name: str) -> Attr | None:
        """The first attribute of that name."""
        if self.attrs is None:
            return None
        return next((a for a in self.attrs.items if a.name.text == name), None)

    def has(self, name: str) -> bool:
        """Whether an attribute of that name is written."""
        return self.attr(name) is not None


@dataclass(slots=True)
class Function:
    """One declared call."""

    result: Type
    name: Token
    params: list[Decl]
    first: Token
    last: Token
    trusted: bool = True
    public: Token | None = None
    allow: list[Token] | None = None
    allow_word: Token | None = None
    switchless: Token | None = None
    errno: Token | None = None
    prefix: Attrs | None = None
    damaged: bool = False
    """Part of it could not be read."""
    text: str = ""
    """Its tokens in one line: two imports of one file bring the same text."""


@dataclass(slots=True)
class Enumerator:
    """One value of an enum."""

    name: Token
    value: Token | None = None


@dataclass(slots=True)
class Composite:
    """A struct, union or enum; an anonymous enum has no name."""

    keyword: Token
    name: Token | None
    members: list[Decl]
    values: list[Enumerator]
    first: Token
    last: Token
    damaged: bool = False

    @property
    def is_deep(self) -> bool:
        """Whether a member says how much it points to."""
        return self.keyword.text == "struct" and any(m.has("size") or m.has("count") for m in self.members)


@dataclass(slots=True)
class Include:
    """A C header for the generated code."""

    path: Token
    first: Token


@dataclass(slots=True)
class ImportStatement:
    """An import in any of its forms."""

    path: Token
    first: Token
    last: Token
    names: list[Token] | None
    """None for everything."""
    star: Token | None = None


Item = Function | Composite | Include | ImportStatement


@dataclass(slots=True)
class Tree:
    """One EDL file as read."""

    items: list[Item] = field(default_factory=list)
    first: Token | None = None
    """The word `enclave`."""
    close: Token | None = None
    """The brace that ends it."""
    complete: bool = False
    """The file was read to its end, if with repairs."""
    lost: set[str] = field(default_factory=set)
    """Words of text that was skipped: what they declared is not known."""
