"""Words of the VBS language, and what its compiler demands of an attribute list."""

from __future__ import annotations

from collections.abc import Mapping

from edlint.frontends.edl.reading import Reading
from edlint.frontends.edl.repairs import Change, Repair, meant_attribute, remove
from edlint.frontends.edl.syntax import Attrs, Decl
from edlint.frontends.edl.tokens import Token

KEYWORDS: Mapping[str, str] = {
    **{word: word.upper() for word in ("enclave", "trusted", "untrusted", "import", "struct", "enum")},
    **{word: word.upper() for word in ("vector", "optional")},
    "size": "EXTENT",
    "count": "EXTENT",
}
ITEM_WORDS = frozenset({"trusted", "untrusted", "struct", "enum", "import"})
BUILT_IN = frozenset(
    {"bool", "char", "float", "double", "wchar_t", "void", "size_t", "uintptr_t", "HRESULT", "string", "wstring"}
    | {"vector", "optional", "struct", "enum", "__anonymous_enum"}
    | {f"{sign}int{width}_t" for sign in ("", "u") for width in (8, 16, 32, 64)}
)
"""Type names of the language; none of them may name anything else."""
NOT_OPTIONAL = frozenset({"vector", "optional", "string", "wstring"})


_FIXED = {
    ("unsigned", "int"): "uint32_t",
    ("unsigned", "char"): "uint8_t",
    ("unsigned", "short"): "uint16_t",
    ("unsigned", "long"): "uint64_t",
    ("signed", "int"): "int32_t",
    ("signed", "char"): "int8_t",
    ("short", "int"): "int16_t",
    ("long", "int"): "int64_t",
    ("long", "long"): "int64_t",
}
"""What two words of C are here."""
_LEFT_OUT = ("public", "private", "const", "struct", "enum")


def c_type(word: Token, following: Token) -> Repair | str:
    """What is meant by a word and the next one that the compiler takes for a type and a name, or nothing."""
    if word.text in _LEFT_OUT:
        return remove(word, following.start, f"Leave '{word.text}' out.")
    fixed = _FIXED.get((word.text, following.text), "")
    return Repair(f"Write '{fixed}'.", (Change(word, fixed, following.end),)) if fixed else ""


def at(token: Token) -> tuple[int, int]:
    """When the compiler has taken that token: it reads two tokens ahead."""
    return token.order, 1


_ATTRIBUTES = ("in", "out", "size", "count")
_MAX_FAULTS = 16
"""Faults of one list that are told."""


def check_words(reading: Reading, part: Attrs | Decl, *, in_struct: bool) -> bool:
    """The attributes of a declaration, or a list alone; whether one of them is refused."""
    attrs = part if isinstance(part, Attrs) else part.attrs
    seen: dict[str, Token] = {}
    refused = False
    faults = 0
    for attr in attrs.items if attrs else []:
        if faults >= _MAX_FAULTS:
            break
        word, name = attr.name.text, attr.name
        if word not in _ATTRIBUTES:
            message, error_class = f"The attribute '{word}' is unknown.", "attr.unknown"
        elif in_struct and word not in ("size", "count"):
            message, error_class = f"The attribute '{word}' cannot be on a struct member.", "attr.member_bad"
        elif word in seen:
            message, error_class = f"The attribute '{word}' is given twice.", "attr.duplicate"
        else:
            seen[word] = name
            continue
        refused = True
        faults += 1
        suggestion: Repair | str = ""
        if word == "user_check":
            suggestion = "Every parameter is copied in this dialect."
        elif error_class == "attr.unknown":
            suggestion = meant_attribute(name, _ATTRIBUTES)
        reading.refuse(error_class, name, message, at(name), suggestion=suggestion)
    if isinstance(part, Decl):
        part.refused = refused
        if not refused and (extent := part.attr("size") or part.attr("count")):
            reading.refuse(
                "attr.size_nonpointer",
                extent.name,
                f"'{extent.name.text}' needs a pointer, and this dialect has none.",
                at(part.last),
            )
    return refused
