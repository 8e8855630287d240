"""What a symbol of the taint engine is at the boundary: which parameter or result, and what the bridge did with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edlint.analysis.taint.events import SourceInfo
from edlint.analysis.taint.registry import Registry
from edlint.analysis.taint.symbols import DEREF, ELEMENT, Symbol
from edlint.finding import Label
from edlint.model.interface import Call, Interface, Param, Transfer
from edlint.model.program import Program
from edlint.model.types import TypeDef, TypeRef
from edlint.model.unit import Function


@dataclass(frozen=True, slots=True)
class Boundary:
    """An ECALL with the function behind it, and which parameter is which."""

    interface: Interface
    call: Call
    function: Function
    params: tuple[int, ...]
    """By position in the EDL: position in the function, -1 for none."""

    def param(self, position: int) -> Param | None:
        """The EDL's parameter that a parameter of the function is."""
        return next((p for p, at in zip(self.call.params, self.params, strict=True) if at == position), None)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a value that crossed the boundary is, seen by whoever uses it."""

    kind: str
    """host-pointer: an address that nobody checked; boundary-pointer: the enclave's own copy, maybe NULL;
    nested-pointer: an address out of bytes that the host sent or holds; host-scalar: a number;
    host-bytes: copied bytes or a number among them; host-memory: bytes or a number that the host can still change;
    ocall-pointer, ocall-scalar, ocall-bytes: what an OCALL gave back; secret-key, plaintext and other kinds of
    models; counter: a number that grows with each ECALL."""
    label: Label
    """Where it comes in."""
    name: str
    """How messages name it: the parameter, or the call."""
    call: str
    """The ECALL or OCALL, or the function that gave it."""
    call_kind: str = ""
    """ECALL or OCALL; empty for a function inside the enclave."""
    param: Param | None = None
    path: tuple[str, ...] = ()
    null: bool = False
    """It may be NULL."""
    type: TypeRef | None = None
    info: SourceInfo | None = None
    declared: Call | None = None
    """The call of the EDL."""

    @property
    def is_host(self) -> bool:
        """Whether the host chose it."""
        return self.call_kind != "" or self.kind in HOST_KINDS

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of models that it is."""
        return frozenset((self.kind, *_KINDS.get(self.kind, ())))

    @property
    def is_number(self) -> bool:
        """Whether it can be a number that the host chose."""
        return self.kind in ("host-scalar", "host-bytes", "host-memory", "ocall-scalar", "ocall-bytes", "counter")


_KINDS = {
    "host-bytes": ("host-string", "host-scalar"),
    "host-memory": ("host-bytes", "host-string", "host-scalar"),
    "ocall-scalar": ("ocall-result",),
    "ocall-bytes": ("ocall-result", "host-bytes", "host-string"),
}
HOST_KINDS = frozenset(("host-bytes", "host-string", "ocall-scalar", "ocall-result", "host-time", "host-entropy"))


def boundaries(program: Program) -> Mapping[Function, Boundary]:
    """The ECALL implementations on the trusted side."""
    found: dict[Function, Boundary] = {}
    for one in program.implementations:
        if one.call.is_ecall and one.function not in found:
            found[one.function] = Boundary(one.interface, one.call, one.function, _aligned(one.call, one.function))
    return found


def _aligned(call: Call, function: Function) -> tuple[int, ...]:
    if len(call.params) == len(function.params):
        return tuple(range(len(call.params)))
    names = {p.name: p.index for p in function.params}
    return tuple(names.get(p.name, -1) for p in call.params)


