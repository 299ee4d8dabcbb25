"""OpenLLMetry: an instrumentation of a client, a vector database, and the SDK's decorators.

Needs: openai traceloop-sdk opentelemetry-instrumentation-openai
"""

import os
import sys
from contextlib import suppress

os.environ["TRACELOOP_TELEMETRY"] = "false"
os.environ["TRACELOOP_TRACE_CONTENT"] = "true"

from openai import OpenAI
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from recording import MESSAGES, TOOL, LineExporter, served
from traceloop.sdk import Traceloop
from traceloop.sdk.decorators import agent, task, tool, workflow
from traceloop.sdk.instruments import Instruments

lines, out = sys.stdout, sys.stderr
sys.stdout = out  # the SDK greets
exporter = LineExporter("traceloop-sdk")
Traceloop.init(
    app_name="orders",
    processor=SimpleSpanProcessor(exporter),
    instruments={Instruments.OPENAI},
    telemetry_enabled=False,
)
sys.stdout = lines
client = OpenAI(base_url=served(), api_key="k")


@tool(name="find_order")
def find_order(number: str) -> dict[str, str]:
    return {"state": f"{number} is on its way"}


@tool(name="refund")
def refund(number: str) -> None:
    raise ValueError("not allowed")


@task(name="ask")
def ask() -> str:
    client.chat.completions.create(model="stub-1", messages=MESSAGES, tools=[TOOL])
    reply = client.chat.completions.create(model="stub-1", messages=MESSAGES)
    client.embeddings.create(model="stub-embed", input="order 7")
    return reply.choices[0].message.content or ""


@agent(name="helper")
def helper(question: str) -> str:
    find_order("7")
    with suppress(ValueError):
        refund("7")
    return ask()


@workflow(name="orders")
def orders(question: str) -> str:
    Traceloop.set_association_properties({"session_id": "talk-1", "user_id": "u-1"})
    return helper(question)


orders("Where is order 7?")
