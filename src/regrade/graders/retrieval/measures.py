"""Measures of a ranking: relevances in rank order in, a number from 0 to 1 out.

Definitions are those of trec_eval, by which the tests hold them. With duplicates, the better rank
counts and the others are not relevant.
"""

import math
from collections.abc import Sequence

from .relevance import Ranking


def recall(ranking: Ranking, k: int) -> float:
    """Give the share of the relevant documents that are among the first k."""
    return ranking.found(k) / len(ranking.ideal)


def precision(ranking: Ranking, k: int) -> float:
    """Give the share of the first k places that hold a relevant document; places that were left
    empty count.
    """
    return ranking.found(k) / k


def hit(ranking: Ranking, k: int) -> float:
    """Give 1 when a relevant document is among the first k, else 0 (`success` of trec_eval)."""
    return float(ranking.found(k) > 0)


def reciprocal_rank(ranking: Ranking, k: int) -> float:
    """Give 1 ÷ the rank of the first relevant document among the first k; 0 when there is none.

    Source: Voorhees 1999, "The TREC-8 Question Answering Track Report".
    """
    return next((1 / rank for rank, gain in enumerate(ranking.gains[:k], 1) if gain > 0), 0.0)


def ndcg(ranking: Ranking, k: int) -> float:
    """Give the discounted cumulative gain of the first k over that of the best possible ranking;
    gains are the relevances themselves, discounted by log2(1 + rank).

    Source: Järvelin and Kekäläinen 2002, "Cumulated gain-based evaluation of IR techniques".
    """
    return _dcg(ranking.gains, k) / _dcg(ranking.ideal, k)


def _dcg(gains: Sequence[float], k: int) -> float:
    return sum(gain / math.log2(1 + rank) for rank, gain in enumerate(gains[:k], 1))


def average_precision(ranking: Ranking, k: int) -> float:
    """Give the mean, over all relevant documents, of the precision at each one's rank; those beyond
    k, or not found, count 0.

    Source: trec_eval, `map_cut`.
    """
    found, total = 0, 0.0
    for rank, gain in enumerate(ranking.gains[:k], 1):
        if gain > 0:
            found += 1
            total += found / rank
    return total / len(ranking.ideal)
