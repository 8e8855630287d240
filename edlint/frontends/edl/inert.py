"""What a compiler accepts and then does not do, or does other than it says."""

from __future__ import annotations

from collections.abc import Iterator

from edlint.frontends.edl.gathered import Gathered
from edlint.frontends.edl.syntax import Composite, Decl, Function
from edlint.frontends.edl.tokens import Token, number
from edlint.frontends.edl.unnoticed import unnoticed
from edlint.model.interface import Dialect, Problem, Related
from edlint.model.types import TypeKind
from edlint.source import Source, Span

_BYTES = {
    "short": 2, "unsigned short": 2, "int": 4, "unsigned int": 4,
    "long long": 8, "unsigned long long": 8, "float": 4, "double": 8, "size_t": 8,
    "int16_t": 2, "uint16_t": 2, "int32_t": 4, "uint32_t": 4, "int64_t": 8, "uint64_t": 8,
}  # fmt: skip
"""Sizes that are the same on every platform of the SDK; that of a `long` is not."""


def inert(gathered: Gathered, dialect: Dialect, *, complete: bool) -> Iterator[Problem]:
    """The inert constructs of the root file; `complete` when it is an enclave and no library."""
    root = gathered.root
    source = root.source
    like_intel = dialect in (Dialect.INTEL, Dialect.SECGEAR)
    if dialect in (Dialect.OPEN_ENCLAVE, Dialect.VBS):
        yield from _behind(gathered)
    for brought in gathered.functions:
        function = brought.item
        if not isinstance(function, Function) or brought.source is not source:
            continue
        if function.allow_word is not None and not function.trusted and dialect is not Dialect.INTEL:
            yield _problem(
                source,
                function.allow_word,
                "ignored-allow",
                f"The allow list of '{function.name.text}' is not enforced: every ECALL may be made during the OCALL.",
            )
        for decl in function.params:
            if like_intel and not decl.refused:
                yield from _ignored_values(source, decl)
                yield from _repeated(source, decl)
            if dialect is Dialect.INTEL and not decl.refused:
                yield from _dead_size(source, function, decl)
            yield from _nothing(source, decl)
        if like_intel and function.prefix is not None:
            for attr in function.prefix.items:
                if attr.value is not None:
                    yield _value(source, attr.name, attr.value)
                if dialect is Dialect.SECGEAR and attr.name.text != "dllimport":
                    message = f"The calling convention '{attr.name.text}' is dropped."
                    yield _problem(source, attr.name, "dropped-convention", message)
    if like_intel:
        yield from _definitions(gathered)
        yield from unnoticed(gathered, dialect, complete=complete)


def _problem(
    source: Source, token: Token, kind: str, message: str, related: tuple[Related, ...] = (), suggestion: str = ""
) -> Problem:
    return Problem(Span(source, token.start, token.end), message, kind, related, suggestion)


def _behind(gathered: Gathered) -> Iterator[Problem]:
    """Text behind the closing brace of the enclave: only a semicolon belongs there."""
    close = gathered.root.tree.close
    if close is None:
        return
    text = gathered.root.source.text
    at = close.end
    while at < len(text):
        if text[at].isspace() or text[at] == ";" or text[at] == "\0":
            at += 1
        elif text.startswith("//", at):
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif text.startswith("/*", at):
            end = text.find("*/", at + 2)
            at = len(text) if end < 0 else end + 2
        elif text[at] == "#":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        else:
            end = text.find("\n", at)
            span = Span(gathered.root.source, at, len(text) if end < 0 else end)
            yield Problem(
                span,
                "The text behind the enclave's closing brace is not read.",
                "text-behind-enclave",
                (Related(Span(gathered.root.source, close.start, close.end), "the enclave ends here"),),
            )
            return


def _ignored_values(source: Source, decl: Decl) -> Iterator[Problem]:
    for attr in decl.attrs.items if decl.attrs else []:
        if attr.value is not None and attr.name.text not in ("size", "count"):
            yield _value(source, attr.name, attr.value)


def _value(source: Source, name: Token, value: Token) -> Problem:
    return Problem(
        Span(source, name.start, value.end),
        f"The value of the attribute '{name.text}' is ignored.",
        "ignored-value",
        (),
        f"Write '{name.text}'.",
    )


def _repeated(source: Source, decl: Decl) -> Iterator[Problem]:
    seen: dict[str, Token] = {}
    for attr in decl.attrs.items if decl.attrs else []:
        word = attr.name.text
        if word in seen:
            first = Related(Span(source, seen[word].start, seen[word].end), "given here first")
            yield _problem(source, attr.name, "repeated-attribute", f"The attribute '{word}' is given twice.", (first,))
        seen.setdefault(word, attr.name)


def _constant(decl: Decl, word: str) -> tuple[Token, int] | None:
    attr = decl.attr(word)
    value = number(attr.value) if attr is not None and attr.value is not None else None
    return (attr.value, value) if attr is not None and attr.value is not None and value is not None else None


def _dead_size(source: Source, function: Function, decl: Decl) -> Iterator[Problem]:
    """A constant length that the bridge refuses for every call."""
    of = decl.type
    size = _constant(decl, "size")
    if size is None or of.kind is not TypeKind.BUILTIN or decl.dims or of.pointers == 0:
        return
    element = 8 if of.pointers > 1 else _BYTES.get(of.base, 1)
    total, count = size[1], _constant(decl, "count")
    if decl.has("count"):
        if count is None:
            return
        total *= count[1]
    if total % element:
        yield _problem(
            source,
            size[0],
            "dead-call",
            f"{total} bytes are no whole number of '{of.spelt().removesuffix('*').removeprefix('const ')}' of {element}"
            f" bytes: the bridge refuses every call of '{function.name.text}' with a non-NULL '{decl.name.text}'.",
        )


def _nothing(source: Source, decl: Decl) -> Iterator[Problem]:
    """A length of zero."""
    for word in ("size", "count"):
        found = _constant(decl, word)
        if found is not None and found[1] == 0 and not decl.refused:
            yield _problem(
                source, found[0], "nothing-copied", f"With '{word}' 0, nothing of '{decl.name.text}' is copied."
            )


def _definitions(gathered: Gathered) -> Iterator[Problem]:
    source = gathered.root.source
    seen: dict[str, tuple[Composite, Source]] = {}
    for brought in gathered.composites:
        made = brought.item
        if not isinstance(made, Composite) or made.name is None or made.keyword.text == "enum":
            continue
        name = made.name.text
        if made.keyword.text == "struct" and brought.source is source:
            for member in made.members:
                yield from _ignored_values(source, member)
                if (attr := member.attr("user_check")) and (member.has("size") or member.has("count")):
                    yield _problem(
                        source,
                        attr.name,
                        "ignored-user-check",
                        f"'user_check' on the member '{member.name.text}' is ignored: what it points to is copied.",
                    )
        if name in seen:
            first, place = seen[name]
            both_structs = first.keyword.text == made.keyword.text == "struct"
            if not both_structs and first.name is not None:
                yield _problem(
                    brought.source,
                    made.name,
                    "dropped-definition",
                    f"This second definition of '{name}' is dropped without a word.",
                    (Related(Span(place, first.name.start, first.name.end), "this one is used"),),
                )
        seen.setdefault(name, (made, brought.source))
