"""Personal data taken out before anything touches the disk."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from regrade.domain import Json
from regrade.domain.live import Feedback, ProjectSettings
from regrade.graders.safety.detectors import IDENTIFIERS, SECRETS, plain_phones
from regrade.ingest import RawEvent, RawSpan

UNREADABLE = "[not kept: it could not be looked through]"
"""What stands for a text in which nothing could be looked for."""
REDACTED = "regrade.redacted"
"""The attribute that says how many of each kind were taken out."""


class Redactor:
    """Takes personal data and dropped attributes out of what comes in, and counts them."""

    def __init__(self, settings: ProjectSettings) -> None:
        """Take what a project wants."""
        self._redacts = settings.redact
        self._whole = frozenset(name for name in settings.drop if not name.endswith("*"))
        self._starts = tuple(name[:-1] for name in settings.drop if name.endswith("*"))

    @property
    def does_nothing(self) -> bool:
        """Whether everything is kept as it comes."""
        return not (self._redacts or self._whole or self._starts)

    def span(self, span: RawSpan) -> RawSpan:
        """Give a span without what must not be kept."""
        if self.does_nothing:
            return span
        found: Counter[str] = Counter()
        attributes = self._attributes(span.attributes, found)
        events = tuple(self._event(event, found) for event in span.events)
        name, status = self._text(span.name, found), self._text(span.status, found)
        if found:
            attributes[REDACTED] = dict(found)
        return replace(span, name=name, status=status, attributes=attributes, events=events)

    def event(self, event: RawEvent) -> RawEvent:
        """Give a record of a log without what must not be kept."""
        return event if self.does_nothing else self._event(event, Counter())

    def resource(self, resource: Mapping[str, Json]) -> Mapping[str, Json]:
        """Give what is said of a sender without what must not be kept."""
        return resource if self.does_nothing else self._attributes(resource, Counter())

    def feedback(self, feedback: Feedback) -> Feedback:
        """Give what a user said without what must not be kept; who said it stays, to be deleted by."""
        value, comment = self.value(feedback.value), self.value(feedback.comment)
        return replace(feedback, value=value, comment=comment)

    def value(self, value: Json) -> Json:
        """Give a value without what must not be kept."""
        return self._value(value, Counter()) if self._redacts else value

    def _event(self, event: RawEvent, found: Counter[str]) -> RawEvent:
        return RawEvent(
            name=self._text(event.name, found), attributes=self._attributes(event.attributes, found)
        )

    def _attributes(self, given: Mapping[str, Json], found: Counter[str]) -> dict[str, Json]:
        kept: dict[str, Json] = {}
        for name, value in given.items():
            if name in self._whole or name.startswith(self._starts):
                found["dropped"] += 1
            else:
                kept[self._text(name, found)] = self._value(value, found)
        return kept

    def _value(self, value: Json, found: Counter[str]) -> Json:
        if isinstance(value, str):
            return self._text(value, found)
        if isinstance(value, Mapping):
            return {
                self._text(str(name), found): self._value(each, found)
                for name, each in value.items()
            }
        if isinstance(value, list):
            return [self._value(each, found) for each in value]
        return value

    def _text(self, text: str, found: Counter[str]) -> str:
        """Put the kind of what is found in its place; where looking fails, nothing is kept."""
        if not self._redacts or not text:
            return text
        try:
            findings = [
                each for detector in (*SECRETS, *IDENTIFIERS) for each in detector.find(text)
            ]
            findings += plain_phones(text)
        except Exception:  # noqa: BLE001  whatever goes wrong, nothing unread is kept
            found["unreadable"] += 1
            return UNREADABLE
        for each in sorted(findings, key=lambda finding: -len(finding.text)):
            if each.text in text:
                text = text.replace(each.text, f"[{each.kind}]")
                found[each.kind] += 1
        return text
