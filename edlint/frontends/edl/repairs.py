"""What was probably meant where the compiler refuses: a sentence and, where it is plain, the text that makes it so."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as evolve

from edlint.frontends.edl.syntax import Attr, Composite, Decl, Function, Tree
from edlint.frontends.edl.tokens import EOF, NAME, Token
from edlint.model.interface import Problem, Replacement
from edlint.model.types import TypeKind
from edlint.source import Source, Span

MAX_KNOWN = 300
"""Names among which a misspelt one is looked for."""


@dataclass(frozen=True, slots=True)
class Change:
    """New text in place of a token, or of all from it to `end`."""

    token: Token
    text: str
    end: int = -1


@dataclass(frozen=True, slots=True)
class Repair:
    """A sentence that starts with a capital letter, and the changes that do what it says."""

    sentence: str
    changes: tuple[Change, ...] = ()
    certain: bool = False
    """The changes keep every meaning that the text can have had."""


def replacements(source: Source, repair: Repair) -> tuple[Replacement, ...]:
    """The changes as text of the file; none when a token is not written there, but comes out of a macro."""
    made = []
    for change in repair.changes:
        token = change.token
        if source.text[token.start : token.end] != token.text:
            return ()
        made.append(Replacement(Span(source, token.start, max(change.end, token.end)), change.text))
    return tuple(made)


def replace(token: Token, text: str, sentence: str) -> Repair:
    """That text in place of the token."""
    return Repair(sentence, (Change(token, text),))


def remove(token: Token, end: int, sentence: str, *, certain: bool = False) -> Repair:
    """Nothing in place of all from the token to an offset."""
    return Repair(sentence, (Change(token, "", end),), certain)


def prefix(token: Token, text: str, sentence: str) -> Repair:
    """That text in front of the token."""
    return Repair(sentence, (Change(token, f"{text} {token.text}"),))


def did_you_mean(token: Token, known: Sequence[str], cutoff: float = 0.6) -> Repair | str:
    """The known word that a misspelt one is closest to, or nothing."""
    if len(known) > MAX_KNOWN:
        return ""
    close = difflib.get_close_matches(token.text.lower(), known, 1, cutoff)
    return replace(token, close[0], f"Did you mean '{close[0]}'?") if close and close[0] != token.text else ""


def meant_keyword(token: Token, expected: Iterable[str], keywords: Mapping[str, str]) -> Repair | str:
    """The keyword that fits here and that a misspelt word is close to, or nothing."""
    kinds = set(expected)
    words = [word for word, kind in keywords.items() if kind in kinds and len(word) > 3]
    return did_you_mean(token, words, 0.75) if token.kind == NAME and words else ""


_HABITS = {"inout": "in, out", "input": "in", "output": "out", "length": "size", "len": "size", "const": "readonly"}


def meant_attribute(name: Token, known: Sequence[str]) -> Repair | str:
    """The attribute that a misspelt one, or one of another language, stands for."""
    word = name.text.lower()
    if word not in known and _HABITS.get(word, "").partition(",")[0] in known:
        return replace(name, _HABITS[word], f"Did you mean '{_HABITS[word]}'?")
    return did_you_mean(name, known)


def without(attrs: Iterable[Attr], twice: Attr) -> Repair | str:
    """The list without an attribute that it has already, with the same value."""
    before: Attr | None = None
    for attr in attrs:
        if attr is twice and before is not None:
            last = attr.value or attr.name
            end = before.value or before.name
            return Repair(f"Leave the second '{attr.name.text}' out.", (Change(end, end.text, last.end),), certain=True)
        before = attr
    return ""


_LENGTHS = ("size", "len", "length", "n", "count", "num", "bytes", "sz", "nbytes")


def with_lengths(problems: Iterable[Problem], tree: Tree, source: Source) -> list[Problem]:
    """The problems, those of `sizefunc` with the parameter or member that is the length where one alone can be."""
    found = {p.span.start: p for p in problems if p.error_class == "attr.sizefunc" and p.span.source is source}
    if not found:
        return list(problems)
    for item in tree.items:
        declared = item.params if isinstance(item, Function) else item.members if isinstance(item, Composite) else []
        for decl in declared:
            attr = decl.attr("sizefunc")
            problem = found.get(attr.name.start) if attr else None
            if attr and problem and (repair := _length_in_place_of(attr, decl, declared)):
                edits = replacements(source, repair)
                found[problem.span.start] = evolve(problem, suggestion=repair.sentence, replacements=edits)
    return [found.get(p.span.start, p) if p.error_class == "attr.sizefunc" else p for p in problems]


def _length_in_place_of(attr: Attr, owner: Decl, declared: Iterable[Decl]) -> Repair | None:
    """`size=` with the one parameter or member that is a length by its type and name."""
    length = length_of(owner, declared)
    if not length or attr.value is None or owner.has("size"):
        return None
    return Repair(f"Give the length with 'size={length}'.", (Change(attr.name, f"size={length}", attr.value.end),))


def length_of(owner: Decl, declared: Iterable[Decl]) -> str:
    """The one parameter or member that is a length by its type and name; empty when none or several are."""
    fitting = [
        d.name.text
        for d in declared
        if d is not owner
        and not (d.type.pointers or d.dims)
        and d.type.kind in (TypeKind.BUILTIN, TypeKind.NAMED)
        and d.type.base not in ("float", "double", "long double", "void")
        and _is_length(d.name.text, owner.name.text)
    ]
    return fitting[0] if len(fitting) == 1 else ""


def _is_length(name: str, buffer: str) -> bool:
    word = name.lower().removeprefix(buffer.lower()).strip("_")
    return word in _LENGTHS or any(word.endswith(f"_{w}") for w in _LENGTHS)


def shown(token: Token) -> str:
    """A token for a message."""
    return "the end of the file" if token.kind == EOF else f"'{token.text[:40]}'"
