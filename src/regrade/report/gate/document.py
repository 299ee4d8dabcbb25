"""The Gate document: what a gate says, as JSON for other programs. Versioned; keys are only ever added."""

from typing import Any, Literal

from pydantic import Field

from regrade.domain import GateOutcome, GateResult
from regrade.report.document import Part

SCHEMA: Literal["regrade/gate/1"] = "regrade/gate/1"


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
