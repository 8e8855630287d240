"""The EDL reader: four dialects, every error of a file at once, and what the bridge does with each parameter.

    text -> tokens (-> preprocessor) -> parser -> tree -> imports, rules of the dialect -> lower -> Interface

The grammars are LALR grammars for lark; everything that is not grammar is refused by the modules named `*_rules`
and `*_attributes`, each refusal with its class and with its place in the compiler's own order.
"""

from __future__ import annotations

import posixpath
import re
import sys
from dataclasses import replace

from edlint.frontends.edl import intel_imports, intel_rules, walking
from edlint.frontends.edl.detect import STRONG, detect
from edlint.frontends.edl.gathered import Gathered
from edlint.frontends.edl.hints import with_hints
from edlint.frontends.edl.inert import inert
from edlint.frontends.edl.library import Library, parse_source
from edlint.frontends.edl.lower import lower
from edlint.frontends.edl.options import EdlOptions
from edlint.frontends.edl.reading import first_refusal
from edlint.frontends.edl.repairs import with_lengths
from edlint.frontends.edl.surroundings import build_defines
from edlint.frontends.edl.syntax import Function
from edlint.model.interface import Dialect, Interface, Problem
from edlint.source import Source, Span

__all__ = ["EdlOptions", "first_refusal", "read_interface"]


MAX_PROBLEMS = 1000
"""Refusals of one interface that are listed."""

MAX_TRIED = 500_000
"""Code points of a file that is read in another dialect when the likeliest one refuses it."""

_PLAIN = EdlOptions()

_CONDITION = re.compile(r"#\s*ifn?def\s+([A-Za-z_]\w*)", re.ASCII)


def read_interface(source: Source, options: EdlOptions = _PLAIN) -> Interface:
    """Read one EDL file and what it imports. Never raises for what the text holds."""
    if options.dialect is not None:
        return _read(source, options, options.dialect, "it was chosen")
    guess = detect(source, options)
    first = _read(source, options, guess.order[0], guess.reason)
    if guess.weight >= STRONG or not _refused(first) or len(source.text) > MAX_TRIED:
        return first
    tried = [first]
    for dialect in guess.order[1:]:
        if dialect is Dialect.SECGEAR:
            continue  # it reads nothing that Intel's compiler, which is tried, does not
        other = _read(
            source, options, dialect, f"{guess.reason}, but {first.dialect} refuses it and {dialect} reads it"
        )
        if not _refused(other):
            return other
        tried.append(other)
    if guess.weight:
        return first
    least = min(tried, key=lambda i: len(_refused(i)))
    return replace(least, dialect_reason=f"{guess.reason}, and of the compilers, which all refuse it, this one least")


def _refused(interface: Interface) -> list[Problem]:
    """Refusals that speak against the dialect; an enclave without a way in may be a library."""
    return [p for p in interface.problems if p.error_class != "ecall.no_public"]


def _read(source: Source, options: EdlOptions, dialect: Dialect, reason: str) -> Interface:
    """Read one EDL file in one dialect; one that is refused, as its build file has it compiled."""
    first = _read_with(source, options, dialect, reason)
    if dialect is not Dialect.OPEN_ENCLAVE or not first.problems:
        return first
    sources = dict.fromkeys((source, *(p.span.source for p in first.problems)))
    conditions = [s.span(*m.span(1)) for s in sources for m in _CONDITION.finditer(s.text)]
    names, build = build_defines(source.path, frozenset(c.text for c in conditions) - options.defines)
    if not names:
        return first
    second = _read_with(source, replace(options, defines=options.defines | names), dialect, reason)
    if second.problems:
        return first
    place = next(c for c in conditions if c.text in names)
    message = (
        f"The compiler refuses the file unless {_listing(names)} are defined, as '{build}' does; it is read with them."
    )
    return replace(second, notes=(*second.notes, Problem(place, message, "build-defines")))


def _listing(names: frozenset[str]) -> str:
    return ", ".join(f"'{n}'" for n in sorted(names)[:4]) + (" and others" if len(names) > 4 else "")


def _read_with(source: Source, options: EdlOptions, dialect: Dialect, reason: str) -> Interface:
    """Read one EDL file in one dialect, with the macros that the options name."""
    root = parse_source(source, dialect, options.defines)
    library = Library(dialect, options)
    importable = ""
    if dialect.preprocessed:
        gathered = intel_imports.gather(library, root)
        importable = _importable(gathered, options)
        intel_rules.check(gathered, dialect, complete=not importable, header_only=options.library)
    else:
        gathered = walking.gather(library, root)
    imports = gathered.models()
    calls, types, includes = lower(gathered, dialect, imports)
    tree = root.tree
    body = None
    if tree.first is not None:
        body = Span(source, tree.first.start, tree.close.end if tree.close else len(source.text))
    return Interface(
        path=source.path,
        dialect=dialect,
        dialect_reason=reason,
        calls=calls,
        types=types,
        imports=tuple(imports),
        includes=includes,
        problems=_listed(with_hints(with_lengths(gathered.problems, tree, source), root), source),
        inert=tuple(inert(gathered, dialect, complete=not importable)),
        notes=tuple(gathered.notes),
        body=body,
        library_reason=importable,
    )


def _importable(gathered: Gathered, options: EdlOptions) -> str:
    """Why a file is taken for one that is meant to be imported; empty for an enclave, whatever it lacks."""
    if options.library:
        return "it was chosen"
    if options.importer:
        return f"{options.importer} imports it"
    name = posixpath.basename(gathered.root.source.path)
    if any(posixpath.basename(module.path) == name for module in options.modules):
        return "it has the name of a system EDL file"
    functions = [b.item for b in gathered.functions if isinstance(b.item, Function)]
    guessed = options.dialect is None and options.bare
    if guessed and (functions or gathered.composites) and not any(f.trusted for f in functions):
        return "it declares no ECALL, and no code is given with it"
    return ""


def _listed(problems: list[Problem], source: Source) -> tuple[Problem, ...]:
    """The refusals by place, those of the file itself first; of very many, those that the compiler comes to first."""
    kept = problems
    if len(problems) > MAX_PROBLEMS:
        kept = sorted(problems, key=lambda p: p.order)[:MAX_PROBLEMS]
        rest = f"{len(problems) - MAX_PROBLEMS} further refusals are not listed."
        kept.append(Problem(kept[0].span, rest, "limit.problems", order=(sys.maxsize,)))
    return tuple(sorted(kept, key=lambda p: (p.span.path != source.path, *p.span.order, p.order)))
