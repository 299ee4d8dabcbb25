"""What a gate says: on the terminal, as JSON, and as the first lines of a comment."""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field
from rich.console import Console
from rich.text import Text

from regrade.domain import GateOutcome, GateResult

from .document import Part
from .markdown import escaped
from .plain import printable

SCHEMA: Literal["regrade/gate/1"] = "regrade/gate/1"
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


class RulePart(Part):
    """What one rule says."""

    rule: str
    """The rule, as in the suite file."""
    outcome: GateOutcome
    """pass, fail or undecided."""
    words: str
    """Why."""
    value: float | None
    """What was found."""
    bound: float | None
    """What it is compared with."""
    low: float | None
    """The one-sided lower bound of what was found."""
    high: float | None
    """The one-sided upper bound."""
    p: float | None
    """One-sided exact p-value of a drop, after all that is watched."""


class LookPart(Part):
    """One look of a gate that buys further trials of all cases."""

    trials: int
    """Trials of every case of the candidate so far."""
    alpha: float
    """The one-sided error of each rule at this look."""
    outcome: GateOutcome
    """What the gate said then."""
    candidate: str
    """The candidate's run that came with it."""
    baseline: str
    """The baseline's run that came with it."""


class GateDocument(Part):
    """What a gate says of a run."""

    document: Literal["regrade/gate/1"] = Field(alias="schema")
    """The name and version of this document."""
    outcome: GateOutcome
    """Fail when any rule fails, pass when all pass."""
    candidate: str
    """The run that was looked at."""
    baseline: str | None
    """What it was compared with."""
    alpha: float
    """The one-sided error of each rule."""
    rules: list[RulePart]
    """Each rule."""
    minimum_detectable_drop: float | None
    """The smallest drop that the gate shows with a power of 80 %."""
    promise: str
    """The false-alarm promise."""
    warnings: tuple[str, ...]
    """What this gate can never decide."""
    expired: tuple[str, ...]
    """Accepted regressions whose day has passed."""
    blocks: bool
    """Whether an undecided gate stops the change."""
    looks: list[LookPart]
    """The looks at growing data, where further trials could be bought; the last one decided."""
    notes: tuple[str, ...]
    """Why no further trials were bought, where they were asked for."""


def print_gate(result: GateResult, console: Console) -> None:
    """Print what a gate says, and each rule."""
    sign, colour, _ = MARKS[result.outcome]
    console.print()
    console.print(Text(f"{sign} {WORDS[result.outcome]}", f"bold {colour}"))
    against = f" against {result.baseline}" if result.baseline else ", without a baseline"
    console.print(Text(f"  {result.candidate}{printable(against)}", "dim"))
    for rule in result.rules:
        sign, colour, _ = MARKS[rule.outcome]
        line = Text(f"  {sign} ", colour)
        console.print(
            line.append(f"{printable(rule.rule)}  ", "bold").append(printable(rule.words))
        )
    console.print(Text(f"  {drop_words(result)}; {result.promise}", "dim"))
    for warning in result.warnings:
        console.print(Text.assemble(("  never ", "magenta"), printable(warning)))
    for each in result.expired:
        console.print(Text.assemble(("  expired ", "yellow"), printable(each)))
    for each in looks_words(result):
        console.print(Text(f"  {printable(each)}", "dim"))
    if result.outcome != "pass":
        console.print(Text(f"  {REFUSED}", "dim"))


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


def gate_document(result: GateResult) -> dict[str, Any]:
    """Give what a gate says as JSON for other programs; keys are only ever added."""
    own = ("document", "rules", "looks")
    names = [name for name in GateDocument.model_fields if name not in own]
    document = GateDocument(
        schema=SCHEMA,
        rules=[
            RulePart(**{name: getattr(rule, name) for name in RulePart.model_fields})
            for rule in result.rules
        ],
        looks=[
            LookPart(**{name: getattr(look, name) for name in LookPart.model_fields})
            for look in result.looks
        ],
        **{name: getattr(result, name) for name in names},
    )
    return document.model_dump(by_alias=True, mode="json")


def gate_schema() -> dict[str, Any]:
    """Give the JSON Schema of the document."""
    return GateDocument.model_json_schema(by_alias=True)


def gate_markdown(result: GateResult, suite: str) -> list[str]:
    """Write the first lines of a comment."""
    lines = [f"{MARKS[result.outcome][2]} **{escaped(suite)}: {WORDS[result.outcome]}**", ""]
    lines += [
        f"- {MARKS[rule.outcome][2]} `{escaped(rule.rule)}` {escaped(rule.words, 300)}"
        for rule in result.rules
    ]
    lines += ["", f"{escaped(drop_words(result), 300)}; {escaped(result.promise, 300)}."]
    lines += [f"> never: {escaped(each, 300)}" for each in result.warnings]
    lines += [f"> expired: {escaped(each, 300)}" for each in result.expired]
    lines += [f"> {escaped(each, 300)}" for each in looks_words(result)]
    return lines
