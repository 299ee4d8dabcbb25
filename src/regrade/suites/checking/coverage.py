"""What can be said of a suite before it is run: what is missing, what is too small, what will never
be judged.
"""

import difflib
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence

from regrade.domain import KINDS, Case, Grader, Suite
from regrade.graders import Check, Probe, python
from regrade.suites.building import ForCases
from regrade.suites.rows import FIELDS

from .evidence import detectable
from .finding import Finding
from .judges import cheaper_than_judges
from .similar import impossible, nearly_repeated, repeated

SMALL_SLICE = 10
"""Cases below which a slice can say next to nothing."""


async def examine(suite: Suite) -> list[Finding]:
    """Look at everything that can be seen without asking the target for answers."""
    cases = suite.dataset.cases
    findings = [
        *_graders_without_cases(suite.graders, cases),
        *_kinds(cases),
        *impossible(cases),
        *repeated(cases),
        *nearly_repeated(cases),
        *detectable(suite),
        *_small_slices(suite),
        *_misspelt_keys(cases),
        *cheaper_than_judges(suite),
        *(Finding("warning", note) for note in suite.notes),
    ]
    for grader in suite.graders:
        findings += [finding async for finding in _probed(grader)]
    return findings


def _graders_without_cases(graders: Sequence[Grader], cases: Sequence[Case]) -> Iterator[Finding]:
    for grader in graders:
        name = grader.spec.name
        covered = [case for case in cases if grader.covers(case)]
        if not covered:
            yield Finding(
                "error",
                f"the grader {name!r} covers no case: none has the tags that its `when` asks for",
            )
            continue
        lacking = [(case, lack) for case in covered if (lack := grader.lacks(case)) is not None]
        if len(lacking) == len(covered):
            yield Finding(
                "error",
                f"the grader {name!r} can judge no case: {lacking[0][1]} (in {lacking[0][0].id!r} and all others)",
            )
        elif lacking:
            share = f"{len(lacking)} of {len(covered)}"
            yield Finding(
                "note",
                f"the grader {name!r} will abstain on {share} cases: {lacking[0][1]} (in {lacking[0][0].id!r})",
            )
    ungraded = [case for case in cases if not any(_can_judge(grader, case) for grader in graders)]
    if ungraded:
        yield Finding(
            "warning",
            f"no required grader can judge {len(ungraded)} of {len(cases)} cases, such as {ungraded[0].id!r}",
        )


def _can_judge(grader: Grader, case: Case) -> bool:
    return grader.spec.required and grader.covers(case) and grader.lacks(case) is None


def _kinds(cases: Sequence[Case]) -> Iterator[Finding]:
    counts: Counter[str | None] = Counter(case.kind for case in cases)
    shares = ", ".join(f"{kind} {counts[kind] / len(cases):.0%}" for kind in KINDS if counts[kind])
    yield Finding(
        "note",
        f"kinds of cases: {shares or 'none given'}"
        + (f", without kind {counts[None] / len(cases):.0%}" if counts[None] and shares else ""),
    )
    missing = [kind for kind in KINDS if not counts[kind]]
    if missing:
        yield Finding(
            "warning",
            f"no case of the kind {' or '.join(missing)}; a sharp dataset has some of each",
        )


def _small_slices(suite: Suite) -> Iterator[Finding]:
    counts: Counter[tuple[str, str]] = Counter()
    for case in suite.dataset.cases:
        counts.update(case.dimensions.items())
    chosen = suite.outline.slices
    for tag in chosen or ():
        if not any(name == tag for name, _ in counts):
            known = sorted({name for name, _ in counts})
            yield Finding(
                "error",
                f"no case has the tag {tag!r} that `slices` names; there is: {', '.join(known) or 'none'}",
            )
    wanted = set(chosen or {name for name, _ in counts})
    small = [
        f"{name}={value} ({n})"
        for (name, value), n in sorted(counts.items())
        if n < SMALL_SLICE and name in wanted
    ]
    if small:
        more = f" and {len(small) - 8} more" if len(small) > 8 else ""
        yield Finding(
            "warning",
            f"slices of fewer than {SMALL_SLICE} cases say next to nothing: {', '.join(small[:8])}{more}",
        )


def _misspelt_keys(cases: Sequence[Case]) -> Iterator[Finding]:
    counts = Counter(key for case in cases for key in case.metadata)
    for key, number in sorted(counts.items()):
        close = difflib.get_close_matches(key, FIELDS, n=1, cutoff=0.8)
        if close:
            yield Finding(
                "warning",
                f"{number} cases have the key {key!r}, which regrade does not know. Did you mean {close[0]!r}?",
            )


async def _probed(grader: Grader) -> AsyncIterator[Finding]:
    """Run the probes that a user's function carries."""
    inner = grader.grader if isinstance(grader, ForCases) else grader
    if not isinstance(inner, python):
        return
    for number, probe in enumerate(inner.own_probes(), start=1):
        wrong = await _fault(inner, probe)
        if wrong:
            yield Finding(
                "error", f"the grader {grader.spec.name!r} fails its own probe {number}: {wrong}"
            )


async def _fault(grader: Check, probe: Probe) -> str | None:
    wanted = {"pass": True, "fail": False, "abstain": None}[probe.gives]
    if grader.not_ and wanted is not None:
        wanted = not wanted
    try:
        grade = await grader.grade(probe.case, probe.trace)
    except Exception as error:  # noqa: BLE001  a user's function may raise anything
        return f"it raised {type(error).__name__}: {error}"
    if grade.passed is wanted:
        return None
    words = {True: "passes", False: "fails", None: "abstains"}
    return f"it {words[grade.passed]} ({grade.reason}) and {probe.gives} was asked for"
