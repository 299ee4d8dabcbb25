"""Which steps are meant: by name, kind, attributes, and what they stand within."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from regrade.domain import SPAN_KINDS, Json, Span

KEYS = ("name", "name_contains", "kind", "attributes", "has_error", "within")
"""What a query may say, the cheapest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A description of steps; everything that it says must hold."""

    name: str | None = None
    """The step's name."""
    name_contains: str | None = None
    """A part of its name, whatever the capitals."""
    kind: str | None = None
    """Its kind."""
    attributes: Mapping[str, Json] = field(default_factory=dict)
    """Attributes and their values."""
    has_error: bool | None = None
    """Whether it ended in an error."""
    within: "Query | None" = None
    """What it stands within, at any depth."""

    def matches(self, span: Span, by_id: Mapping[str, Span]) -> bool:
        """Whether a step is one of those that are meant."""
        return (
            (self.name is None or span.name == self.name)
            and (self.name_contains is None or self.name_contains.lower() in span.name.lower())
            and (self.kind is None or span.kind == self.kind)
            and all(str(span.attributes.get(k)) == str(v) for k, v in self.attributes.items())
            and (self.has_error is None or (span.error is not None) is self.has_error)
            and (self.within is None or self._stands_within(span, by_id))
        )

    def _stands_within(self, span: Span, by_id: Mapping[str, Span]) -> bool:
        assert self.within is not None, "told apart by the caller"
        parent = by_id.get(span.parent_id or "")
        while parent is not None:
            if self.within.matches(parent, by_id):
                return True
            parent = by_id.get(parent.parent_id or "")
        return False

    def words(self) -> str:
        """Say what is meant."""
        parts = [self.kind] if self.kind else []
        parts += [f"“{self.name or self.name_contains}”"] if self.name or self.name_contains else []
        parts += [f"with {k}={v}" for k, v in self.attributes.items()]
        parts += (
            ["with an error" if self.has_error else "without an error"]
            if self.has_error is not None
            else []
        )
        parts += [f"within {self.within.words()}"] if self.within else []
        return " ".join(parts)


def read_query(given: Json) -> Query:
    """Read a query: a name, or an object with the keys of a query.

    Raises: ValueError.
    """
    if isinstance(given, str):
        return Query(name=given)
    if not isinstance(given, Mapping) or not given or not {*given} <= {*KEYS}:
        raise ValueError(
            f"a step is {given!r}; write its name, or an object with {', '.join(KEYS)}"
        )
    options = dict(given)
    if (kind := options.get("kind")) is not None and kind not in SPAN_KINDS:
        raise ValueError(f"{kind!r} is no kind of step; there is: {', '.join(SPAN_KINDS)}")
    if "within" in options:
        options["within"] = read_query(options["within"])
    return Query(**options)


def find(query: Query, spans: Sequence[Span]) -> list[Span]:
    """Give the steps that are meant, in the order in which they began."""
    by_id = {span.span_id: span for span in spans}
    return [span for span in spans if query.matches(span, by_id)]
