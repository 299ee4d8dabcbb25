"""`regrade promote`."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import anyio
import click

from regrade import api
from regrade.api.trying import Tried
from regrade.domain import Case
from regrade.domain.errors import UsageError
from regrade.online.promotion import (
    Promotion,
    append_cases,
    chosen,
    keep_promotion,
    live_failures,
    promote,
    traces_of,
)
from regrade.report.live.watching import print_failures
from regrade.report.plain import one_line
from regrade.report.words import of
from regrade.store import Store
from regrade.suites import load_dataset

from .root import DONE
from .shared.live import project_option, since_ms, since_option
from .shared.options import SUITE, screen

SERVER = "server:"
"""What a dataset that the server keeps begins with."""


@click.command()
@click.argument("traces", nargs=-1)
@click.option(
    "--to",
    metavar="FILE",
    help="A file of cases (.jsonl), or server:NAME for a dataset of the server.",
)
@click.option("--alert", type=int, help="The failing traces of an alert.")
@click.option("--monitor", help="Failing traces of a monitor.")
@click.option("--failing", is_flag=True, help="Failing and disliked traces of all monitors.")
@click.option(
    "--quota",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="Cases at most, by rule.",
)
@since_option
@click.option("--keep-near", is_flag=True, help="Also those that nearly repeat a case.")
@click.option(
    "--try",
    "tried",
    type=SUITE,
    metavar="SUITE",
    help="Try what is in quarantine.",
)
@click.option(
    "--trials",
    type=click.IntRange(2),
    default=3,
    show_default=True,
    help="How often --try tries a case.",
)
@project_option
def command(  # noqa: PLR0913  one for each option
    *,
    traces: Sequence[str],
    to: str | None,
    alert: int | None,
    monitor: str | None,
    failing: bool,
    quota: int,
    since: str | None,
    keep_near: bool,
    tried: Path | None,
    trials: int,
    project: str,
) -> int:
    """Make regression cases of live TRACES, or of those that a rule chooses; without `--to`, list what fails.

    A rule takes of every kind of failure in turn. Cases come without personal data, each with where it comes from,
    and in quarantine: runs leave them out until `--try` has shown that they come out alike every time.
    """
    with api.open_store() as store:
        if tried is not None:
            return _tried(anyio.run(_try, tried, store, trials))
        key = store.live.projects.key(project)
        begin = since_ms(since)
        only = None if alert is None else _traces_of(store, key, alert)
        if to is None or not (traces or failing or monitor or alert is not None):
            print_failures(live_failures(store, key, monitor, since_ms=begin, only=only), screen())
            return DONE
        some: Iterable[str] = dict.fromkeys(traces)
        if not traces:
            found = live_failures(store, key, monitor, since_ms=begin, only=only)
            some = chosen(store, key, found)
        made = promote(
            store, key, some, _known(store, key, to), alert=alert, keeps_near=keep_near,
            most=None if traces else quota,
        )  # fmt: skip
        if not to.startswith(SERVER):
            append_cases(Path(to), [each.case for each in made.cases])
        keep_promotion(store, key, to, made, alert=alert)
    _tell(made, to)
    return DONE


async def _try(path: Path, store: Store, trials: int) -> Tried:
    return await api.try_quarantined(path, store=store, trials=trials)


def _traces_of(store: Store, project: int, number: int) -> list[str]:
    alert = store.live.alerts.get(project, number)
    if alert is None:
        raise UsageError(f"there is no alert {number}")
    return traces_of(store, alert)


def _known(store: Store, project: int, to: str) -> Sequence[Case]:
    if to.startswith(SERVER):
        return store.promotions.dataset(project, to).cases
    path = Path(to)
    return load_dataset([path]).cases if path.exists() and path.stat().st_size else ()


def _tell(made: Promotion, to: str) -> None:
    click.echo(f"{of(len(made.cases), 'case')} added to {to}")
    for each in made.cases:
        asked = one_line(str(each.case.input), 60)
        click.echo(f"  {each.case.id}  “{asked}”  expected: {each.proposed}")
    for trace_id, case, likeness in made.repeated:
        click.echo(f"  {trace_id} nearly repeats {case} ({likeness:.0%}); --keep-near keeps it")
    for trace_id, why in made.unusable:
        click.echo(f"  {trace_id} is no case: {why}")


def _tried(found: Tried) -> int:
    rows = (
        (found.failing, "fails every time: released, it shows the failure"),
        (found.passing, "passes every time: released, it holds what was mended"),
        (found.unsteady, "comes out differently, or nobody could judge it: it stays in quarantine"),
    )
    for ids, words in rows:
        for each in ids:
            click.echo(f"  {each} {words}")
    return DONE
