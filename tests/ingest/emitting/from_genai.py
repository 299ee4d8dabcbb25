"""The GenAI conventions as an instrumentation emits them.

Needs: openai opentelemetry-instrumentation-openai-v2 'opentelemetry-util-genai<1.2' httpx
"""

import os

os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "gen_ai_latest_experimental"
os.environ["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "SPAN_ONLY"

from openai import OpenAI
from opentelemetry import trace
from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor
from recording import MESSAGES, TOOL, provider, served

made, _ = provider("opentelemetry-instrumentation-openai-v2")
trace.set_tracer_provider(made)
OpenAIInstrumentor().instrument(tracer_provider=made)
client = OpenAI(base_url=served(), api_key="k")
client.chat.completions.create(
    model="stub-1", messages=MESSAGES, tools=[TOOL], temperature=0.2, seed=7
)
client.chat.completions.create(model="stub-1", messages=MESSAGES)
client.embeddings.create(model="stub-embed", input="order 7")
os.environ["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "NO_CONTENT"
client.chat.completions.create(model="stub-1", messages=MESSAGES)
