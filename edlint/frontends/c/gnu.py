"""GNU and Microsoft syntax that pycparser does not know, taken out of the tokens or put as standard C."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from edlint.frontends.c.tokens import Piece


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute that was taken out."""

    at: int
    """Position, among the tokens that are left, of the one that follows it."""
    text: str
    """What stands between its parentheses, tokens separated by spaces."""


ASM = "__asm__"
"""What an assembler statement is called once it is put as a call."""
RANGE = "||"
"""What `...` of a case range becomes: an operator that means nothing else between the bounds of a case."""
ELVIS = "__edlint_same"
"""What is put between `?` and `:` of `a ?: b`."""

_DROPPED = frozenset(
    (
        "__extension__",
        "__seg_fs",
        "__seg_gs",
        "__cdecl",
        "__stdcall",
        "__fastcall",
        "__thiscall",
        "__ptr64",
        "__unaligned",
        "__noinline",
        "__try",
        "__finally",
    )
)
_ARGUED = frozenset(("__attribute__", "__attribute", "__declspec", "_Alignas", "alignas", "__nonnull"))
_SPELLED = {
    "__inline": "inline",
    "__inline__": "inline",
    "__forceinline": "inline",
    "__const": "const",
    "__const__": "const",
    "__volatile__": "volatile",
    "__volatile": "volatile",
    "__restrict": "restrict",
    "__restrict__": "restrict",
    "__signed__": "signed",
    "__signed": "signed",
    "__alignof__": "_Alignof",
    "__alignof": "_Alignof",
    "alignof": "_Alignof",
    "__thread": "_Thread_local",
    "thread_local": "_Thread_local",
    "__builtin_offsetof": "offsetof",
    "va_arg": "__builtin_va_arg",
    "__int64": "long",
    "__complex__": "_Complex",
    "static_assert": "_Static_assert",
}
_ANNOTATION = re.compile(r"_[A-Z][a-z]+(?:_[a-z]+)*_")
"""Microsoft's source annotations: `_In_`, `_Out_writes_bytes_(n)`."""
_TYPEOF = frozenset(("typeof", "__typeof__", "__typeof"))
_ASMS = frozenset(("asm", "__asm__", "__asm"))
TYPEOF_TYPE = "__edlint_typeof"
GNU_WORDS = _DROPPED | _ARGUED | _TYPEOF | _ASMS | _SPELLED.keys()
"""Words that are no names although pycparser has no keyword of that spelling."""


def without_gnu(tokens: Sequence[Piece]) -> tuple[list[Piece], list[Attribute]]:
    """The tokens as standard C, and the attributes that were among them."""
    kept: list[Piece] = []
    attributes: list[Attribute] = []
    case = False
    at = 0
    while at < len(tokens):
        piece = tokens[at]
        value = piece.value
        after = tokens[at + 1].value if at + 1 < len(tokens) else ""
        if value in _DROPPED:
            pass
        elif _ANNOTATION.fullmatch(value) and (after == "(" or after[:1].isalpha() or after[:1] == "_"):
            at = closing(tokens, at + 1) if after == "(" else at
        elif value in ("if", "while", "switch") and after != "(" and after[:1].isalpha():
            at = _condition(tokens, at, kept)
        elif value in _ARGUED and after == "(":
            close = closing(tokens, at + 1)
            words = [p.value for p in tokens[at + 2 : close]]
            head = ["align", "("] if value in ("_Alignas", "alignas") else []
            attributes.append(Attribute(len(kept), " ".join([*head, *words, *([")"] if head else [])])))
            at = close
        elif value == "__except" and after == "(":
            # The filter runs in front of the block.
            close = closing(tokens, at + 1)
            kept += [*tokens[at + 1 : close + 1], replace(tokens[close], value=";", start=tokens[close].end)]
            at = close
        elif value in _TYPEOF and after == "(":
            kept.append(replace(piece, value=TYPEOF_TYPE))
            at = closing(tokens, at + 1)
        elif value in _ASMS:
            at = _assembler(tokens, at, kept)
        elif value == "[" and after == "[" and at + 2 < len(tokens) and (not kept or kept[-1].value in _BEFORE):
            at = closing(tokens, at)
        elif value == "case":
            case = True
            kept.append(piece)
        elif value == "..." and case:
            kept.append(replace(piece, value=RANGE))
        elif value == "..." and kept and kept[-1].value not in (",", "("):
            # `[0 ... 7] = x`: the first of the elements stands for them all.
            while at + 1 < len(tokens) and tokens[at + 1].value != "]":
                at += 1
        elif value == "?" and after == ":":
            kept += [piece, replace(piece, value=ELVIS)]
        else:
            case = case and value != ":"
            kept.append(replace(piece, value=_SPELLED[value]) if value in _SPELLED else piece)
        at += 1
    return kept, attributes


