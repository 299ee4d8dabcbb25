"""`regrade schema NAME`."""

import click

from regrade.report.comparison.document import comparison_schema
from regrade.report.document import run_schema
from regrade.report.gate import gate_schema
from regrade.suites import case_schema, suite_schema

from .root import DONE
from .shared.options import print_json

SCHEMAS = {
    "suite": suite_schema,
    "case": case_schema,
    "run": run_schema,
    "comparison": comparison_schema,
    "gate": gate_schema,
}
"""What has a schema."""


@click.command()
@click.argument("name", type=click.Choice(list(SCHEMAS)))
def command(name: str) -> int:
    """Print a JSON Schema: of the suite file, of a case, or of a document that `--json` prints."""
    print_json(SCHEMAS[name]())
    return DONE
