"""`regrade worker`."""

import signal
import time

import anyio
import click

from regrade import api
from regrade.online import Timing, Upkeep
from regrade.report.words import of

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
    with api.open_store() as store:
        if replay:
            again = store.live.jobs.replay(time.time_ns() // 1_000_000)
            click.echo(f"{of(again, 'piece')} of work that was given up waits again")
        place, shown = store.place, store.shown
    upkeep = Upkeep(place, Timing(quiet_s=close_after))
    graded = anyio.run(upkeep.once) if once else anyio.run(_work, upkeep, shown)
    click.echo(f"graded {graded} traces")
    return DONE


async def _work(upkeep: Upkeep, shown: str) -> int:
    async def until_told() -> None:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            click.echo(f"grading what waits in {shown}")
            async for _ in signals:
                await upkeep.stop()
                return

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(until_told)
        await upkeep.run()
        tasks.cancel_scope.cancel()
    return 0 if upkeep.worker is None else upkeep.worker.graded
