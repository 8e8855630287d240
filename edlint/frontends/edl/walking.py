"""What oeedger8r and the VBS tooling do with a parsed file: one walk from its top, imports where they stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from edlint.frontends.edl import open_enclave_rules, vbs_rules
from edlint.frontends.edl.gathered import Brought, Gathered, ImportResult
from edlint.frontends.edl.library import Library
from edlint.frontends.edl.missing import ends, opened
from edlint.frontends.edl.reading import Reading
from edlint.frontends.edl.scope import Scope
from edlint.frontends.edl.syntax import Composite, Function, ImportStatement, Include
from edlint.frontends.edl.tokens import EOF, Token
from edlint.model.interface import Dialect, Problem, Related
from edlint.source import Span


@dataclass(slots=True)
class _File:
    """One file after its walk."""

    reading: Reading
    scope: Scope = field(default_factory=Scope)
    constants: set[str] = field(default_factory=set)
    includes: list[tuple[Include, Reading]] = field(default_factory=list)
    functions: list[tuple[Function, Reading]] = field(default_factory=list)
    """Own and imported ones, as later imports of this file see them."""
    composites: list[tuple[Composite, Reading]] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    """Composites that are listed, by identity."""
    headers: set[str] = field(default_factory=set)


def gather(library: Library, root: Reading) -> Gathered:
    """The root file with everything that its imports bring."""
    run = _Run(library, Gathered(root))
    made = run.walk(root, ("<root>", root.source.path), (), True)
    gathered = run.gathered
    by = run.by
    for function, reading in made.functions:
        gathered.functions.append(Brought(function, reading.source, by.get(id(function))))
    for composite, reading in made.composites:
        gathered.composites.append(Brought(composite, reading.source, by.get(id(composite))))
    for include, reading in made.includes:
        gathered.includes.append(Brought(include, reading.source, by.get(id(include))))
    return gathered


class _Run:
    def __init__(self, library: Library, gathered: Gathered) -> None:
        self.library = library
        self.gathered = gathered
        self.done: dict[str, _File] = {}
        self.by: dict[int, int] = {}
        self.vbs = library.dialect is Dialect.VBS

    def walk(self, reading: Reading, stack: tuple[str, ...], order: tuple[int, ...], root: bool) -> _File:
        """One file, top to bottom."""
        made = _File(reading, modules=[reading.source.path])
        place = -1
        for item in reading.tree.items:
            match item:
                case Composite():
                    whole = not self.gathered.incomplete
                    if self.vbs:
                        vbs_rules.check_composite(reading, item, made.scope, made.constants, whole=whole)
                    else:
                        open_enclave_rules.check_composite(reading, item, made.scope)
                    made.seen.add(id(item))
                    made.composites.append((item, reading))
                case Function():
                    whole = not self.gathered.incomplete
                    if self.vbs:
                        vbs_rules.check_function(reading, item, made.scope, made.constants, whole=whole)
                    else:
                        open_enclave_rules.check_function(reading, item, made.scope)
                    made.functions.append((item, reading))
                case Include():
                    made.headers.add(item.path.text)
                    made.includes.append((item, reading))
                case ImportStatement():
                    place += 1
                    self.follow(made, item, stack, order, place if root else None)
        if self.vbs and reading.tree.complete and not reading.tree.lost and not self.gathered.incomplete:
            own = [i for i in reading.tree.items if isinstance(i, Function | Composite)]
            vbs_rules.check_types(reading, own, made.scope, reading.tree.close or Token(EOF, "", 0, 0, 0))
        self.gathered.take_problems(reading, order)
        return made

    def follow(
        self, made: _File, statement: ImportStatement, stack: tuple[str, ...], order: tuple[int, ...], place: int | None
    ) -> None:
        """Carry out one import statement."""
        gathered, reading = self.gathered, made.reading
        result = ImportResult(statement, None)
        if place is not None:
            gathered.imports.append(result)
        when = (*order, statement.path.order, 1)
        if ends(gathered, reading, statement, stack, when):
            return
        if self.vbs and statement.path.kind != "STRING":
            gathered.problems.append(
                Problem(
                    reading.span(statement.path),
                    f"The imported file '{statement.path.text}' is not found.",
                    "import.file_missing",
                    (),
                    "Write the name in quotation marks.",
                    when,
                )
            )
            return
        found = opened(gathered, self.library, reading, statement, when)
        if found is None:
            return
        result.resolved = found.shown
        if found.key in stack or found.reading.source.path in stack:
            gathered.problems.append(
                Problem(
                    reading.span(statement.path),
                    f"The import leads back to '{found.shown}', which is being read.",
                    "import.cycle",
                    (),
                    "",
                    when,
                )
            )
            return
        if found.key not in self.done:
            # The VBS parser reads the semicolon before it opens the file.
            then = (*order, statement.path.order + 1, 2) if self.vbs else when
            self.done[found.key] = self.walk(found.reading, (*stack, found.key), then, False)
        other = self.done[found.key]
        if found.reading.tree.lost or not found.reading.tree.complete:
            gathered.incomplete = True
        result.modules = other.modules
        made.modules += other.modules
        self.take(made, other, statement, result, order, place)

    def take(
        self,
        made: _File,
        other: _File,
        statement: ImportStatement,
        result: ImportResult,
        order: tuple[int, ...],
        place: int | None,
    ) -> None:
        """Add what an imported file offers."""
        when = (*order, statement.path.order, 3)
        for composite, reading in other.composites:
            name = composite.name.text if composite.name else ""
            first = made.scope.take_type(name, composite, reading.source)
            if first is not None and not self.vbs:
                self.clash(made, statement.path, "dup.type", f"The type '{name}' is defined twice.", first, when)
            if id(composite) not in made.seen:
                made.seen.add(id(composite))
                made.composites.append((composite, reading))
                self.remember(composite, place)
        for include, reading in other.includes:
            if include.path.text not in made.headers:
                made.headers.add(include.path.text)
                made.includes.append((include, reading))
                self.remember(include, place)
        made.constants |= other.constants
        wanted = None if statement.names is None else {t.text for t in statement.names}
        offered = {f.name.text for f, _ in other.functions}
        known = {id(f) for f, _ in made.functions}
        for function, reading in other.functions:
            name = function.name.text
            if wanted is not None and name not in wanted:
                continue
            result.calls.append(name)
            token = next((t for t in statement.names or [] if t.text == name), statement.star or statement.path)
            if id(function) in known:
                continue
            if self.vbs:
                made.scope.sources.setdefault(id(function), reading.source)
                made.scope.functions.setdefault(vbs_rules.signature(function), function)
            elif (first := made.scope.take_function(function, reading.source)) is not None:
                when = (*order, token.order, 4)
                self.clash(made, token, "dup.function", f"The function '{name}' is declared twice.", first, when)
                continue
            made.functions.append((function, reading))
            self.remember(function, place)
        for token in statement.names or []:
            if token.text not in offered and not self.gathered.incomplete:
                made.reading.refuse(
                    "import.function_missing",
                    token,
                    f"'{token.text}' is not declared in {statement.path.text}.",
                    (token.order, 1),
                )

    def remember(self, item: Function | Composite | Include, place: int | None) -> None:
        if place is not None:
            self.by[id(item)] = place

    def clash(
        self, made: _File, token: Token, error_class: str, message: str, first: Span, when: tuple[int, ...]
    ) -> None:
        self.gathered.problems.append(
            Problem(
                made.reading.span(token), message, error_class, (Related(first, "the first declaration"),), "", when
            )
        )


Walk = Callable[[Library, Reading], Gathered]
