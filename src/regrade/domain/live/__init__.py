"""The nouns of live traffic: traces as they are listed, feedback, monitors, decisions."""

from .monitor import ALWAYS, Always, Decision, DecisionOutcome, Monitor
from .traffic import DeadLetter, Feedback, FeedbackKind, LiveTrace, ProjectSettings, TraceFilter

__all__ = [
    "ALWAYS",
    "Always",
    "DeadLetter",
    "Decision",
    "DecisionOutcome",
    "Feedback",
    "FeedbackKind",
    "LiveTrace",
    "Monitor",
    "ProjectSettings",
    "TraceFilter",
]
