"""Mistakes that Intel's compiler and secGear's let pass: the C that they make does not build, or nobody can call it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edlint.frontends.edl.gathered import Gathered
from edlint.frontends.edl.repairs import Repair, did_you_mean
from edlint.frontends.edl.syntax import Composite, Decl, Function
from edlint.frontends.edl.tokens import NAME
from edlint.model.interface import Dialect, Problem
from edlint.source import Source, Span


def unnoticed(gathered: Gathered, dialect: Dialect, *, complete: bool) -> Iterator[Problem]:
    """The mistakes of the root file; `complete` when it is an enclave and no library."""
    source = gathered.root.source
    constants = bool(gathered.includes) or gathered.incomplete
    for brought in (*gathered.composites, *gathered.functions):
        item = brought.item
        if brought.source is not source:
            continue
        if isinstance(item, Composite) and item.keyword.text == "struct":
            yield from _operands(source, item.members, f"member of struct '{_name(item)}'", constants)
        # The compilers look at the operands of ECALLs themselves, but for secGear's on TrustZone.
        elif isinstance(item, Function) and (not item.trusted or dialect is Dialect.SECGEAR):
            yield from _operands(source, item.params, f"parameter of '{item.name.text}'", constants)
    if complete and dialect is Dialect.INTEL and not gathered.incomplete:
        yield from _out_of_reach(gathered)


def _name(item: Composite) -> str:
    return item.name.text if item.name else ""


def _operands(source: Source, decls: Sequence[Decl], what: str, constants: bool) -> Iterator[Problem]:
    """Sizes and counts that name nothing beside them; an included header may define them as macros."""
    names = [d.name.text for d in decls]
    for decl in decls:
        for word in ("size", "count"):
            attr = decl.attr(word)
            value = attr.value if attr else None
            if attr is None or decl.refused or (value and (value.kind != NAME or value.text in names)):
                continue
            meant = did_you_mean(value, names) if value else ""
            if value and constants and (not meant or value.text.isupper()):
                continue
            message = f"The '{word}' of '{decl.name.text}' has no value"
            if value:
                message = f"'{value.text}', the '{word}' of '{decl.name.text}', is no {what}"
            place = value or attr.name
            yield Problem(
                Span(source, place.start, place.end),
                f"{message}: the code that the compiler makes of it does not build.",
                "unknown-operand",
                (),
                meant.sentence if isinstance(meant, Repair) else "",
            )


def _out_of_reach(gathered: Gathered) -> Iterator[Problem]:
    """Private ECALLs that no OCALL allows."""
    functions = [b.item for b in gathered.functions if isinstance(b.item, Function)]
    allowed = {token.text for f in functions for token in f.allow or []}
    for brought in gathered.functions:
        item = brought.item
        own = isinstance(item, Function) and brought.source is gathered.root.source
        if (
            isinstance(item, Function)
            and own
            and item.trusted
            and item.public is None
            and item.name.text not in allowed
        ):
            yield Problem(
                Span(brought.source, item.name.start, item.name.end),
                f"The ECALL '{item.name.text}' is private and no OCALL allows it, so the host can never make it.",
                "out-of-reach",
                (),
                "Write 'public' in front of it, or its name into an allow list.",
            )
