"""Graders that read the answer as text: the whole of it, or what it contains."""

from .comparison import Contains, ContainsAll, ContainsAny, Equals, NotContains, StartsWith
from .labels import OneOf
from .length import Length
from .mentions import Mentions
from .number import Number
from .patterns import Matches
from .preserved import PreservesNumbers
from .topics import Topics

__all__ = [
    "Contains",
    "ContainsAll",
    "ContainsAny",
    "Equals",
    "Length",
    "Matches",
    "Mentions",
    "NotContains",
    "Number",
    "OneOf",
    "PreservesNumbers",
    "StartsWith",
    "Topics",
]
