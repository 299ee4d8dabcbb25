// The AI SDK of Vercel.
// Needs: npm install ai @ai-sdk/openai-compatible @opentelemetry/sdk-trace-node @opentelemetry/api zod
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { trace } from "@opentelemetry/api";
import { NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embed, generateObject, generateText, stepCountIs, tool } from "ai";
import { z } from "zod";

const version = JSON.parse(readFileSync("node_modules/ai/package.json")).version;
const nanoseconds = ([seconds, rest]) => Number(BigInt(seconds) * 1000000000n + BigInt(rest));
globalThis.AI_SDK_LOG_WARNINGS = false;
const exporter = {
  export(spans, done) {
    for (const span of spans) process.stdout.write(JSON.stringify({
      library: "ai", version, name: span.name, span_id: span.spanContext().spanId,
      parent_id: span.parentSpanContext?.spanId ?? null,
      start_ns: nanoseconds(span.startTime), end_ns: nanoseconds(span.endTime),
      is_error: span.status.code === 2, status: span.status.message ?? "", attributes: span.attributes,
      events: span.events.map((event) => ({ name: event.name, attributes: event.attributes ?? {} })),
    }) + "\n");
    done({ code: 0 });
  },
  shutdown: async () => {},
};
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();

const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => body += chunk);
  request.on("end", () => {
    const asked = JSON.parse(body);
    response.setHeader("content-type", "application/json");
    if (request.url.endsWith("/embeddings")) return response.end(JSON.stringify({ data: [{ index: 0, embedding: [0.1, 0.2] }], usage: { prompt_tokens: 4 } }));
    const answered = asked.messages.some((message) => message.role === "tool");
    const message = asked.tools && !answered
      ? { role: "assistant", content: null, tool_calls: [{ id: "call_1", type: "function", function: { name: asked.tools[0].function.name, arguments: '{"number":"7"}' } }] }
      : { role: "assistant", content: asked.response_format ? '{"state":"on its way"}' : "Order 7 is on its way." };
    response.end(JSON.stringify({ id: "chatcmpl-1", model: "stub-1-2026", created: 1767225600, choices: [{ index: 0, message, finish_reason: message.tool_calls ? "tool_calls" : "stop" }], usage: { prompt_tokens: 21, completion_tokens: 8, total_tokens: 29, prompt_tokens_details: { cached_tokens: 5 } } }));
  });
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const models = createOpenAICompatible({ name: "stub", baseURL: `http://127.0.0.1:${server.address().port}/v1`, apiKey: "k" });
const experimental_telemetry = { isEnabled: true, functionId: "orders", metadata: { userId: "u-1", sessionId: "talk-1" } };
const find_order = tool({ description: "Find an order.", inputSchema: z.object({ number: z.string() }), execute: async ({ number }) => ({ state: `${number} is on its way` }) });
await generateText({ model: models("stub-1"), system: "Answer briefly.", prompt: "Where is order 7?", tools: { find_order }, stopWhen: stepCountIs(3), experimental_telemetry });
await generateObject({ model: models("stub-1"), schema: z.object({ state: z.string() }), prompt: "Where is order 7?", experimental_telemetry });
await embed({ model: models.embeddingModel?.("stub-embed") ?? models.textEmbeddingModel("stub-embed"), value: "order 7", experimental_telemetry });
await trace.getTracerProvider().getDelegate?.().shutdown?.();
server.close();
