import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from regrade.domain import Case, Suite, Trace
from regrade.domain.errors import SuiteError, UsageError
from regrade.graders import contains
from regrade.suites import load_suite, make_suite

PUBLISHED_HEADER = """{"objective": "Answer analytics questions using only approved query results.", "successCriteria": ["answer does not invent metrics", "answer cites the relevant dimension", "answer refuses when data is missing"]}"""

GOOD = """
name: support
objective: Answer questions.
criteria:
  right: It is right.
dataset:
  - {input: hi, expected: {answer: hi}}
target: app:answer
"""


@pytest.fixture(autouse=True)
def _app(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "def answer(input): return input\ndef judge(case, trace): return True\n"
    )


def load(tmp_path: Path, text: str, **overrides: Any) -> Suite:
    path = tmp_path / "suite.yaml"
    path.write_text(text)
    return load_suite(path, overrides)


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(SuiteError) as caught:
        load(tmp_path, text)
    return [str(problem).replace(f"{tmp_path}/", "") for problem in caught.value.problems]


def test_the_published_header_makes_criteria_of_sentences(tmp_path: Path) -> None:
    content = json.loads(PUBLISHED_HEADER) | {
        "name": "analytics",
        "dataset": [{"input": "q", "expected": {"answer": "a"}}],
        "target": "app:answer",
        "graders": [
            {"type": "contains", "criterion": "answer-does-not-invent-metrics"},
            {"type": "contains", "criterion": "answer-cites-the-relevant-dimension"},
            {"type": "contains", "criterion": "answer-refuses-when-data-is-missing"},
        ],
    }
    suite = load(tmp_path, json.dumps(content))
    assert (
        suite.outline.objective == "Answer analytics questions using only approved query results."
    )
    assert list(suite.outline.criteria.values()) == json.loads(PUBLISHED_HEADER)["successCriteria"]


def test_the_least_suite_has_implied_graders(tmp_path: Path) -> None:
    suite = load(tmp_path, GOOD)
    [grader] = suite.graders
    assert (grader.spec.name, grader.spec.criterion) == ("contains", "right")
    assert suite.settings.trials == 1
    assert suite.outline.slices is None


@pytest.mark.parametrize(
    ("expected", "types"),
    [
        ({"answer": "Lisbon"}, ["contains"]),
        ({"answer": 42}, ["number"]),
        ({"answer": "70,000"}, ["number"]),
        ({"store": "B", "must_mention": ["x"]}, ["mentions", "fields"]),
        ({"answer": "a", "must_not_mention": "b"}, ["contains", "mentions"]),
    ],
)
def test_expectations_imply_graders(
    tmp_path: Path, expected: dict[str, Any], types: list[str]
) -> None:
    content = {
        "name": "s",
        "objective": "o",
        "criteria": {"right": "x"},
        "dataset": [{"input": "q", "expected": expected}],
        "target": "app:answer",
    }
    assert [g.spec.identity.type for g in load(tmp_path, json.dumps(content)).graders] == types


def test_each_implied_grader_covers_its_own_cases(tmp_path: Path) -> None:
    text = GOOD.replace(
        "- {input: hi, expected: {answer: hi}}",
        "- {input: a, expected: {answer: b}}\n  - {input: c, expected: {answer: 5}}",
    )
    suite = load(tmp_path, text)
    covered = {g.spec.name: [g.covers(case) for case in suite.dataset.cases] for g in suite.graders}
    assert covered == {"number": [False, True], "contains": [True, False]}


def test_expectations_without_a_grader_are_noted(tmp_path: Path) -> None:
    suite = load(
        tmp_path,
        GOOD.replace(
            "expected: {answer: hi}",
            "expected: {answer: hi}, requires_context: true, should_refuse: true",
        ),
    )
    assert [note.split(" have ")[1].split(",")[0] for note in suite.notes] == [
        "requires_context",
    ]
    assert "refusal" in [grader.spec.name for grader in suite.graders]


