"""What each dialect's generated code does with a parameter: the facts that rules ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from edlint.model.interface import (
    Attribute,
    Bridge,
    CallKind,
    Dialect,
    Extent,
    Termination,
    Transfer,
    ZeroLength,
)
from edlint.model.types import TypeDef, TypeKind, TypeRef

RAW = Bridge(
    transfer=Transfer.RAW,
    extent_trusted=False,
    null_reaches=True,
    zero_length=ZeroLength.RAW,
    single_fetch=False,
)
"""An address that goes through as it is."""


def bridge(
    dialect: Dialect,
    kind: CallKind,
    of: TypeRef,
    attributes: tuple[Attribute, ...],
    types: Mapping[str, TypeDef],
) -> Bridge:
    """The facts of one parameter; `types` are the interface's own definitions by name."""
    given = {a.name: a for a in attributes}
    if dialect is Dialect.VBS:
        return _vbs(given)
    addressed = of.is_pointer or "isptr" in given or "isary" in given
    if not addressed:
        return Bridge()
    directed = "in" in given or "out" in given
    if not directed:
        return RAW
    transfer = _transfer(given)
    extent = Extent(
        size=given["size"].value if "size" in given else None,
        count=given["count"].value if "count" in given else None,
        string="string" in given or "wstring" in given,
    )
    written = extent.size is not None or extent.count is not None or extent.string
    sized = written or of.is_array or "isary" in given
    made = Bridge(
        transfer=transfer,
        extent=extent if written else None,
        sized=sized,
        range_checked=True,
        overflow_checked=True,
        null_reaches=True,
        copied_back=transfer in (Transfer.OUT, Transfer.IN_OUT),
        single_fetch=True,
    )
    deep = _is_deep(of, types)
    match dialect:
        case Dialect.INTEL:
            return _intel(made, kind, of, given, deep)
        case Dialect.OPEN_ENCLAVE:
            return _open_enclave(made, kind, of, deep)
        case _:
            return _secgear(made, kind, of, deep)


def _transfer(given: Mapping[str, Attribute]) -> Transfer:
    if "in" in given:
        return Transfer.IN_OUT if "out" in given else Transfer.IN
    return Transfer.OUT


def _is_deep(of: TypeRef, types: Mapping[str, TypeDef]) -> bool:
    """Whether the bridge follows members of what a single pointer points to."""
    if of.pointers != 1 or of.dims or of.kind not in (TypeKind.STRUCT, TypeKind.NAMED):
        return False
    found = types.get(of.base)
    return found is not None and found.kind is TypeKind.STRUCT and found.is_deep


def _intel(made: Bridge, kind: CallKind, of: TypeRef, given: Mapping[str, Attribute], deep: bool) -> Bridge:
    """A marshalling struct fetched once; every pointer compared with the enclave's range, then copied."""
    levels = 1 if deep and of.kind is TypeKind.STRUCT else 0
    terminated = Termination.EXACT if made.extent and made.extent.string else Termination.NONE
    if "user_check" in given:
        # With isary a direction is let through beside user_check, and the copy is made without any check.
        return replace(made, range_checked=False, fenced=False, overflow_checked=False, extent=None)
    if kind is CallKind.ECALL:
        # The block that the members are copied into is freed behind [in] alone.
        leaks = levels > 0 and made.transfer is Transfer.IN_OUT
        return replace(
            made, fenced=True, deep_levels=levels, terminated=terminated, zero_length=ZeroLength.NULL, leaks=leaks
        )
    # An OCALL's product of count and size is not checked, except for the members of a struct.
    product = made.extent is not None and made.extent.count is not None
    return replace(
        made,
        overflow_checked=not product,
        deep_levels=levels,
        terminated=terminated,
        zero_length=ZeroLength.EMPTY,
    )


def _open_enclave(made: Bridge, kind: CallKind, of: TypeRef, deep: bool) -> Bridge:
    """The whole input is copied into the enclave first; pointers are replaced by places in that copy."""
    string = made.extent is not None and made.extent.string
    return replace(
        made,
        fenced=kind is CallKind.ECALL,
        deep_levels=-1 if deep else 0,
        terminated=Termination.LAST_BYTE if string and kind is CallKind.ECALL else _exact(string),
        zero_length=ZeroLength.EMPTY,
    )


def _secgear(made: Bridge, kind: CallKind, of: TypeRef, deep: bool) -> Bridge:
    """The callee gets a place in a copy, but length and place are numbers of the host that nothing compares."""
    levels = 1 if deep and of.kind is TypeKind.STRUCT else 0
    if kind is CallKind.ECALL:
        return replace(
            made, overflow_checked=False, extent_trusted=False, deep_levels=levels, zero_length=ZeroLength.NULL
        )
    string = made.extent is not None and made.extent.string
    return replace(
        made, overflow_checked=False, deep_levels=levels, terminated=_exact(string), zero_length=ZeroLength.EMPTY
    )


def _exact(string: bool) -> Termination:
    """The caller's strlen decides, and the caller is the enclave."""
    return Termination.EXACT if string else Termination.NONE


def _vbs(given: Mapping[str, Attribute]) -> Bridge:
    """Owned objects, unpacked from a verified buffer; the language has no pointers."""
    if "out" not in given:
        return Bridge(terminated=Termination.EXACT, deep_levels=-1)
    return Bridge(
        transfer=_transfer(given),
        range_checked=True,
        overflow_checked=True,
        terminated=Termination.EXACT,
        zero_length=ZeroLength.EMPTY,
        deep_levels=-1,
        copied_back=True,
    )
