"""How far people agree with each other: what no judge can be asked to beat."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from regrade.domain import Label
from regrade.stats.people.agreement import Agreement, cohen_kappa, gwet_ac1, krippendorff_alpha

from .items import latest


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleAgreement:
    """How far people agree on one criterion."""

    people: tuple[str, ...]
    """Who labelled."""
    items: int
    """Answers that two people or more labelled, unsure ones left out."""
    kappa: Agreement | None
    """Of the two who share most answers; None without a pair."""
    pair: tuple[str, str] | None
    """Those two."""
    ac1: float | None
    """Gwet's coefficient of the same two."""
    alpha: float | None
    """Krippendorff's, of everybody; None without a pair."""
    unsure: int
    """Labels that were unsure."""


def people_agreement(labels: Iterable[Label], criterion: str) -> PeopleAgreement:
    """Measure how far people agree on a criterion."""
    said = latest(labels, criterion)
    people = sorted({who for each in said.values() for who in each})
    ratings = [[_value(each.get(who)) for each in said.values()] for who in people]
    shared = sum(sum(row[at] is not None for row in ratings) > 1 for at in range(len(said)))
    tables = {
        (people[i], people[j]): _table(ratings[i], ratings[j])
        for i, j in combinations(range(len(people)), 2)
    }
    pair = max(tables, key=lambda each: sum(map(sum, tables[each])), default=None)
    has_pair = pair is not None and sum(map(sum, tables[pair])) > 0
    return PeopleAgreement(
        people=tuple(people),
        items=shared,
        kappa=cohen_kappa(tables[pair]) if has_pair and pair else None,
        pair=pair if has_pair else None,
        ac1=gwet_ac1(tables[pair]) if has_pair and pair else None,
        alpha=krippendorff_alpha(ratings) if shared else None,
        unsure=sum(label.verdict == "unsure" for each in said.values() for label in each.values()),
    )


def _value(label: Label | None) -> float | None:
    if label is None or label.verdict == "unsure":
        return None
    return float(label.verdict == "pass")


def _table(a: list[float | None], b: list[float | None]) -> list[list[int]]:
    table = [[0, 0], [0, 0]]
    for x, y in zip(a, b, strict=True):
        if x is not None and y is not None:
            table[int(x)][int(y)] += 1
    return table
