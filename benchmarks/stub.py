"""An HTTP endpoint that answers sums, and judges as a language model does, after a fixed time: stub.py LATENCY_MS;
prints its port.
"""

import asyncio
import json
import re
import sys

from aiohttp import web


async def answer(request: web.Request) -> web.Response:
    body = await request.json()
    await asyncio.sleep(LATENCY_S)
    a, b = re.findall(r"\d+", body["input"])
    return web.json_response({"answer": str(int(a) + int(b))})


async def judge(request: web.Request) -> web.Response:
    await request.read()
    await asyncio.sleep(LATENCY_S)
    return web.Response(body=VERDICT, content_type="application/json")


async def main() -> None:
    app = web.Application()
    app.router.add_post("/", answer)
    app.router.add_post("/v1/chat/completions", judge)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


SAID = {"scores": {"tone": 5}, "pass": True, "reason": "It is polite.", "issues": []}
MESSAGE = {"role": "assistant", "content": json.dumps(SAID)}
VERDICT = json.dumps(
    {
        "model": "judge-1",
        "choices": [{"index": 0, "finish_reason": "stop", "message": MESSAGE}],
        "usage": {"prompt_tokens": 300, "completion_tokens": 30},
    }
).encode()
LATENCY_S = float(sys.argv[1]) / 1000
asyncio.run(main())
