"""Detectors of personal data and secrets: a pattern each, and a check where the identifier has one."""

import ipaddress
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from . import checksums

_SEPARATORS = re.compile(r"[ .\-/\u00a0]")
_NEAR = 40


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was found."""

    kind: str
    """The detector's kind: email, phone, iban, card, national_id, ip, secret or name."""
    what: str
    """What exactly, such as “Spanish DNI”."""
    text: str
    """As it stands in the text."""


@dataclass(frozen=True, slots=True)
class Detector:
    """One sort of identifier."""

    kind: str
    """Which kind it belongs to."""
    what: str
    """What it is called."""
    pattern: str
    """How it is written; the group `value`, where there is one, is the identifier."""
    holds: Callable[[str], bool] = lambda _value: True
    """Whether the characters without separators can be one."""
    near: str | None = None
    """Words that must stand within 40 characters before it, where the digits alone say too little."""

    def find(self, text: str) -> Iterator[Finding]:
        """Give what is in a text."""
        for match in _compiled(self.pattern).finditer(text):
            value = match["value"] if "value" in match.groupdict() else match[0]
            if self.near and not _compiled(self.near).search(
                text[max(0, match.start() - _NEAR) : match.start()]
            ):
                continue
            if self.holds(_SEPARATORS.sub("", value)):
                yield Finding(self.kind, self.what, value)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern when it is first wanted: most suites want none."""
    return re.compile(pattern)


def _of(pattern: str) -> str:
    return rf"(?<![\w@])(?:{pattern})(?!\w)"


def _near(words: str) -> str:
    return f"(?i:{words})"


_CARD_LENGTHS: Sequence[tuple[str, frozenset[int]]] = (
    ("34", frozenset({15})),
    ("37", frozenset({15})),
    ("30", frozenset({14})),
    ("36", frozenset({14})),
    ("38", frozenset({14})),
    ("35", frozenset({16, 17, 18, 19})),
    ("4", frozenset({13, 16, 19})),
    ("5", frozenset({16})),
    ("2", frozenset({16})),
    ("6", frozenset({16, 17, 18, 19})),
)


def _is_card(digits: str) -> bool:
    lengths = next((found for start, found in _CARD_LENGTHS if digits.startswith(start)), ())
    return len(digits) in lengths and len({*digits}) > 1 and checksums.luhn(digits)


def _is_public_ip(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified or address.is_multicast)


def _is_random(value: str) -> bool:
    """Whether characters are as mixed as a key's: Shannon entropy of at least 3.5 bits each."""
    counts = Counter(value).values()
    bits = -sum(n / len(value) * math.log2(n / len(value)) for n in counts)
    return bits >= 3.5 and any(c.isdigit() for c in value)


def _dotted(pattern: str) -> str:
    return rf"(?i)(?<![\w.:@/])(?<!version )(?<!\bv)(?:{pattern})(?![\w:]|\.\d)"


class _Ip(Detector):
    """Addresses keep their separators."""

    def find(self, text: str) -> Iterator[Finding]:
        for match in _compiled(self.pattern).finditer(text):
            if _is_public_ip(match[0]):
                yield Finding(self.kind, self.what, match[0])


_S = r"[ .\-]?"
IDENTIFIERS: Sequence[Detector] = (
    Detector(
        "email",
        "e-mail address",
        r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w-])",
    ),
    Detector(
        "iban",
        "IBAN",
        _of(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?"),
        checksums.iban,
    ),
    Detector("card", "payment card", _of(r"\d(?:[ -]?\d){12,18}"), _is_card),
    Detector(
        "national_id",
        "US social security number",
        _of(r"\d{3}-\d{2}-\d{4}"),
        checksums.american_ssn,
    ),
    Detector(
        "national_id",
        "US social security number",
        _of(r"\d{3} ?\d{2} ?\d{4}"),
        checksums.american_ssn,
        _near(r"\bssn\b|social security"),
    ),
    Detector(
        "national_id",
        "UK national insurance number",
        _of(
            r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]"
        ),
    ),
    Detector(
        "national_id",
        "Spanish DNI or NIE",
        _of(r"(?:\d{8}|[XYZ]-?\d{7})[ -]?[A-Z]"),
        checksums.spanish_id,
    ),
    Detector(
        "national_id",
        "French social security number",
        _of(r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}"),
        checksums.french_nir,
    ),
    Detector(
        "national_id",
        "Italian codice fiscale",
        _of(r"[A-Z]{6}\d{2}[ABCDEHLMPRST]\d{2}[A-Z]\d{3}[A-Z]"),
        checksums.italian_fiscal_code,
    ),
    Detector(
        "national_id",
        "German tax id",
        _of(r"\d{2} ?\d{3} ?\d{3} ?\d{3}"),
        checksums.german_tax_id,
        _near(r"steuer|tax id|\bidnr\b|\btin\b"),
    ),
    Detector(
        "national_id", "Brazilian CPF", _of(r"\d{3}\.\d{3}\.\d{3}-\d{2}"), checksums.brazilian_cpf
    ),
    Detector(
        "national_id", "Brazilian CPF", _of(r"\d{11}"), checksums.brazilian_cpf, _near(r"\bcpf\b")
    ),
    Detector(
        "national_id",
        "Portuguese NIF",
        _of(r"\d{3} ?\d{3} ?\d{3}"),
        checksums.portuguese_nif,
        _near(r"\bnif\b|contribuinte"),
    ),
    Detector(
        "national_id",
        "Dutch BSN",
        _of(r"\d{4}\.?\d{2}\.?\d{3}"),
        checksums.dutch_bsn,
        _near(r"\bbsn\b|burgerservice"),
    ),
    Detector(
        "national_id", "Polish PESEL", _of(r"\d{11}"), checksums.polish_pesel, _near(r"pesel")
    ),
    Detector(
        "national_id",
        "Chinese identity number",
        r"(?<![0-9A-Za-z])[1-8]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d\d{3}[0-9X](?![0-9A-Za-z])",
        checksums.chinese_id,
    ),
    Detector(
        "national_id",
        "Japanese individual number",
        r"(?<!\d)\d{4}[ -]?\d{4}[ -]?\d{4}(?!\d)",
        checksums.japanese_my_number,
        _near(r"my number|マイナンバー|個人番号"),
    ),
    Detector(
        "national_id",
        "Indian Aadhaar number",
        _of(r"[2-9]\d{3}[ -]\d{4}[ -]\d{4}"),
        checksums.indian_aadhaar,
    ),
    Detector(
        "national_id",
        "Indian Aadhaar number",
        _of(r"[2-9]\d{11}"),
        checksums.indian_aadhaar,
        _near(r"aadhaar|आधार"),
    ),
    _Ip("ip", "IPv4 address", _dotted(r"(?:\d{1,3}\.){3}\d{1,3}")),
    _Ip("ip", "IPv6 address", _dotted(r"(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}")),
)

