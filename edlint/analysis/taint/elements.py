"""Types of the C++ library whose elements lie one after another."""

from __future__ import annotations

from edlint.analysis.layout import Layout
from edlint.model.layout import ARRAYS
from edlint.model.types import TypeRef

_TEXTS = {"string": 1, "string_view": 1, "basic_string": 1, "wstring": 4, "u16string": 2, "u32string": 4}
_LISTS = frozenset(("vector", "span"))


def container(ref: TypeRef | None, layout: Layout) -> TypeRef | None:
    """The type of a container whose elements lie one after another, typedefs resolved; None for any other type."""
    if ref is None or ref.is_pointer:
        return None
    ref = layout.resolve(ref)
    if ref.is_pointer:
        return None
    name = ref.base.removeprefix("std::")
    return ref if name in _TEXTS or name in _LISTS or (ref.base in ARRAYS and len(ref.arguments) == 2) else None


def element(ref: TypeRef, layout: Layout) -> tuple[TypeRef | None, int | None]:
    """Type and bytes of the elements of a container."""
    if ref.arguments:
        return ref.arguments[0], layout.size(ref.arguments[0])
    return TypeRef("char"), _TEXTS.get(ref.base.removeprefix("std::"))


def is_text(ref: TypeRef) -> bool:
    """Whether a container holds characters."""
    return ref.base.removeprefix("std::") in _TEXTS


def is_terminated(ref: TypeRef) -> bool:
    """Whether a terminator follows the elements."""
    name = ref.base.removeprefix("std::")
    return name in _TEXTS and not name.endswith("view")
