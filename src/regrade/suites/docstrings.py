"""What the fields of a class mean: the docstrings that stand below them in its source."""

import ast
import inspect
import itertools
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any


def field_docs(cls: type) -> Mapping[str, str]:
    """Give the docstring of every field of a class, inherited ones included."""
    found: dict[str, str] = {}
    for each in reversed(cls.__mro__):
        if each.__module__.split(".")[0] not in ("builtins", "typing", "pydantic"):
            found.update(_docs_in(each.__module__).get(each.__qualname__, {}))
    return found


@cache
def _docs_in(module: str) -> Mapping[str, Mapping[str, str]]:
    """Give the docstrings of the fields of each class of a module; none where it has no source."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (KeyError, OSError, TypeError):
        return {}
    return {each.name: _docs_of(each) for each in tree.body if isinstance(each, ast.ClassDef)}


def _docs_of(cls: ast.ClassDef) -> Mapping[str, str]:
    found = {}
    for statement, below in itertools.pairwise(cls.body):
        match statement, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(
                value=ast.Constant(value=str(text))
            ):
                found[name] = " ".join(text.split())
    return found


def described(schema: dict[str, Any], models: Mapping[str, type]) -> dict[str, Any]:
    """Put the fields' docstrings into a JSON Schema that pydantic made; `models` are its definitions by name."""
    parts = {**schema.get("$defs", {}), schema.get("title", ""): schema}
    for name, part in parts.items():
        if name in models:
            docs = field_docs(models[name])
            for key, value in part.get("properties", {}).items():
                if key in docs:
                    value.setdefault("description", docs[key])
    return schema
