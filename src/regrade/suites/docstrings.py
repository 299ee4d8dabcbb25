"""What the fields of a class mean: the docstrings that stand below them in its source."""

import ast
import inspect
import itertools
import textwrap
from collections.abc import Mapping
from typing import Any


def field_docs(cls: type) -> Mapping[str, str]:
    """Give the docstring of every field of a class, inherited ones included."""
    found: dict[str, str] = {}
    for each in reversed(cls.__mro__):
        if each.__module__.split(".")[0] in ("builtins", "typing", "pydantic"):
            continue
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(each)))
        except (OSError, TypeError):  # made without a source file
            continue
        found.update(_docs_in(tree.body[0]))
    return found


def _docs_in(body: ast.stmt) -> Mapping[str, str]:
    found = {}
    for statement, below in itertools.pairwise(getattr(body, "body", [])):
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
