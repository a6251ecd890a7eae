"""Identifiers: the standards' examples, then independent arithmetic, then the spellings that clerks use."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as other_uscc
from stdnum.iso7064 import mod_11_2

from privacy.errors import InvalidInputError
from privacy.identifiers import COUNTRIES, Identifier, Kind, is_synthetic, normalise, warnings_of

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors/identifiers.json").read_text())
RESIDENT, USCC, MOBILES = VECTORS["resident_id"], VECTORS["uscc"], VECTORS["mobile"]

SYNTHETIC = "000000199001010018"
ANNEX = "11010519491231002X"


def refusal(kind: str, raw: object, **more: Any) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        normalise(kind, raw, **more)
    return caught.value


# The standards' examples


@pytest.mark.parametrize("vector", RESIDENT["valid"], ids=lambda vector: vector["id"])
def test_resident_ids_of_the_standard_are_their_own_normal_form(vector: dict[str, Any]) -> None:
    assert normalise(Kind.RESIDENT_ID, vector["id"]) == Identifier(Kind.RESIDENT_ID, vector["id"])


@pytest.mark.parametrize("vector", RESIDENT["valid"], ids=lambda vector: vector["id"])
def test_no_other_check_character_than_the_standards_fits(vector: dict[str, Any]) -> None:
    fitting = []
    for check in "0123456789X":
        try:
            fitting.append(normalise(Kind.RESIDENT_ID, vector["body17"] + check).value[17])
        except InvalidInputError:
            continue
    assert fitting == [vector["check"]]


@pytest.mark.parametrize("vector", RESIDENT["upgrade_15_to_18"], ids=lambda vector: vector["note"])
def test_old_resident_ids_are_upgraded(vector: dict[str, str]) -> None:
    assert normalise(Kind.RESIDENT_ID, vector["in"]).value == vector["out"]


@pytest.mark.parametrize("vector", RESIDENT["normalises"], ids=lambda vector: vector["note"])
def test_spellings_of_a_resident_id_become_one(vector: dict[str, str]) -> None:
    assert normalise(Kind.RESIDENT_ID, vector["in"]).value == vector["out"]


@pytest.mark.parametrize("vector", RESIDENT["invalid"], ids=lambda vector: vector["why"])
def test_wrong_resident_ids_are_refused(vector: dict[str, str]) -> None:
    assert refusal("RESIDENT_ID", vector["id"]).field == "identifier"


@pytest.mark.parametrize("vector", USCC["valid"], ids=lambda vector: vector["uscc"])
def test_credit_codes_of_the_standard_are_their_own_normal_form(vector: dict[str, Any]) -> None:
    assert normalise(Kind.USCC, vector["uscc"]) == Identifier(Kind.USCC, vector["uscc"])
    assert normalise(Kind.USCC, vector["uscc"].lower()).value == vector["uscc"]


@pytest.mark.parametrize("vector", USCC["invalid"], ids=lambda vector: vector["why"])
def test_wrong_credit_codes_are_refused(vector: dict[str, str]) -> None:
    assert refusal("USCC", vector["uscc"]).field == "identifier"


@pytest.mark.parametrize("vector", MOBILES["valid"], ids=lambda vector: vector["in"])
def test_spellings_of_a_mobile_number_become_one(vector: dict[str, str]) -> None:
    assert normalise(Kind.MOBILE, vector["in"]).value == vector["out"]


@pytest.mark.parametrize("vector", MOBILES["invalid"], ids=lambda vector: vector["why"])
def test_wrong_mobile_numbers_are_refused(vector: dict[str, str]) -> None:
    assert refusal("MOBILE", vector["in"]).field == "identifier"


# Independent arithmetic (python-stdnum)

births = st.dates(min_value=date(1900, 1, 1), max_value=date(2026, 1, 1))


@st.composite
def resident_ids(draw: st.DrawFn) -> str:
    area = draw(st.from_regex(r"\A[0-9]{6}\Z"))
    body = f"{area}{draw(births):%Y%m%d}{draw(st.integers(0, 999)):03}"
    return body + mod_11_2.calc_check_digit(body)


@st.composite
def credit_codes(draw: st.DrawFn) -> str:
    letters = st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY")
    head, tail = (
        draw(st.lists(letters, min_size=2, max_size=2)),
        draw(st.lists(letters, min_size=9, max_size=9)),
    )
    body = f"{''.join(head)}{draw(st.integers(0, 999_999)):06}{''.join(tail)}"
    return body + other_uscc.calc_check_digit(body)


@given(resident_ids())
def test_every_right_resident_id_is_accepted(number: str) -> None:
    assert normalise(Kind.RESIDENT_ID, number).value == number


@given(resident_ids(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_mistyped_character_of_a_resident_id_never_passes(number: str, place: int, typed: str) -> None:
    mistyped = number[:place] + typed + number[place + 1 :]
    if mistyped != number:
        refusal("RESIDENT_ID", mistyped)


@given(resident_ids(), st.integers(0, 15))
def test_two_swapped_digits_of_a_resident_id_never_pass(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        refusal("RESIDENT_ID", swapped)


@given(credit_codes())
def test_every_right_credit_code_is_accepted(code: str) -> None:
    assert normalise(Kind.USCC, code).value == code


@given(credit_codes(), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_mistyped_character_of_a_credit_code_never_passes(code: str, place: int, typed: str) -> None:
    mistyped = code[:place] + typed + code[place + 1 :]
    if mistyped != code:
        refusal("USCC", mistyped)


@given(births, st.integers(0, 995))
def test_an_old_number_becomes_what_the_person_has_today(born: date, sequence: int) -> None:
    if born.year < 2000:
        body = f"000000{born:%Y%m%d}{sequence:03}"
        today = body + mod_11_2.calc_check_digit(body)
        assert normalise(Kind.RESIDENT_ID, f"000000{born:%y%m%d}{sequence:03}").value == today


# Resident IDs


@pytest.mark.parametrize("sequence", ["996", "997", "998", "999"])
def test_the_centenarians_of_1985_were_born_in_18xx(sequence: str) -> None:
    assert normalise(Kind.RESIDENT_ID, f"000000850615{sequence}").value.startswith(
        "00000018850615" + sequence
    )


@pytest.mark.parametrize(
    "spelling",
    [
        "\t000000 1990-0101-0018 ",
        "000000\u200b19900101\u200d0018\ufeff",
        "\u202d000000199001010018\u202c",
        "000000\u00a01990\u30000101\u20140018",
        "０００００0－19900101－0018",
    ],
    ids=["tab and hyphens", "zero width", "copied from a dialog", "odd spaces and a dash", "full width"],
)
def test_characters_that_carry_nothing_are_dropped(spelling: str) -> None:
    assert normalise(Kind.RESIDENT_ID, spelling).value == SYNTHETIC


def test_the_roman_numeral_ten_is_read_as_the_check_character() -> None:
    assert normalise(Kind.RESIDENT_ID, ANNEX[:17] + "Ⅹ").value == ANNEX


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "18 characters"),
        ("00000019900101001", "17 found"),
        ("0000001990010100180", "19 found"),
        ("00000019900101001A", "check character, 0 to 9 or X"),
        ("X00000199001010018", "17 digits"),
        ("٠٠٠٠٠٠199001010018", "17 digits"),
        ("000000199013010018", "does not exist"),
        ("000000000001010018", "does not exist"),
        ("000000100001010018", "before 1800"),
        ("000000990229001", "does not exist"),
        ("000000199001010017", "check character does not fit"),
        ("0" * 321, "no identifier"),
    ],
)
def test_a_wrong_resident_id_is_refused_with_its_reason(raw: str, reason: str) -> None:
    error = refusal("RESIDENT_ID", raw)
    assert reason in str(error)
    assert error.field == "identifier"


def test_nobody_is_born_after_the_day_that_the_caller_knows() -> None:
    assert normalise(Kind.RESIDENT_ID, SYNTHETIC, today=date(1990, 1, 1)).value == SYNTHETIC
    assert "future" in str(refusal("RESIDENT_ID", SYNTHETIC, today=date(1989, 12, 31)))


@pytest.mark.parametrize("raw", [110105194912310021, 1.1e17, None, b"11010519491231002X", True])
def test_only_text_is_an_identifier(raw: object) -> None:
    assert refusal("RESIDENT_ID", raw).field == "identifier"


def test_an_unknown_area_only_warns() -> None:
    assert warnings_of(normalise(Kind.RESIDENT_ID, ANNEX)) == ()
    assert warnings_of(normalise(Kind.RESIDENT_ID, "810000199003070015")) == ()
    assert len(warnings_of(normalise(Kind.RESIDENT_ID, SYNTHETIC))) == 1
    assert warnings_of(normalise(Kind.USCC, "91350100M000100Y43")) == ()


def test_only_area_000000_is_synthetic() -> None:
    assert is_synthetic(normalise(Kind.RESIDENT_ID, SYNTHETIC))
    assert not is_synthetic(normalise(Kind.RESIDENT_ID, ANNEX))
    assert not is_synthetic(normalise(Kind.TW_PERMIT, "00000001"))


# Other kinds


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("PASSPORT", "CHN E12345678", "CHNE12345678"),
        ("PASSPORT", "cn-e1234 5678", "CHNE12345678"),
        ("PASSPORT", "CHNE12345678", "CHNE12345678"),
        ("PASSPORT", "CNE12345678", "CHNE12345678"),
        ("PASSPORT", "CNE 12345678", "CHNE12345678"),
        ("PASSPORT", "US/A12345678", "USAA12345678"),
        ("PASSPORT", "USA-12345678", "USA12345678"),
        ("PASSPORT", "USA123456789", "USA123456789"),
        ("PASSPORT", "ＤＥ：C01X00T47", "DEUC01X00T47"),
        ("HM_PERMIT", "h12345678", "H12345678"),
        ("HM_PERMIT", "M 1234567 801", "M12345678"),
        ("TW_PERMIT", "1234-5678", "12345678"),
        ("MOBILE", "86 138 0013 8000", "8613800138000"),
        ("MOBILE", "\u202d+86-13800138000\u202c", "8613800138000"),
        ("EMAIL", " Zhang-San@Mail.Example.COM\u200b", "zhang-san@mail.example.com"),
        ("EMAIL", "a+b_c@x-y.cn", "a+b_c@x-y.cn"),
    ],
)
def test_each_kind_has_one_spelling(kind: str, raw: str, value: str) -> None:
    assert normalise(kind, raw) == Identifier(Kind(kind), value)
    if value != "USA12345678":  # written together, it is not clear where the country ends
        assert normalise(kind, value).value == value


@pytest.mark.parametrize(
    ("kind", "raw", "reason"),
    [
        ("USCC", "91350100M000100Y4", "17 found"),
        ("USCC", "91350100M000100Y44", "does not fit"),
        ("USCC", "91350100S000100Y43", "without I, O, S, V and Z"),
        ("USCC", "9135A100M000100Y43", "its area, are digits"),
        ("PASSPORT", "USA12345678", "hyphen between country and number"),
        ("PASSPORT", "E12345678", "ISO 3166"),
        ("PASSPORT", "XX-12345678", "ISO 3166"),
        ("PASSPORT", "CN-1234", "5 to 9"),
        ("PASSPORT", "CN-1234567890", "5 to 9"),
        ("PASSPORT", "CN-ABCDEFG", "5 to 9"),
        ("HM_PERMIT", "C12345678", "H or M"),
        ("HM_PERMIT", "H123456789", "8 digits"),
        ("TW_PERMIT", "123456789", "8 digits"),
        ("MOBILE", "", "11 digits"),
        ("MOBILE", "+852 51234567", "11 digits"),
        ("MOBILE", "010-88886666", "11 digits"),
        ("MOBILE", "+86 1440012345678", "machine"),
        ("MOBILE", "١٣٨٠٠١٣٨٠٠٠", "11 digits"),
        ("EMAIL", "zhang.example.com", "name@example.com"),
        ("EMAIL", "a b@example.com", "name@example.com"),
        ("EMAIL", "a@b@example.com", "name@example.com"),
        ("EMAIL", "a|of|b@example.com", "name@example.com"),
        ("EMAIL", "张三@example.com", "name@example.com"),
        ("EMAIL", "a@example", "name@example.com"),
        ("EMAIL", f"{'a' * 65}@example.com", "name@example.com"),
    ],
)
def test_a_wrong_value_is_refused_with_its_reason(kind: str, raw: str, reason: str) -> None:
    assert reason in str(refusal(kind, raw))


@pytest.mark.parametrize("kind", ["", "resident_id", "KEY", "ID", None, 7])
def test_an_unknown_kind_is_refused_by_name(kind: Any) -> None:
    error = refusal(kind, SYNTHETIC)
    assert error.field == "kind"
    assert "RESIDENT_ID" in str(error)


def test_the_countries_are_those_of_iso_3166() -> None:
    assert len(set(COUNTRIES.values())) == 249
    assert (COUNTRIES["CN"], COUNTRIES["CHE"], COUNTRIES["GB"]) == ("CHN", "CHE", "GBR")


# What leaves here


def test_the_inputs_are_those_of_the_protocol() -> None:
    identifier = normalise("RESIDENT_ID", SYNTHETIC)
    assert identifier.oprf_input == b"v1|RESIDENT_ID|000000199001010018"
    assert identifier.subject_key_input == b"v1|KEY|RESIDENT_ID|000000199001010018"


@given(st.sampled_from(Kind), st.text("0123456789-@.| XxEe一", min_size=6, max_size=40))
def test_a_value_has_no_bar_and_a_refusal_does_not_repeat_it(kind: Kind, raw: str) -> None:
    said = ""
    value = ""
    try:
        value = normalise(kind, raw).value
    except InvalidInputError as error:
        said = str(error)
    assert "|" not in value
    assert not raw.strip() or raw not in said


def test_a_representation_does_not_show_the_value() -> None:
    assert SYNTHETIC not in repr(normalise("RESIDENT_ID", SYNTHETIC))
