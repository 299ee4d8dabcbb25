"""What to run now, in words."""

from collections.abc import Iterator

from regrade.analysis.plan import CACHED, PIPELINE, Plan, Step
from regrade.domain.duration import show_duration

from .words import of

_WHAT = {PIPELINE: "the whole pipeline", CACHED: "what was never graded"}


def plan_lines(plan: Plan) -> Iterator[str]:
    """Say what changed, and each step with its reason and time."""
    if plan.since is None:
        yield "nothing was run before"
    elif plan.changes:
        yield f"changed since {plan.since}: {', '.join(plan.changes)}"
    else:
        yield f"nothing changed since {plan.since}"
    for number, step in enumerate(plan.steps, start=1):
        yield f"{number}. {step_words(step)}"


def step_words(step: Step) -> str:
    """Say what a step runs, why, and how long it may take."""
    what = _WHAT.get(step.what, f"{step.what} alone")
    if not step.attempts:
        return f"{what} ({step.why}): nothing is left to do"
    took = (
        "time unknown"
        if step.expected_s is None
        else f"about {show_duration(max(step.expected_s, 0.001))}"
    )
    late = "" if step.fits else "; it will not fit the budget whole"
    return f"{what} ({step.why}): {of(step.attempts, 'attempt')}, {took}{late}"
