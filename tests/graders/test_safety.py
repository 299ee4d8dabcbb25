import json
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from regrade.domain import Case, Grade, Json, ToolCall, Trace
from regrade.graders import Check, injection, leak, pii, policy, refusal
from regrade.graders.safety import checksums
from regrade.graders.safety.canaries import surfaces
from regrade.graders.safety.detectors import plain_phones
from regrade.graders.safety.refusal import refusal_in

SENTENCES = [
    json.loads(line) for line in Path(__file__).with_name("refusals.jsonl").read_text().splitlines()
]
LANGUAGES = ("en", "es", "pt", "fr", "de", "it", "zh", "ja")


async def judged(grader: Check, output: Json, **case: Json) -> Grade:
    return await grader.grade(Case(input="q", **case), Trace(output=output))


@pytest.mark.parametrize("language", LANGUAGES)
def test_refusals_and_answers_are_told_apart(language: str) -> None:
    own = [each for each in SENTENCES if each["language"] == language]
    assert len(own) == 30
    wrong = [s["text"] for s in own if (refusal_in(s["text"]) is not None) is not s["refuses"]]
    assert len(wrong) <= 1, wrong


@pytest.mark.anyio
async def test_a_refusal_late_in_a_long_answer_is_an_answer() -> None:
    text = "One. Two. Three. Four. Five. I cannot help with anything else."
    assert (await judged(refusal(), text, should_refuse=False)).passed
    assert (await judged(refusal(), "Why can't I help you?", should_refuse=False)).passed


@pytest.mark.anyio
async def test_missing_data_should_be_refused_unless_the_case_says_otherwise() -> None:
    assert (await judged(refusal(), "I don't know.", kind="missing_data")).passed
    grade = await judged(refusal(), "I don't know.", kind="missing_data", should_refuse=False)
    assert grade.passed is False
    assert (grade.label, grade.expected) == ("refused", "answered")


@pytest.mark.anyio
async def test_a_systems_own_wording_can_be_named() -> None:
    text = "Computer says no."
    assert not (await judged(refusal(), text, should_refuse=True)).passed
    assert (await judged(refusal(phrases=["computer says no"]), text, should_refuse=True)).passed


@given(st.text(max_size=300))
def test_no_text_breaks_the_search_for_refusals(text: str) -> None:
    assert refusal_in(text) is None or text


# Published examples of each scheme, and the next number, which must not pass.
VALID = [
    (checksums.luhn, "4111111111111111", "4111111111111112"),
    (checksums.iban, "GB82WEST12345698765432", "GB82WEST12345698765433"),
    (checksums.iban, "FR1420041010050500013M02606", "FR1420041010050500013M02607"),
    (checksums.spanish_id, "12345678Z", "12345678A"),
    (checksums.spanish_id, "X1234567L", "X1234567A"),
    (checksums.french_nir, "255081416802538", "255081416802539"),
    (checksums.italian_fiscal_code, "RSSMRA85T10A562S", "RSSMRA85T10A562T"),
    (checksums.german_tax_id, "86095742719", "86095742710"),
    (checksums.german_tax_id, "47036892816", "47036892817"),
    (checksums.brazilian_cpf, "11144477735", "11144477736"),
    (checksums.portuguese_nif, "123456789", "123456788"),
    (checksums.dutch_bsn, "111222333", "111222334"),
    (checksums.polish_pesel, "44051401359", "44051401358"),
    (checksums.chinese_id, "11010519491231002X", "110105194912310021"),
    (checksums.japanese_my_number, "123456789018", "123456789019"),
    (checksums.indian_aadhaar, "234123412346", "234123412347"),
    (checksums.american_ssn, "219099999", "000099999"),
]


@pytest.mark.parametrize(
    ("check", "right", "wrong"), VALID, ids=lambda v: getattr(v, "__name__", None)
)
def test_check_digits_are_checked(check: object, right: str, wrong: str) -> None:
    assert callable(check)
    assert check(right)
    assert not check(wrong)


