"""The REST interface, held against its own OpenAPI document by schemathesis."""

from typing import Any

import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

NOT_HELD = [positive_data_acceptance]
"""What a document cannot say: that a thumb is true or false, that a monitor has a grader."""
EXAMPLES = 2
"""Requests of each operation."""


@pytest.mark.no_cover
def test_every_operation_answers_as_its_document_says(address: str) -> None:
    schema = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json")
    tried = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=EXAMPLES, database=None, derandomize=True)
        def holds(case: Any) -> None:
            case.call_and_validate(excluded_checks=NOT_HELD)

        holds()
        tried += 1
    assert tried >= 10
