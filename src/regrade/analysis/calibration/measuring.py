"""A judge measured against people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from regrade.stats import Interval, wilson
from regrade.stats.people.agreement import Agreement, cohen_kappa
from regrade.stats.people.judges import (
    Corrected,
    Savings,
    calibrated_rate,
    correlation,
    judge_beats_constant,
    label_savings,
    labels_needed,
)

from .again import Again
from .biases import OWN, Bias, IsOwn, biases, of_own_family
from .items import Item, Labelled, Place, labelled
from .scores import ScoreCalibration, score_calibrations
from .solving import Solver

Level = Literal["uncalibrated", "L0", "L1", "L2", "L3"]
"""What a judge has shown: nothing; that it is better than always saying the same; that it may gate; that
it is stronger than what it judges; that it also does the work better itself."""
HALF_WIDTH = 0.05
"""The half width that labels are counted for."""
FEWEST_PER_SLICE = 5
"""Labelled answers below which nothing is said of a slice."""
FEWEST_TO_CHOOSE = 40
"""Labelled answers with scores below which no threshold is chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceAgreement:
    """How often judge and people agree in one slice."""

    tag: str
    """The tag."""
    value: str
    """Its value."""
    agree: int
    """Answers on which they agree."""
    n: int
    """Labelled answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A score from which the judge should pass, chosen on one half of the labels."""

    at: float
    """The least score that passes."""
    agree: int
    """Answers of the other half on which judge and people then agree."""
    agree_now: int
    """The same with the rubric's own rule."""
    n: int
    """Answers of the other half."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What people say of a judge."""

    criterion: str
    """The criterion that it speaks for."""
    judged: int
    """Answers that it judged."""
    judged_pass: int
    """Those that it passed."""
    labelled: int
    """Those that people labelled too."""
    shown: int
    """Labelled answers that stand in the judge's own prompt: left out."""
    confusion: tuple[int, int, int, int]
    """Both pass, the judge alone, people alone, neither."""
    sensitivity: Interval
    """How often it passes what people pass."""
    specificity: Interval
    """How often it fails what people fail."""
    kappa: Agreement | None
    """Agreement beyond chance; None without a label."""
    corrected: Corrected
    """The pass rate that people would give."""
    level: Level
    """What it has shown."""
    constant_p: float
    """One-sided: how likely so good a judge is, if always saying the same were as good."""
    savings: Savings
    """What it saves of people's labels."""
    needed: int
    """Labels in all that make the corrected interval ± 5 points."""
    slices: tuple[SliceAgreement, ...]
    """By slice, the least agreement first."""
    biases: tuple[Bias, ...]
    """What it favours, beside what people say."""
    own_answers: int
    """Answers that a model of the judge's own family gave."""
    scores: tuple[ScoreCalibration, ...]
    """The dimensions that people scored too."""
    again: Again | None
    """What it said of the same answers again; None where it was not asked."""
    solver: Solver | None
    """Its own answers beside the system's; None where it gave none."""
    threshold: Threshold | None
    """A better threshold; None without scores, or with too few labels."""

    def corrected_at(self, alpha: float) -> Corrected:
        """Give the rate that people would give with an interval of another error, two-sided."""
        tp, fp, fn, tn = self.confusion
        judged_fail = self.judged - self.judged_pass
        return calibrated_rate(tp, tp + fp, fn, fn + tn, self.judged_pass, judged_fail, alpha)

    @property
    def own_family(self) -> Bias | None:
        """How much it favours answers of its own family; None where nobody can tell."""
        return next((each for each in self.biases if each.name == OWN), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of a judge beside people's verdicts."""

    shown: frozenset[str] = frozenset()
    """Answers that stand in its own prompt: their labels say nothing of it."""
    scores: Mapping[Place, Mapping[str, float]] = field(default_factory=dict)
    """People's scores, by dimension."""
    is_own: IsOwn = lambda judge, model: False
    """Whether a judge and a model are of one family."""
    again: Again | None = None
    """What it said of the same answers again."""
    solver: Solver | None = None
    """What it answers itself."""


def calibrate(
    criterion: str,
    items: Sequence[Item],
    human: Mapping[Place, bool],
    evidence: Evidence | None = None,
) -> Calibration:
    """Measure a judge against people."""
    evidence = evidence or Evidence()
    shown, is_own, solver = evidence.shown, evidence.is_own, evidence.solver
    known = labelled(items, human)
    used = [each for each in known if each.item.text not in shown]
    tp, fp, fn, tn = _confusion(used)
    judged_pass = sum(item.passed for item in items)
    corrected = calibrated_rate(tp, tp + fp, fn, fn + tn, judged_pass, len(items) - judged_pass)
    constant_p = judge_beats_constant(tp, fp, fn, tn)
    savings = label_savings(tp, fp, fn, tn)
    sensitivity, specificity = wilson(tp, tp + fn), wilson(tn, tn + fp)
    rate = min(0.99, max(0.01, corrected.value))
    return Calibration(
        criterion=criterion,
        judged=len(items),
        judged_pass=judged_pass,
        labelled=len(used),
        shown=len(known) - len(used),
        confusion=(tp, fp, fn, tn),
        sensitivity=sensitivity,
        specificity=specificity,
        kappa=cohen_kappa([[tn, fn], [fp, tp]]) if used else None,
        corrected=corrected,
        level=_level(constant_p, sensitivity, specificity, savings, solver),
        constant_p=constant_p,
        savings=savings,
        needed=labels_needed(rate, correlation(tp, fp, fn, tn), HALF_WIDTH, len(items) or None),
        slices=_slices(used),
        biases=biases(used, is_own),
        own_answers=sum(of_own_family(item, is_own) for item in items),
        scores=score_calibrations([i for i in items if i.text not in shown], evidence.scores),
        again=evidence.again,
        solver=solver,
        threshold=_threshold(used),
    )


def _confusion(used: Sequence[Labelled]) -> tuple[int, int, int, int]:
    counts = {(j, h): 0 for j in (True, False) for h in (True, False)}
    for each in used:
        counts[each.item.passed, each.human] += 1
    return (counts[True, True], counts[True, False], counts[False, True], counts[False, False])


def _level(
    constant_p: float,
    sensitivity: Interval,
    specificity: Interval,
    savings: Savings,
    solver: Solver | None,
) -> Level:
    """Say what is shown: each level needs those below it."""
    if constant_p > 0.05:
        return "uncalibrated"
    if sensitivity.low + specificity.low - 1 < 0.5:
        return "L0"
    if savings.rho2_low <= 0.5:
        return "L1"
    return "L3" if solver is not None and solver.is_stronger else "L2"


def _slices(used: Sequence[Labelled]) -> tuple[SliceAgreement, ...]:
    counts: dict[tuple[str, str], list[int]] = {}
    for each in used:
        for place in each.item.slices.items():
            own = counts.setdefault(place, [0, 0])
            own[0] += each.item.passed == each.human
            own[1] += 1
    found = [
        SliceAgreement(tag=tag, value=value, agree=agree, n=n)
        for (tag, value), (agree, n) in counts.items()
        if n >= FEWEST_PER_SLICE
    ]
    return tuple(sorted(found, key=lambda each: (each.agree / each.n, each.tag, each.value)))


def _threshold(used: Sequence[Labelled]) -> Threshold | None:
    """Choose on every second labelled answer, and report on the others."""
    scored = sorted(
        (each for each in used if each.item.score is not None), key=lambda each: each.item.place
    )
    if len(scored) < FEWEST_TO_CHOOSE:
        return None
    chosen_on, reported_on = scored[::2], scored[1::2]
    scores = sorted({each.item.score or 0.0 for each in chosen_on})
    at = max(scores, key=lambda score: _agree(chosen_on, score))
    return Threshold(
        at=at,
        agree=_agree(reported_on, at),
        agree_now=sum(each.item.passed == each.human for each in reported_on),
        n=len(reported_on),
    )


def _agree(some: Sequence[Labelled], at: float) -> int:
    return sum(((each.item.score or 0.0) >= at) == each.human for each in some)
