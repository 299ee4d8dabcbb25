"""`regrade check SUITE`."""

import sys
from contextlib import nullcontext
from pathlib import Path

import click

from regrade import api
from regrade.report.plain import printable

from .root import DONE, USAGE
from .shared.options import SUITE, read_overrides, set_option

_STYLES = {"error": "red", "warning": "yellow", "note": "cyan"}


@click.command()
@click.argument("suite", type=SUITE)
@set_option
def command(suite: Path, overrides: tuple[str, ...]) -> int:
    """Look at a suite without asking its target anything.

    Exit code 2 when something must be mended, else 0.
    """
    loaded = api.load_suite(suite, read_overrides(overrides))
    with nullcontext() if not api.has_store() else api.open_store() as store:
        findings = api.blocking(lambda: api.check_suite(loaded, store))
    for finding in sorted(findings, key=lambda each: list(_STYLES).index(each.level)):
        click.echo(
            f"{click.style(finding.level, _STYLES[finding.level])}: {printable(finding.message)}"
        )
    errors = sum(finding.level == "error" for finding in findings)
    warnings = sum(finding.level == "warning" for finding in findings)
    outline, cases = loaded.outline, len(loaded.dataset.cases)
    counted = f"{cases:,} cases, {len(outline.criteria)} criteria, {len(loaded.graders)} graders"
    verdict = "cannot run as it is" if errors else "is ready"
    found = f"{_of(errors, 'error')}, {_of(warnings, 'warning')}"
    click.echo(f"{outline.name} {verdict}: {counted}; {found}")
    sys.stdout.flush()
    return USAGE if errors else DONE


def _of(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
