"""Several judges: a panel that votes, and a cascade that asks the strong one only where it must."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

from regrade.domain import Case, ChatModel, Grade, Json, Trace
from regrade.domain.errors import RegradeError
from regrade.graders.check import Probe

from .judge import MODEL, JudgeCheck, graded, majority, name_of, opened_model, together
from .probing import ScriptedJudge, probed
from .prompt import seen
from .verdicts import Verdict

_JUDGES = (ScriptedJudge(), ScriptedJudge(), ScriptedJudge())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Several(JudgeCheck):
    """The options of graders that ask several models."""

    models: Sequence[Any] = field(metadata=MODEL)
    """The models, each `provider:model`."""

    def __post_init__(self) -> None:
        super(_Several, self).__post_init__()
        if len(self.models) < 2:
            raise ValueError(f"{self.type}.models names {len(self.models)}; it needs two or more")

    def asked(self) -> dict[str, Json]:
        """Name the models, in their order."""
        return {"models": [name_of(model) for model in self.models]}

    @property
    def asks(self) -> Sequence[ChatModel]:
        """The models."""
        return [opened_model(model) for model in self.models]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel(_Several):
    """Several language models judge by one rubric, and vote.

    Reads what the rubric shows them. With `decide: majority` more than half decide, with `all` it
    passes only where every one says so. Every vote is kept, and so is how far they disagree. Abstains
    where the case or trace lacks what the rubric needs. A judge that gives no verdict, and a tie, make
    it a grader failure.
    """

    type: ClassVar[str] = "panel"
    probes: ClassVar[tuple[Probe, ...]] = probed("correctness", models=_JUDGES)

    decide: Literal["majority", "all"] = "majority"
    """Whose vote counts: that of more than half, or of all."""

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Ask all of them at once."""
        data = seen(self.read(), case, trace)
        verdicts = await together([(model, data) for model in self.asks], self.ask)
        votes = [each.passed for each in verdicts]
        passed = majority(verdicts) if self.decide == "majority" else all(votes)
        grade = graded(self.read(), verdicts, data, passed=passed)
        against = votes.count(not passed)
        said = f"{len(votes) - against} of {len(votes)} judges: {grade.reason}"
        details = {**(grade.details or {}), "disagreement": against / len(votes)}
        return replace(grade, reason=said, details=details)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cascade(_Several):
    """A cheap language model judges first, and the next one what it leaves open.

    Reads what the rubric shows them. What a judge says is taken where `samples` of its verdicts agree;
    otherwise, and where it gives none, the next one is asked, and the last one decides by majority.
    What each stage cost is kept. Abstains where the case or trace lacks what the rubric needs.
    """

    type: ClassVar[str] = "cascade"
    probes: ClassVar[tuple[Probe, ...]] = probed("correctness", models=_JUDGES[:2])

    samples: int = 3
    """How often each but the last is asked; all of its verdicts must agree."""

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Ask one after the other."""
        data = seen(self.read(), case, trace)
        costs: list[Json] = []
        *cheap, strong = self.asks
        for model in cheap:
            verdicts = await self._asked(model, data)
            costs.append(_cost(verdicts))
            if len({each.passed for each in verdicts}) == 1:
                return self._told(
                    graded(self.read(), verdicts, data, passed=verdicts[0].passed), costs
                )
        verdicts = [await self.ask(strong, data)]
        return self._told(
            graded(self.read(), verdicts, data, passed=verdicts[0].passed),
            [*costs, _cost(verdicts)],
        )

    async def _asked(self, model: ChatModel, data: dict[str, Json]) -> list[Verdict]:
        """Ask a judge several times; none where it gives no verdict."""
        try:
            return await together([(model, data)] * self.samples, self.ask)
        except RegradeError:  # a reply that cannot be used, a refusal, a broken connection
            return []

    def _told(self, grade: Grade, costs: Sequence[Json]) -> Grade:
        known = [float(cost) for cost in costs if cost is not None]
        total = sum(known) if len(known) == len(costs) else None
        details = {
            **(grade.details or {}),
            "stage": len(costs),
            "costs_usd": list(costs),
            "cost_usd": total,
        }
        return replace(grade, details=details)


def _cost(verdicts: Sequence[Verdict]) -> float | None:
    costs = [each.cost_usd for each in verdicts]
    return None if None in costs else sum(cost or 0.0 for cost in costs)
