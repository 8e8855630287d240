"""All files of a project together: macros, types and constants are shared, bodies are lowered on demand."""

from __future__ import annotations

import gc
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice

from edlint.frontends.c import directives, layout, literals, lost, lowering, rescue
from edlint.frontends.c import files as files_
from edlint.frontends.c.expressions import number_of
from edlint.frontends.c.files import File
from edlint.frontends.c.flow import MAX_DEPTH, Direct
from edlint.frontends.c.indexed import MAX_FUNCTIONS, MAX_ITEMS, Found, Initialised
from edlint.frontends.c.kinds import is_generated, is_readable_as_c
from edlint.frontends.c.length import MAX_BODY, MAX_STATEMENTS
from edlint.frontends.c.macros import Macros
from edlint.frontends.c.mentions import Stretch
from edlint.frontends.c.named import Named, counted, substituted, values_of
from edlint.frontends.c.names import MAX_BASES, FileConstants, FileNames
from edlint.frontends.c.nesting import may_nest_deeper, nested_deeper
from edlint.frontends.c.signatures import signature
from edlint.frontends.c.syntax import Node
from edlint.model.ir import Body, Opaque, Value, Variable
from edlint.model.types import TypeDef, TypeKind, TypeRef
from edlint.model.unit import Function, Macro, ReadState, Shared, Signature, Unit
from edlint.source import Gap, Source, Span

MAX_LOST = 2_000
"""Functions that are named as lost in a file that was too hard or too much."""
MAX_SAME = 500
"""Definitions of one name in a file: alternatives of `#if`, overloads, tests that a macro heads. The 269 of a test of
protobuf are the most that were met; who calls or declares the name is led to every one."""
_LITERAL = re.compile(r"\d[\da-fA-FxXuUlL]*+")
"""An initialiser that is a number and nothing else, as most are."""
_MAX_LITERAL = 32
MAX_ENDS = 400_000
"""Semicolons in a damaged file that the second reader is given."""


