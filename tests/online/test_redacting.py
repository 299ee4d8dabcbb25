"""Personal data never reach the disk."""

import pytest

from regrade.domain.live import ProjectSettings
from regrade.ingest import RawEvent
from regrade.online.redacting import REDACTED, UNREADABLE, Redactor
from tests.fakes.spans import raw


def test_personal_data_are_taken_out_of_everything_and_counted() -> None:
    redactor = Redactor(ProjectSettings(redact=True, drop=("secret.*", "card")))
    event = RawEvent(name="said", attributes={"text": "or bo@example.org"})
    span = raw(
        1, name="mail ada@example.org", text="Write to ada@example.org, card 4111 1111 1111 1111.",
        deep=[{"to": "bo@example.org", "n": 1}], card="x", secret__key="y", n=3,
    )  # fmt: skip
    span = type(span)(**{**{f: getattr(span, f) for f in span.__slots__}, "events": (event,), "status": "ada@example.org"})  # fmt: skip
    found = redactor.span(span)
    shown = str(found)
    assert "@example.org" not in shown
    assert "4111" not in shown
    assert found.attributes["text"] == "Write to [email], card [card]."
    assert found.attributes["deep"] == [{"to": "[email]", "n": 1}]
    assert found.attributes[REDACTED] == {"email": 5, "card": 1, "dropped": 2}
    assert redactor.event(event).attributes == {"text": "or [email]"}
    assert redactor.value("ada@example.org") == "[email]"


def test_without_settings_everything_is_kept_as_it_comes() -> None:
    redactor = Redactor(ProjectSettings())
    assert redactor.does_nothing
    span = raw(1, text="ada@example.org")
    assert redactor.span(span) is span
    event = RawEvent(name="x")
    assert redactor.event(event) is event
    assert redactor.value("ada@example.org") == "ada@example.org"
    dropping = Redactor(ProjectSettings(drop=("text",)))
    assert dropping.span(span).attributes == {REDACTED: {"dropped": 1}}


def test_what_cannot_be_looked_through_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(text: str) -> list[object]:
        raise RuntimeError(text)

    monkeypatch.setattr("regrade.online.redacting.plain_phones", broken)
    found = Redactor(ProjectSettings(redact=True)).span(raw(1, name="", text="hello"))
    assert found.attributes == {UNREADABLE: UNREADABLE, REDACTED: {"unreadable": 2}}
