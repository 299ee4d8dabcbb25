"""Pages out of templates: every text escaped, nothing but our own styles and scripts, the same words everywhere."""

import getpass
import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

import jinja2
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from regrade import __version__
from regrade.domain import Estimate
from regrade.domain.duration import show_duration
from regrade.online.monitors import EventClock
from regrade.report import words
from regrade.report.charts import HERE as CHARTS
from regrade.report.html.page import FILTERS, HERE as REPORT
from regrade.report.plain import printable
from regrade.server.guard import SESSION, Caller
from regrade.store import Store

HERE = Path(__file__).parent
STATIC = HERE / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may do: run our own scripts, and call this server."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
VISITOR = "regrade_visitor"
"""The cookie of whoever needs not sign in: what forms are told apart by."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a page."""

    request: Request
    """The request."""
    store: Store
    """The database."""
    clock: EventClock
    """The clock of the traffic."""

    @property
    def caller(self) -> Caller:
        """Who asks."""
        found: Caller = self.request.state.caller
        return found

    @property
    def project(self) -> int:
        """The project that is looked at."""
        return self.caller.project

    @property
    def person(self) -> str:
        """The name under which this person labels: that of their key, else what they call themselves."""
        chosen = self.request.cookies.get("regrade_who", "")
        return self.caller.person or from_cookie(chosen) or _user()

    @property
    def is_part(self) -> bool:
        """Whether a part of a page is asked for."""
        return "hx-request" in self.request.headers

    def write_down(self, what: str, details: Any) -> None:
        """Write down who changed what."""
        who = self.caller.name if self.caller.person else f"{self.caller.name} ({self.person})"
        self.store.live.keys.write_down(who, what, details, time.time_ns() // 1_000_000)


@cache
def _user() -> str:
    """Name the user that this program runs as."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # one without a name
        return "me"


def from_cookie(text: str) -> str:
    """Give a text that was kept in a cookie."""
    return printable(unquote(text))[:80].strip()


def token(request: Request) -> str:
    """Give what every form of this visitor carries: a page of somebody else's cannot know it."""
    held = request.cookies.get(SESSION) or request.cookies.get(VISITOR) or request.state.visitor
    return hashlib.sha256(f"form {held}".encode()).hexdigest()


def is_ours(request: Request, given: str) -> bool:
    """Whether a form was on one of our pages."""
    held = request.cookies.get(SESSION) or request.cookies.get(VISITOR)
    wanted = hashlib.sha256(f"form {held}".encode()).hexdigest()
    return held is not None and secrets.compare_digest(wanted.encode(), given.encode())


def page(visit: Visit, template: str, *, status: int = 200, **content: Any) -> Response:
    """Write a page, or the part of it that a template makes."""
    request, caller = visit.request, getattr(visit.request.state, "caller", None)
    is_new = not (request.cookies.get(SESSION) or request.cookies.get(VISITOR))
    request.state.visitor = secrets.token_urlsafe(24) if is_new else ""
    text = _template(template).render(
        **content,
        visit=visit,
        caller=caller,
        token=token(request),
        path=request.url.path,
        query=dict(request.query_params),
        theme=request.cookies.get("regrade_theme", ""),
        version=__version__,
        assets=ASSETS,
    )
    answer = HTMLResponse(text.encode("utf-8", "replace"), status, headers=HEADERS)
    if is_new:
        set_cookie(request, answer, VISITOR, request.state.visitor)
    return answer


def set_cookie(
    request: Request, answer: Response, name: str, value: str, *, seconds: int | None = None
) -> None:
    """Give a browser something to come back with: over TLS alone where the page came so."""
    answer.set_cookie(
        name, value, max_age=seconds, httponly=True, samesite="lax", secure=request.url.scheme == "https"
    )  # fmt: skip


def go_to(place: str) -> Response:
    """Send a browser to another page of ours."""
    return RedirectResponse(place, 303, headers={"Cache-Control": "no-store"})


def back(request: Request, otherwise: str) -> str:
    """Give the page of ours that a form says it was on."""
    return local(request.query_params.get("next", ""), otherwise)


def local(place: str, otherwise: str) -> str:
    """Give an address of ours: one of another site is none."""
    is_ours_ = place.startswith("/") and not place.startswith(("//", "/\\"))
    return place if is_ours_ and printable(place) == place and "\n" not in place else otherwise


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([HERE / "templates", CHARTS, REPORT]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= _FILTERS
    environment.globals |= {
        "with_query": with_query,
        "of": words.of,
        "len": len,
    }
    return environment


@cache
def _template(name: str) -> jinja2.Template:
    return _environment().get_template(name)


def moment(value: datetime | None) -> Markup:
    """Write a time: in UTC, which the page's script turns into the reader's own."""
    if value is None:
        return Markup("–")
    at = value.astimezone(UTC)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        at.strftime("%Y-%m-%d %H:%M UTC"),
    )


def moment_ms(value: int | None) -> Markup:
    """Write a time that is given in milliseconds since 1970."""
    return moment(None if value is None else datetime.fromtimestamp(value / 1000, UTC))


def seconds(value: float | None) -> str:
    """Write a duration."""
    return "–" if value is None else show_duration(max(value, 1e-6))


def usd(value: float | None) -> str:
    """Write US dollars."""
    return "–" if value is None else f"${value:.4f}" if value < 1 else f"${value:,.2f}"


def rate(estimate: Estimate | None) -> str:
    """Write a rate with its interval."""
    if estimate is None or estimate.value is None:
        return "no data"
    return f"{words.percent(estimate.value)} [{words.interval(estimate)}]"


def ticks(text: str) -> Markup:
    """Write what stands between ticks as code."""
    parts = text.split("`")
    pieces = (
        Markup("<code>{}</code>").format(e) if at % 2 else escape(e) for at, e in enumerate(parts)
    )
    return Markup("").join(pieces)


def with_query(query: Mapping[str, Any], **changed: Any) -> str:
    """Give a query with some of its parts changed; empty ones are left out."""
    parts = {**query, **changed}
    told = {name: value for name, value in parts.items() if value not in (None, "", False)}
    found = urlencode(told, errors="replace")
    return f"?{found}" if found else "?"


def tone(share: float | None) -> str:
    """Give the class of a share that should be large."""
    return "" if share is None else "good" if share >= 0.9 else "fair" if share >= 0.6 else "poor"


@cache
def _markdown() -> MarkdownIt:
    """Markdown without markup, images and links: what a model writes fetches nothing and leads nowhere."""
    return MarkdownIt("commonmark", {"html": False}).disable(
        ["image", "link", "autolink", "html_inline", "html_block", "reference"]
    )


def markdown(text: str) -> Markup:
    """Write a text of somebody else's formatted, where a reader asks for it."""
    return Markup(_markdown().render(text))  # noqa: S704  made without anybody's markup


_FILTERS: Mapping[str, Callable[..., Any]] = {
    **FILTERS,
    "markdown": markdown,
    "moment": moment,
    "moment_ms": moment_ms,
    "seconds": seconds,
    "usd": usd,
    "tone": tone,
    "ticks": ticks,
    "number": lambda value: "–" if value is None else f"{value:,}",
}


def _assets() -> dict[str, str]:
    """Give the address of every style and script, with its hash: so that browsers may keep them for ever."""
    files = [each for each in STATIC.rglob("*") if each.suffix in (".js", ".css", ".svg")]
    files += [REPORT / "report.css", REPORT / "comparison.css"]
    return {
        each.name: f"/static/{hashlib.sha256(each.read_bytes()).hexdigest()[:12]}/{each.name}"
        for each in files
    }


ASSETS = _assets()
KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def asset(name: str) -> Response:
    """Give a style or a script."""
    places = [STATIC / name, STATIC / "vendor" / name, REPORT / name]
    found = next((each for each in places if name in ASSETS and each.is_file()), None)
    if found is None:
        return Response("there is no such file\n", 404, media_type="text/plain")
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(found.read_bytes(), media_type=KINDS[found.suffix], headers=headers)
