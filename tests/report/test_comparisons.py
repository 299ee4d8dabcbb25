"""Comparisons, gates and plans, as they are told."""

import io
import json
import re
from dataclasses import replace
from typing import Literal
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from rich.console import Console

from regrade.analysis import summarize
from regrade.analysis.comparison import compare, rank
from regrade.analysis.gate import judge_gate
from regrade.analysis.plan import Plan, Step
from regrade.domain import Comparison, GateResult, GateRules, Grade, Revision, Run, Trace
from regrade.graders import contains
from regrade.report.charts.forest import group, scale_of
from regrade.report.comparison import (
    comparison_document,
    comparison_markdown,
    print_comparison,
)
from regrade.report.comparison.document import comparison_schema
from regrade.report.comparison.terminal import print_ranking
from regrade.report.comparison.words import standing_out
from regrade.report.gate import (
    gate_document,
    gate_junit,
    gate_markdown,
    gate_schema,
    github_annotations,
    print_gate,
)
from regrade.report.html import comparison_fragment, comparison_html, gate_fragment, gate_html
from regrade.report.markdown import MOST_CHARACTERS
from regrade.report.plan import plan_lines
from tests.analysis.comparing import case, of, run
from tests.fakes.runs import hostile_run

BASE = [n % 5 != 0 for n in range(240)]
WORSE = [bit and n % 7 != 1 for n, bit in enumerate(BASE)]


def compared() -> Comparison:
    failing = {f"c{n}": "retrieval" for n, bit in enumerate(BASE) if not bit}
    now = failing | {f"c{n}": "generation" for n in range(240) if BASE[n] and not WORSE[n]}
    before = of(BASE, failing=failing, cost=0.01, revision=Revision(commit="a" * 40, subject="One"))
    after = of(
        [*WORSE, True], "b", failing=now, cost=0.03, latency_s=2.0, begins_s=9_000,
        revision=Revision(commit="b" * 40, subject="Two", is_dirty=True), fingerprint={"prompt": "x"},
    )  # fmt: skip
    return compare(before, after, margins={"": 0.01})


def printed(found: Comparison, width: int = 130) -> str:
    out = io.StringIO()
    print_comparison(found, Console(file=out, width=width, highlight=False))
    return out.getvalue()


def test_the_verdict_comes_first_and_then_the_five_questions() -> None:
    text = printed(compared())
    places = [
        text.index(each)
        for each in (
            "prompt changed",
            "Did quality improve?",
            "worse: 80.0% →",
            "Which cases regressed?",
            "Which failure category increased?",
            "Did latency or cost change?",
            "Is the change worth shipping?",
        )
    ]
    assert places == sorted(places)
    for said in (
        "commit aaaaaaaaa → bbbbbbbbb (Two)",
        "changes that were not committed",
        "Not compared: 1 added.",
        "pass → fail",
        "generation: first failures 0 →",
        "latency × 2.00",
        "p95 × 2.00",
        "may be the provider's",
        "cost × 3.00",
        "the pass rate is worse by",
    ):
        assert said in text, said


def test_a_narrow_terminal_and_a_comparison_without_anything() -> None:
    assert max(map(len, printed(compared(), 60).splitlines())) <= 60
    nothing = printed(compare(of([None], latency_s=None), of([None], "b", latency_s=None)))
    assert "no case was judged by both" in nothing
    assert "latency unknown" in nothing
    assert "Not compared: 1 not judged by both." in nothing
    few = printed(compare(of([True] * 4), of([False, True, True, True], "b")))
    assert "too few to tell" in few


def test_what_cannot_be_compared_is_told_with_the_way_out() -> None:
    found = compare(of(BASE), run([(case(n + 500), [True]) for n in range(240)], "b"))
    assert "not comparable" in printed(found)
    assert "run both versions on the same cases" in printed(found).replace("\n", " ")
    assert comparison_markdown(found).startswith("🚫")


