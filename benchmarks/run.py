"""Measure regrade, as ratios within one run, and write benchmarks/RESULTS.md.

PEERS_DIR names a folder with other tools' drivers (`bench.py PEER W1 N` printing one JSON line with `cpu_s`); without
it they are "not measured". Machines are noisy: every figure is the best of a few, and ratios are what counts.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.judges import judging
from benchmarks.live import living
from benchmarks.measuring import PYTHON, QUIET, Measured, measure, yardstick
from benchmarks.pages import paging

HERE = Path(__file__).parent
KEEPERS, KEEPS_NOTHING = ("deepeval", "lm_eval"), "pydantic_evals"
SUITE = """
name: sums
objective: Add two numbers.
criteria: {{right: The sum is right.}}
dataset: {cases}
target: {target}
graders: [{{type: equals}}]
timeout: 60s
"""


def write_cases(folder: Path, n: int) -> Path:
    path = folder / f"cases_{n}.jsonl"
    rows = (
        json.dumps(
            {
                "id": f"c{i:06d}",
                "input": f"{1000 + i} plus {i % 97}",
                "expected": {"answer": str(1000 + i + i % 97)},
            }
        )
        for i in range(n)
    )
    path.write_text("\n".join(rows))
    return path


def regrade_run(
    folder: Path, n: int, *extra: str, target: str = "sums_app:answer", best_of: int = 1
) -> Measured:
    cases = write_cases(folder, n)
    suite = folder / f"suite_{n}.yaml"
    suite.write_text(SUITE.format(cases=cases.name, target=target))
    done = measure(
        PYTHON, "-m", "regrade", "run", suite.name, "--json", *extra, cwd=folder, best_of=best_of
    )
    document = json.loads(done.out)
    if document["passed"] != n:
        raise SystemExit(f"{document['passed']} of {n} passed")
    return done


def overhead(folder: Path) -> list[str]:
    start = regrade_run(folder, 1, best_of=5)
    rows, per_case = [], {}
    for n in (1_000, 10_000, 100_000):
        run = regrade_run(folder, n, best_of=3 if n < 100_000 else 1)
        per_case[n] = 1000 * (run.cpu_s - start.cpu_s) / n
        rows.append(
            f"| {n:,} cases | {per_case[n]:.3f} ms | {run.cpu_s:.2f} s | {run.peak_mb:.0f} MB |"
        )
    lines = ["## Overhead: in-process target without latency, one exact grader, stored", ""]
    lines += [
        "| | CPU a case over start-up | CPU in all | peak memory |",
        "|---|---|---|---|",
        *rows,
        "",
    ]
    flat = per_case[100_000] / per_case[1_000]
    lines += [
        f"Goal: at most 0.2 ms a case at 10,000, under 200 MB, flat. 100,000 to 1,000: {flat:.2f}."
    ]
    lines += ["", *peers(per_case[10_000])]
    lines += [
        "",
        "## Cold start",
        "",
        f"A run of one case: {start.cpu_s:.2f} s of CPU (goal 0.6 s).",
    ]
    for name, args in (
        ("regrade --help", ("-m", "regrade", "--help")),
        ("import regrade", ("-c", "import regrade")),
    ):
        lines.append(f"`{name}`: {measure(PYTHON, *args, cwd=folder, best_of=5).cpu_s:.2f} s.")
    return lines


def peers(ours_ms: float) -> list[str]:
    folder = os.environ.get("PEERS_DIR")
    lines = ["### Against other tools, 10,000 cases of the same kind, CPU a case over start-up", ""]
    lines += ["| tool | keeps its results | CPU a case | times ours |", "|---|---|---|---|"]
    for peer in (*KEEPERS, KEEPS_NOTHING):
        keeps = "no" if peer == KEEPS_NOTHING else "yes"
        took = peer_ms(Path(folder), peer) if folder else None
        figures = "not measured | –" if took is None else f"{took:.2f} ms | {took / ours_ms:.1f}"
        lines.append(f"| {peer} | {keeps} | {figures} |")
    return [
        *lines,
        "",
        "Goals: 8 times less than the best that keeps its results, 3 times less than pydantic-evals.",
    ]


def peer_ms(folder: Path, peer: str) -> float | None:
    """The marginal CPU of a peer between 1,000 and 10,000 cases."""
    cpu = {}
    for n in (1_000, 10_000):
        done = subprocess.run(
            [sys.executable, folder / "bench.py", peer, "W1", str(n), "--append", ""],
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        if done.returncode != 0:
            return None
        cpu[n] = json.loads(done.stdout.splitlines()[-1])["cpu_s"]
    return 1000 * float(cpu[10_000] - cpu[1_000]) / 9_000


def latency(folder: Path) -> list[str]:
    lines = ["## Latency bound: an HTTP target of 200 ms, 10,000 cases", ""]
    lines += [
        "| at once | bare client loop | regrade | share of the bare loop | CPU a case, bare and ours |",
        "|---|---|---|---|---|",
    ]
    stub = subprocess.Popen([PYTHON, HERE / "stub.py", "200"], stdout=subprocess.PIPE, text=True)
    assert stub.stdout is not None
    url = f"http://127.0.0.1:{stub.stdout.readline().strip()}/"
    target = (
        f'{{type: http, url: "{url}", body: {{input: "{{{{ input }}}}"}}, output: answer}}'.replace(
            "{{input", "{input"
        )
    )
    try:
        for at_once in (64, 256):
            cases = write_cases(folder, 10_000)
            bare = measure(
                PYTHON, str(HERE / "floor.py"), str(cases), url, str(at_once), cwd=folder
            )
            ours = regrade_run(folder, 10_000, "--concurrency", str(at_once), target=target)
            rates = [10_000 / each.wall_s for each in (bare, ours)]
            cpu = [each.cpu_s / 10 for each in (bare, ours)]
            shown = f"{rates[0]:.0f}/s | {rates[1]:.0f}/s | {rates[1] / rates[0]:.3f}"
            lines.append(f"| {at_once} | {shown} | {cpu[0]:.2f} ms, {cpu[1]:.2f} ms |")
    finally:
        stub.terminate()
        stub.wait()
    return [*lines, "", "Goals: 0.95 at 64 and 0.80 at 256. Start and report are counted in."]


def loading(folder: Path) -> list[str]:
    path = folder / "large.jsonl"
    row = {"context": {"page": "y" * 100}, "kind": "typical", "tags": {"topic": "t1", "lang": "en"}}
    texts = (
        json.dumps(
            {
                "id": f"case-{i:06d}",
                "input": f"Question {i}? " + "x" * 250,
                "expected": {"answer": str(i)},
                **row,
            }
        )
        for i in range(100_000)
    )
    path.write_text("\n".join(texts))
    code = (
        "import time; from pathlib import Path; from regrade.suites import load_dataset\n"
        f"began = time.process_time(); load_dataset([Path({str(path)!r})]); print(time.process_time() - began)"
    )
    took = measure(PYTHON, "-c", code, cwd=folder, best_of=3)
    size, cpu_s = path.stat().st_size / 100_000, float(took.out)
    return [
        "## Loading a dataset",
        "",
        f"100,000 cases of {size:.0f} bytes: {cpu_s:.2f} s of CPU, {took.peak_mb:.0f} MB (goals 3 s, 500 MB).",
    ]


TEN = """
  - {type: contains}
  - {type: not_contains, expected: [never, "I cannot"]}
  - {type: contains_any, of: [refunds, plans]}
  - {type: starts_with, expected: zebra, not: true}
  - {type: matches, pattern: '\\d+$'}
  - {type: number}
  - {type: mentions}
  - {type: length, max: 200}
  - {type: latency, max: 2s}
  - {type: policy, categories: {promises: ["guarantee*"], advice: {patterns: ['you should sue']}}}
