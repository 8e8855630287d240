"""What sgx_edger8r and secGear do with a parsed file: imports, then the rules for the whole enclave."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from edlint.frontends.edl.gathered import Brought, Gathered, ImportResult, own_items
from edlint.frontends.edl.library import Library
from edlint.frontends.edl.missing import ends, opened
from edlint.frontends.edl.reading import Reading
from edlint.frontends.edl.syntax import Composite, Function, ImportStatement, Include
from edlint.frontends.edl.tokens import Token

IMPORTING = 3
Wanted = list[tuple[Token, Reading]]
"""Names of a selective list, each with the file that it is written in."""


@dataclass(slots=True)
class _Content:
    """What one file adds: the compiler tells files apart by their short names."""

    name: str
    source: Reading
    by: int | None
    functions: list[Function] = field(default_factory=list)
    composites: list[Composite] = field(default_factory=list)
    includes: list[Include] = field(default_factory=list)


def gather(library: Library, root: Reading) -> Gathered:
    """The root file with everything that its imports bring."""
    run = _Run(library, Gathered(root))
    run.gathered.take_problems(root, ())
    path = root.source.path
    contents = run.bring(root, None, (path,), None, [])
    gathered = run.gathered
    for content in contents:
        source = content.source.source
        gathered.functions += [Brought(f, source, content.by) for f in content.functions]
        gathered.composites += [Brought(c, source, content.by) for c in content.composites]
        gathered.includes += [Brought(i, source, content.by) for i in content.includes]
    return gathered


class _Run:
    def __init__(self, library: Library, gathered: Gathered) -> None:
        self.library = library
        self.gathered = gathered
        self.step = 0
        self.refused_names: set[int] = set()

    def order(self) -> tuple[int, ...]:
        self.step += 1
        return IMPORTING, self.step

    def bring(
        self, reading: Reading, wanted: Wanted | None, stack: tuple[str, ...], by: int | None, modules: list[str]
    ) -> list[_Content]:
        """A file and its imports; `wanted` is None for all of its functions."""
        functions, composites, includes, imports = own_items(reading)
        modules.append(reading.source.path)
        content = _Content(PurePosixPath(reading.source.path).stem, reading, by, functions, composites, includes)
        missing: Wanted | None = None
        if wanted is not None:
            here = {f.name.text for f in functions}
            names = {token.text for token, _ in wanted}
            missing = [(token, source) for token, source in wanted if token.text not in here]
            content.functions = [f for f in functions if f.name.text in names]
            if not imports:
                self.report(missing, reading)
        brought = [content]
        for place, statement in enumerate(imports):
            number = place if by is None else by
            result: ImportResult | None = None
            if by is None:
                result = ImportResult(statement, None)
                self.gathered.imports.append(result)
            more = self.follow(reading, statement, missing, wanted is not None, stack, number, result)
            brought = _joined(brought, more)
        return brought

    def follow(
        self,
        reading: Reading,
        statement: ImportStatement,
        missing: Wanted | None,
        selective: bool,
        stack: tuple[str, ...],
        number: int,
        result: ImportResult | None,
    ) -> list[_Content]:
        """The contents behind one import statement."""
        gathered = self.gathered
        order = self.order()
        if ends(gathered, reading, statement, stack, order):
            return []
        found = opened(gathered, self.library, reading, statement, order)
        if found is None:
            return []
        if result is not None:
            result.resolved = found.shown
        path = found.reading.source.path
        if path in stack:
            reading.refuse(
                "import.cycle", statement.path, f"The import leads back to '{path}', which is being read.", order
            )
            gathered.problems.append(reading.problems.pop())
            return []
        gathered.take_problems(found.reading, order)
        if found.reading.tree.lost or not found.reading.tree.complete:
            gathered.incomplete = True
        if selective:
            wanted = missing
        elif statement.names is None:
            wanted = None
        else:
            wanted = [(t, reading) for t in statement.names]
        modules: list[str] = []
        contents = self.bring(found.reading, wanted, (*stack, path), number, modules)
        if result is not None:
            result.modules = [c.source.source.path for c in contents]
            result.calls = [f.name.text for c in contents for f in c.functions]
        return contents

    def report(self, missing: Wanted, reading: Reading) -> None:
        """Names that neither a file nor its imports declare."""
        if self.gathered.incomplete:
            return
        for token, source in missing:
            if id(token) in self.refused_names:
                continue
            self.refused_names.add(id(token))
            source.refuse(
                "import.function_missing",
                token,
                f"'{token.text}' is declared neither in '{reading.source.path}' nor in its imports.",
                self.order(),
            )
            self.gathered.problems.append(source.problems.pop())


def _joined(first: list[_Content], second: list[_Content]) -> list[_Content]:
    """Both lists; of a file that is there already, only the functions that are new."""
    out = list(first)
    for content in second:
        known = next((c for c in out if c.name == content.name), None)
        if known is None:
            out.append(content)
            continue
        texts = {(f.trusted, f.text) for f in known.functions}
        rest = [f for f in content.functions if (f.trusted, f.text) not in texts]
        # The compiler forgets the name, the types and the headers of what is left.
        out.append(_Content("", content.source, content.by, rest))
    return out
