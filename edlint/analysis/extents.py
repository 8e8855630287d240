"""How large the objects are that are accessed: by what the bridge copies, by their types, by their allocation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from edlint.analysis.meaning import Boundary
from edlint.analysis.outcomes import mentions, values_of
from edlint.analysis.taint.events import Event
from edlint.analysis.taint.frame import Frame
from edlint.analysis.taint.symbols import (
    DEREF,
    ELEMENT,
    LENGTH,
    ROOM,
    Linear,
    Symbol,
    Vector,
    add,
    atom,
    constant,
    scale,
)
from edlint.analysis.taint.taken import of_block
from edlint.analysis.taint.values import Target
from edlint.model.interface import Operand, Param
from edlint.model.ir import Assign, Body, Branch, Evaluate, Invoke, Return

_UP_TO_END = frozenset(("strncpy", "strncat", "strnlen", "strndup", "strlcpy", "strlcat", "snprintf", "vsnprintf"))
"""Functions that read a text up to its terminator, whatever length they are given: but not when they write."""
_COMPARES = re.compile(r"cmp|equal|chr", re.IGNORECASE)
"""Functions that stop at the first difference, or where they find something."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How large an object is, and who says so."""

    term: Linear
    text: str
    """For messages: `64 bytes`, `'n' bytes`."""
    param: Param | None = None
    """The parameter whose EDL extent it is; None for an object of the enclave."""
    names: tuple[str, ...] = ()
    """Parameters that decide it."""
    foreign: bool = False
    """Another call decided it: nothing here can be compared with it."""
    sizes: frozenset[Symbol] = frozenset()
    """What that call made it from."""
    string: bool = False
    """The bridge copies a text up to its terminator: nothing but the text says how much that is."""

    def limits(self, event: Event) -> bool:
        """Whether an access has to fit: of a text only where it takes as many bytes as somebody says, not as many as
        there are up to the terminator."""
        if not self.string:
            return True
        if event.kind != "access" or event.what == "dereference" or _COMPARES.search(event.what):
            return False
        return event.write or event.what not in _UP_TO_END


def extent_of(boundary: Boundary | None, target: Target, frame: Frame) -> Extent | None:
    """The size of what a target lies in, from the location on; None when it is not known."""
    location = target.location
    if location.kind == "param" and boundary is not None and location.path == (DEREF,):
        param = boundary.param(location.number)
        if param is not None:
            return declared_extent(boundary, param, frame) or _text_extent(param, location, frame)
        return None
    if target.extent is None or location.kind == "text":
        return None
    if target.extent == constant(0):
        return _open_end(boundary, location, frame)
    if location.kind in ("param", "source") and location.path.count(DEREF) >= 1 and location.path[-1:] == (DEREF,):
        return None
    size = target.extent.constant if target.extent.is_constant else None
    name = location.name.split("#")[0]
    if location.kind == "heap":
        text = f"the {size} bytes that were allocated" if size is not None else "what was allocated"
    elif location.kind in ("local", "global", "in") or location.path[-1:] == (ELEMENT,):
        shown = ".".join((name, *(s for s in location.path if s not in (ELEMENT, DEREF)))).rsplit(".", 1)[-1]
        ref = frame.type_of(location)
        unit = "elements" if ref is not None and frame.layout.size(ref) is None else "bytes"
        text = f"the {size} {unit} of '{shown}'" if size is not None else f"'{shown}'"
    else:
        return None
    return Extent(target.extent, text, foreign=any(is_length(s) for s in target.extent.symbols))


def _open_end(boundary: Boundary | None, location: Symbol, frame: Frame) -> Extent | None:
    """A last member without a size of its own reaches to the end of what the bridge copies."""
    names = [s for s in location.path[1:] if s != ELEMENT]
    if boundary is None or location.kind != "param" or location.path[:1] != (DEREF,) or len(names) != 1:
        return None
    param = boundary.param(location.number)
    whole = declared_extent(boundary, param, frame) if param is not None else None
    ref = frame.type_of(Symbol(location.kind, location.name, location.number, (DEREF,)))
    struct = frame.layout.definition(ref) if ref is not None else None
    member = struct.member(names[0]) if struct is not None else None
    if whole is None or member is None or member.offset is None:
        return None
    return replace(whole, term=add(whole.term, constant(-member.offset)))


def behind_member(event: Event) -> tuple[Target, ...]:
    """What a function is given when it is given a member of what a parameter points to: bytes of the whole."""
    term, targets = event.subject.term, event.subject.targets
    if event.kind != "access" or event.need.term is None or len(targets) != 1:
        return ()
    if not event.need.term.is_constant and targets[0].extent not in (None, constant(0)):
        # The member's own size is what a length is compared with; only the last one may have none.
        return ()
    base = term.vector[0][0] if term is not None and len(term.vector) == 1 else None
    location, offset = targets[0].location, targets[0].offset
    if term is None or base is None or base.path or base.kind != "param" or term.vector[0][1] != 1:
        return ()
    within = location.kind == "param" and location.number == base.number and len(location.path) > 1
    if not within or location.path[0] != DEREF or DEREF in location.path[1:] or offset is None or offset.vector:
        return ()
    return (Target(base.step(DEREF), constant(term.constant)),)