def test_the_gate_what_is_accepted_and_fingerprints_are_read(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "one.md").write_text("Be brief.")
    text = (
        GOOD
        + """
gate:
  pass_rate: {min: 0.9}
  no_regression: {margin: 0.02, by: [topic], margins: {"criterion:c": 0}, min_drop: 0.01}
  latency_p95: {max: 2s}
  judge: {level: L1}
  undecided: escalate
accepted: [{case: a, criterion: c, reason: policy changed, until: 2027-03-01}]
fingerprint: {prompt: [prompts/*.md], tools: []}
plan: {prompt: [pipeline]}
"""
    )
    suite = load(tmp_path, text)
    assert suite.gate is not None
    assert (suite.gate.pass_rate_min, suite.gate.margin, suite.gate.min_drop) == (0.9, 0.02, 0.01)
    assert suite.gate.latency_p95_max_s == 2
    assert suite.accepted[0].until == date(2027, 3, 1)
    assert suite.plan == {"prompt": ("pipeline",)}
    assert suite.gate.undecided == "escalate"
    assert suite.gate.judge_level == "L1"
    assert suite.notes == ()
    before = suite.fingerprint
    (tmp_path / "prompts" / "two.md").write_text("Be kind.")
    after = load(tmp_path, text).fingerprint
    assert before["prompt"] != after["prompt"]
    assert before["tools"] == after["tools"]
    with pytest.raises(SuiteError, match="it is a day, as 2027-03-01"):
        load(tmp_path, text.replace("2027-03-01", "soon"))


FULL = """
name: support-bot
objective: Answer subscription questions using only the help centre.
criteria:
  grounded: The answer does not invent policies.
  refuses: The answer refuses when the help centre has no answer.
dataset:
  - {input: hi, expected: {answer: hi}, tags: {topic: a}}
target: {type: python, call: app:answer}
setup: make install
components:
  retrieval: {span: retrieve, target: app:retrieve, gold: app:gold_documents}
  generation: {kind: llm}
  parser: {span: parse}
graders:
  - {type: contains, criterion: grounded, component: retrieval, required: true, not: false, when: {topic: a}}
  - {type: any_of, criterion: refuses, name: polite, graders: [{type: matches, pattern: "(?i)sorry"}, {type: python, call: app:judge}]}
slices: [topic, difficulty]
trials: 3
concurrency: 16
timeout: 60s
budget: 5m
max_cost: 2.00
isolation: thread
lexicon: {cancellation: [cancel, unsubscribe], refund-policy: [refund]}
fingerprint: {prompt: [prompts/*.md], model: [settings.toml], retrieval: [index/config.json], tools: [], code: [app.py]}
plan: {prompt: [pipeline], model: [pipeline, components], none: [cached]}
gate:
  pass_rate: {min: 0.9}
  criteria: {grounded: {min: 0.95}}
  no_regression: {margin: 0.02, by: [topic], margins: {"criterion:grounded": 0}, min_drop: 0.01}
  no_critical_regression: true
  latency_p95: {max: 2s}
  cost_per_case: {max_usd: 0.01}
  disallowed: {max: 0}
  ungraded: {max: 0.05}
  judge: {level: L1, max_age: 30d}
  false_blocks_per_month: 1
  commits_per_month: 200
  undecided: warn
accepted: [{case: c17, criterion: grounded, reason: "policy changed", until: 2027-03-01}]
invalid_above: 0.05
"""


def test_every_key_of_the_contract_is_read(tmp_path: Path) -> None:
    suite = load(tmp_path, FULL)
    settings = suite.settings
    assert (settings.trials, settings.timeout_s, settings.budget_s, settings.max_cost_usd) == (
        3,
        60,
        300,
        2,
    )
    assert [component.name for component in suite.outline.components] == [
        "retrieval",
        "generation",
        "parser",
    ]
    assert suite.outline.slices == ("topic", "difficulty")
    assert [grader.spec.name for grader in suite.graders] == ["contains", "polite"]
    assert suite.graders[0].spec.component == "retrieval"


def test_all_mistakes_are_told_at_once_with_their_places(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """
name: my suite
objetive: x
criteria: {right: y}
dataset: []
target: {type: pyton, call: x}
graders:
  - {type: exat}
  - {type: contains, expectd: x}
  - {type: number, abs_tol: wide}
  - {type: contains, expected: "{{ expcted.answer }}"}
  - {type: json_schema}
  - {type: matches, pattern: "("}
  - {type: any_of, graders: [{type: nope}]}
trials: many
timeout: soon
components: {a: {spam: b}}
""",
    )
    text = "\n".join(found)
    for said in (
        "`objective` is missing",
        "suite.yaml:2:1: `name` is 'my suite': 'my suite' is not a slug",
        "suite.yaml:3:1: unknown key 'objetive'. Did you mean 'objective'?",
        "the dataset is empty",
        "suite.yaml:6:10: unknown target 'pyton'. Did you mean 'python'?",
        "suite.yaml:8:6: unknown grader 'exat'.",
        "suite.yaml:9:22: contains has no option 'expectd'. Did you mean 'expected'?",
        "suite.yaml:10:20: number.abs_tol is 'wide': input should be a valid number",
        "suite.yaml:11:22: the template {{ expcted.answer }}: a path cannot begin with 'expcted'",
        "json_schema needs `schema`",
        "no regular expression",
        "unknown grader 'nope'",
        "`trials` is 'many'",
        "'soon' is not a duration",
        "suite.yaml:17:18: unknown key 'spam'. Did you mean 'span'?",
    ):
        assert said in text, f"{said!r} is not in:\n{text}"


