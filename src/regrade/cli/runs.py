"""`regrade runs`."""

import click
from rich.table import Table
from rich.text import Text

from regrade import api
from regrade.domain import RunHeader
from regrade.report.plain import one_line
from regrade.store import Store

from .root import DONE
from .shared.options import print_json, screen


@click.command()
@click.option(
    "--limit", type=click.IntRange(1), default=20, show_default=True, help="How many of the newest."
)
@click.option("--suite", metavar="NAME", help="Only runs of this suite.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def command(*, limit: int, suite: str | None, as_json: bool) -> int:
    """List the newest runs, the newest first."""
    with api.open_store() as store:
        rows = [_row(header, store) for header in store.headers(limit, suite)]
    if as_json:
        print_json(rows)
    elif not rows:
        click.echo("no runs yet; `regrade run SUITE` makes one")
    else:
        _print(rows)
    return DONE


def _row(header: RunHeader, store: Store) -> dict[str, str | int | None]:
    counts = store.outcomes.counts(header.run_id)
    return {
        "run_id": header.run_id,
        "suite": header.suite.name,
        "label": header.label,
        "status": header.status,
        "started_at": header.started_at.isoformat(timespec="seconds"),
        **{outcome: counts.get(outcome, 0) for outcome in ("passed", "failed", "ungraded")},
        "not_run": header.planned - sum(counts.values()),
        "regraded_from": header.regraded_from,
    }


def _print(rows: list[dict[str, str | int | None]]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("run", "suite", "label", "status"):
        table.add_column(name, overflow="fold")
    for name in ("passed", "failed", "ungraded", "not run"):
        table.add_column(name, justify="right")
    for row in rows:
        texts = (row["run_id"], row["suite"], one_line(str(row["label"] or ""), 40), row["status"])
        counts = (row["passed"], row["failed"], row["ungraded"], row["not_run"])
        table.add_row(*(Text(str(text)) for text in texts), *(Text(str(count)) for count in counts))
    screen().print(table)