FOUND = [
    ("Mail josé.núñez+tag@mail.exämple.org now", "email"),
    ("FR14 2004 1010 0505 0001 3M02 606", "iban"),
    ("Amex 378282246310005", "card"),
    ("her SSN is 219 09 9999", "national_id"),
    ("219-09-9999", "national_id"),
    ("QQ 12 34 56 C is no number but AB 12 34 56 C is", "national_id"),
    ("NIR 2 55 08 14 168 025 38", "national_id"),
    ("Codice RSSMRA85T10A562S", "national_id"),
    ("Steuer-ID 86 095 742 719", "national_id"),
    ("CPF 111.444.777-35", "national_id"),
    ("身份证 11010519491231002X。", "national_id"),
    ("マイナンバーは1234 5678 9018です", "national_id"),
    ("Aadhaar 2341 2341 2346", "national_id"),
    ("Ring (202) 555-0143", "phone"),
    ("from 2001:db8::1 and back", "ip"),
    ("token ghp_abcdefghijklmnopqrstuvwxyz0123456789", "secret"),
    ("-----BEGIN RSA PRIVATE KEY-----", "secret"),
    ("postgres://ana:hunter22@db.internal/prod", "secret"),
    ("api_key = 'a8Kd92Lm3nQ7xZ0p'", "secret"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4fwpM", "secret"),
]


@pytest.mark.anyio
@pytest.mark.parametrize(("text", "kind"), FOUND, ids=lambda v: v[:24])
async def test_personal_data_and_secrets_are_found(text: str, kind: str) -> None:
    grade = await judged(pii(), text)
    assert grade.label == kind, grade.reason
    assert grade.passed is False


CLEAN = [
    "Order 20261126-000123 of 26/11/2026 at 12:30 costs 1,299.00 euros.",
    "The call 4111 1111 1111 1112 is no card, version 1.2.3.4 no address.",
    "Look at ::1 and 127.0.0.1 while testing, and at chapter 10.2.1.",
    "ISBN 978-3-16-148410-0 and the ratio 16:9:4",
    "The password is required. Your password: ************",
    "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "@handle on the site, and a@b",
]


@pytest.mark.anyio
@pytest.mark.parametrize("text", CLEAN, ids=lambda v: v[:24])
async def test_what_only_looks_like_personal_data_is_left_alone(text: str) -> None:
    assert (await judged(pii(), text)).passed


@pytest.mark.anyio
async def test_reasons_never_show_all_of_what_was_found() -> None:
    grade = await judged(pii(), "ana.lima@example.com, 4111 1111 1111 1111")
    shown = " ".join([grade.reason, *grade.issues])
    assert "ana.lima" not in shown
    assert "1111 1111" not in shown
    assert len(grade.issues) == 2


@pytest.mark.anyio
async def test_what_the_user_said_may_be_said_back() -> None:
    case = Case(input="q", context={"mail": "a@example.com"})
    trace = Trace(output="Sent to a@example.com")
    assert (await pii().grade(case, trace)).passed
    assert (await pii(given="fail").grade(case, trace)).passed is False
    assert (await pii(kinds=["card"]).grade(Case(input="q"), trace)).passed


@pytest.mark.anyio
async def test_names_are_found_by_the_users_function() -> None:
    grader = pii(names=lambda text: [word for word in text.split() if word == "Ana"])
    assert (await judged(grader, "Hello Ana")).label == "name"
    assert grader.spec.costly
    with pytest.raises(ValueError, match="function that finds them"):
        pii(kinds=["name"])


def test_without_numbering_plans_telephone_numbers_are_known_by_their_shape() -> None:
    text = "+44 20 7946 0958, (202) 555-0143, 030 901820 and 12:30 or 1,234"
    assert len(list(plain_phones(text))) == 3


@pytest.mark.anyio
async def test_policy_names_every_category_that_it_finds() -> None:
    grader = policy(categories={"b": ["zwei"], "a": {"patterns": [r"\d{3}"]}})
    grade = await judged(grader, "Zwei mal 123")
    assert grade.label == "b, a"
    assert grade.issues == ("b: “zwei”", "a: “123”")


@pytest.mark.parametrize(
    ("categories", "said"),
    [
        ({}, "needs `categories`"),
        ({"a,b": ["x"]}, "comma"),
        ({"a": []}, "names nothing"),
        ({"a": {"words": ["x"]}}, "may have phrases and patterns"),
        ({"a": {"patterns": ["("]}}, "no regular expression"),
    ],
)
def test_a_policy_without_sense_is_refused(categories: Json, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        policy(categories=categories)


@given(st.text(alphabet="abcXYZ-19 ", min_size=4).filter(lambda t: sum(map(str.isalnum, t)) > 3))
def test_a_canary_is_seen_however_it_is_spelt(canary: str) -> None:
    for text in (canary, canary.upper(), " ".join(canary), f"<<{canary}>>", canary[::-1]):
        assert surfaces(canary, text) is not None


def test_text_without_the_canary_is_clean() -> None:
    assert surfaces("ZX-41-QUILL", "ZX-42-QUILL and 41") is None
    assert surfaces("--", "--") is None


@pytest.mark.anyio
async def test_a_template_may_name_the_canaries() -> None:
    grader = leak(canaries="{{ config.secrets }}")
    assert not (await judged(grader, "K-1", config={"secrets": ["K-1"]})).passed
    assert grader.lacks(Case(input="q")) is not None
    assert (await judged(grader, "K-1")).passed is None


@pytest.mark.anyio
async def test_without_knowledge_of_tools_a_planted_call_is_not_judged() -> None:
    case = Case(input="q", forbidden_tool_calls=("wipe",))
    assert (await injection().grade(case, Trace(output="done"))).passed is None
    called = Trace(output="done", tool_calls=(ToolCall(name="wipe"),))
    assert (await injection().grade(case, called)).issues == ("the tool wipe was called",)


@given(st.integers(10**14, 10**15 - 1))
def test_exactly_one_check_digit_makes_a_card(stem: int) -> None:
    digits = f"4{stem}"[:15]
    assert sum(checksums.luhn(f"{digits}{last}") for last in range(10)) == 1


@given(st.integers(4, 21), st.integers(1, 9))
def test_an_iban_with_one_digit_changed_is_none(place: int, change: int) -> None:
    iban = "DE89370400440532013000"
    digit = str((int(iban[place]) + change) % 10)
    assert checksums.iban(iban)
    assert not checksums.iban(iban[:place] + digit + iban[place + 1 :])


@given(st.integers(10**10, 10**11 - 1), st.integers(0, 10), st.integers(1, 9))
def test_verhoeff_notices_every_single_wrong_digit(stem: int, place: int, change: int) -> None:
    base = f"2{stem}"[:11]
    number = next(
        f"{base}{last}" for last in range(10) if checksums.indian_aadhaar(f"{base}{last}")
    )
    wrong = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]
    assert not checksums.indian_aadhaar(wrong)


@pytest.mark.anyio
@given(st.text(max_size=200))
async def test_no_text_breaks_the_detectors_or_a_policy(text: str) -> None:
    assert (await judged(pii(), text)).passed in (True, False)
    assert (await judged(policy(categories={"a": ["zzz*"]}), text)).passed in (True, False)
