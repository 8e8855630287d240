"""Structs, unions, enums and typedefs, read with pycparser's declarator grammar, one top-level item at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from pycparser import c_ast

from edlint.frontends.c.gnu import Attribute, without_gnu
from edlint.frontends.c.tokens import Piece, deep, parse
from edlint.model.types import Member, TypeDef, TypeKind, TypeRef
from edlint.source import Source, Span

_KINDS = {c_ast.Struct: TypeKind.STRUCT, c_ast.Union: TypeKind.UNION, c_ast.Enum: TypeKind.ENUM}
_PACKED = re.compile(r"\b_*packed_*\b")
_ALIGNED = re.compile(r"\b_*align(?:ed)?_*\s*\(\s*(.+?)\s*\)\s*,?|\b_*aligned_*\b")
MAX_DEPTH = 64


@dataclass(frozen=True, slots=True)
class Record:
    """A type definition as written, with what decides its layout beside its members."""

    type: TypeDef
    packed: bool = False
    align: str = ""
    """The operand of `aligned` or `_Alignas`, as written."""
    odd: bool = False
    """Members have attributes of their own, or are there only under a condition: the layout cannot be told."""
    values: tuple[tuple[str, c_ast.Node | None], ...] = ()
    """Enumerators in order with their expressions."""


def type_of(node: c_ast.Node, dimension: Callable[[c_ast.Node | None], str]) -> TypeRef:
    """The type of a declaration, a parameter or a type name.

    `dimension` gives the text of an array dimension. An anonymous struct, union or enum has an empty base.
    """
    # Outermost first; behind a pointer or a function an array starts a type of its own.
    levels: list[tuple[int, list[str]]] = [(0, [])]
    function, const = False, False
    at = node.type
    for _ in range(MAX_DEPTH):
        match at:
            case c_ast.ArrayDecl():
                pointers, dims = levels[-1]
                if pointers and not function:
                    levels.append((0, dims := []))
                if not function:
                    dims.append(dimension(at.dim))
                at = at.type
            case c_ast.PtrDecl():
                levels[-1] = (levels[-1][0] + (not function), levels[-1][1])
                at = at.type
            case c_ast.FuncDecl():
                function = True
                at = at.type
            case c_ast.TypeDecl():
                const = "const" in (at.quals or ())
                at = at.type
            case _:
                break
    kind = _KINDS.get(type(at))
    if kind is not None:
        return _nested(TypeRef(at.name or "", kind, const=const, function=function), levels)
    names = at.names if isinstance(at, c_ast.IdentifierType) else [type(at).__name__.lower()]
    base = " ".join(names)
    built_in = all(n in _BUILT_IN for n in names)
    spelled = TypeKind.BUILTIN if built_in else TypeKind.NAMED
    return _nested(TypeRef(base, spelled, const=const, function=function), levels)


def _nested(base: TypeRef, levels: Sequence[tuple[int, Sequence[str]]]) -> TypeRef:
    """Arrays of pointers to what follows, the last of them to the base."""
    made: TypeRef | None = None
    for pointers, dims in reversed(levels):
        made = replace(base, pointers=pointers, dims=tuple(dims), array=made)
    return made or base


def _renamed(ref: TypeRef, base: str) -> TypeRef:
    """The type with another base."""
    return replace(ref, base=base, array=_renamed(ref.array, base) if ref.array is not None else None)


_BUILT_IN = frozenset(
    ("void", "char", "short", "int", "long", "float", "double", "signed", "unsigned", "_Bool", "_Complex", "__int128")
)


def read_records(source: Source, tokens: Sequence[Piece], types: Iterable[str], conditional: bool) -> list[Record]:
    """The types that one item defines, inner ones first; raises ParseError.

    `types` are names to take for types. An anonymous struct inside another is named `outer.member`.
    """
    kept, attributes = without_gnu(tokens)
    nodes = parse(kept, types)
    reader = _Reader(source, kept, attributes, conditional)
    with deep():
        for node in nodes:
            reader.read(node)
    return reader.found


class _Reader:
    def __init__(self, source: Source, tokens: Sequence[Piece], attributes: Sequence[Attribute], conditional: bool):
        self.source, self.tokens, self.attributes, self.conditional = source, tokens, attributes, conditional
        self.found: list[Record] = []

    def read(self, node: c_ast.Node) -> None:
        """One declaration of the item."""
        if isinstance(node, c_ast.Typedef):
            core = _core(node)
            if _is_definition(core) and not core.name:
                plain = isinstance(node.type, c_ast.TypeDecl)
                name = node.name if plain else f"{node.name}.0"
                self._define(core, name, self._span(node))
                if plain:
                    return
                self._alias(node, _renamed(type_of(node, self.dimension), name))
                return
            if _is_definition(core):
                self._define(core, core.name, self._span(core))
            self._alias(node, type_of(node, self.dimension))
        elif isinstance(node, c_ast.Decl):
            core = _core(node)
            if _is_definition(core) and (core.name or isinstance(core, c_ast.Enum)):
                self._define(core, core.name or "", self._span(core))

    def _alias(self, node: c_ast.Node, ref: TypeRef) -> None:
        if ref.base == node.name and not ref.is_pointer and not ref.function:
            # `typedef struct s s;` names nothing new.
            return
        self.found.append(Record(TypeDef(node.name, TypeKind.NAMED, self._span(node), alias=ref)))

    def _define(self, core: c_ast.Node, name: str, span: Span, depth: int = 0) -> None:
        if isinstance(core, c_ast.Enum):
            values = tuple((e.name, e.value) for e in core.values.enumerators if isinstance(e, c_ast.Enumerator))
            members = tuple(
                Member(e.name, TypeRef("int"), self._place(e))
                for e in core.values.enumerators
                if isinstance(e, c_ast.Enumerator)
            )
            self.found.append(Record(TypeDef(name, TypeKind.ENUM, span, members), values=values))
            return
        members_: list[Member] = []
        for number, decl in enumerate(core.decls or ()):
            if isinstance(decl, c_ast.Decl):
                members_.append(self._member(decl, name, number, depth))
        packed, align, odd = self._attributes(core)
        made = TypeDef(name, _KINDS[type(core)], span, tuple(members_))
        self.found.append(Record(made, packed, align, odd or self.conditional))

    def _member(self, decl: c_ast.Decl, owner: str, number: int, depth: int) -> Member:
        ref = type_of(decl, self.dimension)
        core = _core(decl)
        if _is_definition(core) and depth < MAX_DEPTH:
            inner = core.name or f"{owner}.{decl.name or number}"
            self._define(core, inner, self._span(decl) if decl.name else self._place(core), depth + 1)
            ref = _renamed(ref, inner)
        bits = None
        if decl.bitsize is not None:
            value = decl.bitsize.value if isinstance(decl.bitsize, c_ast.Constant) else ""
            bits = int(value) if value.isdigit() and len(value) < 4 else -1
        span = self._span(decl) if decl.name else self._place(decl)
        return Member(decl.name or "", ref, span, bits=bits)

    def dimension(self, node: c_ast.Node | None) -> str:
        """The text between the brackets around an expression."""
        if node is None or node.coord is None:
            return ""
        index = node.coord.line
        depth = 0
        while index > 0:
            index -= 1
            value = self.tokens[index].value
            depth += (value in (")", "]")) - (value in ("(", "["))
            if depth < 0 and value == "[":
                break
        close = _matching(self.tokens, index)
        text = self.source.text[self.tokens[index].end : self.tokens[close].start]
        return " ".join(re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.DOTALL).split())

    def _attributes(self, core: c_ast.Node) -> tuple[bool, str, bool]:
        """Packed, the operand of aligned, whether members have attributes that move them."""
        if core.coord is None:
            return False, "", False
        opened = core.coord.line
        while opened < len(self.tokens) and self.tokens[opened].value != "{":
            opened += 1
        if opened >= len(self.tokens):
            return False, "", False
        close = _matching(self.tokens, opened)
        semicolon = close
        while semicolon < len(self.tokens) and self.tokens[semicolon].value != ";":
            semicolon += 1
        keyword = opened
        while keyword > 0 and self.tokens[keyword].value not in ("struct", "union"):
            keyword -= 1
        packed, align, odd = False, "", False
        for attribute in self.attributes:
            moves = _PACKED.search(attribute.text) or _ALIGNED.search(attribute.text)
            if not moves:
                continue
            # One behind the closing brace may also come after the name of the typedef.
            if keyword < attribute.at <= opened or close < attribute.at <= semicolon:
                packed = packed or bool(_PACKED.search(attribute.text))
                aligned = _ALIGNED.search(attribute.text)
                align = (aligned[1] or "16") if aligned else align
            elif opened < attribute.at <= close:
                odd = True
        return packed, align, odd

    def _place(self, node: c_ast.Node) -> Span:
        index = node.coord.line if node.coord is not None else 0
        piece = self.tokens[max(0, min(index, len(self.tokens) - 1))]
        return self.source.span(piece.start, piece.end)

    def _span(self, node: c_ast.Node) -> Span:
        """The name of a declaration, found from where pycparser says that it starts."""
        index = max(0, node.coord.line if node.coord is not None else 0)
        for piece in self.tokens[index : index + 200]:
            if piece.value == node.name:
                return self.source.span(piece.start, piece.end)
        return self._place(node)


def _core(node: c_ast.Node) -> c_ast.Node:
    at = node.type
    for _ in range(MAX_DEPTH):
        if not isinstance(at, c_ast.ArrayDecl | c_ast.PtrDecl | c_ast.FuncDecl | c_ast.TypeDecl):
            break
        at = at.type
    return at


def _is_definition(core: c_ast.Node) -> bool:
    if isinstance(core, c_ast.Enum):
        return core.values is not None
    return isinstance(core, c_ast.Struct | c_ast.Union) and core.decls is not None


def _matching(tokens: Sequence[Piece], index: int) -> int:
    depth = 0
    for at in range(index, len(tokens)):
        value = tokens[at].value
        depth += (value in ("(", "[", "{")) - (value in (")", "]", "}"))
        if depth == 0:
            return at
    return len(tokens) - 1
