import numpy as np
import pytest

from regrade.stats.grouping import (
    MOST,
    average_linkage,
    good_turing_unseen,
    k_center_greedy,
    neyman,
    tf_idf,
)

KINDS = (
    "the answer lacks the price of the plan",
    "the tool refund was called before the order was looked up",
    "no relevant document was retrieved among the first five",
    "the output is not JSON and cannot be parsed",
)


def planted(n: int) -> tuple[list[list[str]], list[int]]:
    random = np.random.default_rng(5)
    truth = [int(random.integers(len(KINDS))) for _ in range(n)]
    texts: list[list[str]] = []
    for kind in truth:
        words = KINDS[kind].split()
        kept = [word for word in words if random.random() < 0.8]
        texts.append([*kept, f"number{len(texts)}"])
    return texts, truth


def test_planted_kinds_are_found_again() -> None:
    texts, truth = planted(200)
    vectors, _ = tf_idf(texts)
    found = average_linkage(vectors, 0.8)
    assert len({*zip(found, truth, strict=True)}) == len(set(found)) == len(KINDS)


def test_rows_have_length_one_and_rare_terms_weigh_more() -> None:
    matrix, terms = tf_idf([["a", "b"], ["a", "b", "c"], ["a"], []])
    assert terms == ["a", "b"]
    assert np.linalg.norm(matrix, axis=1) == pytest.approx([1, 1, 1, 0])
    assert matrix[0, 1] > matrix[0, 0]


def test_a_cut_of_nothing_and_of_everything() -> None:
    vectors, _ = tf_idf([["a"], ["a"], ["b", "c"], ["c", "b", "b"], ["b", "d"], ["d"]])
    assert average_linkage(vectors, 0.01) == [0, 0, 1, 2, 3, 4]
    assert average_linkage(vectors, 2.0) == [0] * 6


def test_edges() -> None:
    assert average_linkage(np.zeros((0, 1)), 0.8) == []
    assert average_linkage(np.zeros((1, 1)), 0.8) == [0]
    with pytest.raises(ValueError, match="pair by pair"):
        average_linkage(np.zeros((MOST + 1, 1)), 0.8)
    assert good_turing_unseen([]) is None
    assert good_turing_unseen([20, 1, 1, 1, 1]) == pytest.approx(4 / 24)


def test_centers_are_far_from_each_other_and_from_what_is_there() -> None:
    texts, truth = planted(200)
    vectors, _ = tf_idf(texts)
    picked = k_center_greedy(vectors, 4)
    assert len({truth[at] for at in picked}) == 4
    more = k_center_greedy(vectors, 3, vectors[[at for at in range(200) if truth[at] == 0]])
    assert 0 not in {truth[at] for at in more}
    assert k_center_greedy(vectors[:2], 5) in ([0, 1], [1, 0])
    assert k_center_greedy(vectors[:0], 5) == []


def test_draws_go_where_the_spread_is() -> None:
    assert neyman([100, 100], [0.1, 0.3], 40) == [10, 30]
    assert neyman([5, 100], [20.0, 1.0], 50) == [5, 45]
    assert sum(neyman([7, 11, 13], [0.2, 0.0, 0.5], 20)) == 20
    assert neyman([3, 3], [0.0, 0.0], 10) == [3, 3]
    assert neyman([3, 3], [1.0, 1.0], 0) == [0, 0]
    assert neyman([100] * 4, [1.0, 1.0, 1.0, 1.1], 1) == [0, 0, 0, 1]
