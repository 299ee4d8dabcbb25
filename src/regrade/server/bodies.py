"""Bodies of requests, within limits: as they are sent, and as they are once unpacked."""

import zlib
from collections.abc import AsyncIterator

import zstandard

from regrade.domain.errors import UsageError

MOST_SENT = 32 * 1024 * 1024
"""Bytes that are read, as they are sent."""
MOST_UNPACKED = 128 * 1024 * 1024
"""Bytes of a body once it is unpacked."""
MOST_RATIO = 200
"""How much larger an unpacked body may be, from `RATIO_FROM` on."""
RATIO_FROM = 4 * 1024 * 1024
"""Unpacked bytes below which the ratio does not matter: small bodies compress well."""
_PIECE = 64 * 1024


class TooLargeError(UsageError):
    """A body is larger than is taken."""


class WrongEncodingError(UsageError):
    """A body is compressed in a way that is not known, or not as it says."""


async def read_body(chunks: AsyncIterator[bytes], encoding: str) -> bytes:
    """Read a body and unpack it.

    Raises: TooLargeError, WrongEncodingError.
    """
    pieces: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > MOST_SENT:
            raise TooLargeError(f"the body is larger than {MOST_SENT:,} bytes")
        pieces.append(chunk)
    return unpacked(b"".join(pieces), encoding)


def unpacked(body: bytes, encoding: str) -> bytes:
    """Unpack a body by its `Content-Encoding`.

    Raises: TooLargeError, WrongEncodingError.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return body
    most = min(MOST_UNPACKED, max(RATIO_FROM, MOST_RATIO * len(body)))
    try:
        if name == "gzip":
            return _inflated(body, most, 31)
        if name == "deflate":
            is_wrapped = body[:1] == b"\x78"
            return _inflated(body, most, 15 if is_wrapped else -15)
        if name == "zstd":
            return _zstd(body, most)
    except (zlib.error, zstandard.ZstdError, EOFError) as error:
        raise WrongEncodingError(f"the body is not {name}: {error}") from None
    raise WrongEncodingError(f"{encoding!r} is not known; gzip, deflate and zstd are")


def _inflated(body: bytes, most: int, wbits: int) -> bytes:
    """Unpack gzip, of one member or several, or deflate."""
    found: list[bytes] = []
    size = 0
    while body:
        unpacker = zlib.decompressobj(wbits)
        while True:
            piece = unpacker.decompress(body, most - size + 1)
            size += len(piece)
            if size > most:
                raise TooLargeError(f"unpacked, the body is larger than {most:,} bytes")
            found.append(piece)
            body = unpacker.unconsumed_tail
            if unpacker.eof or not body:
                break
        if not unpacker.eof:
            raise EOFError("it ends too early")
        body = unpacker.unused_data if wbits == 31 else b""
    return b"".join(found)


def _zstd(body: bytes, most: int) -> bytes:
    found: list[bytes] = []
    size = 0
    with zstandard.ZstdDecompressor().stream_reader(body, read_across_frames=True) as reader:
        while piece := reader.read(_PIECE):
            size += len(piece)
            if size > most:
                raise TooLargeError(f"unpacked, the body is larger than {most:,} bytes")
            found.append(piece)
    return b"".join(found)
