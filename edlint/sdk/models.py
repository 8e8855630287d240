"""Function models: one TOML file of rows, read strictly."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edlint.model.sdk import Kind, Row, Spot
from edlint.sdk.errors import ModelError, ModelFile
from edlint.sdk.spots import read_spot

_PLACES = ("at", "from", "to", "extent", "times", "capacity")
_KEYS = {
    "source": {"function", "kind", "at", "extent", "times", "arguments", "note"},
    "sink": {"function", "kind", "at", "extent", "times", "capacity", "arguments", "note"},
    "flow": {"function", "from", "to", "arguments", "note"},
    "clean": {"function", "kind", "at", "extent", "arguments", "note"},
    "guard": {"function", "kind", "at", "when", "extent", "arguments", "note"},
}
_REQUIRED = {
    "source": ("function", "kind", "at"),
    "sink": ("function", "kind", "at"),
    "flow": ("function", "from", "to"),
    "clean": ("function", "kind", "at"),
    "guard": ("function", "kind", "at", "when"),
}
_OUTCOMES = ("true", "false", "zero", "nonzero", "nonnull")
_NAME_LISTS = ("creators", "proxied", "noreturn", "locks", "unlocks", "fences")
_TOP = {"sdk", "read-from", "success", "trusted-headers", "untrusted-headers", "header"}
_ROLES = ("source", "sink", "clean", "guard")
_ORIGINS = ("boundary", "code")


@dataclass(slots=True)
class Model:
    """What one model file says."""

    sdk: str = ""
    rows: list[Row] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=dict)
    success: dict[str, str] = field(default_factory=dict)
    trusted_headers: list[str] = field(default_factory=list)
    untrusted_headers: list[str] = field(default_factory=list)
    names: dict[str, list[str]] = field(default_factory=dict)
    """Names by list: creators, proxied, noreturn, locks, unlocks, fences."""


def read_toml(path: Path) -> tuple[dict[str, Any], ModelFile]:
    """The parsed file and its text; raises ModelError for what is no TOML."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(path.as_posix(), 1, f"cannot be read: {error}.") from error
    try:
        return tomllib.loads(text), ModelFile(path, text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        raise ModelError(path.as_posix(), int(place[1]) if place else 1, f"not TOML: {error}.") from error


def read_kinds(path: Path) -> dict[str, Kind]:
    """The kinds that a kinds.toml declares, by name."""
    data, file = read_toml(path)
    kinds: dict[str, Kind] = {}
    for name, entry in data.items():
        table = _table(entry, file, name)
        _known(table, {"role", "origin", "clears", "title"}, file, name)
        role, origin, title = (_text(table, key, file, name) for key in ("role", "origin", "title"))
        if role not in _ROLES:
            raise file.error(f"role of kind '{name}' is none of {', '.join(_ROLES)}.", "role", name)
        if origin and origin not in _ORIGINS:
            raise file.error(f"origin of kind '{name}' is none of {', '.join(_ORIGINS)}.", "origin", name)
        if not title.endswith(".") or len(title) < 10:
            raise file.error(f"title of kind '{name}' is no sentence.", "title", name)
        clears = tuple(_texts(table, "clears", file, name))
        kinds[name] = Kind(name, title, role, origin, clears)
    for kind in kinds.values():
        for cleared in kind.clears:
            if cleared not in kinds:
                raise file.error(f"kind '{kind.name}' clears '{cleared}', which is not declared.", cleared, "clears")
    return kinds


def check_used(kinds: Mapping[str, Kind], rows: Sequence[Row], path: Path) -> None:
    """Raise ModelError for a kind that no row names and that arises nowhere else either."""
    used = {row.kind for row in rows}
    _, file = read_toml(path)
    for kind in kinds.values():
        if kind.name not in used and not kind.origin:
            raise file.error(f"kind '{kind.name}' is declared but no row names it.", f"[{kind.name}]")


def read_model(path: Path, kinds: Mapping[str, Kind]) -> Model:
    """One model file; raises ModelError for an unknown key, an undeclared kind, a place that is none, and the like."""
    data, file = read_toml(path)
    _known(data, _TOP, file, "the file")
    if not _text(data, "read-from", file, "the file"):
        raise file.error("'read-from' is missing: it says where the facts were read.")
    model = Model(sdk=_text(data, "sdk", file, "the file"))
    model.success = {k: str(v) for k, v in _table(data.get("success", {}), file, "success").items()}
    model.trusted_headers = _texts(data, "trusted-headers", file, "the file")
    model.untrusted_headers = _texts(data, "untrusted-headers", file, "the file")
    for header, entry in _table(data.get("header", {}), file, "header").items():
        _read_header(model, header, _table(entry, file, header), kinds, file)
    return model


def _read_header(
    model: Model, header: str, entry: dict[str, Any], kinds: Mapping[str, Kind], file: ModelFile
) -> None:
    _known(entry, {*_KEYS, *_NAME_LISTS, "statuses"}, file, header)
    for word in _KEYS:
        rows = entry.get(word, [])
        if not isinstance(rows, list):
            raise file.error(f"'{word}' of '{header}' is no list of rows.", word, header)
        for row in rows:
            model.rows.extend(_read_rows(word, _table(row, file, word), header, kinds, file))
    for status, functions in _table(entry.get("statuses", {}), file, header).items():
        for function in _texts({status: functions}, status, file, header):
            model.statuses[function] = status
    for name in _NAME_LISTS:
        model.names.setdefault(name, []).extend(_texts(entry, name, file, header))


def _read_rows(
    word: str, row: dict[str, Any], header: str, kinds: Mapping[str, Kind], file: ModelFile
) -> list[Row]:
    functions = _texts(row, "function", file, f"a {word} row of '{header}'")
    near = functions[0] if functions else ""
    whose = f"the {word} row of '{near}'" if near else f"a {word} row of '{header}'"
    _known(row, _KEYS[word], file, whose, near)
    for key in _REQUIRED[word]:
        if not row.get(key):
            raise file.error(f"{whose} has no '{key}'.", near)
    named = _texts(row, "kind", file, whose) if word != "flow" else [""]
    for kind in named:
        if kind and kind not in kinds:
            raise file.error(f"{whose} names the kind '{kind}', which is not declared.", kind, near)
        if kind and kinds[kind].role != word:
            raise file.error(f"{whose} names the kind '{kind}', which is a {kinds[kind].role}.", kind, near)
    spots: dict[str, Spot] = {}
    for key in _PLACES:
        if key in row:
            spot = read_spot(_text(row, key, file, whose))
            if spot is None:
                raise file.error(f"'{key}' of {whose} is no place of a call: '{row[key]}'.", str(row[key]), near)
            spots[key] = spot
    arguments = row.get("arguments", -1)
    if not isinstance(arguments, int) or arguments < -1:
        raise file.error(f"'arguments' of {whose} is no number of arguments.", "arguments", near)
    when = _text(row, "when", file, whose)
    if when and when not in _OUTCOMES:
        raise file.error(f"'when' of {whose} is none of {', '.join(_OUTCOMES)}.", when, near)
    return [
        Row(
            function=function,
            word=word,
            kind=kind,
            at=spots["from" if word == "flow" else "at"],
            to=spots.get("to"),
            when=when,
            extent=spots.get("extent"),
            capacity=spots.get("capacity"),
            header=header,
            note=_text(row, "note", file, whose),
            times=spots.get("times"),
            arguments=arguments,
        )
        for function in functions
        for kind in named
    ]


def _known(table: Mapping[str, object], keys: set[str], file: ModelFile, whose: str, near: str = "") -> None:
    for key in table:
        if key not in keys:
            raise file.error(f"unknown key '{key}' in {whose}.", key, near)


def _table(value: object, file: ModelFile, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise file.error(f"'{name}' is no table.", name)
    return value


def _text(table: Mapping[str, object], key: str, file: ModelFile, whose: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise file.error(f"'{key}' of {whose} is no text.", key)
    return value


def _texts(table: Mapping[str, object], key: str, file: ModelFile, whose: str) -> list[str]:
    value = table.get(key, [])
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise file.error(f"'{key}' of {whose} is no text and no list of texts.", key)
    return value
