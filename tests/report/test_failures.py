import io

from rich.console import Console

from regrade.analysis.similar import FailureGroup, FailureGroups, group_failures
from regrade.report.failures import SCHEMA, groups_document, print_groups
from tests.fakes.runs import make_run


def printed(found: FailureGroups) -> str:
    out = io.StringIO()
    print_groups(found, 1, Console(file=out, width=90, highlight=False))
    return out.getvalue()


def test_a_small_group_is_told_whole_and_a_large_one_by_its_most_typical_failure() -> None:
    [one, two, *_] = make_run().summary.failures
    small = printed(FailureGroups((FailureGroup(("lacks", "it"), (one, two)),), 0.0))
    assert "2 failures in 1 group" in small
    assert "2 × lacks, it" in small
    assert small.count("✗") == 2
    assert "chance" not in small
    large = printed(FailureGroups((FailureGroup(("x",), (one, *[two] * 11)),), 0.25))
    assert large.count("✗") == 1
    assert "and 3 more" in large
    assert "a chance of about 25%" in large
    assert "\x1b" not in small + large


def test_nothing_failed() -> None:
    assert printed(FailureGroups((), None)).strip() == "nothing failed"


def test_the_groups_as_json_hold_every_failure() -> None:
    failures = make_run().summary.failures
    document = groups_document("r", group_failures(failures))
    assert document["schema"] == SCHEMA
    assert document["failures"] == len(failures)
    cases = [each["case"] for group in document["groups"] for each in group["attempts"]]
    assert sorted(cases) == sorted(attempt.case.id for attempt in failures)
    assert document["groups"][0]["typical"]["reasons"] or document["groups"][0]["typical"]["error"]
