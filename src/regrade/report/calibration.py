"""A judge beside people: on the terminal and as JSON."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Protocol

from rich.console import Console
from rich.text import Text

from regrade.analysis.calibration import (
    Again,
    Calibration,
    PeopleAgreement,
    ScoreCalibration,
    Solver,
    calibration_words,
    own_family_fault,
)
from regrade.domain import Json, RunHeader

from .plain import printable
from .words import of


class MeasuredJudge(Protocol):
    """A judge and the people it was measured against."""

    @property
    def calibration(self) -> Calibration:
        """What people say of the judge."""

    @property
    def people(self) -> PeopleAgreement:
        """How far they agree with each other."""


def print_calibration(header: RunHeader, found: Sequence[MeasuredJudge], console: Console) -> None:
    """Print what people say of every judge."""
    console.print()
    console.print(Text.assemble((header.suite.name, "bold"), (f"  {header.run_id}", "dim")))
    if not found:
        console.print("  no language model judges in this run")
    for each in found:
        for line in calibration_words(each.calibration):
            console.print(Text(f"  {printable(line)}"))
        for line in _more(each.calibration, each.people):
            console.print(Text(f"    {printable(line)}", "dim"))


def _more(found: Calibration, people: PeopleAgreement) -> Iterator[str]:
    if not found.labelled:
        return
    tp, fp, fn, tn = found.confusion
    yield f"both pass {tp}, the judge alone {fp}, people alone {fn}, neither {tn}"
    sens, spec = found.sensitivity, found.specificity
    yield (
        f"passes what people pass {_of(tp, tp + fn)} [{sens.low:.1%}, {sens.high:.1%}]; "
        f"fails what people fail {_of(tn, tn + fp)} [{spec.low:.1%}, {spec.high:.1%}]"
    )
    if found.kappa is not None:
        low, high = found.kappa.interval
        yield f"kappa {found.kappa.value:.2f} [{low:.2f}, {high:.2f}]"
    if people.kappa is not None and people.pair is not None:
        names = " and ".join(people.pair)
        yield f"people among each other: {names}, kappa {people.kappa.value:.2f} on {of(people.items, 'answer')}"
    factor = found.savings.factor
    saved = "all" if math.isinf(factor) else f"{factor:.1f} times"
    yield f"saves {saved} the labels; {found.needed} in all give ± 5 points"
    yield from _favours(found)
    yield from _again(found.again)
    yield from _solved(found.solver)
    if found.threshold is not None and found.threshold.agree > found.threshold.agree_now:
        new = found.threshold
        yield (
            f"passing from {new.at:g} on agrees with people on {new.agree} of {new.n} other labels, not "
            f"{new.agree_now}"
        )
    for each in found.slices[:3]:
        if each.agree < each.n:
            yield f"agrees on {each.agree} of {each.n} in {each.tag} {each.value}"
    if found.shown:
        yield f"{of(found.shown, 'label')} left out: the judge is shown these answers as examples"


def _favours(found: Calibration) -> Iterator[str]:
    for bias in found.biases:
        if bias.is_told:
            low, high = bias.gap.interval
            yield (
                f"favours {bias.name} by {bias.gap.gap * 100:+.1f} points [{low * 100:+.1f}, {high * 100:+.1f}], "
                "beside what people say"
            )
    if (fault := own_family_fault(found)) and not (found.own_family and found.own_family.is_told):
        yield fault


def _solved(own: Solver | None) -> Iterator[str]:
    if own is not None:
        yield (
            f"answers {own.own:.1%} of {of(own.cases, 'case')} right itself, the system {own.system:.1%} "
            f"(one-sided p {own.p:.2g}, run {own.run_id})"
        )


def _again(again: Again | None) -> Iterator[str]:
    if again is None:
        return
    if again.times > 1:
        low, high = again.flips
        yield (
            f"judged again, {again.times} times: {_of(again.flipped, again.answers)} of {again.answers} answers get "
            f"different verdicts [{low:.1%}, {high:.1%}]"
        )
    if again.failures:
        yield f"gave no verdict {of(again.failures, 'time')} when it judged again"
    if again.labelled:
        drift = "it has drifted" if again.has_drifted else "no drift is shown"
        yield (
            f"agreed with people on {again.agreed_then} of {again.labelled} labelled answers in the run, and on "
            f"{again.agreed_now} of the same when it judged again (p {again.p:.2g}): {drift}"
        )


def _of(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


def calibration_document(header: RunHeader, found: Sequence[MeasuredJudge]) -> dict[str, Json]:
    """Give it as JSON for other programs; keys are only ever added."""
    return {
        "schema": "regrade/calibration/1",
        "run_id": header.run_id,
        "suite": header.suite.name,
        "criteria": {each.calibration.criterion: _criterion(each) for each in found},
    }


def _criterion(each: MeasuredJudge) -> dict[str, Json]:
    found, people = each.calibration, each.people
    tp, fp, fn, tn = found.confusion
    savings = found.savings
    return {
        "level": found.level,
        "judged": found.judged,
        "judged_pass_rate": found.judged_pass / found.judged if found.judged else None,
        "corrected": {
            "value": found.corrected.value,
            "low": found.corrected.interval.low,
            "high": found.corrected.interval.high,
        },
        "labelled": found.labelled,
        "labels_needed": found.needed,
        "left_out": found.shown,
        "confusion": {"both": tp, "judge": fp, "people": fn, "neither": tn},
        "sensitivity": list(found.sensitivity),
        "specificity": list(found.specificity),
        "kappa": None if found.kappa is None else [found.kappa.value, *found.kappa.interval],
        "beats_constant_p": found.constant_p,
        "savings": {
            "factor": None if math.isinf(savings.factor) else savings.factor,
            "rho2": savings.rho2,
            "rho2_low": savings.rho2_low,
        },
        "biases": [
            {
                "name": bias.name,
                "gap": bias.gap.gap,
                "interval": list(bias.gap.interval),
                "n": bias.n,
                "others": bias.others,
            }
            for bias in found.biases
        ],
        "scores": {each.dimension: _score(each) for each in found.scores},
        "again": _again_document(found.again),
        "solver": None if found.solver is None else asdict(found.solver),
        "threshold": _threshold(found),
        "slices": [
            {"tag": s.tag, "value": s.value, "agree": s.agree, "n": s.n} for s in found.slices
        ],
        "people": {
            "who": list(people.people),
            "items": people.items,
            "kappa": None if people.kappa is None else [people.kappa.value, *people.kappa.interval],
            "ac1": people.ac1,
            "alpha": people.alpha,
            "unsure": people.unsure,
        },
    }


def _score(each: ScoreCalibration) -> Json:
    corrected = each.corrected
    return {
        "judged": each.judged,
        "corrected": None if corrected is None else corrected.value,
        "interval": None if corrected is None else list(corrected.interval),
        "labelled": each.labelled,
        "scale": list(each.scale),
    }


def _again_document(again: Again | None) -> Json:
    if again is None:
        return None
    return {
        **asdict(again),
        "judged_at": again.judged_at.isoformat(),
        "flips": list(again.flips),
        "has_drifted": again.has_drifted,
    }


def _threshold(found: Calibration) -> Json:
    new = found.threshold
    if new is None:
        return None
    return {"at": new.at, "agree": new.agree, "agree_now": new.agree_now, "n": new.n}
