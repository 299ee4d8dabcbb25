"""The words that every report uses, so that all of them say the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from regrade.analysis.dimensions import is_unwanted as is_unwanted
from regrade.domain import Attempt, ComponentOperations, Estimate, Operations, Rate, Run, Summary
from regrade.domain.duration import show_duration

from .plain import one_line

DIMENSIONS: Mapping[str, str] = {
    "parse_success": "parse success",
    "schema_success": "schema success",
    "refusal_correctness": "refusal correctness",
    "context_utilization": "context utilisation",
    "personal_data": "personal data",
    "leaks": "leaks",
    "injections_followed": "planted instructions followed",
    "disallowed_content": "disallowed content",
}
"""Dimension to its words."""


def dimension(name: str) -> str:
    """Give the words of a dimension, and the category where it has one."""
    plain, colon, category = name.partition(":")
    words = DIMENSIONS.get(plain, plain.replace("_", " "))
    return f"{words}: {category}" if colon else words


def of(number: int, noun: str) -> str:
    """Count things."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def percent(value: float | None) -> str:
    """Write a share; a dash without data."""
    return "–" if value is None else f"{value:.1%}"


def interval(estimate: Estimate) -> str:
    """Write the 95 % interval of a share."""
    if estimate.low is None or estimate.high is None or estimate.n == 0:
        return "no data"
    return f"{estimate.low:.1%} – {estimate.high:.1%}"


def seconds(estimate: Estimate) -> str:
    """Write a time with its interval."""
    if estimate.value is None:
        return "unknown"
    if estimate.low is None and estimate.high is None:
        return show_duration(estimate.value)
    high = "…" if estimate.high is None else show_duration(estimate.high)
    low = "…" if estimate.low is None else show_duration(estimate.low)
    return f"{show_duration(estimate.value)} [{low}, {high}]"


def unjudged(rate: Rate) -> str:
    """Say what could not be judged."""
    parts = [of(rate.abstentions, "abstention")] if rate.abstentions else []
    parts += [of(rate.grader_failures, "grader failure")] if rate.grader_failures else []
    return ", ".join(parts)


def counts(summary: Summary) -> str:
    """Say how many attempts came out how."""
    parts = [f"{summary.passed:,} passed", f"{summary.failed:,} failed"]
    if summary.errors:
        kinds = ", ".join(f"{number} {kind}" for kind, number in summary.error_kinds.items())
        parts[1] += f" (of these {of(summary.errors, 'error')}: {kinds})"
    parts += [f"{summary.ungraded:,} ungraded"] if summary.ungraded else []
    parts += [f"{summary.not_run:,} not run"] if summary.not_run else []
    return ", ".join(parts)


def cost(operations: Operations) -> str:
    """Say what a run cost, by whom, and how much of it is unknown."""
    if operations.cost_usd is None:
        return "cost unknown" if operations.tokens is not None else ""
    said = f"${operations.cost_usd:.4f}"
    if operations.priced_by:
        said += f" ({', '.join(operations.priced_by)})"
    if operations.unpriced:
        said += f" and {of(operations.unpriced, 'attempt')} of unknown cost"
    return said


def operations(found: Operations) -> list[str]:
    """Say what a run took, in parts."""
    if found.latency_p50.value is None:
        parts = ["latency unknown"]
    else:
        parts = [f"latency p50 {seconds(found.latency_p50)}, p95 {seconds(found.latency_p95)}"]
    if found.ttft_p50.value is not None:
        parts.append(f"first token p50 {show_duration(found.ttft_p50.value)}")
    if found.tokens is not None:
        parts.append(f"{found.tokens:,} tokens")
    return [*parts, said] if (said := cost(found)) else parts


def component(found: ComponentOperations) -> str:
    """Say what a component took."""
    parts = [of(found.spans, "span")]
    if found.latency_p50.value is not None:
        parts.append(f"p50 {seconds(found.latency_p50)}, p95 {seconds(found.latency_p95)}")
    if found.error_rate.value:
        parts.append(f"{percent(found.error_rate.value)} errors")
    parts += [f"{found.tokens:,} tokens"] if found.tokens else []
    parts += [f"${found.cost_usd:.4f}"] if found.cost_usd else []
    return " · ".join(parts)


