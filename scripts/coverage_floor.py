"""Hold branch coverage to its floors: 100 % in the pure rooms, 90 % elsewhere (processes of their own not counted)."""

import io
import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import coverage

PURE = {"domain", "stats", "analysis"}
ELSEWHERE = 90.0
NOT_COUNTED = {"cli", "__main__.py", "demo"}  # run as processes of their own by the tests


def percent_by_room() -> dict[str, float]:
    """Give covered lines and branches of each room in percent."""
    data = coverage.Coverage()
    data.load()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "coverage.json"
        data.json_report(outfile=str(path))
        files = json.loads(path.read_text())["files"]
    covered: defaultdict[str, int] = defaultdict(int)
    all_of: defaultdict[str, int] = defaultdict(int)
    for name, each in files.items():
        parts = Path(name).parts
        room = parts[parts.index("regrade") + 1]
        totals = each["summary"]
        covered[room] += totals["covered_lines"] + totals["covered_branches"]
        all_of[room] += totals["num_statements"] + totals["num_branches"]
    return {room: 100 * covered[room] / all_of[room] for room in all_of if all_of[room]}


def main() -> int:
    """Print every room's coverage; 1 when one is below its floor."""
    low = []
    for room, percent in sorted(percent_by_room().items()):
        if room in NOT_COUNTED:
            continue
        floor = 100.0 if room in PURE else ELSEWHERE
        print(f"coverage {room:20} {percent:6.1f} %  floor {floor:g} %")
        if percent < floor - 1e-9:
            low.append(room)
    if low:
        print(f"below the floor: {', '.join(low)}", file=sys.stderr)
        data = coverage.Coverage()
        data.load()
        out = io.StringIO()
        data.report(
            file=out,
            show_missing=True,
            skip_covered=True,
            include=[f"*/regrade/{room}/*" for room in low],
        )
        print(out.getvalue(), file=sys.stderr)
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
