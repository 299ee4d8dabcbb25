"""Write a run of N attempts with traces of twelve spans into a database: `stored_traces.py DB N`.

Each span holds about 500 bytes: what it was given, what it gave, and a few attributes, as an
instrumented retrieval pipeline leaves them.
"""

import random
import sys
from datetime import UTC, datetime
from pathlib import Path

from regrade.domain import (
    Attempt,
    Case,
    Component,
    Dataset,
    Document,
    Grade,
    GraderIdentity,
    GraderSpec,
    Message,
    RunHeader,
    Span,
    SuiteOutline,
    ToolCall,
    Trace,
    Usage,
)
from regrade.store import Store

WORDS = Path(__file__).read_text().split()
SPANS = 12


def main(path: Path, n: int) -> None:
    some = random.Random(1)
    cases = tuple(
        Case(
            id=f"c{i:06d}",
            input=_text(some, 60),
            tags={"topic": f"t{i % 7}"},
            expected_tool_calls=(ToolCall(name="lookup"),),
        )
        for i in range(n)
    )
    dataset = Dataset(cases, "traces")
    components = (
        Component(name="retrieve", kind="retrieval"),
        Component(name="answer", kind="llm"),
        Component(name="tools", kind="tool"),
    )
    outline = SuiteOutline(
        name="traces",
        objective="Answer by the documents.",
        criteria={"right": "It is right."},
        components=components,
    )
    header = RunHeader(
        run_id="20260101-000000-aaaa",
        suite=outline,
        suite_version="1",
        dataset_version=dataset.version,
        target_version="1",
        trials=1,
        planned=n,
        started_at=datetime.now(UTC),
        finished_at=datetime.now(UTC),
        status="finished",
        label="traces",
    )
    identity = GraderIdentity(type="contains", version="1")
    spec = GraderSpec(
        name="contains",
        criterion="right",
        component=None,
        required=True,
        identity=identity,
        identity_key=identity.key,
    )
    with Store(path) as store:
        store.begin(header, dataset)
        for start in range(0, n, 1000):
            batch = [
                Attempt(
                    case=case,
                    trace=_trace(some),
                    grades=(Grade(some.random() > 0.1, "It holds it.", spec=spec),),
                )
                for case in cases[start : start + 1000]
            ]
            store.save(header.run_id, batch)


def _trace(some: random.Random) -> Trace:
    documents = tuple(
        Document(id=f"d{i}", text=_text(some, 120), score=1 / (i + 1)) for i in range(3)
    )
    call = ToolCall(name="lookup", arguments={"id": some.randrange(1000)}, result=_text(some, 150))
    spans = [
        Span(
            span_id="01",
            name="pipeline",
            kind="chain",
            duration_s=1.0,
            input=_text(some, 250),
            output=_text(some, 250),
        ),
        Span(
            span_id="02",
            parent_id="01",
            name="retrieve",
            kind="retrieval",
            duration_s=0.2,
            input=_text(some, 60),
            retrieved=documents,
        ),
        Span(
            span_id="03",
            parent_id="01",
            name="lookup",
            kind="tool",
            duration_s=0.1,
            tool_call=call,
            input=call.arguments,
            output=call.result,
        ),
    ]
    spans += [
        Span(
            span_id=f"{at:02d}",
            parent_id="01",
            name="chat",
            kind="llm",
            start_s=0.1 * at,
            duration_s=0.1,
            messages=(Message(role="user", content=_text(some, 220)),),
            output=_text(some, 180),
            model="a-model",
            usage=Usage(input_tokens=120, output_tokens=40, cost_usd=0.0001),
            attributes={"gen_ai.operation.name": "chat", "server.address": "127.0.0.1"},
        )
        for at in range(4, SPANS + 1)
    ]
    return Trace(
        output=_text(some, 200),
        retrieved=documents,
        tool_calls=(call,),
        usage=Usage(input_tokens=1080, output_tokens=360),
        latency_s=some.random(),
        started_at=datetime.now(UTC),
        spans=tuple(spans),
    )


def _text(some: random.Random, length: int) -> str:
    text = ""
    while len(text) < length:
        text += some.choice(WORDS) + " "
    return text[:length]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
