"""Cases that nearly repeat each other, and cases that contradict each other or themselves."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from regrade.domain import Case, as_text, case_content, content_hash
from regrade.domain.case import EXPECTATIONS
from regrade.graders.text.number import numbers_in
from regrade.graders.wording import normalised

from .finding import Finding

NEAR = 92.0
"""Similarity, in percent of the longer text, from which two questions nearly repeat each other."""
_SKETCH = 6
_SHINGLE = 3
_MOST_TOGETHER = 50
_MOST_CHARACTERS = 2000


def repeated(cases: Sequence[Case]) -> Iterator[Finding]:
    """Find cases that ask the same, and say whether they expect the same."""
    asked: defaultdict[str, list[Case]] = defaultdict(list)
    for case in cases:
        asked[content_hash([case.input, case.context, case.config])].append(case)
    groups = [group for group in asked.values() if len(group) > 1]
    if groups:
        first, second = groups[0][:2]
        number = sum(len(group) - 1 for group in groups)
        yield Finding(
            "warning",
            f"{number} cases ask the same as another one, such as {first.id!r} and {second.id!r}",
        )
    unlike = [group for group in groups if len({_expected(case) for case in group}) > 1]
    if unlike:
        first = unlike[0][0]
        second = next(case for case in unlike[0] if _expected(case) != _expected(first))
        yield Finding(
            "warning",
            f"{len(unlike)} questions are asked twice with different expectations, such as "
            f"{first.id!r} and {second.id!r}: one of each pair can only be failed",
        )


def _expected(case: Case) -> str:
    content = case_content(case)
    return content_hash({name: content[name] for name in EXPECTATIONS if name in content})


def nearly_repeated(cases: Sequence[Case]) -> Iterator[Finding]:
    """Find pairs of cases whose questions differ in a few letters, and not in a number."""
    from rapidfuzz import fuzz  # noqa: PLC0415  `check` alone looks for repetitions

    texts = {case.id: _asked(case) for case in cases}
    pairs = [
        (one, other)
        for one, other in _candidates(texts)
        if texts[one] != texts[other]
        and fuzz.ratio(texts[one], texts[other], score_cutoff=NEAR)
        and _numbers(texts[one]) == _numbers(texts[other])
    ]
    if pairs:
        one, other = pairs[0]
        yield Finding(
            "warning",
            f"{len(pairs)} pairs of cases nearly repeat each other, such as {one!r} and {other!r}; "
            "they count twice and say little more, or share a `cluster`",
        )


def _asked(case: Case) -> str:
    text = as_text(case.input if case.context is None else [case.input, case.context])
    return normalised(text[:_MOST_CHARACTERS], ignore_case=True)


def _numbers(text: str) -> list[str]:
    return [str(each.value) for each in numbers_in(text)]


def _candidates(texts: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Give pairs that share one of their smallest shingle hashes: near-duplicates share most of
    them (Broder 1997), and the work stays linear in the number of cases.
    """
    buckets: defaultdict[int, list[str]] = defaultdict(list)
    for name, text in texts.items():
        words = text.split()
        if len(words) < _SHINGLE:
            continue
        shingles = {
            int.from_bytes(hashlib.blake2b(" ".join(part).encode(), digest_size=8).digest())
            for part in zip(*(words[at:] for at in range(_SHINGLE)), strict=False)
        }
        for value in sorted(shingles)[:_SKETCH]:
            buckets[value].append(name)
    seen: set[tuple[str, str]] = set()
    for names in buckets.values():
        for pair in combinations(names[:_MOST_TOGETHER], 2):
            if pair not in seen:
                seen.add(pair)
                yield pair


def impossible(cases: Sequence[Case]) -> Iterator[Finding]:
    """Find cases that no answer can pass, since they ask for something and for its opposite."""
    found = [(case, fault) for case in cases if (fault := _fault(case)) is not None]
    if found:
        case, fault = found[0]
        count = (
            f"{len(found)} cases contradict themselves"
            if len(found) > 1
            else "a case contradicts itself"
        )
        yield Finding("error", f"{count}: {case.id!r} {fault}")


def _fault(case: Case) -> str | None:
    wanted, unwanted = _phrases(case, "must_mention"), _phrases(case, "must_not_mention")
    for phrase in unwanted:
        if any(phrase in each.split() or phrase == each for each in wanted):
            return f"must and must not mention {phrase!r}"
    if both := {*case.expected_topics} & {*case.disallowed_topics}:
        return f"expects and disallows the topic {sorted(both)[0]!r}"
    if both := {call.name for call in case.expected_tool_calls} & {*case.forbidden_tool_calls}:
        return f"expects and forbids the tool {sorted(both)[0]!r}"
    return None


def _phrases(case: Case, key: str) -> list[str]:
    value = case.expected.get(key) or []
    items = value if isinstance(value, list | tuple) else [value]
    return [normalised(as_text(item), ignore_case=True) for item in items]


def nearest(case: Case, cases: Sequence[Case]) -> tuple[str, float] | None:
    """Give the case whose question is nearest to that of another, and how alike they are, from 0 to 1; None where none
    nearly repeats it. Questions that differ in a number are different ones.
    """
    from rapidfuzz import fuzz  # noqa: PLC0415  as above

    asked, numbers = _asked(case), _numbers(_asked(case))
    best: tuple[str, float] | None = None
    for other in cases:
        text = _asked(other)
        likeness = fuzz.ratio(asked, text, score_cutoff=NEAR)
        if likeness and numbers == _numbers(text) and (best is None or likeness / 100 > best[1]):
            best = (other.id, likeness / 100)
    return best