MOST_CATEGORIES = 6
"""Categories of failures that are told."""


def categories(summary: Summary) -> str:
    """Say which kinds of failures there were, the commonest first."""
    found = list(summary.failure_categories.items())
    shown = ", ".join(f"{number} × {name}" for name, number in found[:MOST_CATEGORIES])
    left = len(found) - MOST_CATEGORIES
    return f"{shown} and {left} kinds more" if left > 0 else shown


def masked(summary: Summary) -> str:
    """Say what the pipeline made up for."""
    parts = [f"{len(ids)} at {name} ({cases(ids)})" for name, ids in summary.masked.items()]
    return f"Behind attempts that passed, components failed: {', '.join(parts)}." if parts else ""


MOST_CASES = 4
"""Cases that are named behind a number."""


def cases(ids: Sequence[str]) -> str:
    """Name the cases behind a number, each once."""
    unique = list(dict.fromkeys(ids))
    named = ", ".join(one_line(each, 40) for each in unique[:MOST_CASES])
    left = len(unique) - MOST_CASES
    return f"{named} and {left} more" if left > 0 else named


def behind(ids: Sequence[str]) -> str:
    """Say how many attempts there are, and name their cases."""
    return f"{len(ids)}: {cases(ids)}" if ids else "0"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an attempt failed, by one grader or by the system itself."""

    speaks_for: str
    """The criterion, or the grader's name, with the component that it judges and whether it is optional;
    or the kind of error."""
    words: str
    """One sentence."""


def reasons(attempt: Attempt) -> Iterator[Reason]:
    """Give the reasons of a failed attempt; an error goes before everything that follows from it."""
    if attempt.trace.error is not None:
        yield Reason(attempt.trace.error.kind, attempt.trace.error.message)
        return
    for grade in attempt.grades:
        if grade.passed is False and grade.spec is not None:
            where = f" at {grade.spec.component}" if grade.spec.component else ""
            optional = "" if grade.spec.required else " (optional)"
            speaks_for = f"{grade.spec.criterion or grade.spec.name}{where}{optional}"
            yield Reason(speaks_for, grade.reason)


def judges(summary: Summary) -> Iterator[str]:
    """Say of every judge what it scored, by dimension, how sure it was, and what it cost."""
    for name, each in summary.judges.items():
        parts = [f"{of(each.grades, 'answer')} judged"]
        if each.served:
            parts.append(f"by {', '.join(one_line(model, 60) for model in each.served)}")
        if each.substitutes:
            parts.append(f"though {', '.join(one_line(m, 60) for m in each.asked)} was asked")
        if each.consistency is not None:
            same = f"{percent(each.consistency.value)} [{interval(each.consistency)}]"
            parts.append(f"the same winner in both orders in {same} of the pairs")
        if each.favours:
            parts.append(f"flipped pairs favour the {each.favours} place")
        if each.split and each.consistency is None:
            parts.append(f"votes differ on {each.split}")
        if each.addressed:
            parts.append(f"{of(each.addressed, 'answer')} speak to the judge")
        parts.append("cost unknown" if each.cost_usd is None else f"${each.cost_usd:.4f}")
        yield f"{one_line(name, 60)}: {', '.join(parts)}"
        for dimension_name, score in each.scores.items():
            ends = "" if score.low is None else f" [{score.low:.2f}, {score.high:.2f}]"
            value = "–" if score.value is None else f"{score.value:.2f}"
            yield f"{one_line(name, 60)} {one_line(dimension_name, 40)}: {value}{ends}"


def warnings(summary: Summary) -> list[str]:
    """Say what keeps a run from saying anything."""
    if summary.is_valid:
        return []
    return [
        f"{summary.invalid_share:.1%} of the attempts broke (graders or transport), more than the "
        f"{summary.header.suite.invalid_above:.1%} up to which this run would say something: it is not valid"
    ]


def verdict(run: Run) -> str:
    """Say in one line what a run says."""
    summary = run.summary
    if summary.pass_rate.value is None:
        return f"nothing was judged: {counts(summary)}"
    rate = f"{percent(summary.pass_rate.value)} pass ({interval(summary.pass_rate)})"
    valid = "" if summary.is_valid else ", not valid"
    return f"{rate}: {counts(summary)}{valid}"
