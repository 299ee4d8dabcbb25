"""Compare runs: what got better, what got worse, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from regrade.domain import Comparison, Margins, RankedRun, Run
from regrade.store import Store

from .people.calibrating import judge_notes
from .stored import find_run, open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownComparison(Comparison):
    """A comparison as the verb gives it: the last line of a notebook's cell shows it."""

    def _repr_html_(self) -> str:
        """Give the report as HTML."""
        from regrade.report.html import comparison_fragment  # noqa: PLC0415  in notebooks alone

        return comparison_fragment(self)

    def _repr_markdown_(self) -> str:
        """Give the report as Markdown."""
        from regrade.report.comparison import comparison_markdown  # noqa: PLC0415  in notebooks alone

        return comparison_markdown(self)


def compare(
    baseline: Run | str,
    candidate: Run | str,
    *,
    margins: Margins | None = None,
    store: str | Path = "",
) -> Comparison:
    """Compare a candidate with a baseline on the same cases.

    Runs are given as they are, or by id, label or `last`, or as a baseline file. `margins` are the drops
    that are tolerated: under `` that of the pass rate, under `criterion:id` and `tag:value` others.
    Raises: UnknownRunError, StoreError.
    """
    if isinstance(baseline, Run) and isinstance(candidate, Run):
        return compare_runs(baseline, candidate, margins=margins)
    with open_store(store) as opened:
        runs = [
            each if isinstance(each, Run) else find_run(each, store=opened)
            for each in (baseline, candidate)
        ]
        return compare_runs(*runs, margins=margins, store=opened)


def compare_runs(
    baseline: Run, candidate: Run, *, margins: Margins | None = None, store: Store | None = None
) -> Comparison:
    """Compare two runs that are there; with a store, rates of judges are told as people would give them."""
    from regrade.analysis.comparison import compare as compared  # noqa: PLC0415  numpy and scipy

    found = compared(baseline, candidate, margins=margins)
    if store is not None:
        runs = (("before", baseline), ("now", candidate))
        notes = [f"{when} {s}" for when, run in runs for s in judge_notes(run, store=store)]
        found = replace(found, notes=tuple(notes))
    return ShownComparison(**{name: getattr(found, name) for name in found.__slots__})


def rank_runs(references: Sequence[str], *, store: Store) -> tuple[RankedRun, ...]:
    """Rank stored runs by their pass rate, on the cases that all of them judged.

    Raises: UnknownRunError, StoreError.
    """
    from regrade.analysis.comparison import rank  # noqa: PLC0415  numpy and scipy

    return rank([find_run(each, store=store) for each in references])
