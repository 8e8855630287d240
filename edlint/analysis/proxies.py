"""Calls of generated proxies: which argument of the C call is which parameter of the EDL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edlint.model.interface import Call, Dialect, Interface
from edlint.model.ir import Invoke, Value
from edlint.model.program import Program, Side
from edlint.model.unit import Function


@dataclass(frozen=True, slots=True)
class ProxyUse:
    """One crossing of the boundary, seen from the caller."""

    interface: Interface
    call: Call
    invoke: Invoke
    args: tuple[Value, ...]
    """One for each of `call.params`, in order."""
    result: Value | None = None
    """Where the proxy stores what the other side returned (`&ret`); None when the call gives nothing back."""
    enclave: Value | None = None
    """The handle of the enclave; None inside one."""
    direct: bool = False
    """The call expression itself is what the other side returned, not the status of the crossing."""

    @property
    def is_ecall(self) -> bool:
        """Whether the host calls the enclave."""
        return self.call.is_ecall

    def argument(self, name: str) -> Value | None:
        """What is passed for the parameter of that name, or None."""
        return next((a for a, p in zip(self.args, self.call.params, strict=True) if p.name == name), None)


class Proxies:
    """Recognises calls of ECALL proxies in host code and of OCALL proxies in trusted code."""

    def __init__(
        self,
        program: Program,
        by_name: Mapping[str, tuple[tuple[Interface, Call], ...]],
        by_use: Mapping[tuple[int, str], tuple[Interface, Call]],
    ) -> None:
        self._program = program
        self._by_name = by_name
        self._by_use = by_use
        self._generated = frozenset(u.path for u in program.units if u.generated)

    @staticmethod
    def build(program: Program) -> Proxies:
        """The recogniser for the interfaces of a program."""
        by_name: dict[str, tuple[tuple[Interface, Call], ...]] = {}
        for interface in program.interfaces:
            for call in interface.calls:
                by_name[call.name] = (*by_name.get(call.name, ()), (interface, call))
        uses = {(id(u.caller), u.call.name): (u.interface, u.call) for u in program.uses}
        return Proxies(program, by_name, uses)

    def of(self, invoke: Invoke, caller: Function) -> ProxyUse | None:
        """The crossing that a call in `caller` makes, or None when it makes none."""
        declared = self._by_name.get(invoke.name)
        if not declared or invoke.qualified.startswith("std::") or self._is_shadowed(invoke, caller):
            return None
        linked = self._by_use.get((id(caller), invoke.name))
        side = self._program.side(caller.path)
        for interface, call in (linked, *declared) if linked else declared:
            if (side is Side.TRUSTED and call.is_ecall) or (side is Side.UNTRUSTED and call.is_ocall):
                continue
            use = _align(interface, call, invoke, certain=side in (Side.TRUSTED, Side.UNTRUSTED))
            if use is not None:
                return use
        return None

    def _is_shadowed(self, invoke: Invoke, caller: Function) -> bool:
        """Whether the caller's own side has a function of that name that nobody generated."""
        side = self._program.side(caller.path)
        for function in self._program.functions.get(invoke.name, ()):
            if function.owner and not invoke.receiver:
                continue
            if function.path in self._generated or self._stands_in(function):
                continue
            if function.path == caller.path or (self._program.side(function.path) is side and not function.static):
                return True
        return False

    def _stands_in(self, function: Function) -> bool:
        """Whether a function has the shape of the proxy of an OCALL that gives something back: it takes its place in a
        build without the SDK, as the linker would take no two of them."""
        return not function.static and any(
            call.is_ocall
            and not call.result.is_void
            and len(function.params) == len(call.params) + 1
            and function.params[0].type.is_pointer
            for _, call in self._by_name.get(function.name, ())
        )


def _align(interface: Interface, call: Call, invoke: Invoke, *, certain: bool) -> ProxyUse | None:
    """The arguments of a call by the shape that this dialect's proxies have, or None when they do not fit.

    `certain` is False where the caller may be on either side, so that only the exact shape counts.
    """
    args, wanted = invoke.args, len(call.params)
    gives = not call.result.is_void
    if interface.dialect is Dialect.VBS:
        return ProxyUse(interface, call, invoke, args, direct=True) if len(args) == wanted else None
    if invoke.receiver is not None:
        return None
    lead = 1 if call.is_ecall else 0
    first = lead + (1 if gives else 0)
    if len(args) == first + wanted:
        return ProxyUse(
            interface,
            call,
            invoke,
            args[first:],
            result=args[lead] if gives else None,
            enclave=args[0] if lead else None,
        )
    # A hand-written or older proxy that gives the result back itself.
    if certain and call.is_ocall and len(args) == wanted:
        return ProxyUse(interface, call, invoke, args, direct=True)
    return None
