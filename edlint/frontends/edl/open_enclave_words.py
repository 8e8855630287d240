"""Words of Open Enclave's language, and when its compiler comes to a token."""

from __future__ import annotations

from collections.abc import Mapping

from edlint.frontends.edl.tokens import Token

KEYWORDS: Mapping[str, str] = {
    **{word: word.upper() for word in ("enclave", "trusted", "untrusted", "from", "import", "allow", "public")},
    **{word: word.upper() for word in ("include", "const", "struct", "union", "enum", "unsigned")},
    **{word: word.upper() for word in ("char", "short", "int", "long", "double", "void")},
    **{f"{sign}int{width}_t": "BASIC" for sign in ("", "u") for width in (8, 16, 32, 64)},
    **dict.fromkeys(("bool", "wchar_t", "size_t", "float"), "BASIC"),
    "propagate_errno": "ERRNO",
    "transition_using_threads": "SWITCHLESS",
    "size": "EXTENT",
    "count": "EXTENT",
}
"""Terminals of words, where the automaton can take the word as one."""

ATTRIBUTES = ("in", "out", "size", "count", "string", "wstring", "isptr", "isary", "user_check")
ITEM_WORDS = frozenset({"trusted", "untrusted", "struct", "union", "enum", "from", "include", "import"})
TYPE_WORDS = frozenset(
    w for w, kind in KEYWORDS.items() if kind == "BASIC" or w in ("char", "short", "int", "long", "double", "void")
)
"""Types of the language, which may name something else as well."""


def at(token: Token) -> tuple[int, int]:
    """When the compiler has taken that token: it reads two tokens ahead, so what is wrong with those comes first."""
    return token.order, 1
