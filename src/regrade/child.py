"""The program of child processes of `isolation: process`: `python -m regrade.child MODULE:FUNCTION`.

It brings together what answers and what records, which are strangers to each other.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from regrade.domain import Recorder
from regrade.targets.child import serve


@contextmanager
def recorder() -> Iterator[Recorder]:
    """Give who records the steps of the function."""
    from regrade.ingest.capture import SpanRecorder  # noqa: PLC0415  a fifth of a second, where steps are wanted

    with SpanRecorder().opened() as opened:
        yield opened


if __name__ == "__main__":
    serve(sys.argv[1], recorder)
