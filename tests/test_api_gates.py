"""Verbs around comparing and gating, in this process."""

import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import anyio
import pytest

import regrade
from regrade import api
from regrade.api.gating import MAIN, baseline_path
from regrade.domain import Accepted, Case, Dataset, GateRules, Response, RunSettings, Suite
from regrade.domain.errors import UnknownRunError, UsageError
from regrade.graders import equals
from regrade.store import Store
from tests.analysis.comparing import COMPONENTS
from tests.fakes.forges import forge
from tests.fakes.targets import FakeTarget

WRONG: set[object] = set()
CASES = [Case(id=f"n{n}", input=n, expected={"answer": n}, critical=n == 3) for n in range(120)]


@pytest.fixture(autouse=True)
def nothing_wrong() -> None:
    WRONG.clear()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "runs.db")


def suite(version: str = "v1", **changes: object) -> Suite:
    from regrade.domain import SuiteOutline

    target = FakeTarget(lambda case: Response("no" if case.input in WRONG else case.input), version)
    made = Suite(
        outline=SuiteOutline(name="numbers", objective="o", criteria={"right": "r"}),
        dataset=Dataset.of(CASES),
        target=target,
        graders=(equals(expected="{{ expected.answer }}", criterion="right"),),
        gate=GateRules(margin=0.1, no_critical_regression=True),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of a suite


def made(of: Suite, store: Store, label: str | None = None) -> regrade.Run:
    return api.blocking(lambda: api.run_suite(of, store=store, label=label)).run


def test_runs_are_compared_by_name_and_as_they_are(store: Store, tmp_path: Path) -> None:
    before = made(suite(), store, "before")
    WRONG.update(range(60))
    after = made(suite("v2"), store, "after")
    stored = regrade.compare("before", "after", store=tmp_path / "runs.db")
    assert stored.verdict == regrade.compare(before, after).verdict == "worse"
    assert stored._repr_markdown_().startswith("❌ **numbers: worse")  # type: ignore[attr-defined]  # shown in notebooks
    ranked = api.rank_runs(["before", "after"], store=store)
    assert [each.header.label for each in ranked] == ["before", "after"]
    with pytest.raises(UnknownRunError):
        regrade.compare("before", "gone", store=tmp_path / "runs.db")


def test_a_run_is_gated_against_what_was_accepted(store: Store) -> None:
    before = made(suite(), store)
    WRONG.add(3)
    after = made(suite("v2"), store)
    accepted = Accepted(case="n3", criterion="right", reason="so be it", until=date(2026, 6, 1))
    for day, outcome in ((date(2026, 5, 1), "pass"), (date(2026, 6, 2), "fail")):
        gated = api.gate_run(suite(accepted=(accepted,)), after, before, today=day)
        assert gated.result.outcome == outcome
        assert bool(gated.result.expired) == (outcome == "fail")
    other = Accepted(case="n3", criterion="other", reason="x")
    assert api.gate_run(suite(accepted=(other,)), after, before).result.outcome == "fail"
    alone = api.gate_run(suite(), after, None)
    assert alone.comparison is None
    assert alone.result.outcome == "undecided"
    other_suite = replace(suite(), outline=replace(suite().outline, name="else"))
    with pytest.raises(UsageError, match="one of the suite numbers, not else"):
        api.gate_run(other_suite, after, before)
    with pytest.raises(UsageError, match="has no gate"):
        api.gate_run(suite(gate=None), after, before)


def test_a_baseline_is_the_file_beside_the_suite_or_the_run_of_main(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "suite.yaml"
    assert api.find_baseline(None, path, suite(), store=store) is None
    run = made(suite(), store, MAIN)
    made(suite(), store, "other")
    found = api.find_baseline(None, path, suite(), store=store)
    assert found is not None
    assert found.header.run_id == run.header.run_id
    written, _ = api.write_baseline(MAIN, path, suite(), store=store)
    assert written == baseline_path(path) == tmp_path / "suite.baseline.json"
    read = api.find_baseline(None, path, suite(), store=store)
    assert read is not None
    assert read.summary.passed == 120
    assert api.find_baseline(str(written), path, suite(), store=store) is not None
    named = api.find_baseline("other", path, suite(), store=store)
    compared = regrade.compare(str(written), "other", store=tmp_path / "runs.db")
    assert compared.pass_rate.delta == 0
    assert named is not None
    assert named.header.label == "other"


def test_main_is_the_run_where_the_branch_left_it(store: Store, tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=a", "-c", "user.email=a@b.example", "-C", str(tmp_path))
        done = subprocess.run(("git", *identity, *arguments), capture_output=True, check=True)
        return done.stdout.decode().strip()

    path = tmp_path / "suite.yaml"
    path.write_text("name: numbers")
    labelled = made(suite(), store, MAIN)

    def found() -> str:
        run = api.find_baseline(MAIN, path, suite(), store=store)
        assert run is not None
        return run.header.run_id

    assert found() == labelled.header.run_id, "git knows nothing here"
    git("init", "-q", "-b", "main")
    git("add", "suite.yaml")
    git("commit", "-q", "-m", "One")

    def made_here() -> str:
        run = lambda: api.run_suite(suite(), store=store, suite_path=path)  # noqa: E731
        return api.blocking(run).run.header.run_id

    at_base = made_here()
    path.write_text("name: changed")
    made_here()
    git("switch", "-q", "-c", "change")
    git("commit", "-q", "-a", "-m", "Two")
    made_here()
    assert found() == at_base, "neither with changes nor on the branch"
    run = api.load_run(at_base, store=store)
    with pytest.raises(UsageError, match="is its own baseline"):
        api.gate_run(suite(), run, run)


def test_what_is_no_baseline_is_refused(store: Store, tmp_path: Path) -> None:
    made(suite(), store, MAIN)
    other = suite()
    other = replace(other, outline=replace(other.outline, name="else"))
    with pytest.raises(UsageError, match="one of the suite numbers, not else"):
        api.write_baseline(MAIN, tmp_path / "s.yaml", other, store=store)
    header = replace(store.headers()[0], run_id="20990101-000000-0000", label="empty")
    store.begin(header, suite().dataset)
    cut = replace(header, run_id="20990101-000000-0001", label="cut", status="interrupted")
    store.begin(cut, suite().dataset)
    with pytest.raises(UsageError, match="is interrupted; a baseline is a finished run"):
        api.write_baseline("cut", tmp_path / "s.yaml", suite(), store=store)
    with pytest.raises(UnknownRunError, match="has no attempt"):
        api.write_baseline("empty", tmp_path / "s.yaml", suite(), store=store)


def test_the_noise_and_the_power_of_a_suite(store: Store, tmp_path: Path) -> None:
    assert "assumed" in api.measure_power(suite(gate=None), store=store)[2]
    noise = api.blocking(
        lambda: api.measure_noise(suite(), store=store, suite_path=tmp_path / "s.yaml", times=2)
    )
    assert noise.discordance.value == 0
    assert noise.grading is not None
    rows, discordance, source, margin = api.measure_power(suite(), store=store)
    assert (discordance, margin) == (0, 0.1)
    assert source.startswith("the runs ")
    assert rows[0].cases == 120


def test_what_to_run_and_what_was_never_graded(store: Store) -> None:
    fresh = suite(alone=("retrieval",), plan={"model": ("components",)})
    fresh = replace(fresh, outline=replace(fresh.outline, components=COMPONENTS))
    assert api.plan_suite(fresh, store=store).since is None
    made(fresh, store)
    assert api.plan_suite(fresh, store=store).steps[0].attempts == 0
    grown = replace(fresh, dataset=Dataset.of([*CASES, Case(id="new", input=999)]))
    assert api.plan_suite(grown, store=store).steps[0].attempts == 1
    assert [case.id for case in api.never_graded(grown, store=store).dataset.cases] == ["new"]
    assert api.plan_suite(suite("v2"), store=store).changes == ("code",)


def test_the_history_of_a_suite(store: Store) -> None:
    made(suite(), store, "one")
    WRONG.update({1, 2})
    made(suite("v2"), store, "two")
    rows = api.load_history("numbers", limit=9, store=store)
    assert [row["label"] for row in rows] == ["one", "two"]
    assert [row["regressed"] for row in rows] == [None, 2]
    from regrade.analysis.history import columns

    assert columns(rows)[:3] == ["run_id", "label", "started_at"]
    assert rows[0]["criterion:right"] == 1.0
    with pytest.raises(UnknownRunError, match="no finished run"):
        api.load_history("nothing", limit=9, store=store)


def test_a_run_ends_as_soon_as_it_is_shown_to_be_worse(store: Store, tmp_path: Path) -> None:
    limited = suite(settings=RunSettings(budget_s=60, concurrency=1))
    path = tmp_path / "suite.yaml"
    assert api.early_baseline(limited, path, store=store) is None
    before = made(limited, store)
    assert api.early_baseline(suite(), path, store=store) is None, "nobody is in a hurry"
    found = api.early_baseline(limited, path, store=store)
    assert found is not None
    assert found.header.run_id == before.header.run_id
    WRONG.update(range(120))
    worse = suite("v2", settings=RunSettings(budget_s=60, concurrency=1), target=Slow("v2"))
    done = api.blocking(lambda: api.run_suite(worse, store=store, against=before))
    assert done.run.header.stopped_by == "verdict"
    assert "a verdict ended the run after" in done.aftermath.notes[0]
    assert "worse than" in done.aftermath.notes[0]
    assert done.run.summary.not_run > 20
    assert store.find(done.run.header.run_id).stopped_by == "verdict"
    assert api.compare_runs(before, done.run).verdict == "not_comparable"
    with pytest.raises(UsageError, match="ended at an early verdict; a baseline is a whole run"):
        api.write_baseline(done.run.header.run_id, path, worse, store=store)
    WRONG.clear()
    again = api.early_baseline(limited, path, store=store)
    assert again is not None
    assert again.header.run_id == before.header.run_id, "only whole runs are baselines"
    same = api.blocking(lambda: api.run_suite(limited, store=store, against=before))
    assert "it is not worse by more than 10 points than" in same.aftermath.notes[0]


class Slow(FakeTarget):
    """Is always wrong, after a moment."""

    def __init__(self, version: str) -> None:
        super().__init__(lambda _case: Response("no"), version)

    async def answer(self, case: Case, *, timeout_s: float) -> Response:
        await anyio.sleep(0.02)
        return await super().answer(case, timeout_s=timeout_s)


def test_good_answers_are_broken_and_the_graders_have_to_notice(store: Store) -> None:
    run = made(suite(), store)
    found = api.blocking(lambda: api.mutate_run(run.header.run_id, suite(), store=store))
    assert found.good == 120
    assert {each.name: each.noticed.value for each in found.breaks} == {
        "numbers": 1.0,
        "other answer": 1.0,
    }
    WRONG.update(range(120))
    nothing = made(suite("v2"), store)
    with pytest.raises(UsageError, match="only good traces can be broken"):
        api.blocking(lambda: api.mutate_run(nothing.header.run_id, suite(), store=store))


def test_a_gate_shows_itself_and_looks_share_one_error(store: Store) -> None:
    before, after = made(suite(), store), made(suite("v2"), store)
    gated = api.gate_run(suite(), after, before)
    assert "<strong>pass</strong>" in gated._repr_html_()
    stored = regrade.compare(before, after)
    assert "<h2>Did quality improve?</h2>" in stored._repr_html_()  # type: ignore[attr-defined]  # shown in notebooks
    assert len(api.gate_levels(suite())) == 3
    assert api.pool_runs([before, after]).header.trials == 2


def test_a_comment_is_written_on_the_review_of_the_job() -> None:
    with forge() as kept:
        environment = {
            "GITLAB_CI": "1",
            "CI_API_V4_URL": kept.address,
            "CI_PROJECT_ID": "12",
            "CI_MERGE_REQUEST_IID": "7",
            "GITLAB_TOKEN": "x",
        }
        said = [
            api.blocking(lambda: api.comment_on_review("numbers", "text", environment))
            for _ in range(2)
        ]
    assert said == ["made the comment of numbers on GitLab", "changed the comment of numbers on GitLab"]  # fmt: skip
