"""What every report of a gate says, said once."""

from collections.abc import Iterator

from regrade.domain import GateResult

MARKS = {
    "pass": ("✓", "green", "✅"),
    "fail": ("✗", "red", "❌"),
    "undecided": ("?", "yellow", "❔"),
}
"""How an outcome is marked: its sign, its colour, and its sign in Markdown."""
WORDS = {
    "pass": "PASS: every rule is shown to hold",
    "fail": "FAIL: a rule is shown to be broken",
    "undecided": "UNDECIDED: there is not enough evidence for every rule",
}
"""An outcome in words."""
REFUSED = (
    "Running failed cases again, running until it is green, or dropping flaky cases after looking would make "
    "noise pass; more trials of all cases, or more cases, make it decide."
)
"""Why there is no way to retry."""


def drop_words(result: GateResult) -> str:
    """Say which drop the gate could show."""
    drop = result.minimum_detectable_drop
    if drop is None:
        return "it could show no drop of the pass rate with so few cases"
    return f"it shows drops of the pass rate from {drop * 100:.1f} points on (power 80 %)"


def looks_words(result: GateResult) -> Iterator[str]:
    """Say what was seen at each look, and why there was no further one."""
    for number, look in enumerate(result.looks, start=1):
        of = "1 trial" if look.trials == 1 else f"{look.trials} trials"
        said = f"look {number}: {look.outcome} with {of} of every case (error {look.alpha:.2g})"
        yield f"{said}, {look.baseline} against {look.candidate}"
    yield from result.notes
