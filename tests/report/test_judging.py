"""What is told of judges, people and mutations."""

import io
import json
from dataclasses import dataclass, replace

from rich.console import Console

from regrade.analysis.calibration import (
    Again,
    Bias,
    Calibration,
    PeopleAgreement,
    ScoreCalibration,
    Solver,
    calibrate,
    consensus,
    items_of,
    people_agreement,
)
from regrade.analysis.mutation import BreakResult, GraderResult, Mutation
from regrade.domain import Estimate
from regrade.report.calibration import calibration_document, print_calibration
from regrade.report.document import run_document
from regrade.report.html import run_html
from regrade.report.markdown import run_markdown
from regrade.report.mutation import mutation_document, print_mutation
from regrade.report.terminal import print_run
from regrade.stats import Interval
from regrade.stats.people.judges import BiasGap, Corrected
from tests.analysis.test_calibration import START, judged, label


@dataclass
class Measured:
    calibration: Calibration
    people: PeopleAgreement


def measured() -> Measured:
    scores = [1 + n % 5 for n in range(200)]
    made = judged([score >= 4 for score in scores], scores=scores)
    labels = [
        label(a, "pass" if s >= 3 else "fail", who)
        for who in ("ada", "bo")
        for a, s in zip(made.attempts, scores, strict=True)
    ]
    found = calibrate("right", items_of(made, "right"), consensus(labels, "right"))
    gap = BiasGap(0.2, Interval(0.1, 0.3))
    biases = tuple(
        Bias(name=name, gap=gap, n=9, others=9)
        for name in ("long answers", "answers of its own family")
    )
    again = Again(
        judged_at=START, answers=50, times=3, flipped=5, flips=Interval(0.04, 0.2), failures=2,
        labelled=40, agreed_then=38, agreed_now=30, p=0.01,
    )  # fmt: skip
    tone = ScoreCalibration(
        dimension="tone", scale=(1, 5), judged=4.2, labelled=30,
        corrected=Corrected(3.8, Interval(3.5, 4.1)),
    )  # fmt: skip
    few = replace(tone, dimension="wit", corrected=None)
    solver = Solver(run_id="own", cases=100, own=0.9, system=0.8, p=0.002)
    more = replace(
        found,
        shown=2,
        biases=biases,
        own_answers=9,
        again=again,
        scores=(tone, few),
        solver=solver,
    )
    return Measured(more, people_agreement(labels, "right"))


def screen() -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, width=140, highlight=False), out


def test_a_calibration_is_told_on_the_terminal_and_as_json() -> None:
    header = judged([True]).header
    console, out = screen()
    print_calibration(header, [measured()], console)
    for said in (
        "right: judged 40.0%, corrected 59.9%",
        "both pass 80, the judge alone 0, people alone 40, neither 80",
        "passes what people pass 66.7%",
        "kappa 0.6",
        "people among each other: ada and bo, kappa 1.00 on 200 answers",
        "favours long answers by +20.0 points [+10.0, +30.0]",
        "favours answers of its own family by +20.0 points",
        "right tone: judged 4.20, corrected 3.80 [3.50, 4.10] by the scores of people on 30 answers",
        "its judge has drifted: on the same 40 labelled answers it agreed with people on 38 in the run",
        "judged again, 3 times: 10.0% of 50 answers get different verdicts [4.0%, 20.0%]",
        "gave no verdict 2 times when it judged again",
        "and on 30 of the same when it judged again (p 0.01): it has drifted",
        "answers 90.0% of 100 cases right itself, the system 80.0% (one-sided p 0.002, run own)",
        "passing from 3 on agrees with people on 100 of 100 other labels, not",
        "2 labels left out",
        "agrees on",
    ):
        assert said in out.getvalue(), said
    document = calibration_document(header, [measured()])
    right = document["criteria"]["right"]
    assert json.loads(json.dumps(document)) == document
    assert right["threshold"]["at"] == 3
    assert right["people"]["alpha"] == 1
    assert right["again"]["has_drifted"] is True
    assert right["solver"]["own"] == 0.9
    assert right["scores"]["tone"]["interval"] == [3.5, 4.1]
    assert right["scores"]["wit"]["corrected"] is None
    assert right["biases"][0]["interval"] == [0.1, 0.3]
    steady = replace(measured().calibration, own_answers=3, biases=(), scores=())
    once = replace(steady.again, p=0.5, times=1, failures=0)  # type: ignore[type-var]  # it is there
    console, out = screen()
    told = Measured(replace(steady, again=once), people_agreement([], "right"))
    print_calibration(header, [told], console)
    assert "no drift is shown" in out.getvalue()
    assert (
        "it judges 3 answers of its own family, and too few of them are labelled" in out.getvalue()
    )
    bare = judged([True, False])
    none = Measured(calibrate("right", items_of(bare, "right"), {}), people_agreement([], "right"))
    assert calibration_document(header, [none])["criteria"]["right"]["threshold"] is None
    console, out = screen()
    print_calibration(header, [], console)
    assert "no language model judges in this run" in out.getvalue()
    perfect = judged([True, False])
    labels = [label(a, "pass" if n == 0 else "fail") for n, a in enumerate(perfect.attempts)]
    sure = calibrate("right", items_of(perfect, "right"), consensus(labels, "right"))
    console, out = screen()
    print_calibration(header, [Measured(sure, people_agreement(labels, "right"))], console)
    assert "saves all the labels" in out.getvalue()


