"""Ask the target one case: wait for leave, bound the time, try again what may pass, and make a
trace of it all.
"""

import asyncio
import random
import time
import traceback
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType

from regrade.domain import (
    Case,
    Recorder,
    Recording,
    Response,
    Target,
    TargetFailure,
    Trace,
    content_hash,
)
from regrade.domain.errors import TargetError, TransientError, said_by
from regrade.wire.limits import AdaptiveLimiter

LIMITED_RETRIES = 8
"""Further tries of an attempt that was refused for asking too often, when any are allowed: the
limiter adapts."""
SAFETY_S = 90.0
"""Seconds beyond its time after which a target that does not keep to it is given up on."""
_TRACEBACK_LIMIT = 4000


@dataclass(frozen=True, slots=True)
class _Try:
    """What one try came to."""

    response: Response | None
    error: TargetFailure | None
    took_s: float
    transient: TransientError | None = None
    recording: Recording | None = None

    def recorded(self, trace: Trace) -> Trace:
        """Add the steps of this try to a trace."""
        return trace if self.recording is None else self.recording.added_to(trace)


async def ask(
    target: Target,
    case: Case,
    *,
    limiter: AdaptiveLimiter,
    timeout_s: float,
    retries: int,
    seed: int,
    recorder: Recorder | None = None,
) -> Trace:
    """Ask the target, and never raise for what it does; the last try's steps are recorded."""
    started_at = datetime.now(UTC)
    spent, tries = 0.0, 0
    while True:
        tries += 1
        start = await limiter.enter()
        try:
            got = await _try(target, case, timeout_s - spent, recorder)
        finally:
            limiter.leave()
        spent += got.took_s
        if got.response is not None:
            limiter.succeeded(got.response.usage.tokens if got.response.usage else None)
            measured = got.took_s if target.is_live else None
            return got.recorded(_trace(got.response, started_at, tries, measured))
        wait = _further_try_after(got.transient, tries, retries, _jitter(case, tries, seed))
        if got.transient is not None and got.transient.limited:
            limiter.refused(start, got.transient.retry_after_s)
        if wait is None or spent + wait >= timeout_s:
            latency = spent if target.is_live else None
            failed = Trace(started_at=started_at, latency_s=latency, tries=tries, error=got.error)
            return got.recorded(failed)
        await asyncio.sleep(wait)
        spent += wait


def _further_try_after(
    error: TransientError | None, tries: int, retries: int, jitter: float
) -> float | None:
    """Seconds to wait before another try; None for none. The limiter does the waiting after a
    refusal.
    """
    if error is None or retries == 0:
        return None
    if error.limited:
        return 0.0 if tries <= max(retries, LIMITED_RETRIES) else None
    if tries > retries:
        return None
    return float(error.retry_after_s or 0.5 * 2 ** (tries - 1) * jitter)


def _jitter(case: Case, tries: int, seed: int) -> float:
    return random.Random(content_hash([case.id, tries, seed])).uniform(0.5, 1.5)  # noqa: S311  spreads tries out


async def _try(target: Target, case: Case, timeout_s: float, recorder: Recorder | None) -> _Try:
    if recorder is None:
        return await _once(target, case, timeout_s)
    with recorder.recording() as recording:
        return replace(await _once(target, case, timeout_s), recording=recording)


async def _once(target: Target, case: Case, timeout_s: float) -> _Try:
    began = time.perf_counter()
    try:
        if target.keeps_time:
            response = await target.answer(case, timeout_s=timeout_s)
        else:
            async with asyncio.timeout(timeout_s + SAFETY_S):
                response = await target.answer(case, timeout_s=timeout_s)
    except TimeoutError as error:
        took = time.perf_counter() - began
        if took < timeout_s * 0.9:  # the system's own, not ours
            return _Try(None, _raised(error), took)
        return _Try(
            None, TargetFailure(kind="timeout", message=f"no answer within {timeout_s:.3g} s"), took
        )
    except TransientError as error:
        failure = TargetFailure(kind=error.kind, message=str(error))
        return _Try(None, failure, time.perf_counter() - began, error)
    except TargetError as error:
        failure = TargetFailure(kind=error.kind, message=str(error), traceback=error.traceback)
        return _Try(None, failure, time.perf_counter() - began)
    except Exception as error:  # noqa: BLE001  the border: whatever the system under test raises is data
        return _Try(None, _raised(error), time.perf_counter() - began)
    return _Try(response, None, time.perf_counter() - began)


def _raised(error: Exception) -> TargetFailure:
    own = traceback.format_exception(type(error), error, _users_frames(error.__traceback__))
    said = f"{type(error).__name__}: {said_by(error)}".removesuffix(": ")
    return TargetFailure(kind="exception", message=said, traceback="".join(own)[-_TRACEBACK_LIMIT:])


def _users_frames(frames: TracebackType | None) -> TracebackType | None:
    """Skip the frames of regrade above those of the user."""
    kept = frames
    while kept is not None and kept.tb_frame.f_globals.get("__package__", "").startswith(
        "regrade."
    ):
        kept = kept.tb_next
    return kept or frames


def _trace(response: Response, started_at: datetime, tries: int, measured_s: float | None) -> Trace:
    return Trace(
        output=response.output,
        retrieved=response.retrieved,
        tool_calls=response.tool_calls,
        usage=response.usage,
        started_at=started_at,
        latency_s=measured_s if response.latency_s is None else response.latency_s,
        ttft_s=response.ttft_s,
        tries=tries,
        metadata=response.metadata,
    )
