"""The example of the whole loop: from a lost index to an alert, to cases, to a version that passes them."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_loop_closes() -> None:
    done = subprocess.run(
        [sys.executable, "examples/live/loop.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout
    assert re.search(
        r"help: criterion (finds|answers) fell from \S+ to \S+ where topic is access", said
    )
    assert "Failures begin at the component retrieval" in said
    assert "Releases near: 2.0 of help-centre" in said
    assert "4 cases added to cases.jsonl" in said
    assert said.count("fails every time: released") == 4
    assert "version 2.0: 3 of 7 cases pass" in said
    assert "version 2.1: 7 of 7 cases pass" in said
    assert re.search(r"✓ alert \d", said)
