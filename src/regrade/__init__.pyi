from . import graders as graders
from .api import evaluate as evaluate
from .api import evaluate_async as evaluate_async
from .api import regrade as regrade
from .domain import Case as Case
from .domain import Dataset as Dataset
from .domain import Document as Document
from .domain import Estimate as Estimate
from .domain import Grade as Grade
from .domain import Response as Response
from .domain import Run as Run
from .domain import Summary as Summary
from .domain import ToolCall as ToolCall
from .domain import Trace as Trace
from .domain import Usage as Usage
from .domain.errors import RegradeError as RegradeError
from .domain.errors import TransientError as TransientError
from .domain.errors import UsageError as UsageError
from .graders import Probe as Probe

__version__: str
