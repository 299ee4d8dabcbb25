"""Comments where code is reviewed: one a suite on a pull request of GitHub or a merge request of GitLab,
made once and then updated.

Source: GitHub's REST API, issue comments; GitLab's REST API, notes of merge requests.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp

from regrade.domain.errors import TargetError, UsageError
from regrade.wire.requests import replied, session

TIMEOUT_S = 30.0
"""Seconds that one request may take."""
PAGE = 100
"""Comments that are asked for at once."""
MOST_PAGES = 30
"""Pages of comments among which ours is looked for."""
_TRUSTED = ("OWNER", "MEMBER", "COLLABORATOR")


@dataclass(frozen=True, slots=True)
class Review:
    """A pull or merge request, and how to write there."""

    forge: str
    """`GitHub` or `GitLab`."""
    comments: str
    """Where its comments are."""
    update: str
    """Where one comment is changed; `{id}` stands for its id."""
    method: str
    """How it is changed: PATCH or PUT."""
    headers: Mapping[str, str]
    """What goes with every request, the token included."""


def review_of(environment: Mapping[str, str]) -> Review:
    """Find the review that a job of a CI system belongs to, by its environment variables.

    Raises: UsageError where there is none, or no token.
    """
    if environment.get("GITLAB_CI"):
        return _gitlab(environment)
    if environment.get("GITHUB_ACTIONS"):
        return _github(environment)
    raise UsageError("a comment is written from jobs of GitHub Actions and GitLab CI alone")


def _github(environment: Mapping[str, str]) -> Review:
    number = _pull_request(environment)
    token = environment.get("GITHUB_TOKEN")
    if number is None:
        raise UsageError("this job of GitHub Actions belongs to no pull request")
    if not token:
        raise UsageError(
            "GITHUB_TOKEN is not set; give it to the step, with the permission `pull-requests: write`"
        )
    api = environment.get("GITHUB_API_URL", "https://api.github.com").rstrip("/")
    issues = f"{api}/repos/{environment.get('GITHUB_REPOSITORY', '')}/issues"
    return Review(
        forge="GitHub",
        comments=f"{issues}/{number}/comments",
        update=f"{issues}/comments/{{id}}",
        method="PATCH",
        headers={
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        },
    )


def _pull_request(environment: Mapping[str, str]) -> int | None:
    """Give the number of the pull request, by the event or by the reference that was checked out."""
    try:
        event = json.loads(Path(environment.get("GITHUB_EVENT_PATH", "")).read_text())
        return int(event["pull_request"]["number"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    found = re.fullmatch(r"refs/pull/(\d+)/\w+", environment.get("GITHUB_REF", ""))
    return int(found[1]) if found else None


def _gitlab(environment: Mapping[str, str]) -> Review:
    number, token = environment.get("CI_MERGE_REQUEST_IID"), environment.get("GITLAB_TOKEN")
    if not number:
        raise UsageError("this job of GitLab CI belongs to no merge request")
    if not token:
        raise UsageError(
            "GITLAB_TOKEN is not set; make a project access token with the scope `api`, and give it to the job"
        )
    api = environment.get("CI_API_V4_URL", "https://gitlab.com/api/v4").rstrip("/")
    project = quote(environment.get("CI_PROJECT_ID", ""), safe="")
    notes = f"{api}/projects/{project}/merge_requests/{number}/notes"
    return Review(
        forge="GitLab",
        comments=notes,
        update=f"{notes}/{{id}}",
        method="PUT",
        headers={"PRIVATE-TOKEN": token},
    )


async def comment(review: Review, suite: str, text: str) -> bool:
    """Write the comment of a suite: change the one that is there, else make it. Gives whether it was
    made anew.

    The comment begins with a mark that nobody sees. On GitHub a stranger's comment with that mark is
    left alone.
    Raises: UsageError when the forge refuses or cannot be reached.
    """
    mark = f"<!-- regrade: {suite} -->"
    body = {"body": f"{mark}\n{text}"}
    try:
        async with session() as opened:
            known = await _known(opened, review, mark)
            if known is None:
                await _ask(opened, review, "POST", review.comments, body)
            else:
                await _ask(opened, review, review.method, review.update.format(id=known), body)
            return known is None
    except (TargetError, TimeoutError) as error:
        said = str(error) or f"no answer within {TIMEOUT_S:g} s"
        raise UsageError(f"{review.forge} did not take the comment: {said}") from None


async def _known(opened: aiohttp.ClientSession, review: Review, mark: str) -> int | None:
    """Find our comment."""
    for page in range(1, MOST_PAGES + 1):
        url = f"{review.comments}?per_page={PAGE}&page={page}"
        found = await _ask(opened, review, "GET", url, None)
        for each in found:
            if str(each.get("body", "")).startswith(mark) and _is_ours(each):
                return int(each["id"])
        if len(found) < PAGE:
            return None
    return None


def _is_ours(found: Mapping[str, Any]) -> bool:
    """Whether a comment was written by a program, or by somebody who may write in the repository."""
    association = found.get("author_association")
    is_program = (found.get("user") or {}).get("type") == "Bot"
    return association is None or is_program or association in _TRUSTED


async def _ask(
    opened: aiohttp.ClientSession, review: Review, method: str, url: str, body: Any
) -> Any:
    async with replied(
        opened, method, url, headers=dict(review.headers), body=body, timeout_s=TIMEOUT_S
    ) as reply:
        return await reply.json()
