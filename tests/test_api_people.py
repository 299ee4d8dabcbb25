"""Labels and judges, in this process."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from regrade import api
from regrade.api.people.label_files import export_labels, import_labels
from regrade.api.people.labelling import (
    Said,
    choose_labels,
    keep_label,
    label_criterion,
    scales_of,
)
from regrade.domain import (
    Case,
    ChatReply,
    ChatRequest,
    Dataset,
    GateRules,
    Response,
    Run,
    RunSettings,
    Suite,
    SuiteOutline,
    Usage,
    answer_key,
)
from regrade.domain.errors import DatasetError, UnknownRunError, UsageError
from regrade.graders import equals, judge
from regrade.graders.judge.rubric import rubric_of
from regrade.store import Store
from regrade.targets import ChatTarget
from tests.analysis.test_calibration import judged
from tests.fakes.targets import FakeTarget
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
        keep_label(run, each, "right", Said("pass", "n"), who="ada", store=store)
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
    from regrade.graders import any_of

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
        keep_label(run, each, "right", Said("pass"), who="ada", store=store)
    group = any_of(graders=(judge(rubric=str(path), model="openai:m"),))
    [found] = api.measure_judges(
        run, store=store, suite=suite(graders=(group,), outline=run.header.suite)
    )
    assert (found.calibration.labelled, found.calibration.shown) == (1, 1)


class Model:
    """A language model in this process that passes what is short and answers every question alike."""

    def __init__(self, name: str = "openai:m", cost: float = 0.01) -> None:
        self.name = self.version = name
        self.cost, self.asked = cost, 0

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        yield

    async def reach(self) -> None:
        """There is nothing to reach."""

    async def reply(self, request: ChatRequest, *, timeout_s: float) -> ChatReply:
        self.asked += 1
        usage = Usage(input_tokens=1, output_tokens=1, cost_usd=self.cost)
        if request.schema is None:
            text = request.messages[-1].content.split()[-1]
            return ChatReply(text=text, usage=usage, model="m-1")
        said = {"scores": {"tone": 5}, "pass": True, "reason": "So.", "issues": []}
        return ChatReply(text=json.dumps(said), usage=usage, model="m-1")


def numbers(model: Model, **changes: object) -> Suite:
    """Numbers that the system gets half right, with a judge of the tone."""
    cases = [Case(id=f"n{n}", input=f"Say {n}", expected={"answer": str(n)}) for n in range(20)]
    made = Suite(
        outline=SuiteOutline(name="s", objective="Say it.", criteria={"right": "R.", "kind": "K."}),
        dataset=Dataset.of(cases),
        target=FakeTarget(lambda case: Response(case.input.split()[-1].replace("1", "7")), "v1"),
        graders=(
            equals(expected="{{ expected.answer }}", criterion="right"),
            judge(rubric="tone", model=model, criterion="kind"),
        ),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of a suite


def test_judges_judge_again_and_what_they_say_is_kept(store: Store) -> None:
    model = Model()
    mine = numbers(model)
    run = api.blocking(lambda: api.run_suite(mine, store=store)).run
    chosen = choose_labels(run, "kind", 5, who="ada", store=store)
    for each in chosen:
        keep_label(run, each, "kind", Said("pass"), who="ada", store=store)
    before = model.asked
    judged_answers = api.blocking(
        lambda: api.judge_again(mine, run, store=store, answers=8, times=2)
    )
    assert judged_answers == 8
    assert model.asked == before + 16, "not from the cache"
    again = store.labels.again("s", "kind")
    assert len(again) == 16
    assert {each.served for each in again} == {"m-1"}
    labelled = {(c.attempt.case.pairing_key, answer_key(c.attempt.trace)) for c in chosen}
    assert labelled <= {(each.pairing_key, each.answer) for each in again}
    [found] = api.measure_judges(run, store=store, suite=mine)
    assert found.calibration.again is not None
    assert (found.calibration.again.times, found.calibration.again.flipped) == (2, 0)
    other = numbers(Model("openai:other"))
    with pytest.raises(UsageError, match="another one than in the run"):
        api.blocking(lambda: api.judge_again(other, run, store=store))
    bare = api.blocking(lambda: api.run_suite(replace(mine, graders=mine.graders[:1]), store=store))
    with pytest.raises(UsageError, match="no language model judges"):
        api.blocking(lambda: api.judge_again(mine, bare.run, store=store))
    with pytest.raises(UsageError, match="no language model judges"):
        api.blocking(lambda: api.have_judges_answer(replace(mine, graders=mine.graders[:1]), store=store))  # fmt: skip


def test_a_judge_that_breaks_gave_no_verdict_again(store: Store) -> None:
    class Silent(Model):
        async def reply(self, request: ChatRequest, *, timeout_s: float) -> ChatReply:
            reply = await super().reply(request, timeout_s=timeout_s)
            return replace(reply, text="well") if self.asked > 20 else reply

    mine = numbers(Silent())
    run = api.blocking(lambda: api.run_suite(mine, store=store)).run
    assert api.blocking(lambda: api.judge_again(mine, run, store=store, answers=2, times=1)) == 2
    assert [each.passed for each in store.labels.again("s", "kind")] == [None, None]


def test_judges_answer_the_cases_themselves(store: Store) -> None:
    model = Model()
    mine = numbers(model)
    run = api.blocking(lambda: api.run_suite(mine, store=store)).run
    [own] = api.blocking(lambda: api.have_judges_answer(mine, store=store))
    assert own.header.suite.name == "s answered by openai:m"
    assert set(own.header.suite.criteria) == {"right"}
    assert own.summary.pass_rate.value == 1
    [found] = api.measure_judges(run, store=store, suite=mine)
    assert found.calibration.solver is not None
    assert found.calibration.solver.is_stronger
    chat = replace(mine, target=ChatTarget(Model("openai:judged"), params={"temperature": 0}))
    [asked] = api.blocking(lambda: api.have_judges_answer(chat, store=store))
    assert asked.header.target_version == ChatTarget(model, params={"temperature": 0}).version
    [capped] = api.blocking(lambda: api.have_judges_answer(mine, store=store, max_cost_usd=0))
    assert capped.summary.made == 0
    with pytest.raises(UsageError, match="nothing that a judge could answer itself"):
        api.blocking(lambda: api.have_judges_answer(replace(mine, graders=mine.graders[1:]), store=store))  # fmt: skip


def test_judging_stored_answers_again_has_a_limit_of_cost(store: Store) -> None:
    model = Model()
    mine = numbers(model)
    run = api.blocking(lambda: api.run_suite(mine, store=store)).run
    one = replace(mine, settings=RunSettings(concurrency=1))
    done = api.blocking(
        lambda: api.regrade_stored(
            run.header.run_id, one, store=store, use_cache=False, max_cost_usd=0.045
        )
    )
    assert done.run.summary.made == 5
    assert done.run.header.stopped_by == "max_cost"
    assert store.find(done.run.header.run_id).stopped_by == "max_cost"
    assert "the cost limit ended the run" in done.aftermath.notes[0]
    whole = api.blocking(lambda: api.regrade_stored(run.header.run_id, one, store=store))
    assert (whole.run.summary.made, whole.aftermath.notes) == (20, ())


def test_sheets_go_out_and_scores_come_in(store: Store, tmp_path: Path) -> None:
    run = kept(judged([n % 3 != 0 for n in range(30)]), store)
    for name in ("sheet.csv", "sheet.jsonl"):
        assert api.write_label_sheet(tmp_path / name, run, None, 6, store=store) == 6
        text = (tmp_path / name).read_text()
        assert "answer a c" in text
        assert "So." not in text, "nothing that the judge says"
        assert import_labels(tmp_path / name, run, who="ada", store=store) == 0
    assert (
        (tmp_path / "sheet.csv")
        .read_text()
        .startswith("case,criterion,verdict,note,who,score.tone")
    )
    path = tmp_path / "in.csv"
    path.write_text("case,criterion,verdict,score.tone\nc0,right,pass,4\nc1,right,fail,\n")
    assert import_labels(path, run, who="ada", store=store) == 2
    assert [dict(each.scores) for each in store.labels.of("s")] == [{"tone": 4.0}, {}]
    for name in ("out.csv", "out.jsonl"):
        assert export_labels(tmp_path / name, run, store=store) == 2
        assert import_labels(tmp_path / name, run, who="ada", store=store) == 0
    for row, fault in (
        ("c0,right,pass,9", "`score.tone` is 9; its scale is 1 to 5"),
        ("c0,right,pass,good", "no numbers by dimension"),
    ):
        path.write_text(f"case,criterion,verdict,score.tone\n{row}\n")
        with pytest.raises(DatasetError, match=fault):
            import_labels(path, run, who="ada", store=store)
    path.write_text("case,criterion,verdict,score.wit\nc0,right,pass,3\n")
    with pytest.raises(DatasetError, match="'wit' is no dimension of the judge of right: tone"):
        import_labels(path, run, who="ada", store=store)
    assert scales_of(run, "right") == {"tone": (1.0, 5.0)}
