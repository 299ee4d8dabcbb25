"""Comments on pull and merge requests: one a suite, made once and then updated."""

import json
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from regrade.domain.errors import UsageError
from regrade.forges import PAGE, Review, comment, review_of
from tests.fakes.forges import Forge, forge


@pytest.fixture
def kept() -> Iterator[Forge]:
    with forge() as opened:
        yield opened


def github(kept: Forge, **more: str) -> Review:
    return review_of(
        {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": kept.address,
            "GITHUB_REPOSITORY": "team/app",
            "GITHUB_REF": "refs/pull/7/merge",
            "GITHUB_TOKEN": "ghs_x",
            **more,
        }
    )


def gitlab(kept: Forge) -> Review:
    return review_of(
        {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": kept.address,
            "CI_PROJECT_ID": "12",
            "CI_MERGE_REQUEST_IID": "7",
            "GITLAB_TOKEN": "glpat-x",
        }
    )


def written(review: Review, text: str, suite: str = "support") -> bool:
    return anyio.run(comment, review, suite, text)


@pytest.mark.parametrize("place", [github, gitlab])
def test_a_comment_is_made_once_and_then_changed(place: object, kept: Forge) -> None:
    review = place(kept)  # type: ignore[operator]  # one of two functions
    kept.add("A person's comment.", author_association="OWNER")
    assert written(review, "first") is True
    assert written(review, "second") is False
    assert written(review, "other", suite="search") is True
    assert [each["body"] for each in kept.comments] == [
        "A person's comment.",
        "<!-- regrade: support -->\nsecond",
        "<!-- regrade: search -->\nother",
    ]
    assert kept.tokens <= {"Bearer ghs_x", "glpat-x"}


def test_it_is_found_behind_many_others(kept: Forge) -> None:
    for n in range(2 * PAGE):
        kept.add(f"comment {n}", author_association="NONE")
    assert written(github(kept), "first")
    assert not written(github(kept), "second")
    assert len(kept.comments) == 2 * PAGE + 1
    assert len(kept.asked) == 2 * (3 + 1), "three pages and one writing each time"


def test_the_mark_of_a_stranger_is_left_alone(kept: Forge) -> None:
    kept.add(
        "<!-- regrade: support -->\nmine", user={"type": "User"}, author_association="CONTRIBUTOR"
    )
    assert written(github(kept), "first")
    assert kept.comments[0]["body"].endswith("mine")
    kept.comments[0]["author_association"] = "MEMBER"
    assert not written(github(kept), "second")
    assert kept.comments[0]["body"].endswith("second")


def test_the_number_comes_from_the_event_where_there_is_one(kept: Forge, tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}))
    review = github(kept, GITHUB_REF="refs/heads/x", GITHUB_EVENT_PATH=str(event))
    assert review.comments.endswith("/repos/team/app/issues/7/comments")


def test_a_refusal_is_told(kept: Forge) -> None:
    kept.refuses = True
    with pytest.raises(UsageError, match="GitHub did not take the comment: .*403"):
        written(github(kept), "first")
    gone = github(kept, GITHUB_API_URL="http://127.0.0.1:1")
    with pytest.raises(UsageError, match="did not take the comment"):
        written(gone, "first")


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "from jobs of GitHub Actions and GitLab CI alone"),
        ({"GITHUB_ACTIONS": "true"}, "belongs to no pull request"),
        ({"GITHUB_ACTIONS": "true", "GITHUB_REF": "refs/pull/7/merge"}, "GITHUB_TOKEN is not set"),
        ({"GITLAB_CI": "true"}, "belongs to no merge request"),
        ({"GITLAB_CI": "true", "CI_MERGE_REQUEST_IID": "7"}, "GITLAB_TOKEN is not set"),
    ],
)
def test_where_nothing_can_be_written_it_says_why(environment: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        review_of(environment)
