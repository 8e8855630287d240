"""The LALR(1) automaton of a grammar: lark builds it, this module puts it into plain lists for the parser.

Built automata are kept in the user's cache folder, since building one takes longer than reading a large interface;
without such a folder each process builds its own.
"""

from __future__ import annotations

import json
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
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
    grammar = (Path(__file__).parent / "grammars" / f"{name}.lark").read_text("utf-8")
    store = _store(name, grammar)
    if store is not None and (kept := load(store)) is not None:
        return kept
    made = build(grammar)
    if store is not None:
        save(store, made)
    return made


def _store(name: str, grammar: str) -> Path | None:
    """Where the automaton of this grammar, as this module makes it, is kept; None where there is no place."""
    if sys.platform == "win32":
        folder = os.environ.get("LOCALAPPDATA", "")
    else:
        folder = os.environ.get("XDG_CACHE_HOME", "") or os.path.expanduser("~/.cache")  # noqa: PTH111 - may fail softly
    if not Path(folder).is_absolute():
        return None
    mark = zlib.crc32(Path(__file__).read_bytes() + grammar.encode())
    return Path(folder) / "edlint" / f"{name}-{mark:08x}.json"


def load(store: Path) -> Automaton | None:
    """A kept automaton, or None when there is none that can be used."""
    try:
        actions, gotos, defaults, rules, start, end = json.loads(store.read_bytes())
        kept = Automaton(
            tuple(actions), tuple(gotos), tuple(defaults), tuple(Rule(*rule) for rule in rules), start, end
        )
    except (OSError, ValueError, TypeError):
        return None
    return kept if _sound(kept) else None


def _sound(kept: Automaton) -> bool:
    """Whether the tables fit together."""
    states, rules = len(kept.actions), len(kept.rules)
    try:
        return (
            len(kept.gotos) == len(kept.defaults) == states
            and all(-1 - rules < a < states for row in kept.actions for a in row.values())
            and all(0 <= state < states for row in kept.gotos for state in row.values())
            and all(-1 <= rule < rules for rule in kept.defaults)
            and all(0 <= state < states for state in (kept.start, kept.end))
            and all(isinstance(r.handler, str) and isinstance(r.length, int) for r in kept.rules)
        )
    except (AttributeError, TypeError):
        return False


def save(store: Path, made: Automaton) -> None:
    """Keep an automaton, whole or not at all, if the folder lets us."""
    part = store.with_name(f"{store.name}.{os.getpid()}")
    with suppress(OSError):
        store.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(astuple(made), separators=(",", ":")), encoding="ascii")
        part.replace(store)


def build(grammar: str) -> Automaton:
    """The automaton of a grammar in lark's notation."""
    from lark import Lark
    from lark.lexer import Lexer
    from lark.parsers.lalr_analysis import Shift

    class Silent(Lexer):
        """The tokens come from elsewhere."""

        def __init__(self, _: Any) -> None: ...

        def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[Any]:
            return iter(())

    table = Lark(grammar, parser="lalr", lexer=Silent, keep_all_tokens=True).parse_interactive("").parser_state
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
