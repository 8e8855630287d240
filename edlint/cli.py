"""The command line."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from edlint import __version__


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="edlint")
def cli() -> None:
    """Lint the boundary of an enclave: EDL, C and C++ of both sides."""


@cli.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--sdk", default="auto")
@click.option("--profile", default="")
@click.option("--select", multiple=True)
@click.option("--format", "format_", default="concise")
def check(paths: tuple[Path, ...], sdk: str, profile: str, select: tuple[str, ...], format_: str) -> None:
    """Check files and folders."""
    from edlint.config import Enclave
    from edlint.driver import Request, run
    from edlint.report import render

    report = run(Request(paths, Path.cwd(), options=Enclave(sdk=sdk), profile=profile, select=select))
    sys.stdout.write(render(format_, report))
    sys.exit(report.exit_code)


@cli.command()
@click.argument("rule")
def explain(rule: str) -> None:
    """Print the page of a rule."""
    from edlint.catalog import load_catalog

    click.echo(load_catalog().rules[rule].page)
