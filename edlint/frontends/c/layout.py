"""Types and constants of a project, with sizes: each is worked out when it is first asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from edlint.frontends.c.constants import Constants
from edlint.frontends.c.gnu import GNU_WORDS
from edlint.frontends.c.items import Decided, Item, scan, segments, undecided
from edlint.frontends.c.named import counted, substituted
from edlint.frontends.c.prelude import Prelude
from edlint.frontends.c.records import Record, read_records
from edlint.frontends.c.tokens import LexError, ParseError, Piece, pieces, token_type
from edlint.model.layout import shape_of, with_layout
from edlint.model.types import Member, TypeDef, TypeKind, TypeRef
from edlint.model.unit import Macro
from edlint.source import Source

MAX_ITEM = 400_000
"""Code points of an item that is parsed for its types."""
MAX_CANDIDATES = 8
"""Definitions of one name that are tried until one has a size."""
MAX_NESTED = 32
"""Definitions inside each other that are laid out."""
MAX_STEPS = 2_000
"""Definitions that are laid out for the sake of one."""

_CLASSY = re.compile(r"\bvirtual\b|\b(?:public|private|protected)\s*:|\b(?:struct|class)\s+\w+[^;{]*:(?!:)")


class Types(Mapping[str, TypeDef]):
    """Types by name. `definitions` are those that the project's files have, in the order in which to try them.

    Enums without a name are among them under the empty name: for their enumerators.
    """

    def __init__(
        self,
        definitions: Mapping[str, Sequence[TypeDef]],
        prelude: Prelude,
        owned: Callable[[str], Mapping[str, int]] = lambda name: {},
    ) -> None:
        self._definitions = {n: d for n, d in definitions.items() if n}
        self._owned = owned
        self._unnamed, self._prelude = definitions.get("", ()), prelude
        self._known: dict[str, TypeDef | None] = {}
        self._items: dict[tuple[int, int], dict[str, Record]] = {}
        self._looked: dict[tuple[int, int], tuple[bool, bool]] = {}
        self._enumerators: dict[str, TypeDef] | None = None
        self._values: dict[str, int | None] = {}
        self._stubs: dict[str, TypeDef] = {}
        self._cut = False
        self._steps = 0
        self.constants: Constants = Constants({})

    def __getitem__(self, name: str) -> TypeDef:
        found = self._find(name)
        if found is None:
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (name in self._definitions or name in self._prelude.types)

    def __iter__(self) -> Iterator[str]:
        yield from self._definitions
        yield from (n for n in self._prelude.types if n not in self._definitions)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def size(self, ref: TypeRef) -> int | None:
        """Bytes of a value of that type."""
        shape = shape_of(ref, self, self.extent)
        return shape.size if shape is not None else None

    def extent(self, text: str) -> int | None:
        """The number that an array dimension stands for."""
        return self.constants.evaluate(text)

    def enumerator(self, name: str) -> int | None:
        """The value of an enumerator."""
        if self._enumerators is None:
            every = (d for all_ in self._definitions.values() for d in all_)
            self._enumerators = {}
            for enum in (*every, *self._unnamed, *self._prelude.enums):
                if enum.kind is TypeKind.ENUM:
                    for member in enum.members:
                        self._enumerators.setdefault(member.name, enum)
        enum = self._enumerators.get(name)  # type: ignore[assignment]
        if enum is None:
            return None
        if name not in self._values:
            self._values[name] = None
            for member in self._enumerate(enum):
                self._values[member.name] = member.value
        return self._values[name]

    def enumerators(self) -> list[str]:
        """All names of enumerators."""
        self.enumerator("")
        return list(self._enumerators or ())

    def _find(self, name: str) -> TypeDef | None:
        if name in self._stubs:
            self._cut = True
            return self._stubs[name]
        if name in self._known:
            return self._known[name]
        candidates = self._definitions.get(name) or self._prelude.types.get(name) or ()
        if not candidates and "." in name:
            # A struct without a name inside another: known once the outer one is.
            self._find(name.split(".", 1)[0])
            return self._known.get(name)
        outermost = not self._stubs
        if outermost:
            self._steps = 0
        elif len(self._stubs) > MAX_NESTED:
            return next(iter(candidates), None)
        cut_before, self._cut = self._cut, False
        try:
            best = self._best(name, candidates)
        except RecursionError:
            # It was asked for where little room is left.
            if not outermost:
                raise
            best = next(iter(candidates), None)
        # What was cut short by a cycle around it may be known when asked for by itself.
        if outermost or not self._cut or (best is not None and best.size is not None):
            self._known[name] = best
        self._cut = (self._cut or cut_before) and not outermost
        return best

    def _best(self, name: str, candidates: Sequence[TypeDef]) -> TypeDef | None:
        """The first of the definitions that has a size, laid out, or the first."""
        best: TypeDef | None = None
        for candidate in candidates[:MAX_CANDIDATES]:
            self._steps += 1
            if self._steps > MAX_STEPS:
                self._cut = True
                best = best or candidate
                break
            # What contains itself has no size: while it is worked out nothing is known of it.
            self._stubs[name] = replace(candidate, members=(), size=None)
            try:
                found = self._laid_out(candidate)
            finally:
                del self._stubs[name]
            if best is None or (found.size is not None and best.size is None):
                best = found
            if best.size is not None:
                break
        return best

    def _laid_out(self, definition: TypeDef) -> TypeDef:
        constants = self._owned(definition.name)
        if constants:
            # Only in the class do its constants have a name.
            number = partial(self._number, constants)
            definition = replace(
                definition, members=tuple(replace(m, type=counted(m.type, number)) for m in definition.members)
            )
        records = self._records(definition)
        record = records.get(definition.name) if records else None
        if record is None:
            return self._unparsed(definition)
        for name, inner in (records or {}).items():
            if "." in name and name not in self._known:
                self._known[name] = replace(inner.type, members=())
                self._known[name] = self._plan(inner)
        return self._plan(record)

    def _number(self, constants: Mapping[str, int], dim: str) -> str:
        value = self.extent(substituted(dim, constants)) if dim else None
        return dim if value is None else str(value)

    def _plan(self, record: Record) -> TypeDef:
        made = record.type
        if made.kind is TypeKind.ENUM:
            made = replace(made, members=self._values_of(record))
        if record.odd:
            return _flattened(made, self)
        pack = 1 if record.packed else scan(made.span.source).pack(made.span.start)
        align = 1
        if record.align:
            number = self.constants.evaluate(record.align)
            if number is None or not 0 < number <= 1 << 16:
                return _flattened(made, self)
            align = number
        return _flattened(with_layout(made, self, self.extent, pack=pack, align=align), self)

    def _unparsed(self, definition: TypeDef) -> TypeDef:
        source = definition.span.source
        item = scan(source).at(definition.span.start)
        classy, packed = self._looks(source, item) if item is not None else (False, True)
        if classy or (item is not None and item.conditional):
            return definition
        pack = 1 if packed and "packed" in definition.span.text else scan(source).pack(definition.span.start)
        return with_layout(definition, self, self.extent, pack=pack)

    def _looks(self, source: Source, item: Item) -> tuple[bool, bool]:
        """Whether an item has what only classes have, and whether it speaks of packing: looked for once an item."""
        key = (id(source), item.start)
        known = self._looked.get(key)
        if known is None:
            text = source.text
            classy = _CLASSY.search(text, item.start, item.end) is not None
            known = self._looked[key] = (classy, text.find("packed", item.start, item.end) >= 0)
        return known

    def _records(self, definition: TypeDef) -> dict[str, Record] | None:
        source = definition.span.source
        item = scan(source).at(definition.span.start)
        if item is None or item.end - item.start > MAX_ITEM:
            return None
        key = (id(source), item.start)
        if key not in self._items:
            try:
                tokens = tokens_of(source, item.start, item.end)
                records = read_records(source, tokens, type_names(tokens), item.conditional)
            except (LexError, ParseError, RecursionError):
                records = []
            self._items[key] = {r.type.name: r for r in records}
        return self._items[key]

    def _enumerate(self, enum: TypeDef) -> tuple[Member, ...]:
        records = self._records(enum) or {}
        names = {m.name for m in enum.members}
        for record in records.values():
            if record.values and names & {n for n, _ in record.values}:
                return self._values_of(record)
        return ()

    def _values_of(self, record: Record) -> tuple[Member, ...]:
        members: list[Member] = []
        known: dict[str, int] = {}
        value: int | None = -1
        for member, (name, node) in zip(record.type.members, record.values, strict=True):
            if node is None:
                value = value + 1 if value is not None else None
            else:
                value = self.constants.evaluate_node(node, known)
            if value is not None:
                known[name] = value
            members.append(replace(member, value=value))
        return tuple(members)


def _flattened(definition: TypeDef, types: Types) -> TypeDef:
    """Members of anonymous structs and unions as members of the whole."""
    if all(m.name or m.bits is not None for m in definition.members):
        return definition
    members: list[Member] = []
    for member in definition.members:
        inner = types.get(member.type.base) if not member.name and member.bits is None else None
        if inner is None:
            members.append(member)
            continue
        for part in inner.members:
            known = member.offset is not None and part.offset is not None
            offset = (member.offset or 0) + (part.offset or 0) if known else None
            members.append(replace(part, offset=offset))
    return replace(definition, members=tuple(members))


def tokens_of(source: Source, start: int, end: int, *, holds: bool = True, decided: Decided = undecided) -> list[Piece]:
    """The tokens of a range without directives; `holds` says whether conditions do that are not decided."""
    text = source.text
    if "#" not in text[start:end]:
        return pieces(text, start, end)
    left = segments(text, start, end, holds=holds, decided=decided)
    return [p for begin, stop in left for p in pieces(text, begin, stop)]


_OPENS = frozenset(("{", ";", "(", ",", "}", "const", "volatile", "typedef", "static", "extern", "register", "inline"))


def type_names(tokens: Sequence[Piece]) -> set[str]:
    """Names that must be types, judged by what stands around them in a declaration."""
    found: set[str] = set()
    for at in range(len(tokens) - 1):
        piece, after = tokens[at], tokens[at + 1].value
        if not piece.is_word or token_type(piece.value) != "ID" or piece.value in GNU_WORDS:
            continue
        before = tokens[at - 1].value if at else ";"
        if before in _OPENS and (after == "*" or after[0].isalpha() or after[0] == "_"):
            found.add(piece.value)
        elif before in _OPENS and after == "(" and at + 2 < len(tokens) and tokens[at + 2].value == "*":
            # `handler_t (*next)(void)`
            if before != "(" and before != ",":
                found.add(piece.value)
        elif before in _OPENS and after in (":", ")", ",") and piece.value.endswith("_t"):
            found.add(piece.value)
    return found


def understand(
    definitions: Mapping[str, Sequence[TypeDef]],
    macros: Mapping[str, Sequence[Macro]],
    named: Mapping[str, Sequence[str]] = {},
    owned: Callable[[str], Mapping[str, int]] = lambda name: {},
    prelude: Prelude | None = None,
) -> tuple[Types, Constants]:
    """The types and constants of a project, from the type definitions and the macros of its files by name.

    The definitions of a name are tried in their order; of `prelude` is taken what the project does not define.
    `named` are the initialisers of constant variables, `owned` gives the constants of a class.
    """
    prelude = prelude or Prelude.builtin()
    types = Types(definitions, prelude, owned)
    bodies = _Bodies(macros, named, prelude.macros)
    functions = {n: (m[0].params, m[0].body) for n, m in macros.items() if m and m[0].params is not None}
    types.constants = Constants(bodies, functions, types.enumerator, types.enumerators, types.size, types)
    return types, types.constants


def by_name(definitions: Iterable[TypeDef]) -> dict[str, list[TypeDef]]:
    """Definitions by name, those that say something before forward declarations."""
    found: dict[str, list[TypeDef]] = {}
    for definition in definitions:
        found.setdefault(definition.name, []).append(definition)
    for several in found.values():
        several.sort(key=lambda d: not d.members and d.alias is None)
    return found


class _Bodies(Mapping[str, Sequence[str]]):
    """Bodies of the project's object-like macros, then of its constant variables, then of an SDK's macros."""

    def __init__(
        self,
        own: Mapping[str, Sequence[Macro]],
        named: Mapping[str, Sequence[str]],
        prelude: Mapping[str, Sequence[str]],
    ) -> None:
        self._own, self._named, self._prelude = own, named, prelude

    def __getitem__(self, name: str) -> Sequence[str]:
        found = self._own.get(name)
        if found:
            return [m.body for m in found] if all(m.params is None for m in found) else [""]
        return self._named[name] if name in self._named else self._prelude[name]

    def __iter__(self) -> Iterator[str]:
        yield from dict.fromkeys((*self._own, *self._named, *self._prelude))

    def __len__(self) -> int:
        return sum(1 for _ in self)