class Project:
    """What all files know together."""

    def __init__(self, files: Sequence[File], defines: Mapping[str, str]) -> None:
        self.files = {f.source.path: f for f in files}
        given = [directives.defined(n, v) for n, v in defines.items()]
        self.given = {m.name: m.literal for m in given}
        self.macros = Macros([(f.source.path, f.directives) for f in files], given)
        self.constants: dict[str, int] = {}
        self.types: dict[str, TypeDef] = {}
        self.bases: dict[str, tuple[str, ...]] = {}
        self.constructed: set[str] = set()
        for file in files:
            self._enumerate(file)
            for name, value in file.constants.items():
                self.constants.setdefault(name, value)
            for type_ in file.index.types:
                known = self.types.get(type_.name)
                if known is None or (type_.members and not known.members):
                    self.types[type_.name] = type_
            self.bases.update(file.index.bases)
            self.constructed |= file.index.constructed
        for macro in given:
            if macro.literal is not None:
                self.constants[macro.name] = macro.literal
        macros: dict[str, list[Macro]] = {}
        for macro in (m for f in files for m in f.directives.macros):
            macros.setdefault(macro.name, []).append(macro)
        macros.update({m.name: [m] for m in given})
        named: dict[str, dict[str, list[Named]]] = {}
        for constant in (c for f in files for c in f.index.named):
            named.setdefault(constant.owner, {}).setdefault(constant.name, []).append(constant)
        self.named = {owner: [c for same in names.values() for c in same] for owner, names in named.items()}
        self._owned: dict[str, dict[str, int]] = {}
        bodies = {n: [substituted(c.body, {}) for c in same] for n, same in named.get("", {}).items()}
        definitions = layout.by_name(t for f in files for t in f.index.types)
        self.layouts, self.values = layout.understand(definitions, macros, bodies, self.owned)
        self.shared = Shared(self.layouts, self.values)
        self._members: dict[str, frozenset[str]] = {}
        self._names: dict[tuple[str, str], FileNames] = {}

    def _enumerate(self, file: File) -> None:
        for macro in file.directives.macros:
            if macro.literal is not None:
                file.constants.setdefault(macro.name, macro.literal)
        for name, written, before in file.index.enumerators:
            value: int | None
            if written is not None:
                value = literals.constant(written)
                if value is None:
                    value = file.constants.get(written, self.constants.get(written))
            elif before is None:
                value = 0
            else:
                previous = file.constants.get(before)
                value = previous + 1 if previous is not None else None
            if value is not None:
                file.constants[name] = value

    def names(self, file: File, owner: str = "") -> FileNames:
        """What the project says about names in a file, or in the methods of a class there."""
        key = file.source.path, owner
        if key not in self._names:
            self._names[key] = FileNames(self, file, self.names(file) if owner else None, owner)
        return self._names[key]

    def owned(self, owner: str) -> Mapping[str, int]:
        """The constants of a class, by name."""
        known = self._owned.get(owner)
        if known is None:
            known = self._owned[owner] = {}
            if owner in self.named:
                known.update(values_of(self.named[owner], self.values.evaluate))
        return known

    def members(self, owner: str) -> frozenset[str]:
        """The data members of a class and of its bases."""
        if not owner:
            return frozenset()
        known = self._members.get(owner)
        if known is not None:
            return known
        names: set[str] = set()
        pending: list[str] = [owner]
        seen: set[str] = set()
        while pending and len(seen) < MAX_BASES:
            name = pending.pop()
            if name in seen:
                continue
            seen.add(name)
            type_ = self.types.get(name)
            if type_ is not None:
                names.update(m.name for m in type_.members)
            pending.extend(b.rsplit("::", 1)[-1] for b in self.bases.get(name, ()))
        self._members[owner] = frozenset(names)
        return self._members[owner]


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection: almost all that reading makes stays, so looking for garbage in it is time lost."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_uncollected()
def read(sources: Sequence[Source], defines: Mapping[str, str]) -> tuple[Unit, ...]:
    """The units of all sources, in their order."""
    files = files_.read(sources)
    project = Project(files, defines)
    units = tuple([_unit(project, f) for f in files])
    for file in files:
        # From here on a tree is there as long as a function or an initialiser of its file is still to be lowered.
        file.tree = None
    return units


def parts(sources: Sequence[Source], defines: Mapping[str, str]) -> Iterator[tuple[File, list[Function], FileNames]]:
    """Each file with the functions that the first reader finds in it."""
    files = files_.read(sources)
    project = Project(files, defines)
    for file in files:
        yield file, [_function(project, file, f) for f in file.index.functions], project.names(file)


def _unit(project: Project, file: File) -> Unit:
    functions = [_function(project, file, f) for f in file.index.functions if not file.is_dead(f.span.start)]
    cut = file.index.cut
    if file.hard:
        functions = [_lost(file, m) for m in islice(lost.definitions(file.clean), MAX_LOST)]
    elif cut is not None:
        found = lost.missed(lost.definitions(file.clean, 0 if file.broken else cut), functions)
        functions += [_lost(file, m) for m in islice(found, MAX_LOST)]
    elif file.broken and _is_rereadable(file):
        functions = rescue.read_again(functions, file.source, file.clean, file.text, project.names(file), file.effort)
        if lost.runs_out(file.clean):
            found = lost.missed(lost.definitions(file.clean), functions)
            functions += [_lost(file, m) for m in found if m.end == len(file.clean)]
    elif file.broken:
        functions = _with_lost(file, functions, lost.definitions(file.clean))
    if file.hidden:
        functions = _with_lost(file, functions, file.hidden)
    functions, repeated = _without_repeated(file.source.path, functions)
    gaps = [*repeated, *(_gap(f) for f in functions if f.state in (ReadState.PARTIAL, ReadState.LOST))]
    if file.hard:
        gaps.insert(0, Gap(file.source.path, None, "too large or too irregular to be parsed", "unreadable-file"))
    elif cut is not None:
        many = len(file.index.functions) >= MAX_FUNCTIONS
        much = f"{MAX_FUNCTIONS:,} functions" if many else f"{MAX_ITEMS:,} declarations"
        what = f"more than {much}: what comes from here on is not analysed"
        gaps.insert(0, Gap(file.source.path, file.source.span(cut, cut), what, "partial-file"))
    elif file.broken and _is_empty(file, functions):
        gaps.insert(0, Gap(file.source.path, None, "nothing in it could be read", "unreadable-file"))
    return Unit(
        file.source,
        file.language,
        tuple(functions),
        _globals(project, file),
        tuple(file.index.prototypes),
        _macros(file.directives.macros, project.names(file)),
        file.directives.includes,
        tuple(file.index.types),
        FileConstants(project.names(file)),
        tuple(gaps),
        is_generated(file.source),
        project.shared,
        tuple(_counted(project, file, file.index.externs)),
    )


