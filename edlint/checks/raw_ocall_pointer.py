"""Raw pointers that an OCALL takes on purpose."""

from collections.abc import Iterator

from edlint.analysis.declared import own_params
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each `user_check` parameter of an OCALL."""
    for _, call, param in own_params(program):
        if call.is_ocall and param.bridge.is_raw and param.has("user_check"):
            yield Found(param.span, label="passed as it is", call=call.name, param=param.name)
