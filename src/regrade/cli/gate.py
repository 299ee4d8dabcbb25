"""`regrade gate SUITE`."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import click

from regrade import api
from regrade.domain import Run, Suite
from regrade.store import Store

from .root import INTERRUPTED
from .shared.beside import Beside, revision_beside, target_beside
from .shared.gating import Form, gate_exit_code, print_gated
from .shared.memory import keep_for_good
from .shared.options import SUITE, read_overrides, screen, set_option
from .shared.running import Interrupted, run_watched


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
@click.option("--run", "reference", metavar="RUN", help="Judge a stored run instead of a new one.")
@click.option("--label", metavar="NAME", help="A name for the new run.")
@click.option("--json", "as_json", is_flag=True, help="Print the Gate document alone.")
@click.option("--markdown", is_flag=True, help="Print a comment for a pull request.")
@set_option
def command(  # noqa: PLR0913  one for each option
    *,
    suite: Path,
    baseline: str | None,
    baseline_rev: str | None,
    baseline_target: str | None,
    reference: str | None,
    label: str | None,
    as_json: bool,
    markdown: bool,
    overrides: tuple[str, ...],
) -> int:
    """Run a suite and say whether the change may ship: pass, fail, or undecided.

    Exit code 0 when the gate passes (or is undecided and only warns), 1 when it fails, 3 when it is
    undecided and blocks, 4 when the run says nothing.
    """
    if sum(each is not None for each in (baseline, baseline_rev, baseline_target)) > 1:
        raise click.UsageError(
            "--baseline, --baseline-rev and --baseline-target exclude each other"
        )
    form = Form.JSON if as_json else Form.MARKDOWN if markdown else Form.SCREEN
    loaded = api.load_suite(suite, read_overrides(overrides))
    api.gate_of(loaded)
    keep_for_good()
    with api.open_store() as store:
        if reference is None:
            _warn(loaded, form)
        try:
            with _beside(loaded, suite, baseline_rev, baseline_target, store) as beside:
                before = None if beside else api.find_baseline(baseline, suite, loaded, store=store)
                run = _candidate(loaded, suite, reference, label, store)
                if beside is not None:
                    before = _judged_alike(beside.run_id(), run, loaded, store)
        except Interrupted as error:
            click.echo(str(error), err=True)
            return INTERRUPTED
        gated = api.gate_run(loaded, run, before)
    print_gated(gated, form)
    return gate_exit_code(gated)


def _beside(
    suite: Suite, path: Path, revision: str | None, target: str | None, store: Store
) -> AbstractContextManager[Beside | None]:
    """Start the baseline's version beside the candidate, where one is named."""
    if revision is not None:
        return revision_beside(path, revision, suite.setup, store)
    return target_beside(path, target, store) if target is not None else nullcontext()


def _judged_alike(run_id: str, candidate: Run, suite: Suite, store: Store) -> Run:
    """Give the baseline's run, judged again where other graders judged it."""
    before = api.load_run(run_id, store=store)
    if before.header.suite_version == candidate.header.suite_version:
        return before
    label = f"{before.header.label} by today's graders"
    return api.blocking(lambda: api.regrade_stored(run_id, suite, store=store, label=label)).run


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
