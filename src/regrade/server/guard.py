"""Who may do what: decided at the root, before any route, and denied where nothing is said."""

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

import anyio

from regrade.domain.live import ROLES
from regrade.store import Key, Store

from .bodies import MOST_SENT

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
"""Names of this machine alone."""
OPEN = frozenset({"/healthz", "/readyz", "/login"})
"""Paths that say nothing of anybody's data."""
STATIC = "/static/"
"""How the paths of styles and scripts begin, which say nothing either."""
MACHINES = ("/api/", "/v1/", "/metrics")
"""How paths begin that programs call: with keys, never with the session of a page."""
REVIEWING = (
    *(
        "/api/v1/labels",
        "/api/v1/assignments",
        "/api/v1/alerts/",
        "/api/v1/datasets/",
        "/api/v1/views",
    ),
    *("/review", "/alerts", "/live"),
)
"""How paths begin where people label, look after alerts and promote."""
READING = frozenset({"/logout", "/theme", "/who", "/project"})
"""Paths that change nothing but what the caller sees."""
SESSION = "regrade_session"
"""The cookie of whoever is signed in."""
SENDING = frozenset({"/v1/traces", "/v1/logs", "/api/v1/spans", "/api/v1/feedback"})
"""Paths that take something in: a key that may only send is enough."""
SECRET = ("/api/v1/audit", "/api/v1/settings")
"""Paths that only whoever may change things reads."""
SLACK = 1024 * 1024
"""Bytes beyond the limit at which a body that is still coming is cut off."""
KNOWN_S = 10.0
"""Seconds for which a key that was looked up is believed: one that is ended works so much longer."""


def role_for(method: str, path: str) -> str | None:
    """Give the least role that a request needs; None where anybody may."""
    if path in OPEN or path.startswith(STATIC):
        return None
    if method == "POST" and path in SENDING:
        return "ingest"
    if path.startswith((*SECRET, "/settings")):
        return "admin"
    if method in ("GET", "HEAD") or path in READING:
        return "viewer"
    return "reviewer" if path.startswith(REVIEWING) else "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request."""

    project: int
    """The project that it is about."""
    role: str
    """What it may do."""
    name: str
    """How it is called in the audit log."""
    person: str | None = None
    """Who it is; None where nobody signed in."""

    def may(self, needed: str) -> bool:
        """Whether its role allows what another does."""
        return ROLES.index(self.role) >= ROLES.index(needed)


