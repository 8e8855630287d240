"""Constant bytes in the code: arrays and strings with an initialiser, and who writes or uses them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from edlint.analysis.outcomes import plain, variable_of
from edlint.analysis.rows import rows_of
from edlint.model.ir import Aggregate, Assign, Invoke, Number, Place, Scope, Text, Value, Variable
from edlint.model.program import Program
from edlint.model.sdk import Sdk
from edlint.model.unit import Function, Unit

_WRITERS = (
    "memcpy memmove memset memcpy_s memmove_s memset_s strcpy strncpy snprintf sprintf strcat bzero explicit_bzero"
)
WRITERS = frozenset(_WRITERS.split())
"""Functions that write through their first argument."""

MAX_ROWS = 16
"""Arrays of a table that are read as the bytes of one constant."""

_INITIALISER = re.compile(r"=\s*(?:\([^()]*\)\s*)?[{\"]")
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")


def words_of(name: str) -> frozenset[str]:
    """The words of an identifier in lower case: `g_aesKey128` has `g`, `aes` and `key`."""
    return frozenset(w.lower() for w in _WORD.findall(name))


@dataclass(frozen=True, slots=True)
class Constant:
    """A variable with constant bytes, or a string literal."""

    variable: Variable
    content: bytes
    function: Function | None
    """The function that it is local to."""


def bytes_of(value: Value | None) -> bytes | None:
    """The bytes of a string or of a braced list of small numbers, or None when it is something else."""
    value = plain(value) if value is not None else None
    if isinstance(value, Text):
        return value.value.encode("utf-8", "replace")
    if not isinstance(value, Aggregate):
        return None
    items = [plain(v) for _, v in value.items]
    if len(items) == 1 and isinstance(items[0], Aggregate | Text):
        return bytes_of(items[0])
    if 1 < len(items) <= MAX_ROWS and all(isinstance(i, Aggregate) for i in items):
        # A table of arrays of one length, such as several keys.
        rows = [bytes_of(i) for i in items]
        joined = [r for r in rows if r is not None]
        return b"".join(joined) if len(joined) == len(rows) and len({len(r) for r in joined}) == 1 else None
    found = bytearray()
    for item in items:
        if not isinstance(item, Number) or not isinstance(item.value, int) or not -128 <= item.value <= 255:
            return None
        found.append(item.value & 255)
    return bytes(found)


def constants(unit: Unit, suspects: Callable[[Function], bool]) -> Iterator[Constant]:
    """The variables of a file that start as constant bytes: globals first, then locals of the functions suspected."""
    for variable in unit.globals:
        content = bytes_of(variable.initialiser)
        if content:
            yield Constant(variable, content, None)
    for function in unit.functions:
        if not _INITIALISER.search(function.extent.text) or not suspects(function):
            continue
        for op in function.body.ops():
            if isinstance(op, Assign) and op.initial and op.target.is_variable:
                local = function.body.variables.get(op.target.root)
                content = bytes_of(op.value) if local is not None and local.scope is not Scope.TEMP else None
                if local is not None and content:
                    yield Constant(local, content, function)


def users(program: Program, constant: Constant) -> Iterator[Function]:
    """The functions that can name the constant."""
    if constant.function is not None:
        yield constant.function
        return
    name = constant.variable.key
    for unit in program.units:
        for function in unit.functions:
            if name in function.names and not unit.generated:
                yield function


def is_written(program: Program, constant: Constant) -> bool:
    """Whether some function may put other bytes in its place."""
    key = constant.variable.key
    for function in users(program, constant):
        for op in function.body.ops():
            match op:
                case Assign(target=target, initial=False) if target.root == key and _is_content(target, constant):
                    return True
                case Invoke(args=args):
                    if any(variable_of(a) == key and fills(program.sdk, op, n) for n, a in enumerate(args)):
                        return True
    return False


def _is_content(target: Place, constant: Constant) -> bool:
    return bool(target.steps) or constant.variable.type.pointers == 0


def fills(sdk: Sdk, invoke: Invoke, position: int) -> bool:
    """Whether a call writes through its argument, as far as models tell."""
    if position == 0 and invoke.name in WRITERS:
        return True
    for row in rows_of(sdk, invoke):
        spot = row.at if row.word in ("source", "clean") else row.to if row.word == "flow" else None
        if spot is not None and spot.pointee and spot.arg == position:
            return True
    return False


def key_arguments(sdk: Sdk, invoke: Invoke) -> Iterator[Value]:
    """The arguments that a modelled function uses as a key."""
    for row in rows_of(sdk, invoke):
        if row.word == "sink" and row.kind == "key-use" and 0 <= row.at.arg < len(invoke.args):
            yield invoke.args[row.at.arg]
