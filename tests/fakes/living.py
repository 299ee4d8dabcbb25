"""Live traces through the parts that keep, close and grade them, without a server."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio

from regrade.domain import Json
from regrade.ingest import RawSpan, raw_content
from regrade.online import Closer, Timing, Worker, keep_monitors
from regrade.store import SpanIn, Store

BEGAN_NS = 1_764_000_000_000_000_000


def live_trace(
    number: int, *, output: Json = "fine", question: str = "Hi?", at_s: float = 0, **attributes: Any
) -> tuple[str, RawSpan]:
    """A trace of one step."""
    given = {key.replace("__", "."): value for key, value in attributes.items()}
    return f"{number:032x}", RawSpan(
        span_id="1",
        name="answer",
        start_ns=BEGAN_NS + round(at_s * 1e9),
        end_ns=BEGAN_NS + round((at_s + 0.1) * 1e9),
        attributes={
            "regrade.kind": "chain",
            "input.value": question,
            "openinference.span.kind": "CHAIN",
            "output.value": output,
            **given,
        },
    )


def graded(
    store: Store,
    traces: Sequence[tuple[str, RawSpan]],
    monitors: Mapping[str, Json],
    folder: Path,
    **resource: str,
) -> int:
    """Keep traces, close them, and have monitors grade them; gives the project."""
    project = store.live.projects.key()
    keep_monitors(store, project, monitors, folder)
    about = {name.replace("__", "."): value for name, value in resource.items()}
    spans = [
        SpanIn(
            project=project, trace_id=trace_id, span_id=raw.span_id, end_ns=raw.end_ns or 0, is_root=True,
            document=raw_content(raw, about),
        )
        for trace_id, raw in traces
    ]  # fmt: skip
    store.live.spans.add(spans, [], 0)
    Closer(store, Timing(quiet_s=0, longest_s=0)).close_due(
        datetime.now(UTC) - timedelta(seconds=1)
    )
    with ThreadPoolExecutor(1) as apart:  # the browser of a test has a loop of its own here
        apart.submit(anyio.run, _work, store).result()
    return project


async def _work(store: Store) -> None:
    worker = Worker(store)
    while await worker.work():
        pass
    await worker.close()
