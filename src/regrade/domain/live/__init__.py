"""The nouns of live traffic: traces as they are listed, feedback, monitors, decisions."""

from .monitor import ALWAYS, Always, Decision, DecisionOutcome, Monitor
from .traffic import (
    ROLES,
    DeadLetter,
    Feedback,
    FeedbackKind,
    LiveTrace,
    ProjectSettings,
    TraceFilter,
)

__all__ = [
    "ALWAYS",
    "ROLES",
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
