"""The GitHub action and the GitLab template: valid by the published schemas, and their shell steps run."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fakes.forges import Forge, forge

ROOT = Path(__file__).parent.parent
ACTION, GITLAB = ROOT / "action.yml", ROOT / "ci" / "gitlab.yml"
SUITE = """
name: numbers
objective: Say the number.
criteria: {right: It is the number.}
dataset: cases.jsonl
target: app:answer
graders: [{type: equals}]
setup: touch built
gate: {no_regression: {margin: 0.05}, no_critical_regression: true}
"""
SHIM = """#!/bin/sh
case "$2" in
  pip) echo "$*" >> "$PIP_LOG" ;;
  *) exec "{python}" "$@" ;;
esac
"""


@pytest.fixture
def kept() -> Iterator[Forge]:
    with forge() as opened:
        yield opened


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("vendor.github-actions", ACTION),
        ("vendor.gitlab-ci", GITLAB),
    ],
)
def test_they_are_valid_by_the_published_schemas(schema: str, path: Path, tmp_path: Path) -> None:
    def checked(file: Path) -> int:
        command = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file))
        return subprocess.run(command, capture_output=True, check=False).returncode

    assert checked(path) == 0
    broken = tmp_path / path.name
    broken.write_text(path.read_text().replace("script:", "scripts:").replace("steps:", "step:"))
    assert checked(broken) != 0, "the check can fail"


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.example")
    done = subprocess.run(
        ("git", *identity, "-C", str(folder), *arguments),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A shallow clone whose head answers worse than its base, as CI systems make one."""
    origin = tmp_path / "origin"
    origin.mkdir()
    git(origin, "init", "-q", "-b", "main")
    git(origin, "config", "uploadpack.allowAnySHA1InWant", "true")
    rows = (
        f'{{"id": "n{n}", "input": {n}, "expected": {{"answer": "{n}"}}, "critical": {str(n == 8).lower()}}}'
        for n in range(60)
    )
    (origin / "cases.jsonl").write_text("\n".join(rows))
    (origin / "suite.yaml").write_text(SUITE)
    (origin / "app.py").write_text("def answer(input):\n    return str(input)\n")
    git(origin, "add", ".")
    git(origin, "commit", "-q", "-m", "Good")
    (origin / "app.py").write_text("def answer(input):\n    return str(min(input, 39))\n")
    git(origin, "commit", "-q", "-a", "-m", "Cut off")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{origin}", str(clone))
    return clone


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    """The environment of a job, with a pip that only notes what it is asked for."""
    tools = tmp_path / "tools"
    tools.mkdir(exist_ok=True)
    shim = tools / "python"
    shim.write_text(SHIM.format(python=sys.executable))
    shim.chmod(0o755)
    kept = ("HOME", "LANG", "PYTHONWARNINGS")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PIP_LOG": str(tmp_path / "pip.log"),
        **more,
    }


def filled(text: str, values: Mapping[str, str]) -> str:
    """Fill in expressions, as the runner does."""
    return re.sub(r"\$\{\{ (.+?) \}\}", lambda found: values[found[1]], text)


def run_action(
    checkout: Path, job: Mapping[str, str], inputs: Mapping[str, str]
) -> list[subprocess.CompletedProcess[str]]:
    """Run the steps of the action one after the other, until one fails."""
    action: dict[str, Any] = yaml.safe_load(ACTION.read_text())
    values = {f"inputs.{name}": value for name, value in inputs.items()}
    values["github.event.pull_request.number"] = "7"
    done = []
    for step in action["runs"]["steps"]:
        own = {name: filled(value, values) for name, value in step.get("env", {}).items()}
        command = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"])
        done.append(
            subprocess.run(
                command,
                cwd=checkout,
                env={**job, **own},
                capture_output=True,
                text=True,
                check=False,
            )
        )
        if done[-1].returncode:
            break
    return done


def test_the_action_runs_base_and_head_gates_and_comments_once(
    checkout: Path, tmp_path: Path, kept: Forge
) -> None:
    base = git(tmp_path / "origin", "rev-parse", "HEAD~1")
    job = environment(
        tmp_path,
        GITHUB_ACTIONS="true",
        GITHUB_API_URL=kept.address,
        GITHUB_REPOSITORY="team/app",
        GITHUB_REF="refs/pull/7/merge",
        GITHUB_WORKSPACE=str(checkout),
        GITHUB_OUTPUT=str(tmp_path / "output"),
        GITHUB_STEP_SUMMARY=str(tmp_path / "summary"),
        RUNNER_TEMP=str(tmp_path),
    )
    inputs = {
        "suite": "suite.yaml",
        "baseline": "",
        "baseline-rev": base,
        "confirm": "true",
        "comment": "true",
        "package": "/the/action",
        "token": "ghs_x",
    }
    for _ in range(2):
        done = run_action(checkout, job, inputs)
        assert [each.returncode for each in done] == [0, 0, 1], done[-1].stderr
    assert (tmp_path / "pip.log").read_text().splitlines()[0].endswith(" /the/action")
    [made] = kept.comments
    assert made["body"].startswith("<!-- regrade: numbers -->\n❌ **numbers: FAIL")
    assert kept.tokens == {"Bearer ghs_x"}
    assert "❌ **numbers: FAIL" in (tmp_path / "summary").read_text()
    errors = [line for line in done[-1].stderr.splitlines() if line.startswith("::error ")]
    assert errors[0].startswith(
        "::error file=suite.yaml,title=numbers%3A no_regression::-33.3 points"
    )
    outputs = dict(line.split("=", 1) for line in (tmp_path / "output").read_text().splitlines())
    assert outputs["exit-code"] == "1"
    assert "<strong>fail</strong>" in Path(outputs["page"]).read_text()
    assert (
        '<testsuite name="numbers gate" tests="2" failures="1"'
        in Path(outputs["junit"]).read_text()
    )


def test_the_template_runs_base_and_head_gates_and_comments(
    checkout: Path, tmp_path: Path, kept: Forge
) -> None:
    template: dict[str, Any] = yaml.safe_load(GITLAB.read_text())["regrade"]
    base = git(tmp_path / "origin", "rev-parse", "HEAD~1")
    git(checkout, "fetch", "-q", "--unshallow")
    job = environment(
        tmp_path,
        **template["variables"],
        GITLAB_CI="true",
        CI_API_V4_URL=kept.address,
        CI_PROJECT_ID="12",
        CI_MERGE_REQUEST_IID="7",
        CI_MERGE_REQUEST_DIFF_BASE_SHA=base,
        GITLAB_TOKEN="glpat-x",
    )
    script = "\n".join(("set -e", *template["script"]))
    done = subprocess.run(
        ("sh", "-c", script), cwd=checkout, env=job, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "FAIL: a rule is shown to be broken" in done.stdout
    assert len(kept.comments) == 1
    assert kept.tokens == {"glpat-x"}
    for artifact in (*template["artifacts"]["paths"], template["artifacts"]["reports"]["junit"]):
        assert (checkout / artifact).stat().st_size > 500
