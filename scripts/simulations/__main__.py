"""Run the simulations: write their tables into docs/statistics.md, and their plots beside it.

`python -m scripts.simulations [REPEATS [NAME …]]`, from the top of the project; needs matplotlib (`make simulations`).
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from . import coverage, errors, people, watching
from .plots import draw
from .rows import Row, Section

DOCS = Path(__file__).parent.parent.parent / "docs"
BEGIN, END = "<!-- simulations -->", "<!-- end of simulations -->"
REPEATS, SEED = 4000, 20_260_101


def main(repeats: int, names: Sequence[str]) -> None:
    """Run everything, or the simulations of those names, and write it."""
    page = DOCS / "statistics.md"
    before, _, rest = page.read_text().partition(BEGIN)
    known, _, after = rest.partition(END)
    texts = dict(_known(known))
    for at, section in enumerate(
        (*coverage.SECTIONS, *errors.SECTIONS, *people.SECTIONS, *watching.SECTIONS)
    ):
        if not names or section.__name__ in names:
            made = section(repeats, np.random.default_rng([SEED, at]))
            texts[f"{made.title}: {made.what}"] = _section(made)
    text = "\n".join(texts.values())
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
    draw(DOCS / "statistics")


def _known(text: str) -> Iterator[tuple[str, str]]:
    """Give the sections that are written, by their titles."""
    for part in text.split("\n### ")[1:]:
        yield part.splitlines()[0], f"### {part.rstrip()}\n"


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
    return "<br>".join(f"{name} **{_figure(share)}**" for name, share in shares.items()) or "–"


def _figure(value: float) -> str:
    """Write a share, or a number of hours."""
    return f"{value:.3f}" if value <= 1 else f"{value:.0f}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else REPEATS, sys.argv[2:])