def is_length(symbol: Symbol) -> bool:
    """Whether a symbol is how many elements a container holds, where nobody saw it being made."""
    return symbol.name == LENGTH or symbol.path[-1:] == (LENGTH,)


def varies(target: Target, extent: Extent) -> bool:
    """Whether an object's size may have come about in ways that are forgotten: that of a block, also where a global
    leads to it, or of a container that was resized on one way and not on the other."""
    resized = any(is_length(s) and s.is_merged for s in extent.term.symbols)
    return resized or target.location.kind == "heap" or bool(extent.sizes)


def declared_extent(boundary: Boundary, param: Param, frame: Frame) -> Extent | None:
    """The bytes that the bridge gives for a parameter, in terms of the function's parameters."""
    bridge = param.bridge
    if bridge.is_raw or not (bridge.copies_in or bridge.copies_out):
        return None
    extent = bridge.extent
    element = frame.layout.pointee_size(param.type)
    if extent is not None and extent.string:
        return None
    if extent is None or not extent.operands:
        if element is None:
            return None
        # A user-defined array, marked `isary`, crosses as a whole too.
        whole = frame.layout.size(param.type) if frame.layout.resolve(param.type).dims else element
        return Extent(constant(whole or element), f"the {whole or element} bytes that the bridge copies", param)
    term = constant(1)
    names: list[str] = []
    for operand in extent.operands:
        factor = _operand(boundary, operand)
        if factor is None or not (term.is_constant or factor.is_constant):
            return None
        term = scale(factor, term.constant) if term.is_constant else scale(term, factor.constant)
        if operand.value is None:
            names.append(operand.text)
    if extent.size is None:
        if element is None:
            return None
        term = scale(term, element)
    text = f"the {term.constant} bytes" if term.is_constant else " * ".join(f"'{n}'" for n in names)
    return Extent(term, text if names == [] else f"what {text} declares", param, tuple(names))


def _text_extent(param: Param, location: Symbol, frame: Frame) -> Extent | None:
    """The bytes of a text that crosses up to its terminator; None for anything else, and for wide characters."""
    bridge = param.bridge
    if bridge.is_raw or bridge.extent is None or not bridge.extent.string or frame.layout.pointee_size(param.type) != 1:
        return None
    return Extent(atom(location.step(ROOM)), "the string and its terminator", param, string=True)


def copied(boundary: Boundary | None, facts: Mapping[Vector, int], frame: Frame) -> dict[Vector, int]:
    """What is known, and that what the bridge copied is no larger than a block can be."""
    found = dict(facts)
    if boundary is None:
        return found
    for param, position in zip(boundary.call.params, boundary.params, strict=True):
        if position < 0:
            continue
        pointer = Symbol("param", boundary.function.params[position].key, position)
        extent = declared_extent(boundary, param, frame) if found.get(((pointer, -1),), 0) < 0 else None
        for vector, upper, _ in of_block(extent.term, multiplied=True) if extent is not None else ():
            found[vector] = min(upper, found.get(vector, upper))
    return found


def is_ignored(boundary: Boundary | None, extent: Extent) -> bool:
    """Whether the function behind the ECALL never reads what the host gave for the numbers of a declared extent."""
    if boundary is None or extent.param is None or not extent.names:
        return False
    keys = {s.name for s in extent.term.symbols if s.kind == "param"}
    return bool(keys) and not any(_is_read(boundary.function.body, key) for key in keys)


def _is_read(body: Body, key: str) -> bool:
    """Whether a parameter is read before, in the order of the text, it is given another value."""
    for block in body.blocks:
        for op in block.ops:
            if not isinstance(op, Evaluate) and any(mentions(v, key) for v in values_of(op)):
                return True
            if isinstance(op, (Assign, Invoke)) and op.target is not None and op.target.root == key:
                return not op.target.is_variable or (isinstance(op, Assign) and op.compound)
        match block.end:
            case Branch(condition=value) if mentions(value, key):
                return True
            case Return(value=value) if value is not None and mentions(value, key):
                return True
    return False


def _operand(boundary: Boundary, operand: Operand) -> Linear | None:
    if operand.value is not None:
        return constant(operand.value)
    for declared, position in zip(boundary.call.params, boundary.params, strict=True):
        if declared.name == operand.text and position >= 0:
            key = boundary.function.params[position].key
            return atom(Symbol("param", key, position))
    return None