def test_fixed_cases_margins_and_trials_are_told() -> None:
    better = compare(of(WORSE), of(BASE, "b"))
    assert "cases fixed:" in printed(better)
    assert "and 20 more" in printed(better)
    tolerated = compare(of(BASE), of(WORSE, "b"), margins={"": 0.5})
    assert "worse, within your margin of 50.0 points" in printed(tolerated)
    trials = compare(
        run([(case(1, critical=True), [True, True])]),
        run([(case(1, critical=True), [True, False])], "b"),
    )
    assert "c1 critical  2/2 → 1/2" in printed(trials)
    accepted = replace(trials, regressed=(replace(trials.regressed[0], accepted="so be it"),))
    assert "(accepted: so be it)" in printed(accepted)
    assert "(accepted: so be it)" in comparison_markdown(accepted)
    hard = [bit and n % 4 != 0 for n, bit in enumerate(BASE)]
    assert "regressions are level hard" in printed(compare(of(BASE), of(hard, "b")))


def test_the_document_follows_its_schema() -> None:
    found = compared()
    document = json.loads(json.dumps(comparison_document(found)))
    jsonschema.validate(document, comparison_schema())
    assert document["verdict"] == "worse"
    assert document["split"]["n_matched"] == 240
    assert document["attribution"]["generation"]["first_after"] == len(found.regressed)
    assert document["cases_added"] == ["c240"]
    empty = comparison_document(compare(of([None]), of([None], "b")))
    jsonschema.validate(json.loads(json.dumps(empty)), comparison_schema())
    assert empty["split"] is None


def test_a_comment_has_the_verdict_in_its_first_line_and_folds_what_is_long() -> None:
    text = comparison_markdown(compared())
    assert text.splitlines()[0].startswith("❌ **s: worse: 80.0%")
    assert text.count("<details>") == text.count("</details>") == 3
    assert "| pass rate | 80.0% |" in text
    assert "- … and 8 more" in text


@pytest.mark.no_cover
@pytest.mark.parametrize("attempts", [3, 2000])
def test_hostile_texts_stay_texts(attempts: int) -> None:
    a, b = hostile_run(attempts, words=3), hostile_run(attempts, words=3)
    text = comparison_markdown(compare(a, b))
    assert len(text) <= MOST_CHARACTERS + 1
    assert "<script" not in text.replace("\\<script", "")
    assert "@everyone" not in text
    assert "https://" not in text
    assert "\x1b" not in text + printed(compare(a, b))


def test_several_runs_are_printed_ranked() -> None:
    out = io.StringIO()
    near = [bit if n else not bit for n, bit in enumerate(BASE)]
    ranked = rank([of(WORSE, "low"), of(BASE, "high", label="best"), of(near, "near")])
    print_ranking(ranked, Console(file=out, width=120, highlight=False))
    lines = out.getvalue().splitlines()
    assert "on the 240 cases that all judged" in lines[1]
    assert lines[2].split()[-1] in ("near", "best") or "(high)" in lines[2]
    assert "not told apart from the best" in out.getvalue()


def gated(rules: GateRules, *, with_baseline: bool = True) -> GateResult:
    before, after = of(BASE), of(WORSE, "b")
    if not with_baseline:
        return judge_gate(rules, after, None, None)
    return judge_gate(rules, after, before, compare(before, after))


def test_a_gate_is_told_rule_by_rule() -> None:
    result = replace(
        gated(GateRules(margin=0.02, pass_rate_min=0.5, undecided="block")), expired=("c1: was so",)
    )
    out = io.StringIO()
    print_gate(result, Console(file=out, width=100, highlight=False))
    text = out.getvalue()
    for said in (
        "✗ FAIL",
        "✓ pass_rate.min",
        "✗ no_regression",
        "expired c1",
        "it shows drops",
        "would make noise",
    ):
        assert said in " ".join(text.split()), said
    document = json.loads(json.dumps(gate_document(result)))
    jsonschema.validate(document, gate_schema())
    assert (document["outcome"], document["blocks"]) == ("fail", True)
    assert [rule["outcome"] for rule in document["rules"]] == ["pass", "fail"]
    lines = gate_markdown(result, "s")
    assert lines[0] == "❌ **s: FAIL: a rule is shown to be broken**"
    assert any("expired" in line for line in lines)