class Reader:
    """Reads symbols of one ECALL implementation, or of any function for what does not come from its parameters."""

    def __init__(self, program: Program, registry: Registry, boundary: Boundary | None) -> None:
        self._program = program
        self._registry = registry
        self.boundary = boundary

    def read(self, symbol: Symbol) -> Meaning | None:
        """What a parameter or a source is; None for what does not come from outside, and for globals."""
        if symbol.kind == "param":
            return self._param(symbol)
        if symbol.kind == "source":
            return self._source(symbol)
        return None

    def _param(self, symbol: Symbol) -> Meaning | None:
        boundary = self.boundary
        param = boundary.param(symbol.number) if boundary is not None else None
        if boundary is None or param is None:
            return None
        kind = _kind_of_parameter(boundary.interface, param, symbol.path)
        if kind is None:
            return None
        call = boundary.call
        shown = shown_path(param.name, symbol.path)
        text = _text_of_parameter(kind, shown, param, call)
        return Meaning(
            kind,
            Label(param.span, text),
            shown,
            call.name,
            str(call.kind),
            param,
            symbol.path,
            null=kind == "boundary-pointer" and param.bridge.null_reaches,
            type=param.type,
            declared=call,
        )

    def _source(self, symbol: Symbol) -> Meaning | None:
        info = self._registry.info(symbol.root)
        if info.use is None:
            return self._modelled(symbol, info)
        call = info.use.call
        param = call.params[info.param] if info.param >= 0 else None
        declared = param.type if param is not None else call.result
        levels = symbol.path.count(DEREF)
        name = param.name if param is not None else call.name
        if param is None:
            pointer = declared.is_pointer
            kind = "ocall-pointer" if pointer and levels <= 1 and not symbol.path else "ocall-scalar"
            if pointer and levels >= 1:
                kind = "ocall-bytes"
            text = f"what OCALL '{call.name}' returns is chosen by the host"
            span = call.span
        else:
            kind = "ocall-bytes" if _is_buffer(param) or len(symbol.path) > 1 else "ocall-scalar"
            if declared.pointers >= 2 and levels == 1:
                kind = "ocall-pointer"
            text = f"what OCALL '{call.name}' writes to '{param.name}' is chosen by the host"
            span = param.span
        return Meaning(
            kind,
            Label(span, text),
            shown_path(name, symbol.path[1:]) if param is not None else name,
            call.name,
            "OCALL",
            param,
            symbol.path,
            type=declared,
            info=info,
            declared=call,
        )

    def _modelled(self, symbol: Symbol, info: SourceInfo) -> Meaning:
        kind = {"ocall-result": "ocall-scalar", "host-bytes": "ocall-bytes", "host-string": "ocall-bytes"}.get(
            info.kind, info.kind
        )
        text = {
            "secret-key": f"a key comes from '{info.called}'",
            "plaintext": f"decrypted or unsealed bytes come from '{info.called}'",
            "sealed": f"'{info.called}' seals these bytes",
            "used-key": f"these bytes are a key for '{info.called}'",
            "ocall-scalar": f"what '{info.called}' returns is chosen by the host",
            "ocall-bytes": f"'{info.called}' writes bytes of the host",
            "host-memory": f"'{info.called}' gives memory of the host",
        }.get(kind, f"comes from '{info.called}'")
        return Meaning(kind, Label(info.span, text), info.name or info.called, info.called, path=symbol.path, info=info)


def _is_buffer(param: Param) -> bool:
    extent = param.bridge.extent
    return param.type.is_array or (extent is not None and (bool(extent.operands) or extent.string))


def _kind_of_parameter(interface: Interface, param: Param, path: tuple[str, ...]) -> str | None:
    bridge = param.bridge
    levels = path.count(DEREF)
    pointer = bridge.transfer is not Transfer.VALUE
    if not pointer:
        return "host-scalar" if not path else ("host-memory" if levels else "host-scalar")
    if not path:
        return "host-pointer" if bridge.is_raw else "boundary-pointer"
    if bridge.is_raw:
        return "host-memory"
    if not bridge.copies_in:
        # What the enclave gets is a zeroed buffer.
        return None
    if levels == 1:
        return "host-bytes"
    if bridge.extent is not None and bridge.extent.string:
        # Text holds no addresses.
        return None
    deep = bridge.deep_levels
    if deep == -1 or levels - 1 <= deep:
        return "host-bytes" if _deep(interface, param, path) else "host-memory"
    return "host-memory"


def _deep(interface: Interface, param: Param, path: tuple[str, ...]) -> bool:
    """Whether the pointer member on the way is one that the bridge copies along."""
    name = next((s for s in path[1:] if s not in (DEREF, ELEMENT)), "")
    struct: TypeDef | None = interface.type(param.type.base)
    member = struct.member(name) if struct is not None else None
    return member is not None and (member.size is not None or member.count is not None)


def is_nested_raw(interface: Interface, param: Param, path: tuple[str, ...]) -> bool:
    """Whether the value at a path of a copied parameter is an address that the bridge left as the host wrote it."""
    if param.bridge.deep_levels == 0:
        return True
    return not _deep(interface, param, (*path, DEREF))


def shown_path(name: str, path: tuple[str, ...]) -> str:
    """A path as C would write it: `p->len`, `p->items[]`."""
    text = name
    at = 0
    while at < len(path):
        step = path[at]
        if step == DEREF and at + 1 < len(path) and path[at + 1] not in (DEREF, ELEMENT):
            text += f"->{path[at + 1]}"
            at += 2
            continue
        if step == DEREF:
            text = f"*{text}" if text == name else f"{text}[]"
        elif step == ELEMENT:
            text += "[]"
        else:
            text += f".{step}"
        at += 1
    return text


def _text_of_parameter(kind: str, shown: str, param: Param, call: Call) -> str:
    match kind:
        case "host-pointer":
            return f"'{param.name}' is an address that the host chooses and the bridge does not check"
        case "boundary-pointer":
            return f"'{param.name}' is NULL when the host passes NULL"
        case "host-scalar":
            return f"'{shown}' is chosen by the host"
        case "host-bytes":
            return f"what '{param.name}' points to is chosen by the host"
        case _:
            return f"'{shown}' lies in memory of the host"
