"""Names to objects: graders and targets out of what a file or a caller gives."""

from .builder import Builder
from .implied import ForCases, implied_graders, ungraded_expectations
from .options import option_type, options_of, required_options
from .plugins import find_grader, grader_types, target_factories
from .wording import suggestion

__all__ = [
    "Builder",
    "ForCases",
    "find_grader",
    "grader_types",
    "implied_graders",
    "option_type",
    "options_of",
    "required_options",
    "suggestion",
    "target_factories",
    "ungraded_expectations",
]
