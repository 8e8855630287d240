"""All files of a project together: macros, types and constants are shared, bodies are lowered on demand."""

from __future__ import annotations

import gc
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from edlint.frontends.c import damage, directives, layout, literals, lost, lowering, masking, rescue
from edlint.frontends.c.directives import Directives
from edlint.frontends.c.flow import MAX_DEPTH, Direct
from edlint.frontends.c.index import Found, Index, Reader, body_start, mentions, nested_deeper, words
from edlint.frontends.c.kinds import is_generated, language_of
from edlint.frontends.c.macros import Macros
from edlint.frontends.c.syntax import BUDGET, Node, TooHardError, Tree, overwritten, parse
from edlint.model.ir import Body, Value, Variable
from edlint.model.types import TypeDef, TypeKind, TypeRef
from edlint.model.unit import Function, Macro, ReadState, Shared, Unit
from edlint.source import Gap, Source, Span

_MAX_BASES = 16
MAX_LOST = 2_000
"""Functions that are named as lost in a file that was too hard to parse."""


@dataclass(slots=True)
class File:
    """One file on its way to a Unit."""

    source: Source
    language: str
    clean: str
    directives: Directives
    tree: Tree
    hard: bool = False
    """The parser gave up on it."""
    constants: dict[str, int] = field(default_factory=dict)
    index: Index = field(default_factory=Index)


class Project:
    """What all files know together."""

    def __init__(self, files: Sequence[File], defines: Mapping[str, str]) -> None:
        self.files = {f.source.path: f for f in files}
        given = [directives.defined(n, v) for n, v in defines.items()]
        self.given = {m.name: m.value for m in given}
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
            if macro.value is not None:
                self.constants[macro.name] = macro.value
        macros: dict[str, list[Macro]] = {}
        for macro in (m for f in files for m in f.directives.macros):
            macros.setdefault(macro.name, []).append(macro)
        macros.update({m.name: [m] for m in given})
        self.layouts, self.values = layout.understand(layout.by_name(t for f in files for t in f.index.types), macros)
        self.shared = Shared(self.layouts, self.values)
        self._members: dict[str, frozenset[str]] = {}
        self._names: dict[tuple[str, str], FileNames] = {}

    def _enumerate(self, file: File) -> None:
        for macro in file.directives.macros:
            if macro.value is not None:
                file.constants.setdefault(macro.name, macro.value)
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
            self._names[key] = FileNames(self, file, owner)
        return self._names[key]

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
        while pending and len(seen) < _MAX_BASES:
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


class FileNames:
    """What the project says about a name, seen from one function."""

    def __init__(self, project: Project, file: File, owner: str) -> None:
        self.project = project
        self.file = file
        self.language = file.language
        self.owner = owner
        self._own = project.members(owner)
        self._pointers = frozenset(v.name for v in file.index.globals if v.type.function)
        self._constants: dict[str, int | None] = {}

    def constant(self, name: str) -> int | None:
        """The value of an enumerator or a `#define` constant; the command line's first, then the file's own."""
        if name not in self._constants:
            self._constants[name] = self._constant(name)
        return self._constants[name]

    def _constant(self, name: str) -> int | None:
        if name in self.project.given:
            return self.project.given[name]
        value = self.file.constants.get(name)
        value = value if value is not None else self.project.constants.get(name)
        if value is not None:
            return value
        macro = self.macro(name)
        if macro is not None:
            return self.project.values.evaluate(macro.body) if macro.params is None else None
        return self.project.values.get(name)

    def evaluate(self, text: str) -> int | None:
        """The value of a constant expression."""
        return self.constant(text) if text.isidentifier() else self.project.values.evaluate(text)

    def size(self, name: str) -> int | None:
        """Bytes of the type of that name."""
        return self.project.layouts.size(TypeRef(name, TypeKind.NAMED))

    def alias(self, name: str) -> str:
        """The function that an object-like macro stands for, or the name itself."""
        for _ in range(_MAX_BASES):
            macro = self.macro(name)
            if macro is None or macro.params is not None or not macro.body.isidentifier() or macro.body == name:
                break
            name = macro.body
        return name

    def macro(self, name: str) -> Macro | None:
        """The macro that a name means in this file."""
        return self.project.macros.find(name, self.file.source.path)

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
    files = _files(sources)
    project = Project(files, defines)
    return tuple(_unit(project, f) for f in files)


def parts(sources: Sequence[Source], defines: Mapping[str, str]) -> Iterator[tuple[File, list[Function], FileNames]]:
    """Each file with the functions that the first reader finds in it."""
    files = _files(sources)
    project = Project(files, defines)
    for file in files:
        yield file, [_function(project, file, f) for f in file.index.functions], project.names(file)


def _files(sources: Sequence[Source]) -> list[File]:
    clean = [directives.bare(s.text) for s in sources]
    languages = language_of(sources, clean)
    files = [_parsed(s, language, c) for s, language, c in zip(sources, languages, clean, strict=True)]
    _mask(files)
    for file in files:
        file.index = Reader(file.source, file.source.text, file.language).read(file.tree.root_node)
    return files


def _parsed(source: Source, language: str, clean: str) -> File:
    hard = False
    try:
        tree = parse(source.single_bytes, language)
    except TooHardError:
        tree, hard = parse(b"", language), True
    return File(source, language, clean, directives.read(source, clean), tree, hard)


