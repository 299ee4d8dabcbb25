"""A run as JUnit XML: one test a case, with its reasons inside.

Source: the format that CI systems read, as described by the JUnit schema of windyroad/JUnit-Schema.
"""

import re
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from xml.etree import ElementTree as ET

from regrade.domain import Attempt, Run, as_text

from . import words
from .plain import printable

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MOST_TEXT = 4000


def run_junit(run: Run) -> str:
    """Give the document; a case fails when any of its trials does, and is skipped when none was
    judged.
    """
    summary, header = run.summary, run.header
    by_case = [
        [*attempts]
        for _, attempts in groupby(
            sorted(run.attempts, key=lambda each: (each.case.id, each.trial)),
            key=lambda each: each.case.id,
        )
    ]
    suite = ET.Element(
        "testsuite",
        name=xml_text(header.suite.name),
        timestamp=header.started_at.strftime("%Y-%m-%dT%H:%M:%S"),
        tests=str(len(by_case)),
        failures=str(sum(_outcome(each) == "failed" for each in by_case)),
        errors=str(sum(_outcome(each) == "error" for each in by_case)),
        skipped=str(sum(_outcome(each) == "ungraded" for each in by_case)),
        time=_seconds(run.attempts),
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("run_id", header.run_id),
        ("verdict", words.verdict(run)),
        ("dataset_version", header.dataset_version),
        ("target_version", header.target_version),
        *(
            (f"criterion:{name}", words.percent(r.estimate.value))
            for name, r in summary.criteria.items()
        ),
    ):
        ET.SubElement(properties, "property", name=xml_text(name), value=xml_text(value))
    for attempts in by_case:
        suite.append(_case(header.suite.name, attempts))
    return as_document(suite)


def as_document(suite: ET.Element) -> str:
    """Write one test suite as a document."""
    root = ET.Element("testsuites", name="regrade")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(suite: str, attempts: Sequence[Attempt]) -> ET.Element:
    case = attempts[0].case
    test = ET.Element(
        "testcase", classname=xml_text(suite), name=xml_text(case.id), time=_seconds(attempts)
    )
    outcome = _outcome(attempts)
    if outcome == "ungraded":
        ET.SubElement(test, "skipped", message="nobody could judge it")
    elif outcome != "passed":
        failed = [each for each in attempts if each.outcome == "failed"]
        said = [reason for each in failed for reason in words.reasons(each)]
        first = f"{said[0].speaks_for}: {said[0].words}" if said else "failed"
        trials = f"{len(failed)} of {len(attempts)} trials failed; " if len(attempts) > 1 else ""
        kind = "error" if outcome == "error" else "failure"
        found = ET.SubElement(test, kind, message=xml_text(trials + first), type=kind)
        found.text = xml_text("\n\n".join(_told(each) for each in failed))
    return test


def _told(attempt: Attempt) -> str:
    lines = [f"{reason.speaks_for}: {reason.words}" for reason in words.reasons(attempt)]
    lines.append(f"input: {as_text(attempt.case.input)[:_MOST_TEXT]}")
    if attempt.trace.is_captured:
        lines.append(f"output: {attempt.trace.output_text[:_MOST_TEXT]}")
    if attempt.trace.error is not None and attempt.trace.error.traceback:
        lines.append(attempt.trace.error.traceback[-_MOST_TEXT:])
    return "\n".join(lines)


def _outcome(attempts: Sequence[Attempt]) -> str:
    outcomes = {*map(attrgetter("outcome"), attempts)}
    if "failed" in outcomes:
        failed = [each for each in attempts if each.outcome == "failed"]
        return "error" if all(each.trace.error is not None for each in failed) else "failed"
    return "passed" if "passed" in outcomes else "ungraded"


def _seconds(attempts: Sequence[Attempt]) -> str:
    return f"{sum(each.trace.latency_s or 0.0 for each in attempts):.3f}"


def xml_text(text: str) -> str:
    """Leave out what XML 1.0 cannot hold."""
    return _NOT_XML.sub("�", printable(text))
