"""What a run would do, how long it may take and what it may cost, by the last run of the same suite."""

import math

from regrade import api
from regrade.domain import Suite
from regrade.domain.duration import show_duration
from regrade.store import Store


def forecast(suite: Suite, store: Store) -> str:
    """Say it in a few lines; nothing is asked."""
    settings, cases = suite.settings, len(suite.dataset.cases)
    attempts = cases * settings.trials
    counted = f"{cases:,} cases × {settings.trials} trials = {attempts:,} attempts"
    words = f"{suite.outline.name}: {counted}, {settings.concurrency} at once"
    earlier = next(
        (
            h
            for h in store.headers(suite=suite.outline.name)
            if h.status == "finished" and not h.regraded_from
        ),
        None,
    )
    if earlier is None:
        worst = show_duration(settings.timeout_s * math.ceil(attempts / settings.concurrency))
        return f"{words}\nno earlier run says how long an attempt takes; at worst {worst}, each up to its timeout"
    run = api.load_run(earlier.run_id, store=store)
    operations, made = run.summary.operations, run.summary.made
    lines = [words]
    if operations.latency_p50.value is not None:
        seconds = operations.latency_p50.value * attempts / settings.concurrency
        lines.append(
            f"about {show_duration(max(seconds, 0.001))}, by the median latency of the run {earlier.run_id}"
        )
    if operations.cost_usd is not None and made:
        lines.append(
            f"about ${operations.cost_usd / made * attempts:.2f}, by the mean cost of the same run"
        )
    else:
        lines.append("cost unknown: no attempt of an earlier run says")
    for name, judge in run.summary.judges.items():
        if judge.cost_usd and judge.grades:
            cost = judge.cost_usd / judge.grades * attempts
            lines.append(
                f"about ${cost:.2f} for {name}, by what it cost in the same run; the cache may save it"
            )
    return "\n".join(lines)
