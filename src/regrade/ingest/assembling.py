"""The spans of one live trace as what graders judge: what was asked, and what happened."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from regrade.domain import NOT_CAPTURED, Case, Json, Message, Span, TargetFailure, Trace, as_text

from .raw import RawEvent, RawSpan
from .spans import to_spans
from .views import seen_by

_USER = ("user.id", "enduser.id", "langfuse.user.id", "traceloop.association.properties.user_id")
_CONVERSATION = (
    *("gen_ai.conversation.id", "session.id", "langfuse.session.id"),
    *("traceloop.association.properties.session_id", "traceloop.association.properties.chat_id"),
)
_TAGS = (
    *("regrade.tag.", "langfuse.trace.metadata.", "langfuse.observation.metadata."),
    "traceloop.association.properties.",
)
"""How attributes begin whose rest is the name of a tag."""
_ENVIRONMENT = ("deployment.environment.name", "deployment.environment", "langfuse.environment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """A live trace, put together."""

    case: Case
    """What was asked; its tags name the service, its version, the environment, and what the application says."""
    trace: Trace
    """What happened."""
    name: str
    """The name of its root."""
    began_ns: int
    """When it began, in nanoseconds since 1970."""
    service: str
    """What sent it; empty where nobody said."""
    version: str
    """The version of that."""
    environment: str
    """Where that runs."""
    user_id: str | None
    """The user, as the application names them."""
    conversation_id: str | None
    """The conversation that it is a part of."""
    model: str | None
    """The language model that was called last."""
    attributes: Mapping[str, Json] = field(default_factory=dict)
    """What its root and its sender say of themselves."""

    def tag(self, name: str) -> str | None:
        """Give a tag of the trace: its model, what the application calls so, or an attribute of the root."""
        if name == "model":
            return self.model
        found = self.case.tags.get(name)
        value = self.attributes.get(name) if found is None else found
        return None if value in (None, "") else as_text(value)[:100]


def assembled(
    trace_id: str, raw: Sequence[RawSpan], resource: Mapping[str, Json] | None = None
) -> Assembled:
    """Put the spans of a trace together, in whatever order they came.

    The root is the first span without a parent in the trace. What nobody captured stays not captured:
    it is never an empty answer.
    """
    ordered = sorted(raw, key=lambda span: (span.start_ns, span.span_id))
    began_ns = ordered[0].start_ns
    spans = to_spans(ordered, began_ns)
    root = next(span for span in spans if span.parent_id is None)
    said = next(span for span in ordered if span.span_id == root.span_id)
    about = {**(resource or {}), **said.attributes}
    every = [about, *(span.attributes for span in ordered)]
    service, version = _text(about, "service.name"), _text(about, "service.version")
    environment = _first([about], _ENVIRONMENT) or ""
    models = [span.model for span in spans if span.kind == "llm" and span.model]
    error = None if root.error is None else TargetFailure(kind="exception", message=root.error)
    trace = Trace(
        output=_output(root, spans),
        started_at=datetime.fromtimestamp(began_ns / 1e9, UTC),
        latency_s=root.duration_s,
        error=error,
        metadata={} if not models else {"model": models[-1]},
    )
    tags = {
        **_tags(ordered),
        "service": service,
        "version": version,
        "environment": environment,
        "name": root.name,
    }
    return Assembled(
        case=Case(
            id=trace_id, input=_input(root, spans), tags={k: v for k, v in tags.items() if v}
        ),
        trace=seen_by(trace, spans),
        name=root.name,
        began_ns=began_ns,
        service=service,
        version=version,
        environment=environment,
        user_id=_first(every, _USER),
        conversation_id=_first(every, _CONVERSATION),
        model=models[-1] if models else None,
        attributes=about,
    )


def _tags(ordered: Sequence[RawSpan]) -> dict[str, str]:
    """Give the tags that an application gave its spans; of one that came several times the first counts."""
    found: dict[str, str] = {}
    for span in ordered:
        for name, value in span.attributes.items():
            begin = next((each for each in _TAGS if name.startswith(each)), None)
            if begin is not None and value not in (None, ""):
                found.setdefault(name[len(begin) :], as_text(value)[:100])
        if "metadata" in span.attributes:
            for name, value in _metadata(span.attributes["metadata"]).items():
                found.setdefault(name, value)
    return {name: value for name, value in found.items() if name}


def _metadata(given: Json) -> dict[str, str]:
    """Read the metadata of OpenInference: JSON with plain values, of which short ones are tags."""
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            return {}
    if not isinstance(given, dict):
        return {}
    return {
        name: as_text(value)[:100]
        for name, value in given.items()
        if isinstance(value, str | int | float | bool) and value != ""
    }


def _output(root: Span, spans: Sequence[Span]) -> Json:
    """Give what the root answered, else the last call of a model right below it, or alone."""
    if root.output is not NOT_CAPTURED:
        return root.output
    calls = [s for s in spans if s.kind == "llm" and s.output is not NOT_CAPTURED]
    return calls[-1].output if calls else NOT_CAPTURED


def _input(root: Span, spans: Sequence[Span]) -> Json:
    """Give what the root was asked, else the last words of the user to the first model."""
    if root.input is not NOT_CAPTURED:
        return root.input
    for span in spans:
        said: list[Message] = [each for each in span.messages if each.role == "user"]
        if said:
            return said[-1].content
        if span.kind == "llm" and span.input is not NOT_CAPTURED:
            return span.input
    return None


def _text(attributes: Mapping[str, Json], name: str) -> str:
    value = attributes.get(name)
    return "" if value is None else as_text(value)


def _first(every: Sequence[Mapping[str, Json]], names: Sequence[str]) -> str | None:
    for attributes in every:
        for name in names:
            if (value := attributes.get(name)) not in (None, ""):
                return as_text(value)
    return None


def with_events(raw: Sequence[RawSpan], events: Mapping[str, Sequence[RawEvent]]) -> list[RawSpan]:
    """Add records of logs to the spans that they belong to."""
    return [
        replace(span, events=(*span.events, *events[span.span_id]))
        if span.span_id in events
        else span
        for span in raw
    ]
