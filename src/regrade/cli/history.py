"""`regrade history SUITE`."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from regrade import api
from regrade.analysis.history import Row, columns
from regrade.domain.errors import UsageError
from regrade.report.plain import one_line

from .root import DONE
from .shared.options import print_json, screen

SHOWN = {
    "pass_rate": "pass",
    "refusal_correctness": "refusal",
    "schema_success": "schema",
    "context_utilization": "context",
    "disallowed_content": "disallowed",
}
"""Rates of the table, and their headings."""
_SPARK = "▁▂▃▄▅▆▇█"


@click.command()
@click.argument("suite")
@click.option(
    "--limit", type=click.IntRange(1), default=30, show_default=True, help="How many of the newest."
)
@click.option("--csv", "as_csv", is_flag=True, help="Print all series as CSV.")
@click.option(
    "--parquet",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write all series to a Parquet file.",
)
@click.option("--json", "as_json", is_flag=True, help="Print all series as JSON.")
def command(*, suite: str, limit: int, as_csv: bool, parquet: Path | None, as_json: bool) -> int:
    """Show the tracked series of a SUITE over its runs; SUITE is its name or its file."""
    path = Path(suite)
    name = api.load_suite(path).outline.name if path.is_file() else suite
    with api.open_store() as store:
        rows = api.load_history(name, limit=limit, store=store)
    if parquet is not None:
        _write_parquet(rows, parquet)
    elif as_json:
        print_json([dict(row) for row in rows])
    elif as_csv:
        click.echo(_csv(rows), nl=False)
    else:
        _print(rows)
    return DONE


def _csv(rows: Sequence[Row]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns(rows), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _write_parquet(rows: Sequence[Row], path: Path) -> None:
    try:
        import pyarrow  # noqa: PLC0415  an extra
        import pyarrow.parquet  # noqa: PLC0415  the same
    except ImportError:
        raise UsageError("Parquet needs pyarrow; install regrade[parquet]") from None
    names = columns(rows)
    table = pyarrow.table({name: [row.get(name) for row in rows] for name in names})
    pyarrow.parquet.write_table(table, path)
    click.echo(f"wrote {path}")


def _print(rows: Sequence[Row]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    kept = {
        name: title
        for name, title in SHOWN.items()
        if any(row.get(name) is not None for row in rows)
    }
    for heading in ("run", "label", *kept.values(), "p50", "p95", "cost", "regressed"):
        table.add_column(
            heading, justify="left" if heading in ("run", "label") else "right", no_wrap=True
        )
    for row in rows:
        rates = (_percent(row.get(name)) for name in kept)
        times = (_seconds(row.get(name)) for name in ("latency_p50_s", "latency_p95_s"))
        cost = row.get("cost_usd")
        table.add_row(
            str(row["run_id"]),
            Text(one_line(str(row["label"] or ""), 20)),
            *rates,
            *times,
            "–" if cost is None else f"${cost:.4f}",
            "–" if row["regressed"] is None else str(row["regressed"]),
        )
    console = screen()
    console.print(table)
    for name, title in kept.items():
        console.print(Text(f"{title:<11} {_spark([row.get(name) for row in rows])}", "dim"))
    if len({row["dataset_version"] for row in rows}) > 1:
        console.print(
            Text(
                "the dataset changed between these runs: `regrade compare` pairs the cases of both",
                "yellow",
            )
        )


def _percent(value: str | float | None) -> str:
    return f"{value:.1%}" if isinstance(value, float | int) else "–"


def _seconds(value: str | float | None) -> str:
    return f"{value:.3g} s" if isinstance(value, float | int) else "–"


def _spark(values: Sequence[str | float | None]) -> str:
    """The series as bars from 0 to 1; a gap where a run says nothing."""
    return "".join(
        _SPARK[min(len(_SPARK) - 1, int(value * len(_SPARK)))]
        if isinstance(value, float | int)
        else " "
        for value in values
    )
