"""Facts on demand: a rule's or a fact's parameter types are its requirements."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import Any, TypeVar, cast

from edlint.model.program import Program

T = TypeVar("T")


class CircularFactError(Exception):
    """A fact that needs itself, through the facts named."""


class Facts:
    """The facts of one program, keyed by their type.

    A fact is a class with a static or class method `build` whose parameters are annotated with the facts that
    it needs; `Program` itself is always there.
    """

    def __init__(self, program: Program, *given: object) -> None:
        self._known: dict[type, object] = {Program: program, Facts: self}
        self._known.update({type(g): g for g in given})
        self._building: list[type] = []
        self._failed: dict[type, Exception] = {}

    def get(self, kind: type[T]) -> T:
        """The fact of that type, computed at the first call."""
        if kind in self._failed:
            raise self._failed[kind]
        if kind not in self._known:
            if kind in self._building:
                names = " -> ".join(k.__name__ for k in [*self._building, kind])
                raise CircularFactError(f"fact needs itself: {names}")
            self._building.append(kind)
            try:
                self._known[kind] = self.call(cast(Any, kind).build)
            except Exception as error:
                # Not tried again for the next rule: what fails may have taken long.
                self._failed[kind] = error
                raise
            finally:
                self._building.pop()
        return cast(T, self._known[kind])

    def known(self, kind: type[T]) -> T | None:
        """The fact of that type when somebody has asked for it before, else None."""
        return cast(T | None, self._known.get(kind))

    def call(self, function: Callable[..., T]) -> T:
        """Call `function` with the facts that its parameters' annotations name."""
        hints = typing.get_type_hints(function)
        wanted = [p for p in inspect.signature(function).parameters if p not in ("self", "cls")]
        return function(*(self.get(hints[p]) for p in wanted))
