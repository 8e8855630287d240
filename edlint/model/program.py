"""Both sides joined: which function is which call, which file is on which side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from edlint.model.interface import Call, Interface
from edlint.model.ir import Invoke, Variable
from edlint.model.sdk import Sdk
from edlint.model.settings import Settings
from edlint.model.types import TypeDef
from edlint.model.unit import Function, Unit
from edlint.source import Gap


class Side(StrEnum):
    """Where a file runs."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    BOTH = "both"
    """Headers and helpers that both sides compile."""
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Placement:
    """Side of a file, and why."""

    side: Side
    reason: str
    """One clause: `defines ECALL 'seal'`, `in a folder named 'enclave'`."""


@dataclass(frozen=True, slots=True)
class Implementation:
    """The function behind a declared call."""

    interface: Interface
    call: Call
    function: Function


@dataclass(frozen=True, slots=True)
class CallUse:
    """A call of a declared ECALL or OCALL in the code (seen by name, before lowering)."""

    interface: Interface
    call: Call
    caller: Function


@dataclass(frozen=True, eq=False)
class Program:
    """All that was read of one or more enclaves. Nothing writes to it after link."""

    interfaces: tuple[Interface, ...]
    units: tuple[Unit, ...]
    settings: tuple[Settings, ...]
    sdk: Sdk
    placements: Mapping[str, Placement]
    """By path of a unit."""
    implementations: tuple[Implementation, ...]
    uses: tuple[CallUse, ...]
    functions: Mapping[str, tuple[Function, ...]]
    """By unqualified name, both sides."""
    globals: Mapping[str, tuple[Variable, ...]]
    types: Mapping[str, TypeDef]
    """C and C++ types by name, typedefs among them."""
    constants: Mapping[str, int]
    gaps: tuple[Gap, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    """Limits of the configuration: `ocalls` (excessive-ocalls)."""
    externs: Mapping[str, tuple[Variable, ...]] = field(default_factory=dict)
    """Declarations of variables, for those whose definition is in no file that was read."""
    included: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By path: the files that a file includes, directly or not."""

    def side(self, path: str) -> Side:
        """Side of a file; undecided when it is not known."""
        placement = self.placements.get(path)
        return placement.side if placement else Side.UNDECIDED

    def is_trusted(self, function: Function) -> bool:
        """Whether a function may run inside the enclave: on the trusted side or on both."""
        return self.side(function.path) in (Side.TRUSTED, Side.BOTH)

    def implementation(self, call: Call) -> Function | None:
        """The function behind a call, or None."""
        return next((i.function for i in self.implementations if i.call is call), None)

    def implemented(self, function: Function) -> Call | None:
        """The call that a function implements, or None."""
        return next((i.call for i in self.implementations if i.function is function), None)

    def boundary(self, name: str) -> Call | None:
        """The declared call of that name in any interface, or None."""
        return next((c for i in self.interfaces for c in i.calls if c.name == name), None)

    def resolve(self, invoke: Invoke, caller: Function) -> tuple[Function, ...]:
        """The definitions that a call may reach: same file first, then all that the caller's side may link.

        A static function of a header is one of each file that includes it; all of them are alike.
        """
        found = tuple(f for f in self.functions.get(invoke.name, ()) if not _is_elsewhere(f, invoke))
        if not found:
            return ()
        own = tuple(f for f in found if f.path == caller.path)
        if own:
            return own
        side = self.side(caller.path)
        same = tuple(f for f in found if may_link(side, self.side(f.path)) and self._is_seen(f, caller))
        if len(same) > 1 and invoke.qualified != invoke.name:
            exact = tuple(f for f in same if f.qualified.endswith(invoke.qualified))
            return exact or same
        return same

    def _is_seen(self, function: Function, caller: Function) -> bool:
        """Whether the name of a function of another file means it where the caller stands."""
        return not function.static or function.path in self.included.get(caller.path, ())


def may_link(caller: Side, callee: Side) -> bool:
    """Whether code of one side may call code of another: what both sides use meets either."""
    return caller == callee or not {Side.BOTH, Side.UNDECIDED}.isdisjoint((caller, callee))


def _is_elsewhere(function: Function, invoke: Invoke) -> bool:
    """Whether a call names a namespace (`json::parse`) that a function of another one is not in."""
    *scopes, _ = invoke.qualified.split("::")
    *around, _ = function.qualified.split("::")
    if not any(scopes) or not any(around) or function.owner:
        return False
    # An alias of a namespace is a name of its own.
    return scopes[-1] not in around and f"namespace {scopes[-1]} =" not in function.span.source.text
