"""The project's `edlint.toml`: which enclaves there are and what to look for."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edlint.errors import RequestError
from edlint.source import SourceError, read_source

FILE_NAMES = ("edlint.toml", ".edlint.toml")
SDKS = ("auto", "open-enclave", "intel-sgx", "secgear", "vbs")
PROFILES = ("default", "strict", "audit")
FAIL_ON = ("error", "warning", "note", "never")
LIMITS = ("ocalls",)
"""Numbers of `[limits]`: `ocalls` is the most OCALLs one enclave may declare (excessive-ocalls)."""


class ConfigError(RequestError):
    """A configuration that cannot be used; the message starts with `path:line:`."""


@dataclass(frozen=True, slots=True)
class Enclave:
    """One enclave of a project; paths and globs are relative to the configuration's folder."""

    edl: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Files and folders of both sides."""
    trusted: tuple[str, ...] = ()
    untrusted: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    search_path: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    sdk: str = "auto"
    library: bool = False
    """Its EDL is meant to be imported by others, so it need not have a public ECALL."""


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration file, or the defaults when there is none."""

    folder: Path = Path()
    path: str = ""
    """As reports print it; empty without a file."""
    enclaves: tuple[Enclave, ...] = ()
    common: Enclave = field(default_factory=Enclave)
    """What the file says outside of `[[enclave]]`: for every enclave, and for paths of none."""
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    profile: str = "default"
    fail_on: str = "warning"
    baseline: str = ""
    limits: Mapping[str, int] = field(default_factory=dict)


_LISTS = {
    "trusted": "trusted",
    "untrusted": "untrusted",
    "exclude": "exclude",
    "search-path": "search_path",
    "defines": "defines",
    "models": "models",
}
_ENCLAVE_KEYS = {"edl": "edl", "sources": "sources", **_LISTS, "sdk": "sdk", "library": "library"}
_TOP_LISTS = {"select": "select", "extend-select": "extend_select", "ignore": "ignore"}
_CHOICES: Mapping[str, tuple[str, ...]] = {"sdk": SDKS, "profile": PROFILES, "fail-on": FAIL_ON}
_TOP_KEYS = (*_TOP_LISTS, *_LISTS, "sdk", "library", "profile", "fail-on", "baseline", "limits", "enclave")


def find_config(start: Path) -> Path | None:
    """The nearest configuration file in `start` or above it, not beyond the top of a git work tree."""
    for folder in (start, *start.parents):
        for name in FILE_NAMES:
            if (folder / name).is_file():
                return folder / name
        if (folder / ".git").exists():
            return None
    return None


def load_config(path: Path, shown: str | None = None) -> Config:
    """Read a configuration file; raises ConfigError with its line for anything that it does not know."""
    name = shown or path.as_posix()
    try:
        source = read_source(path, name)
    except SourceError as error:
        raise ConfigError(f"{name}:1: cannot be read: {error}") from error
    if source.encoding != "utf-8":
        raise ConfigError(f"{name}:1: cannot be read: not UTF-8")
    return parse_config(source.text, name, path.parent)


def parse_config(text: str, name: str, folder: Path) -> Config:
    """The configuration that `text` is; see load_config."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        raise ConfigError(f"{name}:{at[1] if at else 1}: {error}") from error
    except (ValueError, RecursionError) as error:
        # Numbers of thousands of digits, lists in lists by the hundred.
        raise ConfigError(f"{name}:1: a number too long, or values nested too deeply") from error
    reader = _Reader(text.split("\n"), name)
    reader.known(data, _TOP_KEYS, "")
    tables = data.get("enclave", [])
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise reader.error("enclave", "", "enclaves are written as '[[enclave]]' tables")
    enclaves: list[Enclave] = []
    for number, table in enumerate(tables):
        place = f"[[enclave]]#{number}"
        reader.known(table, tuple(_ENCLAVE_KEYS), place)
        if not table.get("edl"):
            raise reader.error("enclave", place, "an [[enclave]] names its 'edl'")
        enclaves.append(reader.enclave(table, place))
    return Config(
        folder=folder,
        path=name,
        enclaves=tuple(enclaves),
        common=reader.enclave({k: v for k, v in data.items() if k in _ENCLAVE_KEYS}, ""),
        select=reader.texts(data, "select", ""),
        extend_select=reader.texts(data, "extend-select", ""),
        ignore=reader.texts(data, "ignore", ""),
        profile=reader.choice(data, "profile", "", "default"),
        fail_on=reader.choice(data, "fail-on", "", "warning"),
        baseline=reader.text(data, "baseline", ""),
        limits=reader.limits(data.get("limits", {})),
    )


_SHOWN = 80
"""Characters of an unknown word that an error repeats."""


def _hint(word: str, known: Sequence[str]) -> str:
    """What may have been meant by an unknown word."""
    close = difflib.get_close_matches(word, known, 1) if len(word) <= _SHOWN else []
    return f"; did you mean '{close[0]}'?" if close else ""


@dataclass(frozen=True, slots=True)
class _Reader:
    lines: Sequence[str]
    name: str

    def line(self, key: str, place: str) -> int:
        """Line of a key: below the header of `place`, or anywhere before the first header."""
        header, _, number = place.partition("#")
        left = int(number or 0)
        inside = not place
        for n, line in enumerate(self.lines, 1):
            text = line.strip()
            if text.startswith("["):
                inside = text.startswith(header) and left == 0 if place else text.startswith(f"[{key}")
                if place and text.startswith(header):
                    left -= 1
                if inside and (not place or key == "enclave"):
                    return n
            elif inside and re.match(rf"[\"']?{re.escape(key)}[\"']?\s*=", text):
                return n
        return 1

    def error(self, key: str, place: str, what: str) -> ConfigError:
        return ConfigError(f"{self.name}:{self.line(key, place)}: {what}")

    def known(self, table: Mapping[str, Any], keys: Sequence[str], place: str) -> None:
        for key in table:
            if key not in keys:
                raise self.error(key, place, f"unknown key '{key[:_SHOWN]}'{_hint(key, keys)}")

    def text(self, table: Mapping[str, Any], key: str, place: str) -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            raise self.error(key, place, f"'{key}' must be text")
        return value

    def texts(self, table: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
        value = table.get(key, [])
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
            raise self.error(key, place, f"'{key}' must be a list of texts")
        return tuple(values)

    def choice(self, table: Mapping[str, Any], key: str, place: str, default: str) -> str:
        value = self.text({key: default, **table}, key, place)
        if value not in _CHOICES[key]:
            hint = _hint(value, _CHOICES[key])
            raise self.error(key, place, f"'{key}' is one of {', '.join(_CHOICES[key])}, not {value[:_SHOWN]!r}{hint}")
        return value

    def truth(self, table: Mapping[str, Any], key: str, place: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            raise self.error(key, place, f"'{key}' is true or false")
        return value

    def enclave(self, table: Mapping[str, Any], place: str) -> Enclave:
        return Enclave(
            edl=self.texts(table, "edl", place),
            sources=self.texts(table, "sources", place),
            sdk=self.choice(table, "sdk", place, "auto"),
            library=self.truth(table, "library", place),
            **{name: self.texts(table, key, place) for key, name in _LISTS.items()},
        )

    def limits(self, table: Any) -> Mapping[str, int]:
        if not isinstance(table, dict):
            raise self.error("limits", "", "[limits] is a table of numbers")
        self.known(table, LIMITS, "[limits]")
        for key, value in table.items():
            if type(value) is not int or value < 0:
                raise self.error(key, "[limits]", f"'{key}' must be a number from 0")
        return dict(table)
