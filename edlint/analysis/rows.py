"""What models say of one call."""

from __future__ import annotations

from edlint.model.ir import Invoke
from edlint.model.sdk import Row, Sdk


def rows_of(sdk: Sdk, invoke: Invoke) -> tuple[Row, ...]:
    """The statements about the function that a call means: a method of its name is another function."""
    return sdk.about(invoke.name, invoke.qualified, method=invoke.receiver is not None, arguments=len(invoke.args))
