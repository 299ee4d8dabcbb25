"""What pages show and takes long is worked out beforehand: the newest runs compared, so that nobody waits for it."""

import logging
from pathlib import Path

import anyio

from regrade.api.looking.suites import prepare
from regrade.domain.errors import RegradeError
from regrade.store import Store

EVERY_S = 5.0
"""Seconds between looks for runs that have ended."""
log = logging.getLogger("regrade.server")


class Preparing:
    """Looks for runs that have ended."""

    def __init__(self, place: Path | str) -> None:
        """Take the database."""
        self._place = place
        self._known: dict[str, str] = {}

    async def run(self) -> None:
        """Go on until it is cancelled."""
        while True:
            try:
                await anyio.to_thread.run_sync(self.look, abandon_on_cancel=True)
            except RegradeError as error:
                log.warning("the newest runs cannot be compared beforehand: %s", error)
            await anyio.sleep(EVERY_S)

    def look(self) -> int:
        """Work out what is new; gives for how many suites."""
        import regrade.analysis.calibration.items  # noqa: F401, PLC0415  numpy and scipy, before anybody waits for them

        done = 0
        with Store(self._place) as store:
            for each in store.outcomes.suites():
                state = store.find(each.newest)
                now = f"{state.run_id} {state.finished_at}"
                if state.status != "running" and self._known.get(each.suite) != now:
                    prepare(store, each.suite)
                    self._known[each.suite] = now
                    done += 1
        return done
