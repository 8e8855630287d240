"""Types as both the EDL and the C side name them, and what is known of their layout."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from edlint.record import record
from edlint.source import Span


class TypeKind(StrEnum):
    """What stands behind a type name."""

    BUILTIN = "builtin"
    STRUCT = "struct"
    UNION = "union"
    ENUM = "enum"
    NAMED = "named"
    """A typedef, a class or a name of which nothing is known."""


@record(frozen=True, slots=True)
class TypeRef:
    """A use of a type: base name, pointers, array dimensions.

    `const unsigned char *p[4]` has base `unsigned char`, pointers 1, dims ("4",), const True.
    """

    base: str
    """Normal spelling without `const`, `struct`, `union`, `enum`: `unsigned long`, `uint8_t`, `std::string`."""
    kind: TypeKind = TypeKind.BUILTIN
    pointers: int = 0
    dims: tuple[str, ...] = ()
    """As written, an empty string for `[]`."""
    const: bool = False
    """The value, or for a pointer the innermost pointee, is const."""
    reference: bool = False
    """A C++ reference."""
    function: bool = False
    """A function or a pointer to one."""
    arguments: tuple[TypeRef, ...] = ()
    """Template arguments: the T of `vector<T>`."""
    span: Span | None = None
    array: TypeRef | None = None
    """The array that the innermost pointer points to, with the same base: the `T[N]` of `T (*p)[N]`."""

    @property
    def is_pointer(self) -> bool:
        """Whether an address is passed: a pointer or an array."""
        return self.pointers > 0 or bool(self.dims)

    @property
    def is_array(self) -> bool:
        """Whether dimensions are written."""
        return bool(self.dims)

    @property
    def element(self) -> TypeRef | None:
        """What an array holds or a pointer points to, as far as it is written here; None for anything else."""
        if self.dims:
            return self._changed(self.pointers, self.dims[1:])
        if self.array is not None and self.pointers == 1:
            return self.array
        return self._changed(self.pointers - 1, ()) if self.pointers else None

    @property
    def address(self) -> TypeRef:
        """The type of a pointer to it."""
        if not self.dims:
            return replace(self, pointers=self.pointers + 1)
        array = replace(self, span=None)
        return TypeRef(self.base, self.kind, 1, const=self.const, arguments=self.arguments, array=array)

    def _changed(self, pointers: int, dims: tuple[str, ...]) -> TypeRef:
        """The same base behind other pointers and dimensions: `replace` takes four times as long."""
        return TypeRef(
            self.base,
            self.kind,
            pointers,
            dims,
            self.const,
            self.reference,
            self.function,
            self.arguments,
            array=self.array,
        )

    @property
    def is_void(self) -> bool:
        """Whether it is plain void."""
        return self.base == "void" and not self.is_pointer

    def __str__(self) -> str:
        return self._around("")

    def _around(self, inside: str) -> str:
        stars = "*" * self.pointers + ("&" if self.reference else "")
        dims = "".join(f"[{d}]" for d in self.dims)
        if self.array is not None:
            return self.array._around(f"({stars}{inside}{dims})")
        keyword = f"{self.kind} " if self.kind in (TypeKind.STRUCT, TypeKind.UNION, TypeKind.ENUM) else ""
        const = "const " if self.const else ""
        arguments = f"<{', '.join(map(str, self.arguments))}>" if self.arguments else ""
        return f"{const}{keyword}{self.base}{arguments}{stars}{inside}{dims}"


@record(frozen=True, slots=True)
class Member:
    """A member of a struct or union, or an enumerator (`type` is then int)."""

    name: str
    type: TypeRef
    span: Span
    size: str | None = None
    """Operand of `size=` as written; EDL only."""
    count: str | None = None
    """Operand of `count=` as written; EDL only."""
    value: int | None = None
    """Value of an enumerator where it is known."""
    offset: int | None = None
    """Bytes from the start, where the layout is known."""
    bits: int | None = None
    """Width of a bit-field."""


@record(frozen=True, slots=True)
class TypeDef:
    """A struct, union, enum, class or typedef with what is known of it."""

    name: str
    kind: TypeKind
    span: Span
    members: tuple[Member, ...] = ()
    alias: TypeRef | None = None
    """For a typedef: what it stands for."""
    size: int | None = None
    """Bytes on x86-64, where the layout is known."""
    align: int | None = None
    padding: int | None = None
    """Bytes inside the struct that belong to no member."""
    imported: bool = False
    """EDL: brought by an import."""

    def member(self, name: str) -> Member | None:
        """The member of that name, or None."""
        for member in self.members:
            if member.name == name:
                return member
        return None

    @property
    def is_deep(self) -> bool:
        """Whether a member carries `size` or `count`, so that an EDL compiler copies what it points to."""
        return any(m.size is not None or m.count is not None for m in self.members)