def _without_repeated(path: str, functions: list[Function]) -> tuple[list[Function], list[Gap]]:
    """The functions but those of a name that has had its share, and what there is to tell of the others."""
    if len(functions) <= MAX_SAME or max(Counter(f.qualified for f in functions).values()) <= MAX_SAME:
        return functions, []
    kept: dict[str, int] = defaultdict(int)
    left: dict[str, list[Function]] = {}
    few = []
    for function in functions:
        kept[function.qualified] += 1
        if kept[function.qualified] <= MAX_SAME:
            few.append(function)
        else:
            left.setdefault(function.qualified, []).append(function)
    what = f"{{}} definitions of '{{}}': those from number {MAX_SAME + 1} on are not analysed"
    gaps = [Gap(path, f[0].span, what.format(f"{kept[n]:,}", n), "partial-file") for n, f in left.items()]
    return few, gaps


def _is_rereadable(file: File) -> bool:
    return is_readable_as_c(file.source, file.language, file.clean) and file.clean.count(";") <= MAX_ENDS


def _with_lost(file: File, functions: list[Function], definitions: Iterable[lost.Betrayed]) -> list[Function]:
    """The functions of a file and those of the definitions that are none of them, in order."""
    found = [_lost(file, m) for m in lost.missed(definitions, functions)]
    return sorted([*functions, *found], key=lambda f: f.extent.start) if found else functions


def _is_empty(file: File, functions: Sequence[Function]) -> bool:
    """Whether a file with errors gave nothing at all: what it lost has no name to be told by."""
    index, told = file.index, file.directives
    return not (
        functions
        or index.globals
        or index.externs
        or index.prototypes
        or index.types
        or index.enumerators
        or told.macros
        or told.includes
    )


def _macros(macros: Sequence[Macro], names: FileNames) -> tuple[Macro, ...]:
    """The macros of a file, those that may stand for a constant with who knows its value."""
    return tuple([m if m.params is not None or m.literal is not None else _valued(m, names) for m in macros])


def _valued(macro: Macro, names: FileNames) -> Macro:
    return Macro(macro.name, None, macro.body, macro.span, None, names.evaluate) if macro.body else macro


def _gap(function: Function) -> Gap:
    lost = function.state is ReadState.LOST
    message = f"function '{function.qualified}' " + ("could not be read" if lost else "was read only in part")
    return Gap(function.path, function.span, message, "lost-function" if lost else "partial-function")


def _function(project: Project, file: File, found: Found) -> Function:
    start, end = found.body, found.extent.end
    if end - start > MAX_BODY:
        places = (found.extent.start, found.span.start, found.span.end, start, end)
        return replace(_lost(file, lost.Betrayed(found.name, *places)), qualified=found.qualified, owner=found.owner)
    unread = found.unread
    definition = Definition(project, file, found)
    if not unread and end - start > MAX_STATEMENTS and file.clean.count(";", start, end) > MAX_STATEMENTS // 2:
        unread = definition.overlooked()
    elif not unread and not file.is_shallow:
        if nested_deeper(file.clean, start, end, MAX_DEPTH):
            unread = (found.extent,)
        elif may_nest_deeper(file.clean, start, end, MAX_DEPTH):
            unread = definition.overlooked()
    return Function(
        found.name,
        found.qualified,
        found.span,
        found.extent,
        file.language,
        ReadState.PARTIAL if unread else ReadState.CLEAN,
        definition.signature,
        definition.body,
        unread,
        found.owner,
        found.static,
        found.extern_c,
        Stretch(file.clean, found.extent.start, start, end),
    )


