"""Messages on their way: leased, sent, tried again after a while that doubles, given up where that can be seen."""

import logging
import os
import secrets
import smtplib
import socket
import time
from datetime import UTC, datetime

import anyio

from regrade.domain.errors import RegradeError, UsageError
from regrade.domain.live import Alerting, Channel
from regrade.report.live.alert import alert_text, alert_title
from regrade.store import Delivery, Store
from regrade.wire.guarded import BrokenConnectionError, ForbiddenAddressError, post_guarded

from .channels import Message, mail_of, password_of, post_of
from .summary import summary_message

LEASE_S = 60.0
"""Seconds that a message is leased for."""
TIMEOUT_S = 10.0
"""Seconds that a channel may take to answer."""
AT_ONCE = 20
"""Messages that are leased at once."""
MOST_ATTEMPTS = 10
"""Times after which a message is given up: after about six hours."""
LONGEST_WAIT_S = 3600.0
_HOPELESS = frozenset({400, 401, 403, 404, 405, 410, 413, 422})
"""Answers after which another try says the same."""
log = logging.getLogger("regrade.online")


class HopelessError(RegradeError):
    """A message cannot be sent, however often it is tried."""


async def deliver(channel: Channel, message: Message) -> None:
    """Send one message.

    Raises: HopelessError; BrokenConnectionError where another try may help.
    """
    try:
        if channel.type == "email":
            await anyio.to_thread.run_sync(_mail, channel, message)
            return
        post = post_of(channel, message, int(time.time()))
        if post is None:
            return
        answer = await post_guarded(
            post.url, post.body, post.headers, allow_private=channel.allow_private, timeout_s=TIMEOUT_S
        )  # fmt: skip
    except (ForbiddenAddressError, UsageError) as error:
        raise HopelessError(str(error)) from None
    if 200 <= answer.status < 300:
        return
    said = f"{answer.status}: {' '.join(answer.text.split())[:200]}"
    if 300 <= answer.status < 400:
        raise HopelessError(f"it answered with a redirect, which is not followed ({answer.status})")
    if answer.status in _HOPELESS:
        raise HopelessError(f"it answered {said}")
    raise BrokenConnectionError(f"it answered {said}")


def _mail(channel: Channel, message: Message) -> None:
    host, _, port = channel.host.partition(":")
    try:
        with smtplib.SMTP(host, int(port or 25), timeout=TIMEOUT_S) as server:
            password = password_of(channel)
            if channel.starttls:
                server.starttls()
            if channel.user is not None and password is not None:
                server.login(channel.user, password)
            server.send_message(mail_of(channel, message))
    except smtplib.SMTPResponseException as error:
        said = f"the mail server answered {error.smtp_code}: {error.smtp_error!r}"
        kind = HopelessError if 500 <= error.smtp_code < 600 else BrokenConnectionError
        raise kind(said) from None
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise BrokenConnectionError(f"the mail server: {error}") from None


async def tried(channel: Channel) -> str | None:
    """Send a message that says that it is a test; gives why that did not work."""
    message = Message(
        event="test",
        title="A test of the channel: nothing is wrong",
        text="regrade sends alerts here. This one was asked for by `regrade monitor test-alert`.",
        key=f"test {secrets.token_hex(4)}",
        at=datetime.now(UTC),
    )
    try:
        await deliver(channel, message)
    except (HopelessError, BrokenConnectionError) as error:
        return str(error)
    return None


class Notifier:
    """Sends what waits to be sent; several may do so at once."""

    def __init__(self, store: Store) -> None:
        """Take the database."""
        self._store = store
        self._name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self.sent = self.given_up = 0

    async def work(self) -> int:
        """Send what waits; gives how many messages there were."""
        now_ms = _now_ms()
        leased = await anyio.to_thread.run_sync(
            lambda: self._store.live.deliveries.claim(
                self._name, now_ms, lease_ms=round(LEASE_S * 1000), limit=AT_ONCE
            )
        )
        async with anyio.create_task_group() as tasks:
            for each in leased:
                tasks.start_soon(self._send, each)
        return len(leased)

    async def _send(self, each: Delivery) -> None:
        deliveries = self._store.live.deliveries
        try:
            alerting = self._store.live.alerts.alerting(each.project)
            channel = next((c for c in alerting.channels if c.name == each.channel), None)
            if channel is None:
                raise HopelessError(f"there is no channel {each.channel} any more")
            await deliver(channel, _message(self._store, each, alerting))
        except HopelessError as error:
            self._give_up(each, str(error))
        except Exception as error:  # noqa: BLE001  whatever it is, it is tried again, and then given up
            if each.attempts >= MOST_ATTEMPTS:
                self._give_up(each, str(error))
                return
            wait_s = min(LONGEST_WAIT_S, 5 * 2.0**each.attempts)
            at = _now_ms() + round(wait_s * 1000)
            deliveries.settle(each, "waiting", not_before_ms=at, error=str(error)[:500])
        else:
            deliveries.settle(each, "sent")
            self.sent += 1

    def _give_up(self, each: Delivery, error: str) -> None:
        log.warning("a message for the channel %s was given up: %s", each.channel, error)
        self._store.live.deliveries.settle(each, "dead", error=error[:500])
        self.given_up += 1


def _message(store: Store, each: Delivery, alerting: Alerting) -> Message:
    """Write what a delivery tells of.

    Raises: HopelessError where it is gone.
    """
    if each.document["event"] == "summary":
        return summary_message(store, each.project, each.document)
    alert = store.live.alerts.get(each.project, each.document["alert"])
    if alert is None:
        raise HopelessError("the alert is gone")
    address = alerting.address
    return Message(
        event=each.document["event"],
        title=alert_title(alert),
        text=alert_text(alert, years=alerting.years, address=address),
        key=f"regrade alert {alert.project}-{alert.alert}",
        at=alert.ended_at or alert.opened_at,
        document={
            "alert": {
                "alert": alert.alert,
                "monitor": alert.monitor,
                "series": alert.series,
                "state": alert.state,
                "since": alert.since.isoformat(),
                "opened_at": alert.opened_at.isoformat(),
                "evidence": dict(alert.evidence),
            },
            **({"url": f"{address}/api/v1/alerts/{alert.alert}"} if address else {}),
        },
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
