"""The files of a project: parsed, masked where the grammar stumbled, indexed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from edlint.frontends.c import damage, directives, foreseen, lost, masking
from edlint.frontends.c.directives import Directives
from edlint.frontends.c.flow import MAX_DEPTH
from edlint.frontends.c.foretold import Collected, Names
from edlint.frontends.c.index import Reader
from edlint.frontends.c.indexed import Found, Index, Initialised
from edlint.frontends.c.kinds import is_cpp_alone, language_of
from edlint.frontends.c.nesting import Nesting
from edlint.frontends.c.syntax import (
    Effort,
    Node,
    TooHardError,
    Tree,
    overwritten,
    parse,
    parse_part,
    spanning,
)
from edlint.source import Source

KEPT = 16_000_000
"""Code points of text of which the trees are kept; those of further files are made again function by function."""
MAX_OPEN = 4_000
"""Brackets that are open where a file or a statement ends: they cost the parser the square of their number."""
MAX_SIGNS = 1_000_000
"""Signs of operators in a file, each of which is two nodes of the tree: a line of them takes up to two hundred times
its size."""
MAX_DIRECTIVES = 250_000
"""Signs of directives in a file; one with more is not read."""


@dataclass(slots=True, eq=False)
class File:
    """One file on its way to a Unit."""

    source: Source
    language: str
    clean: str
    """The text without comments and literals."""
    directives: Directives
    masked: bytes | None = None
    """The copy that the tree is made from; None when that is the file's own text."""
    alternatives: bool = False
    """Of the groups of `#if` that cut statements the copy has one alternative each."""
    hidden: tuple[lost.Betrayed, ...] = ()
    """The functions in the others."""
    tree: Tree | None = None
    """None when it was let go, to be made again from the text."""
    broken: bool = False
    """The tree has errors."""
    is_shallow: bool = False
    """No function in it can be nested too deeply to be followed."""
    hard: bool = False
    """The parser gave up on it."""
    effort: Effort = field(default_factory=Effort)
    """What all readings of it cost."""
    index: Index = field(default_factory=Index)
    constants: dict[str, int] = field(default_factory=dict)

    def is_dead(self, offset: int) -> bool:
        """Whether an offset lies inside `#if 0`."""
        dead = self.directives.dead
        at = bisect_right(dead, (offset, offset)) - 1
        return at >= 0 and offset < dead[at][1]

    @property
    def text(self) -> bytes:
        """What the tree is made from: the file's own text or a masked copy."""
        return self.masked if self.masked is not None else self.source.single_bytes

    def definition(self, found: Found, tree: Tree | None) -> Node | None:
        """The node of a function definition; `tree` is that of the file where somebody still has it."""
        start, end = found.extent.start, found.extent.end
        return self._node(tree, start, end, (start, end), found.kind)

    def initialiser(self, known: Initialised, tree: Tree | None) -> Node | None:
        """The node of an initialiser."""
        return self._node(tree, known.start, known.end, known.declaration, "")

    def _node(self, tree: Tree | None, start: int, end: int, part: tuple[int, int], kind: str) -> Node | None:
        if tree is not None:
            return spanning(tree.root_node, start, end, kind)
        # What is well-formed reads the same on its own; else the whole file is read again.
        root = _part(self, *part)
        node = spanning(root, start, end, kind) if not root.has_error else None
        return node if node is not None else spanning(_whole(self), start, end, kind)


@lru_cache(16)
def _part(file: File, start: int, end: int) -> Node:
    try:
        return parse_part(file.text, file.language, start, end).root_node
    except TooHardError:
        return parse(b"", file.language).root_node


@lru_cache(2)
def _whole(file: File) -> Node:
    try:
        return parse(file.text, file.language).root_node
    except TooHardError:
        return parse(b"", file.language).root_node


