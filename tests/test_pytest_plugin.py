"""The plugin, in a pytest of its own."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from regrade.pytest_plugin import SuiteFixture
from tests.cli.commands import environment, write_suite

TEST = """
def test_sums(regrade):
    regrade.check("suite.yaml")

def test_rate(regrade):
    run = regrade.check("suite.yaml", min_pass_rate=0.8, seed=3)
    assert run.summary.passed == 18
"""


def run_pytest(folder: Path, *args: str) -> str:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        *args,
    ]
    env = environment() | {"PYTHONPATH": str(folder), "COLUMNS": "200"}
    env.pop("PYTHONWARNINGS")
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=120, env=env)
    return done.stdout + done.stderr


@pytest.mark.parametrize("workers", ["0", pytest.param("2", marks=pytest.mark.long)])
def test_each_case_is_a_result_of_its_own_also_with_several_workers(
    tmp_path: Path, workers: str
) -> None:
    write_suite(tmp_path)
    (tmp_path / "test_sums.py").write_text(TEST)
    quiet = ("-q",) if workers == "0" else ()
    said = run_pytest(tmp_path, "-n", workers, *quiet)
    assert re.search(r"case=\W*c10\W", said)
    assert "sums: 90.0% pass" in said
    assert "right: The answer is “12”, expected was “11”." in said
    assert "3 failed, 1 passed" in said
    assert not quiet or "18 subtests passed" in said
    assert "regrade show" in said


def test_a_passing_suite_passes_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    write_suite(tmp_path, cases=1, extra="slices: [kind]\n")
    (tmp_path / "cases.jsonl").write_text(
        '{"id": "a", "input": "1+1", "expected": {"answer": "2"}}'
    )
    (tmp_path / "suite.yaml").write_text(
        (tmp_path / "suite.yaml").read_text().replace("slices: [kind]\n", "")
    )
    (tmp_path / "test_it.py").write_text('def test_it(regrade):\n    regrade.check("suite.yaml")\n')
    assert "1 passed" in run_pytest(tmp_path)
    (tmp_path / "test_it.py").write_text(
        'def test_it(regrade):\n    regrade.check("suite.yaml", target="nowhere:x")\n'
    )
    assert "cannot be imported" in run_pytest(tmp_path)


class Subtests:
    """Collects what would be reported."""

    def __init__(self) -> None:
        self.told: dict[str, str] = {}

    @contextmanager
    def test(self, *, case: str, trial: int) -> Iterator[None]:
        try:
            yield
        except (pytest.fail.Exception, pytest.skip.Exception) as said:
            self.told[case] = f"{type(said).__name__}: {said}"


@pytest.mark.parametrize("has_subtests", [True, False])
def test_failed_and_ungraded_cases_are_told_apart(tmp_path: Path, has_subtests: bool) -> None:
    suite = write_suite(tmp_path, cases=11)
    suite.write_text(
        suite.read_text().replace("{type: equals}", "{type: equals, when: {kind: typical}}")
    )
    with (tmp_path / "cases.jsonl").open("a") as file:
        file.write('\n{"id": "odd", "input": "1+1", "kind": "edge"}')
    subtests = Subtests()
    fixture = SuiteFixture(subtests if has_subtests else None, tmp_path)
    with pytest.raises(pytest.fail.Exception, match="sums: 81.8% pass") as caught:
        fixture.check("suite.yaml")
    assert "c0\n    right: The answer is “2”" in str(caught.value)
    if has_subtests:
        assert set(subtests.told) == {"c0", "c10", "odd"}
        assert subtests.told["odd"] == "Skipped: nobody could judge it"
    assert fixture.check(tmp_path / "suite.yaml", min_pass_rate=0.8).summary.passed == 9
    with pytest.raises(pytest.fail.Exception, match="81.8%"):
        fixture.check("suite.yaml", min_pass_rate=0.9)


def test_many_failures_are_shortened(tmp_path: Path) -> None:
    suite = write_suite(tmp_path, cases=15)
    suite.write_text(suite.read_text().replace("{type: equals}", "{type: equals, expected: never}"))
    with pytest.raises(pytest.fail.Exception, match="and 5 more"):
        SuiteFixture(None, tmp_path).check("suite.yaml")
