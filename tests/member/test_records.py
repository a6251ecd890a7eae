"""What leaves the member says what the row says, to those who may know, and the same thing every time."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest
from phe import paillier as phe

from member import Member
from member.files import Row, read_portfolio
from member.flags import open_flag
from member.records import Prepared, make_records, prepare, seal_all
from member.tokenise import tokenise
from privacy import paillier
from privacy.encoding import b64, canonical, frame, unb64
from privacy.exposure import Exposure
from privacy.paillier import PublicKey
from privacy.records import SubmittedRecord
from privacy.signing import SigningKey
from tests.member.conftest import SOUTH, Alliance
from tests.member.people import identifier, loan, write
from tests.privacy.paillier_keys import SMALL

AS_OF = date(2026, 10, 31)

FLAGGED = loan(
    2,
    outstanding="2,345.67",
    overdue="100.5",
    overdue_on="2026-09-15",
    lost="是",
    product="车贷",
    flag_category="逃匿失联",
    flag_narrative="三次上门均不在",
)


def prepared(member: Member, path: Path) -> list[Prepared]:
    rows = list(read_portfolio(path, as_of=AS_OF, synthetic=True))
    assert all(isinstance(row, Row) for row in rows)
    return [prepare(member.vault, row, AS_OF) for row in rows if isinstance(row, Row)]


def records(member: Member, path: Path) -> list[SubmittedRecord]:
    ready = prepared(member, path)
    outputs = tokenise(member, (data for each in ready for data in each.inputs))
    return make_records(member, ready, outputs, lambda done: None)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "loans.csv", loan(1), FLAGGED)


def test_a_contribution_holds_what_the_row_says(alliance: Alliance, south: Member, file: Path) -> None:
    plain, flagged = records(south, file)

    key = phe.PaillierPrivateKey(phe.PaillierPublicKey(SMALL[0] * SMALL[1]), *SMALL)
    opened = [
        Exposure.unpack(key.raw_decrypt(int.from_bytes(unb64(each.record.contribution), "big")))
        for each in (plain, flagged)
    ]
    assert opened[0] == Exposure(1, 100_000, 0, 0, 0, 0, 0, 0, 0, 0)
    # Overdue for 46 days: the second bucket.
    assert opened[1] == Exposure(1, 234_567, 10_050, 0, 1, 0, 0, 0, 0, 0)


def test_a_record_names_the_subject_by_its_tokens(alliance: Alliance, south: Member, file: Path) -> None:
    first = records(south, file)[0].record

    output = alliance.output_of(identifier(1).oprf_input)
    assert first.pseudonym == b64(output[:32])
    assert first.standing_key == b64(SigningKey(output[32:]).public)
    assert (first.epoch, first.as_of) == (1, "2026-10-31")
    assert len(unb64(first.contribution)) == 256


def test_the_private_rest_is_committed_to(south: Member, file: Path) -> None:
    for each in records(south, file):
        message = frame(b"alliance-hub/private/v1", unb64(each.salt), canonical(each.private.document()))
        assert each.record.private_digest == b64(hashlib.sha256(message).digest())


def test_the_private_rest_says_what_the_row_says(south: Member, file: Path) -> None:
    plain, flagged = (each.private for each in records(south, file))

    assert (plain.product_class, plain.lost_contact, plain.notice_digest, plain.flag) == (
        "consumer_loan",
        False,
        None,
        None,
    )
    assert (flagged.product_class, flagged.lost_contact) == ("auto_loan", True)
    assert plain.consent_digest != flagged.consent_digest


def test_a_flag_is_sealed_under_the_subject_key(alliance: Alliance, south: Member, file: Path) -> None:
    flagged = records(south, file)[1]

    assert flagged.private.flag is not None
    assert flagged.private.flag.category == "absconded"
    key = alliance.output_of(identifier(2).subject_key_input)[:32]
    pseudonym = unb64(flagged.record.pseudonym)
    narrative = open_flag(flagged.private.flag, key, member=SOUTH, pseudonym=pseudonym, epoch=1)
    assert narrative == "三次上门均不在"


def test_a_subject_key_is_asked_for_only_where_it_is_needed(south: Member, file: Path) -> None:
    plain, flagged = prepared(south, file)

    assert plain.inputs == (identifier(1).oprf_input,)
    assert flagged.inputs == (identifier(2).oprf_input, identifier(2).subject_key_input)


def test_the_same_row_gives_the_same_record(south: Member, tmp_path: Path) -> None:
    file = write(tmp_path / "plain.csv", loan(1), loan(3))

    assert records(south, file) == records(south, file)


@pytest.mark.parametrize(
    "change",
    [
        {"outstanding": "1000.01"},
        {"lost": "是"},
        {"product": "车贷"},
        {"consent_no": "SQ-9"},
        {"consent_on": "2025-01-16"},
        {"overdue_on": "2026-10-01"},
        {"id": loan(4)["id"]},
        {"flag_category": "逃匿失联"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_other_content_has_another_mark(south: Member, tmp_path: Path, change: dict[str, str]) -> None:
    same, other = prepared(south, write(tmp_path / "two.csv", loan(1), loan(1, contract="NA-2", **change)))
    (again,) = prepared(south, write(tmp_path / "one.csv", loan(1)))

    assert same.entry.mark == again.entry.mark
    assert same.entry.mark != other.entry.mark


def test_another_narrative_is_other_content(south: Member, tmp_path: Path) -> None:
    (one,) = prepared(south, write(tmp_path / "one.csv", FLAGGED))
    (two,) = prepared(south, write(tmp_path / "two.csv", FLAGGED | {"flag_narrative": "已找到"}))

    assert one.entry.mark != two.entry.mark


def test_contract_numbers_become_opaque(south: Member, tmp_path: Path) -> None:
    (first,) = prepared(south, write(tmp_path / "one.csv", loan(1)))
    (other,) = prepared(south, write(tmp_path / "two.csv", loan(1, contract="NA-000002")))

    assert first.entry.ref != other.entry.ref
    assert len(first.entry.ref) == 32
    assert b"NA-" not in first.entry.ref


def test_many_are_sealed_in_processes_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    public = PublicKey(SMALL[0] * SMALL[1], epoch=1)
    pairs = [(number, 10**30 + number) for number in range(300)]
    monkeypatch.setattr("member.records._WORTH_PROCESSES", 100)
    done: list[int] = []

    sealed = seal_all(public, pairs, done.append)

    assert sealed[0] == paillier.encrypt(public, *pairs[0])
    assert sealed[299] == paillier.encrypt(public, *pairs[299])
    assert sum(done) == 300
    key = phe.PaillierPrivateKey(phe.PaillierPublicKey(public.n), *SMALL)
    assert [key.raw_decrypt(each) for each in sealed[::50]] == list(range(0, 300, 50))
