"""The instrumentations that applications use, in a process of their own, exporting to the server."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.calling import call
from tests.fakes.live_server import live_server
from tests.fakes.model_server import Step, model_server
from tests.fakes.ports import free_port

APPLICATION = Path(__file__).parent / "instrumented" / "application.py"


@pytest.mark.parametrize(
    ("library", "protocol"),
    [("openinference", "http"), ("traceloop", "grpc")],
)
def test_their_spans_are_read(tmp_path: Path, library: str, protocol: str) -> None:
    grpc = f"127.0.0.1:{free_port()}"
    with (
        model_server(Step(text="It is on its way.")) as (model, _),
        live_server(tmp_path / "regrade.db", grpc=grpc) as address,
    ):
        ran = subprocess.run(
            [sys.executable, str(APPLICATION), library, protocol],
            env={
                **os.environ,
                "MODEL_ADDRESS": model,
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{grpc}" if protocol == "grpc" else address,
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        whole = call(f"{address}/api/v1/traces/{ran.stdout.strip()}").json
    assert whole["input"] == "Where is order 7?"
    assert whole["output"] == "It is on its way."
    root, model_call = whole["spans"]
    assert (root["name"], model_call["kind"], model_call["model"]) == (
        "answer",
        "llm",
        "scripted-1",
    )
    assert model_call["usage"]["input_tokens"] == 100
    assert model_call["usage"]["output_tokens"] == 20
