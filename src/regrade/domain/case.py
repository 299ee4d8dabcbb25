"""A case is one thing to ask; a dataset is cases with a content-hash version."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import ClassVar, Literal, get_args

from .documents import Json, content_hash, sequence_hash

Kind = Literal["typical", "edge", "adversarial", "historical_failure", "missing_data"]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call of a tool: expected by a case, or made by the system."""

    name: str
    """The tool's name."""
    arguments: Json = None
    """The arguments by name; None when not given."""
    result: Json = None
    """What the tool returned; None when unknown or in an expectation."""
    error: str | None = None
    """What went wrong, if anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelevantDocument:
    """A document that a good retrieval finds for a case."""

    id: str
    """The document's id in the index."""
    relevance: float = 1.0
    """How relevant it is; 0 means not at all."""
    text: str | None = None
    """Its text, for matching when ids differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing to ask the system, and what a good answer is."""

    __test__: ClassVar[bool] = (
        False  # so that `from regrade import Case as TestCase` is not collected by pytest
    )

    input: Json
    """What the system is asked; any JSON value."""
    id: str = ""
    """Unique in its dataset; left out, it is the pairing key."""
    context: Json = None
    """What the system is given besides the input."""
    config: Json = None
    """Settings that reach targets which name them."""
    expected: Mapping[str, Json] = field(default_factory=dict)
    """What a good answer holds, by name."""
    expected_topics: tuple[str, ...] = ()
    """Topics that the answer must speak of."""
    disallowed_topics: tuple[str, ...] = ()
    """Topics that the answer must not speak of."""
    requires_context: bool | None = None
    """True when a good answer rests on retrieved context."""
    kind: Kind | None = None
    """Which of the five kinds of case it is."""
    difficulty: str | None = None
    """easy, medium, hard, or any other word."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Names and values to break results down by."""
    known_failure_modes: tuple[str, ...] = ()
    """Ways in which systems were seen to fail here."""
    expected_tool_calls: tuple[ToolCall, ...] = ()
    """Calls that the system must make."""
    forbidden_tool_calls: tuple[str, ...] = ()
    """Tools that the system must not call."""
    relevant_documents: tuple[RelevantDocument, ...] = ()
    """Documents that a good retrieval finds."""
    should_refuse: bool | None = None
    """True when the right answer is to refuse."""
    critical: bool = False
    """True when this case may never go from pass to fail."""
    cluster: str | None = None
    """Cases that share a cluster (a document, a conversation) are not independent of each other."""
    source: str | None = None
    """Where the case comes from."""
    notes: str | None = None
    """Anything worth saying about it."""
    metadata: Mapping[str, Json] = field(default_factory=dict)
    """Keys of the file that regrade does not know, kept as they were."""

    def __post_init__(self) -> None:
        sequences = _getter(_SEQUENCES)(self)
        if {*map(type, sequences)} != {tuple}:
            for name, value in zip(_SEQUENCES, sequences, strict=True):
                object.__setattr__(self, name, tuple(value))
        if not self.id:
            object.__setattr__(self, "id", self.pairing_key)

    @property
    def pairing_key(self) -> str:
        """The hash of what is asked and expected: runs are compared on cases with equal keys."""
        return content_hash(_content(self, _PAIRED))

    @property
    def dimensions(self) -> dict[str, str]:
        """What results are broken down by: the tags, and `kind` and `difficulty` where given."""
        found = {name: str(value) for name, value in self.tags.items()}
        if self.kind:
            found.setdefault("kind", self.kind)
        if self.difficulty:
            found.setdefault("difficulty", self.difficulty)
        return found


class RememberedCase(Case):
    """A case of which only the id, the pairing key and how it came out were kept."""

    __slots__ = ()

    @property
    def pairing_key(self) -> str:
        """The key that it had."""
        return str(self.metadata["pairing_key"])


_SEQUENCES = (
    "expected_topics",
    "disallowed_topics",
    "known_failure_modes",
    "expected_tool_calls",
    "forbidden_tool_calls",
    "relevant_documents",
)
EXPECTATIONS = (
    "expected",
    "expected_topics",
    "disallowed_topics",
    "requires_context",
    "expected_tool_calls",
    "forbidden_tool_calls",
    "relevant_documents",
    "should_refuse",
)
"""The fields that say what a good answer is; `difficulty`, tags and the like only describe the
case."""
_PAIRED = ("input", "context", "config", *EXPECTATIONS)
_VERSIONED = (
    "id",
    *_PAIRED,
    *(
        "kind",
        "difficulty",
        "tags",
        "known_failure_modes",
        "critical",
        "cluster",
        "source",
        "notes",
        "metadata",
    ),
)


def case_content(case: Case) -> dict[str, Json]:
    """Give the fields of a case that are set, as JSON; `restored_case` reads them back."""
    return _content(case, _VERSIONED)


def restored_case(content: Mapping[str, Json]) -> Case:
    """Make the case that `case_content` gave this content of."""
    fields = dict(content)
    if calls := fields.get("expected_tool_calls"):
        fields["expected_tool_calls"] = tuple(ToolCall(**call) for call in calls)
    if documents := fields.get("relevant_documents"):
        fields["relevant_documents"] = tuple(RelevantDocument(**document) for document in documents)
    return Case(**fields)


def _content(case: Case, names: tuple[str, ...]) -> dict[str, Json]:
    content = {
        name: value
        for name, value in zip(names, _getter(names)(case), strict=True)
        if value or (name in _MEANINGFUL and (value is not None or name == "input"))
    }
    for name in _SEQUENCES:
        if name in content:
            content[name] = [_item_content(item) for item in content[name]]
    return content


_getter = lru_cache(maxsize=8)(lambda names: attrgetter(*names))
_MEANINGFUL = frozenset({"input", "requires_context", "should_refuse", "context", "config"})
"""Fields whose empty or false values say something."""


def _item_content(item: str | ToolCall | RelevantDocument) -> Json:
    if isinstance(item, ToolCall):
        return _call_content(item)
    return _document_content(item) if isinstance(item, RelevantDocument) else item


def _call_content(call: ToolCall) -> dict[str, Json]:
    return (
        {"name": call.name}
        if call.arguments is None
        else {"name": call.name, "arguments": call.arguments}
    )


def _document_content(document: RelevantDocument) -> dict[str, Json]:
    content: dict[str, Json] = {"id": document.id}
    if document.relevance != 1.0:
        content["relevance"] = document.relevance
    if document.text is not None:
        content["text"] = document.text
    return content


@dataclass(frozen=True, slots=True)
class Dataset:
    """Cases with unique ids, and the version of their content."""

    cases: tuple[Case, ...]
    """The cases, in the order of their file."""
    version: str
    """A hash of the content: the same for any file, order and format."""

    @classmethod
    def of(cls, cases: Iterable[Case]) -> "Dataset":
        """Make a dataset of cases whose ids are unique."""
        found = tuple(cases)
        contents = [case_content(case) for case in sorted(found, key=attrgetter("id"))]
        return cls(found, sequence_hash(contents))
