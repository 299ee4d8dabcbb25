"""`regrade plan SUITE`."""

from pathlib import Path

import click

from regrade import api
from regrade.report.plain import printable
from regrade.report.plan import plan_lines

from .root import DONE
from .shared.options import SUITE, print_json, read_overrides, set_option


@click.command()
@click.argument("suite", type=SUITE)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@set_option
def command(*, suite: Path, as_json: bool, overrides: tuple[str, ...]) -> int:
    """Say what to run now, after what changed since the last run: `regrade run --plan` does it."""
    loaded = api.load_suite(suite, read_overrides(overrides))
    with api.open_store() as store:
        plan = api.plan_suite(loaded, store=store)
    if as_json:
        print_json(
            {
                "changes": list(plan.changes),
                "since": plan.since,
                "steps": [
                    {
                        "what": step.what,
                        "why": step.why,
                        "attempts": step.attempts,
                        "expected_s": step.expected_s,
                        "fits": step.fits,
                    }
                    for step in plan.steps
                ],
            }
        )
        return DONE
    for line in plan_lines(plan):
        click.echo(printable(line))
    return DONE
