"""Run the simulations: write their tables into docs/statistics.md, and their plots beside it.

`python -m scripts.simulations [REPEATS]`, from the top of the project; needs matplotlib (`make simulations`).
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from . import coverage, errors
from .plots import draw
from .rows import Row, Section

DOCS = Path(__file__).parent.parent.parent / "docs"
BEGIN, END = "<!-- simulations -->", "<!-- end of simulations -->"
REPEATS, SEED = 4000, 20_260_101


def main(repeats: int) -> None:
    """Run everything, and write it."""
    chance = np.random.default_rng(SEED)
    made = [section(repeats, chance) for section in (*coverage.SECTIONS, *errors.SECTIONS)]
    text = "\n".join(_section(each) for each in made)
    page = DOCS / "statistics.md"
    old = page.read_text()
    found = re.search(rf"{BEGIN}\n.*?{END}", old, re.DOTALL)
    if found is None:
        raise SystemExit(f"{page} has no place for the simulations")
    page.write_text(old.replace(found[0], f"{BEGIN}\n{text}\n{END}"))
    draw(DOCS / "statistics")


def _section(section: Section) -> str:
    lines = [
        f"### {section.title}: {section.what}",
        "",
        "| situation | regrade | often done instead | aim |",
    ]
    lines += ["|---|---|---|---|", *(_row(row) for row in section.rows), ""]
    if section.note:
        lines += [section.note, ""]
    return "\n".join(lines)


def _row(row: Row) -> str:
    return f"| {row.situation} | {_shares(row.ours)} | {_shares(row.naive)} | {row.target} |"


def _shares(shares: Mapping[str, float]) -> str:
    return "<br>".join(f"{name} **{share:.3f}**" for name, share in shares.items()) or "–"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else REPEATS)
