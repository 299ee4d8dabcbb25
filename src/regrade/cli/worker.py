"""`regrade worker`."""

import signal
import time

import anyio
import click

from regrade import api
from regrade.online import Closer, Recent, Timing, Worker
from regrade.report.words import of
from regrade.store import Store

from .root import DONE
from .shared.memory import keep_for_good
from .shared.options import close_after_option


@click.command()
@close_after_option
@click.option("--replay", is_flag=True, help="First have everything that was given up tried again.")
@click.option("--once", is_flag=True, help="End when nothing waits any more.")
def command(*, close_after: float, replay: bool, once: bool) -> int:
    """Close and grade live traces until SIGINT or SIGTERM, beside a server and other workers of the same
    database; what it is grading then is finished first.
    """
    keep_for_good()
    with api.open_store() as store, api.open_store() as other:
        if replay:
            again = store.live.jobs.replay(time.time_ns() // 1_000_000)
            click.echo(f"{of(again, 'piece')} of work that was given up waits again")
        recent = Recent()
        closer = Closer(other, Timing(quiet_s=close_after), recent)
        graded = anyio.run(_work, store, closer, Worker(store, recent=recent), once)
    click.echo(f"graded {graded} traces")
    return DONE


async def _work(store: Store, closer: Closer, worker: Worker, once: bool) -> int:  # noqa: FBT001  called by anyio
    if once:
        await anyio.to_thread.run_sync(closer.close_due)
        while await worker.work():
            pass
        await worker.close()
        return worker.graded

    async def until_told() -> None:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            click.echo(f"grading what waits in {store.shown}")
            async for _ in signals:
                worker.stop()
                return

    async def close() -> None:
        while True:
            await anyio.to_thread.run_sync(closer.close_due)
            await anyio.sleep(1)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(until_told)
        tasks.start_soon(close)
        await worker.run()
        tasks.cancel_scope.cancel()
    return worker.graded
