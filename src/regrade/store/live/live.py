"""Everything that is kept of live traffic, by what it is."""

from regrade.store.databases import Connection

from .alerts import AlertRows
from .decisions import DecisionRows
from .deliveries import DeliveryRows
from .feedback import FeedbackRows
from .jobs import JobRows
from .keys import KeyRows
from .letters import LetterRows
from .projects import ProjectRows
from .spans import SpanRows
from .tallies import TallyRows
from .traces import TraceRows


class LiveRows:
    """The tables of live traffic."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self.projects = ProjectRows(connection)
        self.spans = SpanRows(connection)
        self.traces = TraceRows(connection)
        self.decisions = DecisionRows(connection)
        self.jobs = JobRows(connection)
        self.feedback = FeedbackRows(connection)
        self.letters = LetterRows(connection)
        self.keys = KeyRows(connection)
        self.tallies = TallyRows(connection)
        self.alerts = AlertRows(connection)
        self.deliveries = DeliveryRows(connection)
