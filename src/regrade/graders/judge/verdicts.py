"""A judge's reply as a verdict: what cannot be used is asked for once more, and then nobody's verdict."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from regrade.domain import (
    ChatModel,
    ChatReply,
    ChatRequest,
    Json,
    Message,
    canonical,
    read_json,
)
from regrade.domain.errors import NotJsonError, RegradeError

from .rubric import Rubric

TIMEOUT_S = 55.0
"""Seconds that one reply may take, further tries included."""
_CUT = frozenset({"length", "max_tokens", "max_output_tokens", "MAX_TOKENS"})
_REFUSED = frozenset(
    {"content_filter", "refusal", "SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII"}
)


class JudgeError(RegradeError):
    """A judge gave no verdict that can be used."""


class ObedientJudgeError(JudgeError):
    """A judge did what the text that it judged said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a judge says of one piece of work."""

    passed: bool
    """Whether it passes."""
    scores: Mapping[str, int]
    """The score of each dimension."""
    reason: str
    """Why, in one sentence."""
    issues: tuple[str, ...]
    """The single faults."""
    asked: str
    """The model that was asked."""
    served: str | None
    """The model that answered, as the provider says."""
    cost_usd: float | None
    """What it cost, a second try included; None where nobody knows."""
    tokens: int | None
    """Tokens in and out."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A reply that can be used, and what it took to get it."""

    found: dict[str, Any]
    """The JSON object, by its schema."""
    served: str | None
    """The model that answered."""
    cost_usd: float | None
    """What it cost, a second try included."""
    tokens: int | None
    """Tokens in and out."""


Check = Callable[[dict[str, Any]], str | None]
"""Says what is wrong with a reply beyond its schema; None where nothing is."""


async def ask_for(
    model: ChatModel, request: ChatRequest, *, canary: str | None, check: Check
) -> Asked:
    """Ask for a reply by a schema, and once more where it cannot be used.

    Raises: JudgeError when neither reply can be; whatever the model raises.
    """
    first = await model.reply(request, timeout_s=TIMEOUT_S)
    try:
        return Asked(
            _read(request, first, canary, check), first.model, _cost(first), _tokens(first)
        )
    except ObedientJudgeError:
        raise
    except JudgeError as error:
        fault = str(error)
    said = Message(role="assistant", content=first.text or "(nothing)")
    again = Message(
        role="user",
        content=f"That reply cannot be used: {fault}. Answer once more, with one JSON object of the shape "
        "that was asked for and nothing else.",
    )
    repeated = replace(request, messages=[*request.messages, said, again])
    second = await model.reply(repeated, timeout_s=TIMEOUT_S)
    try:
        found = _read(request, second, canary, check)
    except ObedientJudgeError:
        raise
    except JudgeError as error:
        raise JudgeError(f"no reply that can be used, twice: {fault}; {error}") from None
    costs, tokens = (_cost(first), _cost(second)), (_tokens(first), _tokens(second))
    return Asked(found, second.model, _sum(*costs), _sum(*tokens))


async def verdict_of(
    model: ChatModel,
    rubric: Rubric,
    messages: Sequence[Message],
    params: Mapping[str, Json],
    canary: str | None,
) -> Verdict:
    """Ask for a verdict by a rubric.

    Raises: JudgeError when there is none; whatever the model raises.
    """

    def check(found: dict[str, Any]) -> str | None:
        scores, passes = found.get("scores", {}), rubric.passes
        holds = all(scores[name] >= least for name, least in passes.items())
        if passes and found["pass"] != holds:
            return f"`pass` is {str(found['pass']).lower()}, and the scores say the contrary"
        return None if found["reason"].strip() else "`reason` is empty"

    request = ChatRequest(messages=messages, params=params, schema=rubric.schema)
    asked = await ask_for(model, request, canary=canary, check=check)
    found = asked.found
    return Verdict(
        passed=found["pass"],
        scores={name: int(score) for name, score in found.get("scores", {}).items()},
        reason=" ".join(found["reason"].split()),
        issues=tuple(found["issues"]),
        asked=model.name,
        served=asked.served,
        cost_usd=asked.cost_usd,
        tokens=asked.tokens,
    )


def _read(
    request: ChatRequest, reply: ChatReply, canary: str | None, check: Check
) -> dict[str, Any]:
    """Read a reply.

    Raises: JudgeError with what is wrong.
    """
    if fault := _unusable(reply):
        raise JudgeError(fault)
    if canary is not None and canary in reply.text:
        raise ObedientJudgeError(
            "the judge did what a note in the judged text said: its verdicts cannot be trusted"
        )
    try:
        found = read_json(reply.text)
    except NotJsonError as error:
        raise JudgeError(f"the reply is no JSON ({error})") from None
    validator = _validator(canonical(dict(request.schema or {})))
    if not validator.is_valid(found):
        raise JudgeError(_wrong(validator, found))
    if fault := check(found):
        raise JudgeError(fault)
    return dict(found)


@cache
def _validator(schema: str) -> Any:
    """Make what checks replies, once a schema."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415  a tenth of a second, where judges are

    return Draft202012Validator(json.loads(schema))


def _wrong(validator: Any, found: Any) -> str:
    """Say what is wrong with a reply, where most."""
    from jsonschema.exceptions import best_match  # noqa: PLC0415  as above

    wrong = best_match(validator.iter_errors(found))
    where = ".".join(str(step) for step in wrong.absolute_path) if wrong else ""
    return f"{where or 'the reply'}: {wrong.message if wrong else 'another shape'}"[:300]


def _unusable(reply: ChatReply) -> str | None:
    """Say why a reply holds no verdict at all."""
    if reply.stop_reason in _CUT:
        return "the reply was cut off"
    if reply.stop_reason in _REFUSED:
        return f"the judge refused ({reply.stop_reason})"
    return None if reply.text.strip() else "the reply is empty"


def _cost(reply: ChatReply) -> float | None:
    return None if reply.usage is None else reply.usage.cost_usd


def _tokens(reply: ChatReply) -> int | None:
    return None if reply.usage is None else reply.usage.tokens


def _sum(a: Any, b: Any) -> Any:
    return None if a is None or b is None else a + b
