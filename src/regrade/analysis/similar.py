"""Failures that are alike, put together by what their graders say, so that a person reads ten groups
and not three hundred rows.
"""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from regrade.domain import Attempt
from regrade.stats.grouping import MOST, average_linkage, good_turing_unseen, tf_idf

CUT = 0.6
"""The average cosine distance up to which failures are one group: the sentences of graders are alike by
half their words already where only the particulars differ."""
_TERMS = 4
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|`[^`]*`|‘[^’]*’")
_WORD = re.compile(r"[^\W\d_]{2,}")
_EMPTY = frozenset(
    """about after all and any are because been before but can cannot did does for from had has have its
    itself not one only other out than that the their them then there they this was were what when
    where which while will with without would""".split()  # noqa: SIM905  a list of words reads as one
)
"""Words that name no kind of failure."""


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Failed attempts whose reasons are alike."""

    terms: tuple[str, ...]
    """The words that tell it from the others, the most telling first."""
    attempts: tuple[Attempt, ...]
    """Its attempts; the first is the most typical one."""


@dataclass(frozen=True, slots=True)
class FailureGroups:
    """All failures of a run, by group."""

    groups: tuple[FailureGroup, ...]
    """The largest first."""
    unseen: float | None
    """The estimated chance that the next failure is of a kind that is not among these; None without
    a failure."""


def group_failures(
    failures: Sequence[Attempt], *, cut: float = CUT, seed: int = 0
) -> FailureGroups:
    """Group failed attempts by the reasons that their graders give.

    Up to 5,000 different reasons are compared pair by pair; of more, as many are drawn, and the
    others join the group whose most typical failure is nearest.
    Source: TF-IDF and average linkage on cosine distances (see `stats.grouping`).
    """
    by_text: defaultdict[tuple[str, ...], list[Attempt]] = defaultdict(list)
    for attempt in failures:
        by_text[tuple(_terms_of(attempt))].append(attempt)
    texts = [*by_text]
    repeated = [text for text in texts if len(by_text[text]) > 1]  # so that their terms are shared
    vectors, terms = tf_idf([*texts, *repeated])
    drawn = [*range(len(texts))]
    if len(texts) > MOST:
        drawn = sorted(random.Random(seed).sample(drawn, MOST))  # noqa: S311  which texts are compared
    members: defaultdict[int, list[int]] = defaultdict(list)
    for at, number in zip(drawn, average_linkage(vectors[drawn], cut), strict=True):
        members[number].append(at)
    typical = {n: some[_medoid(vectors[some])] for n, some in members.items()}
    left = {*range(len(texts))} - {*drawn}
    for at in sorted(left):
        closeness = {n: float(vectors[at] @ vectors[medoid]) for n, medoid in typical.items()}
        members[max(closeness, key=lambda n: closeness[n])].append(at)
    groups = [
        _group([by_text[texts[at]] for at in _first(typical[n], some)], vectors[some], terms)
        for n, some in members.items()
    ]
    groups.sort(key=lambda group: -len(group.attempts))
    return FailureGroups(tuple(groups), good_turing_unseen([len(g.attempts) for g in groups]))


def _terms_of(attempt: Attempt) -> Iterator[str]:
    """What the reasons say, without what is quoted of this one answer."""
    if attempt.trace.error is not None:
        yield attempt.trace.error.kind
        yield from _words(attempt.trace.error.message)
        return
    for grade in attempt.grades:
        if grade.passed is False and grade.spec is not None and grade.spec.required:
            yield grade.spec.name
            if grade.spec.component:
                yield grade.spec.component
            yield from _words(grade.reason)


def _words(text: str) -> list[str]:
    return _WORD.findall(_QUOTED.sub(" ", text[:2000]).lower())


def _medoid(vectors: np.ndarray) -> int:
    return int(np.argmax(vectors @ vectors.sum(axis=0)))


def _first(one: int, some: Sequence[int]) -> list[int]:
    return [one, *(at for at in some if at != one)]


def _group(
    attempts: Sequence[Sequence[Attempt]], vectors: np.ndarray, terms: Sequence[str]
) -> FailureGroup:
    members = tuple(attempt for some in attempts for attempt in some)
    weights = vectors.sum(axis=0)
    ranked = [terms[at] for at in np.argsort(-weights, kind="stable") if weights[at] > 0]
    named = Counter(_grader(attempt) for attempt in members).most_common(1)[0][0]
    telling = [term for term in ranked if term not in _EMPTY and len(term) > 2 and term != named]
    return FailureGroup((named, *telling[: _TERMS - 1]), members)


def _grader(attempt: Attempt) -> str:
    return next(_terms_of(attempt), "failed")
