"""What stays to the end of a command need not be looked through by every collection."""

import gc


def keep_for_good() -> None:
    """Leave everything that there is now out of garbage collections, and collect less often."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
