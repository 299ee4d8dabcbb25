"""An attempt's own spans, in a process of its own each: the global provider can be set but once."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import environment

MAIN = """
import json, sys
sys.path.insert(0, ".")
import regrade
from regrade.domain import span_content
import app
run = regrade.evaluate(
    target=getattr(app, "TARGET", app.answer),
    dataset=[{"id": f"c{n}", "input": n, "expected": {"answer": "x"}} for n in range(app.CASES)],
    objective="o", criteria=["c"], graders=[{"type": "no_error"}], store=None,
    **{"concurrency": 64, "timeout": 10, **getattr(app, "SETTINGS", {})},
)
found = {
    a.case.id: {
        "output": a.trace.output if a.trace.is_captured else None,
        "error": a.trace.error.message if a.trace.error else None,
        "spans": [span_content(s) for s in a.trace.spans],
        "tools": None if a.trace.tool_calls is None else [c.name for c in a.trace.tool_calls],
        "retrieved": None if a.trace.retrieved is None else [d.id for d in a.trace.retrieved],
        "tokens": a.trace.usage.tokens if a.trace.usage else None,
    }
    for a in run.attempts
}
print(json.dumps({"attempts": found, "more": getattr(app, "more", dict)(), "modules": sorted(m for m in sys.modules if m.startswith("opentelemetry.sdk"))}))
"""


def captured(folder: Path, app: str) -> dict[str, Any]:
    (folder / "app.py").write_text(textwrap.dedent(app))
    (folder / "main.py").write_text(MAIN)
    env = environment()
    done = subprocess.run(
        [sys.executable, "main.py"],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=100,
        env=env,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def names(attempt: dict[str, Any]) -> list[str]:
    return [span["name"] for span in attempt["spans"]]


def test_spans_land_in_their_attempt_whatever_runs_them_hundreds_at_once(tmp_path: Path) -> None:
    found = captured(
        tmp_path,
        """
        import asyncio, threading, time
        from concurrent.futures import ThreadPoolExecutor
        import regrade
        CASES = 300
        POOL = ThreadPoolExecutor(8)

        @regrade.component("step")
        def step(kind, n):
            time.sleep(0.001)
            return n

        @regrade.component("astep")
        async def astep(n):
            await asyncio.sleep(0.001)
            return n

        @regrade.component("stream")
        def stream(n):
            for i in range(2):
                step("inside", n)
                yield n

        @regrade.component("astream")
        async def astream(n):
            yield n

        def answer(input):
            step("plain", input)
            thread = threading.Thread(target=step, args=("thread", input))
            thread.start(); thread.join()
            POOL.submit(step, "pool", input).result()
            list(POOL.map(lambda k: step(k, input), ["map"]))
            for each in stream(input):
                step("between", input)
            async def several():
                await asyncio.gather(astep(input), astep(input))
                return [x async for x in astream(input)]
            asyncio.run(several())
            return "x"
        """,
    )
    assert len(found["attempts"]) == 300
    for case, attempt in found["attempts"].items():
        n = int(case[1:])
        spans = attempt["spans"]
        assert sorted(names(attempt)) == sorted(
            ["step"] * 8 + ["astep"] * 2 + ["stream", "astream"]
        ), case
        for span in spans:
            given = span["input"]["n"]
            assert given == n
        [stream] = [span for span in spans if span["name"] == "stream"]
        inside = [s for s in spans if s["name"] == "step" and s["input"]["kind"] == "inside"]
        between = [s for s in spans if s["name"] == "step" and s["input"]["kind"] == "between"]
        assert {s["parent_id"] for s in inside} == {stream["span_id"]}
        assert not {s.get("parent_id") for s in between} & {stream["span_id"]}
        assert stream["output"] == [n, n]


def test_async_targets_are_kept_apart(tmp_path: Path) -> None:
    found = captured(
        tmp_path,
        """
        import asyncio
        from opentelemetry import trace
        CASES = 100
        tracer = trace.get_tracer("plain")

        async def answer(input):
            with tracer.start_as_current_span("outer") as span:
                span.set_attribute("n", input)
                await asyncio.sleep(0.01)
                with tracer.start_as_current_span("inner") as inner:
                    inner.set_attribute("n", input)
            return "x"
        """,
    )
    for case, attempt in found["attempts"].items():
        assert names(attempt) == ["outer", "inner"]
        assert {span["attributes"]["n"] for span in attempt["spans"]} == {int(case[1:])}
        outer, inner = attempt["spans"]
        assert inner["parent_id"] == outer["span_id"]
        assert outer["duration_s"] >= 0.01


@pytest.mark.parametrize("when", ["before", "during"])
def test_the_applications_own_provider_and_exporter_keep_working(tmp_path: Path, when: str) -> None:
    found = captured(
        tmp_path,
        f"""
        from opentelemetry import trace
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
        from opentelemetry.sdk.trace.sampling import ParentBased, ALWAYS_OFF
        CASES = 5
        SETTINGS = {{"concurrency": 1}}
        exporter = InMemorySpanExporter()

        def set_up():
            provider = TracerProvider(sampler=ParentBased(ALWAYS_OFF))
            provider.add_span_processor(SimpleSpanProcessor(exporter))
            trace.set_tracer_provider(provider)

        if "{when}" == "before":
            set_up()
        is_up = "{when}" == "before"

        def answer(input):
            global is_up
            if not is_up:
                set_up(); is_up = True
            with trace.get_tracer("app").start_as_current_span("work"):
                return "x"

        def more():
            return {{"exported": [s.name for s in exporter.get_finished_spans()]}}
        """,
    )
    assert found["more"]["exported"] == ["work"] * 5
    recorded = [names(attempt) for attempt in found["attempts"].values()]
    assert recorded.count(["work"]) >= (5 if when == "before" else 4)


def test_open_late_and_failed_spans_are_as_documented(tmp_path: Path) -> None:
    found = captured(
        tmp_path,
        """
        import threading, time
        import regrade
        from opentelemetry import trace
        CASES = 1

        def answer(input):
            tracer = trace.get_tracer("t")
            open_one = tracer.start_span("open")
            threading.Timer(0.5, open_one.end).start()
            with regrade.span("tool", kind="tool") as step:
                step.input({"a": 1})
                step.output(object())
            try:
                with regrade.span("broken"):
                    raise ValueError("no")
            except ValueError:
                pass
            raise RuntimeError("the end")
        """,
    )
    [attempt] = found["attempts"].values()
    assert attempt["error"] == "RuntimeError: the end"
    spans = {span["name"]: span for span in attempt["spans"]}
    assert "duration_s" not in spans["open"]
    assert spans["broken"]["error"] == "ValueError: no"
    assert spans["tool"]["tool_call"]["arguments"] == {"a": 1}
    assert attempt["tools"] == ["tool"]


def test_what_spans_tell_fills_in_what_the_target_does_not(tmp_path: Path) -> None:
    found = captured(
        tmp_path,
        """
        import json
        import regrade
        from opentelemetry import trace
        CASES = 1

        @regrade.component("search", kind="retrieval")
        def search(q):
            return [regrade.Document(id="a", text="A"), {"id": "b", "text": "B"}, {"id": "a", "text": "A"}]

        def answer(input):
            search(input)
            with trace.get_tracer("t").start_as_current_span("chat m") as span:
                span.set_attribute("gen_ai.operation.name", "chat")
                span.set_attribute("gen_ai.usage.input_tokens", 30)
                span.set_attribute("gen_ai.usage.output_tokens", 12)
            return "x"
        """,
    )
    [attempt] = found["attempts"].values()
    assert attempt["retrieved"] == ["a", "b"]
    assert attempt["tools"] == []
    assert attempt["tokens"] == 42


def test_a_target_without_spans_loads_nothing_of_it(tmp_path: Path) -> None:
    found = captured(tmp_path, "CASES = 3\ndef answer(input):\n    return 'x'\n")
    assert found["modules"] == []
    assert all(attempt["spans"] == [] for attempt in found["attempts"].values())


def test_an_application_that_shuts_its_tracer_down_does_not_end_the_run(tmp_path: Path) -> None:
    found = captured(
        tmp_path,
        """
        from opentelemetry import trace
        from opentelemetry.sdk.trace import TracerProvider
        CASES = 3
        SETTINGS = {"concurrency": 1}
        provider = TracerProvider()
        trace.set_tracer_provider(provider)

        def answer(input):
            with trace.get_tracer("t").start_as_current_span("work"):
                pass
            provider.shutdown()
            return "x"
        """,
    )
    assert [attempt["output"] for attempt in found["attempts"].values()] == ["x"] * 3
    assert names(found["attempts"]["c0"]) == ["work"] or any(
        names(a) for a in found["attempts"].values()
    )


def test_steps_of_child_processes_come_back_with_their_attempt(tmp_path: Path) -> None:
    found = captured(
        tmp_path,
        """
        import os, time
        import regrade
        from opentelemetry import trace

        CASES = 6
        TARGET = "app:answer"
        SETTINGS = {"isolation": "process", "concurrency": 2, "timeout": 60}

        @regrade.component("find", kind="retrieval")
        def find(n):
            return [regrade.Document(id=f"d{n}")]

        def answer(input):
            with trace.get_tracer("app").start_as_current_span(f"work-{input}-{os.getpid()}"):
                find(input)
                if input == 3:
                    raise ValueError("no")
                return str(input)
        """,
    )
    pids = set()
    for n in range(6):
        attempt = found["attempts"][f"c{n}"]
        work, find = attempt["spans"]
        assert work["name"].startswith(f"work-{n}-")
        assert find["name"] == "find"
        assert find["parent_id"] == work["span_id"]
        assert attempt["retrieved"] == [f"d{n}"]
        assert -0.01 <= work["start_s"] <= find["start_s"] < 60
        pids.add(work["name"].rsplit("-", 1)[1])
    assert "ValueError" in found["attempts"]["c3"]["error"]
    assert found["attempts"]["c3"]["spans"][0]["error"] == "ValueError: no"
    assert len(pids) == 2