"""


def grading(folder: Path) -> list[str]:
    """Judge stored outputs again with ten graders, and write 10,000 attempts as a page."""
    lines = ["## Grading again and reporting", ""]
    for n in (10_000, 100_000):
        text = "the customer asks about refunds in detail because it seems that invoices differ from what was said"
        rows = [
            {
                "id": f"c{i:06d}",
                "input": f"Question {i}: {text}",
                "expected": {"answer": str(i), "must_mention": "refunds"},
            }
            for i in range(n)
        ]
        said = [
            {"id": row["id"], "output": f"{text} {i}", "latency_s": 0.5}
            for i, row in enumerate(rows)
        ]
        (folder / "stored.jsonl").write_text("\n".join(map(json.dumps, rows)))
        (folder / "outputs.jsonl").write_text("\n".join(map(json.dumps, said)))
        suite = SUITE.format(cases="stored.jsonl", target="{type: recorded, path: outputs.jsonl}")
        (folder / "one.yaml").write_text(suite)
        (folder / "ten.yaml").write_text(suite.replace("[{type: equals}]", TEN))
        regrade = (PYTHON, "-m", "regrade")
        measure(*regrade, "run", "one.yaml", "--label", f"stored-{n}", "--json", cwd=folder)
        if n == 10_000:
            page = measure(
                *regrade,
                "report",
                f"stored-{n}",
                "--html",
                "-o",
                "page.html",
                cwd=folder,
                best_of=3,
            )
            megabytes = (folder / "page.html").stat().st_size / 1e6
            lines.append(
                f"HTML of {n:,} attempts: {page.cpu_s:.2f} s of CPU with start-up and loading, "
                f"{megabytes:.1f} MB (goals 3 s, 15 MB)."
            )
            continue
        before = yardstick()
        took = measure(
            *regrade, "grade", f"stored-{n}", "--suite", "ten.yaml", "--json", cwd=folder
        )
        pace = (before + yardstick()) / 2 / QUIET
        lines.append(
            f"{n:,} stored outputs, ten deterministic graders, all stored: {took.wall_s:.1f} s, "
            f"{n / took.wall_s:,.0f} a second (goal 4,000), on a machine that took {pace:.2f} times "
            f"as long as a quiet one: {n / took.wall_s * pace:,.0f} there."
        )
    return lines


FIVE = """
components: {retrieve: {kind: retrieval}, answer: {kind: llm}, tools: {kind: tool}}
graders:
  - {type: contains_any, of: [the, a]}
  - {type: length, max: 500}
  - {type: not_contains, expected: [never, "I cannot"]}
  - {type: matches, pattern: "[a-z]+"}
  - {type: tool_calls}
