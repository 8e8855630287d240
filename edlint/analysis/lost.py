"""Variables that a caller expects the other side to fill, through a parameter that brings nothing back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edlint.analysis.outcomes import invokes_with_place, is_read_after, is_set_before, variable_of
from edlint.analysis.proxies import Proxies, ProxyUse
from edlint.model.interface import Call, Param, Transfer
from edlint.model.ir import Scope
from edlint.model.program import Program
from edlint.model.unit import Function

PLAIN = frozenset(
    {"char", "unsigned char", "uint8_t", "int8_t", "short", "int", "unsigned int", "uint16_t", "uint32_t", "int32_t"}
    | {"long", "unsigned long", "uint64_t", "int64_t", "size_t", "ssize_t", "bool", "socklen_t", "double", "float"}
)
"""Types that have no value until they are given one, in C++ as well."""


@dataclass(frozen=True, slots=True)
class Lost:
    """One crossing whose result is lost."""

    caller: Function
    use: ProxyUse
    param: Param
    variable: str

    @property
    def call(self) -> Call:
        """The declared call."""
        return self.use.call


def lost_results(program: Program, proxies: Proxies) -> Iterator[Lost]:
    """Locals that are passed through an `[in]` pointer without a value, and read after the call."""
    seen: set[int] = set()
    for crossing in program.uses:
        function = crossing.caller
        if id(function) in seen:
            continue
        seen.add(id(function))
        body = function.body
        for at, invoke in invokes_with_place(body):
            use = proxies.of(invoke, function)
            if use is None:
                continue
            for argument, param in zip(use.args, use.call.params, strict=True):
                key = variable_of(argument) if param.bridge.transfer is Transfer.IN else None
                variable = body.variables.get(key) if key is not None else None
                if key is None or variable is None or variable.scope is not Scope.LOCAL:
                    continue
                # A pointer that is handed on as it is was set elsewhere; only `&x` and an array are the local itself.
                if variable.type.is_pointer and not variable.type.is_array:
                    continue
                # A class may have been filled by its constructor.
                if function.language != "c" and variable.type.base not in PLAIN:
                    continue
                if not is_set_before(body, at, key) and is_read_after(body, at, key):
                    yield Lost(function, use, param, key)
