"""What a gate says as JUnit XML: one test a rule."""

from xml.etree import ElementTree as ET

from regrade.domain import Comparison, GateResult, RuleResult
from regrade.report.comparison import words as comparison_words
from regrade.report.junit import as_document, xml_text

from .words import WORDS, drop_words, looks_words

MOST_CASES = 50
"""Regressed cases that are named in the output of the document."""


def gate_junit(result: GateResult, suite: str, found: Comparison | None = None) -> str:
    """Give the document: a rule that is broken fails, one without enough evidence is skipped, or
    fails where the gate blocks it.
    """
    outcomes = [_outcome(rule, result) for rule in result.rules]
    element = ET.Element(
        "testsuite",
        name=xml_text(f"{suite} gate"),
        tests=str(len(outcomes)),
        failures=str(outcomes.count("failure")),
        errors="0",
        skipped=str(outcomes.count("skipped")),
    )
    properties = ET.SubElement(element, "properties")
    for name, value in (
        ("outcome", WORDS[result.outcome]),
        ("candidate", result.candidate),
        ("baseline", result.baseline or "none"),
        ("promise", result.promise),
        ("smallest drop", drop_words(result)),
    ):
        ET.SubElement(properties, "property", name=name, value=xml_text(value))
    for rule, outcome in zip(result.rules, outcomes, strict=True):
        test = ET.SubElement(
            element, "testcase", classname=xml_text(f"{suite}.gate"), name=xml_text(rule.rule)
        )
        if outcome == "failure":
            said = ET.SubElement(test, "failure", message=xml_text(rule.words), type=rule.outcome)
            said.text = xml_text(rule.words)
        elif outcome == "skipped":
            ET.SubElement(test, "skipped", message=xml_text(f"undecided: {rule.words}"))
    lines = [*result.warnings, *looks_words(result)]
    if found is not None:
        lines += [
            f"{each.case}: {comparison_words.change(each)} {'; '.join(each.reasons)}"
            for each in found.regressed[:MOST_CASES]
        ]
    ET.SubElement(element, "system-out").text = xml_text("\n".join(lines))
    return as_document(element)


def _outcome(rule: RuleResult, result: GateResult) -> str:
    if rule.outcome == "fail" or (rule.outcome == "undecided" and result.blocks):
        return "failure"
    return "skipped" if rule.outcome == "undecided" else "passed"
