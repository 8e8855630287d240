"""Which way a function and those that it calls move bytes through a pointer parameter."""

from __future__ import annotations

from edlint.analysis.accesses import Access, Role, accesses
from edlint.analysis.rows import rows_of
from edlint.model.interface import Param, Transfer
from edlint.model.program import Program
from edlint.model.unit import Function, ReadState

DEPTH = 4
"""Calls followed from the definition; what lies deeper is not known."""

WRITERS = {
    "accept": 1,
    "bzero": 0,
    "clock_gettime": 1,
    "fgets": 0,
    "fread": 0,
    "fstat": 1,
    "getcwd": 0,
    "gethostname": 0,
    "getpeername": 1,
    "getrandom": 0,
    "getrlimit": 1,
    "getrusage": 1,
    "getsockname": 1,
    "getsockopt": 3,
    "gettimeofday": 0,
    "gmtime_r": 1,
    "localtime_r": 1,
    "lstat": 1,
    "memset": 0,
    "memset_s": 0,
    "pipe": 0,
    "read": 1,
    "readlink": 1,
    "recv": 1,
    "recvfrom": 1,
    "stat": 1,
    "statfs": 1,
    "sysinfo": 0,
    "uname": 0,
}
"""Functions of the C library and what they only write through, beside those that models know."""

READERS = {
    "memcmp": (0, 1),
    "strcmp": (0, 1),
    "strncmp": (0, 1),
    "strlen": (0,),
    "strnlen": (0,),
    "puts": (0,),
    "write": (1,),
    "send": (1,),
    "fwrite": (0,),
}
"""Functions of the C library and what they only read through."""


def only_against(program: Program, function: Function, index: int, param: Param) -> Access | None:
    """The first access that goes against the direction when all known accesses do; None when any may be right."""
    against = Role.WRITE if param.bridge.transfer is Transfer.IN else Role.READ
    first: Access | None = None
    seen: set[tuple[int, int]] = set()
    work = [(function, index, 0)]
    while work:
        current, position, depth = work.pop()
        if (id(current), position) in seen:
            continue
        seen.add((id(current), position))
        mentions = accesses(current, position) if current.state is not ReadState.LOST and depth <= DEPTH else None
        if mentions is None:
            return None
        for access in mentions:
            role = access.role
            if role is Role.ARGUMENT:
                role, callees = _passed(program, current, access)
                work.extend((f, access.position, depth + 1) for f in callees)
                if callees:
                    continue
            if role is Role.TEST:
                continue
            if role is not against or _may_be_referred(program, current, access):
                return None
            if first is None and depth == 0:
                first = access
    return first


def _may_be_referred(program: Program, caller: Function, access: Access) -> bool:
    """Whether `f(*p)` may give a C++ function a reference, through which it does anything."""
    if access.call is None or caller.language != "c++":
        return False
    callees = [f for f in program.resolve(access.call, caller) if len(f.params) > access.position]
    return any(f.params[access.position].type.reference and not f.params[access.position].type.const for f in callees)


def _passed(program: Program, caller: Function, access: Access) -> tuple[Role, tuple[Function, ...]]:
    """What a callee does with the pointer: what models say, else the functions to look into."""
    call = access.call
    if call is None or not call.name:
        return Role.ESCAPE, ()
    position = access.position
    if WRITERS.get(call.name) == position:
        return Role.WRITE, ()
    if position in READERS.get(call.name, ()):
        return Role.READ, ()
    rows = rows_of(program.sdk, call)
    if not rows:
        return Role.ESCAPE, tuple(f for f in program.resolve(call, caller) if len(f.params) > position)
    writes = any(r.word in ("source", "clean") and r.at.arg == position and r.at.pointee for r in rows)
    writes |= any(r.to is not None and r.to.arg == position and r.to.pointee for r in rows)
    reads = any(r.word == "flow" and r.at.arg == position and r.at.pointee for r in rows)
    # The callee may give the pointer itself back.
    given_back = any(r.word == "flow" and r.at.arg == position and not r.at.pointee for r in rows)
    if (given_back and call.target is not None) or writes is reads:
        return Role.ESCAPE, ()
    return (Role.WRITE if writes else Role.READ), ()
