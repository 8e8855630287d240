"""Reading the places of a call: `arg[0]`, `arg[*1]`, `arg[2..]`, `arg[0].field`, `return`, `receiver`."""

from __future__ import annotations

import re

from edlint.model.sdk import Spot

_ARGUMENT = re.compile(r"arg\[(?P<star>\*?)(?P<index>\d{1,3})(?P<rest>(?:\.\.)?)\](?:\.(?P<field>[A-Za-z_]\w*))?")
_NAMED = {
    "return": Spot(-1),
    "*return": Spot(-1, pointee=True),
    "receiver": Spot(-2),
    "*receiver": Spot(-2, pointee=True),
}


def read_spot(text: str) -> Spot | None:
    """The place that `text` names, or None when it names none."""
    if text in _NAMED:
        return _NAMED[text]
    match = _ARGUMENT.fullmatch(text)
    if match is None:
        return None
    return Spot(int(match["index"]), match["star"] == "*", match["field"] or "", match["rest"] == "..")
