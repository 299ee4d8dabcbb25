"""`regrade power SUITE`."""

from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from regrade import api
from regrade.report.plain import printable

from .root import DONE
from .shared.options import SUITE, print_json, read_overrides, screen, set_option


@click.command()
@click.argument("suite", type=SUITE)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@set_option
def command(*, suite: Path, as_json: bool, overrides: tuple[str, ...]) -> int:
    """Say the smallest change that a SUITE can show, by slice, and how many cases would do."""
    loaded = api.load_suite(suite, read_overrides(overrides))
    with api.open_store() as store:
        rows, discordance, source, margin = api.measure_power(loaded, store=store)
    if as_json:
        print_json(
            {
                "discordance": discordance,
                "source": source,
                "margin": margin,
                "rows": [
                    {
                        "name": row.name,
                        "cases": row.cases,
                        "detectable": row.detectable,
                        "gate_detectable": row.gate_detectable,
                        "needed": row.needed,
                    }
                    for row in rows
                ],
            }
        )
        return DONE
    console = screen()
    noise = f"{discordance:.1%} of the cases differ between runs of one version"
    console.print(f"{noise}, by {printable(source)}")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in (
        "",
        "cases",
        "a comparison shows",
        "the gate shows",
        f"cases for {margin * 100:g} points",
    ):
        table.add_column(name, justify="left" if not name else "right")
    for row in rows:
        table.add_row(
            Text(printable(row.name)),
            str(row.cases),
            _points(row.detectable),
            _points(row.gate_detectable),
            f"{row.needed:,}",
        )
    console.print(table)
    console.print(
        Text(
            "changes are shown with a power of 80 %; several trials of each case show smaller ones",
            "dim",
        )
    )
    return DONE


def _points(value: float | None) -> str:
    return "nothing" if value is None else f"{value * 100:.1f} points"
