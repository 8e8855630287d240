"""What a project says about names, seen from one file or from the methods of a class there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Protocol

from edlint.frontends.c.constants import Constants
from edlint.frontends.c.files import File
from edlint.frontends.c.layout import Types
from edlint.frontends.c.macros import Macros
from edlint.frontends.c.named import substituted, values_of, words
from edlint.model.types import TypeDef, TypeKind, TypeRef
from edlint.model.unit import Macro

MAX_CONDITION = 200
"""Code points of the condition of an `#if` that is looked into."""
_DEFINED = re.compile(r"\bdefined\s*\(?\s*([A-Za-z_]\w*)\s*\)?")
MAX_BASES = 16
"""Classes above a class that are looked into, and names of macros that stand for each other."""


class Known(Protocol):
    """What the files of a project know together."""

    given: dict[str, int | None]
    macros: Macros
    constants: dict[str, int]
    types: dict[str, TypeDef]
    bases: dict[str, tuple[str, ...]]
    constructed: set[str]
    layouts: Types
    values: Constants

    def owned(self, owner: str) -> Mapping[str, int]:
        """The constants of a class, by name."""

    def members(self, owner: str) -> frozenset[str]:
        """The data members of a class and of its bases."""


def _pointers(file: File) -> frozenset[str]:
    """The globals of a file that are pointers to functions."""
    return frozenset(v.name for v in file.index.globals if v.type.function)


def _variables(file: File) -> frozenset[str]:
    """The globals that a file defines or declares, those left out that nobody can write."""
    declared = (v for v in file.index.externs if not v.type.const)
    return frozenset(v.name for v in (*file.index.globals, *declared))


class FileNames:
    """What the project says about a name, seen from one function."""

    __slots__ = (
        "_constants",
        "_macros",
        "_named",
        "_own",
        "_pointers",
        "_sizes",
        "_variables",
        "bare",
        "called",
        "file",
        "flat",
        "language",
        "numbers",
        "owner",
        "project",
    )

    def __init__(self, project: Known, file: File, whole: FileNames | None = None, owner: str = "") -> None:
        """`whole` are the names seen from outside of classes."""
        self.project = project
        self.file = file
        self.language = file.language
        self.owner = owner
        self.bare: dict[str, str] = {}
        self.called: dict[str, str] = {}
        self.numbers: dict[str, int] = {}
        self._own = project.members(owner)
        self._constants: dict[str, int | None] = {}
        self._macros: dict[str, Macro | None] = whole._macros if whole is not None else {}
        self.flat: dict[str, str] = whole.flat if whole is not None else {}
        self._sizes: dict[str, int | None] = whole._sizes if whole is not None else {}
        self._pointers: frozenset[str] = whole._pointers if whole is not None else _pointers(file)
        self._variables: frozenset[str] = whole._variables if whole is not None else _variables(file)
        self._named: Mapping[str, int] | None = None

    def constant(self, name: str) -> int | None:
        """The value of an enumerator, a `#define` constant or a constant variable, maybe of a class: `Board::SIZE`.

        The command line's come first, then the class's and the file's own.
        """
        if name not in self._constants:
            self._constants[name] = self._constant(name) if "::" not in name else self._scoped(name)
        return self._constants[name]

    def _scoped(self, name: str) -> int | None:
        scope, last = name.split("::")[-2:]
        value = self.project.owned(scope).get(last)
        return value if value is not None else self.constant(last)

    def named(self) -> Mapping[str, int]:
        """The constant variables of the file and of the method's class."""
        if self._named is None:
            self._named = {}
            own = (c for c in self.file.index.named if not c.owner)
            self._named = {**values_of(own, self.project.values.evaluate), **self.project.owned(self.owner)}
        return self._named

    def dimension(self, text: str) -> str:
        """An array dimension in words that mean the same in every file: as written, or its value."""
        if not text or text.isdecimal():
            return text
        value = self.evaluate(text)
        return text if value is None or value == self.project.values.evaluate(text) else str(value)

    def _constant(self, name: str) -> int | None:
        if name in self.project.given:
            return self.project.given[name]
        if name in self.named():
            return self.named()[name]
        value = self.file.constants.get(name)
        if value is not None:
            return value
        macro = self.macro(name)
        if macro is not None and macro.value is not None:
            # Another file may give the name another value.
            return macro.value
        value = self.project.constants.get(name)
        if value is not None:
            return value
        if macro is not None:
            return self.project.values.evaluate(macro.body) if macro.params is None else None
        return self.project.values.value(name) if name not in self._variables else None

    def evaluate(self, text: str) -> int | None:
        """The value of a constant expression."""
        if text.isidentifier():
            return self.constant(text)
        return self.project.values.evaluate(substituted(text, self.named()))

    def decided(self, condition: str) -> bool | None:
        """Whether the condition of an `#if` holds; None when that hangs on what the files do not say."""
        if len(condition) > MAX_CONDITION:
            return None
        path = self.file.source.path
        known: dict[str, int] = {}
        asked: set[str] = set()
        for operand in _DEFINED.finditer(condition):
            asked.add(operand[1])
        plain = _DEFINED.sub("1", condition)
        for name in words(plain):
            macro = self.project.macros.settled(name, path)
            value = self.project.values.evaluate(macro.body) if macro is not None and macro.params is None else None
            if value is None:
                return None
            known[name] = value
        if any(self.project.macros.settled(name, path) is None for name in asked):
            return None
        result = self.project.values.evaluate(substituted(plain, known))
        return None if result is None else result != 0

    def size(self, name: str) -> int | None:
        """Bytes of the type of that name."""
        if name not in self._sizes:
            self._sizes[name] = self.project.layouts.size(TypeRef(name, TypeKind.NAMED))
        return self._sizes[name]

    def alias(self, name: str) -> str:
        """The function that an object-like macro stands for, or the name itself."""
        for _ in range(MAX_BASES):
            macro = self.macro(name)
            if macro is None or macro.params is not None or not macro.body.isidentifier() or macro.body == name:
                break
            name = macro.body
        return name

    def macro(self, name: str) -> Macro | None:
        """The macro that a name means in this file."""
        if name not in self._macros:
            self._macros[name] = self.project.macros.find(name, self.file.source.path)
        return self._macros[name]

    def is_type(self, name: str) -> bool:
        """Whether a type of that name is known."""
        return name in self.project.types

    def is_member(self, name: str) -> bool:
        """Whether the method's class has a data member of that name."""
        return name in self._own

    def member(self, name: str) -> TypeRef | None:
        """The type of a data member of the method's class."""
        type_ = self.project.types.get(self.owner)
        found = type_.member(name) if type_ is not None else None
        return found.type if found is not None else None

    def is_base(self, name: str) -> bool:
        """Whether the method's class derives from a class of that name."""
        return any(b.rsplit("::", 1)[-1] == name for b in self.project.bases.get(self.owner, ()))

    def is_pointer(self, name: str) -> bool:
        """Whether the file has a global function pointer of that name."""
        return name in self._pointers

    def is_plain(self, name: str) -> bool:
        """Whether a type of that name is a struct without constructors."""
        short = name.rsplit("::", 1)[-1]
        type_ = self.project.types.get(short)
        return type_ is not None and bool(type_.members) and short not in self.project.constructed


class FileConstants(Mapping[str, int]):
    """The constants that one file defines, each worked out when it is asked for."""

    def __init__(self, names: FileNames) -> None:
        self._names = names

    def __getitem__(self, name: str) -> int:
        value = self._names.constant(name)
        if value is None:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        file = self._names.file
        macros = (m.name for m in file.directives.macros if m.params is None)
        names = dict.fromkeys([*macros, *(name for name, _, _ in file.index.enumerators)])
        return (n for n in names if n in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)
