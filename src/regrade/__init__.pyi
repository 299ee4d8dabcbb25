from . import graders as graders
from .api import (
    chat_model as chat_model,
    compare as compare,
    evaluate as evaluate,
    evaluate_async as evaluate_async,
    regrade as regrade,
)
from .domain import (
    Case as Case,
    Comparison as Comparison,
    Dataset as Dataset,
    Document as Document,
    Estimate as Estimate,
    Grade as Grade,
    Response as Response,
    Run as Run,
    Span as Span,
    Summary as Summary,
    ToolCall as ToolCall,
    Trace as Trace,
    Usage as Usage,
)
from .domain.errors import (
    RegradeError as RegradeError,
    TransientError as TransientError,
    UsageError as UsageError,
)
from .graders import Probe as Probe
from .instrument import component as component, span as span

__all__: list[str]
__version__: str
