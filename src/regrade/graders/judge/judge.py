"""A language model as the judge, by a rubric."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any, ClassVar

import anyio

from regrade.domain import Case, ChatModel, Grade, GraderIdentity, Json, Message, Trace, as_text
from regrade.domain.errors import MissingPathError, UsageError
from regrade.graders.check import Check, Probe

from .addressing import addresses_the_judge
from .probing import ScriptedJudge, probed
from .prompt import canary_of, messages_of, seen
from .rubric import Rubric, read_rubric
from .verdicts import JudgeError, Verdict, verdict_of

MODEL: Mapping[str, bool] = {"model": True}
"""Marks an option that names a model, `provider:model`."""
RUBRIC: Mapping[str, bool] = {"rubric": True}
"""Marks an option that names a rubric."""
_MAKERS = {
    "openai": re.compile(r"\bgpt-|\bo[1-9]\b|openai/"),
    "anthropic": re.compile(r"claude|anthropic/"),
    "google": re.compile(r"gemini|gemma|google/"),
    "mistral": re.compile(r"mistral|mixtral|ministral|codestral"),
    "meta": re.compile(r"llama"),
    "alibaba": re.compile(r"qwen"),
    "deepseek": re.compile(r"deepseek"),
    "xai": re.compile(r"grok"),
}
"""Who made a model, by its name."""
ADDRESSED = "The answer speaks to its judge"
"""How the issue begins that marks such a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeCheck(Check):
    """The options of graders that ask a language model."""

    costly: ClassVar[bool] = True

    rubric: str = field(metadata=RUBRIC)
    """The rubric: one that comes along by its name, or a YAML file."""
    params: Mapping[str, Json] = field(default_factory=lambda: {"temperature": 0})
    """What else a model is sent, by the provider's own names; temperature and seed belong here."""
    allow_same_family: bool = False
    """Whether it may judge a model of its own family, which judges tend to favour."""
    canary: bool = True
    """Whether a note that belongs to nothing is among the data: a judge that does what it says is
    found out, and gives no verdict."""

    def __post_init__(self) -> None:
        self.read()

    def read(self) -> Rubric:
        """Give the rubric.

        Raises: UsageError when there is none, or it cannot be used.
        """
        return read_rubric(self.rubric)

    def identity(self) -> GraderIdentity:
        """Hash the rubric itself, not where it is."""
        known = super(JudgeCheck, self).identity()
        options = {**known.options, "rubric": self.read().key} | self.asked()
        return GraderIdentity(type=known.type, version=known.version, options=options)

    def asked(self) -> dict[str, Json]:
        """Name the models, for the identity."""
        return {}

    def lacks(self, case: Case) -> str | None:
        """What the rubric would need of the case."""
        try:
            seen(self.read(), case, Trace(output="", retrieved=(), tool_calls=()))
        except MissingPathError as error:
            return str(error)
        return None

    async def ask(self, model: ChatModel, data: Mapping[str, Json]) -> Verdict:
        """Ask one model once.

        Raises: JudgeError, and whatever the model raises.
        """
        rubric = self.read()
        canary = canary_of(rubric, data) if self.canary else None
        messages: list[Message] = messages_of(rubric, data, canary)
        return await verdict_of(model, rubric, messages, self.params, canary)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneJudge(JudgeCheck):
    """The options of graders that ask one model."""

    model: Any = field(metadata=MODEL)
    """The model, `provider:model`."""

    def asked(self) -> dict[str, Json]:
        """Name the model."""
        return {"model": name_of(self.model)}

    @property
    def asks(self) -> Sequence[ChatModel]:
        """The model."""
        return [opened_model(self.model)]


def opened_model(model: Any) -> ChatModel:
    """Give the model that an option holds.

    Raises: UsageError where it is only a name: whoever builds the suite makes a model of that.
    """
    if isinstance(model, str):
        raise UsageError(
            f"the model {model!r} is only named here; build the suite, or give a model"
        )
    return model  # type: ignore[no-any-return]  # it plays the role


def family_of(name: str) -> str:
    """Give the family of `provider:model`: who made the model, also where somebody else serves it."""
    provider, _, model = name.partition(":")
    maker = next((maker for maker, known in _MAKERS.items() if known.search(model.lower())), None)
    return maker or provider


