"""Two answers side by side, in both orders."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import ClassVar

from regrade.domain import (
    Case,
    ChatRequest,
    Grade,
    Json,
    Message,
    Trace,
    as_json,
    content_hash,
    read_json,
)
from regrade.domain.errors import MissingPathError, NotJsonError, UsageError
from regrade.domain.template import render
from regrade.graders.check import Probe

from .judge import RUBRIC, OneJudge, addressed, opened_model
from .probing import ScriptedPair, probed
from .prompt import canary_of, messages_of, seen
from .verdicts import Asked, ask_for

SCHEMA: Mapping[str, Json] = {
    "type": "object",
    "properties": {
        "winner": {"enum": ["first", "second", "tie"]},
        "reason": {"type": "string"},
        "issues": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["winner", "reason", "issues"],
    "additionalProperties": False,
}
"""What a judge answers of a pair."""
_TURNED = {"first": "second", "second": "first", "tie": "tie"}
_LABELS = {"first": "win", "second": "loss", "tie": "tie"}
_WORDS = {"win": "better than", "loss": "worse than", "tie": "as good as"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairwise(OneJudge):
    """A language model says which of two answers is better: the system's, or another one.

    Reads what the rubric shows, the answer, and the other answer: a reference (`against`) or what a
    baseline answered (`baseline`). It is asked in both orders; a verdict that flips with the order is
    a tie, and is counted. Passes when the answer is better or as good, fails when it is worse; the
    label is win, tie or loss. Abstains where the other answer or what the rubric needs is missing.
    """

    type: ClassVar[str] = "pairwise"
    probes: ClassVar[tuple[Probe, ...]] = probed("preference", model=ScriptedPair())

    rubric: str = field(default="preference", metadata=RUBRIC)
    """The rubric: one that comes along by its name, or a YAML file; it says what better means."""
    against: Json = "{{ expected.answer }}"
    """The other answer, where `baseline` is not given."""
    baseline: str | None = field(default=None, metadata={"path": True})
    """A file of another version's answers, a JSON object with `id` and `output` a line."""

    def asked(self) -> dict[str, Json]:
        """Name the model, and what the other answers are: not where their file is."""
        known = super(Pairwise, self).asked()
        if self.baseline is None:
            return known
        return {**known, "baseline": content_hash(_outputs(self.baseline))}

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Ask in both orders."""
        data = seen(self.read(), case, trace)
        own = as_json(trace.output)
        other = self._other(case, trace)
        there = await self._ask({**data, "first": own, "second": other})
        back = await self._ask({**data, "first": other, "second": own})
        votes = (there.found["winner"], _TURNED[back.found["winner"]])
        label = _LABELS[votes[0]] if votes[0] == votes[1] else "tie"
        issues = tuple(there.found["issues"])
        costs = (there.cost_usd, back.cost_usd)
        details: dict[str, Json] = {
            "flipped": votes[0] != votes[1],
            "votes": list(votes),
            "places": [there.found["winner"], back.found["winner"]],
            "asked": [self.asks[0].name],
            "served": sorted({each.served for each in (there, back) if each.served}),
            "cost_usd": None if None in costs else sum(cost or 0.0 for cost in costs),
        }
        if (said := addressed({"answer": own})) is not None:
            issues = (*issues, f"The answer speaks to its judge: “{said}”.")
            details["addresses_judge"] = True
        told = " ".join(str(there.found["reason"]).split())
        flipped = "; it flips with the order" if details["flipped"] else ""
        reason = f"The answer is {_WORDS[label]} the other one{flipped}: {told}"
        return Grade(label != "loss", reason, None, label, issues, details=details)

    async def _ask(self, data: Mapping[str, Json]) -> Asked:
        rubric = self.read()
        canary = canary_of(rubric, data) if self.canary else None
        messages = [
            *messages_of(rubric, data, canary)[:-1],
            Message(
                role="system",
                content="Compare `first` with `second` by the rubric. Answer with one JSON object with "
                "`winner` (first, second or tie), `reason` and `issues`. Where they stand says nothing.",
            ),
            messages_of(rubric, data, canary)[-1],
        ]
        request = ChatRequest(messages=messages, params=self.params, schema=SCHEMA)
        model = opened_model(self.model)
        return await ask_for(
            model, request, canary=canary,
            check=lambda found: None if str(found["reason"]).strip() else "`reason` is empty",
        )  # fmt: skip

    def _other(self, case: Case, trace: Trace) -> Json:
        if self.baseline is None:
            value = render(self.against, case, trace)
            if value is None:
                raise MissingPathError(f"{self.against!r} is null")
            return value
        known = _outputs(self.baseline)
        if case.id not in known:
            raise MissingPathError(f"{self.baseline} has no answer to {case.id}")
        return known[case.id]


@cache
def _outputs(path: str) -> dict[str, Json]:
    """Read the answers of a file.

    Raises: UsageError.
    """
    try:
        rows = [read_json(line) for line in Path(path).read_text("utf-8").splitlines() if line]
        return {str(row["id"]): row["output"] for row in rows}
    except (OSError, NotJsonError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise UsageError(
            f"{path} holds no answers, an object with id and output a line: {error}"
        ) from None
