"""Recorded answers as the system under test: a file of rows with `id` and `output`, or of whole
traces.
"""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from regrade.domain import Case, Json, Response, read_json
from regrade.domain.errors import NotJsonError, Problem, TargetError, TargetSetupError

from .answers import read_response

_KNOWN = frozenset(
    {"id", "output", "retrieved", "tool_calls", "usage", "latency_s", "ttft_s", "metadata"}
)


class RecordedTarget:
    """Answers each case with the row of its id; rows may also hold retrieved, tool_calls, usage,
    latency_s and ttft_s.

    Other keys of a row are kept as the trace's metadata.
    """

    is_live = False
    keeps_time = True

    def __init__(self, path: str | Path) -> None:
        """Read the file.

        Raises: TargetSetupError, with every row that is wrong.
        """
        self._path = Path(path)
        try:
            content = self._path.read_bytes()
        except OSError as error:
            raise TargetSetupError(
                f"the recorded outputs {self._path} cannot be read: {error.strerror}"
            ) from None
        self.version = hashlib.sha256(content).hexdigest()[:16]
        self._responses = _read(content, self._path)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Hold nothing: everything was read."""
        yield

    async def reach(self) -> None:
        """Nothing to look for: the file was read."""

    async def answer(self, case: Case, *, timeout_s: float) -> Response:
        """Give the recorded answer."""
        try:
            return self._responses[case.id]
        except KeyError:
            raise TargetError(
                f"{self._path} has no row with the id {case.id!r}", kind="not_recorded"
            ) from None


def _read(content: bytes, path: Path) -> dict[str, Response]:
    responses: dict[str, Response] = {}
    lines: dict[str, int] = {}
    problems: list[Problem] = []
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            case_id, response = _read_row(line)
        except (NotJsonError, UnicodeDecodeError) as error:
            problems.append(Problem(str(error), f"{path}:{number}"))
            continue
        if case_id in responses:
            problems.append(
                Problem(
                    f"the id {case_id!r} stands on line {lines[case_id]} already",
                    f"{path}:{number}",
                )
            )
        responses[case_id], lines[case_id] = response, number
    if problems or not responses:
        shown = "\n".join(map(str, problems[:20])) or f"{path}: there is no row in it"
        raise TargetSetupError(
            shown + (f"\n… and {len(problems) - 20} more" if len(problems) > 20 else "")
        )
    return responses


def _read_row(line: bytes) -> tuple[str, Response]:
    row: Json = read_json(line.decode())
    if not isinstance(row, dict) or "id" not in row or "output" not in row:
        raise NotJsonError("a row is an object with `id` and `output`")
    rest = {key: value for key, value in row.items() if key not in _KNOWN}
    return str(row["id"]), read_response(
        {**row, "metadata": {**(row.get("metadata") or {}), **rest}}
    )
