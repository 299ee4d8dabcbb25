"""What a gate says: on the terminal, as JSON, and as the first lines of a comment."""

from typing import Any

from rich.console import Console
from rich.text import Text

from regrade.domain import GateResult

from .markdown import escaped
from .plain import printable

SCHEMA = "regrade/gate/1"
MARKS = {
    "pass": ("✓", "green", "✅"),
    "fail": ("✗", "red", "❌"),
    "undecided": ("?", "yellow", "❔"),
}
"""How an outcome is marked: its sign, its colour, and its sign in Markdown."""
WORDS = {
    "pass": "PASS: every rule is shown to hold",
    "fail": "FAIL: a rule is shown to be broken",
    "undecided": "UNDECIDED: there is not enough evidence for every rule",
}
"""An outcome in words."""
REFUSED = (
    "Running failed cases again, running until it is green, or dropping flaky cases after looking would make "
    "noise pass; more trials of all cases, or more cases, make it decide."
)
"""Why there is no way to retry."""


def print_gate(result: GateResult, console: Console) -> None:
    """Print what a gate says, and each rule."""
    sign, colour, _ = MARKS[result.outcome]
    console.print()
    console.print(Text(f"{sign} {WORDS[result.outcome]}", f"bold {colour}"))
    against = f" against {result.baseline}" if result.baseline else ", without a baseline"
    console.print(Text(f"  {result.candidate}{printable(against)}", "dim"))
    for rule in result.rules:
        sign, colour, _ = MARKS[rule.outcome]
        line = Text(f"  {sign} ", colour)
        console.print(
            line.append(f"{printable(rule.rule)}  ", "bold").append(printable(rule.words))
        )
    console.print(Text(f"  {drop_words(result)}; {result.promise}", "dim"))
    for warning in result.warnings:
        console.print(Text.assemble(("  never ", "magenta"), printable(warning)))
    for each in result.expired:
        console.print(Text.assemble(("  expired ", "yellow"), printable(each)))
    if result.outcome != "pass":
        console.print(Text(f"  {REFUSED}", "dim"))


def drop_words(result: GateResult) -> str:
    """Say which drop the gate could show."""
    drop = result.minimum_detectable_drop
    if drop is None:
        return "it could show no drop of the pass rate with so few cases"
    return f"it shows drops of the pass rate from {drop * 100:.1f} points on (power 80 %)"


def gate_document(result: GateResult) -> dict[str, Any]:
    """Give what a gate says as JSON for other programs; keys are only ever added."""
    return {
        "schema": SCHEMA,
        "outcome": result.outcome,
        "candidate": result.candidate,
        "baseline": result.baseline,
        "alpha": result.alpha,
        "rules": [
            {
                "rule": rule.rule,
                "outcome": rule.outcome,
                "words": rule.words,
                "value": rule.value,
                "bound": rule.bound,
                "low": rule.low,
                "high": rule.high,
                "p": rule.p,
            }
            for rule in result.rules
        ],
        "minimum_detectable_drop": result.minimum_detectable_drop,
        "promise": result.promise,
        "warnings": list(result.warnings),
        "expired": list(result.expired),
        "blocks": result.blocks,
    }


def gate_markdown(result: GateResult, suite: str) -> list[str]:
    """Write the first lines of a comment."""
    lines = [f"{MARKS[result.outcome][2]} **{escaped(suite)}: {WORDS[result.outcome]}**", ""]
    lines += [
        f"- {MARKS[rule.outcome][2]} `{escaped(rule.rule)}` {escaped(rule.words, 300)}"
        for rule in result.rules
    ]
    lines += ["", f"{escaped(drop_words(result), 300)}; {escaped(result.promise, 300)}."]
    lines += [f"> never: {escaped(each, 300)}" for each in result.warnings]
    lines += [f"> expired: {escaped(each, 300)}" for each in result.expired]
    return lines
