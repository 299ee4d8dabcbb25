"""Live traffic: realistic gen_ai spans over OTLP/HTTP, durable, into either database.

`python -m benchmarks.ingest [SPANS [postgresql://…]]` prints one JSON line.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

WORDS = (
    "refund",
    "order",
    "delivery",
    "kettle",
    "warranty",
    "invoice",
    "customer",
    "parcel",
    "shop",
    "broken",
)
SPANS_OF_TRACE, BATCH, AT_ONCE = 8, 256, 8


def batches(spans: int, chance: random.Random) -> list[bytes]:
    """Write requests of 256 spans of about 2 KB."""
    made: list[bytes] = []
    began = time.time_ns()
    request, scope, number, trace = None, None, 0, b""
    for at in range(spans):
        if at % BATCH == 0:
            if request is not None:
                made.append(request.SerializeToString())
            request = ExportTraceServiceRequest()
            group = request.resource_spans.add()
            for name, value in (
                ("service.name", "shop"),
                ("service.version", "1.4.2"),
                ("telemetry.sdk.language", "python"),
            ):
                group.resource.attributes.add(key=name).value.string_value = value
            scope = group.scope_spans.add()
        if at % SPANS_OF_TRACE == 0:
            trace, number, root = chance.randbytes(16), 0, chance.randbytes(8)
        assert scope is not None
        span = scope.spans.add(trace_id=trace, span_id=root if number == 0 else chance.randbytes(8))
        if number:
            span.parent_span_id = root
        span.name = "answer" if number == 0 else ("chat gpt-5" if number % 2 else "retrieve")
        span.start_time_unix_nano = began + at * 1000
        span.end_time_unix_nano = began + at * 1000 + 5_000_000
        text = " ".join(chance.choices(WORDS, k=110))
        asked = [{"role": "user", "parts": [{"type": "text", "content": text}]}]
        said = [{"role": "assistant", "parts": [{"type": "text", "content": text[::-1]}]}]
        for name, value in (
            (
                "gen_ai.operation.name",
                "invoke_agent" if number == 0 else "chat" if number % 2 else "retrieval",
            ),
            ("gen_ai.request.model", "gpt-5"),
            ("gen_ai.response.id", chance.randbytes(12).hex()),
            ("gen_ai.conversation.id", trace.hex()[:12]),
            ("gen_ai.input.messages", json.dumps(asked)),
            (
                "gen_ai.output.messages",
                json.dumps(said),
            ),
        ):
            span.attributes.add(key=name).value.string_value = value
        for name, count in (("gen_ai.usage.input_tokens", 350), ("gen_ai.usage.output_tokens", 80)):
            span.attributes.add(key=name).value.int_value = count
        number += 1
    if request is not None:
        made.append(request.SerializeToString())
    return made


async def send(url: str, bodies: list[bytes], pause_s: float = 0.0) -> list[float]:
    """Send all, some at once; gives how long each call took."""
    took: list[float] = []
    waiting = iter(bodies)

    async def sender(session: aiohttp.ClientSession, number: int) -> None:
        await asyncio.sleep(number * pause_s / AT_ONCE)  # evenly, and not all at once
        for body in waiting:
            began = time.perf_counter()
            async with session.post(
                url, data=body, headers={"Content-Type": "application/x-protobuf"}
            ) as reply:
                await reply.read()
                assert reply.status == 200, reply.status
            took.append(time.perf_counter() - began)
            if pause_s:
                await asyncio.sleep(pause_s)

    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:
        for number in range(AT_ONCE):
            tasks.create_task(sender(session, number))
    return took


def start(folder: Path, database: str, *more: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start a server and wait until it is there."""
    port = 4300 + os.getpid() % 600
    env = {**os.environ, "REGRADE_DB": database}
    server = subprocess.Popen(
        [sys.executable, "-m", "regrade", "serve", "--port", str(port), *more],
        cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    import urllib.request

    for _ in range(200):
        try:
            urllib.request.urlopen(f"{address}/readyz")
            break
        except OSError:
            time.sleep(0.1)
    return server, address


def main(spans: int, database: str | None) -> dict[str, float]:
    """Measure taking in at full speed, and the latency at half of that."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server, address = start(folder, database or str(folder / "live.db"), "--no-worker")
        try:
            chance = random.Random(1)
            bodies = batches(spans, chance)
            asyncio.run(send(f"{address}/v1/traces", batches(2048, chance)))
            began = time.perf_counter()
            asyncio.run(send(f"{address}/v1/traces", bodies))
            rate = spans / (time.perf_counter() - began)
            more = batches(spans // 2, chance)
            pause_s = AT_ONCE * BATCH / (rate / 2)
            took = sorted(asyncio.run(send(f"{address}/v1/traces", more, pause_s)))
        finally:
            server.terminate()
            _, _, used = os.wait4(server.pid, 0)
    size = sum(map(len, bodies)) / spans
    return {
        "spans": spans, "bytes_a_span": size, "spans_per_s": rate, "p99_ms": 1000 * took[int(0.99 * len(took))],
        "cpu_s": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024,
    }  # fmt: skip


if __name__ == "__main__":
    arguments = sys.argv[1:]
    print(
        json.dumps(
            main(
                int(arguments[0]) if arguments else 50_000,
                arguments[1] if len(arguments) > 1 else None,
            )
        )
    )
