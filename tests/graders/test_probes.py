"""Every grader's own probes, each also under `not`."""

from collections.abc import Iterator

import pytest

from regrade.graders import BUILTIN, Check, Probe

WANTED = {"pass": True, "fail": False, "abstain": None}


def probes() -> Iterator[tuple[type[Check], Probe]]:
    for grader in BUILTIN.values():
        for probe in grader.probes:
            yield grader, probe


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("grader", "probe"), [*probes()], ids=lambda each: getattr(each, "type", None)
)
async def test_a_probe_gives_what_it_says(grader: type[Check], probe: Probe) -> None:
    wanted = WANTED[probe.gives]
    grade = await grader(**probe.options).grade(probe.case, probe.trace)
    assert grade.passed is wanted, grade.reason
    assert grade.reason.endswith((".", "”.")), grade.reason
    opposite = await grader(**probe.options, not_=True).grade(probe.case, probe.trace)
    assert opposite.passed is (None if wanted is None else not wanted)


@pytest.mark.parametrize("grader", [*BUILTIN.values()], ids=[*BUILTIN])
def test_every_grader_has_a_pass_a_fail_and_an_abstention(grader: type[Check]) -> None:
    never_abstain = {"json", "json_schema", "no_error"}
    wanted = {"pass", "fail"} if grader.type in never_abstain else {"pass", "fail", "abstain"}
    assert {probe.gives for probe in grader.probes} >= wanted
    assert grader.__doc__
    assert "abstain" in grader.__doc__.lower()