"""


def traces(folder: Path) -> list[str]:
    """Judge stored traces of twelve spans again, and show their run."""
    n = 10_000
    measure(PYTHON, str(HERE / "stored_traces.py"), str(folder / "runs.db"), str(n), cwd=folder)
    suite = SUITE.format(cases="stored.jsonl", target="sums_app:answer")
    (folder / "five.yaml").write_text(suite.replace("graders: [{type: equals}]\n", FIVE))
    regrade = (PYTHON, "-m", "regrade")
    before = yardstick()
    took = measure(*regrade, "grade", "traces", "--suite", "five.yaml", "--json", cwd=folder)
    pace = (before + yardstick()) / 2 / QUIET
    if json.loads(took.out)["passed"] < n / 2:
        raise SystemExit("the stored traces were not judged")
    before = yardstick()
    shown = measure(*regrade, "show", "last", cwd=folder, best_of=3)
    pace_shown = (before + yardstick()) / 2 / QUIET
    before = yardstick()
    cost_us = float(measure(PYTHON, str(HERE / "spans.py"), cwd=folder).out)
    pace_spans = (before + yardstick()) / 2 / QUIET
    return [
        "## Traces of twelve spans of about 500 bytes",
        "",
        f"{n:,} stored traces read, judged by five deterministic graders, grades stored: "
        f"{took.wall_s:.1f} s, {n / took.wall_s:,.0f} a second (goal 1,500), {took.peak_mb:.0f} MB, "
        f"on a machine that took {pace:.2f} times as long as a quiet one: "
        f"{n / took.wall_s * pace:,.0f} there.",
        "",
        f"`regrade show` of {n:,} attempts with such traces: {shown.wall_s:.2f} s, "
        f"{shown.peak_mb:.0f} MB (goals 1 s, 300 MB), where a quiet machine takes 1 / {pace_shown:.2f} of it.",
        "",
        f"Recording a span: {cost_us:.0f} µs of CPU above making it (goal 60), "
        f"{cost_us / pace_spans:.0f} on a quiet machine.",
    ]


def comparing(folder: Path) -> list[str]:
    """Compare many slices and criteria at once, and two stored runs; needs what `grading` stored."""
    lines = ["## Comparing", ""]
    for trials, cases in ((1, 100_000), (5, 20_000)):
        before = yardstick()
        took = measure(PYTHON, str(HERE / "cells.py"), str(trials), cwd=folder, best_of=3)
        pace = (before + yardstick()) / 2 / QUIET
        wall_s = float(json.loads(took.out)["wall_s"])
        lines.append(
            f"200 slices × 20 criteria over 100,000 paired attempts at {cases:,} cases: {wall_s:.2f} s, "
            f"{took.peak_mb:.0f} MB (goals 3 s, 400 MB); {wall_s / pace:.2f} s on a quiet machine."
        )
    name = "stored-10000"
    took = measure(PYTHON, "-m", "regrade", "compare", name, name, "--json", cwd=folder, best_of=3)
    lines.append(
        f"`regrade compare` of two stored runs of 10,000 attempts, start included: {took.wall_s:.2f} s, "
        f"{took.peak_mb:.0f} MB."
    )
    return [line for each in lines for line in (each, "")][:-1]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sums_app.py").write_text(
            "def answer(input):\n    a, _, b = input.split()\n    return str(int(a) + int(b))\n"
        )
        speed = [yardstick()]
        sections = []
        for section in (
            overhead,
            grading,
            comparing,
            traces,
            loading,
            latency,
            judging,
            living,
            paging,
        ):
            sections.append(section(folder))
            speed.append(yardstick())
    stand = (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    yards = ", ".join(f"{each:.3f}" for each in speed)
    head = [
        "# Speed",
        "",
        f"Measured by `make bench` on {stand}. Machines are noisy: ratios within one run count.",
    ]
    head += [
        f"A fixed piece of work took {yards} s of CPU between the sections; 0.065 s on a quiet machine."
    ]
    text = "\n\n".join("\n".join(section) for section in (head, *sections)) + "\n"
    (HERE / "RESULTS.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
