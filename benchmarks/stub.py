"""An HTTP endpoint that answers sums after a fixed time: stub.py LATENCY_MS; prints its port."""

import asyncio
import re
import sys

from aiohttp import web


async def answer(request: web.Request) -> web.Response:
    body = await request.json()
    await asyncio.sleep(LATENCY_S)
    a, b = re.findall(r"\d+", body["input"])
    return web.json_response({"answer": str(int(a) + int(b))})


async def main() -> None:
    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


LATENCY_S = float(sys.argv[1]) / 1000
asyncio.run(main())