def test_a_gate_without_a_baseline_or_with_too_few_cases_says_so() -> None:
    result = gated(GateRules(margin=0.001), with_baseline=False)
    out = io.StringIO()
    print_gate(result, Console(file=out, width=100, highlight=False))
    assert "without a baseline" in out.getvalue()
    assert "never no_regression" in " ".join(out.getvalue().split())
    assert any("never" in line for line in gate_markdown(result, "s"))
    few = judge_gate(GateRules(margin=0.0), of([True], "b"), None, None)
    out = io.StringIO()
    print_gate(few, Console(file=out, width=100, highlight=False))
    assert "it could show no drop" in out.getvalue()
    passed = judge_gate(GateRules(ungraded_max=1), of([True], "b"), None, None)
    out = io.StringIO()
    print_gate(passed, Console(file=out, width=100, highlight=False))
    assert "would make noise pass" not in out.getvalue()


def test_a_plan_is_told_step_by_step() -> None:
    steps = (
        Step(what="retrieval", why="retrieval changed", attempts=10, expected_s=2.0, fits=True),
        Step(what="pipeline", why="retrieval changed", attempts=10, expected_s=None, fits=False),
        Step(what="cached", why="nothing changed", attempts=0, expected_s=0, fits=True),
    )
    lines = [*plan_lines(Plan(changes=("retrieval",), since="r1", steps=steps))]
    assert lines == [
        "changed since r1: retrieval",
        "1. retrieval alone (retrieval changed): 10 attempts, about 2 s",
        "2. the whole pipeline (retrieval changed): 10 attempts, time unknown; it will not fit the budget whole",
        "3. what was never graded (nothing changed): nothing is left to do",
    ]
    assert next(plan_lines(Plan(changes=(), since="r1", steps=()))) == "nothing changed since r1"
    assert next(plan_lines(Plan(changes=(), since=None, steps=()))) == "nothing was run before"


def test_the_page_holds_the_verdict_the_plots_and_the_answers() -> None:
    found = compared()
    text = comparison_html(found)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    assert "script-src" not in policy[1], "no script at all"
    assert "default-src &#39;none&#39;" in policy[1]
    assert "<script" not in text
    assert 'style="' not in text
    for said in (
        "<strong>worse</strong>",
        "What changed between the versions",
        "Is the change worth shipping?",
        "<small>before</small><p>answer <del>a</del> c1</p>",
        "<small>now</small><p>answer <ins>b</ins> c1</p>",
        "surely increased",
        "× 2.00",
    ):
        assert said in text, said
    assert text.count('<svg viewBox="0 0 200 12"') >= 8
    assert comparison_fragment(found).startswith('<div class="regrade"><style>')


def test_the_page_of_a_gate_says_first_what_it_says() -> None:
    before, after = of(BASE), of(WORSE, "b")
    rules = GateRules(margin=0.01, pass_rate_min=0.5, no_critical_regression=True)
    result = judge_gate(rules, after, before, compare(before, after))
    result = replace(result, expired=("c1: old",), notes=("no further trials",))
    text = gate_html(result, after.header, compare(before, after))
    places = [text.index(each) for each in ("<strong>fail</strong>", "Did quality improve?")]
    assert places == sorted(places)
    assert "expired: c1: old" in text
    assert "no further trials" in text
    alone = judge_gate(rules, after, None, None)
    page = gate_fragment(alone, after.header)
    assert "without a baseline" in page
    assert "Did quality improve?" not in page


def test_intervals_share_a_scale_that_holds_most_of_them() -> None:
    narrow = replace(compared().pass_rate, delta=0.01, low=-0.01, high=0.04, margin=0.02)
    wide = replace(narrow, low=-0.9, high=0.9)
    assert scale_of([narrow] * 20 + [wide]) == 0.05
    assert scale_of([replace(narrow, low=None)]) == 1.0
    [row] = group("x", {"rate": narrow}, 0.05).rows
    assert row.mark is not None
    assert (row.mark.low, row.mark.width, row.mark.at, row.mark.margin) == (
        80.0,
        100.0,
        120.0,
        60.0,
    )
    [cut] = group("x", {"rate": wide}, 0.05).rows
    assert cut.mark is not None
    assert (cut.mark.low, cut.mark.width) == (0.0, 200.0)
    [counted] = group("x", {"rate": replace(narrow, low=None)}, 0.05).rows
    assert counted.mark is None


