import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from regrade.graders import BUILTIN
from regrade.report.document import run_schema
from regrade.suites import case_schema, suite_schema
from tests.suites.test_datasets import PUBLISHED_ANALYTICS, PUBLISHED_TOOLS
from tests.suites.test_file import FULL, GOOD

ROOT = Path(__file__).parents[2]


def test_the_schemas_are_schemas() -> None:
    for schema in (suite_schema(), case_schema(), run_schema()):
        jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("text", [FULL, GOOD])
def test_good_suites_follow_the_schema(text: str) -> None:
    given = json.loads(json.dumps(yaml.safe_load(text), default=str))
    jsonschema.Draft202012Validator(suite_schema()).validate(given)


@pytest.mark.parametrize(
    "change",
    [
        {"objective": 1},
        {"trails": 3},
        {"graders": [{"type": "exat"}]},
        {"graders": [{"type": "number", "tol": 1}]},
        {"trials": 0},
    ],
)
def test_bad_suites_do_not(change: dict[str, object]) -> None:
    assert not jsonschema.Draft202012Validator(suite_schema()).is_valid(
        {**yaml.safe_load(GOOD), **change}
    )


def test_every_grader_is_in_the_schema_with_its_meaning() -> None:
    definitions = suite_schema()["$defs"]
    for kind in BUILTIN:
        assert definitions[f"grader_{kind}"]["description"]


def test_published_cases_and_the_demos_follow_the_schema() -> None:
    schema = jsonschema.Draft202012Validator(case_schema())
    schema.validate(json.loads(PUBLISHED_ANALYTICS))
    schema.validate(json.loads(PUBLISHED_TOOLS))
    for line in (ROOT / "src/regrade/demo/cases.jsonl").read_text().splitlines():
        schema.validate(json.loads(line))
