"""The suite file as it is written: every key, its type and its meaning. Read once, translated once,
in `build`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from regrade.domain.duration import read_duration

Share = Annotated[float, Field(ge=0, le=1)]


def _seconds(value: object) -> object:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return read_duration(value)
    return value


Duration = Annotated[float, BeforeValidator(_seconds, json_schema_input_type=str | float)]
"""Seconds, written as `250ms`, `60s`, `5m`, `1h30m` or a number."""


def _slug(value: str) -> str:
    if not value or not all(c.isalnum() or c in "-_." for c in value):
        raise ValueError(f"{value!r} is not a slug; write letters, digits, '-', '_' and '.'")
    return value


class Part(BaseModel):
    """A part of the file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class ComponentPart(Part):
    """A named stage of the pipeline."""

    span: str | None = None
    """The name of its spans."""
    kind: str | None = None
    """The kind of its spans."""
    attribute: dict[str, str] = Field(default_factory=dict)
    """Attributes that its spans have."""
    target: str | dict[str, Any] | None = None
    """How it is run alone, by `regrade run --only`: as the suite's own `target`."""
    dataset: str | list[str | dict[str, Any]] | None = None
    """The cases that it is run alone on; left out, those of the suite."""
    gold: str | None = None
    """`module:function` that gives a case's known-good output of it."""


class MinPart(Part):
    """A rate that must be reached."""

    min: Share
    """The least share."""


class NoRegressionPart(Part):
    """How much worse than the baseline is too much."""

    margin: Share = 0.0
    """The drop that is tolerated."""
    by: list[str] = Field(default_factory=list)
    """Tags whose values must each hold."""
    margins: dict[str, Share] = Field(default_factory=dict)
    """Margins of their own, by `criterion:id` or `tag:value`."""
    min_drop: Share = 0.0
    """Drops below this are never a regression."""


class MaxDurationPart(Part):
    """A time that must not be passed."""

    max: Duration
    """The longest time."""


class MaxCostPart(Part):
    """A cost that must not be passed."""

    max_usd: Annotated[float, Field(ge=0)]
    """US dollars."""


class MaxSharePart(Part):
    """A share that must not be passed."""

    max: Share
    """The largest share."""


class JudgeGatePart(Part):
    """What a judge must have shown before its verdicts gate."""

    level: Literal["L0", "L1", "L2", "L3"]
    """The calibration level that is needed."""
    max_age: Duration | None = None
    """How old the calibration may be."""


class GatePart(Part):
    """The rule that turns a run and its comparison into ship or do not ship."""

    pass_rate: MinPart | None = None
    """The pass rate."""
    criteria: dict[str, MinPart] = Field(default_factory=dict)
    """By criterion."""
    no_regression: NoRegressionPart | None = None
    """Against the baseline."""
    no_critical_regression: bool = False
    """Whether no critical case may go from pass to fail."""
    latency_p95: MaxDurationPart | None = None
    """The 95th percentile of the latency."""
    cost_per_case: MaxCostPart | None = None
    """The mean cost of an attempt."""
    disallowed: MaxSharePart | None = None
    """The share of attempts with disallowed content."""
    ungraded: MaxSharePart | None = None
    """The share of attempts that could not be graded."""
    judge: JudgeGatePart | None = None
    """What a judge must have shown."""
    false_blocks_per_month: Annotated[float, Field(gt=0)] | None = None
    """How often noise may block a change."""
    commits_per_month: Annotated[float, Field(gt=0)] | None = None
    """How often the gate is asked."""
    undecided: Literal["warn", "block", "escalate"] = "warn"
    """What happens without enough evidence."""


class AcceptedPart(Part):
    """A failure that is known and accepted."""

    case: str
    """The case's id."""
    criterion: str
    """The criterion that fails."""
    reason: str
    """Why that is right."""
    until: str | None = None
    """The last day, as YYYY-MM-DD."""


class CachePart(Part):
    """What is taken from the cache."""

    answers: bool = False
    """Answers of the same target version to the same input."""
    grades: bool = True
    """Grades of costly graders for the same answer."""


