"""What sgx_edger8r demands of attribute lists: the rules that it applies while it parses a declaration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from edlint.frontends.edl.repairs import Repair, did_you_mean, meant_attribute, without
from edlint.frontends.edl.syntax import Attr, Attrs, Decl, Type
from edlint.frontends.edl.tokens import Token

KNOWN = ("in", "out", "size", "count", "string", "wstring", "isptr", "isary", "readonly", "user_check")
_CALLING = ("cdecl", "stdcall", "fastcall")
_CHARACTERS = ("char", "unsigned char")


@dataclass(slots=True)
class Fault:
    """A refusal on its way: class, place, sentence, suggestion."""

    error_class: str
    place: Token
    message: str
    suggestion: str | Repair = ""


@dataclass(slots=True)
class Checked:
    """The meaning of one list."""

    attrs: Attrs | None
    faults: list[Fault] = field(default_factory=list)
    into: Attr | None = None
    out: Attr | None = None
    extent: Attr | None = None
    """The first of size and count that is written."""
    size: Attr | None = None
    count: Attr | None = None
    text: Attr | None = None
    wide: Attr | None = None
    isptr: Attr | None = None
    isary: Attr | None = None
    readonly: Attr | None = None
    user_check: Attr | None = None

    @property
    def direction(self) -> Attr | None:
        """A direction, if any."""
        return self.into or self.out

    @property
    def string(self) -> Attr | None:
        """string or wstring, if any."""
        return self.text or self.wide


MAX_FAULTS = 16
"""Faults of one list that are told: the compiler stops at the first."""
_FIELDS = {"in": "into", "string": "text", "wstring": "wide"}


def read(attrs: Attrs | None) -> Checked:
    """The words of a list, the last one first, as the compiler walks it."""
    made = Checked(attrs)
    for attr in reversed(attrs.items if attrs else []):
        word = attr.name.text
        if len(made.faults) >= MAX_FAULTS:
            break
        if word == "sizefunc":
            made.faults.append(
                Fault(
                    "attr.sizefunc",
                    attr.name,
                    "The attribute 'sizefunc' is no longer supported.",
                    "Give the length with 'size' or 'count'.",
                )
            )
        elif word not in KNOWN:
            made.faults.append(
                Fault(
                    "attr.unknown", attr.name, f"The attribute '{word}' is unknown.", meant_attribute(attr.name, KNOWN)
                )
            )
        else:
            slot = _FIELDS.get(word, word)
            if getattr(made, slot) is not None and word in ("in", "out", "size", "count"):
                made.faults.append(
                    Fault(
                        "attr.duplicate",
                        getattr(made, slot).name,
                        f"The attribute '{word}' is given twice.",
                        without(attrs.items if attrs else (), getattr(made, slot)),
                    )
                )
            setattr(made, slot, attr)
            if word in ("size", "count"):
                made.extent = attr
    return made


def parameter(attrs: Attrs | None, place: Token) -> Checked:
    """The rules for a parameter's list alone; `place` is where a missing attribute is reported."""
    made = read(attrs)
    if not made.faults:
        made.faults.extend(list(_combined(made, place))[:1])
    return made


def _combined(a: Checked, place: Token) -> Iterator[Fault]:
    """What may not stand together; the compiler stops at the first."""
    if a.isary:
        if a.extent:
            yield Fault("attr.isary_size", a.extent.name, f"'{a.extent.name.text}' cannot be used with 'isary'.")
        if a.isptr is None:
            if a.user_check is None and a.direction is None:
                yield Fault(
                    "attr.isary_needs_direction", a.isary.name, "'isary' needs a direction attribute or 'user_check'."
                )
            return
        if a.text and a.wide:
            yield Fault("attr.string_wstring", a.text.name, "'string' and 'wstring' exclude each other.")
        if a.string:
            yield Fault("attr.isary_string", a.string.name, f"'{a.string.name.text}' cannot be used with 'isary'.")
        yield Fault("attr.isary_isptr", a.isptr.name, "'isptr' cannot be used with 'isary'.")
        return
    if a.text and a.wide:
        yield Fault("attr.string_wstring", a.wide.name, "'string' and 'wstring' exclude each other.")
    if a.extent and a.string:
        yield Fault(
            "attr.size_vs_string", a.extent.name, f"'{a.extent.name.text}' cannot be used with '{a.string.name.text}'."
        )
    needy = a.extent or a.string
    if needy and a.direction is None:
        yield Fault(
            "attr.size_needs_direction",
            needy.name,
            f"'{needy.name.text}' needs a direction attribute.",
            "Add 'in', 'out' or both." if a.user_check is None else "",
        )
    if a.direction and a.user_check:
        yield Fault(
            "attr.direction_vs_user_check",
            a.user_check.name,
            f"'user_check' cannot be used with the direction '{a.direction.name.text}'.",
        )
    if a.direction is None and a.user_check is None:
        yield Fault(
            "attr.pointer_needs_direction",
            place,
            "A pointer or array parameter needs a direction attribute or 'user_check'.",
            "Add 'in', 'out' or both, with a length.",
        )
    if a.string and a.into is None:
        yield Fault("attr.string_needs_in", a.string.name, f"'{a.string.name.text}' needs the direction 'in'.")


