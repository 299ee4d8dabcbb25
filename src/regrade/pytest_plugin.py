"""The pytest plugin: a suite as a test, each of its cases a result of its own.

    def test_support(regrade):
        regrade.check("suite.yaml")

Everything else is imported when a test asks for it, so that other test suites pay nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

MOST_TOLD = 10
"""Failed cases that a failure tells of."""


class SuiteFixture:
    """What the fixture `regrade` gives."""

    def __init__(self, subtests: Any, folder: Path) -> None:
        """Take pytest's subtests, where this pytest has them, and the folder of the test's file."""
        self._subtests, self._folder = subtests, folder

    def check(
        self, suite: str | Path, *, min_pass_rate: float | None = None, **overrides: Any
    ) -> Any:
        """Run a suite and fail when one of its cases fails; give the run.

        `suite` is a path from the test's file, or from the working directory. With `min_pass_rate`
        (0 to 1) the observed pass rate decides instead. `overrides` replace keys of the suite file.
        The run is stored as any other; several workers may check at once.
        """
        from regrade import api  # noqa: PLC0415  see the module's docstring

        path = self._found(Path(suite))
        loaded = api.load_suite(path, overrides)
        with api.open_store() as store:
            done = api.blocking(
                lambda: api.run_suite(loaded, store=store, suite_path=path, watch=None)
            )
        self._report(done.run, min_pass_rate)
        return done.run

    def _found(self, path: Path) -> Path:
        beside = self._folder / path
        return beside if beside.exists() else path

    def _report(self, run: Any, min_pass_rate: float | None) -> None:
        from regrade.report import words  # noqa: PLC0415  see the module's docstring

        __tracebackhide__ = True
        lines = [f"{run.header.suite.name}: {words.verdict(run)}"]
        for attempt in run.summary.failures[:MOST_TOLD]:
            lines.append(f"  {attempt.case.id}")
            lines += [f"    {each.speaks_for}: {each.words}" for each in words.reasons(attempt)]
        if left := len(run.summary.failures) - MOST_TOLD:
            lines += [f"  and {left} more"] if left > 0 else []
        lines.append(f"see: regrade show {run.header.run_id}")
        rate = run.summary.pass_rate.value
        if min_pass_rate is None:
            self._each_case(run, words.reasons)
            failed = bool(run.summary.failures) or rate is None
        else:
            failed = rate is None or rate < min_pass_rate
        if failed or not run.summary.is_valid:
            pytest.fail("\n".join(lines), pytrace=False)

    def _each_case(self, run: Any, reasons: Callable[[Any], Any]) -> None:
        """Report each attempt as a subtest."""
        for attempt in sorted(run.attempts, key=lambda each: (each.case.id, each.trial)):
            with self._subtest(case=attempt.case.id, trial=attempt.trial):
                if attempt.outcome == "failed":
                    said = "\n".join(f"{r.speaks_for}: {r.words}" for r in reasons(attempt))
                    pytest.fail(said, pytrace=False)
                if attempt.outcome == "ungraded":
                    pytest.skip("nobody could judge it")

    @contextmanager
    def _subtest(self, **named: Any) -> Iterator[None]:
        if self._subtests is None:  # before pytest 9: what failed is told in one message at the end
            with suppress(pytest.fail.Exception, pytest.skip.Exception):
                yield
            return
        with self._subtests.test(**named):
            yield


@pytest.fixture
def regrade(request: pytest.FixtureRequest) -> SuiteFixture:
    """Run suites inside tests: `regrade.check("suite.yaml")`."""
    try:
        subtests = request.getfixturevalue("subtests")
    except pytest.FixtureLookupError:  # before pytest 9
        subtests = None
    return SuiteFixture(subtests, request.path.parent)
