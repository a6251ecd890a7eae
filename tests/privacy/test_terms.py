"""What terms may say: the law's limits stand in their form, and nobody receives what it does not give."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from msgspec.structs import replace

from privacy.errors import InvalidInputError
from privacy.messages import parse
from privacy.terms import Terms, text_digest
from privacy.vocabulary import Category
from tests.privacy.independent import VECTORS
from tests.privacy.samples import TERMS

STORED = VECTORS["terms"]["terms"]


@pytest.mark.parametrize("field", STORED)
def test_terms_have_all_their_fields_and_no_other(field: str) -> None:
    lacking = {name: value for name, value in STORED.items() if name != field}
    for document in (lacking, STORED | {"categories": ["exposure"]}, STORED | {field: None}):
        with pytest.raises(InvalidInputError):
            parse(Terms, document)


@pytest.mark.parametrize(
    ("field", "most"),
    [
        ("retention_days", 1_825),
        ("dispute_days", 20),
        ("exit_days", 30),
        ("incident_hours", 72),
        ("notice_days", 365),
        ("subjects_per_day", 100_000_000),
        ("subjects_per_request", 100_000_000),
        ("min_contributors", 1_000),
    ],
)
def test_a_number_keeps_within_its_limits(field: str, most: int) -> None:
    assert getattr(parse(Terms, STORED | {field: most}), field) == most
    for value in (most + 1, 0, -1, 1.5, True, "1"):
        with pytest.raises(InvalidInputError) as refused:
            parse(Terms, STORED | {field: value})
        assert refused.value.field == field


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("uscc", "91000000MA000000IR"),  # I is not in the alphabet
        ("uscc", "91000000MA0000001"),
        ("uscc", "9100000XMA0000001R"),
        ("uscc", "91000000MA0000001R\n"),
        ("legal_name", ""),
        ("legal_name", " 南方"),
        ("legal_name", "南\u202e方"),
        ("legal_name", "南" * 121),
        ("licence", "A\nB"),
    ],
)
def test_a_party_is_named_in_one_visible_line(path: str, value: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        parse(Terms, STORED | {"member_party": STORED["member_party"] | {path: value}})
    assert refused.value.field == f"member_party.{path}"


@pytest.mark.parametrize(
    ("contributes", "receives", "granted"),
    [
        ((Category.FLAGS,), (Category.FLAGS,), True),
        ((), (Category.FLAGS,), False),
        ((Category.FLAGS,), (), False),
        ((Category.EXPOSURE,), (Category.FLAGS,), False),
    ],
)
def test_nothing_is_granted_that_is_not_given(
    contributes: tuple[Category, ...], receives: tuple[Category, ...], granted: bool
) -> None:
    changes: dict[str, Any] = {"contributes": contributes, "receives": receives}
    assert replace(TERMS, **changes).grants(Category.FLAGS) is granted


def test_a_texts_digest_is_that_of_its_utf_8_bytes() -> None:
    expected = hashlib.sha256("数据共享协议\n".encode()).digest()
    assert base64.urlsafe_b64decode(text_digest("数据共享协议\n") + "=") == expected
