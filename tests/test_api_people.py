"""Labels and judges, in this process."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from regrade import api
from regrade.api.people.labelling import (
    choose_labels,
    export_labels,
    import_labels,
    keep_label,
    label_criterion,
)
from regrade.domain import Dataset, GateRules, Run
from regrade.domain.errors import DatasetError, UnknownRunError, UsageError
from regrade.graders.judge.rubric import rubric_of
from regrade.store import Store
from tests.analysis.test_calibration import judged
from tests.test_api_gates import suite


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "runs.db")


def kept(run: Run, store: Store) -> Run:
    dataset = Dataset(run.dataset.cases, run.header.dataset_version)
    store.begin(run.header, dataset)
    store.save(run.header.run_id, run.attempts)
    store.finish(run.header)
    store.keep_summary(run.summary)
    return api.load_run(run.header.run_id, store=store)


def test_one_key_a_label_blind_to_the_judge(store: Store) -> None:
    run = kept(judged([n % 5 != 0 for n in range(60)]), store)
    assert run.summary.judges["judge"].scores["tone"].value == pytest.approx(4.4)
    assert label_criterion(run, None) == "right"
    with pytest.raises(UsageError, match="no criterion 'x'"):
        label_criterion(run, "x")
    plain = replace(run.header.suite, criteria={"a": "A.", "b": "B."})
    two = replace(judged([]), header=replace(run.header, suite=plain))
    with pytest.raises(UsageError, match="--criterion, one of a, b"):
        label_criterion(two, None)
    chosen = choose_labels(run, "right", 20, who="ada", store=store)
    assert len(chosen) == 20
    for each in chosen:
        keep_label(run, each, "right", "pass", who="ada", note="n", store=store)
    assert len(store.labels.of(run.header.suite.name)) == 20
    again = choose_labels(run, "right", 60, who="ada", store=store)
    assert len(again) == 40, "nobody is asked twice"
    assert len(choose_labels(run, "right", 60, who="bo", store=store)) == 60
    [measured] = api.measure_judges(run, store=store)
    assert measured.calibration.labelled == 20
    assert measured.newest_age_s == 0
    assert "by 20 labels" in api.judge_notes(run, store=store)[0]
    other = kept(judged([n % 5 != 0 for n in range(60)], run_id="b"), store)
    compared = api.compare_runs(run, other, store=store)
    assert compared.notes[0].startswith("before right: judged 80.0%, corrected")
    assert any("uncalibrated" in note for note in compared.notes), "other answers, no labels"


def test_labels_come_from_files_and_go_to_files(store: Store, tmp_path: Path) -> None:
    run = kept(judged([True, False]), store)
    path = tmp_path / "labels.jsonl"
    with pytest.raises(UnknownRunError, match="nobody has labelled"):
        export_labels(path, run, store=store)
    rows = [
        {"case": f"c{n}", "criterion": "right", "verdict": "pass", "probability": 0.5}
        for n in (0, 1)
    ]
    path.write_text("\n".join(map(json.dumps, rows)) + "\n\n")
    assert import_labels(path, run, who="ada", store=store) == 2
    for name in ("out.csv", "out.jsonl"):
        assert export_labels(tmp_path / name, run, store=store) == 2
        assert import_labels(tmp_path / name, run, who="bo", store=store) == 0
    assert "answer a c0" in (tmp_path / "out.csv").read_text()
    with pytest.raises(UsageError, match="cannot be written"):
        export_labels(tmp_path, run, store=store)
    path.write_text(
        '{"case": "c0"}\n{"case": "c9", "criterion": "right", "verdict": "pass"}\n'
        '{"case": "c0", "criterion": "right", "verdict": "so"}\n'
        '{"case": "c0", "criterion": "x", "verdict": "pass"}\n'
        '{"case": "c0", "criterion": "right", "verdict": "pass", "answer": "x"}\n'
        '{"case": "c0", "criterion": "right", "verdict": "pass", "labelled_at": "soon"}\n'
    )
    with pytest.raises(DatasetError) as caught:
        import_labels(path, run, who="ada", store=store)
    assert len(caught.value.problems) == 6
    for text in ("[1]", "{"):
        path.write_text(text)
        with pytest.raises(DatasetError):
            import_labels(path, run, who="ada", store=store)
    with pytest.raises(DatasetError, match="cannot be read"):
        import_labels(tmp_path / "gone.csv", run, who="ada", store=store)


def test_a_gate_that_asks_for_a_level(store: Store) -> None:
    run = kept(judged([True] * 30), store)
    asking = suite(gate=GateRules(pass_rate_min=0.5, judge_level="L1"), outline=run.header.suite)
    for given in (None, store):
        result = api.gate_run(asking, run, None, store=given).result
        assert result.outcome == "undecided"
        assert any(rule.rule == "judge right" for rule in result.rules)
    assert api.measure_judges(run, store=store, suite=asking)[0].calibration.shown == 0


def test_answers_that_a_judge_is_shown_are_known(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from regrade.graders import any_of, judge

    content = {
        "about": "Is it?",
        "task": "Say.",
        "sees": {"answer": "{{ output }}"},
        "examples": [
            {
                "sees": {"answer": "answer a c0"},
                "reply": {"pass": True, "reason": "So.", "issues": []},
            }
        ],
    }
    assert rubric_of("own", content).examples
    path = tmp_path / "own.yaml"
    path.write_text(json.dumps(content))
    run = kept(judged([True, False]), store)
    for each in choose_labels(run, "right", 2, who="ada", store=store):
        keep_label(run, each, "right", "pass", who="ada", store=store)
    group = any_of(graders=(judge(rubric=str(path), model="openai:m"),))
    [found] = api.measure_judges(
        run, store=store, suite=suite(graders=(group,), outline=run.header.suite)
    )
    assert (found.calibration.labelled, found.calibration.shown) == (1, 1)
