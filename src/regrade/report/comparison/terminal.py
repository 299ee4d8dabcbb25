"""A comparison on the terminal: the verdict first, then the five questions."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from regrade.domain import CaseChange, Comparison, Delta, RankedRun
from regrade.report.plain import one_line, printable
from regrade.report.words import dimension, interval as interval_of, of, percent

from . import words

WIDE = 118
"""Columns from which intervals are drawn as well."""
MOST_CASES = 8
"""Regressed and fixed cases that are told."""
COLOURS = {
    "better": "green",
    "worse": "red",
    "equivalent": "green",
    "not_enough_evidence": "yellow",
    "not_comparable": "magenta",
}
_SHIP = {"yes": "green", "no": "red", "undecided": "yellow"}
_BAR, _WIDEST = 21, 0.2


def print_comparison(found: Comparison, console: Console) -> None:
    """Print what a comparison shows."""
    a, b = found.baseline, found.candidate
    console.print()
    runs = f"  {_named(a.run_id, a.label)} → {_named(b.run_id, b.label)}"
    console.print(Text.assemble((b.suite.name, "bold"), (runs, "dim")))
    for line in found.version_changes or ("nothing that is known of the versions differs",):
        console.print(Text(f"  {printable(line)}", "dim"))
    for line in found.obstacles:
        console.print(Text.assemble(("  ! ", "magenta"), printable(line)))
    _question("Did quality improve?", _quality(found), console)
    console.print(_deltas({"pass rate": found.pass_rate}, console.width))
    for title, deltas in (
        ("criteria", found.criteria),
        ("components", found.components),
        ("dimensions", {dimension(n): each for n, each in found.dimensions.items()}),
    ):
        if deltas:
            console.print(Text(f"  {title}", "dim"))
            console.print(_deltas(deltas, console.width))
    for tag, values in found.slices.items():
        console.print(Text(f"  by {printable(tag)}", "dim"))
        console.print(_deltas(values, console.width))
    _notes(found, console)
    _question("Which cases regressed?", [*_cases(found)], console)
    increased = [*words.categories(found)] or ["no kind surely became more"]
    _question("Which failure category increased?", increased, console)
    for line in words.attribution(found):
        console.print(Text(f"  {line}", "dim"))
    _question("Did latency or cost change?", [words.latency(found), words.cost(found)], console)
    _question("Is the change worth shipping?", [], console)
    console.print(Text.assemble("  ", (words.SHIP[found.ship], f"bold {_SHIP[found.ship]}")))
    for reason in found.reasons:
        console.print(Text(f"  · {printable(reason)}"))


def _notes(found: Comparison, console: Console) -> None:
    """Print what people would say of judges' rates, and where to look."""
    for line in found.notes:
        console.print(Text.assemble(("  judge ", "magenta"), printable(line)))
    if standing := [*words.standing_out(found)]:
        console.print(Text("  criteria that stand out in slices", "dim"))
        for line in standing:
            console.print(Text(f"  {printable(line)}"))


def _named(run_id: str, label: str | None) -> str:
    return f"{printable(label)} ({run_id})" if label else run_id


def _question(title: str, lines: Sequence[str], console: Console) -> None:
    console.print()
    console.print(Text(title, "bold"))
    for line in lines:
        console.print(Text(f"  {printable(line)}"))


def _quality(found: Comparison) -> list[str]:
    lines = [words.headline(found), words.evidence(found)]
    return [*lines, said] if (said := words.unmatched(found)) else lines


def _deltas(deltas: Mapping[str, Delta], width: int) -> RenderableType:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    names = min(max(len(name) for name in deltas), max(14, width // 4))
    table.add_column(overflow="fold", min_width=names, max_width=names)
    for _ in range(3):
        table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True, style="dim")
    if width >= WIDE:
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, delta in deltas.items():
        rates = f"{percent(delta.baseline)} → {percent(delta.candidate)}"
        verdict = Text(words.verdict_of(delta), COLOURS[delta.verdict])
        cells: list[RenderableType] = [
            Text(printable(name)),
            rates,
            words.points(delta.delta),
            Text(f"n={delta.n}", "dim"),
            words.interval(delta),
        ]
        if width >= WIDE:
            cells.append(_bar(delta))
        table.add_row(*cells, verdict)
    return Padding(table, (0, 0, 0, 2))


def _bar(delta: Delta) -> Text:
    """The interval around zero, up to 20 points on either side."""
    if delta.low is None or delta.high is None or delta.delta is None:
        return Text()
    low, high, at = (_column(each) for each in (delta.low, delta.high, delta.delta))
    signs = ["━" if low <= column <= high else "·" for column in range(_BAR)]
    signs[_column(0.0)] = "┃" if low <= _column(0.0) <= high else "│"
    signs[at] = "●"
    return Text("".join(signs), COLOURS[delta.verdict])


def _column(value: float) -> int:
    share = (max(-_WIDEST, min(_WIDEST, value)) + _WIDEST) / (2 * _WIDEST)
    return round(share * (_BAR - 1))


def _cases(found: Comparison) -> Iterator[str]:
    if not found.regressed:
        yield "none"
    yield from _told(found.regressed, "✗")
    yield from words.concentrated(found)
    if found.fixed:
        yield f"{of(len(found.fixed), 'case')} fixed:"
        yield from _told(found.fixed, "✓")


def _told(changes: Sequence[CaseChange], mark: str) -> Iterator[str]:
    for each in changes[:MOST_CASES]:
        critical = " critical" if each.critical else ""
        why = f"  {one_line(each.reasons[0], 120)}" if each.reasons else ""
        accepted = f"  (accepted: {one_line(each.accepted, 80)})" if each.accepted else ""
        yield f"{mark} {one_line(each.case, 60)}{critical}  {words.change(each)}{why}{accepted}"
    if len(changes) > MOST_CASES:
        yield f"… and {len(changes) - MOST_CASES} more; --json gives all"


def print_ranking(ranked: Sequence[RankedRun], console: Console) -> None:
    """Print several runs by their pass rate on the cases of all."""
    console.print()
    shared = f"  on the {ranked[0].pass_rate.n} cases that all judged"
    console.print(Text.assemble(("Ranked by pass rate", "bold"), (shared, "dim")))
    for place, each in enumerate(ranked, start=1):
        rate, header = each.pass_rate, each.header
        tied = "" if place == 1 else "  not told apart from the best" if each.tied_with_best else ""
        name = _named(header.run_id, header.label)
        line = f"{place:>3}  {percent(rate.value):>6}  {interval_of(rate)}  {name}"
        console.print(Text.assemble(line, (tied, "yellow")))
