"""A first `edlint.toml`, written after a look at the tree."""

from __future__ import annotations

import json
import os
from pathlib import Path

from edlint.files import CODE_SUFFIXES, EDL_SUFFIX, walk
from edlint.source import read_head

_HEAD = """\
# What edlint checks when it is run without paths. Paths are relative to this file.
# profile = "strict"    # medium precision too
# fail-on = "error"     # exit with 1 from this level on; the default is warning
"""

_HOST_WORDS = ("host", "app", "untrusted", "client")
_TRUSTED_WORDS = ("enclave", "trusted", "enc")


def draft(folder: Path) -> str:
    """The text of a configuration: one `[[enclave]]` for each EDL file that no other one imports.

    Its sources are the EDL's own folder and, where that holds no other side, the folder above it.
    """
    files = list(walk(folder, ()))
    edls = [p for p in files if p.suffix.lower() == EDL_SUFFIX and p.is_file()]
    texts = {p: read_head(p).decode("utf-8", "replace") for p in edls}
    roots = [p for p in edls if not any(f'"{p.name}"' in text for other, text in texts.items() if other != p)]
    code = [p for p in files if p.suffix.lower() in CODE_SUFFIXES]
    parts = [_HEAD]
    parts += [_enclave(edl, _sources(edl, folder, code, roots), folder) for edl in roots]
    if not roots:
        parts.append("# No EDL file was found below this folder.\n")
    return "\n".join(parts)


def _enclave(edl: Path, sources: list[Path], folder: Path) -> str:
    paths = ", ".join(_text(p, folder) for p in sources)
    return f"[[enclave]]\nedl = {_text(edl, folder)}\nsources = [{paths}]\n"


def _sources(edl: Path, folder: Path, code: list[Path], roots: list[Path]) -> list[Path]:
    own = edl.parent
    above = own.parent
    words = own.name.lower()
    one_side = any(w in words for w in (*_HOST_WORDS, *_TRUSTED_WORDS))
    alone = not any(r != edl and r.is_relative_to(above) for r in roots)
    if one_side and alone and own != folder and above.is_relative_to(folder):
        return [above]
    if any(c.is_relative_to(own) for c in code):
        return [own]
    return [above] if alone and own != folder else [own]


def _text(path: Path, folder: Path) -> str:
    return json.dumps(Path(os.path.relpath(path, folder)).as_posix(), ensure_ascii=False)
