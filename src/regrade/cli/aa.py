"""`regrade aa SUITE`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from regrade import api
from regrade.report.plain import one_line
from regrade.report.words import interval, of, percent

from .root import DONE, INTERRUPTED
from .shared.memory import keep_for_good
from .shared.options import SUITE, read_overrides, screen, set_option
from .shared.watching import watching

if TYPE_CHECKING:
    from regrade.analysis.noise import Noise

MOST_CASES = 10
"""Unsteady cases that are told."""


@click.command()
@click.argument("suite", type=SUITE)
@click.option(
    "--times",
    type=click.IntRange(2),
    default=2,
    show_default=True,
    help="How often the suite is run.",
)
@set_option
def command(*, suite: Path, times: int, overrides: tuple[str, ...]) -> int:
    """Run one version of a SUITE several times: its noise, where that comes from, and how often its gate
    would fail although nothing changed.
    """
    loaded = api.load_suite(suite, read_overrides(overrides))
    keep_for_good()
    with api.open_store() as store, watching(screen(stderr=True)) as watcher:
        try:
            noise = api.blocking(
                lambda: api.measure_noise(
                    loaded, store=store, suite_path=suite, times=times, watch=watcher
                )
            )
        except KeyboardInterrupt:
            click.echo("interrupted; the runs that were finished are kept", err=True)
            return INTERRUPTED
    _print(noise)
    return DONE


def _print(noise: "Noise") -> None:
    console = screen()
    console.print(Text(f"{noise.runs} runs of one version, {of(noise.cases, 'case')}", "bold"))
    for found, words in (
        (noise.discordance, "of the cases differ between two runs: the noise floor"),
        (noise.grading, "of the grades differ when the same output is judged again"),
        (noise.false_alarms, "of exchanges in which nothing changed fail the gate"),
    ):
        if found is not None:
            console.print(f"{percent(found.value):>6} {words}  {interval(found)}")
    if not noise.unsteady:
        console.print("every case came out the same each time")
    for each in noise.unsteady[:MOST_CASES]:
        case = f"{one_line(each.case, 60)}  {each.passes}/{each.trials}"
        console.print(
            Text(f"  {each.share:>4.0%} of the noise  {case}{'  flaky' if each.is_flaky else ''}")
        )
    if len(noise.unsteady) > MOST_CASES:
        console.print(Text(f"  … and {len(noise.unsteady) - MOST_CASES} cases more", "dim"))
