"""How long a function may be that is followed to its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from edlint.frontends.c.syntax import Node

if TYPE_CHECKING:
    from edlint.frontends.c.flow import Flow

MAX_STATEMENTS = 8_000
"""Statements of one function, and operands of long chains, those of its macros among them; 7,400 are the most that were
met, in an interpreter of bytecode."""
MAX_BODY = 500_000
"""Code points of a body that is followed at all; 242,000 are the most that were met."""
MANY = 64
"""Operands and arguments from which on they count."""


def listed(flow: Flow, node: Node) -> Sequence[Node]:
    """The statements of a block that there is room for; what comes behind them is told."""
    statements = node.named_children
    count = len(statements)
    if count <= flow.left:
        flow.left -= count
        return statements
    return fitting(flow, statements)


def fitting(flow: Flow, parts: Sequence[Node]) -> Sequence[Node]:
    """The parts that there is room for, one at least, each of which counts as a statement does; the rest is told."""
    room = min(len(parts), max(flow.left, 1))
    flow.left = max(flow.left - room, 0)
    if room < len(parts):
        flow.too_deep.append(flow.origin.span(parts[room].start_byte, parts[-1].end_byte))
    return parts[:room]
