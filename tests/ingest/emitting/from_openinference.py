"""OpenInference: an instrumentation of a client, and the package's own decorators.

Needs: openai openinference-instrumentation openinference-instrumentation-openai
"""

from openai import OpenAI
from openinference.instrumentation import (
    OITracer,
    TraceConfig,
    get_reranker_attributes,
    get_retriever_attributes,
    get_tool_attributes,
    using_attributes,
)
from openinference.instrumentation.openai import OpenAIInstrumentor
from opentelemetry import trace
from recording import MESSAGES, TOOL, provider, served

made, exporter = provider("openinference-instrumentation-openai")
trace.set_tracer_provider(made)
OpenAIInstrumentor().instrument(tracer_provider=made)
client = OpenAI(base_url=served(), api_key="k")
with using_attributes(
    session_id="talk-1",
    user_id="u-1",
    metadata={"plan": "team"},
    tags=["orders"],
    prompt_template="Where is order {n}?",
    prompt_template_version="3",
    prompt_template_variables={"n": 7},
):
    client.chat.completions.create(model="stub-1", messages=MESSAGES, tools=[TOOL], temperature=0.2)
    client.chat.completions.create(model="stub-1", messages=MESSAGES)
client.embeddings.create(model="stub-embed", input="order 7")

exporter.library = "openinference-instrumentation"
tracer = OITracer(made.get_tracer("app"), config=TraceConfig())
documents = [
    {
        "id": "doc_1",
        "content": "Order 7 left.",
        "score": 0.9,
        "metadata": {"url": "https://x.example/7"},
    },
    {"id": "doc_2", "content": "Order 8 waits."},
]


@tracer.tool(name="find_order", description="Find an order.")
def find_order(number: str) -> dict[str, str]:
    return {"state": f"{number} is on its way"}


@tracer.agent(name="helper")
def helper(question: str) -> str:
    with tracer.start_as_current_span("retrieve", openinference_span_kind="retriever") as span:
        span.set_input(question)
        span.set_attributes(get_retriever_attributes(documents=documents))
    with tracer.start_as_current_span("rerank", openinference_span_kind="reranker") as span:
        span.set_attributes(
            get_reranker_attributes(
                query=question,
                model_name="r",
                input_documents=documents,
                output_documents=documents[:1],
                top_k=1,
            )
        )
    with tracer.start_as_current_span("guard", openinference_span_kind="guardrail") as span:
        span.set_output("allowed")
    find_order("7")
    try:
        with tracer.start_as_current_span("refund", openinference_span_kind="tool") as span:
            span.set_attributes(get_tool_attributes(name="refund", description="", parameters={}))
            raise ValueError("not allowed")
    except ValueError:
        pass
    return "On its way."


@tracer.chain(name="orders")
def orders(question: str) -> str:
    return helper(question)


orders("Where is order 7?")
