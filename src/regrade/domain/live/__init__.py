"""The nouns of live traffic: traces as they are listed, feedback, monitors, decisions, alerts."""

from .alert import ENDED, Alert, AlertState
from .monitor import ALWAYS, Always, Decision, DecisionOutcome, Monitor
from .traffic import (
    LATEST_MS,
    ROLES,
    DeadLetter,
    Feedback,
    FeedbackKind,
    LiveTrace,
    ProjectSettings,
    TraceFilter,
)
from .watch import (
    LAST_WEEK,
    PREVIOUS_RELEASE,
    Alerting,
    Anchors,
    Bar,
    Channel,
    Cycles,
    Series,
    Volume,
    Watch,
    series_of,
)

__all__ = [
    "ALWAYS",
    "ENDED",
    "LAST_WEEK",
    "LATEST_MS",
    "PREVIOUS_RELEASE",
    "ROLES",
    "Alert",
    "AlertState",
    "Alerting",
    "Always",
    "Anchors",
    "Bar",
    "Channel",
    "Cycles",
    "DeadLetter",
    "Decision",
    "DecisionOutcome",
    "Feedback",
    "FeedbackKind",
    "LiveTrace",
    "Monitor",
    "ProjectSettings",
    "Series",
    "TraceFilter",
    "Volume",
    "Watch",
    "series_of",
]
