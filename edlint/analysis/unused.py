"""Calls whose results nobody looks at."""

from __future__ import annotations

from edlint.analysis.outcomes import At, is_read_after, variable_of
from edlint.analysis.rows import rows_of
from edlint.model.ir import Body, Invoke, Scope
from edlint.model.sdk import Sdk

MADE = ("enclave-random", "secret-key")
"""What a function makes; one that opens or verifies something has an answer besides, which counts."""


def is_for_nothing(sdk: Sdk, body: Body, at: At, invoke: Invoke) -> bool:
    """Whether all that a library's function makes goes to local variables that nobody looks at afterwards."""
    rows = (r for r in rows_of(sdk, invoke) if r.kind in MADE and r.at.pointee)
    outputs = [invoke.args[r.at.arg] for r in rows if 0 <= r.at.arg < len(invoke.args)]
    for output in outputs:
        key = variable_of(output)
        variable = body.variables.get(key) if key is not None else None
        if key is None or variable is None or variable.scope is not Scope.LOCAL or is_read_after(body, at, key):
            return False
        if variable.type.is_pointer and not variable.type.is_array:
            return False
    return bool(outputs)
