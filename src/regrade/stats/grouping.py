"""Texts that are alike, put together."""

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