def test_a_run_with_a_judge_tells_its_dimensions_everywhere() -> None:
    made = judged([True, False, True])
    [name] = made.summary.judges
    summary = replace(
        made.summary,
        judges={name: replace(made.summary.judges[name], split=1, addressed=2)},
    )
    made = replace(made, summary=summary)
    console, out = screen()
    print_run(made, console)
    for text in (out.getvalue(), run_markdown(made).replace("\\", ""), run_html(made)):
        assert "judge: 3 answers judged, by m-1, votes differ on 1, 2 answers speak to the judge, $0.0300" in text  # fmt: skip
        assert "judge tone: 4.00" in text
    judges = run_document(made)["judges"]["judge"]
    assert judges["scores"]["tone"]["value"] == 4
    pairs = replace(
        summary.judges[name], consistency=Estimate(0.7, 0.5, 0.8, 40), favours="first", split=3
    )
    ordered = replace(made, summary=replace(summary, judges={name: pairs}))
    assert (
        "in both orders in 70.0% [50.0% – 80.0%] of the pairs, flipped pairs favour the first"
        in (run_markdown(ordered).replace("\\", ""))
    )
    assert run_document(ordered)["judges"]["judge"]["consistency"]["value"] == 0.7
    unknown = replace(summary.judges[name], cost_usd=None, served=("other",))
    console, out = screen()
    print_run(replace(made, summary=replace(summary, judges={name: unknown})), console)
    assert "cost unknown" in out.getvalue()
    assert "by other, though openai:m was asked" in out.getvalue()


def test_a_mutation_is_told_on_the_terminal_and_as_json() -> None:
    def result(name: str, share: float, n: int, *unnoticed: str) -> BreakResult:
        graders = {f"g{at}": 3 for at in range(5)} if share else {}
        return BreakResult(
            name=name, words=f"does {name}", noticed=Estimate(share, 0.0, 1.0, n), graders=graders,
            unnoticed=unnoticed,
        )  # fmt: skip

    found = Mutation(
        good=20,
        breaks=(result("negate", 0.0, 20, "c1", "c2"), result("names", 0.5, 20, "c3"), result("drop", 1.0, 20)),
        not_tried=("secret",),
        graders=(
            GraderResult(name="silent", judged=20, failed=0, is_touched=True),
            GraderResult(name="quick", judged=20, failed=0, is_touched=False),
        ),
    )  # fmt: skip
    console, out = screen()
    print_mutation(found, console)
    text = " ".join(out.getvalue().split())
    for said in (
        "20 good answers broken in 60 ways",
        "nobody notices an answer that does negate (such as c1)",
        "names not noticed in 10 cases: c3 and 9 more",
        "g0 3, g1 3, g2 3, and 2 more",
        "graders that never fire, whatever is broken: silent",
        "no break touches what they judge: quick",
        "breaks that no answer has anything for: secret",
    ):
        assert said in text, said
    document = mutation_document(found)
    assert json.loads(json.dumps(document)) == document
    assert document["graders"][0]["never_fires"] is True
