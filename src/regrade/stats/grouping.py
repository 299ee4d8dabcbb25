"""Texts that are alike, put together; and which to choose among many."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

MOST = 5000
"""Texts that are compared pair by pair: memory grows with their square, 100 MB at this number."""

MOST_TERMS = 2000
"""Terms that documents are compared by."""


def tf_idf(documents: Sequence[Sequence[str]]) -> tuple[np.ndarray, list[str]]:
    """Weigh the terms of documents: (1 + log tf) * log((1 + n) / df), each row of length 1.

    Shapes: documents[i] are the terms of one text, repeated as they occur; gives a matrix of
    documents by terms, and the terms. Left out are terms of a single document, which make it like no
    other, and all but the 2,000 that most documents have. A document without terms is a row of zeros.
    Source: Salton and Buckley 1988, Information Processing & Management 24:513-523.
    """
    counts = [Counter(document) for document in documents]
    spread = Counter(term for each in counts for term in each)
    shared = [term for term, number in spread.most_common(MOST_TERMS) if number > 1]
    terms = sorted(shared)
    place = {term: at for at, term in enumerate(terms)}
    matrix = np.zeros((len(documents), len(terms)), dtype=np.float32)
    for row, each in enumerate(counts):
        for term, times in each.items():
            if term not in place:
                continue
            weight = (1 + math.log(times)) * math.log((1 + len(documents)) / spread[term])
            matrix[row, place[term]] = weight
    length = np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix / np.where(length == 0, 1, length), terms


def average_linkage(vectors: np.ndarray, cut: float) -> list[int]:
    """Put vectors of length 1 into groups whose average cosine distance stays below a cut.

    Shapes: one row a vector; gives the number of each one's group, from 0 in the order in which
    groups appear. At most `MOST` rows.
    Raises: ValueError for more rows.
    Source: Sokal and Michener 1958 (unweighted pair groups, by arithmetic averages).
    """
    if len(vectors) > MOST:
        raise ValueError(f"{len(vectors)} vectors; at most {MOST} are compared pair by pair")
    if len(vectors) < 2:
        return [0] * len(vectors)
    from scipy.cluster.hierarchy import fcluster, linkage  # noqa: PLC0415  loads much, and only here

    distances = np.clip(1 - vectors @ vectors.T, 0, 2)
    upper = distances[np.triu_indices(len(vectors), 1)].astype(float)
    found = fcluster(linkage(upper, "average"), cut, "distance")
    numbers: dict[int, int] = {}
    return [numbers.setdefault(int(each), len(numbers)) for each in found]


def good_turing_unseen(sizes: Sequence[int]) -> float | None:
    """Estimate the chance that the next one belongs to a group that was not seen yet.

    Shapes: the sizes of the groups that were seen. None without any.
    Source: Good 1953, Biometrika 40:237-264: groups of one, by all.
    """
    return sum(size == 1 for size in sizes) / sum(sizes) if sizes else None


def k_center_greedy(vectors: np.ndarray, k: int, chosen: np.ndarray | None = None) -> list[int]:
    """Choose k vectors that are far from each other, and from those that were chosen before.

    Shapes: rows of length 1; gives their places in the order of choice, at most as many as there
    are. The first is the one nearest to the mean when nothing was chosen before.
    Source: Gonzalez 1985, Theoretical Computer Science 38:293-306.
    """
    if not len(vectors) or k < 1:
        return []
    picked: list[int] = []
    if chosen is None or not len(chosen):
        picked.append(int(np.argmax(vectors @ vectors.mean(axis=0))))
        distance = 1 - vectors @ vectors[picked[0]]
    else:
        distance = 1 - (vectors @ chosen.T).max(axis=1)
    while len(picked) < min(k, len(vectors)):
        distance[picked] = -np.inf
        picked.append(int(np.argmax(distance)))
        distance = np.minimum(distance, 1 - vectors @ vectors[picked[-1]])
    return picked


def neyman(sizes: Sequence[int], deviations: Sequence[float], n: int) -> list[int]:
    """Share n draws among strata so that the mean of all is known best.

    Shapes: the size of each stratum and the standard deviation in it; none gets more than it has.
    Source: Neyman 1934, Journal of the Royal Statistical Society 97:558-625; whole numbers by
    largest remainders.
    """
    left, given = n, [0] * len(sizes)
    while left > 0:
        weights = [
            size * sd if have < size else 0.0
            for size, sd, have in zip(sizes, deviations, given, strict=True)
        ]
        if not sum(weights):
            weights = [float(size - have) for size, have in zip(sizes, given, strict=True)]
        if not sum(weights):
            break
        ideal = [left * weight / sum(weights) for weight in weights]
        whole = [min(int(x), s - g) for x, s, g in zip(ideal, sizes, given, strict=True)]
        if not sum(whole):
            at = max(range(len(ideal)), key=lambda i: ideal[i] - int(ideal[i]))
            whole[at] = 1
        given = [have + more for have, more in zip(given, whole, strict=True)]
        left = n - sum(given)
    return given