_ATTRIBUTES = re.compile(
    r"(?:\s|__attribute__\s*\(\(.*\)\)|__declspec\s*\(.*\)|\[\[.*\]\]|extern|\"C\"|static|inline|__inline__|__inline|__forceinline"
    r"|noexcept(?:\(true\))?|constexpr|throw\(\)|override|final|register|thread_local|__thread|__restrict__|__restrict|_Thread_local"
    r"|__cdecl|__stdcall|virtual|explicit|__host__|__device__|[A-Z_][A-Z0-9_]*+)*+"
)


def _mask(files: Sequence[File]) -> None:
    """Read again, in a masked copy, the files that the grammar stumbled over."""
    broken = [f for f in files if f.tree.root_node.has_error]
    if not broken:
        return
    attributes: set[str] = set()
    bodies: dict[str, str] = {}
    for file in files:
        for macro in file.directives.macros:
            if macro.params is None:
                empty = not macro.body
                if (empty and macro.name.upper() != macro.name) or (
                    _ATTRIBUTES.fullmatch(macro.body) and (empty or not macro.body.isupper())
                ):
                    attributes.add(macro.name)
            else:
                if macro.body.startswith(("__attribute__", "__declspec")):
                    attributes.add(macro.name)
                bodies.setdefault(macro.name, macro.body)
    names = frozenset(attributes)
    for file in broken:
        data, root = file.source.single_bytes, file.tree.root_node
        parts = damage.ranges(root, len(data))
        text = masking.masked(data, file.clean, parts, names, bodies.get, cpp=file.language == "c++")
        changed = masking.changes(data, text)
        if not changed:
            continue
        whole = damage.whole(root)
        overwritten(file.tree, changed, file.source.position)
        try:
            tree = parse(text, file.language, BUDGET // 2, file.tree)
        except TooHardError:
            continue
        if damage.whole(tree.root_node) >= whole:
            file.tree = tree


def _unit(project: Project, file: File) -> Unit:
    functions = [_function(project, file, f) for f in file.index.functions if not _is_dead(file, f.span.start)]
    if file.hard:
        functions = [_lost(file, m) for m in islice(lost.definitions(file.clean), MAX_LOST)]
    elif file.language == "c" and file.tree.root_node.has_error:
        functions = rescue.read_again(functions, file.source, file.clean, project.names(file))
        functions += [_lost(file, m) for m in lost.missed(file.clean, functions) if m.end == len(file.clean)]
    elif file.tree.root_node.has_error:
        found = [_lost(file, m) for m in lost.missed(file.clean, functions)]
        functions = sorted([*functions, *found], key=lambda f: f.extent.start) if found else functions
    gaps = [_gap(f) for f in functions if f.state in (ReadState.PARTIAL, ReadState.LOST)]
    if file.hard:
        gaps.insert(0, Gap(file.source.path, None, "too large and too irregular to be parsed", "unreadable-file"))
    return Unit(
        file.source,
        file.language,
        tuple(functions),
        _globals(project, file),
        tuple(file.index.prototypes),
        file.directives.macros,
        file.directives.includes,
        tuple(file.index.types),
        FileConstants(project.names(file)),
        tuple(gaps),
        is_generated(file.source),
        project.shared,
    )


def _is_dead(file: File, offset: int) -> bool:
    """Whether an offset lies inside `#if 0`."""
    dead = file.directives.dead
    at = bisect_right(dead, (offset, offset)) - 1
    return at >= 0 and offset < dead[at][1]


def _gap(function: Function) -> Gap:
    lost = function.state is ReadState.LOST
    message = f"function '{function.qualified}' " + ("could not be read" if lost else "was read only in part")
    return Gap(function.path, function.span, message, "lost-function" if lost else "partial-function")


def _function(project: Project, file: File, found: Found) -> Function:
    start, end = body_start(found.node), found.node.end_byte
    unread = found.unread
    if not unread and nested_deeper(file.clean, start, end, MAX_DEPTH):
        unread = (found.extent,)
    return Function(
        found.name,
        found.qualified,
        found.span,
        found.extent,
        found.result,
        found.params,
        file.language,
        ReadState.PARTIAL if unread else ReadState.CLEAN,
        partial(_lower, project, file, found),
        unread,
        found.owner,
        found.static,
        found.variadic,
        found.extern_c,
        partial(mentions, file.source, file.clean, start, end),
        partial(words, file.clean, found.node.start_byte, end),
    )


def _lost(file: File, found: lost.Betrayed) -> Function:
    source = file.source
    extent = source.span(found.start, found.end)
    return Function(
        found.name,
        found.name,
        source.span(found.name_start, found.name_end),
        extent,
        TypeRef("", TypeKind.NAMED),
        (),
        file.language,
        ReadState.LOST,
        partial(lowering.empty, extent, ()),
        (extent,),
        find_calls=partial(mentions, source, file.clean, found.body, found.end),
        find_names=partial(words, file.clean, found.start, found.end),
    )


def _lower(project: Project, file: File, found: Found) -> Body:
    names = project.names(file, found.owner)
    body, _ = lowering.lower(found.node, found.params, names, Direct(found.span))
    return body


def _globals(project: Project, file: File) -> tuple[Variable, ...]:
    values: dict[int, Value] = {}
    names = project.names(file)
    for position, node in file.index.initialised:
        values[position] = lowering.constant_value(_inside(node), names, Direct(Span(file.source, 0, 0)))
    return tuple(
        Variable(v.key, v.name, v.type, v.span, v.scope, v.index, v.declared, values.get(i), v.thread_local)
        for i, v in enumerate(file.index.globals)
    )


def _inside(node: Node) -> Node:
    if node.type == "argument_list" and node.named_child_count == 1:
        return node.named_children[0]
    return node
