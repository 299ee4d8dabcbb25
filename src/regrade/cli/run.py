"""`regrade run SUITE`."""

from dataclasses import replace
from pathlib import Path

import click

from regrade import api
from regrade.domain import RunSettings, Suite
from regrade.domain.duration import read_duration
from regrade.report.terminal import print_run

from .root import DONE, INTERRUPTED
from .shared.forecast import forecast
from .shared.gating import Form, gate_exit_code, print_gated
from .shared.memory import keep_for_good
from .shared.options import SUITE, print_run_document, read_overrides, screen, set_option
from .shared.outcome import cache_notes, exit_code
from .shared.planning import run_planned
from .shared.running import Interrupted, run_watched


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
@click.option(
    "--plan", is_flag=True, help="Run what the plan names after what changed: see `regrade plan`."
)
@click.option("--gate", is_flag=True, help="Judge the run by the suite's gate afterwards.")
@click.option("--baseline", metavar="REF", help="With --gate: a baseline file or a run.")
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
    plan: bool,
    gate: bool,
    baseline: str | None,
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
    _check(
        ("--only and --with-gold", only and with_gold, "a component alone has nothing after it"),
        (
            "--plan and what else chooses what is run, or how it is told",
            plan and (gate or as_json or only or with_gold or resume or dry_run),
            "it goes with --label and settings alone",
        ),
    )

    def load(component: str | None) -> Suite:
        given = read_overrides(overrides)
        found = api.load_suite(suite, given, only=component, with_gold=with_gold)
        return _with_settings(found, settings)

    loaded = load(only)
    if with_gold is not None and label is None and resume is None:
        label = f"gold {with_gold}"
    if gate:
        api.gate_of(loaded)
    keep_for_good()
    with api.open_store() as store:
        if plan:
            return run_planned(loaded, suite, store, load, label)
        if dry_run:
            click.echo(forecast(loaded, store))
            return DONE
        before = api.find_baseline(baseline, suite, loaded, store=store) if gate else None
        try:
            done = run_watched(loaded, store, suite, label=label, resume=resume)
        except Interrupted as error:
            click.echo(str(error), err=True)
            return INTERRUPTED
        judges = api.judge_notes(done.run, store=store, suite=loaded)
        gated = api.gate_run(loaded, done.run, before, store=store) if gate else None
    if as_json:
        print_run_document(done.run)
        return exit_code(done.run.summary) if gated is None else gate_exit_code(gated)
    notes = (*done.aftermath.notes, *cache_notes(done.aftermath), *judges)
    print_run(done.run, screen(), notes)
    if gated is None:
        return exit_code(done.run.summary)
    print_gated(gated, Form.SCREEN)
    return gate_exit_code(gated)


def _check(*exclusions: tuple[str, object, str]) -> None:
    """Refuse options that exclude each other."""
    for names, are_given, why in exclusions:
        if are_given:
            raise click.UsageError(f"{names} exclude each other: {why}")


def _with_settings(suite: Suite, given: dict[str, float | bool | None]) -> Suite:
    names = {"budget": "budget_s", "max_cost": "max_cost_usd"}
    changes = {names.get(name, name): value for name, value in given.items() if value}
    settings: RunSettings = replace(suite.settings, **changes)  # type: ignore[arg-type]  # click checked the types
    return replace(suite, settings=settings)
