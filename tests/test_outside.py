"""Headers that given code includes from beyond the given folders: read, never linted, and bounded."""

from __future__ import annotations

from pathlib import Path

from edlint.config import Config
from edlint.driver import Request, run
from edlint.finding import Report
from edlint.outside import MOST, outside_headers
from edlint.source import Source

EDL = (
    "enclave { trusted { public int put([in, size=64] const uint8_t* p, uint32_t i); }; untrusted { void o(void); }; };"
)
CODE = """#include "put_t.h"
#include "../common/limits.h"
static int table[TABLE];
int put(const uint8_t* p, uint32_t i)
{
    REQUIRE(p);
    REQUIRE(i < TABLE)
    table[i] = p[0];
    o();
    return 0;
}
"""
LIMITS = """#include "deep/more.h"
#define TABLE (MORE * 2)
#define REQUIRE(c) if (!(c)) return -1;
static int unused(char* s) { strcpy(s, s); return 0 }
"""


def linted(root: Path, **files: str) -> Report:
    enclave = root / "enclave"
    enclave.mkdir(parents=True)
    (enclave / "put.edl").write_text(EDL, "utf-8")
    (enclave / "put.c").write_text(CODE, "utf-8")
    for name, text in files.items():
        path = root / "common" / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".h").write_text(text, "utf-8")
    return run(Request(paths=(enclave,), base=root, config=Config()))


def test_macros_and_constants_come_from_headers_beyond(tmp_path: Path) -> None:
    without = linted(tmp_path / "without")
    assert {f.rule for f in without.findings} == {"null-boundary-pointer"}
    beside = linted(tmp_path / "beside", limits=LIMITS, deep__more="#define MORE 4\n")
    assert not beside.findings
    assert not [g for g in beside.gaps if "limits.h" in g.path]
    assert any("2 headers" in fact for fact in beside.facts)


def test_no_more_than_a_bounded_number_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    names = [f"h{n}.h" for n in range(MOST + 50)]
    for name in names:
        (tmp_path / "a" / name).write_text('#include "h0.h"\n', "utf-8")
    text = "".join(f'#include "../a/{name}"\n' for name in [*names, *names, "none.h"])
    code = [Source("b/x.c", text + '#include "/etc/hostname"\n')]
    found = outside_headers(code, tmp_path, frozenset(), lambda p: Source(f"a/{p.name}", p.read_text("utf-8")))
    assert [s.path for s in found] == [f"a/{name}" for name in names[:MOST]]


def test_what_both_sides_share_lies_beside_the_enclave(tmp_path: Path) -> None:
    for folder in ("enclave", "Include", "host", "other"):
        (tmp_path / folder).mkdir()
    (tmp_path / "Include" / "shared.h").write_text("#define LANES 8\n", "utf-8")
    (tmp_path / "host" / "twice.h").write_text("#define TWICE 1\n", "utf-8")
    (tmp_path / "other" / "twice.h").write_text("#define TWICE 2\n", "utf-8")
    edl = Source("enclave/e.edl", 'enclave { include "shared.h"\n include "twice.h"\n trusted { void f(void); }; };')
    code = Source("enclave/e.c", '#include "shared.h"\n#include "twice.h"\nvoid f(void) {}\n')
    found = outside_headers([code], tmp_path, frozenset(), lambda p: Source(p.name, p.read_text("utf-8")), [edl])
    assert [s.path for s in found] == ["shared.h"]
    assert outside_headers([code], tmp_path, frozenset(), lambda p: Source(p.name, p.read_text("utf-8"))) == []
