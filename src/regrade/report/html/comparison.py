"""The page of a comparison: the verdict first, then the five questions, every difference on one scale,
and what was answered, word by word. It has no script.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from regrade.domain import CaseChange, Comparison, Delta, GateResult, Ratio, RunHeader
from regrade.report.charts.forest import group, scale_of
from regrade.report.comparison import words
from regrade.report.gate import words as gate_words
from regrade.report.plain import printable
from regrade.report.words import dimension, of

from .differing import Piece, word_diff
from .page import asset, digest, template

MOST_CASES = 200
"""Changed cases whose answers are on the page, of regressed and of fixed ones each."""
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class ShownCase:
    """A case that changed, ready for the page."""

    found: CaseChange
    """What is known of it."""
    moved: str
    """How it came out before and now."""
    pieces: tuple[Piece, ...]
    """Its two answers as one text."""
    is_same: bool
    """Whether it was answered alike, so that something else differs."""
    now: str | None
    """What was answered now, where nobody kept what was answered before."""


def comparison_html(found: Comparison) -> str:
    """Give the page of a comparison."""
    return _page(found.candidate, found, None)


def gate_html(gate: GateResult, header: RunHeader, found: Comparison | None = None) -> str:
    """Give the page of a gate over a run: what it says, and below it the comparison where there is one."""
    return _page(header, found, gate)


def comparison_fragment(found: Comparison) -> str:
    """Give what the page of a comparison holds as a fragment with its style: for notebooks."""
    return _fragment(found.candidate, found, None)


def comparison_parts(found: Comparison, cases: str, most: int) -> str:
    """Give what the page of a comparison holds without its style, with so many changed cases, of regressed and of
    fixed ones each, and with links to all of them: addresses that begin with `cases` and end with the case's id.
    """
    content = _content(found.candidate, found, None)
    few = {name: content[name][:most] for name in ("regressed", "fixed")}
    return template("comparison_parts.html").render(**{**content, **few, "links": cases})


def gate_fragment(gate: GateResult, header: RunHeader, found: Comparison | None = None) -> str:
    """Give what the page of a gate holds as a fragment with its style: for notebooks."""
    return _fragment(header, found, gate)


def _style() -> str:
    return f"{asset('report.css')}\n{asset('comparison.css')}"


def _page(header: RunHeader, found: Comparison | None, gate: GateResult | None) -> str:
    style = _style()
    return template("comparison.html").render(
        **_content(header, found, gate),
        style=Markup(style),  # noqa: S704  ours, and pinned by its hash
        policy=f"default-src 'none'; style-src '{digest(style)}'; base-uri 'none'; form-action 'none'",
    )


def _fragment(header: RunHeader, found: Comparison | None, gate: GateResult | None) -> str:
    style = _style().replace(":root", ".regrade").replace("body", ".regrade")
    return template("comparison_fragment.html").render(
        **_content(header, found, gate),
        style=Markup(style),  # noqa: S704  ours
    )


def _content(
    header: RunHeader, found: Comparison | None, gate: GateResult | None
) -> dict[str, Any]:
    said = words.VERDICTS[found.verdict] if found else ""
    return {
        "suite": header.suite,
        "title": said if gate is None else gate.outcome,
        "of": of,
        "links": None,
        "gate": gate,
        "gate_words": None if gate is None else gate_words.WORDS[gate.outcome].partition(": ")[2],
        "gate_marks": {name: marks[0] for name, marks in gate_words.MARKS.items()},
        "gate_more": [] if gate is None else [*_more(gate)],
        "found": found,
        **({} if found is None else _compared(found)),
    }


def _compared(found: Comparison) -> dict[str, Any]:
    everything = [*_deltas(found)]
    scale = scale_of(delta for _, deltas in everything for delta in deltas.values())
    kinds = found.failure_categories.items()
    return {
        "headline": words.headline(found).partition(": ")[2],
        "verdict": words.VERDICTS[found.verdict],
        "style_of": found.verdict.replace("_", "-"),
        "evidence": words.evidence(found),
        "unmatched": words.unmatched(found),
        "groups": [group(title, deltas, scale) for title, deltas in everything if deltas],
        "scale": f"{scale * 100:g} pp",
        "regressed": _shown(found.regressed),
        "fixed": _shown(found.fixed),
        "concentrated": [*words.concentrated(found)],
        "categories": [(name, each) for name, each in kinds if each.before or each.after],
        "attribution": [*words.attribution(found)],
        "took": [words.latency(found), words.cost(found)],
        "ratios": [*_ratios(found)],
        "ship": words.SHIP[found.ship],
    }


def _more(gate: GateResult) -> Iterator[str]:
    yield f"{gate_words.drop_words(gate)}; {gate.promise}"
    yield from (f"never: {each}" for each in gate.warnings)
    yield from (f"expired: {each}" for each in gate.expired)
    yield from gate_words.looks_words(gate)


def _deltas(found: Comparison) -> Iterator[tuple[str, dict[str, Delta]]]:
    yield "", {"pass rate": found.pass_rate}
    yield "Criteria", dict(found.criteria)
    yield "Components", dict(found.components)
    yield "Dimensions", {dimension(name): each for name, each in found.dimensions.items()}
    for tag, values in found.slices.items():
        yield f"By {printable(tag)}", dict(values)
    yield "Criteria that stand out in slices", dict(words.cells_that_stand_out(found))


def _shown(changes: Sequence[CaseChange]) -> list[ShownCase]:
    return [_case(each) for each in changes[:MOST_CASES]]


def _case(found: CaseChange) -> ShownCase:
    before, after = (None if x is None else printable(x[:_LONGEST]) for x in found.outputs)
    pieces = () if before is None or after is None else tuple(word_diff(before, after))
    is_same = before is not None and before == after
    return ShownCase(found, words.change(found), pieces, is_same, after if before is None else None)


def _ratios(found: Comparison) -> Iterator[tuple[str, Ratio, float, float, float]]:
    """Give ratios with their left end, width and middle on a logarithmic scale from a quarter to four
    times.
    """
    operations = found.operations
    for name, ratio in (
        ("latency per case", operations.latency),
        ("latency p95", operations.latency_p95),
        ("cost", operations.cost),
    ):
        if ratio.value and ratio.low and ratio.high:
            low, high, at = (_on_log_scale(each) for each in (ratio.low, ratio.high, ratio.value))
            yield name, ratio, low, max(round(high - low, 2), 1.0), at


def _on_log_scale(ratio: float) -> float:
    if not 0 < ratio < math.inf:
        return 200.0 if ratio > 1 else 0.0
    return round(100 + 100 * max(-1.0, min(1.0, math.log(ratio, 4))), 2)
