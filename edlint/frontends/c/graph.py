"""The blocks of a function: what control goes to while they are made, and their final form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from edlint.model.ir import Block, Branch, Jump, MacroUse, Op, Return, Stop, Terminator, Value
from edlint.source import Span


class Label:
    """A place in the code that control may go to."""

    __slots__ = ("block",)

    def __init__(self) -> None:
        self.block = -1


@dataclass(slots=True)
class Going:
    """Control goes on at a label."""

    to: Label
    span: Span


@dataclass(slots=True)
class Choosing:
    """Control goes on at one of two labels."""

    condition: Value
    yes: Label
    no: Label
    span: Span
    macro: MacroUse | None
    asserted: bool
    loop: bool


Ending: TypeAlias = Going | Choosing | Return | Stop


class Graph:
    """Blocks with their ends; `last` is the place where the text of the last block ends."""

    def __init__(self, blocks: Sequence[Sequence[Op]], ends: Sequence[Ending | None], last: Span) -> None:
        self.blocks, self.ends, self.last = blocks, ends, last

    def made(self) -> tuple[Block, ...]:
        """The blocks in text order, without the empty ones and those that nothing leads to."""
        ends, ops = self.ends, self.blocks
        target = self._targets()
        reached = self._reached(target)
        keep = [i for i, block in enumerate(ops) if block or reached[i]]
        # Behind all blocks is one that ends, for what leads nowhere; a label that was never placed has number -1.
        nowhere = len(keep)
        number = [nowhere] * len(ops)
        for new, old in enumerate(keep):
            number[old] = new
        at = [number[i] for i in target]
        at.append(nowhere)
        lost = False
        blocks = []
        for old in keep:
            end = ends[old]
            made: Terminator
            if isinstance(end, Going):
                to = at[end.to.block]
                lost = lost or to == nowhere
                made = Jump(to, end.span)
            elif isinstance(end, Choosing):
                yes, no = at[end.yes.block], at[end.no.block]
                lost = lost or yes == nowhere or no == nowhere
                made = Branch(end.condition, yes, no, end.span, end.macro, end.asserted, end.loop)
            else:
                made = end if end is not None else Return(None, self.last)
            blocks.append(Block(tuple(ops[old]), made))
        if lost:
            blocks.append(Block((), Stop(self.last)))
        return tuple(blocks)

    def _targets(self) -> list[int]:
        """For each block the one that control really arrives at when it goes there: it passes through empty ones."""
        ops, ends = self.blocks, self.ends
        target = list(range(len(ops)))
        # Control mostly goes forwards, to blocks for which that is known then.
        for i in range(len(ops) - 1, 0, -1):
            if ops[i]:
                continue
            end = ends[i]
            if isinstance(end, Going) and end.to.block >= 0:
                found = target[end.to.block]
                target[i] = found if end.to.block > i and ops[found] else self._thread(i)
        return target

    def _thread(self, start: int) -> int:
        """The block that control really arrives at when it goes to block `start`, an empty one."""
        at, seen = start, set()
        while at not in seen and at != 0 and not self.blocks[at]:
            seen.add(at)
            end = self.ends[at]
            if not isinstance(end, Going) or end.to.block < 0:
                break
            at = end.to.block
        return at

    def _reached(self, target: list[int]) -> list[bool]:
        """Whether control may come to each of the blocks."""
        ends = self.ends
        reached = [False] * len(target)
        reached[0] = True
        stack = [0]
        while stack:
            end = ends[stack.pop()]
            if isinstance(end, Going):
                to = end.to.block
            elif isinstance(end, Choosing):
                to = end.yes.block
                if to >= 0 and not reached[block := target[to]]:
                    reached[block] = True
                    stack.append(block)
                to = end.no.block
            else:
                continue
            if to >= 0 and not reached[block := target[to]]:
                reached[block] = True
                stack.append(block)
        return reached
