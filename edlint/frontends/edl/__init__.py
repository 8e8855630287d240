"""The EDL reader: four dialects, every error of a file at once, and what the bridge does with each parameter.

    text -> tokens (-> preprocessor) -> parser -> tree -> imports, rules of the dialect -> lower -> Interface

The grammars are LALR grammars for lark; everything that is not grammar is refused by the modules named `*_rules`
and `*_attributes`, each refusal with its class and with its place in the compiler's own order.
"""

from __future__ import annotations

import sys

from edlint.frontends.edl import intel_imports, intel_rules, walking
from edlint.frontends.edl.detect import detect
from edlint.frontends.edl.inert import inert
from edlint.frontends.edl.library import Library, parse_source
from edlint.frontends.edl.lower import lower
from edlint.frontends.edl.options import EdlOptions
from edlint.frontends.edl.reading import first_refusal
from edlint.model.interface import Dialect, Interface, Problem
from edlint.source import Source, Span

__all__ = ["EdlOptions", "first_refusal", "read_interface"]


MAX_PROBLEMS = 1000
"""Refusals of one interface that are listed."""

_PLAIN = EdlOptions()


def read_interface(source: Source, options: EdlOptions = _PLAIN) -> Interface:
    """Read one EDL file and what it imports. Never raises for what the text holds."""
    if options.dialect is not None:
        dialect, reason = options.dialect, "it was chosen"
    else:
        dialect, reason = detect(source, options)
    root = parse_source(source, dialect, options.defines)
    library = Library(dialect, options)
    if dialect in (Dialect.INTEL, Dialect.SECGEAR):
        gathered = intel_imports.gather(library, root)
        intel_rules.check(gathered, dialect, options.library)
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
        problems=_listed(gathered.problems, source),
        inert=tuple(inert(gathered, dialect)),
        notes=tuple(gathered.notes),
        body=body,
    )


def _listed(problems: list[Problem], source: Source) -> tuple[Problem, ...]:
    """The refusals by place, those of the file itself first; of very many, those that the compiler comes to first."""
    kept = problems
    if len(problems) > MAX_PROBLEMS:
        kept = sorted(problems, key=lambda p: p.order)[:MAX_PROBLEMS]
        rest = f"{len(problems) - MAX_PROBLEMS} further refusals are not listed."
        kept.append(Problem(kept[0].span, rest, "limit.problems", order=(sys.maxsize,)))
    return tuple(sorted(kept, key=lambda p: (p.span.path != source.path, *p.span.order, p.order)))
