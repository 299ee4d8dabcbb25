"""`${NAME}` in what users write: read from the environment when it is needed, and never stored."""

import os
import re

from regrade.domain.errors import TargetSetupError

_VARIABLE = re.compile(r"\$\{(\w+)\}")


def expanded(text: str) -> str:
    """Fill in the variables.

    Raises: TargetSetupError when one is not set.
    """

    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match[1])
        if found is None:
            raise TargetSetupError(
                f"the target needs the environment variable {match[1]}, which is not set"
            )
        return found

    return _VARIABLE.sub(value, text)
