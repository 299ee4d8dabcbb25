"""Every attribute that OpenTelemetry's own emitter of the GenAI conventions can set.

Needs: opentelemetry-util-genai opentelemetry-sdk
"""

import os

os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "gen_ai_latest_experimental"
os.environ["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "SPAN_ONLY"

from opentelemetry.util.genai.handler import TelemetryHandler
from opentelemetry.util.genai.types import (
    Blob,
    FunctionToolDefinition,
    InputMessage,
    OutputMessage,
    Reasoning,
    Text,
    ToolCallRequest,
    ToolCallResponse,
)
from recording import TOOL, provider

made, _ = provider("opentelemetry-util-genai")
handler = TelemetryHandler(tracer_provider=made)
function = TOOL["function"]
offered = FunctionToolDefinition(
    name=function["name"], description=function["description"], parameters=function["parameters"]
)
asked = [
    InputMessage("user", [Text("Where is order 7?"), Blob("image/png", "image", b"png")]),
    InputMessage("assistant", [ToolCallRequest({"number": "7"}, "find_order", "c1")]),
    InputMessage("tool", [ToolCallResponse({"state": "on its way"}, "c1")]),
]
said = [OutputMessage("assistant", [Reasoning("It left."), Text("On its way.")], "stop")]

with handler.workflow("orders", conversation_id="talk-1") as workflow:
    workflow.input_messages, workflow.output_messages = asked[:1], said
    with handler.invoke_local_agent(agent_name="helper", request_model="stub-1") as agent:
        agent.agent_description, agent.input_messages, agent.output_messages = (
            "Helps.",
            asked[:1],
            said,
        )
        with handler.retrieval(data_source_id="orders-index", provider="stub") as retrieval:
            retrieval.top_k, retrieval.query_text = 3, "order 7"
            retrieval.documents = [
                {"id": "doc_1", "score": 0.95, "content": "Order 7 left on Monday."},
                {"id": "doc_2", "score": 0.5},
            ]
        with handler.tool("find_order", tool_type="function", tool_call_id="c1", tool_description="Find an order.") as tool:  # fmt: skip
            tool.arguments, tool.tool_result = {"number": "7"}, {"state": "on its way"}
        with handler.inference("openai", request_model="stub-1", server_address="127.0.0.1", server_port=80, conversation_id="talk-1") as call:  # fmt: skip
            call.response_model_name, call.response_id = "stub-1-2026", "r-1"
            call.finish_reasons, call.output_type = ["stop"], "text"
            call.input_tokens, call.output_tokens, call.thinking_tokens = 21, 8, 2
            call.cache_read_input_tokens, call.cache_write_input_tokens = 5, 3
            call.text_input_tokens, call.image_input_tokens = 11, 10
            call.temperature, call.top_p, call.top_k, call.max_tokens = 0.2, 0.9, 40, 100
            call.frequency_penalty, call.presence_penalty, call.seed = 0.1, 0.1, 7
            call.stop_sequences, call.request_choice_count = ["END"], 1
            call.reasoning_level, call.previous_response_id = "low", "r-0"
            call.conversation_compacted = True
            call.prompt_name, call.prompt_version = "orders", "3"
            call.prompt_variables = {"tone": "brief"}
            call.ttfc_seconds = 0.12
            call.input_messages, call.output_messages = asked, said
            call.system_instruction = [Text("Answer briefly.")]
            call.tool_definitions = [offered]
        with handler.embedding("openai", request_model="stub-embed") as embedding:
            embedding.dimension_count, embedding.input_tokens = 2, 4
        try:
            with handler.tool("refund", tool_call_id="c2") as broken:
                broken.arguments = {"number": "7"}
                raise ValueError("not allowed")
        except ValueError:
            pass
