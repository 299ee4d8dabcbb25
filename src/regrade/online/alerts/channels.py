"""Messages as each kind of channel takes them.

Source: Slack's incoming webhooks and mrkdwn escapes; PagerDuty's Events API v2; the signature is an HMAC-SHA256 over
`timestamp.body`, as webhooks of payment providers have it.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Literal

from regrade.domain import Json
from regrade.domain.errors import UsageError
from regrade.domain.live import Channel

Event = Literal["opened", "acknowledged", "recovered", "resolved", "summary", "test"]
PAGERDUTY = "https://events.pagerduty.com/v2/enqueue"
MOST_TEXT = 2900
"""Characters of one block of Slack, of at most 3,000."""
_ACTIONS: Mapping[str, str] = {
    "opened": "trigger",
    "test": "trigger",
    "acknowledged": "acknowledge",
    "recovered": "resolve",
    "resolved": "resolve",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is told."""

    event: Event
    """What happened."""
    title: str
    """In one line."""
    text: str
    """In several."""
    key: str
    """What it is about: the same for all that is said of one alert."""
    at: datetime
    """When it happened."""
    document: Mapping[str, Json] = field(default_factory=dict)
    """The same for programs."""
    html: str = ""
    """The same as a page, where there is one."""


@dataclass(frozen=True, slots=True)
class Post:
    """A request that tells it."""

    url: str
    """Where to."""
    body: bytes
    """What is sent."""
    headers: Mapping[str, str]
    """With which headers."""


def post_of(channel: Channel, message: Message, now_s: int) -> Post | None:
    """Write a message as a channel takes it; None where the channel does not take such events.

    Raises: UsageError where a secret that the channel names is not set.
    """
    if channel.type == "slack":
        return _post(_url(channel), {"text": _slack(message.title), "blocks": _blocks(message)})
    if channel.type == "pagerduty":
        action = _ACTIONS.get(message.event)
        return None if action is None else _pagerduty(channel, message, action)
    document = {
        "event": message.event,
        "key": message.key,
        "title": message.title,
        "text": message.text,
        "at": message.at.isoformat(),
        **message.document,
    }
    body = json.dumps(document).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "regrade"}
    if channel.secret_env is not None:
        headers["X-Regrade-Signature"] = signature(_secret(channel), body, now_s)
    return Post(_url(channel), body, headers)


def signature(secret: str, body: bytes, now_s: int) -> str:
    """Sign a body: `t=TIMESTAMP,v1=HEX`; whoever has the secret checks both, so that nothing is sent again later."""
    signed = hmac.new(secret.encode(), f"{now_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={now_s},v1={signed}"


def _post(url: str, document: Json) -> Post:
    headers = {"Content-Type": "application/json", "User-Agent": "regrade"}
    return Post(url, json.dumps(document).encode(), headers)


def _slack(text: str) -> str:
    """Escape what Slack would read as a link, a mention or a channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _blocks(message: Message) -> list[Json]:
    body = _slack(message.text)[:MOST_TEXT]
    return [
        {"type": "header", "text": {"type": "plain_text", "text": message.title[:150]}},
        {"type": "section", "text": {"type": "plain_text", "text": body}},
    ]


def _pagerduty(channel: Channel, message: Message, action: str) -> Post:
    document: dict[str, Json] = {
        "routing_key": _secret(channel),
        "event_action": action,
        "dedup_key": message.key,
    }
    if action == "trigger":
        document["payload"] = {
            "summary": message.title[:1024],
            "source": "regrade",
            "severity": "info" if message.event == "test" else "error",
            "timestamp": message.at.isoformat(),
            "custom_details": {"text": message.text, **message.document},
        }
    return _post(PAGERDUTY if channel.url is None else channel.url, document)


def mail_of(channel: Channel, message: Message) -> EmailMessage:
    """Write a message as a mail."""
    mail = EmailMessage()
    mail["Subject"] = " ".join(f"[regrade] {message.title}".split())
    mail["From"], mail["To"] = channel.sender, ", ".join(channel.to)
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
    return mail


def _url(channel: Channel) -> str:
    if channel.url is not None:
        return channel.url
    return _variable(channel, channel.url_env or "")


def _secret(channel: Channel) -> str:
    return _variable(channel, channel.secret_env or "")


def _variable(channel: Channel, name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise UsageError(f"the channel {channel.name} needs the environment variable {name}")
    return value


def password_of(channel: Channel) -> str | None:
    """Give what signs in at the mail server; None where nobody does.

    Raises: UsageError where it is not set.
    """
    return None if channel.user is None else _secret(channel)
