"""Function models: one TOML file of rows, read strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edlint.model.sdk import Kind, Row, Spot
from edlint.sdk.errors import ModelFile
from edlint.sdk.spots import read_spot
from edlint.sdk.toml import expect_keys, expect_list, expect_table, expect_text, expect_texts, read_toml

_PLACES = ("at", "from", "to", "extent", "times", "capacity")
_KEYS = {
    "source": {"function", "kind", "at", "extent", "times", "arguments", "bytes", "written", "note"},
    "sink": {"function", "kind", "at", "extent", "times", "capacity", "arguments", "bytes", "written", "note"},
    "flow": {"function", "from", "to", "arguments", "bytes", "written", "note"},
    "clean": {"function", "kind", "at", "extent", "arguments", "bytes", "written", "note"},
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
_NAME_LISTS = ("creators", "proxied", "noreturn", "locks", "unlocks", "fences", "refuses-null")
_TOP = {"sdk", "read-from", "library", "success", "trusted-headers", "untrusted-headers", "header"}
_ROLES = ("source", "sink", "clean", "guard")
_ORIGINS = ("boundary", "code")


@dataclass(slots=True)
class Model:
    """What one model file says."""

    sdk: str = ""
    library: bool = False
    """Its rows hold even where the source of its functions is given."""
    libraries: list[str] = field(default_factory=list)
    """Headers of which the same is true, where it is not of the whole file."""
    rows: list[Row] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=dict)
    success: dict[str, str] = field(default_factory=dict)
    trusted_headers: list[str] = field(default_factory=list)
    untrusted_headers: list[str] = field(default_factory=list)
    names: dict[str, list[str]] = field(default_factory=dict)
    """Names by list: creators, proxied, noreturn, locks, unlocks, fences, refuses-null."""


def read_kinds(path: Path) -> dict[str, Kind]:
    """The kinds that a kinds.toml declares, by name."""
    data, file = read_toml(path)
    kinds: dict[str, Kind] = {}
    for name, entry in data.items():
        table = expect_table(entry, file, name)
        expect_keys(table, {"role", "origin", "clears", "title"}, file, name)
        role, origin, title = (expect_text(table, key, file, name) for key in ("role", "origin", "title"))
        if role not in _ROLES:
            raise file.error(f"role of kind '{name}' is none of {', '.join(_ROLES)}.", "role", name)
        if origin and origin not in _ORIGINS:
            raise file.error(f"origin of kind '{name}' is none of {', '.join(_ORIGINS)}.", "origin", name)
        if not title.endswith(".") or len(title) < 10:
            raise file.error(f"title of kind '{name}' is no sentence.", "title", name)
        clears = tuple(expect_texts(table, "clears", file, name))
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
    expect_keys(data, _TOP, file, "the file")
    if not expect_text(data, "read-from", file, "the file"):
        raise file.error("'read-from' is missing: it says where the facts were read.")
    model = Model(sdk=expect_text(data, "sdk", file, "the file"), library=_is_library(data, file))
    model.success = {k: str(v) for k, v in expect_table(data.get("success", {}), file, "success").items()}
    model.trusted_headers = expect_texts(data, "trusted-headers", file, "the file")
    model.untrusted_headers = expect_texts(data, "untrusted-headers", file, "the file")
    for header, entry in expect_table(data.get("header", {}), file, "header").items():
        _read_header(model, header, expect_table(entry, file, header), kinds, file)
    return model


def _is_library(entry: dict[str, Any], file: ModelFile) -> bool:
    library = entry.get("library", False)
    if not isinstance(library, bool):
        raise file.error("'library' is neither true nor false.", "library")
    return library


def _read_header(model: Model, header: str, entry: dict[str, Any], kinds: Mapping[str, Kind], file: ModelFile) -> None:
    expect_keys(entry, {*_KEYS, *_NAME_LISTS, "library", "statuses"}, file, header)
    if _is_library(entry, file):
        model.libraries.append(header)
    for word in _KEYS:
        for row in expect_list(entry, word, file, header):
            model.rows.extend(_read_rows(word, expect_table(row, file, word), header, kinds, file))
    for status, functions in expect_table(entry.get("statuses", {}), file, header).items():
        for function in expect_texts({status: functions}, status, file, header):
            model.statuses[function] = status
    for name in _NAME_LISTS:
        model.names.setdefault(name, []).extend(expect_texts(entry, name, file, header))


def _read_rows(word: str, row: dict[str, Any], header: str, kinds: Mapping[str, Kind], file: ModelFile) -> list[Row]:
    functions = expect_texts(row, "function", file, f"a {word} row of '{header}'")
    near = functions[0] if functions else ""
    whose = f"the {word} row of '{near}'" if near else f"a {word} row of '{header}'"
    expect_keys(row, _KEYS[word], file, whose, near)
    for key in _REQUIRED[word]:
        if not row.get(key):
            raise file.error(f"{whose} has no '{key}'.", near)
    named = expect_texts(row, "kind", file, whose) if word != "flow" else [""]
    for kind in named:
        if kind and kind not in kinds:
            raise file.error(f"{whose} names the kind '{kind}', which is not declared.", kind, near)
        if kind and kinds[kind].role != word:
            raise file.error(f"{whose} names the kind '{kind}', which is a {kinds[kind].role}.", kind, near)
    spots: dict[str, Spot] = {}
    for key in _PLACES:
        if key in row:
            spot = read_spot(expect_text(row, key, file, whose))
            if spot is None:
                raise file.error(f"'{key}' of {whose} is no place of a call: '{row[key]}'.", str(row[key]), near)
            spots[key] = spot
    arguments = row.get("arguments", -1)
    if not isinstance(arguments, int) or arguments < -1:
        raise file.error(f"'arguments' of {whose} is no number of arguments.", "arguments", near)
    least = row.get("bytes", 0)
    if not isinstance(least, int) or least < 0:
        raise file.error(f"'bytes' of {whose} is no number of bytes.", "bytes", near)
    written = expect_text(row, "written", file, whose)
    try:
        re.compile(written)
    except re.error:
        raise file.error(f"'written' of {whose} is no regular expression: '{written}'.", "written", near) from None
    when = expect_text(row, "when", file, whose)
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
            note=expect_text(row, "note", file, whose),
            times=spots.get("times"),
            arguments=arguments,
            bytes=least,
            written=written,
        )
        for function in functions
        for kind in named
    ]
