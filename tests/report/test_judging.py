"""What is told of judges, people and mutations."""

import io
import json
from dataclasses import dataclass, replace

from rich.console import Console

from regrade.analysis.calibration import (
    Calibration,
    PeopleAgreement,
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
from tests.analysis.test_calibration import judged, label


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
    gap = replace(found.length, gap=0.2, interval=Interval(0.1, 0.3))
    return Measured(replace(found, shown=2, length=gap), people_agreement(labels, "right"))


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
        "favours long answers by +20.0 points",
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
