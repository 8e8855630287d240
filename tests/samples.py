"""A made report with everything that a format has to show."""

from __future__ import annotations

from edlint.catalog import load_catalog
from edlint.finding import Edit, Finding, Fix, Label, Report
from edlint.source import Gap, Source, Span

EDL = Source(
    "kms.edl",
    """enclave {
    trusted {
        public int seal([in, size=len] const uint8_t* pt, size_t len,
\t\t[user_check] uint8_t* out);
    };
};
""",
)
CODE = Source(
    "enclave dir/seal.cpp",
    """int seal(const uint8_t *pt, size_t len, uint8_t *out)
{
    uint8_t tmp[64];

    fill(tmp);

    memcpy(out, tmp, len);
}
""",
)


def at(source: Source, text: str, nth: int = 1) -> Span:
    """The nth place of a text."""
    start = -1
    for _ in range(nth):
        start = source.text.index(text, start + 1)
    return source.span(start, start + len(text))


RULES = {name: rule.info for name, rule in load_catalog().rules.items()}


def finding(rule: str, span: Span, message: str = "Something is said.", label: str = "") -> Finding:
    """A bare finding of a rule."""
    return Finding(rule, RULES[rule].level, message, Label(span, label))


WHOLE = Finding(
    rule="user-check-pointer",
    level=RULES["user-check-pointer"].level,
    message="Parameter 'out' of ECALL 'seal' is 'user_check': the bridge neither copies nor checks it.",
    primary=Label(at(CODE, "out", 2), "may point into the enclave"),
    labels=(
        Label(at(CODE, "uint8_t *out"), "the host's address"),
        Label(at(CODE, "len", 2), "length"),
        Label(at(EDL, "user_check"), "neither copied nor checked [sic]"),
        Label(at(EDL, "uint8_t* out"), "declared"),
    ),
    path=(
        Label(at(EDL, "uint8_t* out"), "'out' comes from the host"),
        Label(at(CODE, "uint8_t *out"), "parameter 'out'"),
        Label(at(CODE, "out", 2), "written through"),
    ),
    notes=("There is no check on the way",),
    function="kms::seal",
    fix=Fix("let the bridge copy the buffer", (Edit(at(EDL, "user_check"), "out, size=len"),)),
)

GAPS = (
    Gap("enclave dir/lost.c", None, "not analysed: a binary file", "unreadable-file", True),
    Gap("kms.edl", at(EDL, "trusted"), "import not found", "unresolved-import"),
)


def report(*findings: Finding, gaps: tuple[Gap, ...] = (), suppressed: tuple[tuple[Finding, str], ...] = ()) -> Report:
    """A report of these findings, with all rules."""
    return Report(
        findings=findings,
        gaps=gaps,
        rules=RULES,
        facts=("kms.edl: Open Enclave EDL (--sdk), 1 ECALL, 0 OCALLs",),
        counts={"suppressed": len(suppressed), "functions": 1},
        version="0.1.0",
        suppressed=suppressed,
        exit_code=1 if findings else 0,
    )
