"""What the retrieval owes a question, whoever asks it: an article that speaks of the same things."""

from regrade import Case, Grade, Trace
from regrade.demo.pipeline import _stems

LEAST = 0.5


def finds_the_subject(case: Case, trace: Trace) -> Grade:
    """Pass where one of the articles holds half of the words of the question."""
    asked = {*_stems(str(case.input))}
    found = [{*_stems(document.text or "")} for document in trace.retrieved or ()]
    best = max((len(asked & words) / max(1, len(asked)) for words in found), default=0.0)
    said = f"The best article holds {best:.0%} of the words of the question."
    return Grade(best >= LEAST, said, label=None if best >= LEAST else "no article")
