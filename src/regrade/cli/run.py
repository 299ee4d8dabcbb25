"""`regrade run SUITE`."""

import signal
from dataclasses import replace
from pathlib import Path

import click

from regrade import api
from regrade.domain import RunSettings, Suite
from regrade.domain.duration import read_duration
from regrade.report.terminal import print_run
from regrade.store import Store

from .root import DONE, INTERRUPTED
from .shared.forecast import forecast
from .shared.memory import keep_for_good
from .shared.options import SUITE, print_run_document, read_overrides, screen, set_option
from .shared.outcome import cache_notes, exit_code
from .shared.watching import watching


class _Duration(click.ParamType[float]):
    name = "duration"

    def convert(
        self, value: str | float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        try:
            return read_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.argument("suite", type=SUITE)
@click.option("--trials", type=click.IntRange(1), help="How often each case is tried.")
@click.option(
    "--concurrency", type=click.IntRange(1), help="How many attempts are in flight at once."
)
@click.option(
    "--budget",
    type=_Duration(),
    metavar="TIME",
    help="How long the whole run may take, such as 5m.",
)
@click.option(
    "--max-cost",
    type=click.FloatRange(0, min_open=True),
    metavar="USD",
    help="Cost after which no attempt starts.",
)
@click.option(
    "--cache-answers",
    is_flag=True,
    help="Take answers of the same target to the same input from the cache.",
)
@click.option("--only", metavar="COMPONENT", help="Run one component alone, by its own target.")
@click.option(
    "--with-gold",
    metavar="COMPONENT",
    help="Have one component give its known-good output: would the answers have been right?",
)
@click.option("--label", metavar="NAME", help="A name for the run.")
@click.option("--resume", metavar="RUN", help="Go on with an interrupted run.")
@click.option(
    "--dry-run", is_flag=True, help="Say what would be done and how long it may take; ask nothing."
)
@click.option("--json", "as_json", is_flag=True, help="Print the Run document alone.")
@set_option
def command(  # noqa: PLR0913  one for each option
    *,
    suite: Path,
    only: str | None,
    with_gold: str | None,
    label: str | None,
    resume: str | None,
    dry_run: bool,
    as_json: bool,
    overrides: tuple[str, ...],
    **settings: float | bool | None,
) -> int:
    """Run a suite: ask the target every case, judge the answers, keep and report them.

    Exit code 0 when the run says something, 4 when too much of it broke, 130 when it was
    interrupted.
    """
    if only is not None and with_gold is not None:
        raise click.UsageError(
            "--only and --with-gold exclude each other: a component alone has nothing after it"
        )
    loaded = _with_settings(
        api.load_suite(suite, read_overrides(overrides), only=only, with_gold=with_gold), settings
    )
    if with_gold is not None and label is None and resume is None:
        label = f"gold {with_gold}"
    keep_for_good()
    with api.open_store() as store:
        if dry_run:
            click.echo(forecast(loaded, store))
            return DONE
        return _run(loaded, store, suite, label=label, resume=resume, as_json=as_json)


def _with_settings(suite: Suite, given: dict[str, float | bool | None]) -> Suite:
    names = {"budget": "budget_s", "max_cost": "max_cost_usd"}
    changes = {names.get(name, name): value for name, value in given.items() if value}
    settings: RunSettings = replace(suite.settings, **changes)  # type: ignore[arg-type]  # click checked the types
    return replace(suite, settings=settings)


def _run(
    suite: Suite, store: Store, path: Path, *, label: str | None, resume: str | None, as_json: bool
) -> int:
    # a shell has what it starts in the background ignore SIGINT; SIGTERM is to end it there too
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    with watching(screen(stderr=True)) as watcher:
        try:
            done = api.blocking(
                lambda: api.run_suite(
                    suite, store=store, suite_path=path, label=label, resume=resume, watch=watcher
                )
            )
        except KeyboardInterrupt:
            click.echo(_interrupted(watcher.run_id, store, path), err=True)
            return INTERRUPTED
    if as_json:
        print_run_document(done.run)
    else:
        print_run(done.run, screen(), (*done.aftermath.notes, *cache_notes(done.aftermath)))
    return exit_code(done.run.summary)


def _interrupted(run_id: str | None, store: Store, path: Path) -> str:
    if run_id is None:
        return "interrupted before the first attempt was made"
    header = store.find(run_id)
    kept = sum(store.counts(run_id).values())
    if header.status == "finished":
        return f"interrupted after the last attempt; see it with: regrade show {run_id}"
    only = f" --only {header.suite.only}" if header.suite.only else ""
    gold = f" --with-gold {header.suite.with_gold}" if header.suite.with_gold else ""
    return (
        f"interrupted: {kept} of {header.planned} attempts are kept; go on with: "
        f"regrade run {path}{only}{gold} --resume {run_id}"
    )
