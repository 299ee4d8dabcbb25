"""Graders of a ranking: what was retrieved, against the case's relevant documents."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from regrade.domain import Case, Document, Grade, Json, RelevantDocument, Trace
from regrade.graders.check import Check, Probe, ProbeOutcome
from regrade.graders.wording import listed

from .measures import average_precision, hit, ndcg, precision, recall, reciprocal_rank
from .relevance import Match, Ranking, ranking


def _probe(
    found: Sequence[str] | None,
    relevant: Sequence[str | RelevantDocument],
    gives: ProbeOutcome,
    **options: Json,
) -> Probe:
    wanted = tuple(
        each if isinstance(each, RelevantDocument) else RelevantDocument(id=each)
        for each in relevant
    )
    documents = None if found is None else tuple(Document(id=each) for each in found)
    return Probe(
        case=Case(input="probe", relevant_documents=wanted),
        trace=Trace(output="x", retrieved=documents),
        gives=gives,
        options=options,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ranked(Check):
    """The options of graders of rankings."""

    reads_output: ClassVar[bool] = False
    title: ClassVar[str]
    """What reasons call the measure."""
    measure: ClassVar[Callable[[Ranking, int], float]]
    """Takes the ranking and k."""

    k: int = 5
    """How many of the first documents count."""
    min: float
    """The least value that passes, from 0 to 1."""
    match: Match = "id"
    """How documents are known: by `id`, by `url` (in the metadata's `url` or `source`, or the id;
    scheme, `www.`, fragment and final slash do not count), or by `text`, where one holds the
    other."""

    def __post_init__(self) -> None:
        if self.k < 1:
            raise ValueError(f"`k` is {self.k}; at least one document must count")
        if not 0 <= self.min <= 1:
            raise ValueError(f"`min` is {self.min}; it goes from 0 to 1")

    def lacks(self, case: Case) -> str | None:
        """What the case would need."""
        if any(each.relevance > 0 for each in case.relevant_documents):
            return None
        return "relevant_documents is missing, or none of them has a relevance above 0"

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Measure the ranking."""
        if (lacking := self.lacks(case)) is not None:
            return Grade.abstained(f"It is not known which documents are relevant: {lacking}.")
        if trace.retrieved is None:
            return Grade.abstained("It is not known what was retrieved.")
        found = ranking(case, trace.retrieved, self.match)
        score = type(self).measure(found, self.k)
        at = f"{self.title} at {self.k} is {score:.3g}"
        missed = tuple(f"missed {each}" for each in found.missed)
        if score >= self.min - 1e-12:
            return Grade(True, f"The {at}, at least {self.min:g}.", score, issues=missed)
        lost = f"; not retrieved: {listed([*found.missed], 3)}" if found.missed else ""
        return Grade(False, f"The {at}, below {self.min:g}{lost}.", score, issues=missed)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallAtK(_Ranked):
    """Enough of the relevant documents are among the first k.

    Reads the retrieved documents in their order and the case's `relevant_documents` (those with a
    relevance above 0). A document that was retrieved twice counts once. Abstains when the case
    names no relevant document, or it is not known what was retrieved; retrieving nothing is known,
    and fails. Score: the share of the relevant documents. Issues: those that were not retrieved.
    """

    type: ClassVar[str] = "recall_at_k"
    title: ClassVar[str] = "recall"
    measure: ClassVar[Callable[[Ranking, int], float]] = staticmethod(recall)
    probes: ClassVar[tuple[Probe, ...]] = (
        _probe(["a", "x", "b"], ["a", "b"], "pass"),
        _probe(["a", "x", "b"], ["a", "b"], "fail", k=2),
        _probe(["a", "a"], ["a", "b"], "pass", min=0.5),
        _probe([], ["a"], "fail"),
        _probe(["a"], [RelevantDocument(id="a", relevance=0)], "abstain"),
        _probe(None, ["a"], "abstain"),
    )

    min: float = 1.0
    """The least share that passes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HitAtK(_Ranked):
    """A relevant document is among the first k.

    Reads what `recall_at_k` reads, and abstains where it does. Score: 1 or 0. Issues: the relevant
    documents that were not retrieved.
    """

    type: ClassVar[str] = "hit_at_k"
    title: ClassVar[str] = "hit rate"
    measure: ClassVar[Callable[[Ranking, int], float]] = staticmethod(hit)
    probes: ClassVar[tuple[Probe, ...]] = (
        _probe(["x", "a"], ["a", "b"], "pass"),
        _probe(["x", "a"], ["a"], "fail", k=1),
        _probe(None, ["a"], "abstain"),
    )

    min: float = 1.0
    """The least value that passes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisionAtK(_Ranked):
    """Enough of the first k places hold relevant documents.

    Reads what `recall_at_k` reads, and abstains where it does. Places that were left empty count,
    and so do duplicates, which are not relevant. Score: the share of the k places.
    """

    type: ClassVar[str] = "precision_at_k"
    title: ClassVar[str] = "precision"
    measure: ClassVar[Callable[[Ranking, int], float]] = staticmethod(precision)
    probes: ClassVar[tuple[Probe, ...]] = (
        _probe(["a", "b", "x", "y"], ["a", "b"], "pass", k=4, min=0.5),
        _probe(["a", "a"], ["a", "b"], "fail", k=2, min=0.6),
        _probe(["a"], [], "abstain", min=0.5),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mrr(_Ranked):
    """The first relevant document stands high enough: reciprocal rank, whose mean over cases is the
    MRR.

    Reads what `recall_at_k` reads, and abstains where it does. Score: 1 ÷ the rank of the first
    relevant document among the first k, 0 without one (Voorhees 1999).
    """

    type: ClassVar[str] = "mrr"
    title: ClassVar[str] = "reciprocal rank"
    measure: ClassVar[Callable[[Ranking, int], float]] = staticmethod(reciprocal_rank)
    probes: ClassVar[tuple[Probe, ...]] = (
        _probe(["x", "a"], ["a"], "pass", min=0.5),
        _probe(["x", "y", "a"], ["a"], "fail", min=0.5),
        _probe(None, ["a"], "abstain", min=0.5),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ndcg(_Ranked):
    """The ranking is close enough to the best one, graded relevance counted.

    Reads what `recall_at_k` reads, and abstains where it does. Score: normalised discounted
    cumulative gain of the first k, with the relevances as gains and log2(1 + rank) as discount
    (Järvelin and Kekäläinen 2002).
    """

    type: ClassVar[str] = "ndcg"
    title: ClassVar[str] = "NDCG"
    measure: ClassVar[Callable[[Ranking, int], float]] = staticmethod(ndcg)
    probes: ClassVar[tuple[Probe, ...]] = (
        _probe(["a", "b"], [RelevantDocument(id="a", relevance=3), "b"], "pass", min=1.0),
        _probe(["b", "a"], [RelevantDocument(id="a", relevance=3), "b"], "fail", min=0.9),
        _probe(None, ["a"], "abstain", min=0.5),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Map(_Ranked):
    """Relevant documents stand before others: average precision, whose mean over cases is the MAP.

    Reads what `recall_at_k` reads, and abstains where it does. Score: the mean, over all relevant
    documents, of the precision at each one's rank; those beyond k count 0 (trec_eval's `map_cut`).
    """

    type: ClassVar[str] = "map"
    title: ClassVar[str] = "average precision"
    measure: ClassVar[Callable[[Ranking, int], float]] = staticmethod(average_precision)
    probes: ClassVar[tuple[Probe, ...]] = (
        _probe(["a", "x", "b"], ["a", "b"], "pass", min=0.8),
        _probe(["x", "a", "y", "b"], ["a", "b"], "fail", min=0.6),
        _probe(None, ["a"], "abstain", min=0.5),
    )
