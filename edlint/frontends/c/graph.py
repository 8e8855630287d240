"""The blocks of a function: what control goes to while they are made, and their final form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from edlint.model.ir import Block, Branch, Jump, MacroUse, Op, Return, Stop, Value
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
        target = [self._thread(i) for i in range(len(self.blocks))]
        reached = self._reached(target)
        keep = [i for i in range(len(self.blocks)) if i in reached or (self.blocks[i] and target[i] == i)]
        number = {old: new for new, old in enumerate(keep)}
        exits: list[int] = []

        def at(label: Label) -> int:
            block = target[label.block] if label.block >= 0 else -1
            if block in number:
                return number[block]
            if not exits:
                exits.append(len(keep))
            return exits[0]

        blocks = []
        for old in keep:
            match self.ends[old]:
                case Going(to=to, span=span):
                    blocks.append(Block(tuple(self.blocks[old]), Jump(at(to), span)))
                case Choosing(condition, yes, no, span, macro, asserted, loop):
                    end = Branch(condition, at(yes), at(no), span, macro, asserted, loop)
                    blocks.append(Block(tuple(self.blocks[old]), end))
                case None:
                    blocks.append(Block(tuple(self.blocks[old]), Return(None, self.last)))
                case done:
                    blocks.append(Block(tuple(self.blocks[old]), done))
        if exits:
            blocks.append(Block((), Stop(self.last)))
        return tuple(blocks)

    def _thread(self, start: int) -> int:
        """The block that control really arrives at when it goes to block `start`."""
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
            match self.ends[stack.pop()]:
                case Going(to=to):
                    labels = [to]
                case Choosing(yes=yes, no=no):
                    labels = [yes, no]
                case _:
                    continue
            for label in labels:
                if label.block >= 0 and target[label.block] not in reached:
                    reached.add(target[label.block])
                    stack.append(target[label.block])
        return reached
