import math

import pytest

from regrade.analysis.attribution import attribute_change, first_failures
from regrade.domain import Attempt, Case, Component, Grade, Trace
from regrade.graders import contains

COMPONENTS = (Component(name="retrieval"), Component(name="generation"))
WHOLE = contains(criterion="c").spec
SPECS = {c.name: contains(criterion="c", component=c.name).spec for c in COMPONENTS}


def attempt(n: int, *failing: str, whole: bool | None = None) -> Attempt:
    passed = not failing if whole is None else whole
    grades = [Grade(passed, spec=WHOLE)]
    grades += [Grade(name not in failing, spec=spec) for name, spec in SPECS.items()]
    case = Case(id=f"c{n}", input=n, cluster=f"g{n // 10}" if n >= 1000 else None)
    return Attempt(case=case, trace=Trace(output="x"), grades=tuple(grades))


def pairs(start: int = 0) -> list[tuple[Attempt, Attempt]]:
    """Retrieval got much better; generation did not change, but now meets more cases."""
    before = [("retrieval",)] * 50 + [("generation",)] * 10 + [()] * 40
    after = [("generation",)] * 10 + [()] * 40 + [("generation",)] * 10 + [()] * 40
    return [
        (attempt(start + n, *a), attempt(start + n, *b))
        for n, (a, b) in enumerate(zip(before, after, strict=True))
    ]


def test_parts_of_the_change_add_up_both_ways() -> None:
    found = attribute_change(pairs(), COMPONENTS, seed=1)
    assert [*found] == ["retrieval", "generation", "none"]
    for delta in ("first_delta", "own_delta"):
        parts = [getattr(each, delta).value for each in found.values()]
        assert math.fsum(parts) == pytest.approx(0.4)


def test_a_component_behind_a_repaired_one_got_no_worse_by_itself() -> None:
    found = attribute_change(pairs(), COMPONENTS, seed=1)
    generation = found["generation"]
    assert (generation.first_before, generation.first_after) == (10, 20)
    assert generation.first_delta.value == pytest.approx(-0.1)
    assert generation.first_delta.high is not None
    assert generation.first_delta.high < 0
    assert generation.own_delta.value == pytest.approx(0, abs=1e-12)
    assert generation.own_delta.low is not None
    assert generation.own_delta.low < 0 < (generation.own_delta.high or 0)
    assert found["retrieval"].own_delta.low is not None
    assert found["retrieval"].own_delta.low > 0.2
    assert found["none"].own_delta.low is None


def test_clusters_widen_what_is_said() -> None:
    alone = attribute_change(pairs(), COMPONENTS, seed=1)["retrieval"].first_delta
    together = attribute_change(pairs(1000), COMPONENTS, seed=1)["retrieval"].first_delta
    assert together.clusters == 10
    assert alone.clusters is None
    assert (together.high or 0) - (together.low or 0) > (alone.high or 0) - (alone.low or 0)


def test_nothing_to_attribute() -> None:
    assert attribute_change([], COMPONENTS, seed=1) == {}
    assert attribute_change(pairs(), (), seed=1) == {}


def test_a_pipeline_that_fails_behind_passing_components_is_a_gap() -> None:
    found = first_failures([attempt(1, whole=False), attempt(2)], COMPONENTS)
    assert {name: each.value for name, each in found.items()} == {
        "retrieval": 0,
        "generation": 0,
        "none": 0.5,
    }