@pytest.mark.parametrize(
    "missing", ["objective: Answer questions.\n", "criteria:\n  right: It is right.\n"]
)
def test_without_objective_or_criteria_one_is_not_ready(tmp_path: Path, missing: str) -> None:
    found = "\n".join(problems(tmp_path, GOOD.replace(missing, "")))
    assert "is missing" in found
    if "criteria" in missing:
        assert "if you cannot write success criteria, you are not ready to evaluate" in found
    empty = missing.split(":")[0] + ":\n"
    assert "is missing" in "\n".join(problems(tmp_path, GOOD.replace(missing, empty)))


def test_every_criterion_is_spoken_for(tmp_path: Path) -> None:
    text = GOOD.replace(
        "  right: It is right.\n", "  right: It is right.\n  polite: It is polite.\n"
    )
    assert "no grader speaks for the criterion 'polite'" in "\n".join(problems(tmp_path, text))
    listed = text + "graders: [{type: contains, criterion: right}]\n"
    assert problems(tmp_path, listed) == [
        "suite.yaml:6:3: no grader speaks for the criterion 'polite'; add one with `criterion: polite`"
    ]
    wrong = text + "graders: [{type: contains, criterion: rigth}]\n"
    assert "there is no criterion 'rigth'. Did you mean 'right'?" in "\n".join(
        problems(tmp_path, wrong)
    )


def test_graders_that_share_a_type_get_names_of_their_own(tmp_path: Path) -> None:
    text = GOOD + "graders: [{type: contains}, {type: contains, expected: h}, {type: equals}]\n"
    assert [g.spec.name for g in load(tmp_path, text).graders] == [
        "contains#1",
        "contains#2",
        "equals",
    ]


def test_paths_are_relative_to_the_file_and_overrides_reach_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "deep"
    folder.mkdir()
    (folder / "cases.jsonl").write_text('{"input": "a", "expected": {"answer": "a"}}')
    (folder / "schema.json").write_text('{"type": "string"}')
    (folder / "deepapp.py").write_text("def answer(input): return input")
    (folder / "suite.yaml").write_text(
        GOOD.replace(
            "dataset:\n  - {input: hi, expected: {answer: hi}}", "dataset: cases.jsonl"
        ).replace("app:answer", "deepapp:answer")
        + "graders: [{type: json_schema, schema: schema.json}]\n"
    )
    suite = load_suite(
        folder / "suite.yaml", {"trials": 4, "cache.answers": True, "target": "deepapp:answer"}
    )
    assert (suite.settings.trials, suite.settings.cache_answers) == (4, True)
    with pytest.raises(UsageError, match="cannot be set"):
        load_suite(folder / "suite.yaml", {"name.x": 1})


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("app:anwser", "Did you mean 'answer'"),
        ("no_such_app:answer", "there is no module"),
        ("{type: http, url: nowhere}", "is not a URL"),
        ("{type: http, url: 'http://x/', stream: yes please}", "stream"),
        ("{type: recorded, path: none.jsonl}", "cannot be read"),
        ("{type: recorded}", "`path` is missing"),
        ("{call: app:answer}", "a target needs a `type`"),
        ("[1]", "target"),
    ],
)
def test_a_wrong_target_is_said(tmp_path: Path, target: str, said: str) -> None:
    assert said in "\n".join(
        problems(tmp_path, GOOD.replace("target: app:answer", f"target: {target}"))
    )


def test_a_target_that_fails_at_import_shows_its_own_traceback(tmp_path: Path) -> None:
    (tmp_path / "crashing_app.py").write_text("import json\n\njson.loads('{')\n")
    found = "\n".join(problems(tmp_path, GOOD.replace("app:answer", "crashing_app:answer")))
    assert 'crashing_app.py", line 3' in found
    assert "regrade" not in found.split("traceback:")[1]


