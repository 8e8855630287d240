"""One root file with all that its imports bring: what the lowering to the model starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from edlint.frontends.edl.reading import Reading
from edlint.frontends.edl.syntax import Composite, Function, ImportStatement, Include
from edlint.model.interface import AllowedCall, Import, Problem
from edlint.source import Source, Span

MAX_OPENINGS = 2000
"""Imports that are followed for one root file; a chain of diamonds would be followed exponentially often."""
MAX_CHAIN = 200
"""Files that import each other in a row."""


@dataclass(slots=True)
class Brought:
    """A declaration, the file it is in, and the import of the root file that brought it."""

    item: Function | Composite | Include
    source: Source
    by: int | None = None
    """Place of the statement among the root's imports."""


@dataclass(slots=True)
class ImportResult:
    """What one import statement of the root file led to."""

    statement: ImportStatement
    resolved: str | None
    calls: list[str] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Gathered:
    """The whole of an interface before lowering."""

    root: Reading
    functions: list[Brought] = field(default_factory=list)
    composites: list[Brought] = field(default_factory=list)
    includes: list[Brought] = field(default_factory=list)
    imports: list[ImportResult] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    incomplete: bool = False
    """An import was not found, so what is missing may be there."""
    cut: bool = False
    """There were too many imports to follow."""
    included: set[int] = field(default_factory=set)
    """Readings whose problems are already taken over."""
    openings: int = 0
    noted: set[tuple[Source, int, int, str]] = field(default_factory=set)
    """Place and message of the notes that imports led to."""

    def note(self, problem: Problem) -> None:
        """Take a note about an import, once for a place."""
        key = (problem.span.source, problem.span.start, problem.span.end, problem.message)
        if key not in self.noted:
            self.noted.add(key)
            self.notes.append(problem)

    def take_problems(self, reading: Reading, order: Sequence[int]) -> None:
        """Take over the problems of an imported file, which the compiler comes to at `order`."""
        if id(reading) in self.included:
            return
        self.included.add(id(reading))
        for note in reading.notes:
            self.note(note)
        for p in reading.problems:
            self.problems.append(replace(p, order=(*order, *p.order)))

    def models(self) -> list[Import]:
        """The import statements of the root file for the model."""
        source = self.root.source
        made: list[Import] = []
        for result in self.imports:
            s = result.statement
            names = None
            if s.names is not None:
                names = tuple(AllowedCall(t.text, Span(source, t.start, t.end)) for t in s.names)
            made.append(
                Import(
                    path=s.path.text.strip('"'),
                    span=Span(source, s.first.start, s.last.end),
                    path_span=Span(source, s.path.start, s.path.end),
                    names=names,
                    resolved=result.resolved,
                    calls=tuple(dict.fromkeys(result.calls)),
                    modules=tuple(dict.fromkeys(result.modules)),
                )
            )
        return made


def own_items(reading: Reading) -> tuple[list[Function], list[Composite], list[Include], list[ImportStatement]]:
    """The items of one file by kind."""
    functions: list[Function] = []
    composites: list[Composite] = []
    includes: list[Include] = []
    imports: list[ImportStatement] = []
    for item in reading.tree.items:
        match item:
            case Function():
                functions.append(item)
            case Composite():
                composites.append(item)
            case Include():
                includes.append(item)
            case ImportStatement():
                imports.append(item)
    return functions, composites, includes, imports
