"""The knowledge of `rules/models` as data: what functions do, and the SDKs' own EDL files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from edlint.files import rules_folder
from edlint.model.sdk import Module, Row, Sdk
from edlint.sdk.catalogue import read_catalogue
from edlint.sdk.errors import ModelError
from edlint.sdk.models import Model, check_used, read_kinds, read_model

__all__ = ["ModelError", "load_sdk"]


def load_sdk(user_models: Sequence[Path] = ()) -> Sdk:
    """The built-in models with the user's own, which may only add.

    Raises ModelError, with file and line, for a model that cannot be used.
    """
    return _load(rules_folder() / "models", tuple(user_models))


@cache
def _load(folder: Path, user_models: tuple[Path, ...]) -> Sdk:
    kinds_file = folder / "kinds.toml"
    kinds = read_kinds(kinds_file)
    built_in = [read_model(path, kinds) for path in sorted(folder.glob("*.toml")) if path != kinds_file]
    check_used(kinds, [row for model in built_in for row in model.rows], kinds_file)
    models = built_in + [read_model(path, kinds) for path in user_models]
    rows: dict[str, dict[Row, None]] = {}
    for model in models:
        for row in model.rows:
            rows.setdefault(row.function, {})[row] = None
    modules: list[Module] = []
    for path in sorted((folder / "edl").glob("*.toml")):
        modules.extend(read_catalogue(path))
    return Sdk(
        rows={name: tuple(found) for name, found in rows.items()},
        kinds=kinds,
        modules=tuple(modules),
        statuses={name: status for model in models for name, status in model.statuses.items()},
        success={status: spelling for model in models for status, spelling in model.success.items()},
        proxied=_names(models, "proxied"),
        trusted_headers={header: model.sdk for model in models for header in model.trusted_headers},
        untrusted_headers={header: model.sdk for model in models for header in model.untrusted_headers},
        creators=_names(models, "creators"),
        noreturn=_names(models, "noreturn"),
        locks=_names(models, "locks"),
        unlocks=_names(models, "unlocks"),
        fences=_names(models, "fences"),
        refuses_null=_names(models, "refuses-null"),
        library=frozenset(
            row.function for model in models for row in model.rows if model.library or row.header in model.libraries
        ),
    )


def _names(models: Sequence[Model], which: str) -> frozenset[str]:
    return frozenset(name for model in models for name in model.names.get(which, ()))
