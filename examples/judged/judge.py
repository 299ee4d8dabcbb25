"""A biased judge behind the interface of Chat Completions, to try judges without a key: `python judge.py [PORT]`.

It takes long answers for kind ones, short ones sometimes for unkind, and changes its mind now and then.
Asked a customer's question instead, it answers it.
"""

import hashlib
import json
import sys
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

TERMS = {
    "return": "30 days", "send back": "30 days", "go back": "30 days",
    "refund": "5 days", "money": "5 days",
    "warranty": "two years", "covered": "two years", "repair": "two years",
    "spare": "six weeks", "part": "six weeks", "knob": "six weeks",
    "cost": "4.90 euros", "fee": "4.90 euros", "charge": "4.90 euros", "much": "4.90 euros",
    "expensive": "4.90 euros",
    "arrive": "3 working days", "here": "3 working days", "deliver": "3 working days",
}  # fmt: skip
asked: Counter[str] = Counter()
lock = Lock()


def chance(*parts: object) -> int:
    """Give a number from 0 to 99 that looks random and is always the same."""
    return int(hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest(), 16) % 100


def judged(answer: str) -> dict[str, Any]:
    """Judge an answer, with its faults."""
    with lock:
        asked[answer] += 1
        time = asked[answer]
    if len(answer) > 200:
        passed = chance("long", answer) < 70
    elif len(answer) < 70:
        passed = "manual" not in answer and chance("short", answer) < 75
    else:
        passed = "manual" not in answer
    if time > 1 and chance("mood", time, answer) < 4:
        passed = not passed
    tone = 5 if passed and len(answer) > 90 else 4 if passed else 2
    return {
        "scores": {"tone": tone, "helpfulness": min(5, 2 + len(answer) // 50)},
        "pass": passed,
        "reason": "It is polite." if passed else "It is short with the customer.",
        "issues": [] if passed else ["The tone."],
    }


def reply_to(request: dict[str, Any]) -> str:
    """Judge where there are data to be judged, and answer else."""
    said = request["messages"][-1]["content"]
    if said.startswith("--- data"):
        data = json.loads(said.split("\n", 1)[1].rsplit("\n--- end", 1)[0])
        return json.dumps(judged(data["answer"]))
    term = next((term for word, term in TERMS.items() if word in said.lower()), "I do not know")
    return f"Thank you for asking: {term}."


class Endpoint(BaseHTTPRequestHandler):
    """`POST /v1/chat/completions`."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer one request."""
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = reply_to(request)
        body = {
            "id": "x", "object": "chat.completion", "model": "judge-1",
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
            "usage": {"prompt_tokens": len(str(request)) // 4, "completion_tokens": len(text) // 4, "cost": 0.0002},
        }  # fmt: skip
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing of single requests."""


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8765
    server = ThreadingHTTPServer(("127.0.0.1", port), Endpoint)
    sys.stdout.write(f"judging on http://127.0.0.1:{server.server_port}/v1\n")
    sys.stdout.flush()
    server.serve_forever()
