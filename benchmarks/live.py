"""The part of the page that is about live traffic: taken in, closed and graded, listed, ticks closed."""

from pathlib import Path

from benchmarks import ingest, listing, ticking, working

SPANS, STORED = 50_000, 2_000_000
"""Spans that are sent, and that are stored while lists are asked for."""


def living(folder: Path) -> list[str]:
    """Measure live traffic on SQLite."""
    del folder  # each makes its own
    taken = ingest.main(SPANS, None)
    worked = working.main(40_000)
    listed = listing.main(STORED)
    ticked = ticking.main(500, 19)
    slowest = max(value for name, value in listed.items() if name.startswith("limit"))
    return [
        "## Live traffic, SQLite, one process",
        "",
        f"{taken['spans']:,.0f} spans of {taken['bytes_a_span']:,.0f} bytes, batches of {ingest.BATCH}, durable: "
        f"{taken['spans_per_s']:,.0f} a second (goal 5,000); 99th percentile of a call at half of that "
        f"{taken['p99_ms']:.0f} ms (goal 250); {taken['peak_mb']:.0f} MB.",
        "",
        f"{worked['traces']:,} traces of eight such spans: {worked['closed_per_s']:,} closed and decided on a second, "
        f"{worked['graded_per_s']:,} graded by five deterministic graders, start of the worker included (goal 1,000).",
        "",
        f"{STORED:,} spans stored: the slowest of six lists with filters took {slowest:.0f} ms (goal 200).",
        "",
        f"One tick of {ticked['monitors']} monitors with {ticked['detectors']:,} detectors: {ticked['tick_s']:.2f} s "
        "(goal 1).",
    ]
