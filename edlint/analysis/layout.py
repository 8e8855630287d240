"""What is known of the sizes of types: a fact for analyses and rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from edlint.model.layout import POINTER, Sized, shape_of
from edlint.model.program import Program
from edlint.model.types import TypeDef, TypeKind, TypeRef

_NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*")
_SUFFIX = re.compile(r"[uUlL]*$")
_TOKEN = re.compile(r"\s*(?:(?P<number>\d\w*)|(?P<name>[A-Za-z_]\w*)|(?P<op><<|>>|[-+*/%()]))")
_RANK = {"<<": 0, ">>": 0, "+": 1, "-": 1, "*": 2, "/": 2, "%": 2}
_MAX_TEXT = 400
_MAX_ARRAYS = 64
"""Pointers to arrays inside one another."""
_POINTERS = frozenset(("unique_ptr", "shared_ptr"))
"""Classes of the C++ library that are pointers."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes in bytes on x86-64; None wherever something is unknown."""

    types: Mapping[str, TypeDef]
    constants: Mapping[str, int]
    _found: dict[str, TypeDef | None] = field(default_factory=dict, repr=False, compare=False)
    """Types that were asked for; many names are those of builtin types, and stand for none."""
    _sizes: dict[tuple[str, TypeKind], int | None] = field(default_factory=dict, repr=False, compare=False)
    """Those of types that are no more than a name, which each use asks for."""

    @staticmethod
    def build(program: Program) -> Layout:
        """The layout of the program's C types; what only the EDL declares is there too."""
        declared = {t.name: t for i in program.interfaces for t in i.types}
        if not declared:
            return Layout(program.types, program.constants)
        extents = Layout(program.types, program.constants).extent
        return Layout(Sized(_Either(program.types, declared), extents), program.constants)

    def size(self, ref: TypeRef) -> int | None:
        """Bytes of a value of that type: of the whole array for an array, 8 for a pointer."""
        if ref.pointers and not ref.dims:
            return POINTER.size
        if ref.dims or ref.reference or ref.function or ref.arguments:
            return self._size(ref)
        key = (ref.base, ref.kind)
        try:
            return self._sizes[key]
        except KeyError:
            found = self._sizes[key] = self._size(ref)
            return found

    def _size(self, ref: TypeRef) -> int | None:
        shape = shape_of(ref, self.types, self.extent)
        return shape.size if shape is not None else None

    def pointee_size(self, ref: TypeRef) -> int | None:
        """Bytes of one element behind a pointer or array (1 for void)."""
        inner = self.pointee(ref)
        if inner is None:
            return None
        return 1 if inner.base == "void" and not inner.is_pointer else self.size(inner)

    def pointee(self, ref: TypeRef) -> TypeRef | None:
        """What a pointer points to or an array holds, through typedefs; None for anything else."""
        ref = self.resolve(ref)
        if ref.arguments and not ref.pointers and not ref.dims and ref.base.rpartition("::")[2] in _POINTERS:
            return ref.arguments[0]
        return ref.element if ref.dims or not ref.function else None

    def array_length(self, ref: TypeRef) -> int | None:
        """Elements of the outermost dimension of an array, through typedefs."""
        ref = self.resolve(ref)
        return self.extent(ref.dims[0]) if ref.dims else None

    def resolve(self, ref: TypeRef) -> TypeRef:
        """The type with the typedefs of its base replaced by what they stand for."""
        for _ in range(32):
            if ref.array is not None:
                # What the array holds is resolved when it is asked for.
                break
            found = self.named(ref.base)
            if found is None or found.alias is None or str(ref.kind) in ("struct", "union", "enum"):
                break
            alias = found.alias
            if alias.base == ref.base and not alias.is_pointer:
                break
            if alias.dims and ref.pointers:
                # A pointer to an array by its name: the name tells as much.
                break
            ref = replace(
                alias,
                pointers=alias.pointers + ref.pointers,
                dims=ref.dims + alias.dims,
                const=ref.const or alias.const,
                reference=ref.reference or alias.reference,
                span=ref.span,
            )
        return ref

    def definition(self, ref: TypeRef) -> TypeDef | None:
        """The struct, union or enum behind a type, through typedefs, whatever pointers are around it."""
        for _ in range(_MAX_ARRAYS):
            ref = self.resolve(ref)
            if ref.array is None:
                break
            ref = ref.array
        return self.named(ref.base)

    def named(self, base: str) -> TypeDef | None:
        """The type of a name, or None."""
        try:
            return self._found[base]
        except KeyError:
            found = self._found[base] = self.types.get(base)
            return found

    def type_of_member(self, ref: TypeRef, name: str) -> TypeRef | None:
        """Type of the member `name` of a struct or union, or of what a pointer to one points to."""
        if len(ref.arguments) == 2 and ref.base in ("pair", "std::pair") and name in ("first", "second"):
            return ref.arguments[name == "second"]
        found = self.definition(ref)
        member = found.member(name) if found is not None else None
        return member.type if member is not None else None

    def extent(self, text: str) -> int | None:
        """The number that an array dimension, as written, stands for."""
        text = text.strip()
        literal = _literal(text)
        if literal is not None:
            return literal
        if text in self.constants:
            return self.constants[text]
        return self._arithmetic(text) if len(text) <= _MAX_TEXT else None

    def _arithmetic(self, text: str) -> int | None:
        # Dimensions beyond sums, products and shifts of constants are the readers' business.
        values: list[int] = []
        ops: list[str] = []
        expect_value = True
        at = 0

        def apply() -> bool:
            op = ops.pop()
            if len(values) < 2 or op == "(":
                return False
            right, left = values.pop(), values.pop()
            result = _apply(op, left, right)
            if result is None:
                return False
            values.append(result)
            return True

        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                return None
            at = match.end()
            word, op = match["number"] or match["name"], match["op"]
            if word:
                value = _literal(word) if match["number"] else self.constants.get(word)
                if value is None or not expect_value:
                    return None
                values.append(value)
                expect_value = False
            elif op == "(":
                if not expect_value:
                    return None
                ops.append(op)
            elif expect_value:
                return None
            elif op == ")":
                while ops and ops[-1] != "(":
                    if not apply():
                        return None
                if not ops:
                    return None
                ops.pop()
            else:
                while ops and ops[-1] != "(" and _RANK[ops[-1]] >= _RANK[op]:
                    if not apply():
                        return None
                ops.append(op)
                expect_value = True
        while ops:
            if not apply():
                return None
        return values[0] if len(values) == 1 and not expect_value else None


