"""Judges: 10,000 calls of 200 ms, 64 at once, and the same again out of the cache."""

import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.measuring import PYTHON, QUIET, Measured, measure, yardstick

HERE = Path(__file__).parent
N, AT_ONCE, LATENCY_S = 10_000, 64, 0.2
PEERS = ("deepeval", "pydantic_evals")
SUITE = """
name: judged
objective: Answer questions.
criteria: {kind: The answer is kind.}
dataset: judged.jsonl
target: {type: recorded, path: judged_outputs.jsonl}
concurrency: 64
graders: [{type: judge, rubric: tone, model: "openai:judge-1", criterion: kind}]
"""


def judging(folder: Path) -> list[str]:
    """Judge recorded answers with a language model behind a socket, then again out of the cache."""
    rows = [{"id": f"c{i}", "input": f"Question {i}?"} for i in range(N)]
    said = [{"id": f"c{i}", "output": f"Thank you for asking about {i}."} for i in range(N)]
    (folder / "judged.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (folder / "judged_outputs.jsonl").write_text("\n".join(map(json.dumps, said)))
    (folder / "judged.yaml").write_text(SUITE)
    stub = subprocess.Popen(
        [PYTHON, HERE / "stub.py", str(1000 * LATENCY_S)], stdout=subprocess.PIPE, text=True
    )
    assert stub.stdout is not None
    os.environ["OPENAI_BASE_URL"] = f"http://127.0.0.1:{stub.stdout.readline().strip()}/v1"
    os.environ["OPENAI_API_KEY"] = "none"
    before = yardstick()
    try:
        start = _run(folder, "--set", "dataset=one.jsonl", cases=1)
        first = _run(folder)
        again = _run(folder)
    finally:
        stub.terminate()
        stub.wait()
        del os.environ["OPENAI_BASE_URL"], os.environ["OPENAI_API_KEY"]
    pace = (before + yardstick()) / 2 / QUIET
    ideal_s = N / AT_ONCE * LATENCY_S
    ours_ms = 1000 * (first.cpu_s - start.cpu_s) / N
    lines = [
        "## Judges: 10,000 calls of 200 ms, 64 at once",
        "",
        f"All judged and stored in {first.wall_s:.1f} s, {ideal_s / first.wall_s:.3f} of the ideal calls a second with "
        f"start and report, {ideal_s / (first.wall_s - start.wall_s + LATENCY_S):.3f} without (goal 0.9); "
        f"{ours_ms:.2f} ms of CPU a call (goal 2.5), {ours_ms / pace:.2f} on a quiet machine; {first.peak_mb:.0f} MB.",
        "",
        f"Again, out of the cache: {again.wall_s:.1f} s, {again.wall_s / pace:.1f} on a quiet machine (goal 3).",
        "",
        "| tool | CPU a judge call | times ours |",
        "|---|---|---|",
    ]
    for peer in PEERS:
        took = _peer_ms(peer)
        figures = "not measured | –" if took is None else f"{took:.1f} ms | {took / ours_ms:.1f}"
        lines.append(f"| {peer} | {figures} |")
    return [*lines, "", "Goal: 4 times less than the best of them."]


def _run(folder: Path, *extra: str, cases: int = N) -> Measured:
    (folder / "one.jsonl").write_text(json.dumps({"id": "c0", "input": "Question 0?"}))
    done = measure(PYTHON, "-m", "regrade", "run", "judged.yaml", "--json", *extra, cwd=folder)
    made = json.loads(done.out)["passed"]
    if made != cases:
        raise SystemExit(f"{made} of {cases} passed")
    return done


def _peer_ms(peer: str) -> float | None:
    """The marginal CPU of a peer's judge between 100 and 1,100 calls."""
    folder = os.environ.get("PEERS_DIR")
    cpu = {}
    for n in (100, 1_100):
        if folder is None:
            return None
        done = subprocess.run(
            [sys.executable, Path(folder) / "bench.py", peer, "W3", str(n), "--append", ""],
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        if done.returncode != 0:
            return None
        cpu[n] = json.loads(done.stdout.splitlines()[-1])["cpu_s"]
    return float(cpu[1_100] - cpu[100])
