"""SDKs of vendors that speak OpenTelemetry in words of their own: VENDOR as the argument.

Needs: langfuse 'langsmith[otel]' mlflow-tracing mlflow-skinny sqlparse 'pydantic-ai-slim[openai]' lmnr
"""

import os
import sys

from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from recording import LineExporter, provider, served


def langfuse() -> None:
    from langfuse import Langfuse, propagate_attributes

    made, _ = provider("langfuse")
    client = Langfuse(
        public_key="pk", secret_key="sk", host="http://127.0.0.1:9", tracer_provider=made, environment="test", release="r1",
    )  # fmt: skip
    with (
        propagate_attributes(user_id="u-1", session_id="talk-1", tags=["orders"], version="3"),
        client.start_as_current_observation(
            name="orders", as_type="agent", input={"question": "Where is order 7?"}
        ) as root,
    ):
        with client.start_as_current_observation(
            name="search", as_type="retriever", input="order 7"
        ) as found:
            found.update(output=[{"id": "doc_1", "content": "Order 7 left."}])
        with client.start_as_current_observation(
            name="find_order", as_type="tool", input={"number": "7"}
        ) as tool:
            tool.update(output={"state": "on its way"})
        with client.start_as_current_observation(
            name="refund", as_type="tool", input={"number": "7"}
        ) as tool:
            tool.update(level="ERROR", status_message="not allowed")
        with client.start_as_current_observation(
            name="ask",
            as_type="generation",
            model="stub-1",
            input=[{"role": "user", "content": "Where is order 7?"}],
            model_parameters={"temperature": 0.2},
        ) as call:
            call.update(
                output={"role": "assistant", "content": "On its way."},
                usage_details={"input": 21, "output": 8, "cache_read_input_tokens": 5},
                cost_details={"total": 0.002},
                metadata={"plan": "team"},
            )
        root.update(output="On its way.")
    client.flush()


def langsmith() -> None:
    os.environ |= {
        "LANGSMITH_OTEL_ENABLED": "true",
        "LANGSMITH_OTEL_ONLY": "true",
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_API_KEY": "k",
        "LANGSMITH_ENDPOINT": "http://127.0.0.1:9",
    }
    made, _ = provider("langsmith")
    trace.set_tracer_provider(made)
    from langsmith import Client, traceable

    client = Client(otel_tracer_provider=made)

    @traceable(run_type="retriever", client=client)
    def search(query: str) -> list[dict[str, object]]:
        return [{"page_content": "Order 7 left.", "type": "Document", "metadata": {"id": "doc_1"}}]

    @traceable(run_type="tool", client=client)
    def find_order(number: str) -> dict[str, str]:
        return {"state": f"{number} is on its way"}

    @traceable(run_type="llm", client=client, metadata={"ls_model_name": "stub-1", "ls_provider": "openai"})  # fmt: skip
    def ask(messages: list[dict[str, str]]) -> dict[str, object]:
        return {
            "choices": [{"message": {"role": "assistant", "content": "On its way."}}],
            "usage_metadata": {"input_tokens": 21, "output_tokens": 8, "total_tokens": 29},
        }

    @traceable(run_type="chain", client=client, tags=["orders"], metadata={"session_id": "talk-1"})
    def orders(question: str) -> str:
        search(question)
        find_order("7")
        ask([{"role": "user", "content": question}])
        return "On its way."

    orders("Where is order 7?")
    client.flush()


def mlflow() -> None:
    os.environ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = "http://127.0.0.1:9/v1/traces"
    os.environ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] = "http/protobuf"
    import mlflow
    from mlflow.entities import Document, SpanType
    from mlflow.tracing.provider import provider as own

    with mlflow.start_span("first"):
        pass
    own.get().add_span_processor(SimpleSpanProcessor(LineExporter("mlflow-tracing")))

    @mlflow.trace(name="search", span_type=SpanType.RETRIEVER)
    def search(query: str) -> list[Document]:
        return [Document(page_content="Order 7 left.", metadata={"doc_uri": "doc_1"}, id="doc_1")]

    @mlflow.trace(name="find_order", span_type=SpanType.TOOL)
    def find_order(number: str) -> dict[str, str]:
        return {"state": f"{number} is on its way"}

    @mlflow.trace(name="ask", span_type=SpanType.CHAT_MODEL)
    def ask(messages: list[dict[str, str]]) -> dict[str, object]:
        return {"choices": [{"message": {"role": "assistant", "content": "On its way."}}]}

    @mlflow.trace(name="orders", span_type=SpanType.AGENT)
    def orders(question: str) -> str:
        search(question)
        find_order("7")
        ask([{"role": "user", "content": question}])
        return "On its way."

    orders("Where is order 7?")


def pydantic_ai() -> None:
    from pydantic_ai import Agent
    from pydantic_ai.models.instrumented import InstrumentationSettings
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    made, _ = provider("pydantic-ai-slim")
    trace.set_tracer_provider(made)
    model = OpenAIChatModel("stub-1", provider=OpenAIProvider(base_url=served(), api_key="k"))
    helper = Agent(
        model,
        name="helper",
        system_prompt="Answer briefly.",
    )
    Agent.instrument_all(InstrumentationSettings(tracer_provider=made))

    @helper.tool_plain
    def find_order(number: str) -> dict[str, str]:
        """Find an order."""
        return {"state": f"{number} is on its way"}

    helper.run_sync("Where is order 7?")


def lmnr() -> None:
    from lmnr import Laminar, observe
    from lmnr.opentelemetry_lib.tracing import TracerWrapper

    Laminar.initialize(project_api_key="k", base_url="http://127.0.0.1", http_port=9, grpc_port=9, instruments=set())  # fmt: skip
    TracerWrapper.instance._tracer_provider.add_span_processor(
        SimpleSpanProcessor(LineExporter("lmnr"))
    )

    @observe(name="find_order", span_type="TOOL")
    def find_order(number: str) -> dict[str, str]:
        return {"state": f"{number} is on its way"}

    @observe(name="orders", session_id="talk-1")
    def orders(question: str) -> str:
        find_order("7")
        with Laminar.start_as_current_span(
            name="ask", span_type="LLM", input=[{"role": "user", "content": question}]
        ):
            Laminar.set_span_output([{"role": "assistant", "content": "On its way."}])
            Laminar.set_span_attributes(
                {"gen_ai.request.model": "stub-1", "gen_ai.usage.input_tokens": 21}
            )
        return "On its way."

    orders("Where is order 7?")


if __name__ == "__main__":
    {each.__name__: each for each in (langfuse, langsmith, mlflow, pydantic_ai, lmnr)}[
        sys.argv[1]
    ]()
