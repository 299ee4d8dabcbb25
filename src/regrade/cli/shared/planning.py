"""Run what a plan names, step by step."""

from collections.abc import Callable
from pathlib import Path

import click

from regrade import api
from regrade.analysis.plan import CACHED, PIPELINE
from regrade.cli.root import DONE, INTERRUPTED
from regrade.domain import Suite
from regrade.report.plain import printable
from regrade.report.plan import plan_lines
from regrade.report.terminal import print_run
from regrade.store import Store

from .options import screen
from .outcome import cache_notes, exit_code
from .running import Interrupted, run_watched


def run_planned(
    suite: Suite, path: Path, store: Store, load: Callable[[str | None], Suite], label: str | None
) -> int:
    """Run every step of the plan of a suite; `load` gives the suite of one component alone. The exit
    code is the gravest of all.
    """
    plan = api.plan_suite(suite, store=store)
    for line in plan_lines(plan):
        click.echo(printable(line))
    code = DONE
    for step in plan.steps:
        if not step.attempts:
            continue
        against = None
        if step.what == PIPELINE:
            chosen, against = suite, api.early_baseline(suite, path, store=store)
        elif step.what == CACHED:
            chosen = api.never_graded(suite, store=store)
        else:
            chosen = load(step.what)
        try:
            done = run_watched(chosen, store, path, label=label, resume=None, against=against)
        except Interrupted as error:
            click.echo(str(error), err=True)
            return INTERRUPTED
        print_run(done.run, screen(), (*done.aftermath.notes, *cache_notes(done.aftermath)))
        code = max(code, exit_code(done.run.summary))
    return code
