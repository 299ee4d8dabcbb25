"""One language model, spoken with over HTTP."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from types import MappingProxyType, ModuleType
from typing import Any

from regrade.domain import ChatReply, ChatRequest, content_hash, read_json
from regrade.domain.errors import (
    NotJsonError,
    TargetError,
    TargetSetupError,
    TransientError,
    UsageError,
)
from regrade.wire.limits import AdaptiveLimiter
from regrade.wire.reaching import reach
from regrade.wire.requests import replied, session
from regrade.wire.streams import json_events

from . import chat_completions, gemini, messages, responses
from .prices import Price, priced
from .providers import Dialect, read_model_name
from .structured import TOOL, WAYS, Way, answered, is_refused, shaped

DIALECTS: Mapping[Dialect, ModuleType] = {
    "chat_completions": chat_completions,
    "responses": responses,
    "messages": messages,
    "gemini": gemini,
}
LONGEST_WAIT_S = 60.0
"""Seconds beyond which a Retry-After is not waited for."""
_REQUEST_IDS = ("x-request-id", "request-id")
_NO_PRICES: Mapping[str, Price] = MappingProxyType({})


class ChatClient:
    """Speaks with one model.

    Keys come from the environment alone, are read when a run begins, and are in no version, log or
    error.
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        stream: bool = False,
        retries: int = 4,
        prices: Mapping[str, Price] = _NO_PRICES,
        seed: int = 0,
        limiter: AdaptiveLimiter | None = None,
    ) -> None:
        """Take `provider:model`, and how often to try again after 408, 425, 429, 5xx, an overload
        or a broken connection; other refusals are final. `limiter` holds all who speak with one
        endpoint to what it bears.

        Raises: UsageError.
        """
        self._name = read_model_name(model, base_url)
        self._model, self._stream, self._retries, self._prices = model, stream, retries, prices
        self._dialect: Any = DIALECTS[self._name.provider.dialect]
        self._chance = random.Random(seed)  # noqa: S311  spreads retries, keeps no secret
        self._headers: dict[str, str] = {}
        self._session: Any = None
        self._limiter = limiter
        self._way: Way = self._name.provider.way
        self.version = content_hash(["chat", model, self._name.base_url, stream])

    @property
    def name(self) -> str:
        """What it is called: `provider:model`."""
        return self._model

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Hold connections, and the key.

        Raises: TargetSetupError when the key is missing.
        """
        try:
            self._headers = self._dialect.headers(self._name.key)
        except UsageError as error:
            raise TargetSetupError(str(error)) from None
        async with session() as opened:
            self._session = opened
            try:
                yield
            finally:
                self._session, self._headers = None, {}

    async def reach(self) -> None:
        """Open a connection, and send nothing.

        Raises: TargetSetupError, also when the key is missing.
        """
        try:
            _ = self._name.key
        except UsageError as error:
            raise TargetSetupError(str(error)) from None
        await reach(self._name.base_url)

    async def reply(self, request: ChatRequest, *, timeout_s: float) -> ChatReply:
        """Ask, and ask again where that may help, within the time given."""
        ends = time.monotonic() + timeout_s
        tries = 0
        while True:
            left = ends - time.monotonic()
            try:
                return await self._limited(request, max(left, 0.001))
            except TransientError as error:
                tries += 1
                wait = self._wait(tries, error.retry_after_s)
                if tries > self._retries or wait > min(LONGEST_WAIT_S, ends - time.monotonic()):
                    raise
                await asyncio.sleep(wait)

    async def _limited(self, request: ChatRequest, timeout_s: float) -> ChatReply:
        """Ask within what the endpoint bears; waiting for a turn counts."""
        if self._limiter is None:
            return await self._ask(request, timeout_s)
        async with asyncio.timeout(timeout_s):
            started_at = await self._limiter.enter()
            try:
                reply = await self._ask(request, timeout_s)
            except TransientError as error:
                if error.limited:
                    self._limiter.refused(started_at, error.retry_after_s)
                raise
            finally:
                self._limiter.leave()
        self._limiter.succeeded(None if reply.usage is None else reply.usage.tokens)
        return reply

    def _wait(self, tries: int, asked: float | None) -> float:
        """Double the wait from half a second, spread by chance; never less than was asked for."""
        own = self._chance.uniform(0.5, 1.0) * min(2.0 ** (tries - 1), 30.0)
        return own if asked is None else asked + 0.1 * own

    async def _ask(self, request: ChatRequest, timeout_s: float) -> ChatReply:
        """Ask once, in JSON where a schema is given: in another way where the endpoint does not know
        the first.
        """
        if request.schema is None:
            return await self._sent(request, timeout_s)
        while True:
            way = self._way
            try:
                sent = shaped(request, way, self._dialect.tool_choice(TOOL))
                plain = sent if way == "schema" else replace(sent, schema=None)
                return answered(await self._sent(plain, timeout_s), way)
            except TransientError:
                raise
            except TargetError as error:
                if way == WAYS[-1] or not is_refused(str(error)):
                    raise
                self._way = WAYS[WAYS.index(way) + 1]

    async def _sent(self, request: ChatRequest, timeout_s: float) -> ChatReply:
        body = self._dialect.body(self._name.model, request, stream=self._stream)
        url = self._name.base_url + self._dialect.path(self._name.model, stream=self._stream)
        began = time.perf_counter()
        async with (
            self._discreet(),
            replied(
                self._session, "POST", url, headers=self._headers, body=body, timeout_s=timeout_s
            ) as reply,
        ):
            try:
                found = await (self._streamed(reply, began) if self._stream else self._whole(reply))
            except (LookupError, TypeError, AttributeError, NotJsonError) as error:
                said = f"{type(error).__name__}: {error}"
                raise TargetError(
                    f"the reply of {self._model} has not the shape of the interface ({said})",
                    kind="http",
                ) from None
            ids = (reply.headers.get(name) for name in _REQUEST_IDS)
            request_id = next((each for each in ids if each), None)
        usage = priced(found.usage, self._model, self._name.provider.prices, self._prices)
        return replace(found, request_id=request_id, usage=usage)

    @asynccontextmanager
    async def _discreet(self) -> AsyncIterator[None]:
        """Take the key out of what an endpoint says of it."""
        try:
            yield
        except TargetError as error:
            for value in self._headers.values():
                key = value.removeprefix("Bearer ")
                error.args = tuple(str(each).replace(key, "(the key)") for each in error.args)
            raise

    async def _whole(self, reply: Any) -> ChatReply:
        read: ChatReply = self._dialect.read(
            read_json((await reply.read()).decode("utf-8", "replace"))
        )
        return read

    async def _streamed(self, reply: Any, began: float) -> ChatReply:
        stream = self._dialect.Stream()
        first: float | None = None
        async for event in json_events(reply):
            if stream.take(event) and first is None:
                first = time.perf_counter() - began
        whole: ChatReply = stream.reply()
        return replace(whole, ttft_s=first)
