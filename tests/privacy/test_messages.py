"""A message has exactly its fields and one spelling; what else arrives is refused without quoting it."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import privacy
from privacy.encoding import b64, parse_instant, unb64
from privacy.errors import DeserializeError, InvalidInputError
from privacy.feed import FeedEntry, SignedHead
from privacy.logged import LogReceipt
from privacy.messages import (
    Base64Url,
    Bytes32,
    Bytes64,
    Count,
    Day,
    Index,
    Instant,
    Message,
    Name,
    Ordinal,
    PeriodName,
    Reference,
    parse,
    parse_json,
)
from privacy.statements import AnyBody, SignedStatement, Statement
from tests.privacy.samples import entry, signed

NEAR_BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
SECRET = "11010519491231002X"


def accepts(form: Any, value: Any) -> bool:
    try:
        parse(form, value)
    except InvalidInputError:
        return False
    return True


def decodes(text: str, length: int | None = None) -> bool:
    try:
        unb64(text, length=length)
    except DeserializeError:
        return False
    return True


# Spellings


@given(st.text(NEAR_BASE64URL, min_size=42, max_size=44) | st.binary(min_size=31, max_size=33).map(b64))
def test_32_bytes_have_exactly_the_spelling_that_decodes(text: str) -> None:
    assert accepts(Bytes32, text) == decodes(text, 32)


@given(st.text(NEAR_BASE64URL, min_size=85, max_size=87) | st.binary(min_size=63, max_size=65).map(b64))
def test_64_bytes_have_exactly_the_spelling_that_decodes(text: str) -> None:
    assert accepts(Bytes64, text) == decodes(text, 64)


@given(st.text(NEAR_BASE64URL + "=+\n", min_size=1, max_size=9) | st.binary(min_size=1, max_size=40).map(b64))
def test_other_bytes_have_exactly_the_spelling_that_decodes(text: str) -> None:
    assert accepts(Base64Url, text) == decodes(text)


@given(
    st.dates(date(1000, 1, 1)).map(date.isoformat)
    | st.from_regex(r"\A[0-9]{4}-[01][0-9]-[0-3][0-9]\Z")
    | st.from_regex(r"\A[0-9]{2}[02468]{2}-02-(28|29|30)\Z")
)
def test_a_day_is_one_that_the_calendar_has(text: str) -> None:
    try:
        real = date.fromisoformat(text).year >= 1000
    except ValueError:
        real = False
    assert accepts(Day, text) == real


@given(
    st.datetimes().map(lambda at: at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    | st.from_regex(r"\A20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]Z\Z")
)
def test_an_instant_is_one_that_parses(text: str) -> None:
    try:
        parse_instant(text)
        real = True
    except DeserializeError:
        real = False
    assert accepts(Instant, text) == real


@pytest.mark.parametrize("year", [1200, 1600, 2000, 2024, 2400, 1000, 1900, 2026, 2100, 2200])
def test_centuries_have_their_leap_days(year: int) -> None:
    assert accepts(Day, f"{year}-02-29") == (year in {1200, 1600, 2000, 2024, 2400})


GOOD = {
    "Bytes32": (Bytes32, b64(bytes(32))),
    "Bytes64": (Bytes64, b64(bytes(64))),
    "Base64Url": (Base64Url, "AAAA"),
    "Day": (Day, "2026-10-31"),
    "Instant": (Instant, "2026-10-31T04:00:00Z"),
    "PeriodName": (PeriodName, "2026-W47"),
    "Name": (Name, "南方 小贷"),
    "Reference": (Reference, "south-0001"),
}


@pytest.mark.parametrize(("form", "value"), GOOD.values(), ids=GOOD)
def test_nothing_stands_before_or_after_a_text(form: Any, value: str) -> None:
    assert accepts(form, value)
    for other in (f"{value}\n", f"\n{value}", f" {value}", f"{value} ", f"{value}\0", f"\ufeff{value}", ""):
        assert not accepts(form, other)


@pytest.mark.parametrize(("form", "value"), [GOOD["Day"], GOOD["Instant"], GOOD["PeriodName"]])
def test_digits_are_ascii(form: Any, value: str) -> None:
    wide = value.replace("2", "２")
    assert not accepts(form, wide)
    assert not accepts(form, value.replace("2", "٢"))


@pytest.mark.parametrize("period", ["2026-11", "2026-W47", "2026-11-21", "2026-11-21T23:45"])
def test_every_periods_name_is_one(period: str) -> None:
    assert accepts(PeriodName, period)


@pytest.mark.parametrize(
    "name", ["南", "a", "Süd-Bank AG (2)", "北京 . 小贷", "x" * 64, "😀", "member", "a\u3000b"]
)
def test_names_as_people_write_them(name: str) -> None:
    assert accepts(Name, name)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a/b", id="slash"),
        pytest.param("a\\b", id="backslash"),
        pytest.param("a\tb", id="tab"),
        pytest.param("a\nb", id="line-feed"),
        pytest.param("a\x7fb", id="delete"),
        pytest.param("a\x85b", id="next-line"),
        pytest.param("a\u200bb", id="zero-width-space"),
        pytest.param("a\u2028b", id="line-separator"),
        pytest.param("a\u202eb", id="right-to-left"),
        pytest.param("a\u2066b", id="isolate"),
        pytest.param("\u3000a", id="wide-space-before"),
        pytest.param("a\u00a0", id="hard-space-after"),
        pytest.param("x" * 65, id="65-characters"),
    ],
)
def test_names_that_would_look_like_another_or_break_a_text(name: str) -> None:
    assert not accepts(Name, name)


@pytest.mark.parametrize(
    "reference", ["short-7", "x" * 65, "with space", "with/slash", "ünïcode-1", "a%2Fbcdef"]
)
def test_a_reference_is_plain(reference: str) -> None:
    assert not accepts(Reference, reference)


@pytest.mark.parametrize("value", [-1, 2**53, 2**64, 1.0, 1.5, "1", True, None])
def test_a_count_is_a_whole_number_that_json_can_say(value: Any) -> None:
    assert not accepts(Count, value)
    assert not accepts(Ordinal, value)


def test_counts_have_ends() -> None:
    assert accepts(Count, 0)
    assert accepts(Count, 2**53 - 1)
    assert not accepts(Ordinal, 0)
    assert accepts(Index, 255)
    assert not accepts(Index, 0)
    assert not accepts(Index, 256)


def every_message() -> list[type[Message]]:
    """Return the messages of every module of `privacy`, so that none escapes by moving."""
    names = [module.name for module in pkgutil.iter_modules(privacy.__path__, "privacy.")]
    modules = [importlib.import_module(name) for name in names]
    found = {value for module in modules for _, value in inspect.getmembers(module, inspect.isclass)}
    return sorted((each for each in found if issubclass(each, Message)), key=lambda each: each.__name__)


def integers_in(form: Any) -> list[msgspec.inspect.IntType]:
    if isinstance(form, msgspec.inspect.IntType):
        return [form]
    parts = [*getattr(form, "types", ()), *filter(None, [getattr(form, "item_type", None)])]
    return [found for part in parts for found in integers_in(part)]


@pytest.mark.parametrize("form", every_message())
def test_every_whole_number_of_every_message_has_a_canonical_form(form: type[Message]) -> None:
    described = msgspec.inspect.type_info(form)
    assert isinstance(described, msgspec.inspect.StructType)
    assert described.forbid_unknown_fields
    for field in described.fields:
        for whole in integers_in(field.type):
            assert whole.ge is not None, field.name
            assert whole.le is not None, field.name
            assert -(2**53) < whole.ge <= whole.le < 2**53, field.name


# JSON


def statement_json(**changes: Any) -> bytes:
    document = signed("settlement").document()
    document["statement"] |= changes
    return json.dumps(document).encode()


def refused(form: Any, data: bytes | str) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as refusal:
        parse_json(form, data)
    return refusal.value


@pytest.mark.parametrize("name", ["enrolment", "agreement", "chunk", "cut_signature"])
def test_a_message_survives_json(name: str) -> None:
    sample = entry(name)
    assert parse_json(FeedEntry, sample.canonical()) == sample
    assert parse(FeedEntry, json.loads(sample.canonical())) == sample


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"epoch": "1"}, "statement.epoch", id="text-for-number"),
        pytest.param({"epoch": 1.0}, "statement.epoch", id="fraction"),
        pytest.param({"epoch": True}, "statement.epoch", id="truth-for-number"),
        pytest.param({"epoch": 2**53}, "statement.epoch", id="number-beyond-json"),
        pytest.param({"epoch": 10**400}, "statement.epoch", id="number-of-400-digits"),
        pytest.param({"epoch": float("nan")}, "", id="nan"),
        pytest.param({"epoch": float("inf")}, "", id="infinity"),
        pytest.param({"sequence": -1}, "statement.sequence", id="negative"),
        pytest.param({"previous": ""}, "statement.previous", id="empty-digest"),
        pytest.param({"author": None}, "statement.author", id="null"),
        pytest.param({"author": "m" * 81}, "statement.author", id="long-author"),
        pytest.param({"signed_at": "2026-02-30T00:00:00Z"}, "statement.signed_at", id="no-such-day"),
        pytest.param({"alliance": ["a"]}, "statement.alliance", id="list-for-text"),
        pytest.param({"body": []}, "statement.body", id="list-for-body"),
        pytest.param({"body": {}}, "statement.body", id="no-type"),
        pytest.param({"body": {"type": "Settlement"}}, "statement.body.type", id="type-in-capitals"),
        pytest.param({"body": {"type": "dispute"}}, "statement.body.type", id="unknown-type"),
        pytest.param({"body": {"type": "settlement"}}, "statement.body", id="missing-field"),
        pytest.param({"proof": None}, "statement", id="added-field"),
    ],
)
def test_a_statement_of_another_form_is_refused_by_field(changes: dict[str, Any], field: str) -> None:
    assert refused(SignedStatement, statement_json(**changes)).field == field


def test_a_body_does_not_take_another_types_fields() -> None:
    body = signed("settlement").document()["statement"]["body"] | {"member": "南方小贷"}
    assert refused(SignedStatement, statement_json(body=body)).field == "statement.body"
    assert refused(AnyBody, json.dumps(body | {"type": "cut"})).field == ""


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="list"),
        pytest.param(statement_json()[:-1], id="truncated"),
        pytest.param(statement_json() + b"{}", id="two"),
        pytest.param(b"\xef\xbb\xbf" + statement_json(), id="byte-order-mark"),
        pytest.param(statement_json().decode().encode("utf-16"), id="utf-16"),
        pytest.param(statement_json().replace(b"member/", b"member/\xff"), id="not-utf-8"),
        pytest.param(statement_json().replace(b"member/", b"member/\\ud800"), id="half-a-character"),
        pytest.param(statement_json().replace(b'"', b"'"), id="single-quotes"),
        pytest.param(b"[" * 200_000, id="deep"),
        pytest.param(b'{"statement":' * 200_000, id="deep-by-name"),
    ],
)
def test_what_is_no_json_of_this_form_is_refused(data: bytes) -> None:
    refused(SignedStatement, data)


@pytest.mark.parametrize(
    "value", [b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000]
)
def test_free_json_that_is_nested_too_deeply_is_refused(value: bytes) -> None:
    wide = b'{"entry":{"kind":%b},"salt":"%b","leaf":"%b"}'
    zeros = b64(bytes(32)).encode()
    refused(LogReceipt, wide % (value, zeros, zeros))


def test_of_a_name_given_twice_the_last_counts_and_is_what_must_be_signed() -> None:
    honest = statement_json()
    twice = honest.replace(b'"epoch": 1,', b'"epoch": 1, "epoch": 2,')
    assert twice != honest
    changed = parse_json(SignedStatement, twice)
    assert changed.statement.epoch == 2
    assert b'"epoch":2' in changed.canonical()
    assert b'"epoch":1' not in changed.canonical()


# What an error tells


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"author": SECRET * 10}, id="long-text"),
        pytest.param({"previous": SECRET}, id="pattern"),
        pytest.param({"body": {"type": SECRET}}, id="type"),
        pytest.param({SECRET: 1}, id="name-of-a-field"),
        pytest.param(
            {"body": {"type": "settlement", "contract_ref": b64(bytes(32)), SECRET: 1}}, id="name-within"
        ),
        pytest.param({"epoch": SECRET}, id="number"),
        pytest.param({"signed_at": SECRET}, id="instant"),
    ],
)
def test_an_error_never_quotes_what_was_sent(changes: dict[str, Any]) -> None:
    error = refused(SignedStatement, statement_json(**changes))
    assert str(error)
    assert SECRET not in f"{error} {error.field}"


def test_an_unknown_word_is_not_quoted() -> None:
    document = signed("agreement").document()
    document["statement"]["body"]["terms"]["purposes"] = [SECRET]
    error = refused(SignedStatement, json.dumps(document))
    assert error.field == "statement.body.terms.purposes[0]"
    assert SECRET not in str(error)


def test_messages_compare_and_cannot_change() -> None:
    one, other = signed("cut"), parse_json(SignedStatement, signed("cut").canonical())
    assert one == other
    assert hash(one) == hash(other)
    with pytest.raises(AttributeError):
        one.signature = ""  # type: ignore[misc]


def test_a_message_is_an_object_and_never_a_list() -> None:
    values = list(signed("cut").statement.document().values())
    refused(Statement, json.dumps(values))
    refused(SignedHead, b"[]")