def test_python_builds_the_same_suite(tmp_path: Path) -> None:
    def judge(case: Case, trace: Trace) -> bool:
        return True

    content = {
        "name": "support",
        "objective": "Answer questions.",
        "criteria": {"right": "It is right."},
        "dataset": [Case(input="hi", expected={"answer": "hi"})],
        "target": lambda input: input,
    }
    from_file = load(tmp_path, GOOD)
    from_python = make_suite(content, folder=tmp_path)
    assert from_python.outline == from_file.outline
    assert from_python.dataset == from_file.dataset
    assert [g.spec for g in from_python.graders] == [g.spec for g in from_file.graders]
    both = make_suite(
        {**content, "graders": [contains(), judge, {"type": "equals"}]}, folder=tmp_path
    )
    assert [g.spec.name for g in both.graders] == ["contains", "python", "equals"]
    with pytest.raises(SuiteError, match="'id' is that of 2 cases|the id 'x' is that of 2 cases"):
        make_suite(
            {**content, "dataset": [Case(id="x", input=1), Case(id="x", input=2)]}, folder=tmp_path
        )
    with pytest.raises(SuiteError, match="is no grader"):
        make_suite({**content, "graders": [7]}, folder=tmp_path)
    with pytest.raises(SuiteError, match="which a child process can import"):
        make_suite({**content, "isolation": "process"}, folder=tmp_path)
    with pytest.raises(SuiteError, match="`target` is missing"):
        make_suite({k: v for k, v in content.items() if k != "target"}, folder=tmp_path)


def test_what_is_not_a_suite_is_said(tmp_path: Path) -> None:
    assert problems(tmp_path, "- a\n- b") == [
        "suite.yaml: a suite is an object with name, objective, criteria, dataset and target"
    ]
    (tmp_path / "suite.yaml").write_bytes(b"name: \xff")
    with pytest.raises(SuiteError, match="not UTF-8"):
        load_suite(tmp_path / "suite.yaml")
    with pytest.raises(UsageError, match="No such file"):
        load_suite(tmp_path / "none.yaml")


def test_criteria_of_any_language_get_ids_of_their_own(tmp_path: Path) -> None:
    sentences = ["回答必须有依据", "¿Es correcta?", "!!!", "???", "Es correcta"]
    graders = [
        {"type": "contains", "criterion": c}
        for c in ("回答必须有依据", "es-correcta", "criterion-3", "criterion-4", "es-correcta-5")
    ]
    content = {
        "name": "s",
        "objective": "o",
        "criteria": sentences,
        "dataset": [{"input": "q", "expected": {"answer": "a"}}],
        "target": "app:answer",
        "graders": graders,
    }
    assert list(load(tmp_path, json.dumps(content)).outline.criteria.values()) == sentences


@pytest.mark.anyio
async def test_topics_read_the_lexicon_of_the_suite(tmp_path: Path) -> None:
    text = GOOD.replace(
        "expected: {answer: hi}", "expectedTopics: [refund-policy], disallowedTopics: [billing]"
    )
    text += "lexicon: {refund-policy: [money back, refund*], billing: [invoice]}\n"
    for suite in (load(tmp_path, text), load(tmp_path, text + "graders: [{type: topics}]\n")):
        [grader], [case] = suite.graders, suite.dataset.cases
        assert grader.spec.identity.type == "topics"
        assert (await grader.grade(case, Trace(output="You get your Money back."))).passed is True
        assert (await grader.grade(case, Trace(output="Refunds need the invoice."))).passed is False
    own = load(
        tmp_path,
        text + "graders: [{type: topics, lexicon: {refund-policy: [hooray], billing: [bill]}}]\n",
    )
    assert (
        await own.graders[0].grade(case, Trace(output="You get your money back."))
    ).passed is False


def test_an_embedder_is_a_folder_or_an_endpoint(tmp_path: Path) -> None:
    text = GOOD + "graders: [{type: similarity, metric: cosine, min: 0.5, embedder: NAME}]\n"
    suite = load(tmp_path, text.replace("NAME", '"openai:embed"'))
    assert suite.graders[0].spec.identity.options["embedder"].startswith("openai:embed@")
    with pytest.raises(SuiteError, match="is no folder and no endpoint"):
        load(tmp_path, text.replace("NAME", "nowhere"))
    (tmp_path / "model").mkdir()
    with pytest.raises(SuiteError, match=r"has no tokenizer\.json"):
        load(tmp_path, text.replace("NAME", "model"))
