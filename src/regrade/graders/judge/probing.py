"""The probes of judges: a scripted one, that knows the reference."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from regrade.domain import Case, ChatReply, ChatRequest, Trace, Usage
from regrade.graders.check import Probe


class ScriptedJudge:
    """Judges by looking whether the answer holds the reference: for probes, without any model."""

    name = "local:scripted"
    version = "scripted"

    def __str__(self) -> str:
        return "a model"

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Hold nothing."""
        yield

    async def reach(self) -> None:
        """Be there."""

    async def reply(self, request: ChatRequest, *, timeout_s: float) -> ChatReply:
        """Answer as the schema asks."""
        del timeout_s
        shown = request.messages[-1].content.partition("\n")[2].rpartition("\n--- end")[0]
        data = json.loads(shown)
        holds = str(data.get("reference", "")) in str(data.get("answer", ""))
        reply: dict[str, Any] = {"pass": holds, "reason": "It says so.", "issues": []}
        wanted = (request.schema or {}).get("properties", {}).get("scores")
        if wanted is not None:
            ends = "maximum" if holds else "minimum"
            reply["scores"] = {name: each[ends] for name, each in wanted["properties"].items()}
        usage = Usage(input_tokens=10, output_tokens=5, cost_usd=0.001)
        return ChatReply(
            text=json.dumps(reply), usage=usage, model="scripted-1", stop_reason="stop"
        )


def probed(rubric: str, **options: Any) -> tuple[Probe, ...]:
    """Give a known pass, a known fail and a known abstention of a judge."""
    given = {"rubric": rubric, **options}
    right = Case(input="What is it?", expected={"answer": "blue"})
    return (
        Probe(case=right, trace=Trace(output="It is blue."), gives="pass", options=given),
        Probe(case=right, trace=Trace(output="It is red."), gives="fail", options=given),
        Probe(
            case=Case(input="What?"), trace=Trace(output="Blue."), gives="abstain", options=given
        ),
    )


class ScriptedPair(ScriptedJudge):
    """Prefers what says “blue”."""

    async def reply(self, request: ChatRequest, *, timeout_s: float) -> ChatReply:
        """Answer as the schema asks."""
        del timeout_s
        shown = request.messages[-1].content.partition("\n")[2].rpartition("\n--- end")[0]
        data = json.loads(shown)
        blue = ["blue" in str(data[name]).lower() for name in ("first", "second")]
        winner = "tie" if blue[0] == blue[1] else "first" if blue[0] else "second"
        reply = {"winner": winner, "reason": "It says so.", "issues": []}
        return ChatReply(
            text=json.dumps(reply), usage=Usage(), model="scripted-1", stop_reason="stop"
        )
