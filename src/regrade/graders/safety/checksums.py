"""Check digits of identifiers: what tells a card number from any sixteen digits."""

from collections.abc import Sequence


def luhn(digits: str) -> bool:
    """Check by the Luhn formula (ISO/IEC 7812-1, annex B)."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + at % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def iban(text: str) -> bool:
    """Check an IBAN without spaces: its country's length and ISO 7064 mod 97-10 (ISO 13616)."""
    if len(text) != IBAN_LENGTHS.get(text[:2]):
        return False
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def weighted(digits: str, weights: Sequence[int]) -> int:
    """Give the weighted sum of the first digits."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def spanish_id(text: str) -> bool:
    """Check a Spanish DNI or NIE by its letter."""
    number = {"X": "0", "Y": "1", "Z": "2"}.get(text[0], text[0]) + text[1:-1]
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == text[-1]


def french_nir(text: str) -> bool:
    """Check a French social security number by its key; Corsica counts as 19 and 18."""
    body = text[:13].replace("2A", "19").replace("2B", "18")
    return 97 - int(body) % 97 == int(text[13:])


def italian_fiscal_code(text: str) -> bool:
    """Check an Italian codice fiscale by its last letter."""
    odd = (
        1,
        0,
        5,
        7,
        9,
        13,
        15,
        17,
        19,
        21,
        2,
        4,
        18,
        20,
        11,
        3,
        6,
        8,
        12,
        14,
        16,
        10,
        22,
        25,
        24,
        23,
    )
    total = 0
    for at, character in enumerate(text[:15]):
        value = int(character) if character.isdigit() else ord(character) - ord("A")
        total += value if at % 2 else odd[value]
    return chr(total % 26 + ord("A")) == text[15]


def german_tax_id(digits: str) -> bool:
    """Check a German Steuer-ID: ISO 7064 mod 11,10, and one digit that repeats among the first ten."""
    repeated = [digits[:10].count(digit) for digit in {*digits[:10]}]
    if digits[0] == "0" or max(repeated) not in (2, 3) or sum(n > 1 for n in repeated) != 1:
        return False
    product = 10
    for digit in digits[:10]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(digits[10])


def brazilian_cpf(digits: str) -> bool:
    """Check a Brazilian CPF by its two last digits."""
    if len({*digits}) == 1:
        return False
    first = weighted(digits, range(10, 1, -1)) * 10 % 11 % 10
    second = weighted(digits, range(11, 1, -1)) * 10 % 11 % 10
    return digits[9:] == f"{first}{second}"


def portuguese_nif(digits: str) -> bool:
    """Check a Portuguese NIF by its last digit."""
    rest = 11 - weighted(digits, range(9, 1, -1)) % 11
    return (0 if rest >= 10 else rest) == int(digits[8])


def dutch_bsn(digits: str) -> bool:
    """Check a Dutch BSN by the test of eleven."""
    return weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0 and int(digits) > 0


def polish_pesel(digits: str) -> bool:
    """Check a Polish PESEL by its last digit, and its month."""
    return (10 - weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10) % 10 == int(
        digits[10]
    ) and 1 <= int(digits[2:4]) % 20 <= 12


def chinese_id(text: str) -> bool:
    """Check a Chinese resident identity number: ISO 7064 mod 11-2 (GB 11643), and its month."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return (
        "10X98765432"[weighted(text[:17], weights) % 11] == text[17] and 1 <= int(text[10:12]) <= 12
    )


def japanese_my_number(digits: str) -> bool:
    """Check a Japanese individual number by its last digit."""
    rest = weighted(digits, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if rest <= 1 else 11 - rest) == int(digits[11])


def indian_aadhaar(digits: str) -> bool:
    """Check an Indian Aadhaar number by the Verhoeff scheme, the dihedral group of order ten."""
    check = 0
    for at, digit in enumerate(reversed(digits)):
        check = _dihedral(check, _permuted(int(digit), at))
    return check == 0 and digits[0] not in "01"


def _dihedral(a: int, b: int) -> int:
    """Multiply in D5: 0 to 4 are rotations, 5 to 9 reflections."""
    if a < 5:
        return (a + b) % 5 if b < 5 else (a + b - 5) % 5 + 5
    return (a - b - 5) % 5 + 5 if b < 5 else (a - b) % 5


def _permuted(digit: int, times: int) -> int:
    for _ in range(times % 8):
        digit = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[digit]
    return digit


def american_ssn(digits: str) -> bool:
    """Look whether a US social security number can have been given out; it has no check digit."""
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


IBAN_LENGTHS = {
    **dict.fromkeys(("NO",), 15),
    **dict.fromkeys(("BE",), 16),
    **dict.fromkeys(("DK", "FI", "FO", "GL", "NL", "SD", "FK"), 18),
    **dict.fromkeys(("MK", "SI"), 19),
    **dict.fromkeys(("AT", "BA", "EE", "KZ", "LT", "LU", "XK", "MN"), 20),
    **dict.fromkeys(("CH", "HR", "LI", "LV"), 21),
    **dict.fromkeys(("BG", "BH", "CR", "DE", "GB", "GE", "IE", "ME", "RS", "VA"), 22),
    **dict.fromkeys(("AE", "GI", "IL", "IQ", "OM", "TL", "SO"), 23),
    **dict.fromkeys(("AD", "CZ", "ES", "MD", "PK", "RO", "SA", "SE", "SK", "TN", "VG"), 24),
    **dict.fromkeys(("LY", "PT", "ST"), 25),
    **dict.fromkeys(("IS", "TR"), 26),
    **dict.fromkeys(("BI", "DJ", "FR", "GR", "IT", "MC", "MR", "SM"), 27),
    **dict.fromkeys(("AL", "AZ", "BY", "CY", "DO", "GT", "HU", "LB", "NI", "PL", "SV"), 28),
    **dict.fromkeys(("BR", "EG", "PS", "QA", "UA"), 29),
    **dict.fromkeys(("JO", "KW", "MU", "YE"), 30),
    **dict.fromkeys(("MT", "SC"), 31),
    **dict.fromkeys(("LC",), 32),
    **dict.fromkeys(("RU",), 33),
}
"""Country to the length of its IBANs (SWIFT IBAN registry)."""
