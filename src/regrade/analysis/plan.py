"""What to run after which kind of change, and how long it will take."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from regrade.domain import RunHeader, Suite, Summary

DEFAULTS: Mapping[str, tuple[str, ...]] = {
    "prompt": ("pipeline",),
    "model": ("pipeline", "components"),
    "retrieval": ("retrieval", "pipeline"),
    "tools": ("pipeline",),
    "code": ("pipeline",),
    "none": ("cached",),
}
"""Kind of change to what is run after it: the whole pipeline, every component alone, one of them by its
name, or only what was never graded (`cached`)."""
PIPELINE, COMPONENTS, CACHED = "pipeline", "components", "cached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to run."""

    what: str
    """`pipeline`, `cached`, or the name of a component that is run alone."""
    why: str
    """The kinds of change that ask for it."""
    attempts: int
    """Attempts that it makes."""
    expected_s: float | None
    """Seconds that it is expected to take, by earlier runs; None where none says."""
    fits: bool
    """Whether it is expected to end within the budget, after the steps before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to run now."""

    changes: tuple[str, ...]
    """The kinds of change since the run that is compared with; empty when nothing changed."""
    since: str | None
    """That run; None when there is none, and everything is run."""
    steps: tuple[Step, ...]
    """What to run, in this order."""


def changes_between(before: RunHeader, suite: Suite) -> tuple[str, ...]:
    """Name the kinds of change between an earlier run and a suite as it is now: by the hashes of the
    files of each kind, and by the target's own version, which is `code` where the files say nothing.
    """
    now = suite.fingerprint
    kinds = [kind for kind in now if before.fingerprint.get(kind) != now[kind]]
    if not kinds and before.target_version != suite.target.version:
        kinds.append("code")
    return tuple(kinds)


def plan_of(
    suite: Suite,
    components: Sequence[str],
    before: RunHeader | None,
    ungraded: int,
    times: Mapping[str, Summary],
) -> Plan:
    """Say what to run now.

    `components` are those that can be run alone, `ungraded` the cases that no run of this version
    has judged, `times` the summaries of earlier runs by what they ran.
    """
    table = {**DEFAULTS, **suite.plan}
    if before is None:
        changes: tuple[str, ...] = ()
        wanted = {PIPELINE: ["nothing was run before"]}
    else:
        changes = changes_between(before, suite)
        wanted = {}
        for kind in changes or ("none",):
            for what in _expanded(table.get(kind, (PIPELINE,)), components):
                wanted.setdefault(what, []).append(
                    f"{kind} changed" if changes else "nothing changed"
                )
    if CACHED in wanted and PIPELINE in wanted:
        del wanted[CACHED]
    return Plan(
        changes=changes,
        since=None if before is None else before.run_id,
        steps=tuple(_steps(suite, wanted, ungraded, times)),
    )


def _expanded(steps: Sequence[str], components: Sequence[str]) -> Iterator[str]:
    """Name what can be run: a component without a target of its own is left to the pipeline."""
    for step in steps:
        if step == COMPONENTS:
            yield from components
        elif step in (PIPELINE, CACHED) or step in components:
            yield step
        else:
            yield PIPELINE


def _steps(
    suite: Suite, wanted: Mapping[str, Sequence[str]], ungraded: int, times: Mapping[str, Summary]
) -> Iterator[Step]:
    settings, spent = suite.settings, 0.0
    for what, why in wanted.items():
        cases = ungraded if what == CACHED else len(suite.dataset.cases)
        attempts = cases * settings.trials
        known = times.get(PIPELINE if what == CACHED else what)
        each = None if known is None else known.operations.latency_p50.value
        expected = None if each is None else each * math.ceil(attempts / settings.concurrency)
        spent += expected or 0.0
        yield Step(
            what=what,
            why=", ".join(dict.fromkeys(why)),
            attempts=attempts,
            expected_s=expected,
            fits=settings.budget_s is None or spent <= settings.budget_s,
        )
