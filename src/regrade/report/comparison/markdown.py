"""A comparison as a comment on a pull request: the verdict in the first line, what is long folded."""

from collections.abc import Iterator, Mapping, Sequence

from regrade.domain import CaseChange, Comparison, Delta
from regrade.report.markdown import MOST_CHARACTERS, escaped
from regrade.report.words import dimension, percent

from . import words

MOST_CASES = 20
"""Regressed cases that are told."""


def comparison_markdown(found: Comparison, before: Sequence[str] = ()) -> str:
    """Write a comparison; `before` are lines that go first, such as a gate's."""
    said = f"{escaped(found.candidate.suite.name)}: {escaped(words.headline(found), 300)}"
    lines = [*before] or [f"{words.MARKS[found.verdict]} **{said}**"]
    lines += ["", f"`{found.baseline.run_id}` → `{found.candidate.run_id}`"]
    lines += [f"- {escaped(each, 300)}" for each in found.version_changes]
    lines += [f"> {escaped(each, 400)}" for each in found.obstacles]
    lines += ["", "**Did quality improve?** " + escaped(words.headline(found), 400)]
    lines += [escaped(words.evidence(found), 400) + "."]
    lines += [escaped(said, 400)] if (said := words.unmatched(found)) else []
    lines += [f"> {escaped(each, 300)}" for each in found.notes]
    lines += ["", *_table("criterion", {"pass rate": found.pass_rate, **found.criteria})]
    lines += ["", *_regressions(found)]
    increased = "; ".join(escaped(each, 200) for each in words.categories(found))
    increased = increased or "no kind surely became more"
    lines += ["", f"**Which failure category increased?** {increased}."]
    lines += [f"- {escaped(each, 300)}" for each in words.attribution(found)]
    took = f"{escaped(words.latency(found), 400)}; {escaped(words.cost(found), 200)}"
    lines += ["", f"**Did latency or cost change?** {took}."]
    lines += ["", f"**Is the change worth shipping?** {words.SHIP[found.ship]}"]
    lines += [f"- {escaped(each, 300)}" for each in found.reasons]
    folded = [*_folded(found)]
    text = "\n".join([*lines, *folded]) + "\n"
    return text if len(text) <= MOST_CHARACTERS else "\n".join(lines)[:MOST_CHARACTERS] + "\n"


def _regressions(found: Comparison) -> list[str]:
    fixed = f"; {len(found.fixed)} fixed" if found.fixed else ""
    lines = [f"**Which cases regressed?** {len(found.regressed) or 'none'}{fixed}."]
    lines += [f"- {escaped(each, 200)}" for each in words.concentrated(found)]
    return [*lines, *_cases(found.regressed)]


def _cases(changes: Sequence[CaseChange]) -> Iterator[str]:
    for each in changes[:MOST_CASES]:
        critical = " **critical**" if each.critical else ""
        why = f": {escaped(each.reasons[0], 200)}" if each.reasons else ""
        accepted = f" (accepted: {escaped(each.accepted, 120)})" if each.accepted else ""
        yield f"- `{escaped(each.case, 80)}`{critical} {words.change(each)}{why}{accepted}"
    if len(changes) > MOST_CASES:
        yield f"- … and {len(changes) - MOST_CASES} more"


def _folded(found: Comparison) -> Iterator[str]:
    dimensions = {dimension(name): each for name, each in found.dimensions.items()}
    for title, deltas in (("Components", found.components), ("Dimensions", dimensions)):
        if deltas:
            yield from _details(title, _table(title.lower(), deltas))
    for tag, values in found.slices.items():
        yield from _details(f"By {escaped(tag)}", _table(escaped(tag), values))
    if standing := [f"- {escaped(each, 300)}" for each in words.standing_out(found)]:
        yield from _details("Criteria that stand out in slices", standing)
    if found.fixed:
        yield from _details(f"Fixed ({len(found.fixed)})", [*_cases(found.fixed)])


def _details(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"<details><summary>{title}</summary>", "", *lines, "", "</details>"]


def _table(title: str, deltas: Mapping[str, Delta]) -> list[str]:
    lines = [
        f"| {title} | before | after | change | 95 % interval | n | verdict |",
        "|---|---:|---:|---:|---|---:|---|",
    ]
    for name, each in deltas.items():
        rates = f"{percent(each.baseline)} | {percent(each.candidate)}"
        change = f"{words.points(each.delta)} | {words.interval(each)} | {each.n}"
        lines.append(f"| {escaped(name)} | {rates} | {change} | {words.verdict_of(each)} |")
    return lines