def test_criteria_that_stand_out_in_slices_are_told() -> None:
    specs = [contains(criterion=name, name=name).spec for name in ("right", "short")]

    def made(run_id: str, *, fails: bool, alone: bool = False) -> Run:
        rows = run([(case(n), [True]) for n in range(120)], run_id)
        attempts = [
            replace(
                attempt,
                grades=(
                    Grade(alone or at % 5 != 1, spec=specs[0]),
                    Grade(not (fails and at % 3 == 0), spec=specs[1]),
                ),
            )
            for at, attempt in enumerate(rows.attempts)
        ]
        return replace(rows, attempts=attempts, summary=summarize(rows.header, attempts))

    found = compare(made("a", fails=False), made("b", fails=True))
    [line, *_] = standing_out(found)
    assert line.startswith("short in topic a: -100.0 pp")
    assert line.endswith("on 40 cases, worse")
    assert set(found.cells) == {"right", "short"}
    alone = compare(made("a", fails=False, alone=True), made("b", fails=True, alone=True))
    assert set(alone.cells) == {"right"}, "the other one decides the pass rate alone"


def undecided_and_failed(*, blocks: bool = False) -> tuple[GateResult, Comparison]:
    before, after = of(BASE), of(WORSE, "b")
    undecided: Literal["warn", "block"] = "block" if blocks else "warn"
    rules = GateRules(margin=0.01, pass_rate_min=0.7, ungraded_max=0.0, undecided=undecided)
    found = compare(before, after)
    accepted = replace(found.regressed[0], accepted="known", reasons=())
    found = replace(found, regressed=(accepted, *found.regressed[1:]))
    return judge_gate(rules, after, before, found), found


def test_a_gate_is_junit_xml_with_one_test_a_rule() -> None:
    result, found = undecided_and_failed()
    [suite] = ET.fromstring(gate_junit(result, "help & more", found))
    assert suite.attrib == {
        "name": "help & more gate",
        "tests": "3",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
    }
    [failure] = suite.iter("failure")
    assert failure.get("type") == "fail"
    assert "a drop of more than 1.0 points" in str(failure.text)
    assert "pass → fail" in str(suite.findtext("system-out"))
    blocked, _ = undecided_and_failed(blocks=True)
    [suite] = ET.fromstring(gate_junit(blocked, "help"))
    assert (suite.get("failures"), suite.get("skipped")) == ("2", "0")


def test_a_gate_is_annotations_that_say_where() -> None:
    result, found = undecided_and_failed()
    lines = [*github_annotations(result, "help", "evals/a,b:c.yaml", found)]
    assert lines[0].startswith(
        "::warning file=evals/a%2Cb%3Ac.yaml,title=help%3A pass_rate.min undecided::"
    )
    assert lines[1].startswith("::error file=")
    assert lines[2].startswith("::notice file=")
    assert lines[2].endswith("::it failed")
    assert sum(line.startswith("::warning") for line in lines) <= 10
    blocked, _ = undecided_and_failed(blocks=True)
    assert [line[:8] for line in github_annotations(blocked, "help", "s.yaml")] == ["::error "] * 2
    rule = replace(result.rules[0], words="100 %\nof it")
    [line] = github_annotations(replace(result, rules=(rule,)), "help", "s.yaml")
    assert line.endswith("::100 %25%0Aof it")


def test_the_answers_of_a_baseline_that_kept_none_are_not_made_up() -> None:
    before, after = of(BASE), of(WORSE, "b")
    bare = [replace(each, trace=Trace()) for each in before.attempts]
    text = comparison_html(compare(replace(before, attempts=bare), after))
    assert "answered now" in text
    assert "<dd>answer b c" in text
