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
        target = [self._thread(i) if not block and i else i for i, block in enumerate(ops)]
        reached = self._reached(target)
        keep = [i for i, block in enumerate(ops) if i in reached or (block and target[i] == i)]
        number = {old: new for new, old in enumerate(keep)}
        exits: list[int] = []

        def at(label: Label) -> int:
            found = number.get(target[label.block]) if label.block >= 0 else None
            if found is None:
                if not exits:
                    exits.append(len(keep))
                return exits[0]
            return found

        blocks = []
        for old in keep:
            end = ends[old]
            if isinstance(end, Going):
                made: Terminator = Jump(at(end.to), end.span)
            elif isinstance(end, Choosing):
                yes, no = at(end.yes), at(end.no)
                made = Branch(end.condition, yes, no, end.span, end.macro, end.asserted, end.loop)
            else:
                made = end if end is not None else Return(None, self.last)
            blocks.append(Block(tuple(ops[old]), made))
        if exits:
            blocks.append(Block((), Stop(self.last)))
        return tuple(blocks)

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

    def _reached(self, target: list[int]) -> set[int]:
        reached, stack = {0}, [0]
        while stack:
            end = self.ends[stack.pop()]
            if isinstance(end, Going):
                labels: tuple[Label, ...] = (end.to,)
            elif isinstance(end, Choosing):
                labels = (end.yes, end.no)
            else:
                continue
            for label in labels:
                if label.block >= 0 and (block := target[label.block]) not in reached:
                    reached.add(block)
                    stack.append(block)
        return reached
