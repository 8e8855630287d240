"""Names that are known so far, while a file is walked from its top."""

from __future__ import annotations

from dataclasses import dataclass, field

from edlint.frontends.edl.reading import Reading
from edlint.frontends.edl.syntax import Composite, Function
from edlint.source import Source, Span


@dataclass(slots=True)
class Scope:
    """Types and functions by name, each with the place where it is."""

    types: dict[str, Composite] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    sources: dict[int, Source] = field(default_factory=dict)
    """File of each composite and function, by identity."""

    def source_of(self, item: Composite | Function) -> Source | None:
        """The file that an item is in."""
        return self.sources.get(id(item))

    def place_of(self, item: Composite | Function) -> Span:
        """The name of an item, or what stands for it."""
        token = item.name or item.first
        return Span(self.sources[id(item)], token.start, token.end)

    def define(self, name: str, made: Composite, reading: Reading) -> Span | None:
        """Add a type; when another of that name is there, its place."""
        return self.take_type(name, made, reading.source)

    def take_type(self, name: str, made: Composite, source: Source) -> Span | None:
        """Add a type of any file; when another of that name is there, its place."""
        self.sources.setdefault(id(made), source)
        known = self.types.setdefault(name, made)
        return None if known is made else self.place_of(known)

    def declare(self, function: Function, reading: Reading) -> Span | None:
        """Add a function; when another of that name is there, its place."""
        return self.take_function(function, reading.source)

    def take_function(self, function: Function, source: Source) -> Span | None:
        """Add a function of any file; when another of that name is there, its place."""
        self.sources.setdefault(id(function), source)
        known = self.functions.setdefault(function.name.text, function)
        return None if known is function else self.place_of(known)
