"""Alerts on their way: signed, escaped, once, tried again, given up; over real sockets."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from regrade.domain.errors import UsageError
from regrade.domain.live import Alerting, Channel
from regrade.online.alerts import Notifier, change_alert, mute_series, sending, tried
from regrade.store import Store
from tests.fakes.hooks import hook, mail_server
from tests.fakes.traffic import Traffic

pytestmark = pytest.mark.anyio
HOSTILE = "topic=<!channel> & *x* \x1b[31m\u202e"


def fallen(store: Store, tmp_path: Path, *channels: Channel, **more: Any) -> Traffic:
    """Have an alert raised, in a slice whose name is hostile."""
    traffic = Traffic(store, tmp_path, slices=["topic"], criteria={"*": {"min": 0.9}}, **more)
    store.live.alerts.keep_alerting(
        traffic.project, Alerting(channels=channels, address="https://r.example")
    )
    traffic.hours(3, {"topic=a": 0.98, HOSTILE: 0.98})
    traffic.hours(6, {"topic=a": 0.98, HOSTILE: 0.3})
    return traffic


def webhook(url: str, **more: Any) -> Channel:
    return Channel(name="team", type="webhook", url=url, allow_private=True, **more)


async def test_a_webhook_is_signed_and_told_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "shh")
    with hook() as (url, came):
        traffic = fallen(store, tmp_path, webhook(url, secret_env="SECRET"))
        notifier = Notifier(store)
        assert await notifier.work() == 1
        traffic.hours(3, {"topic=a": 0.98, HOSTILE: 0.3})
        assert await notifier.work() == 0
        [body] = came.bodies
        stamp, _, given = came.headers[0]["x-regrade-signature"].partition(",v1=")
        signed = hmac.new(
            b"shh", stamp.removeprefix("t=").encode() + b"." + came.raw[0], hashlib.sha256
        )
        assert given == signed.hexdigest()
        assert (body["event"], body["alert"]["series"], body["url"]) == (
            "opened",
            "criterion:right",
            "https://r.example/api/v1/alerts/1",
        )
        assert "\x1b" not in body["text"] + body["title"]
        assert "\u202e" not in body["text"] + body["title"]
        traffic.hours(30, {"topic=a": 0.98, HOSTILE: 0.98})
        assert await notifier.work() == 1
        assert came.bodies[1]["event"] == "recovered"
        assert came.bodies[1]["title"].startswith("m: over:") or "over:" in came.bodies[1]["title"]
        assert came.bodies[1]["key"] == body["key"]
    assert [each.state for each in store.live.deliveries.of(traffic.project)] == ["sent", "sent"]
    assert store.live.deliveries.counts() == {"sent": 2}


async def test_slack_and_pagerduty_are_spoken_with_as_they_want(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROUTING", "r1")
    with hook() as (url, came):
        monkeypatch.setenv("SLACK", url)
        slack = Channel(name="chat", type="slack", url_env="SLACK", allow_private=True)
        pager = Channel(
            name="pager", type="pagerduty", url=url, secret_env="ROUTING", allow_private=True
        )
        traffic = fallen(store, tmp_path, slack, pager)
        await Notifier(store).work()
        chat = next(each for each in came.bodies if "blocks" in each)
        page = next(each for each in came.bodies if "routing_key" in each)
        assert "<!channel>" not in json.dumps(chat["text"]) + chat["blocks"][1]["text"]["text"]
        assert "&lt;!channel&gt;" in chat["text"]
        assert (page["routing_key"], page["event_action"], page["dedup_key"]) == (
            "r1",
            "trigger",
            "regrade alert 1-1",
        )
        assert page["payload"]["severity"] == "error"
        change_alert(store, traffic.project, 1, "acknowledged", traffic.clock)
        await Notifier(store).work()
        change_alert(store, traffic.project, 1, "resolved", traffic.clock)
        await Notifier(store).work()
    actions = [each["event_action"] for each in came.bodies if "routing_key" in each]
    assert actions == ["trigger", "acknowledge", "resolve"]
    assert sum("blocks" in each for each in came.bodies) == 2
    with pytest.raises(UsageError, match="the alert 1 is over"):
        change_alert(store, traffic.project, 1, "acknowledged")
    with pytest.raises(UsageError, match="there is no alert 7"):
        change_alert(store, traffic.project, 7, "resolved")
    with pytest.raises(UsageError, match="acknowledged or resolved"):
        change_alert(store, traffic.project, 1, "open")


async def test_what_fails_is_tried_again_and_given_up_where_that_is_hopeless(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [10**12]
    monkeypatch.setattr(sending, "_now_ms", lambda: now[0])
    monkeypatch.setattr(sending, "TIMEOUT_S", 0.2)
    monkeypatch.setattr("regrade.online.monitors.alarms.wall_ms", lambda: now[0])
    with hook() as (url, came):
        traffic = fallen(store, tmp_path, webhook(url))
        notifier = Notifier(store)
        came.answers = [500, 0, 429]  # broken, hanging, too many; then it works
        for tries in range(1, 5):
            assert await notifier.work() == 1, tries
            assert await notifier.work() == 0, "it waits before it is tried again"
            now[0] += 3_600_000
        [sent] = store.live.deliveries.of(traffic.project)
        assert (sent.state, sent.attempts, len(came.bodies)) == ("sent", 4, 4)
        came.answers = [302]
        change_alert(store, traffic.project, 1, "resolved", traffic.clock)
        now[0] += 10**12
        await notifier.work()
        [last, _] = store.live.deliveries.of(traffic.project)
        assert (last.state, last.attempts) == ("dead", 1)
        assert "redirect" in str(last.error)
    assert notifier.given_up == 1
    assert store.live.deliveries.delete_before(10**14) == 2
    assert store.live.deliveries.counts() == {}


async def test_a_message_is_given_up_after_many_tries(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [10**12]
    monkeypatch.setattr(sending, "_now_ms", lambda: now[0])
    monkeypatch.setattr("regrade.online.monitors.alarms.wall_ms", lambda: now[0])
    traffic = fallen(store, tmp_path, webhook("http://127.0.0.1:9/closed"))
    notifier = Notifier(store)
    for _ in range(sending.MOST_ATTEMPTS):
        assert await notifier.work() == 1
        now[0] += 3_600_000
    assert await notifier.work() == 0
    [sent] = store.live.deliveries.of(traffic.project)
    assert (sent.state, sent.attempts) == ("dead", sending.MOST_ATTEMPTS)


async def test_a_private_address_a_missing_secret_and_a_channel_that_is_gone_are_hopeless(
    store: Store, tmp_path: Path
) -> None:
    inner = Channel(name="inner", type="webhook", url="http://127.0.0.1:1/")
    unset = Channel(name="unset", type="slack", url_env="NOBODY_SET_THIS")
    traffic = fallen(
        store, tmp_path, inner, unset, Channel(name="gone", type="webhook", url="http://x.example/")
    )
    store.live.alerts.keep_alerting(traffic.project, Alerting(channels=[inner, unset]))
    await Notifier(store).work()
    errors = {each.channel: str(each.error) for each in store.live.deliveries.of(traffic.project)}
    assert "private network" in errors["inner"]
    assert "NOBODY_SET_THIS" in errors["unset"]
    assert "no channel gone any more" in errors["gone"]
    assert store.live.deliveries.counts() == {"dead": 3}


async def test_what_is_muted_is_raised_and_not_sent(store: Store, tmp_path: Path) -> None:
    traffic = Traffic(store, tmp_path, criteria={"*": {"min": 0.9}}, send=["team"])
    store.live.alerts.keep_alerting(
        traffic.project,
        Alerting(
            channels=[
                webhook("http://127.0.0.1:9/"),
                Channel(name="other", type="slack", url="http://127.0.0.1:9/"),
            ]
        ),
    )
    mute_series(store, traffic.project, "m", "", traffic.clock.now + 10**9)
    traffic.hours(6, {"": 0.3})
    assert traffic.alerts == [("criterion:right", "open")]
    assert store.live.deliveries.counts() == {}
    mute_series(store, traffic.project, "m", "", 0)
    change_alert(store, traffic.project, 1, "resolved", traffic.clock)
    traffic.hours(6, {"": 0.3})
    sent = store.live.deliveries.of(traffic.project)
    assert {(each.channel, each.key) for each in sent} == {
        ("team", "resolved 1"), ("other", "resolved 1"), ("team", "opened 2"),
    }  # fmt: skip


async def test_mail_is_sent_and_refusals_are_told(store: Store, tmp_path: Path) -> None:
    with mail_server() as (host, mails):
        mail = Channel(
            name="mail",
            type="email",
            host=host,
            to=("a@x.example",),
            starttls=False,
            sender="r@x.example",
        )
        assert await tried(mail) is None
        traffic = fallen(store, tmp_path, mail)
        await Notifier(store).work()
        assert store.live.deliveries.counts() == {"sent": 1}
        assert traffic.alerts[0][1] == "open"
    assert len(mails) == 2
    assert "Subject: [regrade] A test of the channel" in mails[0]
    assert "To: a@x.example" in mails[1]
    with mail_server(refuses=True) as (host, _):
        said = await tried(
            Channel(name="mail", type="email", host=host, to=("b@x.example",), starttls=False)
        )
    assert "550" in str(said) or "refused" in str(said)
    said = await tried(
        Channel(name="mail", type="email", host="127.0.0.1:9", to=("b@x.example",), starttls=False)
    )
    assert "mail server" in str(said)


async def test_a_channel_is_tried_by_a_message_that_says_so() -> None:
    with hook() as (url, came):
        assert await tried(webhook(url)) is None
        came.answers = [404]
        assert await tried(webhook(url)) == "it answered 404: "
    assert came.bodies[0]["event"] == "test"


async def test_messages_of_one_alert_arrive_in_their_order(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [10**12]
    monkeypatch.setattr(sending, "_now_ms", lambda: now[0])
    monkeypatch.setattr("regrade.online.monitors.alarms.wall_ms", lambda: now[0])
    monkeypatch.setattr("regrade.online.alerts.changing._wall_ms", lambda: now[0])
    with hook() as (url, came):
        traffic = fallen(store, tmp_path, webhook(url))
        change_alert(store, traffic.project, 1, "resolved", traffic.clock)
        came.answers = [503]
        notifier = Notifier(store)
        assert await notifier.work() == 1
        now[0] += 100
        assert await notifier.work() == 0, "the end waits for the beginning"
        now[0] += 3_600_000
        assert await notifier.work() == 1
        assert await notifier.work() == 1
    assert [each["event"] for each in came.bodies] == ["opened", "opened", "resolved"]
