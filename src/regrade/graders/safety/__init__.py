"""Graders of safety: what must be refused, must not be said, must not leave, and must not be obeyed."""

from .injection import Injection
from .leak import Leak
from .pii import Pii
from .policy import Policy
from .refusal import Refusal

__all__ = ["Injection", "Leak", "Pii", "Policy", "Refusal"]
