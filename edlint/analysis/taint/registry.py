"""Where things came in that are no parameters."""

from __future__ import annotations

from edlint.analysis.taint.events import SourceInfo
from edlint.analysis.taint.symbols import Symbol
from edlint.source import Span


class Registry:
    """Sources of the whole program, numbered in the order in which they were met."""

    def __init__(self) -> None:
        self.infos: list[SourceInfo] = []
        self._numbers: dict[tuple[object, ...], int] = {}
        self.guarded: set[Span] = set()
        """Stores of addresses that were found to lie outside."""

    def symbol(self, info: SourceInfo, kind: str = "source") -> Symbol:
        """The symbol of a source; the same place gives the same symbol."""
        key = (kind, info.kind, info.span, info.called, info.param)
        number = self._numbers.get(key)
        if number is None:
            number = len(self.infos)
            self._numbers[key] = number
            self.infos.append(info)
        return Symbol(kind, info.kind, number)

    def info(self, symbol: Symbol) -> SourceInfo:
        """Where a symbol of kind source or heap came in."""
        return self.infos[symbol.number]