def against_type(a: Checked, of: Type) -> Iterator[Fault]:
    """Attributes that need a type of the user's own."""
    if a.isptr and not of.is_bare_name:
        yield Fault(
            "attr.isptr_not_foreign", a.isptr.name, f"'isptr' needs a bare user-defined type, not '{of.spelt()}'."
        )
    elif a.isary and not of.is_bare_name:
        yield Fault(
            "attr.isary_not_foreign", a.isary.name, f"'isary' needs a bare user-defined type, not '{of.spelt()}'."
        )
    elif a.readonly and of.kind.value != "named":
        yield Fault(
            "attr.readonly_not_foreign", a.readonly.name, f"'readonly' needs a user-defined type, not '{of.spelt()}'."
        )
    elif a.readonly and a.isptr is None:
        yield Fault("attr.readonly_needs_isptr", a.readonly.name, "'readonly' can only be used with 'isptr'.")


def member(attrs: Attrs) -> Checked:
    """The rules for a struct member's list alone."""
    made = read(attrs)
    if made.faults:
        return made
    odd = next(((w, f) for w, f in _UNFIT if getattr(made, f) is not None), None)
    if made.extent is None:
        made.faults.append(
            Fault(
                "attr.member_needs_size",
                attrs.items[0].name if attrs.items else attrs.open,
                "The attribute list of a struct member needs 'size' or 'count'.",
            )
        )
    elif odd is not None:
        made.faults.append(
            Fault(
                "attr.member_bad", getattr(made, odd[1]).name, f"The attribute '{odd[0]}' cannot be on a struct member."
            )
        )
    return made


_UNFIT = (
    ("in", "into"),
    ("out", "out"),
    ("isptr", "isptr"),
    ("isary", "isary"),
    ("readonly", "readonly"),
    ("string", "text"),
    ("wstring", "wide"),
)


def prefix(attrs: Attrs) -> Iterator[Fault]:
    """The rules for the list before an OCALL."""
    convention: Token | None = None
    dll: Token | None = None
    for attr in reversed(attrs.items):
        word = attr.name.text
        if word in _CALLING:
            if convention is not None:
                yield Fault(
                    "attr.func_callconv_conflict",
                    convention,
                    f"The calling convention '{convention.text}' conflicts with '{word}'.",
                )
            convention = attr.name
        elif word == "dllimport":
            if dll is not None:
                yield Fault("attr.duplicate", dll, "The attribute 'dllimport' is given twice.")
            dll = attr.name
        else:
            yield Fault(
                "attr.func_unknown",
                attr.name,
                f"'{word}' is no attribute of a function.",
                did_you_mean(attr.name, (*_CALLING, "dllimport")),
            )


def of_function(name: str, decl: Decl) -> Iterator[Fault]:
    """The rules that the compiler applies to a parameter when its function is complete; the first one counts."""
    a = read(decl.attrs)
    of = decl.type
    if not (of.pointers or decl.dims or a.isptr or a.isary):
        return
    where = f"parameter '{decl.name.text}' of '{name}'"
    if of.base == "void" and of.pointers == 1 and of.kind.value == "builtin":
        if a.user_check is None and a.size is None:
            yield Fault(
                "attr.void_ptr_size",
                a.extent.name if a.extent else decl.name,
                f"The size of the buffer behind the void pointer, {where}, is not given.",
                "Add 'size'.",
            )
    elif (decl.dims or a.isary) and (of.pointers or a.isptr):
        yield Fault("type.pointer_array", decl.name, f"The {where} is an array of pointers.")
    if (of.const or a.readonly) and a.out:
        yield Fault("attr.const_out", a.out.name, f"The {where} is read-only and has the direction 'out'.")
    if a.text and not (of.pointers == 1 and of.base in _CHARACTERS):
        yield Fault("attr.string_type", a.text.name, f"'string' needs a char pointer, not '{of.spelt()}'.")
    if a.wide and not a.text and not (of.pointers == 1 and of.base == "wchar_t"):
        yield Fault("attr.string_type", a.wide.name, f"'wstring' needs a wchar_t pointer, not '{of.spelt()}'.")
    if decl.dims and (bad := a.size or a.count or a.isary):
        yield Fault("attr.array_size", bad.name, f"'{bad.name.text}' cannot be on an array with written dimensions.")
