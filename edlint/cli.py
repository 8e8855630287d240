"""The command line. What is heavy is imported by the command that needs it."""

from __future__ import annotations

import difflib
import importlib
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from edlint import __version__, options, terminal
from edlint.source import Gap

VIEWS = tuple(sorted(p.stem for p in (Path(__file__).parent / "show").glob("[a-z]*.py")))
"""What `show` shows: the modules of edlint/show."""

EXIT_CODES = """\b
Exit codes, the same for every format:
  0    nothing at or above --fail-on
  1    findings at or above --fail-on
  2    usage or configuration error, a path that does not exist among them
  3    something asked for could not be analysed (findings so far are printed)
  4    internal error
  130  interrupted"""


class DefaultCommand(click.Group):
    """A group whose command is `check` unless the first word is another one; a path of that name wins."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `check` in front of arguments that start with no command."""
        rest = [word for word in args if word != "--debug"]
        first = rest[0] if rest else ""
        if first not in ("-h", "--help", "--version") and (first not in self.commands or Path(first).exists()):
            rest = ["check", *rest]
        return super().parse_args(ctx, ["--debug"] * ("--debug" in args) + rest)


@click.group(
    cls=DefaultCommand,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=f"`edlint PATH...` is `edlint check PATH...`; see `edlint check --help`.\n\n{EXIT_CODES}",
)
@click.version_option(__version__, prog_name="edlint")
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """Lint the boundary of an enclave: EDL, C and C++ of both sides, with no SDK and no build."""
    ctx.obj = debug


@cli.command(epilog=EXIT_CODES)
@options.reading
@options.choosing
@options.reporting
@click.pass_obj
def check(debug: bool, /, **given: Any) -> None:
    """Check EDL files, C and C++ files, and folders.

    Without PATHS: the enclaves of edlint.toml. With an EDL file named, the other EDL files of given folders are
    only read as imports.
    """
    from edlint.driver import run
    from edlint.report import Style, render

    outputs = options.outputs_of(given["output"])
    status = terminal.StatusLine(not given["no_progress"])
    try:
        report = run(options.request_of(given, debug, status.show))
    finally:
        status.clear()
    style = Style(
        color=terminal.use_color(given["color"]),
        width=terminal.width(),
        statistics=given["statistics"],
        timing=given["timing"],
        category=given["sarif_category"],
        suppressed=given["sarif_suppressed"],
    )
    for name, path in outputs:
        text = render(name, report, replace(style, color=False, width=100))
        path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
    terminal.write(render(given["format"], report, style))
    sys.exit(report.exit_code)


@cli.command()
@click.argument("rule")
def explain(rule: str) -> None:
    """Print the page of a rule: what it flags, why it matters, the remedy."""
    from edlint.catalog import load_catalog

    known = load_catalog().rules
    if rule not in known:
        close = difflib.get_close_matches(rule, known, 1)
        hint = f"Did you mean '{close[0]}'?" if close else "`edlint rules` lists them all."
        raise click.BadParameter(f"There is no rule named '{rule}'. {hint}", param_hint="RULE")
    info = known[rule].info
    facts = [str(info.level), f"{info.precision} precision", f"profile {info.profile}"]
    facts += [f"security severity {info.security_severity}"] if info.security_severity else []
    facts += [f"CWE-{number}" for number in info.cwe]
    terminal.write(f"# {rule}: {info.title}\n\n{', '.join(facts)}\n\n{info.help}")


@cli.command()
@click.option("--format", type=click.Choice(("text", "json")), default="text", show_default=True)
def rules(**given: Any) -> None:
    """List all rules."""
    from edlint.catalog import load_catalog
    from edlint.report.json import rule_object

    infos = [r.info for r in load_catalog().rules.values()]
    if given["format"] == "json":
        terminal.write(json.dumps([rule_object(i) for i in infos], indent=2) + "\n")
        return
    wide = max(len(i.name) for i in infos)
    lines = []
    for family in dict.fromkeys(i.family for i in infos):
        lines.append(f"{family}/")
        lines += [f"  {i.name:<{wide}}  {i.level:<7}  {i.profile:<7}  {i.title}" for i in infos if i.family == family]
    terminal.write("\n".join(lines) + "\n")


@cli.command()
@click.argument("what", type=click.Choice(VIEWS))
@options.reading
@click.option("--format", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.pass_obj
def show(debug: bool, /, what: str, **given: Any) -> None:
    """Show what edlint made of the files."""
    from edlint.analysis.facts import Facts
    from edlint.driver import read_all

    view = importlib.import_module(f"edlint.show.{what}")
    reads, gaps = read_all(options.request_of(given, debug))
    views = [view.show(each.program, Facts(each.program), given["format"]) for each in reads]
    if given["format"] == "json" and len(views) > 1:
        # One document whatever the tree holds: a list, unless the view knows how to join its own.
        documents = [json.loads(v) for v in views]
        joined = view.merged(documents) if hasattr(view, "merged") else documents
        views = [json.dumps(joined, indent=2, ensure_ascii=False) + "\n"]
    for text in views:
        terminal.write(text)
    _exit_with_gaps(gaps)


@cli.command()
@options.reading
@click.pass_obj
def doctor(debug: bool, /, **given: Any) -> None:
    """Say how the files were understood: dialect, sides and why, headers not found, functions not read."""
    from edlint import doctor as module
    from edlint.driver import read_all

    reads, gaps = read_all(options.request_of(given, debug))
    for each in reads:
        terminal.write(module.report(each.program))
    _exit_with_gaps(gaps)


@cli.command()
@options.reading
@options.choosing
@click.option(
    "--write", type=click.Path(path_type=Path, dir_okay=False), default="edlint-baseline.json", show_default=True
)
@click.pass_obj
def baseline(debug: bool, /, write: Path, **given: Any) -> None:
    """Accept all present findings: write them to a file for `check --baseline`."""
    from edlint.baseline import dump
    from edlint.driver import run

    request = options.request_of(given, debug)
    report = run(replace(request, config=replace(request.config, baseline="")))
    write.write_text(dump(report.findings), encoding="utf-8", newline="\n")
    terminal.write(f"{write}: {len(report.findings)} findings accepted\n")
    sys.exit(report.exit_code if report.exit_code > 1 else 0)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True), default=".")
@click.option("--print", "only_print", is_flag=True, help="Print the file instead of writing it.")
def init(folder: Path, only_print: bool) -> None:
    """Write an edlint.toml for the enclaves found below FOLDER."""
    from edlint.initial import draft

    text = draft(folder)
    path = folder / "edlint.toml"
    if only_print:
        terminal.write(text)
        return
    if path.exists():
        raise click.UsageError(f"{path} exists already; --print shows what would be written.")
    path.write_text(text, encoding="utf-8", newline="\n")
    terminal.write(f"{path} written\n")


def _exit_with_gaps(gaps: list[Gap]) -> None:
    fatal = [g for g in gaps if g.fatal]
    for gap in fatal:
        sys.stderr.write(f"edlint: {gap.path}: {gap.message}\n")
    sys.exit(3 if fatal else 0)
