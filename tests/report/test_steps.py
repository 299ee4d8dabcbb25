"""Steps with the grades beside them."""

import io
import json
from dataclasses import replace

from rich.console import Console

from regrade.domain import Attempt, Case, Component, Grade, Span, Trace
from regrade.graders import contains, json as json_grader, no_error
from regrade.ingest.views import DROPPED
from regrade.report.html.rows import rows_json
from regrade.report.steps import grades_by_span, print_steps
from regrade.report.words import reasons
from tests.fakes.runs import make_run

COMPONENTS = (Component(name="find", kind="retrieval"), Component(name="write", span="generate"))
SPANS = (
    Span(span_id="1", name="pipeline", kind="chain", duration_s=1.0),
    Span(span_id="2", parent_id="1", name="look up", kind="retrieval", duration_s=0.2, input="q"),
    Span(span_id="3", parent_id="1", name="look up", kind="retrieval", start_s=0.2, output=["d"]),
    Span(
        span_id="4",
        parent_id="1",
        name="generate",
        kind="llm",
        start_s=0.5,
        duration_s=0.5,
        error="ValueError: no \x1b[31m",
    ),
)
GRADES = (
    Grade(True, "Whole.", spec=no_error().spec),
    Grade(False, "Lacks it.", spec=contains(component="find", criterion="c").spec),
    Grade(None, "Nothing.", spec=json_grader(component="write", required=False).spec),
    Grade(False, "Absent.", spec=contains(component="gone", name="elsewhere").spec),
)
ATTEMPT = Attempt(case=Case(id="a", input="q"), trace=Trace(output="x", spans=SPANS), grades=GRADES)


def printed(width: int) -> str:
    out = io.StringIO()
    print_steps(ATTEMPT, COMPONENTS, Console(file=out, width=width, highlight=False))
    return out.getvalue()


def test_grades_stand_at_the_last_step_of_the_component_that_they_judge() -> None:
    assert grades_by_span(ATTEMPT, COMPONENTS) == {"3": [1], "4": [2]}


def test_a_step_is_followed_by_its_grades_and_what_it_was_given_and_gave() -> None:
    lines = [line.rstrip() for line in printed(100).splitlines()]
    assert lines[0] == "steps  4"
    assert lines[1].startswith("pipeline")
    assert lines[2].startswith("  look up")
    assert lines[3] == "    in  q"
    assert lines[4].startswith("  look up")
    assert "open" in lines[4]
    assert lines[5:7] == ["    ✗ contains", '    out ["d"]']
    assert lines[8] == "    – json"
    assert lines[9].startswith("    ✗   ValueError: no")
    assert "\x1b" not in printed(100)


def test_it_fits_a_narrow_terminal() -> None:
    assert max(map(len, printed(40).splitlines())) <= 48


def test_the_page_knows_which_grades_stand_at_which_step() -> None:
    run = make_run()
    outline = replace(run.header.suite, components=COMPONENTS)
    changed = replace(run, attempts=[ATTEMPT], header=replace(run.header, suite=outline))
    page = json.loads(rows_json(changed))
    steps = page["rows"][0][13]
    assert [step[8] for step in steps] == [[], [], [1], [2]]
    assert page["graders"][1] == ["contains", "c", "find", 1]
    assert page["graders"][2] == ["json", "", "write", 0]


def test_optional_graders_are_marked_among_the_reasons() -> None:
    optional = contains(required=False, name="extra").spec
    grades = (Grade(False, "a", spec=GRADES[1].spec), Grade(False, "b", spec=optional))
    attempt = Attempt(case=ATTEMPT.case, trace=Trace(output="x"), grades=grades)
    assert [each.speaks_for for each in reasons(attempt)] == ["c at find", "extra (optional)"]


def test_steps_that_were_not_kept_are_told() -> None:
    out = io.StringIO()
    trace = replace(ATTEMPT.trace, metadata={DROPPED: 1200})
    print_steps(replace(ATTEMPT, trace=trace), COMPONENTS, Console(file=out, width=100))
    assert out.getvalue().startswith("steps  4, and 1,200 more that were not kept")
