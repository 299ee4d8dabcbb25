"""`regrade calibrate SUITE`."""

from pathlib import Path

import click

from regrade import api
from regrade.domain import Run, Suite
from regrade.domain.errors import UnknownRunError
from regrade.report.calibration import calibration_document, print_calibration
from regrade.report.words import of
from regrade.store import Store

from .root import DONE
from .shared.options import SUITE, print_json, read_overrides, screen, set_option


@click.command()
@click.argument("suite", type=SUITE)
@click.option(
    "--run", "reference", metavar="RUN", help="The run; left out, the suite's newest one."
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option(
    "--sheet",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the answers to label next, as CSV or JSONL without what the judge says, for `regrade label --import`.",
)
@click.option(
    "--next",
    "number",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="How many of them.",
)
@click.option(
    "--criterion", metavar="ID", help="Their criterion; left out, the one that a judge speaks for."
)
@click.option(
    "--again",
    is_flag=True,
    help="First have the judges judge stored answers again, labelled ones first.",
)
@click.option(
    "--answers", type=click.IntRange(1), default=50, show_default=True, help="How many of them."
)
@click.option(
    "--times", type=click.IntRange(1), default=3, show_default=True, help="How often each."
)
@click.option(
    "--solve",
    is_flag=True,
    help="First have the judges' models answer the suite's cases themselves.",
)
@click.option(
    "--max-cost", type=click.FloatRange(0), metavar="USD", help="Ask no judge further after it."
)
@set_option
def command(  # noqa: PLR0913  one for each option
    *,
    suite: Path,
    reference: str | None,
    as_json: bool,
    sheet: Path | None,
    number: int,
    criterion: str | None,
    again: bool,
    answers: int,
    times: int,
    solve: bool,
    max_cost: float | None,
    overrides: tuple[str, ...],
) -> int:
    """Measure the judges of a SUITE against what people said (`regrade label`): agreement, biases, the
    pass rate that people would give, and whether each judge is good enough to gate.
    """
    loaded = api.load_suite(suite, read_overrides(overrides))
    with api.open_store() as store:
        run = api.load_run(reference or _newest(loaded, store), store=store)
        if sheet is not None:
            written = api.write_label_sheet(sheet, run, criterion, number, store=store)
            click.echo(f"wrote {of(written, 'answer')} to label into {sheet}")
            return DONE
        if again:
            judged = api.blocking(
                lambda: api.judge_again(
                    loaded, run, store=store, answers=answers, times=times, max_cost_usd=max_cost
                )
            )
            click.echo(f"judged {of(judged, 'answer')} again", err=True)
        if solve:
            runs = api.blocking(
                lambda: api.have_judges_answer(loaded, store=store, max_cost_usd=max_cost)
            )
            for each in runs:
                click.echo(f"{each.header.suite.name}: {each.header.run_id}", err=True)
        _tell(run, loaded, store, as_json=as_json)
    return DONE


def _newest(suite: Suite, store: Store) -> str:
    """Give the newest finished run of a suite.

    Raises: UnknownRunError.
    """
    headers = (h for h in store.headers(suite=suite.outline.name) if h.status == "finished")
    newest = next(headers, None)
    if newest is None:
        raise UnknownRunError(f"there is no finished run of {suite.outline.name}; run it first")
    return newest.run_id


def _tell(run: Run, suite: Suite, store: Store, *, as_json: bool) -> None:
    found = api.measure_judges(run, store=store, suite=suite)
    if as_json:
        print_json(calibration_document(run.header, found))
    else:
        print_calibration(run.header, found, screen())
