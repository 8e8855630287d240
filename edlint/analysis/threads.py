"""Functions that run in a thread of their own: starting one is a call of it, with what it is handed."""

from __future__ import annotations

from dataclasses import replace

from edlint.analysis.outcomes import plain
from edlint.model.ir import Address, Invoke, Place, Value


def started(invoke: Invoke) -> Invoke | None:
    """The call that a thread makes which this call starts; None for a call that starts none that is named."""
    given: tuple[Value, ...]
    match invoke.name.rpartition("::")[2]:
        case "pthread_create" if len(invoke.args) == 4:
            function, given = invoke.args[2], invoke.args[3:]
        case "thread" | "jthread" if invoke.receiver is not None and invoke.args:
            function, given = invoke.args[0], invoke.args[1:]
        case _:
            return None
    value = plain(function)
    place = value.place if isinstance(value, Address) else value
    if not isinstance(place, Place) or place.steps:
        return None
    name = place.root.rpartition("::")[2]
    return replace(invoke, target=None, name=name, qualified=place.root, receiver=None, callee=None, args=given)
