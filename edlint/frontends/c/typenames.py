"""Names in expressions that are those of types."""

from __future__ import annotations

import re

from edlint.frontends.c.flow import Flow


def names_type(flow: Flow, name: str) -> bool:
    """Whether a name that is no local variable is a type's: of the project, of an SDK's header, or by its `_t`."""
    known = flow.names.is_type(name) or flow.names.size(name) is not None
    return known or (name.endswith("_t") and flow.names.constant(name) is None)


def casts_to(flow: Flow, name: str) -> bool:
    """Whether a name in parentheses, in front of something, is a type: that of a macro too which spells one."""
    if name in flow.visible:
        return False
    if names_type(flow, name):
        return True
    if any(v.type.base == name for v in flow.variables.values()):
        return True
    macro = flow.names.macro(name)
    return macro is not None and macro.params is None and _TYPE_WORDS.fullmatch(macro.body) is not None


_TYPE_WORDS = re.compile(
    r"(?:(?:unsigned|signed|long|short|int|char|float|double|const|struct\s+\w+|\w+_t)(?:\s+|\Z))+"
)
