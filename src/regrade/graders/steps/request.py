"""What the system asked its models: the prompt that was really sent."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from regrade.domain import Case, Grade, Json, Message, Span, ToolSpec, Trace, Usage, as_text
from regrade.graders.check import Check, Probe, ProbeOutcome, filled_list
from regrade.graders.structured import violations_of
from regrade.graders.wording import normalised, quoted

_PLACEHOLDER = re.compile(r"\{\{\s*[\w.]+\s*\}\}|\{[a-z_][a-z0-9_]*\}|<[A-Z][A-Z_]{2,}>|\$\{\w+\}")


def _probe(
    texts: Sequence[str],
    gives: ProbeOutcome,
    tokens: int | None = 50,
    offered: Sequence[Json] = (),
    **options: Json,
) -> Probe:
    messages = tuple(Message(role="user", content=text) for text in texts)
    span = Span(
        span_id="1",
        name="chat",
        kind="llm",
        messages=messages,
        tools=tuple(ToolSpec(name="find", parameters=each) for each in offered),
        usage=Usage(input_tokens=tokens),
    )
    return Probe(
        case=Case(input="probe"),
        trace=Trace(output="x", spans=(span,)),
        gives=gives,
        options=options,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Check):
    """The prompt that was sent holds what it must, and nothing that was left unfilled.

    Reads the messages of every recorded call of a model. Each text of `must_contain` must stand in
    every call (or, with `somewhere`, in one), whatever its spaces; no placeholder may be left
    (`{{ name }}`, `{name}`, `${NAME}`, `<NAME>`); no call may take more than `max_tokens` tokens;
    and the tools that were offered have different names, and schemas that are valid JSON Schemas of
    an object whose required arguments are described. Abstains when no call of a model with its
    messages was recorded. Score: none. Issues: each fault with its call.
    """

    type: ClassVar[str] = "request"
    reads_output: ClassVar[bool] = False
    probes: ClassVar[tuple[Probe, ...]] = (
        _probe(
            ["Answer only from  the articles.", "Hi"],
            "pass",
            must_contain=["only from the articles"],
        ),
        _probe(["Hi"], "fail", must_contain=["only from the articles"]),
        _probe(["Hello {{ user.name }}"], "fail"),
        _probe(["Use {json} and {customer_name}"], "pass", placeholders=False),
        _probe(["Hi"], "fail", max_tokens=40),
        _probe(
            ["Hi"], "pass", offered=[{"type": "object", "properties": {"q": {}}, "required": ["q"]}]
        ),
        _probe(["Hi"], "fail", offered=[{"type": "object", "required": ["q"]}]),
        _probe(["Hi"], "fail", offered=[{"type": "objekt"}]),
        _probe(["Hi"], "fail", offered=[{"type": "object"}, {"type": "object"}]),
        _probe(["Hi"], "pass", offered=[{"type": "string"}], tools=False),
        _probe(["Hi"], "abstain", tokens=None, must_contain=["{{ context.text }}"]),
        Probe(case=Case(input="probe"), trace=Trace(output="x"), gives="abstain"),
    )

    must_contain: Sequence[Json] = ()
    """Texts that must be in the prompt: values or templates, such as an instruction, or the
    retrieved text."""
    somewhere: bool = False
    """Whether it is enough that one call holds each text."""
    placeholders: bool = True
    """Whether placeholders that were left unfilled are looked for."""
    max_tokens: int | None = None
    """Tokens that one call may be sent."""
    tools: bool = True
    """Whether the tools that were offered are looked at."""

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Look at every call."""
        calls = [span for span in trace.llm_calls if span.messages]
        if not calls:
            return Grade.abstained("No call of a model with its messages was recorded.")
        wanted = (
            [as_text(each) for each in filled_list([*self.must_contain], case, trace)]
            if self.must_contain
            else []
        )
        texts = [normalised("\n".join(m.content for m in call.messages)) for call in calls]
        faults = [*self._missing(wanted, calls, texts), *self._of_each(calls)]
        if not faults:
            return Grade(True, f"The prompts hold what they must ({len(calls)} calls).")
        return Grade(False, f"The prompt is wrong: {faults[0]}.", issues=tuple(faults[:20]))

    def _missing(
        self, wanted: Sequence[str], calls: Sequence[Span], texts: Sequence[str]
    ) -> Iterator[str]:
        for each in wanted:
            plain = normalised(each)
            if self.somewhere:
                if not any(plain in text for text in texts):
                    yield f"no call holds {quoted(each, 60)}"
                continue
            for call, text in zip(calls, texts, strict=True):
                if plain not in text:
                    yield f"{call.name} does not hold {quoted(each, 60)}"

    def _of_each(self, calls: Sequence[Span]) -> Iterator[str]:
        for call in calls:
            if self.placeholders:
                for message in call.messages:
                    for left in dict.fromkeys(_PLACEHOLDER.findall(message.content)):
                        yield f"{call.name} was sent the unfilled {left}"
            if self.tools:
                yield from (
                    f"{call.name} was offered {fault}" for fault in _tool_faults(call.tools)
                )
            tokens = call.usage.input_tokens if call.usage else None
            if self.max_tokens is not None and tokens is not None and tokens > self.max_tokens:
                yield f"{call.name} was sent {tokens:,} tokens, more than {self.max_tokens:,}"


def _tool_faults(tools: Sequence[ToolSpec]) -> Iterator[str]:
    names = [tool.name for tool in tools]
    for twice in sorted({name for name in names if names.count(name) > 1}):
        yield f"{names.count(twice)} tools of the name {twice}"
    for tool in tools:
        schema = tool.parameters
        try:
            violations_of(schema, {})
        except ValueError as error:
            yield f"{tool.name}, whose schema is invalid: {error}"
            continue
        if schema.get("type", "object") != "object":
            yield f"{tool.name}, whose arguments are no object"
            continue
        described = schema.get("properties") or {}
        for name in schema.get("required") or ():
            if name not in described:
                yield f"{tool.name}, which requires {name} and does not describe it"