def read(sources: Sequence[Source]) -> list[File]:
    """The files with their indexes, in the order of the sources."""
    files = opened(sources)
    words = Words(files)
    kept = 0
    for file in files:
        nesting, given = Nesting(file.clean), file.masked
        tree = _indexed(file, words, nesting)
        if file.broken and file.language == "c" and not file.hard and is_cpp_alone(file.source, file.clean):
            file.language, file.masked, file.alternatives = "c++", given, False
            tree = _indexed(file, words, nesting)
        file.is_shallow = not file.index.functions or nesting.is_shallow(MAX_DEPTH)
        if file.alternatives:
            file.hidden = tuple(lost.hidden(file.clean, masking.split(file.clean)))
        if not file.index.functions and not file.index.initialised:
            # There is nothing in it to be lowered.
            continue
        kept += len(file.clean)
        if kept <= KEPT:
            file.tree = tree
    return files


def opened(sources: Sequence[Source]) -> list[File]:
    """The files with their languages and directives, not parsed."""
    files = [_file(s, directives.bare(s.text)) for s in sources]
    includes = [[i.path for i in f.directives.includes] for f in files]
    for file, language in zip(files, language_of(sources, [f.clean for f in files], includes), strict=True):
        file.language = language
    return files


def _file(source: Source, clean: str) -> File:
    changed = None
    if len(clean) > MAX_DIRECTIVES and clean.count("#") + clean.count("??=") > MAX_DIRECTIVES:
        return File(source, "c", clean.replace("??=", "  #"), Directives((), (), ()), hard=True)
    if found := directives.trigraphs(clean):
        clean = written(clean.encode("ascii", "replace"), found).decode("ascii")
        changed = written(source.single_bytes, found)
    return File(source, "c", clean, directives.read(source, clean), changed)


def written(data: bytes, found: Sequence[tuple[int, str]]) -> bytes:
    """The text with some places overwritten."""
    changed = bytearray(data)
    for start, text in found:
        changed[start : start + len(text)] = text.encode("ascii")
    return bytes(changed)


def _indexed(file: File, words: Words, nesting: Nesting) -> Tree:
    """The tree of a file, which has its index then."""
    tree = _parse(file, words, nesting)
    root = tree.root_node
    file.index = Reader(file.source, file.source.text, file.language, words.known()[0].statics).read(root)
    file.broken = root.has_error or file.index.headless
    return tree


def _parse(file: File, words: Words, nesting: Nesting) -> Tree:
    """The tree of a file, of a masked copy if that has more functions without errors."""
    if file.hard:
        return parse(b"", file.language)
    own = file.text
    names, bodies = words.known()
    data = foreseen.masked(own, file.clean, names, cut=file.directives.cut, cpp=file.language == "c++")
    if data is not own:
        file.masked, file.alternatives = data, file.directives.cut
    if nesting.is_left_open(MAX_OPEN) or nesting.has_signs(MAX_SIGNS):
        file.hard = True
        return parse(b"", file.language)
    try:
        tree = parse(data, file.language, file.effort)
    except TooHardError:
        file.hard = True
        return parse(b"", file.language)
    root = tree.root_node
    if not root.has_error:
        return tree
    parts = damage.ranges(root, len(data))
    text = masking.masked(data, file.clean, parts, names.attributes, bodies.get, cpp=file.language == "c++")
    changed = damage.changes(data, text)
    if not changed:
        return tree
    before = tree.copy()
    overwritten(before, changed)
    try:
        other = parse(text, file.language, file.effort, before)
    except TooHardError:
        return tree
    if other.root_node.has_error and damage.whole(other.root_node) < damage.whole(root):
        return tree
    file.masked, file.alternatives = text, True
    return other


class Words:
    """The macros of all files, as far as masking asks for them; put together when a file has errors."""

    def __init__(self, files: Sequence[File]) -> None:
        self._files = files
        self._known: tuple[Names, dict[str, str]] | None = None

    def known(self) -> tuple[Names, dict[str, str]]:
        """What is looked for before the first parse, and the bodies of the function-like macros."""
        if self._known is None:
            known = Collected()
            bodies: dict[str, str] = {}
            for macro in (m for f in self._files for m in f.directives.macros):
                known.add(macro)
                if macro.params is not None:
                    bodies.setdefault(macro.name, macro.body)
            self._known = known.names(), bodies
        return self._known