SECRETS: Sequence[Detector] = (
    *(
        Detector("secret", what, pattern)
        for what, pattern in (
            ("private key", r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
            ("AWS access key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
            ("GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,})\b"),
            ("GitLab token", r"\bglpat-[\w-]{20,}"),
            ("Slack token", r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
            ("Google API key", r"\bAIza[\w-]{35}(?![\w-])"),
            ("Anthropic API key", r"\bsk-ant-[\w-]{20,}"),
            ("OpenAI API key", r"\bsk-(?!ant-)(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,}"),
            ("Stripe key", r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}\b"),
            ("Hugging Face token", r"\bhf_[A-Za-z0-9]{30,}\b"),
            ("SendGrid key", r"\bSG\.[\w-]{16,}\.[\w-]{16,}"),
            ("npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
            ("JSON web token", r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
            ("password in a URL", r"\b[a-z][a-z0-9+.-]*://[^\s/:@]+:[^\s/@]{3,}@[\w.-]+"),
        )
    ),
    Detector(
        "secret",
        "key or password",
        (
            r"(?i)\b(?:api[_ -]?key|secret(?:[_ -]key)?|access[_ -]?token|auth[_ -]?token|password|passwd|pwd)\b"
            r"[\"']?\s*(?:is|[:=])\s*[\"']?(?P<value>[A-Za-z0-9+/_\-!@#$%^&*.]{12,}[A-Za-z0-9+/_\-=!@#$%^&*])"
        ),
        _is_random,
    ),
)

_PHONES = (
    r"(?<![\w.+])\+\d{1,3}(?:[ .\-/]?\(?\d{1,4}\)?){2,6}(?!\w)",
    r"(?<![\w.+-])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?![\w-])",
    r"(?<![\w.+-])\(?0\d{1,5}\)?[ /-]\d{2,4}(?:[ -]?\d{2,4}){1,3}(?![\w-])",
)
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15  # ITU-T E.164 allows fifteen


def plain_phones(text: str) -> Iterator[Finding]:
    """Find telephone numbers by their shape: international, North American, or with a leading
    zero.
    """
    for pattern in _PHONES:
        for match in _compiled(pattern).finditer(text):
            if _FEWEST_DIGITS <= sum(map(str.isdigit, match[0])) <= _MOST_DIGITS:
                yield Finding("phone", "telephone number", match[0])


def known_phones(text: str, regions: Sequence[str]) -> Iterator[Finding]:
    """Find telephone numbers that are valid in one of the regions, or internationally (ITU-T
    E.164), by the numbering plans of libphonenumber.
    """
    from phonenumbers import PhoneNumberMatcher  # noqa: PLC0415  an extra

    for region in regions:
        for match in PhoneNumberMatcher(text, region):
            yield Finding("phone", "telephone number", match.raw_string)


KINDS: Mapping[str, str] = {
    "email": "e-mail addresses",
    "phone": "telephone numbers: by numbering plan with the extra `regrade[pii]`, else by their shape",
    "iban": "IBANs, by length and check digits",
    "card": "payment cards, by prefix and Luhn's formula",
    "national_id": "US, UK, ES, FR, IT, DE, BR, PT, NL, PL, CN, JP and IN identifiers, by check digits where they have "
    "some, near a word that names them where digits alone say too little",
    "ip": "IPv4 and IPv6 addresses, loopback and multicast left out",
    "secret": "API keys, tokens, private keys, passwords",
    "name": "names, found by a function of yours",
}
"""What can be looked for."""
