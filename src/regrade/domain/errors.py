"""Everything that regrade raises, as one tree.

    RegradeError
    ├── UsageError              the user's mistake: shown without a traceback, exit code 2
    │   ├── SuiteError          a suite file or suite; carries every problem at once
    │   ├── DatasetError        a dataset file; carries every problem at once
    │   ├── TargetSetupError    the target cannot be imported, opened or reached
    │   ├── StoreError          the database is missing, locked, corrupt, read-only, full or too new
    │   └── UnknownRunError     no run, label or case of that name
    ├── NotJsonError            a value that JSON cannot hold
    ├── MissingPathError        a template names something that is not there
    └── TargetError             one attempt failed: becomes data, never ends a run
        └── TransientError      worth another try (rate limit, overload, broken connection)

Whatever a grader raises becomes a `GraderFailure`; whatever a target raises becomes a
`TargetFailure`.
"""

from collections.abc import Iterable
from dataclasses import dataclass


class RegradeError(Exception):
    """The root of everything that regrade raises itself."""


class UsageError(RegradeError):
    """A mistake that the user can mend; the message says where, what was found and what to do."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a file or a suite."""

    message: str
    """What was found and what to do."""
    where: str | None = None
    """`file:line:column`, `file:line`, or None when there is no file."""

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class ProblemsError(UsageError):
    """A usage error that carries several problems, all found at once."""

    def __init__(self, problems: Iterable[Problem | str]) -> None:
        self.problems = tuple(p if isinstance(p, Problem) else Problem(p) for p in problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SuiteError(ProblemsError):
    """A suite that cannot be built."""


class DatasetError(ProblemsError):
    """A dataset that cannot be read."""


class TargetSetupError(UsageError):
    """A target that cannot be imported, opened or reached."""


class StoreError(UsageError):
    """A database that cannot be used."""


class UnknownRunError(UsageError):
    """A run, label or case that the store does not have."""


class NotJsonError(RegradeError, ValueError):
    """A value that JSON cannot hold, or a text that is not JSON."""


class MissingPathError(RegradeError, LookupError):
    """A template or a path names something that is not there."""


class TargetError(RegradeError):
    """The system under test failed on one attempt."""

    def __init__(self, message: str, *, kind: str = "exception", traceback: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.traceback = traceback


class TransientError(TargetError):
    """The system under test failed in a way that may pass: worth a bounded number of further
    tries.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: str = "transport",
        retry_after_s: float | None = None,
        limited: bool = False,
    ) -> None:
        super().__init__(message, kind=kind)
        self.retry_after_s = retry_after_s
        """How long the other side asked us to wait, in seconds; None when it did not say."""
        self.limited = limited
        """True when the other side said that we ask too often (HTTP 429 or 503 with
        Retry-After)."""


def said_by(error: BaseException) -> str:
    """Give what an error says, also when saying it fails."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001  the error of an error is not worth more
        return f"<a {type(error).__name__} that cannot be shown>"
