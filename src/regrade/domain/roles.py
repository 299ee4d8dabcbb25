"""The roles: what the rooms above the ground floor need of each other, said where everybody can see
it.

A workshop never imports another one. It names the role that it needs, and `api` hands it somebody
who plays it.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from .case import Case, ToolCall
from .documents import Json
from .grade import Grade, GraderSpec
from .trace import Message, Response, ToolSpec, Trace, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheEntry:
    """One value to keep, and what its key is made of."""

    key: str
    """The hash of everything that the value depends on."""
    subject: str
    """What it is about, whatever its version: a case and a grader's name, say."""
    parts: Mapping[str, str]
    """What the key is made of, by name, so that a miss can say what changed."""
    value: Json
    """What to keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """What a model is asked."""

    messages: Sequence[Message]
    """The conversation so far."""
    tools: Sequence[ToolSpec] = ()
    """The tools that it may call."""
    params: Mapping[str, Json] = field(default_factory=dict)
    """Further parameters, by the provider's own names."""
    schema: Mapping[str, Json] | None = None
    """The JSON Schema of the answer, whose text is then JSON; None for any text. No tools go with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatReply:
    """What a model answers."""

    text: str
    """The text; empty when it only calls tools."""
    tool_calls: tuple[ToolCall, ...] = ()
    """The tools that it calls, with arguments."""
    usage: Usage | None = None
    """Tokens and cost, as far as they are known."""
    model: str | None = None
    """The model's full name, as the provider says."""
    request_id: str | None = None
    """The provider's id of the request."""
    stop_reason: str | None = None
    """Why it stopped, in the provider's words."""
    ttft_s: float | None = None
    """Seconds until the first token, when streamed."""


class Target(Protocol):
    """The system under test, or one component of it."""

    @property
    def version(self) -> str:
        """What can be known about its version: equal versions are expected to answer alike."""

    @property
    def is_live(self) -> bool:
        """Whether the time that it takes to answer is the system's own."""

    @property
    def keeps_time(self) -> bool:
        """Whether it is known to give up after `timeout_s` by itself; others are given up on a
        little later.
        """

    def opened(self) -> AbstractAsyncContextManager[None]:
        """Hold whatever it needs between calls (connections, processes) for the time of a run.

        Raises: TargetSetupError.
        """

    async def answer(self, case: Case, *, timeout_s: float) -> Response:
        """Answer one case.

        Raises: TargetError or any other exception when this attempt failed, TransientError when
        another try may help, TimeoutError after `timeout_s` seconds.
        """

    async def reach(self) -> None:
        """Look whether it is there, without asking it anything.

        Raises: TargetSetupError.
        """


class Grader(Protocol):
    """Judges one case and trace."""

    @property
    def spec(self) -> GraderSpec:
        """What it is called, what it speaks for and what makes it the judge that it is."""

    def covers(self, case: Case) -> bool:
        """Whether it has anything to do with this case (its `when`)."""

    def lacks(self, case: Case) -> str | None:
        """What the case would need for this grader to judge it; None when it has it."""

    async def grade(self, case: Case, trace: Trace) -> Grade:
        """Judge. Whatever it raises becomes a GraderFailure."""


class ChatModel(Protocol):
    """A language model that is spoken with."""

    @property
    def name(self) -> str:
        """What it is called: `provider:model`."""

    @property
    def version(self) -> str:
        """The provider, the model's name, and where it is."""

    def opened(self) -> AbstractAsyncContextManager[None]:
        """Hold connections for the time of a run.

        Raises: TargetSetupError when the key is missing.
        """

    async def reach(self) -> None:
        """Look whether it is there, without asking it anything.

        Raises: TargetSetupError.
        """

    async def reply(self, request: ChatRequest, *, timeout_s: float) -> ChatReply:
        """Answer.

        Raises: TransientError when another try may help, TargetError otherwise, TimeoutError.
        """


class Recording(Protocol):
    """What is recorded of one attempt."""

    @property
    def began_ns(self) -> int:
        """When it began, in nanoseconds since 1970."""

    def added_to(self, trace: Trace) -> Trace:
        """Give a trace with the steps that were recorded until now, and with what they say of it
        where the target itself said nothing.
        """


class Recorder(Protocol):
    """Records the steps of attempts."""

    def recording(self, parent: str | None = None) -> AbstractContextManager[Recording]:
        """Record what happens inside the context, in everything that the context reaches, and
        nothing else.

        `parent` is the `traceparent` of the process that asked, where it was another one.
        """


class Embedder(Protocol):
    """Turns texts into vectors that are close where the meanings are."""

    @property
    def version(self) -> str:
        """The model's name, and what is known of its version."""

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """Give each text a vector; all have the same length."""


class Cache(Protocol):
    """Keeps what was worked out before, by content."""

    def find(self, keys: Sequence[str]) -> Mapping[str, Json]:
        """Give the values of those keys that it has."""

    def nearest(self, subject: str) -> Mapping[str, str] | None:
        """Give the parts of the newest key for the same subject, to say why a key was not found."""

    def keep(self, entries: Iterable[CacheEntry]) -> None:
        """Keep values for later."""
