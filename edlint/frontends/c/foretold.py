"""The macros of a project that the grammars stumble over, told by what they stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from edlint.frontends.c.patterns import HEADS, LOOP_BODY
from edlint.model.unit import Macro

_ATTRIBUTES = re.compile(
    r"(?:\s|__attribute__\s*\(\(.*\)\)|__declspec\s*\(.*\)|\[\[.*\]\]|extern|\"C\"|static|inline|__inline__|__inline|__forceinline"
    r"|noexcept(?:\(true\))?|constexpr|throw\(\)|override|final|register|thread_local|__thread|__restrict__|__restrict|_Thread_local"
    r"|_Pragma\s*\(.*\)|__pragma\s*\(.*\)|__cdecl|__stdcall|virtual|explicit|__host__|__device__|[A-Z_][A-Z0-9_]*+)*+"
)
_FIRST = re.compile(r"[A-Za-z_]\w*")
_NO_TYPE = frozenset(("const", "static", "inline", "extern", "__inline", "__inline__"))
_LOOP, _CONDITION = "while", "if"
_CODE = frozenset("{(;:")
"""Marks of which a macro that heads a block has one."""
_ROUNDS = 2
"""How deep macros that stand for attributes may name each other."""


def _is_attribute(body: str) -> bool:
    """Whether nothing like a type or a name stands behind an attribute, as it does in `__attribute__((used)) type`."""
    depth = 0
    rest = ""
    for at, char in enumerate(body):
        depth += (char == "(") - (char == ")")
        if depth == 0 and char == ")":
            rest = body[at + 1 :].lstrip()
            break
    word = _FIRST.match(rest)
    return word is None or word[0].startswith("__") or word[0] in _NO_TYPE


@dataclass(frozen=True)
class Names:
    """The macros that are looked for before the first parse."""

    attributes: frozenset[str] = frozenset()
    """Macros that stand for nothing but attributes."""
    statements: frozenset[str] = frozenset()
    """Function-like macros that end a statement."""
    whole: frozenset[str] = frozenset()
    """Object-like macros that bring their own semicolon."""
    commas: frozenset[str] = frozenset()
    """Function-like macros that start with a comma: they add to a list."""
    lists: frozenset[str] = frozenset()
    """Function-like macros that stand for what they are given, two or more."""
    statics: frozenset[str] = frozenset()
    """Those of the attributes that `static` is among."""
    heads: frozenset[str] = frozenset()
    """Object-like macros that may head a block: `TRY {`."""
    blocks: Mapping[str, str] = field(default_factory=dict)
    """Function-like macros that may head a block, with what they are read as: `FOR_EACH(i, list) {`."""

    @cached_property
    def first(self) -> frozenset[str]:
        """All that count where they start a line."""
        return self.attributes.union(self.statements, self.whole, self.heads, self.blocks)


@dataclass(slots=True)
class Collected:
    """The macros of a project, put together one by one."""

    attributes: set[str] = field(default_factory=set)
    statements: set[str] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)
    commas: set[str] = field(default_factory=set)
    lists: set[str] = field(default_factory=set)
    statics: set[str] = field(default_factory=set)
    heads: set[str] = field(default_factory=set)
    blocks: dict[str, str] = field(default_factory=dict)
    calls: dict[str, str] = field(default_factory=dict)
    """Function-like macros that stand for one call, with the name that they call."""

    def add(self, macro: Macro) -> None:
        """Take a definition into account."""
        body = macro.body
        if macro.params is not None:
            looped = LOOP_BODY.match(body) is not None and len(macro.name) >= len(_LOOP)
            if looped or HEADS.search(macro.name):
                self.blocks.setdefault(macro.name, _LOOP if looped else _CONDITION)
        if macro.params is None:
            if not _CODE.isdisjoint(body):
                self.heads.add(macro.name)
            if body.endswith(";"):
                self.whole.add(macro.name)
            elif not body or (not body.isupper() and _ATTRIBUTES.fullmatch(body)):
                self.attributes.add(macro.name)
                if "static" in body.split():
                    self.statics.add(macro.name)
        elif body.startswith(("__attribute__", "__declspec")) and _is_attribute(body):
            self.attributes.add(macro.name)
        elif body.endswith(";") or (body.endswith("}") and ";" in body):
            self.statements.add(macro.name)
        elif body.startswith(","):
            self.commas.add(macro.name)
        elif len(macro.params) > 1 and body.replace(" ", "") == ",".join(macro.params):
            self.lists.add(macro.name)
        elif body.endswith(")"):
            self.calls[macro.name] = body.split("(", 1)[0].rstrip()

    def names(self) -> Names:
        """What was found."""
        for _ in range(_ROUNDS):
            self.attributes.update(name for name, inner in self.calls.items() if inner in self.attributes)
        return Names(
            frozenset(self.attributes),
            frozenset(self.statements),
            frozenset(self.whole),
            frozenset(self.commas),
            frozenset(self.lists),
            frozenset(self.statics),
            frozenset(self.heads),
            self.blocks,
        )
