"""What the server logs."""

import json
import logging
import sys

from regrade.server.running import JsonLines


def test_log_records_are_json_lines() -> None:
    try:
        raise ValueError("bad\nluck")
    except ValueError:
        given = sys.exc_info()
    record = logging.LogRecord("regrade.server", logging.WARNING, "x", 1, "it is %s", ("ü",), given)
    line = JsonLines().format(record)
    said = json.loads(line)
    assert "\n" not in line
    assert (said["level"], said["logger"], said["message"]) == (
        "warning",
        "regrade.server",
        "it is ü",
    )
    assert "ValueError: bad" in said["exception"]
