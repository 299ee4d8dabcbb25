"""An application that asks a model through its own client, watched by an instrumentation of others.

Run with LIBRARY and PROTOCOL as a program of its own; addresses come in by the environment.
"""

import os
import sys
from typing import Any

from openai import OpenAI
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def _exporter(protocol: str) -> Any:
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

        return OTLPSpanExporter(insecure=True)
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (
        OTLPSpanExporter as HttpExporter,
    )

    return HttpExporter()


def _instrumentor(library: str) -> Any:
    if library == "openinference":
        from openinference.instrumentation.openai import OpenAIInstrumentor

        return OpenAIInstrumentor()
    from opentelemetry.instrumentation.openai import OpenAIInstrumentor as Traceloop

    return Traceloop()


def main(library: str, protocol: str) -> None:
    provider = TracerProvider(resource=Resource.create({"service.name": library}))
    provider.add_span_processor(BatchSpanProcessor(_exporter(protocol)))
    _instrumentor(library).instrument(tracer_provider=provider)
    client = OpenAI(api_key="none", base_url=os.environ["MODEL_ADDRESS"])
    with provider.get_tracer("shop").start_as_current_span("answer") as root:
        client.chat.completions.create(
            model="scripted-1", messages=[{"role": "user", "content": "Where is order 7?"}]
        )
    provider.shutdown()
    print(f"{root.get_span_context().trace_id:032x}")


if __name__ == "__main__":
    main(*sys.argv[1:])
