"""What a calibration says, in sentences."""

from collections.abc import Iterator

from .measuring import Calibration

MEANINGS = {
    "uncalibrated": "uncalibrated",
    "L0": "L0, better than always saying the same",
    "L1": "L1, good enough to gate",
    "L2": "L2, judge-verified: stronger than what it judges",
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


def _share(passed: int, judged: int) -> str:
    return f"{passed / judged:.1%}" if judged else "nothing"
