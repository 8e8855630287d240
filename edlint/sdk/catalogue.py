"""The SDKs' own EDL files, kept as facts and rendered as EDL text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from edlint.model.sdk import Module
from edlint.sdk.errors import ModelFile
from edlint.sdk.toml import expect_keys, expect_list, expect_table, expect_text, expect_texts, read_toml

_FILE_KEYS = {"sdk", "version", "read-from", "module"}
_MODULE_KEYS = {"aliases", "imports", "includes", "structs", "enums", "ecalls", "ocalls", "required"}
_CALL_KEYS = {"name", "result", "params", "errno", "convention", "needs", "links"}


def read_catalogue(path: Path) -> tuple[Module, ...]:
    """The modules that one file of `rules/models/edl` describes, aliases among them; raises ModelError."""
    data, file = read_toml(path)
    expect_keys(data, _FILE_KEYS, file, "the file")
    if not expect_text(data, "read-from", file, "the file"):
        raise file.error("'read-from' is missing: it says where the facts were read.")
    sdk, version = expect_text(data, "sdk", file, "the file"), expect_text(data, "version", file, "the file")
    modules: list[Module] = []
    for name, entry in expect_table(data.get("module", {}), file, "module").items():
        table = expect_table(entry, file, name)
        expect_keys(table, _MODULE_KEYS, file, f"module '{name}'", name)
        calls = [*_calls(table, "ecalls", file, name), *_calls(table, "ocalls", file, name)]
        module = Module(
            path=name,
            sdk=sdk,
            version=version,
            text="\n".join(_render(table, file, name, sdk == "vbs")) + "\n",
            needs={c["name"]: tuple(c["needs"]) for c in calls if "needs" in c},
            required=tuple(expect_texts(table, "required", file, name)),
            links={c["name"]: tuple(c["links"]) for c in calls if "links" in c},
        )
        modules.append(module)
        modules += [replace(module, path=a, alias=True) for a in expect_texts(table, "aliases", file, name)]
    return tuple(modules)


def _calls(table: dict[str, Any], key: str, file: ModelFile, module: str) -> list[dict[str, Any]]:
    calls = []
    for entry in expect_list(table, key, file, module):
        call = expect_table(entry, file, key)
        name = expect_text(call, "name", file, module)
        if not name or not expect_text(call, "result", file, module):
            raise file.error(f"a call of '{module}' has no name or no result.", key, module)
        expect_keys(call, _CALL_KEYS, file, f"call '{name}'", name)
        for texts in ("params", "needs", "links"):
            expect_texts(call, texts, file, f"call '{name}'")
        calls.append(call)
    return calls


def _render(table: dict[str, Any], file: ModelFile, module: str, bare: bool) -> Iterator[str]:
    """The lines of a module; `bare` is the language of VBS, which has neither `from` nor `public`."""
    yield "enclave {"
    for entry in expect_list(table, "imports", file, module):
        if isinstance(entry, str):
            yield f'    import "{entry}";' if bare else f'    from "{entry}" import *;'
        else:
            condition = expect_table(entry, file, "imports")
            expect_keys(condition, {"path", "ifdef"}, file, f"an import of '{module}'", module)
            yield f"#ifdef {condition['ifdef']}"
            yield f'    from "{condition["path"]}" import *;'
            yield "#endif"
    for header in expect_texts(table, "includes", file, module):
        yield f'    include "{header}"'
    for entry in expect_list(table, "enums", file, module):
        enum = expect_table(entry, file, "enums")
        yield f"    enum {enum['name']} {{ {', '.join(expect_texts(enum, 'values', file, module))} }};"
    for entry in expect_list(table, "structs", file, module):
        struct = expect_table(entry, file, "structs")
        yield f"    struct {struct['name']} {{"
        yield from (f"        {member};" for member in expect_texts(struct, "members", file, module))
        yield "    };"
    for section, key in (("trusted", "ecalls"), ("untrusted", "ocalls")):
        calls = _calls(table, key, file, module)
        if calls:
            yield f"    {section} {{"
            yield from (_declaration(call, section == "trusted" and not bare) for call in calls)
            yield "    };"
    yield "};"


def _declaration(call: dict[str, Any], public: bool) -> str:
    head = "public " if public else f"[{call['convention']}] " if "convention" in call else ""
    params = ", ".join(call.get("params", ()))
    tail = " propagate_errno" if call.get("errno") else ""
    return f"        {head}{call['result']} {call['name']}({params}){tail};"
