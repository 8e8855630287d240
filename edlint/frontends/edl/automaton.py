"""The LALR(1) automaton of a grammar: lark builds it, this module puts it into plain lists for the parser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

UNREADABLE = "UNREADABLE"
"""The terminal that stands for skipped text; no compiler has it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A production: what its children are handed to, and how many there are."""

    handler: str
    """The alias, else the name of what it makes."""
    origin: str
    length: int


@dataclass(frozen=True, slots=True)
class Automaton:
    """States as tables. An action is a state to go to, or -1 - n for a reduction by rule n."""

    actions: tuple[dict[str, int], ...]
    gotos: tuple[dict[str, int], ...]
    defaults: tuple[int, ...]
    """Rule that a state reduces by whatever comes next, or -1: such a state does not wait for a token."""
    rules: tuple[Rule, ...]
    start: int
    end: int


@cache
def automaton(name: str) -> Automaton:
    """The automaton of `grammars/<name>.lark`."""
    from lark import Lark
    from lark.lexer import Lexer
    from lark.parsers.lalr_analysis import Shift

    class Silent(Lexer):
        """The tokens come from elsewhere."""

        def __init__(self, _: Any) -> None: ...

        def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[Any]:
            return iter(())

    text = files("edlint.frontends.edl").joinpath("grammars", f"{name}.lark").read_text("utf-8")
    table = Lark(text, parser="lalr", lexer=Silent, keep_all_tokens=True).parse_interactive("").parser_state
    states = table.parse_conf.parse_table.states
    numbers = {state: number for number, state in enumerate(sorted(states))}
    rules: dict[object, int] = {}
    listed: list[Rule] = []
    actions: list[dict[str, int]] = []
    gotos: list[dict[str, int]] = []
    defaults: list[int] = []
    for state in sorted(states):
        acts: dict[str, int] = {}
        goes: dict[str, int] = {}
        for symbol, (action, argument) in states[state].items():
            if action is Shift:
                (acts if symbol.isupper() else goes)[symbol] = numbers[argument]
                continue
            if argument not in rules:
                rules[argument] = len(listed)
                origin = str(argument.origin.name)
                listed.append(Rule(argument.alias or origin, origin, len(argument.expansion)))
            acts[symbol] = -1 - rules[argument]
        kinds = {action for symbol, action in acts.items() if symbol != UNREADABLE}
        lone = kinds.pop() if len(kinds) == 1 else 0
        actions.append(acts)
        gotos.append(goes)
        defaults.append(-1 - lone if lone < 0 else -1)
    conf = table.parse_conf
    return Automaton(
        tuple(actions),
        tuple(gotos),
        tuple(defaults),
        tuple(listed),
        numbers[conf.start_state],
        numbers[conf.end_state],
    )
