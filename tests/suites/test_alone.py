from pathlib import Path

import pytest

from regrade.domain import Case, Dataset
from regrade.domain.errors import SuiteError, UsageError
from regrade.suites import load_judges, load_suite

SUITE = """
name: support
objective: Answer questions.
criteria: {right: It is right., found: It is found.}
dataset:
  - {id: whole, input: hi, expected: {answer: hi}, relevant_documents: [a]}
target: app:answer
components:
  retrieval: {span: retrieve, target: app:retrieve}
  ranking: {span: rank, target: app:retrieve, dataset: [{id: own, input: ho, relevant_documents: [a]}]}
  parser: {span: parse}
  silent: {span: silent, target: app:retrieve}
graders:
  - {type: contains, criterion: right}
  - {type: recall_at_k, criterion: found, component: retrieval, k: 3}
  - {type: mrr, criterion: found, component: retrieval, min: 0.5, required: false}
  - {type: mrr, name: order, criterion: found, component: ranking, min: 0.5, required: false}
  - {type: json, criterion: right, component: parser}
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(
        "def answer(input): return input\ndef retrieve(input): return [{'id': 'a'}]\n"
    )
    path = tmp_path / "suite.yaml"
    path.write_text(SUITE)
    return path


def test_a_component_has_its_target_its_graders_and_the_criteria_that_they_speak_for(
    suite: Path,
) -> None:
    whole, alone = load_suite(suite), load_suite(suite, only="retrieval")
    assert alone.target.version != whole.target.version
    assert [(g.spec.name, g.spec.required) for g in alone.graders] == [
        ("recall_at_k", True),
        ("mrr", False),
    ]
    assert (alone.outline.name, alone.outline.only) == ("support.retrieval", "retrieval")
    assert list(alone.outline.criteria) == ["found"]
    assert [(c.name, c.names_spans) for c in alone.outline.components] == [("retrieval", False)]
    assert alone.dataset == whole.dataset


def test_its_own_cases_replace_those_of_the_suite_and_what_is_optional_decides_where_nothing_else_does(
    suite: Path,
) -> None:
    alone = load_suite(suite, only="ranking")
    assert [case.id for case in alone.dataset.cases] == ["own"]
    assert [(g.spec.name, g.spec.required) for g in alone.graders] == [("order", True)]


@pytest.mark.parametrize(
    ("only", "said"),
    [
        ("retrieva", "there is no component 'retrieva'. Did you mean .retrieval.\\?"),
        (
            "parser",
            "'parser' has no target of its own; .*components: {parser: {target: app:parser}}",
        ),
        ("silent", "no grader judges 'silent' alone; give one `component: silent`"),
    ],
)
def test_what_cannot_be_run_alone_says_why(suite: Path, only: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load_suite(suite, only=only)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("retrieve}\n", "nothing}\n", "9:31: .*has no 'nothing'"),
        ("input: ho", "inptu: ho", "10:"),
    ],
)
def test_mistakes_of_its_own_target_and_cases_have_their_place(
    suite: Path, before: str, after: str, said: str
) -> None:
    suite.write_text(SUITE.replace(before, after, 1))
    with pytest.raises(SuiteError, match=said):
        load_suite(suite, only="ranking" if "ho" in before else "retrieval")


def test_stored_attempts_of_a_component_are_judged_by_its_own_graders(suite: Path) -> None:
    dataset = Dataset.of([Case(id="a", input="q", relevant_documents=())])
    judges = load_judges(suite, dataset, only="retrieval")
    assert judges.outline == load_suite(suite, only="retrieval").outline
    assert len(judges.graders) == 2
    with pytest.raises(UsageError, match="no component 'gone'"):
        load_judges(suite, dataset, only="gone")
