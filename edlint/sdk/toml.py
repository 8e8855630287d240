"""Reading TOML strictly: what is not expected is a ModelError with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edlint.sdk.errors import ModelError, ModelFile


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


def expect_keys(table: Mapping[str, object], keys: set[str], file: ModelFile, whose: str, near: str = "") -> None:
    """Nothing but these keys."""
    for key in table:
        if key not in keys:
            raise file.error(f"unknown key '{key}' in {whose}.", key, near)


def expect_table(value: object, file: ModelFile, name: str) -> dict[str, Any]:
    """The value, which must be a table."""
    if not isinstance(value, dict):
        raise file.error(f"'{name}' is no table.", name)
    return value


def expect_text(table: Mapping[str, object], key: str, file: ModelFile, whose: str) -> str:
    """The text under `key`, empty when it is absent."""
    value = table.get(key, "")
    if not isinstance(value, str):
        raise file.error(f"'{key}' of {whose} is no text.", key)
    return value


def expect_texts(table: Mapping[str, object], key: str, file: ModelFile, whose: str) -> list[str]:
    """The texts under `key`; a single one may stand without brackets."""
    value = table.get(key, [])
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise file.error(f"'{key}' of {whose} is no text and no list of texts.", key)
    return value


def expect_list(table: Mapping[str, object], key: str, file: ModelFile, whose: str) -> list[Any]:
    """The list under `key`, empty when it is absent."""
    value = table.get(key, [])
    if not isinstance(value, list):
        raise file.error(f"'{key}' of {whose} is no list.", key, whose)
    return value