class Guard:
    """Lets requests through, or not."""

    def __init__(self, app: App, *, store: Callable[[], Store], needs_keys: bool) -> None:
        """Take what is guarded, where keys are, and whether every caller needs one."""
        self._app, self._store = app, store
        self._needs_keys = needs_keys
        self._known: dict[str, tuple[float, Key | None]] = {}
        self._left: dict[int, tuple[float, float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        pairs = (
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
        )
        headers = {name.lower(): value for name, value in pairs}
        needed = role_for(scope["method"], scope["path"])
        if needed is None:
            await self._app(scope, receive, send)
            return
        is_page = not scope["path"].startswith(MACHINES)
        refusal, caller = await self.caller(headers, needed, is_page=is_page)
        if caller is not None and is_page and (fault := _foreign_form(scope["method"], headers)):
            refusal, caller = (403, fault), None
        if caller is None:
            if refusal[0] == 401 and is_page and scope["method"] == "GET":
                await _send_to_login(send, scope, headers)
            else:
                await _refuse(send, *refusal)
            return
        if _length(headers) > MOST_SENT:
            await _discard(receive)  # who is still sending reads no answer
            await _refuse(send, 413, f"the body is larger than {MOST_SENT:,} bytes")
            return
        scope.setdefault("state", {})["caller"] = caller
        await self._app(scope, _limited(receive), send)

    async def caller(
        self, headers: Mapping[str, str], needed: str, *, is_page: bool = False
    ) -> tuple[tuple[int, str], Caller | None]:
        """Say who calls, by the headers or metadata of a request, and at pages by the cookie of a session; else why
        it is refused.
        """
        secret = _secret(headers)
        if secret is None and is_page and (cookie := cookies(headers).get(SESSION)):
            refusal, caller = await self._signed_in(cookie, needed)
            if (
                refusal[0] != 401 or self._needs_keys
            ):  # else it is of another server of this machine
                return refusal, caller
        if secret is None and not self._needs_keys:
            if (fault := self._foreign(headers)) is not None:
                return (403, fault), None
            chosen = cookies(headers).get("regrade_project", "default") if is_page else "default"
            name = headers.get("x-regrade-project", unquote(chosen))[:200]
            project = await anyio.to_thread.run_sync(self._store().live.projects.key, name)
            return (200, ""), Caller(project, "admin", "this machine")
        if secret is None:
            return (401, "a key is needed: Authorization: Bearer rg_… (`regrade keys make`)"), None
        return self._with_key(await self._key(secret), needed)

    async def _signed_in(self, cookie: str, needed: str) -> tuple[tuple[int, str], Caller | None]:
        """Say who is signed in: as long as the session lasts, and the key with which it was begun is good."""

        def look() -> Key | None:
            store = self._store()
            number = store.people.key_of(cookie, round(time.time() * 1000))
            return None if number is None else store.live.keys.get(number)

        return self._with_key(await anyio.to_thread.run_sync(look), needed)

    def _with_key(self, key: Key | None, needed: str) -> tuple[tuple[int, str], Caller | None]:
        if key is None or not key.is_good(datetime.now(UTC)):
            return (401, "the key is not known, or has ended"), None
        if ROLES.index(key.role) < ROLES.index(needed):
            return (403, f"the key {key.name!r} may {key.role}, and this needs {needed}"), None
        if key.per_minute is not None and not self._quota(key.key, key.per_minute):
            return (429, f"the key {key.name!r} may send {key.per_minute} requests a minute"), None
        return (200, ""), Caller(key.project, key.role, f"key {key.name}", key.name)

    def _quota(self, key: int, per_minute: int) -> bool:
        """Take a request from what a key may send: a bucket that a minute fills."""
        now = time.monotonic()
        left, at = self._left.get(key, (float(per_minute), now))
        left = min(float(per_minute), left + (now - at) * per_minute / 60)
        self._left[key] = (max(0.0, left - 1), now)
        return left >= 1

    def _foreign(self, headers: Mapping[str, str]) -> str | None:
        """Say why a request without a key may come from a page of somebody else's."""
        host = _host(headers.get("host", ""))
        if host not in LOOPBACK:
            return f"the host {host!r} is none of this server's: it is called without a key as localhost alone"
        origin = headers.get("origin")
        if origin is not None and _host(origin.partition("://")[2]) not in LOOPBACK:
            return f"a page of {origin} may not call this server"
        return None

    async def _key(self, secret: str) -> Key | None:
        at, known = self._known.get(secret, (-KNOWN_S, None))
        if time.monotonic() - at < KNOWN_S:
            return known
        found = await anyio.to_thread.run_sync(self._store().live.keys.find, secret)
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[secret] = (time.monotonic(), found)
        return found


async def _discard(receive: Receive) -> None:
    """Read what is sent and keep none of it, up to what nobody sends by mistake."""
    size = 0
    while size < 8 * MOST_SENT:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            return


def _length(headers: Mapping[str, str]) -> int:
    given = headers.get("content-length", "0")
    return int(given) if given.isdecimal() else 0


def _limited(receive: Receive) -> Receive:
    """Take no more of a body that does not say its length than any may have: then the sender is gone."""
    size = 0

    async def take() -> Any:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        return message if size <= MOST_SENT + SLACK else {"type": "http.disconnect"}

    return take


def _secret(headers: Mapping[str, str]) -> str | None:
    given = headers.get("authorization", "")
    if given.lower().startswith("bearer "):
        return given[7:].strip()
    return headers.get("x-api-key")


def cookies(headers: Mapping[str, str]) -> dict[str, str]:
    """Give the cookies of a request."""
    pairs = (each.partition("=") for each in headers.get("cookie", "").split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


def _foreign_form(method: str, headers: Mapping[str, str]) -> str | None:
    """Say why a change may come from a page of somebody else's; None where it comes from one of ours."""
    if method in ("GET", "HEAD", "OPTIONS"):
        return None
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return "a page of another site may change nothing here"
    origin = headers.get("origin")
    if origin is not None and origin.partition("://")[2] != headers.get("host", ""):
        return f"a page of {origin} may change nothing here"
    return None


async def _send_to_login(send: Send, scope: Scope, headers: Mapping[str, str]) -> None:
    """Send whoever is not signed in to the page where that is done, and back afterwards."""
    asked = scope["path"]
    if query := scope.get("query_string", b"").decode("latin-1"):
        asked += f"?{query}"
    place = f"/login?next={quote(asked)}".encode()
    if "hx-request" in headers:  # a part of a page: the whole page goes there
        answer = [(b"hx-redirect", place), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 401, "headers": answer})
    else:
        answer = [(b"location", place), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 303, "headers": answer})
    await send({"type": "http.response.body", "body": b""})


def _host(value: str) -> str:
    """Give the name of a host without its port."""
    value = value.strip().lower().rstrip("/")
    if value.startswith("["):
        return value.partition("]")[0] + "]"
    return value.partition(":")[0]


async def _refuse(send: Send, status: int, said: str) -> None:
    body = json.dumps({"error": said}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if status == 429:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
