"""What a calibration says, in sentences."""

from collections.abc import Iterator

from .measuring import Calibration

MEANINGS = {
    "uncalibrated": "uncalibrated",
    "L0": "L0, better than always saying the same",
    "L1": "L1, good enough to gate",
    "L2": "L2, judge-verified: stronger than what it judges",
    "L3": "L3, judge-verified, and better at the work itself",
}
"""What each level means."""


def calibration_words(found: Calibration) -> Iterator[str]:
    """Say how a judge's rate is to be read: corrected where there are labels, and marked where not."""
    judged = f"{found.criterion}: judged {_share(found.judged_pass, found.judged)}"
    if not found.labelled:
        yield f"{judged}, uncalibrated: no person has labelled these answers (`regrade label`)"
        return
    low, high = found.corrected.interval
    corrected = f"{found.corrected.value:.1%} [{low:.1%}, {high:.1%}]"
    of = "1 label" if found.labelled == 1 else f"{found.labelled} labels"
    yield f"{judged}, corrected {corrected} by {of} ({MEANINGS[found.level]})"
    if found.level == "uncalibrated":
        yield f"{found.criterion}: too few labels to trust its judge; {found.needed} in all give ± 5 points"
    for each in found.scores:
        if each.corrected is not None:
            low, high = each.corrected.interval
            yield (
                f"{found.criterion} {each.dimension}: judged {each.judged:.2f}, corrected "
                f"{each.corrected.value:.2f} [{low:.2f}, {high:.2f}] by the scores of people on {each.labelled} answers"
            )
    if found.again is not None and found.again.has_drifted:
        again = found.again
        yield (
            f"{found.criterion}: its judge has drifted: on the same {again.labelled} labelled answers it agreed with "
            f"people on {again.agreed_then} in the run, and on {again.agreed_now} at {again.judged_at:%Y-%m-%d %H:%M} "
            f"(p {again.p:.2g})"
        )


def own_family_fault(found: Calibration) -> str | None:
    """Say what keeps a judge of the family of what it judges from gating; None where nothing does."""
    if not found.own_answers:
        return None
    gap = found.own_family
    if gap is None:
        return (
            f"it judges {found.own_answers} answers of its own family, and too few of them are labelled to say whether "
            "it favours them"
        )
    if gap.is_told and gap.gap.gap > 0:
        return f"it favours answers of its own family by {gap.gap.gap * 100:.1f} points, beside what people say"
    return None


def _share(passed: int, judged: int) -> str:
    return f"{passed / judged:.1%}" if judged else "nothing"
