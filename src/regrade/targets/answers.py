"""Read what a target gave back: text, JSON, or a `Response`."""

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import TypeVar

from regrade.domain import Document, Json, Response, ToolCall, Usage, as_json, as_text
from regrade.domain.errors import NotJsonError, TargetError

T = TypeVar("T")
_RESPONSE_KEYS = ("output", "retrieved", "tool_calls", "usage", "latency_s", "ttft_s", "metadata")


def as_response(returned: object) -> Response:
    """Make a response of what a target returned.

    Raises: TargetError of kind `garbage` for anything that is neither text nor JSON nor a Response.
    """
    try:
        if isinstance(returned, str):
            return Response(returned)
        if isinstance(returned, Response):
            return _checked(returned)
        if returned is None:
            raise NotJsonError(
                "it is None: the function seems to return nothing; `Response(None)` means JSON null"
            )
        return Response(as_json(returned))
    except NotJsonError as error:
        kind = type(returned).__name__
        raise TargetError(
            f"the target returned {kind}, which is neither text nor JSON nor a Response: {error}",
            kind="garbage",
        ) from None


def _checked(response: Response) -> Response:
    return replace(
        response,
        output=as_json(response.output),
        retrieved=None
        if response.retrieved is None
        else tuple(as_document(d) for d in response.retrieved),
        tool_calls=None
        if response.tool_calls is None
        else tuple(as_tool_call(c) for c in response.tool_calls),
        usage=as_usage(response.usage),
        latency_s=_seconds({"latency_s": response.latency_s}, "latency_s"),
        ttft_s=_seconds({"ttft_s": response.ttft_s}, "ttft_s"),
        metadata=as_json(response.metadata),
    )


def response_content(response: Response) -> dict[str, Json]:
    """Give a response as JSON; `read_response` reads it back."""
    return {
        name: as_json(value)
        for name in _RESPONSE_KEYS
        if (value := getattr(response, name)) not in (None, {})
    }


def read_response(content: Mapping[str, Json]) -> Response:
    """Read a response from JSON, such as a recorded row: `output` and whatever else is known.

    Raises: NotJsonError when a part has the wrong shape.
    """
    return Response(
        output=content.get("output"),
        retrieved=_many(content.get("retrieved"), "retrieved", as_document),
        tool_calls=_many(content.get("tool_calls"), "tool_calls", as_tool_call),
        usage=as_usage(content.get("usage")),
        latency_s=_seconds(content, "latency_s"),
        ttft_s=_seconds(content, "ttft_s"),
        metadata=content.get("metadata") or {},
    )


def as_document(value: Json | Document) -> Document:
    """Read a document: a text, an object with `id`, `text` and `score`, or a Document."""
    if isinstance(value, Document):
        return value
    if isinstance(value, str):
        return Document(text=value)
    if not isinstance(value, Mapping):
        raise NotJsonError(
            f"a retrieved document is {type(value).__name__}; it is a text or an object with id and text"
        )
    rest = {
        key: as_json(item)
        for key, item in value.items()
        if key not in ("id", "text", "score", "metadata")
    }
    metadata = value.get("metadata") or {}
    if not isinstance(metadata, Mapping):
        raise NotJsonError(
            f"the metadata of a document is {type(metadata).__name__}; it is an object"
        )
    found = value.get("id")
    return Document(
        id=None if found is None else str(found),
        text=None if value.get("text") is None else as_text(value["text"]),
        score=float(value["score"]) if _is_number(value.get("score")) else None,
        metadata={**as_json(metadata), **rest},
    )


def as_tool_call(value: Json | ToolCall) -> ToolCall:
    """Read a tool call: an object with `name`, `arguments`, `result` and `error`, or a ToolCall."""
    if isinstance(value, ToolCall):
        return value
    if not isinstance(value, Mapping) or not isinstance(value.get("name"), str):
        raise NotJsonError(
            "a tool call is an object with a name, and with arguments, result and error where known"
        )
    arguments, result = as_json(value.get("arguments")), as_json(value.get("result"))
    return ToolCall(
        name=value["name"], arguments=arguments, result=result, error=value.get("error")
    )


def as_usage(value: Json | Usage | None) -> Usage | None:
    """Read usage: an object with `input_tokens`, `output_tokens` and `cost_usd`, or a Usage."""
    if value is None:
        return None
    given = (
        {f.name: getattr(value, f.name) for f in fields(value)}
        if isinstance(value, Usage)
        else value
    )
    known = ("input_tokens", "output_tokens", "cost_usd", "cached_tokens", "priced_by")
    if not isinstance(given, Mapping) or not set(given) <= set(known):
        raise NotJsonError(f"usage is an object with {', '.join(known[:-1])}")
    for name, number in given.items():
        if number is not None and name != "priced_by" and not _is_number(number):
            raise NotJsonError(f"usage.{name} is {number!r}; it is a number")
    return Usage(**given)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _many(value: Json, name: str, read: Callable[[Json], T]) -> tuple[T, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise NotJsonError(f"{name} is {type(value).__name__}; it is a list")
    return tuple(read(item) for item in value)


def _seconds(content: Mapping[str, Json], name: str) -> float | None:
    value = content.get(name)
    if value is None:
        return None
    if not _is_number(value) or value < 0:
        raise NotJsonError(f"{name} is {value!r}; it is a number of seconds")
    return float(value)
