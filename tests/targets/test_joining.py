"""A service that exports its steps to our server: they join the attempt that called it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

import regrade
from tests.fakes.live_server import live_server
from tests.fakes.serving import served


def service(exporting_to: str | None) -> web.Application:
    """A service with a provider of its own: it knows of us only by the header and by where it exports."""
    provider = TracerProvider()
    if exporting_to is not None:
        exporter = OTLPSpanExporter(endpoint=f"{exporting_to}/v1/traces")
        provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=300))
    tracer = provider.get_tracer("service")

    async def answer(request: web.Request) -> web.Response:
        context = TraceContextTextMapPropagator().extract(dict(request.headers))
        asked = (await request.json())["input"]
        with tracer.start_as_current_span("handle", context=context):
            with tracer.start_as_current_span("search") as search:
                search.set_attribute("gen_ai.operation.name", "retrieval")
                search.set_attribute(
                    "gen_ai.retrieval.documents", json.dumps([{"id": f"d-{asked}"}])
                )
        return web.json_response({"answer": f"about {asked}"})

    async def stop(_: web.Application) -> None:
        provider.shutdown()

    app = web.Application()
    app.router.add_post("/", answer)
    app.on_cleanup.append(stop)
    return app


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    with live_server(tmp_path / "live.db", works=False) as address:
        yield address


def evaluated(url: str, spans: dict[str, Any]) -> regrade.Run:
    return regrade.evaluate(
        target={"type": "http", "url": url, "output": "answer", "spans": spans},
        dataset=[
            {"id": f"c{n}", "input": f"q{n}", "relevant_documents": [f"d-q{n}"]} for n in range(4)
        ],
        objective="Answer.",
        criteria={"found": "It finds it."},
        graders=[{"type": "recall_at_k", "k": 1, "criterion": "found"}],
        store=None,
    )


def test_the_steps_of_a_service_join_its_attempts(server: str) -> None:
    with served(service(server)) as url:
        run = evaluated(url, {"server": server, "within": 6})
    for attempt in run.attempts:
        assert [span.name for span in attempt.trace.spans] == ["handle", "search"]
        assert attempt.trace.spans[1].parent_id == attempt.trace.spans[0].span_id
        assert attempt.trace.retrieved is not None
        assert [document.id for document in attempt.trace.retrieved] == [f"d-{attempt.case.input}"]
        assert 0 <= attempt.trace.spans[0].start_s < 1
        assert attempt.trace.latency_s is not None
        assert attempt.trace.latency_s < 0.4, "waiting for steps is no time of the service"
    assert run.summary.pass_rate.value == 1


def test_without_steps_the_answer_counts_all_the_same(server: str) -> None:
    with served(service(None)) as url:
        run = evaluated(url, {"server": server, "within": 0.5})
        away = evaluated(url, {"server": "http://127.0.0.1:1", "within": 0.5})
    for each in (run, away):
        assert all(attempt.trace.spans == () for attempt in each.attempts)
        assert all(attempt.trace.output.startswith("about") for attempt in each.attempts)
