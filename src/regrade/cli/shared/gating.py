"""What a command prints, writes and exits with after a gate."""

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import click

from regrade import api
from regrade.api import Gated
from regrade.cli.root import DONE, GATE_FAILED, NOT_VALID, UNDECIDED
from regrade.domain.errors import UsageError

from .options import print_json, screen
from .writing import write


class Form(StrEnum):
    """How a gate is printed."""

    SCREEN = "screen"
    JSON = "json"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Where else a gate is told, besides what is printed."""

    html: Path | None = None
    """A page."""
    junit: Path | None = None
    """JUnit XML."""
    github: bool = False
    """Whether the job of GitHub Actions gets a summary, and annotations."""
    comment: bool = False
    """Whether the pull or merge request gets a comment."""


def print_gated(gated: Gated, form: Form) -> None:
    """Print what a gate says, with the comparison below it."""
    from regrade.report.comparison import print_comparison  # noqa: PLC0415  after the work
    from regrade.report.gate import gate_document, print_gate  # noqa: PLC0415  a run without a gate loads none

    if form is Form.JSON:
        print_json(gate_document(gated.result))
        return
    if form is Form.MARKDOWN:
        click.echo(_markdown(gated), nl=False)
        return
    if gated.comparison is not None:
        print_comparison(gated.comparison, screen())
    print_gate(gated.result, screen())


def tell_gated(gated: Gated, suite: Path, reports: Reports) -> None:
    """Tell what a gate says elsewhere; what a forge refuses is said, and changes nothing.

    Raises: UsageError when a file cannot be written.
    """
    from regrade.report.gate import gate_junit  # noqa: PLC0415  as above

    name = gated.run.header.suite.name
    if reports.html is not None:
        from regrade.report.html import gate_html  # noqa: PLC0415  its templates are only needed here

        write(reports.html, gate_html(gated.result, gated.run.header, gated.comparison))
    if reports.junit is not None:
        write(reports.junit, gate_junit(gated.result, name, gated.comparison))
    if reports.github:
        _tell_github(gated, suite)
    if reports.comment:
        try:
            said = api.blocking(lambda: api.comment_on_review(name, _markdown(gated), os.environ))
        except UsageError as error:
            said = str(error)
        click.echo(said, err=True)


def check_reports(reports: Reports) -> None:
    """Look whether everything can be told, before anything is spent.

    Raises: UsageError.
    """
    if reports.github and not os.environ.get("GITHUB_STEP_SUMMARY"):
        raise UsageError(
            "--github writes the summary of a job of GitHub Actions: GITHUB_STEP_SUMMARY is not set"
        )
    for path in (reports.html, reports.junit):
        if path is not None and not path.resolve().parent.is_dir():
            raise UsageError(f"{path} cannot be written: there is no folder {path.parent}")


def _tell_github(gated: Gated, suite: Path) -> None:
    from regrade.report.gate import github_annotations  # noqa: PLC0415  as above

    with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as summary:
        summary.write(_markdown(gated) + "\n")
    path = os.path.relpath(suite.resolve(), os.environ.get("GITHUB_WORKSPACE") or None)
    name = gated.run.header.suite.name
    for line in github_annotations(gated.result, name, path, gated.comparison):
        click.echo(line, err=True)


def _markdown(gated: Gated) -> str:
    from regrade.report.comparison import comparison_markdown  # noqa: PLC0415  after the work
    from regrade.report.gate import gate_markdown  # noqa: PLC0415  as above

    first = gate_markdown(gated.result, gated.run.header.suite.name)
    if gated.comparison is None:
        return "\n".join(first) + "\n"
    return comparison_markdown(gated.comparison, first)


def gate_exit_code(gated: Gated) -> int:
    """Give the exit code: 0 passed or not blocked, 1 failed, 3 undecided and blocked, 4 not valid."""
    if not gated.run.summary.is_valid:
        return NOT_VALID
    if gated.result.outcome == "fail":
        return GATE_FAILED
    return UNDECIDED if gated.result.outcome == "undecided" and gated.result.blocks else DONE
