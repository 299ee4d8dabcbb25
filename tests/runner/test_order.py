from collections import Counter

from hypothesis import given, strategies as st

from regrade.domain import Case
from regrade.runner import stratified_order


def cases(sizes: dict[str, int]) -> list[Case]:
    return [
        Case(id=f"{topic}-{i}", input=i, tags={"topic": topic})
        for topic, n in sizes.items()
        for i in range(n)
    ]


@given(
    st.dictionaries(st.sampled_from("abc"), st.integers(1, 30), min_size=1),
    st.integers(0, 5),
    st.integers(1, 3),
)
def test_every_case_comes_once_per_trial(sizes: dict[str, int], seed: int, trials: int) -> None:
    found = cases(sizes)
    order = stratified_order(found, trials, seed, ["topic"])
    assert Counter((work.case.id, work.trial) for work in order) == Counter(
        (case.id, trial) for case in found for trial in range(trials)
    )
    assert [work.trial for work in order] == sorted(work.trial for work in order)


@given(st.integers(0, 50))
def test_every_beginning_is_a_fair_sample(seed: int) -> None:
    sizes = {"a": 80, "b": 15, "c": 5}
    order = stratified_order(cases(sizes), 1, seed, ["topic"])
    for cut in (20, 40, 60):
        counts = Counter(work.case.tags["topic"] for work in order[:cut])
        for topic, size in sizes.items():
            assert abs(counts[topic] - cut * size / 100) <= 1.5


def test_the_seed_decides() -> None:
    found = cases({"a": 50})
    first, same, other = (
        [work.case.id for work in stratified_order(found, 1, seed)] for seed in (1, 1, 2)
    )
    assert first == same != other
