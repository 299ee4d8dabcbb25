"""Whether the steps of a target are recorded during a run, and by whom."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from regrade.domain import Recorder, Suite


@contextmanager
def recording_of(suite: Suite) -> Iterator[Recorder | None]:
    """Give who records the steps of the suite's target, for the time of a run.

    Nobody does where the application has not imported OpenTelemetry when the run begins and the
    suite names no spans: then a run loads nothing of it and pays nothing for it.
    """
    names_spans = any(each.names_spans for each in suite.outline.components)
    if not names_spans and "opentelemetry.trace" not in sys.modules:
        yield None
        return
    from regrade.ingest.capture import SpanRecorder  # noqa: PLC0415  a fifth of a second, where it is wanted

    with SpanRecorder().opened() as recorder:
        yield recorder
