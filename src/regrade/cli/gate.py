"""`regrade gate SUITE`."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from regrade import api
from regrade.api import Gated
from regrade.domain import Run, Suite
from regrade.store import Store

from .root import INTERRUPTED
from .shared.beside import OtherVersion, revision_checked_out, with_target
from .shared.gating import (
    Form,
    Reports,
    check_reports,
    gate_exit_code,
    print_gated,
    tell_gated,
)
from .shared.looking import Looking, cannot_look_again
from .shared.memory import keep_for_good
from .shared.options import SUITE, read_overrides, screen, set_option
from .shared.running import Interrupted, run_watched

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("suite", type=SUITE)
@click.option(
    "--baseline",
    metavar="REF",
    help="A baseline file or a run; left out, the committed file, else the run labelled main.",
)
@click.option(
    "--baseline-rev",
    metavar="REV",
    help="Run another revision of git beside the candidate, at the same time.",
)
@click.option(
    "--baseline-target",
    metavar="SPEC",
    help="Run another target beside the candidate, at the same time.",
)
@click.option(
    "--confirm",
    is_flag=True,
    help="While it is undecided, try all cases again in both versions, three times in all at most; the error "
    "is shared among these looks.",
)
@click.option("--run", "reference", metavar="RUN", help="Judge a stored run instead of a new one.")
@click.option("--label", metavar="NAME", help="A name for the new run.")
@click.option("--json", "as_json", is_flag=True, help="Print the Gate document alone.")
@click.option("--markdown", is_flag=True, help="Print a comment for a pull request.")
@click.option("--html", type=FILE, metavar="FILE", help="Write a page as well.")
@click.option(
    "--junit", type=FILE, metavar="FILE", help="Write JUnit XML as well, one test a rule."
)
@click.option(
    "--github", is_flag=True, help="In GitHub Actions: write the job's summary, and annotations."
)
@click.option(
    "--comment",
    is_flag=True,
    help="In GitHub Actions and GitLab CI: comment on the pull or merge request once, and update it.",
)
@set_option
def command(  # noqa: PLR0913  one for each option
    *,
    suite: Path,
    baseline: str | None,
    baseline_rev: str | None,
    baseline_target: str | None,
    confirm: bool,
    reference: str | None,
    label: str | None,
    as_json: bool,
    markdown: bool,
    overrides: tuple[str, ...],
    **reports: Any,
) -> int:
    """Run a suite and say whether the change may ship: pass, fail, or undecided.

    Exit code 0 when the gate passes (or is undecided and only warns), 1 when it fails, 3 when it is
    undecided and blocks, 4 when the run says nothing.
    """
    if sum(each is not None for each in (baseline, baseline_rev, baseline_target)) > 1:
        raise click.UsageError(
            "--baseline, --baseline-rev and --baseline-target exclude each other"
        )
    if reference is not None and (confirm or baseline_rev or baseline_target):
        raise click.UsageError(
            "--run judges what is stored; --confirm, --baseline-rev and --baseline-target run anew"
        )
    told = Reports(**reports)
    check_reports(told)
    form = Form.JSON if as_json else Form.MARKDOWN if markdown else Form.SCREEN
    loaded = api.load_suite(suite, read_overrides(overrides))
    buys = confirm or api.gate_of(loaded).undecided == "escalate"
    keep_for_good()
    with api.open_store() as store:
        if reference is None:
            _warn(loaded, form)
        try:
            with _other(loaded, suite, baseline_rev, baseline_target) as other:
                if other is not None:
                    looking = Looking(loaded, suite, other, store, label)
                    gated = looking.again_and_again() if buys else looking.once()
                else:
                    before = api.find_baseline(baseline, suite, loaded, store=store)
                    run = _candidate(loaded, suite, reference, label, store)
                    gated = _gated(loaded, run, before, store, buys=buys)
        except Interrupted as error:
            click.echo(str(error), err=True)
            return INTERRUPTED
    print_gated(gated, form)
    tell_gated(gated, suite, told)
    return gate_exit_code(gated)


def _other(
    suite: Suite, path: Path, revision: str | None, target: str | None
) -> AbstractContextManager[OtherVersion | None]:
    """Give the version that runs beside the candidate, where one is named."""
    if revision is not None:
        return revision_checked_out(path, revision, suite.setup)
    return nullcontext(None if target is None else with_target(path, target))


def _gated(suite: Suite, run: Run, before: Run | None, store: Store, *, buys: bool) -> Gated:
    """Judge a run against what is stored."""
    gated = api.gate_run(suite, run, before, store=store)
    if not buys or gated.result.outcome != "undecided":
        return gated
    return replace(gated, result=replace(gated.result, notes=(cannot_look_again(before),)))


def _candidate(
    suite: Suite, path: Path, reference: str | None, label: str | None, store: Store
) -> Run:
    if reference is not None:
        return api.load_run(reference, store=store)
    return run_watched(suite, store, path, label=label, resume=None).run


def _warn(suite: Suite, form: Form) -> None:
    """Say what the gate can never decide, before anything is spent."""
    from regrade.analysis.gate import alpha_of, never  # noqa: PLC0415  numpy and scipy

    rules = api.gate_of(suite)
    if form is Form.SCREEN:
        for each in never(rules, len(suite.dataset.cases), alpha_of(rules)):
            screen(stderr=True).print(f"never  {each}", style="magenta")
