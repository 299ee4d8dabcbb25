"""Stand-in for your application: replace `answer` by a call of it."""

import re

MONTHS = {"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6}
CURRENCIES = {"€": "EUR", "EUR": "EUR", "$": "USD", "USD": "USD", "£": "GBP", "GBP": "GBP"}


def answer(input: str) -> dict[str, object]:
    """Read an invoice."""
    number = re.search(r"(?i)invoice\s*(?:no\.?|number|#)?\s*:?\s*([A-Z]{1,3}-?\d+)", input)
    total = re.search(
        r"(?i)(?:total|amount due)\D{0,20}?([€$£]|EUR|USD|GBP)?\s*(-?\d[\d,]*\.?\d*)\s*(€|EUR|USD|GBP)?",
        input,
    )
    sign = next((group for group in (total[1], total[3]) if group), None) if total else None
    return {
        "number": number[1] if number else None,
        "date": _date(input),
        "total": float(total[2].replace(",", "")) if total else None,
        "currency": CURRENCIES[sign] if sign else None,
    }


def _date(text: str) -> str | None:
    if found := re.search(r"\b(\d{4})-(\d{2})-(\d{2})\b", text):
        return found[0]
    if found := re.search(
        r"\b(\d{1,2}) (" + "|".join(MONTHS) + r") (\d{4})\b", text, re.IGNORECASE
    ):
        return f"{found[3]}-{MONTHS[found[2].lower()]:02}-{int(found[1]):02}"
    return None
