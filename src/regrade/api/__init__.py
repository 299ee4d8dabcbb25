"""The verbs: each goes down through the floors once and comes up once.

The command line and users call the same ones.
"""

from regrade.suites import load_suite

from .blocking import blocking
from .checking import check_suite
from .doctoring import Fact, examine_installation
from .evaluating import evaluate, evaluate_async
from .keeping import Watch
from .models import AskedModel, chat_model
from .regrading import regrade, regrade_stored
from .running import Aftermath, Done, run_suite
from .stored import has_store, load_attempts, load_run, open_store

__all__ = [
    "Aftermath",
    "AskedModel",
    "Done",
    "Fact",
    "Watch",
    "blocking",
    "chat_model",
    "check_suite",
    "evaluate",
    "evaluate_async",
    "examine_installation",
    "has_store",
    "load_attempts",
    "load_run",
    "load_suite",
    "open_store",
    "regrade",
    "regrade_stored",
    "run_suite",
]