class SuitePart(Part):
    """A suite."""

    name: Annotated[str, AfterValidator(_slug)]
    """Its name: letters, digits, '-', '_' and '.'."""
    objective: Annotated[str, Field(min_length=1)]
    """What the system is for, in a sentence."""
    criteria: dict[str, str] | list[str]
    """Success criteria: id to what good means, or a list of sentences (also `successCriteria`)."""
    dataset: str | list[str | dict[str, Any]]
    """Path of the cases, a list of paths, or the cases themselves."""
    target: str | dict[str, Any]
    """The system under test: `module:function`, or an object with `type`."""
    setup: str | None = None
    """A command that prepares a checked-out version."""
    components: dict[str, ComponentPart] = Field(default_factory=dict)
    """The stages of the pipeline, in its order."""
    graders: list[dict[str, Any]] | None = None
    """The graders; left out, those that the cases' expectations imply."""
    slices: list[str] | None = None
    """Tags to break results down by; left out, every tag with at most 20 values."""
    trials: Annotated[int, Field(ge=1)] = 1
    """How often each case is tried."""
    concurrency: Annotated[int, Field(ge=1, le=4096)] = 16
    """How many attempts are in flight at once."""
    timeout: Duration = 60.0
    """How long one attempt may take."""
    budget: Duration | None = None
    """How long the whole run may take."""
    max_cost: Annotated[float, Field(gt=0)] | None = None
    """US dollars after which no attempt starts."""
    retries: Annotated[int, Field(ge=0, le=20)] = 2
    """How often an attempt is tried again after a transient error."""
    requests_per_minute: Annotated[float, Field(gt=0)] | None = None
    """Calls of the target that may start per minute."""
    tokens_per_minute: Annotated[float, Field(gt=0)] | None = None
    """Tokens that may be used per minute."""
    isolation: Literal["thread", "process"] = "thread"
    """Where a Python target runs."""
    seed: int = 0
    """Decides the order of the cases."""
    cache: CachePart = CachePart()
    """What is taken from the cache."""
    lexicon: dict[str, list[str]] = Field(default_factory=dict)
    """Topic to the words that speak of it."""
    fingerprint: dict[str, list[str]] = Field(default_factory=dict)
    """What a change is a change of: kind to file patterns."""
    plan: dict[str, list[str]] = Field(default_factory=dict)
    """What is run after which kind of change."""
    gate: GatePart | None = None
    """Ship or do not ship."""
    accepted: list[AcceptedPart] = Field(default_factory=list)
    """Failures that are known and accepted."""
    invalid_above: Share = 0.05
    """The share of grader failures or transport errors above which a run is not valid."""


SUITE_PARTS: tuple[type[Part], ...] = (
    ComponentPart,
    GatePart,
    MinPart,
    NoRegressionPart,
    MaxDurationPart,
    MaxCostPart,
    MaxSharePart,
    JudgeGatePart,
    AcceptedPart,
    CachePart,
)
"""What the file is made of besides the suite itself."""
_PARTS: tuple[type[Part], ...] = (SuitePart, *SUITE_PARTS)
KEYS: frozenset[str] = frozenset(name for part in _PARTS for name in part.model_fields)
"""Every key that the file may hold, for suggestions."""


class PythonTargetPart(Part):
    """A Python function."""

    type: Literal["python"]
    call: str
    """`module:function`."""


class SpansPart(Part):
    """A server of regrade to which a service exports its spans; they join the attempt that called it, by
    `traceparent`.
    """

    server: str = "http://127.0.0.1:4318"
    """Its address; may hold `${NAME}` of the environment."""
    within: Duration = 8.0
    """How long they are waited for at most: exporters send what they have every few seconds."""
    key: str | None = None
    """The key, where it asks for one: `${NAME}` of the environment."""


class HttpTargetPart(Part):
    """An HTTP endpoint."""

    type: Literal["http"]
    url: str
    """Where; may hold templates of the case and `${NAME}` of the environment."""
    method: Literal["GET", "POST", "PUT", "PATCH"] = "POST"
    """How."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Headers; may hold templates of the case and `${NAME}` of the environment."""
    body: Any = None
    """JSON with templates; left out, an object with input, context and config."""
    output: str | None = None
    """JMESPath of the answer in the reply, or in each event of a stream."""
    stream: bool = False
    """Whether the reply is streamed: server-sent events, lines of JSON, or chunks of text."""
    spans: SpansPart | None = None
    """Where the service's own steps are asked for, when it exports them to a server of regrade."""


class CommandTargetPart(Part):
    """A program."""

    type: Literal["command"]
    argv: Annotated[list[str], Field(min_length=1)]
    """The program and its arguments, which may hold templates of the case; it runs in the suite's
    folder, gets a JSON object with id, input, context and config on its standard input, and
    REGRADE_CASE_ID and REGRADE_CONTEXT in its environment."""
    format: Literal["text", "json", "response"] = "text"
    """What it writes: a text, any JSON, or an object as in a recorded row (`output`, `retrieved`,
    `tool_calls`, `usage`, …)."""
    env: dict[str, str] = Field(default_factory=dict)
    """Further variables of its environment; may hold `${NAME}` of ours."""


class ChatTargetPart(Part):
    """A language model alone."""

    type: Literal["chat"]
    model: str
    """`provider:model`, such as `openai:gpt-5-mini`, `anthropic:claude-sonnet-4-5` or
    `ollama:llama3`; the key comes from the provider's environment variable."""
    base_url: str | None = None
    """Where an endpoint of the provider's dialect is, when it is not the provider's own."""
    messages: list[dict[str, Any]] | None = None
    """Objects with role (system, user, assistant, tool) and content, with templates of the case;
    left out, the input, after the context where there is one."""
    tools: list[dict[str, Any]] = Field(default_factory=list)
    """Objects with name, description and parameters (a JSON Schema)."""
    params: dict[str, Any] = Field(default_factory=dict)
    """Further parameters by the provider's own names, such as `temperature`."""
    stream: bool = False
    """Whether the reply is streamed, which tells the time to the first token."""


class RecordedTargetPart(Part):
    """Recorded answers."""

    type: Literal["recorded"]
    path: str
    """A JSONL file of rows with `id` and `output`."""


TARGETS: Mapping[str, type[Part]] = {
    "python": PythonTargetPart,
    "http": HttpTargetPart,
    "command": CommandTargetPart,
    "chat": ChatTargetPart,
    "recorded": RecordedTargetPart,
}
"""The targets that a suite file may name, by `type`."""
