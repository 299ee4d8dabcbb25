import json
from pathlib import Path

import pytest

from regrade.analysis import summarize
from regrade.analysis.comparison import compare
from regrade.domain import Run
from regrade.domain.errors import UsageError
from regrade.store.baseline import baseline_text, read_baseline
from tests.analysis.comparing import case, of, run
from tests.fakes.runs import make_run


def kept(made: Run, folder: Path) -> Run:
    path = folder / "suite.baseline.json"
    path.write_text(baseline_text(made))
    return read_baseline(path, summarize)


def test_a_run_and_its_file_compare_alike(tmp_path: Path) -> None:
    before = run([(case(n), [n % 4 != 0, True]) for n in range(60)], cost=0.01)
    after = run([(case(n), [n % 3 != 0, True]) for n in range(60)], "b", cost=0.02)
    known, read = compare(before, after), compare(kept(before, tmp_path), after)
    assert read.pass_rate == known.pass_rate
    assert read.criteria == known.criteria
    assert read.slices == known.slices
    assert read.operations.cost.value == pytest.approx(known.operations.cost.value)
    assert [each.case for each in read.regressed] == [each.case for each in known.regressed]


def test_every_outcome_survives(tmp_path: Path) -> None:
    made = make_run()
    read = kept(made, tmp_path)
    assert {a.case.id: a.outcome for a in read.attempts} == {
        a.case.id: a.outcome for a in made.attempts
    }
    assert read.summary.pass_rate == made.summary.pass_rate
    assert read.header.label == "before"


def test_the_file_is_sorted_one_line_a_case_and_the_same_each_time(tmp_path: Path) -> None:
    made = of([True] * 12)
    text = baseline_text(made)
    assert text == baseline_text(made)
    rows = [json.loads(line.rstrip(",")) for line in text.splitlines() if line.startswith("    {")]
    assert [row["id"] for row in rows] == sorted(f"c{n}" for n in range(12))
    assert "answer" not in text
    assert json.loads(text)["cases"] == rows


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text[: len(text) // 2], "is not whole"),
        (
            lambda text: text.replace('"outcomes": "1"', '"outcomes": "0"', 1),
            "were changed by hand",
        ),
        (
            lambda text: text.replace("regrade/baseline/1", "regrade/baseline/9"),
            "written by a newer regrade",
        ),
        (lambda text: text.replace("regrade/baseline/1", "other/1"), "is no baseline of regrade"),
        (lambda text: text.replace('"trials": 1,', ""), "lacks something"),
        (lambda text: "[1, 2]", "is no baseline of regrade"),
        (lambda text: "[" * 100_000, "is not whole"),
        (lambda text: text.replace('"latency_s": 1.0', '"latency_s": NaN'), "is not whole"),
        (
            lambda text: text.replace('"graders": {"contains"', '"graders": {"other"'),
            "lacks something|do not fit",
        ),
    ],
)
def test_a_file_that_is_not_sound_is_refused(tmp_path: Path, change: object, said: str) -> None:
    path = tmp_path / "b.json"
    path.write_text(change(baseline_text(of([True, False]))))  # type: ignore[operator]  # one of the changes
    with pytest.raises(UsageError, match=said):
        read_baseline(path, summarize)
    with pytest.raises(UsageError, match="cannot be read"):
        read_baseline(tmp_path / "gone.json", summarize)
