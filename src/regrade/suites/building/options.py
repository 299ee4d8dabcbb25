"""The options of a grader type: which there are, which it needs, and what they may hold."""

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Any, get_type_hints

from pydantic import ConfigDict, TypeAdapter

from regrade.graders import COMMON, Check


def options_of(cls: type[Check]) -> Mapping[str, "dataclasses.Field[Any]"]:
    """Give the options of a grader type, its own before the common ones."""
    fields = {f.name: f for f in dataclasses.fields(cls) if f.init}
    return {
        **{n: f for n, f in fields.items() if n not in COMMON},
        **{n: fields[n] for n in COMMON},
    }


def required_options(cls: type[Check]) -> list[str]:
    """Give the options that a grader type cannot do without."""
    missing = dataclasses.MISSING
    return [
        f.name
        for f in options_of(cls).values()
        if f.default is missing and f.default_factory is missing
    ]


def option_type(cls: type[Check], name: str) -> "TypeAdapter[Any]":
    """Give what checks the values of one option."""
    return _adapter(get_type_hints(cls)[name])


@cache
def _adapter(hint: Any) -> "TypeAdapter[Any]":
    return TypeAdapter(hint, config=ConfigDict(strict=True, arbitrary_types_allowed=True))
