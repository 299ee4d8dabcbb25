"""Compare real systems: `verdicts.py DATA`, a folder with `cases.jsonl` and `outputs/SYSTEM.jsonl` as for
examples/gsm8k. Prints what the comparison says of pairs of systems, of a system against itself, and how
often it says anything where two systems' outputs were exchanged at random, case by case.
"""

import json
import random
import sys
import time
from dataclasses import replace
from pathlib import Path

import regrade
from regrade.analysis.comparison import compare
from regrade.domain import Run
from regrade.graders import number

SHUFFLES, ALLOWED = 200, 17
PAIRS = (("6b_finetuning", "6b_verification"), ("175b_finetuning", "175b_verification"))


def main(folder: Path) -> None:
    cases = [json.loads(line) for line in (folder / "cases.jsonl").read_text().splitlines()]
    outputs = {
        path.stem: {
            row["id"]: row["output"] for row in map(json.loads, path.read_text().splitlines())
        }
        for path in sorted((folder / "outputs").glob("*.jsonl"))
    }
    for before, after in PAIRS:
        found = compare(judged(cases, outputs[before]), judged(cases, outputs[after]))
        moved = round((found.pass_rate.delta or 0) * found.pass_rate.n)
        print(f"{before} → {after}: {found.verdict} by {moved}/{found.pass_rate.n}")
        told = {name: each.verdict for name, each in found.slices["steps"].items()}
        print(f"  by steps: {told}")
    same = judged(cases, outputs[PAIRS[0][0]])
    found = compare(same, same)
    print(f"{PAIRS[0][0]} against itself: {found.verdict}, delta {found.pass_rate.delta}")
    chance, seen, began = random.Random(1), 0, time.perf_counter()
    a, b = (judged(cases, outputs[name]) for name in PAIRS[0])
    for _ in range(SHUFFLES):
        seen += compare(*exchanged(a, b, chance)).verdict in ("better", "worse")
    took = time.perf_counter() - began
    print(
        f"exchanged at random: better or worse in {seen} of {SHUFFLES} (at most {ALLOWED}); {took:.0f} s"
    )


def judged(cases: list[dict[str, object]], outputs: dict[str, str]) -> Run:
    return regrade.evaluate(
        target=lambda case: outputs[case.id],
        dataset=cases,
        objective="Solve word problems.",
        criteria={"correct": "The number is right."},
        graders=[number(expected="{{ expected.answer }}", criterion="correct", take="last")],
        store=None,
    )


def exchanged(a: Run, b: Run, chance: random.Random) -> tuple[Run, Run]:
    """Exchange the attempts of two runs at random, case by case."""
    left = {attempt.case.id: attempt for attempt in a.attempts}
    right = {attempt.case.id: attempt for attempt in b.attempts}
    one, two = [], []
    for case, attempt in left.items():
        first, second = (attempt, right[case]) if chance.random() < 0.5 else (right[case], attempt)
        one.append(first)
        two.append(second)
    return replace(a, attempts=one), replace(b, attempts=two)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
