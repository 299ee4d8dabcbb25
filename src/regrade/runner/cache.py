"""What was worked out before: answers of the same target to the same input, grades of the same
grader for the same
answer. Keys are hashes of content, and a miss says what changed.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from regrade.domain import (
    Cache,
    CacheEntry,
    Case,
    GraderSpec,
    Json,
    Trace,
    as_json,
    content_hash,
    span_content,
)

_CHANGED = {
    "target": "the target changed",
    "answer": "the answer changed",
    "type": "the grader changed",
    "version": "the grader's version changed",
    "options": "the grader's options changed",
    "code": "the grader's code changed",
}


@dataclass(slots=True)
class CacheUse:
    """How often a cache helped, and why it did not."""

    hits: int = 0
    """Values found."""
    misses: Counter[str] = field(default_factory=Counter)
    """Values not found, by reason."""


def grade_entry(case: Case, trace: Trace, spec: GraderSpec, value: Json = None) -> CacheEntry:
    """Name a grade by everything that it depends on."""
    identity = spec.identity
    parts = {
        "answer": content_hash(_judged(trace)),
        "type": identity.type,
        "version": identity.version,
        "options": content_hash(identity.options),
        "code": identity.code,
    }
    subject = content_hash(
        ["grade", case.pairing_key, case.dimensions, dict(case.metadata), spec.name]
    )
    return CacheEntry(key=content_hash([subject, parts]), subject=subject, parts=parts, value=value)


def answer_entry(case: Case, trial: int, target_version: str, value: Json = None) -> CacheEntry:
    """Name an answer by everything that it depends on."""
    subject = content_hash(["answer", case.input, case.context, case.config, trial])
    parts = {"target": target_version}
    return CacheEntry(key=content_hash([subject, parts]), subject=subject, parts=parts, value=value)


def _judged(trace: Trace) -> Json:
    """What a costly grader may look at: all of the trace but its times, which are never the same twice."""
    return as_json(
        {
            "output": trace.output if trace.is_captured else None,
            "captured": trace.is_captured,
            "retrieved": trace.retrieved,
            "tool_calls": trace.tool_calls,
            "usage": trace.usage,
            "error": trace.error,
            "metadata": dict(trace.metadata),
            "spans": [
                {k: v for k, v in span_content(span).items() if k not in _TIMES_AND_NAMES}
                for span in trace.spans
            ],
        }
    )


_TIMES_AND_NAMES = frozenset({"span_id", "parent_id", "start_s", "duration_s", "attributes"})
"""What of a step is another in every attempt."""


class CountingCache:
    """A cache that keeps count of how it is used."""

    def __init__(self, cache: Cache) -> None:
        """Take the cache to use."""
        self._cache = cache
        self.use = CacheUse()

    def find(self, entry: CacheEntry) -> Json:
        """Give the value of an entry's key, or None."""
        found = self._cache.find([entry.key])
        if entry.key in found:
            self.use.hits += 1
            return found[entry.key]
        self.use.misses[_why(self._cache.nearest(entry.subject), entry.parts)] += 1
        return None

    def keep(self, entry: CacheEntry) -> None:
        """Keep a value."""
        self._cache.keep([entry])


def _why(nearest: Mapping[str, str] | None, parts: Mapping[str, str]) -> str:
    if nearest is None:
        return "not seen before"
    changed = [
        words
        for part, words in _CHANGED.items()
        if part in parts and nearest.get(part) != parts[part]
    ]
    return changed[0] if changed else "not seen before"
