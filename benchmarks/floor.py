"""The physical limit: a bare client loop, one POST a case, one comparison. floor.py CASES URL CONCURRENCY"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import anyio


async def main(cases: list[dict[str, Any]], url: str, concurrency: int) -> None:
    rows = iter(cases)
    passed = 0

    async def worker(session: aiohttp.ClientSession, mine: Iterator[dict[str, Any]]) -> None:
        nonlocal passed
        for row in mine:
            async with session.post(url, json={"input": row["input"]}) as reply:
                passed += (await reply.json())["answer"] == row["expected"]["answer"]

    connector = aiohttp.TCPConnector(limit=concurrency)
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        anyio.create_task_group() as tasks,
    ):
        for _ in range(concurrency):
            tasks.start_soon(worker, session, rows)
    print(passed)


CASES = [json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()]
anyio.run(main, CASES, sys.argv[2], int(sys.argv[3]))
