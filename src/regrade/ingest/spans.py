"""Raw spans to spans: every dialect asked, times brought to the attempt's own, and a tree that is
one.

Nothing is refused: a missing parent makes a root, a cycle is cut where it was found, the same span
twice counts once (the later one that ended), a negative duration is zero.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from regrade.domain import Json, Span, as_text

from .dialects import DIALECTS, NOTHING
from .raw import RawSpan

MOST_ATTRIBUTES = 128
"""Attributes of one span that are kept beside what was understood."""
MOST_CHARACTERS = 20_000
"""Characters of one attribute that are kept."""
_UNDERSTOOD = re.compile(
    r"regrade\.|llm\.(input_messages|output_messages|tools|request\.functions)\.|retrieval\.documents\."
    r"|(input|output)\.(value|mime_type)$|reranker\.output_documents\.|gen_ai\.(prompt|completion)(\.\d|$)"
    r"|gen_ai\.(input\.messages|output\.messages|system_instructions|tool\.definitions|retrieval\.documents)$"
    r"|gen_ai\.tool\.call\.(arguments|result)$|traceloop\.entity\.(input|output)$|ai\.prompt|final_result$"
    r"|ai\.response\.(text|object|toolCalls)$|ai\.toolCall\.(args|result)$|langfuse\.observation\.(input|output)$"
    r"|mlflow\.span(Inputs|Outputs)$|lmnr\.span\.(input|output)$|genkit:(input|output)$|pydantic_ai\.all_messages$"
    r"|braintrust\.(input|output)_json$|gcp\.vertex\.agent\.(llm|tool)_"
)
"""Attributes that hold the same content again that a dialect has read."""
_SECRET = ("authorization", "api_key", "api-key", "headers", "cookie", "password", "token.secret")


def to_spans(raw: Iterable[RawSpan], began_ns: int) -> tuple[Span, ...]:
    """Translate the spans of one trace, in the order in which they began; times are seconds after
    `began_ns`.
    """
    unique: dict[str, RawSpan] = {}
    for span in raw:
        known = unique.get(span.span_id)
        if known is None or known.end_ns is None or span.end_ns is not None:
            unique[span.span_id] = span
    parents = _parents(unique)
    ordered = sorted(unique.values(), key=lambda span: span.start_ns)
    return tuple(_span(span, parents[span.span_id], began_ns) for span in ordered)


def _parents(spans: Mapping[str, RawSpan]) -> dict[str, str | None]:
    """Give each span its parent, if it is there and not among its own descendants."""
    found: dict[str, str | None] = {}
    settled: set[str] = set()
    for start in spans:
        path: list[str] = []
        on_path: set[str] = set()
        current: str | None = start
        while current is not None and current not in settled:
            on_path.add(current)
            path.append(current)
            parent = spans[current].parent_id
            if parent not in spans or parent in on_path:
                found[current] = None
                break
            found[current] = parent
            current = parent
        settled.update(path)
    return found


def _span(raw: RawSpan, parent: str | None, began_ns: int) -> Span:
    said = NOTHING
    for read in DIALECTS:
        found = read(raw)
        if found is not NOTHING:  # few dialects speak of one span
            said = found if said is NOTHING else said.or_else(found)
    duration = None if raw.end_ns is None else max(0, raw.end_ns - raw.start_ns) / 1e9
    return Span(
        span_id=raw.span_id,
        parent_id=parent,
        name=raw.name,
        kind=said.kind or "span",
        start_s=(raw.start_ns - began_ns) / 1e9,
        duration_s=duration,
        error=_error(raw),
        input=said.input,
        output=said.output,
        messages=said.messages or (),
        tools=said.tools or (),
        model=said.model,
        retrieved=said.retrieved,
        tool_call=said.tool_call,
        usage=said.usage,
        attributes=_kept(raw.attributes, is_read=said is not NOTHING),
        is_truncated=raw.is_truncated or raw.attributes.get("regrade.truncated") is True,
    )


def _error(raw: RawSpan) -> str | None:
    for event in raw.events:
        if event.name == "exception" and raw.is_error:
            kind = event.attributes.get("exception.type", "error")
            return f"{kind}: {event.attributes.get('exception.message', '')}"[:2000]
    if raw.is_error:
        return (raw.status or as_text(raw.attributes.get("error.type", "error")))[:2000]
    return None


def _kept(attributes: Mapping[str, Json], *, is_read: bool) -> dict[str, Json]:
    """Keep what no dialect has read; never what may hold a key."""
    kept: dict[str, Json] = {}
    for name, value in attributes.items():
        is_secret, is_understood = _known(name)
        if is_secret or (is_read and is_understood):
            continue
        if len(kept) >= MOST_ATTRIBUTES:
            break
        is_long = isinstance(value, str) and len(value) > MOST_CHARACTERS
        kept[name] = f"{value[:MOST_CHARACTERS]}…" if is_long else value
    return kept


@lru_cache(maxsize=10_000)
def _known(name: str) -> tuple[bool, bool]:
    """Whether an attribute may hold a key, and whether its content is what a dialect reads: names repeat."""
    lower = name.lower()
    return any(word in lower for word in _SECRET), _UNDERSTOOD.match(name) is not None


def depth_first(spans: Sequence[Span]) -> list[tuple[int, Span]]:
    """Give the spans as a tree is read, each with its depth."""
    children: dict[str | None, list[Span]] = {}
    for span in spans:
        children.setdefault(span.parent_id, []).append(span)
    found: list[tuple[int, Span]] = []
    waiting = [(0, span) for span in reversed(children.get(None, []))]
    while waiting:
        depth, span = waiting.pop()
        found.append((depth, span))
        waiting += [(depth + 1, child) for child in reversed(children.get(span.span_id, []))]
    return found
