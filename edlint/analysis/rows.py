"""What models say of one call."""

from __future__ import annotations

import re

from edlint.model.ir import Invoke
from edlint.model.sdk import Row, Sdk


def rows_of(sdk: Sdk, invoke: Invoke) -> tuple[Row, ...]:
    """The statements about the function that a call means: a method of its name is another function."""
    rows = sdk.about(invoke.name, invoke.qualified, method=invoke.receiver is not None, arguments=len(invoke.args))
    if not any(row.written for row in rows):
        return rows
    texts = [" ".join(argument.span.text.split()) for argument in invoke.args]
    return tuple(r for r in rows if not r.written or any(re.fullmatch(r.written, text) for text in texts))