def _lost(file: File, found: lost.Betrayed) -> Function:
    source = file.source
    extent = source.span(found.start, found.end)
    return Function(
        found.name,
        found.name,
        source.span(found.name_start, found.name_end),
        extent,
        file.language,
        ReadState.LOST,
        partial(Signature, TypeRef("", TypeKind.NAMED)),
        partial(lowering.empty, extent, ()),
        (extent,),
        words=Stretch(file.clean, found.start, found.body, found.end),
    )


class Definition:
    """A function definition of which the signature and the body are read on demand."""

    __slots__ = ("_file", "_found", "_project", "_signature", "_tree")

    def __init__(self, project: Project, file: File, found: Found) -> None:
        self._project, self._file, self._found = project, file, found
        self._tree = file.tree
        self._signature: Signature | None = None

    def signature(self) -> Signature:
        """What it takes and gives."""
        return self._signature or self._signed(self._file.definition(self._found, self._tree))

    def _signed(self, node: Node | None) -> Signature:
        text, span = self._file.source.text, self._found.span
        self._signature = signature(node, text, span) if node is not None else Signature(TypeRef("int"))
        return self._signature

    def overlooked(self) -> tuple[Span, ...]:
        """The places in it that are nested too deeply, or stand too far behind, to be followed."""
        node = self._file.definition(self._found, self._tree)
        params = (self._signature or self._signed(node)).params
        if node is None:
            return ()
        names = self._project.names(self._file, self._found.owner)
        return lowering.lower(node, params, names, Direct(self._found.span)).unread

    def body(self) -> Body:
        """Its control-flow graph; the syntax is let go with it."""
        node, self._tree = self._file.definition(self._found, self._tree), None
        params = (self._signature or self._signed(node)).params
        if node is None:
            return lowering.empty(self._found.extent, params)
        names = self._project.names(self._file, self._found.owner)
        return lowering.lower(node, params, names, Direct(self._found.span))


def _counted(project: Project, file: File, variables: Iterable[Variable]) -> Iterator[Variable]:
    """Variables with dimensions that mean the same in every file."""
    names = project.names(file)
    for variable in variables:
        ref = counted(variable.type, names.dimension)
        yield variable if ref is variable.type else replace(variable, type=ref)


def _globals(project: Project, file: File) -> tuple[Variable, ...]:
    found = list(_counted(project, file, file.index.globals))
    for known in file.index.initialised:
        initialiser = Initialiser(project, file, known)
        found[known.variable] = replace(found[known.variable], find_initialiser=initialiser.value)
    return tuple(found)


class Initialiser:
    """The initialiser of a global, lowered on demand."""

    __slots__ = ("_file", "_known", "_project", "_tree", "_value")

    def __init__(self, project: Project, file: File, known: Initialised) -> None:
        self._project, self._file, self._known = project, file, known
        self._tree = file.tree
        self._value: tuple[Value] | None = None

    def value(self) -> Value | None:
        """Its value."""
        if self._value is None:
            source, start, end = self._file.source, self._known.start, self._known.end
            text = source.text[start : min(end, start + _MAX_LITERAL)]
            if end - start < _MAX_LITERAL and _LITERAL.fullmatch(text):
                self._value, self._tree = (number_of(text, source.span(start, end)),), None
                return self._value[0]
            node, self._tree = self._file.initialiser(self._known, self._tree), None
            if node is None:
                self._value = (Opaque("unread", (), source.span(start, end)),)
                return self._value[0]
            if node is not None and node.type == "argument_list" and node.named_child_count == 1:
                node = node.named_children[0]
            origin = Direct(self._file.source.span(0, 0))
            names = self._project.names(self._file)
            self._value = (lowering.constant_value(node, names, origin),)
        return self._value[0]
