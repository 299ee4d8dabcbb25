"""What a gate says on the terminal."""

from rich.console import Console
from rich.text import Text

from regrade.domain import GateResult
from regrade.report.plain import printable

from .words import MARKS, REFUSED, WORDS, drop_words, looks_words


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
    for each in looks_words(result):
        console.print(Text(f"  {printable(each)}", "dim"))
    if result.outcome != "pass":
        console.print(Text(f"  {REFUSED}", "dim"))
