"""A language model alone as the system under test: a prompt, and what the model makes of it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from regrade.domain import (
    Case,
    ChatModel,
    ChatRequest,
    Json,
    Message,
    Response,
    ToolSpec,
    as_text,
    content_hash,
)
from regrade.domain.errors import MissingPathError, TargetError, TargetSetupError
from regrade.domain.template import render

_ROLES = ("system", "user", "assistant", "tool")


class ChatTarget:
    """Fills in the messages, asks the model once, and takes its text as the answer.

    Without `messages` a conversation as the input (a list of objects with role and content) is
    sent as it is, and any other input as one message of the user's, after the context where there
    is one. Tools are offered and their calls recorded; none is executed.
    """

    is_live = True
    keeps_time = True

    def __init__(
        self,
        model: ChatModel,
        *,
        messages: Sequence[Mapping[str, Json]] | None = None,
        tools: Sequence[Mapping[str, Json]] = (),
        params: Mapping[str, Json] | None = None,
        system: str | None = None,
    ) -> None:
        """Take the model, the messages as templates, what else is sent, and what the model is told before
        the input of a case, where there are no messages.

        Raises: TargetSetupError.
        """
        self._model, self._messages, self._params = model, messages, dict(params or {})
        self._system, self._given_tools = system, tools
        for message in messages or ():
            _checked(message)
        self._tools = [_tool(each) for each in tools]
        self.version = content_hash(
            ["chat", model.version, _plain(messages), _plain(tools), self._params]
            + ([] if system is None else [system])
        )

    def asking(self, model: ChatModel) -> "ChatTarget":
        """Give the same target with another model."""
        return ChatTarget(
            model,
            messages=self._messages,
            tools=self._given_tools,
            params=self._params,
            system=self._system,
        )

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Hold the model's connections."""
        async with self._model.opened():
            yield

    async def reach(self) -> None:
        """Look whether the model's endpoint is there.

        Raises: TargetSetupError.
        """
        await self._model.reach()

    async def answer(self, case: Case, *, timeout_s: float) -> Response:
        """Ask the model.

        Raises: TransientError, TargetError, TimeoutError.
        """
        try:
            given = (
                self._default(case) if self._messages is None else render([*self._messages], case)
            )
            messages = [_message(each) for each in given]
        except (MissingPathError, TargetSetupError) as error:
            raise TargetError(f"the messages cannot be written: {error}", kind="request") from None
        request = ChatRequest(messages=messages, tools=self._tools, params=self._params)
        reply = await self._model.reply(request, timeout_s=timeout_s)
        known = {
            "model": reply.model,
            "request_id": reply.request_id,
            "stop_reason": reply.stop_reason,
        }
        return Response(
            reply.text,
            tool_calls=reply.tool_calls,
            usage=reply.usage,
            ttft_s=reply.ttft_s,
            metadata={name: value for name, value in known.items() if value is not None},
        )

    def _default(self, case: Case) -> list[dict[str, Any]]:
        said = [] if self._system is None else [{"role": "system", "content": self._system}]
        return [*said, *_default(case)]


def _plain(items: Sequence[Mapping[str, Json]] | None) -> Json:
    return None if items is None else [dict(each) for each in items]


def _default(case: Case) -> list[dict[str, Any]]:
    """Give the messages of a case when the suite says nothing of them."""
    if isinstance(case.input, list) and case.input and all(map(_is_message, case.input)):
        return case.input
    text = as_text(case.input)
    if case.context is not None:
        text = f"{as_text(case.context)}\n\n{text}"
    return [{"role": "user", "content": text}]


def _is_message(value: Json) -> bool:
    return isinstance(value, dict) and value.get("role") in _ROLES and "content" in value


def _checked(message: Mapping[str, Json]) -> None:
    if not _is_message(dict(message)):
        raise TargetSetupError(
            f"a message is {dict(message)!r:.100}; it has a content and a role: {', '.join(_ROLES)}"
        )


def _message(value: Mapping[str, Json]) -> Message:
    _checked(value)
    return Message(
        role=value["role"],
        content=as_text(value["content"]),
        tool_call_id=value.get("tool_call_id"),
    )


def _tool(value: Mapping[str, Json]) -> ToolSpec:
    """Read a tool: name, description and parameters, also inside OpenAI's `function`."""
    inner = value.get("function", value)
    if not isinstance(inner, Mapping) or not isinstance(inner.get("name"), str):
        raise TargetSetupError(
            f"a tool is {dict(value)!r:.100}; it has a name, a description and parameters (a JSON Schema)"
        )
    return ToolSpec(
        name=inner["name"],
        description=inner.get("description", ""),
        parameters=inner.get("parameters") or {"type": "object"},
    )