def is_own_family(judge: str, model: str) -> bool:
    """Whether a judge, `provider:model`, and a model that answered, by its bare name, are of one
    family, as far as names tell.
    """
    return family_of(judge) == family_of(model if ":" in model else f":{model}")


def name_of(model: Any) -> str:
    """Give what identifies a model: the name, or its version."""
    return model if isinstance(model, str) else str(model.version)


def graded(
    rubric: Rubric, verdicts: Sequence[Verdict], data: Mapping[str, Json], *, passed: bool
) -> Grade:
    """Make a grade of verdicts that agreed, or were outvoted: scores are means by dimension."""
    told = next(each for each in verdicts if each.passed is passed)
    names = dict.fromkeys(name for each in verdicts for name in each.scores)
    scores = {name: fmean(each.scores[name] for each in verdicts) for name in names}
    costs = [each.cost_usd for each in verdicts]
    details: dict[str, Json] = {
        "scores": scores,
        "scales": {name: [each.low, each.high] for name, each in rubric.dimensions.items()},
        "votes": [each.passed for each in verdicts],
        "asked": sorted({each.asked for each in verdicts}),
        "served": sorted({each.served for each in verdicts if each.served}),
        "cost_usd": None if None in costs else sum(cost or 0.0 for cost in costs),
        "tokens": sum(each.tokens or 0 for each in verdicts),
    }
    issues = told.issues
    if (said := addressed(rubric.work_in(data))) is not None:
        issues = (*issues, f"{ADDRESSED}: “{said}”.")
        details["addresses_judge"] = True
    score = next(iter(scores.values())) if len(scores) == 1 else None
    return Grade(passed, told.reason, score, None, issues, details=details)


def addressed(data: Mapping[str, Json]) -> str | None:
    """Give what in the judged work speaks to its judge."""
    texts = (as_text(value) for value in data.values())
    return next((said for text in texts if (said := addresses_the_judge(text))), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge(OneJudge):
    """A language model judges by a rubric.

    Reads what the rubric shows it. Passes and fails as the rubric's pass rule says, or as the model
    does where the rubric has none; every dimension keeps its score. Abstains where the case or trace
    lacks what the rubric needs. A reply that cannot be used is asked for once more; then it is a
    grader failure, and so is a tie of several samples.
    """

    type: ClassVar[str] = "judge"
    probes: ClassVar[tuple[Probe, ...]] = probed("correctness", model=ScriptedJudge())

    samples: int = 1
    """How often it is asked; the majority decides. With more than one, give a `temperature` above 0."""

    def __post_init__(self) -> None:
        super(Judge, self).__post_init__()
        if self.samples < 1:
            raise ValueError(f"judge.samples is {self.samples}; it is 1 or more")

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Ask the model, as often as it says."""
        data = seen(self.read(), case, trace)
        verdicts = await together([(opened_model(self.model), data)] * self.samples, self.ask)
        return graded(self.read(), verdicts, data, passed=majority(verdicts))


async def together(
    calls: Sequence[tuple[ChatModel, Mapping[str, Json]]], ask: Any
) -> list[Verdict]:
    """Make several calls at once; the first error ends them all."""
    if len(calls) == 1:
        return [await ask(*calls[0])]
    verdicts: dict[int, Verdict] = {}
    errors: list[Exception] = []

    async def one(at: int, model: ChatModel, data: Mapping[str, Json]) -> None:
        try:
            verdicts[at] = await ask(model, data)
        except Exception as error:  # noqa: BLE001  raised below, alone
            errors.append(error)
            tasks.cancel_scope.cancel()

    async with anyio.create_task_group() as tasks:
        for at, (model, data) in enumerate(calls):
            tasks.start_soon(one, at, model, data)
    if errors:
        raise errors[0]
    return [verdicts[at] for at in range(len(calls))]


def majority(verdicts: Sequence[Verdict]) -> bool:
    """Give what more than half say.

    Raises: JudgeError for a tie.
    """
    votes = Counter(each.passed for each in verdicts)
    if votes[True] == votes[False]:
        raise JudgeError(f"the votes are tied: {votes[True]} for and {votes[False]} against")
    return votes[True] > votes[False]
