"""The steps that lead to a finding, where they go through calls."""

from __future__ import annotations

from pathlib import Path

from edlint.catalog import load_catalog
from edlint.config import Config
from edlint.driver import Request, run

INTERFACE = """enclave {
    struct proof { uint8_t root[32]; };
    trusted { public int take([user_check] const struct proof* proof); };
};
"""
CODE = """#include <string.h>
#include <sgx_trts.h>
#include "e_t.h"
struct proof { uint8_t root[32]; };
static uint8_t known[32];
static uint8_t kept[32];
static void keep(const struct proof* proof)
{
    memcpy(kept, proof->root, sizeof(kept));
}
int take(const struct proof* proof)
{
    if (!sgx_is_outside_enclave(proof, sizeof(*proof)) || memcmp(known, proof->root, sizeof(known)) != 0)
        return -1;
    keep(proof);
    return 0;
}
"""


def test_second_read_is_shown_with_the_call_that_leads_to_it(tmp_path: Path) -> None:
    (tmp_path / "e.edl").write_text(INTERFACE, encoding="utf-8")
    (tmp_path / "e.c").write_text(CODE, encoding="utf-8")
    request = Request(paths=(tmp_path,), base=tmp_path, config=Config(folder=tmp_path))
    (finding,) = (f for f in run(request, load_catalog()).findings if f.rule == "double-fetch")
    assert [(step.span.line, step.text) for step in finding.path[1:]] == [
        (13, "first read"),
        (15, "passed to 'keep'"),
        (9, "second read"),
    ]
