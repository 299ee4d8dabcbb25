"""Replies that are JSON: by the model's own JSON Schema, by a call of one tool, or by telling it."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from regrade.domain import ChatReply, ChatRequest, Json, Message, ToolSpec

Way = Literal["schema", "tool", "instruction"]
"""How a model is brought to answer in JSON."""
WAYS: tuple[Way, ...] = ("schema", "tool", "instruction")
"""From the surest to the least sure; a refusal of one leads to the next."""
TOOL = "answer"
"""The tool whose arguments are the answer."""
_FENCED = re.compile(r"\s*```(?:json)?\s*(.*?)\s*```\s*", re.DOTALL)
_UNKNOWN = re.compile(r"answered (?:400|404|415|422|501)\b")
_ABOUT = re.compile(
    r"response_format|json_schema|responseSchema|responseJsonSchema|text\.format|tool|function|schema|structured|"
    r"not supported|unsupported|unknown|unrecognized|extra",
    re.IGNORECASE,
)


def shaped(request: ChatRequest, way: Way, tool_choice: Mapping[str, Json]) -> ChatRequest:
    """Give the request as it is sent in a way that every interface knows; `schema` is left to the
    dialect.
    """
    if request.schema is None or way == "schema":
        return request
    if way == "tool":
        said = "Give the answer by calling this, once."
        tool = ToolSpec(name=TOOL, description=said, parameters=request.schema)
        return replace(request, tools=(tool,), params={**request.params, **tool_choice})
    schema = json.dumps(request.schema, ensure_ascii=False)
    told = Message(
        role="system",
        content="Answer with one JSON object and nothing else; it follows this JSON Schema:\n"
        + schema,
    )
    return replace(request, messages=[told, *request.messages])


def answered(reply: ChatReply, way: Way) -> ChatReply:
    """Give the reply with its JSON as text: the arguments of the tool, or what stands in a fence."""
    if way == "tool":
        call = next((each for each in reply.tool_calls if each.name == TOOL), None)
        if call is None:
            return reply
        text = (
            call.arguments
            if isinstance(call.arguments, str)
            else json.dumps(call.arguments, ensure_ascii=False)
        )
        return replace(reply, text=text, tool_calls=())
    fenced = _FENCED.fullmatch(reply.text)
    return reply if fenced is None else replace(reply, text=fenced[1])


def is_refused(message: str) -> bool:
    """Whether an endpoint does not know the way in which it was asked."""
    return bool(_UNKNOWN.search(message) and _ABOUT.search(message))
