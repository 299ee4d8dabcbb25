"""What a command prints and exits with after a gate."""

from enum import StrEnum

import click

from regrade.api import Gated
from regrade.cli.root import DONE, GATE_FAILED, NOT_VALID, UNDECIDED
from regrade.report.gate import gate_document, gate_markdown, print_gate

from .options import print_json, screen


class Form(StrEnum):
    """How a gate is printed."""

    SCREEN = "screen"
    JSON = "json"
    MARKDOWN = "markdown"


def print_gated(gated: Gated, form: Form) -> None:
    """Print what a gate says, with the comparison below it."""
    from regrade.report.comparison import comparison_markdown, print_comparison  # noqa: PLC0415  after the work

    if form is Form.JSON:
        print_json(gate_document(gated.result))
        return
    if form is Form.MARKDOWN:
        first = gate_markdown(gated.result, gated.run.header.suite.name)
        text = (
            "\n".join(first) + "\n"
            if gated.comparison is None
            else comparison_markdown(gated.comparison, first)
        )
        click.echo(text, nl=False)
        return
    if gated.comparison is not None:
        print_comparison(gated.comparison, screen())
    print_gate(gated.result, screen())


def gate_exit_code(gated: Gated) -> int:
    """Give the exit code: 0 passed or not blocked, 1 failed, 3 undecided and blocked, 4 not valid."""
    if not gated.run.summary.is_valid:
        return NOT_VALID
    if gated.result.outcome == "fail":
        return GATE_FAILED
    return UNDECIDED if gated.result.outcome == "undecided" and gated.result.blocks else DONE
