"""Run a suite while it is watched, and end it well when it is interrupted."""

import signal
from pathlib import Path

from regrade import api
from regrade.api import Done
from regrade.domain import Run, Suite
from regrade.store import Store

from .options import screen
from .watching import watching


class Interrupted(Exception):  # noqa: N818  no error: the user ended it
    """The run was ended by the user; its text says how to go on with it."""


def run_watched(
    suite: Suite,
    store: Store,
    path: Path,
    *,
    label: str | None,
    resume: str | None,
    against: Run | None = None,
) -> Done:
    """Run a suite and show how far it is; `against` is a baseline at which a verdict may come early.

    Raises: Interrupted.
    """
    # a shell has what it starts in the background ignore SIGINT; SIGTERM is to end it there too
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    with watching(screen(stderr=True)) as watcher:
        try:
            return api.blocking(
                lambda: api.run_suite(
                    suite,
                    store=store,
                    suite_path=path,
                    label=label,
                    resume=resume,
                    watch=watcher,
                    against=against,
                )
            )
        except KeyboardInterrupt:
            raise Interrupted(_interrupted(watcher.run_id, store, path)) from None


def _interrupted(run_id: str | None, store: Store, path: Path) -> str:
    if run_id is None:
        return "interrupted before the first attempt was made"
    header = store.find(run_id)
    kept = sum(store.outcomes.counts(run_id).values())
    if header.status == "finished":
        return f"interrupted after the last attempt; see it with: regrade show {run_id}"
    only = f" --only {header.suite.only}" if header.suite.only else ""
    gold = f" --with-gold {header.suite.with_gold}" if header.suite.with_gold else ""
    return (
        f"interrupted: {kept} of {header.planned} attempts are kept; go on with: "
        f"regrade run {path}{only}{gold} --resume {run_id}"
    )
