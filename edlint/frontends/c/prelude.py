"""The types and constants of SDK and system headers that projects include and that are not there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from edlint.files import rules_folder
from edlint.frontends.c.items import scan
from edlint.model.types import Member, TypeDef, TypeKind, TypeRef
from edlint.source import Source, SourceError, read_source

_DEFINE = re.compile(r"^#define[ \t]+(\w+)[ \t]+(.+?)[ \t]*$", re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_TAG = re.compile(r"\b(struct|union|enum)\s+(\w+)\s*\{")
_TYPEDEF = re.compile(r"\btypedef\b[^;{]*?(?:\{.*\}\s*)?[^;{}]*?(\w+)\s*(?:\[[^;]*\])?\s*;\Z", re.DOTALL)
_POINTED = re.compile(r"\(\s*\*\s*(\w+)\s*\)\s*\(")
_ENUMERATOR = re.compile(r"(?:[{,])\s*(\w+)\s*(?==|,|\})")


@dataclass(frozen=True)
class Prelude:
    """Definitions by name. A project's own definition of the same name wins."""

    types: Mapping[str, tuple[TypeDef, ...]]
    macros: Mapping[str, tuple[str, ...]]
    enums: tuple[TypeDef, ...]

    @staticmethod
    @cache
    def builtin() -> Prelude:
        """The one of `rules/models/types.h`."""
        try:
            return Prelude.read(read_source(rules_folder() / "models" / "types.h", "types.h"))
        except SourceError:
            return Prelude({}, {}, ())

    @staticmethod
    def read(source: Source) -> Prelude:
        """The definitions of one header in which each item is written in full and without conditions."""
        types: dict[str, tuple[TypeDef, ...]] = {}
        enums: list[TypeDef] = []
        text = _COMMENT.sub(lambda m: " " * len(m[0]), source.text)
        for item in scan(source).items:
            body = text[item.start : item.end]
            named = [(m[2], TypeKind(m[1]), m.start(2), m.end(2)) for m in _TAG.finditer(body)]
            typedef = _POINTED.search(body) if body.startswith("typedef") and "{" not in body else None
            typedef = typedef or _TYPEDEF.match(body)
            if typedef is not None:
                kind = next((k for k in (TypeKind.STRUCT, TypeKind.UNION, TypeKind.ENUM) if f"{k} {{" in body), None)
                named.append((typedef[1], kind or TypeKind.NAMED, typedef.start(1), typedef.end(1)))
            is_enum = re.match(r"(?:typedef\s+)?enum\b", body) is not None
            for name, kind, start, end in named:
                span = source.span(item.start + start, item.start + end)
                types.setdefault(name, (TypeDef(name, kind, span),))
            if is_enum:
                span = source.span(item.start, item.start + 4)
                inside = re.sub(r"\([^()]*\)", "0", body[body.find("{") :])
                members = tuple(Member(n, TypeRef("int"), span) for n in _ENUMERATOR.findall(inside))
                enums.append(TypeDef(named[-1][0] if named else "", TypeKind.ENUM, span, members))
        macros = {m[1]: (m[2],) for m in _DEFINE.finditer(text)}
        return Prelude(types, macros, tuple(enums))