class _Either(Mapping[str, TypeDef]):
    """The first mapping's entry, else the second's; the first may work its entries out on demand."""

    def __init__(self, first: Mapping[str, TypeDef], second: Mapping[str, TypeDef]) -> None:
        self._first, self._second = first, second

    def __getitem__(self, name: str) -> TypeDef:
        found = self._first.get(name)
        return found if found is not None else self._second[name]

    def __contains__(self, name: object) -> bool:
        return name in self._first or name in self._second

    def __iter__(self) -> Iterator[str]:
        yield from self._first
        yield from (n for n in self._second if n not in self._first)

    def __len__(self) -> int:
        return len(self._first) + sum(n not in self._first for n in self._second)


def _literal(text: str) -> int | None:
    digits = _SUFFIX.sub("", text)
    if not _NUMBER.fullmatch(digits) or len(digits) > 20:
        return None
    return int(digits, 8 if digits[0] == "0" and digits[1:2] not in ("x", "X") else 0)


def _apply(op: str, left: int, right: int) -> int | None:
    match op:
        case "+":
            result = left + right
        case "-":
            result = left - right
        case "*":
            result = left * right
        case "/" | "%":
            if right <= 0 or left < 0:
                return None
            result = left // right if op == "/" else left % right
        case "<<" | ">>":
            if not 0 <= right < 63 or left < 0:
                return None
            result = left << right if op == "<<" else left >> right
        case _:
            return None
    return result if -(1 << 63) <= result < 1 << 64 else None