_BEFORE = frozenset((";", "{", "}", ")", ":", "else", "do", "struct", "union", "enum"))


def _condition(tokens: Sequence[Piece], at: int, kept: list[Piece]) -> int:
    """Put `if macro(a, b)`, whose parentheses the macro has, in parentheses; the position of its last token."""
    called = at + 2 < len(tokens) and tokens[at + 2].value == "("
    last = closing(tokens, at + 2) if called else at + 1
    first = tokens[at + 1]
    opened, closed = (
        replace(first, value="(", end=first.start),
        replace(tokens[last], value=")", start=tokens[last].end),
    )
    kept += [tokens[at], opened, *tokens[at + 1 : last + 1], closed]
    return last


def _assembler(tokens: Sequence[Piece], at: int, kept: list[Piece]) -> int:
    """Put `asm volatile ("..." : "=a"(x) : "b"(y))` as a call with its operands; drop the name of a symbol."""
    start = at
    while at + 1 < len(tokens) and tokens[at + 1].value in ("volatile", "__volatile__", "__volatile", "goto", "inline"):
        at += 1
    if at + 1 >= len(tokens):
        return at
    if tokens[at + 1].value == "{":
        return closing(tokens, at + 1)
    if tokens[at + 1].value != "(":
        # MASM: the rest of the line is no C.
        return at
    close = closing(tokens, at + 1)
    if kept and kept[-1].value not in _BEFORE:
        # The name of a symbol or of a register, behind a declarator.
        return close
    if kept and kept[-1].value == ")" and not _is_statement(kept):
        return close
    text = next((p for p in tokens[at + 2 : close] if p.value.endswith('"')), None)
    kept.append(replace(tokens[start], value=ASM))
    kept.append(tokens[at + 1])
    if text is not None:
        kept.append(text)
    inside = at + 2
    while inside < close:
        if tokens[inside].value == "(" and tokens[inside - 1].value.endswith('"'):
            end = closing(tokens, inside)
            if end > inside + 1:
                # The constraint goes along, for it says which operands are written.
                kept.append(replace(tokens[inside], value=","))
                kept.append(tokens[inside - 1])
                kept.append(replace(tokens[inside], value=","))
                kept.extend(tokens[inside : end + 1])
            inside = end
        inside += 1
    kept.append(tokens[close])
    return close


def _is_statement(kept: Sequence[Piece]) -> bool:
    """Whether the `)` at the end closes the head of a statement rather than a declarator."""
    depth = 0
    for at in range(len(kept) - 1, -1, -1):
        value = kept[at].value
        depth += (value == ")") - (value == "(")
        if depth == 0:
            return at > 0 and kept[at - 1].value in ("if", "while", "for", "switch")
    return False


def closing(tokens: Sequence[Piece], at: int) -> int:
    """Position of the bracket that closes the one at `at`; the last position when there is none."""
    depth = 0
    for index in range(at, len(tokens)):
        value = tokens[index].value
        depth += (value in ("(", "[", "{")) - (value in (")", "]", "}"))
        if depth == 0:
            return index
    return len(tokens) - 1
